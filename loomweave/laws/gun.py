"""What the stamps of GUN promise, written once. Spec: GUN-1, GUN-2, GUN-3."""

from loomweave.core.clocks import STAMP_GRID_NS, STAMP_NS_MAX, STAMP_NS_MIN
from loomweave.core.errors import Refusal
from loomweave.core.gun_stamps import (
    QUICK_MS_MIN,
    STATE_MS_MAX,
    half_even,
    ms_of_stamp,
    quick_stamp,
    stamp_of_ms,
)


def _stamp(ms: float) -> int:
    stamp_ns = stamp_of_ms(ms)
    assert not isinstance(stamp_ns, Refusal), "the laws are about good states"
    return stamp_ns


def is_lossless_range(ms: float) -> bool:
    """GUN-2: tell whether a state lies where nothing is lost. Spec: GUN-2."""
    return QUICK_MS_MIN <= abs(ms) < STATE_MS_MAX


def state_comes_back(ms: float) -> bool:
    """GUN-2: from 2^33 ms on, a state is its stamp's state. Spec: GUN-2, GUN-3."""
    return not is_lossless_range(ms) or ms_of_stamp(_stamp(ms)) == ms


def own_stamp_comes_back(stamp_ns: int) -> bool:
    """GUN-3: a stamp of our grid that GUN echoes is the same stamp. Spec: GUN-3."""
    assert stamp_ns % STAMP_GRID_NS == 0, "own stamps lie on the grid"
    return _stamp(ms_of_stamp(stamp_ns)) == stamp_ns


def order_is_kept(a: float, b: float) -> bool:
    """GUN-2: order never inverts, and where nothing is lost no two states meet. Spec: GUN-2."""
    if a > b:
        a, b = b, a
    if a == b:
        return _stamp(a) == _stamp(b)
    if is_lossless_range(a) and is_lossless_range(b):
        return _stamp(a) < _stamp(b)
    return _stamp(a) <= _stamp(b)


def stamp_is_near(ms: float) -> bool:
    """GUN-2: a stamp lies within half a microsecond of its state. Spec: GUN-2."""
    numerator, denominator = ms.as_integer_ratio()
    off = abs(_stamp(ms) * denominator - numerator * 1_000_000)
    return 2 * off <= 1_000 * denominator


def stamp_fits(ms: float) -> bool:
    """GUN-1: what is a good state fits a stamp of 64 bits. Spec: GUN-1, CLK-1."""
    return STAMP_NS_MIN <= _stamp(ms) <= STAMP_NS_MAX


def sign_mirrors(ms: float) -> bool:
    """GUN-2: the rule is the same on both sides of 1970. Spec: GUN-2."""
    return _stamp(-ms) == -_stamp(ms)


def quick_form_is_the_rule(ms: float) -> bool:
    """GUN-2: the quick form answers what the rule answers. Spec: GUN-2."""
    return quick_stamp(ms) == _stamp(ms)


def half_even_is_nearest(numerator: int, denominator: int) -> bool:
    """GUN-2: no integer is nearer, and of two equally near ones it is the even. Spec: GUN-2."""
    found = half_even(numerator, denominator)
    off = 2 * abs(found * denominator - numerator)
    return off < denominator or (off == denominator and found % 2 == 0)
