"""What version vectors promise. Spec: SYN-16, SYN-17."""

from loomweave.core.sync.vector import (
    Vector,
    advance,
    covers,
    is_concurrent,
    is_sound,
    lacking,
    vector_join,
    vector_le,
)


def order_is_partial(a: Vector, b: Vector, c: Vector) -> bool:
    """SYN-16: reflexive, transitive, antisymmetric. Spec: SYN-16."""
    is_transitive = not (vector_le(a, b) and vector_le(b, c)) or vector_le(a, c)
    return vector_le(a, a) and is_transitive and (vector_le(a, b) and vector_le(b, a)) == (a == b)


def join_is_the_least_above_both(a: Vector, b: Vector, c: Vector) -> bool:
    """SYN-16: above both, and below whatever is above both. Spec: SYN-16."""
    joined = vector_join(a, b)
    is_least = not (vector_le(a, c) and vector_le(b, c)) or vector_le(joined, c)
    return vector_le(a, joined) and vector_le(b, joined) and is_least


def concurrent_is_neither(a: Vector, b: Vector) -> bool:
    """SYN-16: symmetric, and never of a vector with itself. Spec: SYN-16."""
    return (
        is_concurrent(a, b) == is_concurrent(b, a)
        and not is_concurrent(a, a)
        and is_concurrent(a, b) == (vector_join(a, b) not in (a, b))
    )


def below_covers_less(a: Vector, b: Vector, writer: bytes, seq: int) -> bool:
    """SYN-17: what is covered below is covered above, and the join covers both's. Spec: SYN-17."""
    joined = covers(vector_join(a, b), writer, seq)
    is_kept = not vector_le(a, b) or not covers(a, writer, seq) or covers(b, writer, seq)
    return is_kept and joined == (covers(a, writer, seq) or covers(b, writer, seq))


def only_the_next_is_counted(a: Vector, writer: bytes, seq: int, other: bytes, at: int) -> bool:
    """SYN-17: counting covers that batch, all others as before. Spec: SYN-17."""
    after = advance(a, writer, seq)
    if not is_sound(a):
        return True
    is_next = seq == 1 or covers(a, writer, seq - 1)
    is_new = (other, at) == (writer, seq) and is_next
    return is_sound(after) and covers(after, other, at) == (covers(a, other, at) or is_new)


def what_lacks_makes_up(a: Vector, b: Vector) -> bool:
    """SYN-17: asking for what is lacking is enough, and not too much. Spec: SYN-17."""
    asked = lacking(a, b)
    is_needed = all(not covers(a, writer, seq) for writer, seq in asked.items())
    return not is_sound(b) or (
        is_needed and vector_join(a, asked) == vector_join(a, b) and vector_le(asked, b)
    )


def no_number_is_never_covered(a: Vector, writer: bytes) -> bool:
    """SYN-17: nobody is sure of a batch without a number. Spec: SYN-17."""
    return not covers(a, writer, 0)
