"""Bloom filters: a small answer to *may you have this?* that is never a false no. Spec: SYN-18.

Members are known by the number that a keyed hash gives them. The bits are one integer, and the
four functions that look into it are all that has to be believed; the rest is read as a set.
"""

from typing import Final

import msgspec

MARK_SPAN: Final = 1 << 32
"""Each of the four marks of a member comes from its own 32 bits of the number. Spec: SYN-18."""


class Bits(msgspec.Struct, frozen=True, gc=False):
    """A set of small numbers, as one integer. Spec: SYN-18."""

    number: int


def no_bits() -> Bits:
    """Return the empty set. Spec: SYN-18."""
    return Bits(0)


def has_bit(bits: Bits, at: int) -> bool:
    """Tell whether a number, not below zero, is in the set. Spec: SYN-18."""
    return bits.number >> at & 1 == 1


def with_bit(bits: Bits, at: int) -> Bits:
    """Put a number, not below zero, into the set. Spec: SYN-18."""
    return Bits(bits.number | 1 << at)


def bits_join(a: Bits, b: Bits) -> Bits:
    """Unite two sets. Spec: SYN-18."""
    return Bits(a.number | b.number)


class Bloom(msgspec.Struct, frozen=True, gc=False):
    """A filter. Spec: SYN-18."""

    size_bits: int
    bits: Bits


class Marks(msgspec.Struct, frozen=True, gc=False):
    """The places of one member. Spec: SYN-18."""

    first: int
    second: int
    third: int
    fourth: int


def empty_bloom(size_bits: int) -> Bloom:
    """Return a filter without members. Spec: SYN-18."""
    return Bloom(size_bits, no_bits())


def full_bloom() -> Bloom:
    """Return the filter that says yes to everything: of one bit, and it is set. Spec: SYN-19."""
    return Bloom(1, with_bit(no_bits(), 0))


def marks_of(number: int, size_bits: int) -> Marks:
    """Find the places of a member in a filter of some size. Spec: SYN-18."""
    size = max(size_bits, 1)
    second = number // MARK_SPAN
    third = second // MARK_SPAN
    fourth = third // MARK_SPAN
    return Marks(
        number % MARK_SPAN % size,
        second % MARK_SPAN % size,
        third % MARK_SPAN % size,
        fourth % MARK_SPAN % size,
    )


def bloom_add(bloom: Bloom, number: int) -> Bloom:
    """Put a member into a filter. Spec: SYN-18."""
    marks = marks_of(number, bloom.size_bits)
    bits = with_bit(with_bit(bloom.bits, marks.first), marks.second)
    return Bloom(bloom.size_bits, with_bit(with_bit(bits, marks.third), marks.fourth))


def bloom_may_have(bloom: Bloom, number: int) -> bool:
    """Tell whether something may be a member; a no is certain. Spec: SYN-18."""
    marks = marks_of(number, bloom.size_bits)
    return (
        has_bit(bloom.bits, marks.first)
        and has_bit(bloom.bits, marks.second)
        and has_bit(bloom.bits, marks.third)
        and has_bit(bloom.bits, marks.fourth)
    )


def bloom_join(a: Bloom, b: Bloom) -> Bloom:
    """Unite two filters; two that do not fit give the one that says yes to all. Spec: SYN-19."""
    if a.size_bits != b.size_bits:
        return full_bloom()
    return Bloom(a.size_bits, bits_join(a.bits, b.bits))
