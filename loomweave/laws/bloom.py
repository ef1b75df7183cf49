"""What Bloom filters promise. Spec: SYN-18, SYN-19."""

from loomweave.core.sync.bloom import (
    Bloom,
    bloom_add,
    bloom_join,
    bloom_may_have,
    empty_bloom,
    full_bloom,
    marks_of,
)


def added_is_found(bloom: Bloom, number: int) -> bool:
    """SYN-18: no false no. Spec: SYN-18."""
    return bloom_may_have(bloom_add(bloom, number), number)


def found_stays_found(bloom: Bloom, number: int, other: int) -> bool:
    """SYN-18: adding takes nothing away, and adding twice is adding once. Spec: SYN-18."""
    added = bloom_add(bloom, other)
    is_kept = not bloom_may_have(bloom, number) or bloom_may_have(added, number)
    return is_kept and bloom_add(added, other) == added


def empty_has_nothing(size_bits: int, number: int) -> bool:
    """SYN-18: a filter without members says no. Spec: SYN-18."""
    return not bloom_may_have(empty_bloom(size_bits), number)


def marks_fit(number: int, size_bits: int) -> bool:
    """SYN-18: every mark is a place of the filter. Spec: SYN-18."""
    marks = marks_of(number, size_bits)
    size = max(size_bits, 1)
    return (
        0 <= marks.first < size
        and 0 <= marks.second < size
        and 0 <= marks.third < size
        and 0 <= marks.fourth < size
    )


def union_finds_what_either_finds(a: Bloom, b: Bloom, number: int) -> bool:
    """SYN-19: whatever the sizes. Spec: SYN-19."""
    either = bloom_may_have(a, number) or bloom_may_have(b, number)
    return not either or bloom_may_have(bloom_join(a, b), number)


def union_is_a_join(a: Bloom, b: Bloom, c: Bloom, number: int) -> bool:
    """SYN-19: commutative, idempotent, and to who asks also associative. Spec: SYN-19.

    A filter that a peer made up may hold bits beyond its size, which nobody ever asks for.
    """
    one, two = bloom_join(bloom_join(a, b), c), bloom_join(a, bloom_join(b, c))
    is_associative = bloom_may_have(one, number) == bloom_may_have(two, number)
    return bloom_join(a, b) == bloom_join(b, a) and bloom_join(a, a) == a and is_associative


def full_has_everything(number: int) -> bool:
    """SYN-19: the answer for filters that do not fit is never wrong. Spec: SYN-19."""
    return bloom_may_have(full_bloom(), number)
