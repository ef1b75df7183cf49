"""GUN's states and our stamps: float milliseconds to integer nanoseconds and back.

The rule is exact arithmetic on integers; the quick form is the same function where it claims to
be. Spec: GUN-1, GUN-2, GUN-3.
"""

from typing import Final

from loomweave.core.errors import Refusal

NS_PER_MS: Final = 1_000_000
US_PER_MS: Final = 1_000
NS_PER_US: Final = 1_000
STATE_MS_MAX: Final = 2**43
"""States lie below this many milliseconds, before the year 2248. Spec: GUN-1."""
QUICK_MS_MIN: Final = 2.0**33
QUICK_MS_MAX: Final = 2.0**42
"""Between these, the quick form is the rule. Spec: GUN-2."""


def half_even(numerator: int, denominator: int) -> int:
    """Round a ratio to the nearest integer, a half to the even one. Spec: GUN-2.

    The denominator is positive.
    """
    whole = numerator // denominator
    doubled = 2 * (numerator - whole * denominator)
    if doubled > denominator or (doubled == denominator and whole % 2 == 1):
        return whole + 1
    return whole


def stamp_of_ratio(numerator: int, denominator: int) -> int:
    """Compute the stamp of a state that is this ratio of milliseconds. Spec: GUN-2.

    A microsecond whose own state is this one comes first, so that a stamp of ours which a GUN peer
    echoes is recognised.
    """
    on_grid_ns = half_even(numerator * US_PER_MS, denominator) * NS_PER_US
    if on_grid_ns / NS_PER_MS == numerator / denominator:
        return on_grid_ns
    return half_even(numerator * NS_PER_MS, denominator)


def state_fault(ms: object) -> str | None:
    """Say what keeps an object from being a state, or None. Spec: GUN-1."""
    if not isinstance(ms, (int, float)) or isinstance(ms, bool):
        return f"a state is a number of milliseconds, not {type(ms).__name__}"
    if ms != ms or ms - ms != 0:
        return f"a state is a finite number, not {ms}"
    if not -STATE_MS_MAX < ms < STATE_MS_MAX:
        return "a state lies within 2^43 milliseconds of 1970"
    return None


def stamp_of_ms(ms: object) -> int | Refusal:
    """Turn a state into a stamp, or refuse it. Spec: GUN-1, GUN-2."""
    if (fault := state_fault(ms)) is not None:
        return Refusal("GUN-1", fault)
    assert isinstance(ms, (int, float))
    numerator, denominator = ms.as_integer_ratio()
    return stamp_of_ratio(numerator, denominator)


def quick_stamp(ms: float) -> int:
    """Do what `stamp_of_ms` does to a state that is known to be good, in less time. Spec: GUN-2.

    Below 2^42 a product of doubles finds the microsecond whenever there is one to find: what it
    misses by and what the state misses its microsecond by are less than half of one together.
    From 2^33 on, the rest after the whole milliseconds has so few bits that it multiplies exactly.
    """
    if QUICK_MS_MIN <= ms < QUICK_MS_MAX:
        us = round(ms * 1_000.0)
        if us / 1_000 == ms:
            return us * 1_000
        whole = int(ms)
        return whole * 1_000_000 + round((ms - whole) * 1e6)
    numerator, denominator = ms.as_integer_ratio()
    return stamp_of_ratio(numerator, denominator)


def ms_of_stamp(stamp_ns: int) -> float | int:
    """Turn a stamp into the state that GUN knows it by; whole ones are integers. Spec: GUN-3."""
    if stamp_ns % NS_PER_MS == 0:
        return stamp_ns // NS_PER_MS
    return stamp_ns / NS_PER_MS
