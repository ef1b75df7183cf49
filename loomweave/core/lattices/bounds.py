"""Bounds: the greatest told, the least told, and both at once. Spec: LAT-4, LAT-5.

What is told about a number is never taken back. Bounds that exclude each other are kept as they
are, so that a contradiction says which two clash; more telling cannot heal it.
"""

from typing import Final

import msgspec


class Maximum(msgspec.Struct, frozen=True, gc=False):
    """The greatest number told. Spec: LAT-4."""

    value: int | None
    """None where nothing was told."""


class Minimum(msgspec.Struct, frozen=True, gc=False):
    """The least number told. Spec: LAT-4."""

    value: int | None
    """None where nothing was told."""


class Interval(msgspec.Struct, frozen=True, gc=False):
    """All that is known of one number, both ends included. Spec: LAT-5."""

    lower: Maximum
    """The greatest of the lower bounds."""
    upper: Minimum
    """The least of the upper bounds."""


class Span(msgspec.Struct, frozen=True, gc=False):
    """The numbers that are left; an end that is None is open. Spec: LAT-5."""

    lower: int | None
    upper: int | None


class Contradiction(msgspec.Struct, frozen=True, gc=False):
    """No number is left: these two bounds exclude each other. Spec: LAT-5."""

    lower: int
    upper: int


MAXIMUM_BOTTOM: Final = Maximum(None)
MINIMUM_BOTTOM: Final = Minimum(None)
INTERVAL_BOTTOM: Final = Interval(MAXIMUM_BOTTOM, MINIMUM_BOTTOM)


def maximum_le(a: Maximum, b: Maximum) -> bool:
    """Order maxima: nothing told is least, then by number. Spec: LAT-4."""
    if a.value is None:
        return True
    return b.value is not None and a.value <= b.value


def maximum_join(a: Maximum, b: Maximum) -> Maximum:
    """Join two maxima: the greater one. Spec: LAT-4."""
    return b if maximum_le(a, b) else a


def maximum_tell(maximum: Maximum, number: int) -> Maximum:
    """Take note of a number. Spec: LAT-4."""
    return maximum_join(maximum, Maximum(number))


def maximum_value(maximum: Maximum) -> int | None:
    """Return the greatest number told, or None. Spec: LAT-4."""
    return maximum.value


def minimum_le(a: Minimum, b: Minimum) -> bool:
    """Order minima: nothing told is least, then the lesser number is above. Spec: LAT-4."""
    if a.value is None:
        return True
    return b.value is not None and b.value <= a.value


def minimum_join(a: Minimum, b: Minimum) -> Minimum:
    """Join two minima: the one with the lesser number. Spec: LAT-4."""
    return b if minimum_le(a, b) else a


def minimum_tell(minimum: Minimum, number: int) -> Minimum:
    """Take note of a number. Spec: LAT-4."""
    return minimum_join(minimum, Minimum(number))


def minimum_value(minimum: Minimum) -> int | None:
    """Return the least number told, or None. Spec: LAT-4."""
    return minimum.value


def interval_le(a: Interval, b: Interval) -> bool:
    """Order intervals: above is what is bounded at least as narrowly. Spec: LAT-5."""
    return maximum_le(a.lower, b.lower) and minimum_le(a.upper, b.upper)


def interval_join(a: Interval, b: Interval) -> Interval:
    """Join two intervals: the numbers that both admit. Spec: LAT-5."""
    return Interval(maximum_join(a.lower, b.lower), minimum_join(a.upper, b.upper))


def interval_tell(interval: Interval, lower: int | None, upper: int | None) -> Interval:
    """Take note of bounds; None is no bound. Spec: LAT-5."""
    return interval_join(interval, Interval(Maximum(lower), Minimum(upper)))


def interval_admits(interval: Interval, number: int) -> bool:
    """Tell whether a number lies within both bounds. Spec: LAT-5."""
    lower, upper = interval.lower.value, interval.upper.value
    return (lower is None or lower <= number) and (upper is None or number <= upper)


def interval_is_contradiction(interval: Interval) -> bool:
    """Tell whether no number is left. Spec: LAT-5."""
    lower, upper = interval.lower.value, interval.upper.value
    return lower is not None and upper is not None and upper < lower


def interval_value(interval: Interval) -> Span | Contradiction:
    """Return the numbers that are left, or which bounds clash. Spec: LAT-5."""
    lower, upper = interval.lower.value, interval.upper.value
    if lower is not None and upper is not None and upper < lower:
        return Contradiction(lower, upper)
    return Span(lower, upper)
