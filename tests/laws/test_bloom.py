"""Bloom filters: laws, bits as places, how often a yes is wrong. Spec: SYN-18, SYN-19."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.encoding import hash_bytes
from loomweave.core.sync.bloom import (
    Bits,
    Bloom,
    bits_join,
    bloom_add,
    bloom_may_have,
    empty_bloom,
    has_bit,
    no_bits,
    with_bit,
)
from loomweave.laws import bloom as laws

numbers = st.integers(-(2**130), 2**130) | st.integers(0, 2**128 - 1)
sizes = st.sampled_from([-1, 0, 1, 7, 8, 64])
places = st.integers(0, 70)


@st.composite
def blooms(draw: st.DrawFn) -> Bloom:
    """Filters that come about, of few sizes."""
    bloom = empty_bloom(draw(sizes))
    for number in draw(st.lists(numbers, max_size=4)):
        bloom = bloom_add(bloom, number)
    return bloom


@given(blooms(), numbers, numbers)
def test_members(bloom: Bloom, number: int, other: int) -> None:
    assert laws.added_is_found(bloom, number)
    assert laws.found_stays_found(bloom, number, other)
    assert laws.found_stays_found(bloom_add(bloom, number), number, other)
    assert laws.empty_has_nothing(bloom.size_bits, number)
    assert laws.marks_fit(number, bloom.size_bits)
    assert laws.full_has_everything(number)


@given(blooms(), blooms(), blooms(), numbers)
def test_union(a: Bloom, b: Bloom, c: Bloom, number: int) -> None:
    assert laws.union_is_a_join(a, b, c, number)
    assert laws.union_finds_what_either_finds(a, b, number)
    assert laws.union_finds_what_either_finds(bloom_add(a, number), b, number)


@given(st.frozensets(places), st.frozensets(places), places)
def test_bits_are_a_set_of_places(one: frozenset[int], two: frozenset[int], at: int) -> None:
    """SYN-18: what proofs take as given about the integer behind."""

    def bits(found: frozenset[int]) -> Bits:
        made = no_bits()
        for place in sorted(found):
            made = with_bit(made, place)
        return made

    assert has_bit(bits(one), at) == (at in one)
    assert with_bit(bits(one), at) == bits(one | {at})
    assert bits_join(bits(one), bits(two)) == bits(one | two)
    assert (bits(one) == bits(two)) == (one == two)


def test_a_yes_is_seldom_wrong() -> None:
    """SYN-18: ten bits a member and four marks err in about one of a hundred."""
    named = [int.from_bytes(hash_bytes(b"bloom", str(at).encode())[:16], "big")
             for at in range(4_000)]  # fmt: skip
    bloom = empty_bloom(10_000)
    for number in named[:1_000]:
        bloom = bloom_add(bloom, number)
    assert all(bloom_may_have(bloom, number) for number in named[:1_000])
    wrong = sum(bloom_may_have(bloom, number) for number in named[1_000:])
    assert 3 <= wrong <= 90
