"""Version vectors: laws, and a twin of plain sets of batches. Spec: SYN-16, SYN-17."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.sync.vector import (
    Vector,
    advance,
    covers,
    is_concurrent,
    vector_join,
    vector_le,
)
from loomweave.laws import vector as laws

WRITERS = (b"a", b"b", b"c")
writers = st.sampled_from(WRITERS)
numbers = st.integers(-1, 4)
vectors = st.dictionaries(writers, numbers)
sound_vectors = st.dictionaries(writers, st.integers(1, 4))


@given(vectors, vectors, vectors)
def test_order(a: Vector, b: Vector, c: Vector) -> None:
    assert laws.order_is_partial(a, b, c)
    assert laws.join_is_the_least_above_both(a, b, c)
    assert laws.concurrent_is_neither(a, b)


@given(vectors | sound_vectors, vectors | sound_vectors, writers, numbers, writers, numbers)
def test_claims(a: Vector, b: Vector, writer: bytes, seq: int, other: bytes, at: int) -> None:
    assert laws.below_covers_less(a, b, writer, seq)
    assert laws.only_the_next_is_counted(a, writer, seq, other, at)
    assert laws.what_lacks_makes_up(a, b)
    assert laws.no_number_is_never_covered(a, writer)


def batches(vector: Vector) -> frozenset[tuple[bytes, int]]:
    """Spell a vector out: the dumb twin."""
    return frozenset((writer, seq) for writer in WRITERS for seq in range(9)
                     if covers(vector, writer, seq))  # fmt: skip


@given(sound_vectors, sound_vectors)
def test_vectors_are_sets_of_batches(a: Vector, b: Vector) -> None:
    one, two = batches(a), batches(b)
    assert sum(a.values()) == len(one)
    assert vector_le(a, b) == (one <= two)
    assert batches(vector_join(a, b)) == one | two
    assert is_concurrent(a, b) == bool(one - two and two - one)


@given(st.lists(st.tuples(writers, st.integers(0, 5)), max_size=20))
def test_no_gap_is_jumped(arrived: list[tuple[bytes, int]]) -> None:
    """SYN-17: whatever order batches come in, only received ones are covered."""
    vector: Vector = {}
    for writer, seq in arrived:
        vector = advance(vector, writer, seq)
    assert batches(vector) <= frozenset(arrived)
