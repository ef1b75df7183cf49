"""GUN's states: the exact arithmetic of their conversion. Rule GUN-2.

Floats are outside the subset, so the whole conversion is sampled; the rounding that it rests on is
integer arithmetic and is proved for every ratio.
"""

from loomweave.core.gun_stamps import half_even
from loomweave_proofs.theorem import theorem

# -- broken twins


def half_up(numerator: int, denominator: int) -> int:
    """Round a half up."""
    whole = numerator // denominator
    return whole + 1 if 2 * (numerator - whole * denominator) >= denominator else whole


def truncated(numerator: int, denominator: int) -> int:
    """Round down."""
    return numerator // denominator


def turned(numerator: int, denominator: int) -> int:
    """Turn the order round."""
    return -half_even(numerator, denominator)


# -- hypotheses


def is_ratio(numerator: int, denominator: int) -> bool:
    """Tell that the denominator is positive."""
    return denominator > 0


def is_whole_ratio(whole: int, denominator: int) -> bool:
    """Tell that the denominator is positive."""
    return denominator > 0


# -- theorems


@theorem("GUN-2", about=[half_even], given=is_ratio, sabotage={half_even: truncated})
def rounding_is_to_the_nearest(numerator: int, denominator: int) -> bool:
    """No integer is nearer to the ratio than the one it is rounded to."""
    rest = 2 * (numerator - half_even(numerator, denominator) * denominator)
    return -denominator <= rest <= denominator


@theorem("GUN-2", about=[half_even], given=is_ratio, sabotage={half_even: half_up})
def halves_go_to_the_even(numerator: int, denominator: int) -> bool:
    """A ratio halfway between two integers is rounded to the even one."""
    rounded = half_even(numerator, denominator)
    rest = 2 * (numerator - rounded * denominator)
    return (rest != denominator and rest != -denominator) or rounded % 2 == 0


@theorem("GUN-2", about=[half_even], sabotage={half_even: truncated})
def microseconds_are_recognised(us: int, rest_ns: int) -> bool:
    """Less than half a microsecond beside one is rounded to it."""
    if not -500 < rest_ns < 500:
        return True
    return half_even(us * 1_000 + rest_ns, 1_000) == us


@theorem("GUN-2", about=[half_even], sabotage={half_even: turned})
def rounding_keeps_the_order(numerator: int, more: int) -> bool:
    """A greater number of nanoseconds never becomes a lesser number of microseconds."""
    return more < 0 or half_even(numerator, 1_000) <= half_even(numerator + more, 1_000)


# -- what must not hold


@theorem("GUN-2", about=[half_even], refuted=True)
def rounding_up_is_the_same(numerator: int, denominator: int) -> bool:
    """Rounding halves up would do: false, GUN's numbers round to even."""
    return denominator <= 0 or half_up(numerator, denominator) == half_even(numerator, denominator)
