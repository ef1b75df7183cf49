"""Stamps of GUN: nothing lost, order kept, own stamps echoed. Spec: GUN-1 to GUN-3."""

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loomweave.core.errors import Refusal
from loomweave.core.gun_stamps import STATE_MS_MAX, half_even, ms_of_stamp, stamp_of_ms
from loomweave.laws import gun as laws

STATE_MAX = math.nextafter(float(STATE_MS_MAX), 0)
TODAY = 1_763_700_000_000


def neighbour(ms: float, steps: int) -> float:
    """Walk from a double to one near it."""
    bits = struct.unpack(">q", struct.pack(">d", ms))[0]
    found: float = struct.unpack(">d", struct.pack(">q", bits + steps))[0]
    return found


def turning() -> st.SearchStrategy[float]:
    """Doubles around the powers of two between which the rule changes."""
    near = st.builds(neighbour, st.integers(0, 42).map(lambda e: 2.0**e), st.integers(-300, 300))
    return near.filter(lambda ms: abs(ms) <= STATE_MAX)


def gun_states() -> st.SearchStrategy[float]:
    """States as GUN makes them: whole milliseconds and 999ths."""
    return st.builds(
        lambda ms, n: ms + n / 999, st.integers(TODAY, TODAY + 10**9), st.integers(0, 3000)
    )


def decimals() -> st.SearchStrategy[float]:
    """States that a person writes: few digits."""
    return st.builds(lambda n, d: n / 10**d, st.integers(-(10**15), 10**15), st.integers(3, 9))


def states() -> st.SearchStrategy[float]:
    """Good states of every size and sign."""
    lossless = st.floats(2.0**33, STATE_MAX)
    small = st.floats(-(2.0**33), 2.0**33, allow_nan=False)
    one_of = st.one_of(lossless, turning(), gun_states(), decimals(), small)
    return st.builds(lambda ms, sign: ms * sign, one_of, st.sampled_from([1, 1, 1, -1]))


@given(states())
@example(float(TODAY))
@example(TODAY + 1 / 999)
@example(-STATE_MAX)
@example(STATE_MAX)
@example(-0.0)
@example(2.0**33)
@example(5e-324)
def test_one_state(ms: float) -> None:
    """GUN-1, GUN-2, GUN-3."""
    assert laws.state_comes_back(ms)
    assert laws.stamp_is_near(ms)
    assert laws.stamp_fits(ms)
    assert laws.sign_mirrors(ms)
    assert laws.quick_form_is_the_rule(ms)


@given(states(), st.integers(-3, 3), states())
def test_order_never_inverts(ms: float, steps: int, other: float) -> None:
    """GUN-2."""
    near = neighbour(abs(ms), steps) if abs(ms) > 1e-300 else ms
    if abs(near) <= STATE_MAX:
        assert laws.order_is_kept(abs(ms), near)
    assert laws.order_is_kept(ms, other)


@given(
    st.one_of(
        st.integers(2**33 * 1000, 2**43 * 1000 - 1),
        st.integers(TODAY * 1000, TODAY * 1000 + 10**6),
        st.integers(0, 2**33 * 1000),
    ),
    st.sampled_from([1, -1]),
)
def test_own_stamps_survive_an_echo(us: int, sign: int) -> None:
    """GUN-3."""
    assert laws.own_stamp_comes_back(us * 1000 * sign)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**12))
@example(1, 2)
@example(3, 2)
@example(-1, 2)
@example(-3, 2)
def test_half_even(numerator: int, denominator: int) -> None:
    """GUN-2."""
    assert laws.half_even_is_nearest(numerator, denominator)


@pytest.mark.parametrize(
    ("ms", "stamp_ns"),
    [
        (0, 0),
        (-0.0, 0),
        (5, 5_000_000),
        (-5, -5_000_000),
        (1000.001, 1_000_001_000),
        (12345.678901, 12_345_678_901),
        (1000 + 1 / 999, 1_000_001_001),
        (1_763_700_000_000.5, 1_763_700_000_000_500_000),
        (STATE_MS_MAX - 1, (STATE_MS_MAX - 1) * 1_000_000),
    ],
)
def test_known_stamps(ms: float, stamp_ns: int) -> None:
    """GUN-2."""
    assert stamp_of_ms(ms) == stamp_ns


@pytest.mark.parametrize(
    "state",
    [
        None, True, False, "7", "", "zzz", b"7", [], [5], {}, float("nan"), float("inf"),
        -float("inf"), float(STATE_MS_MAX), STATE_MS_MAX, -STATE_MS_MAX, 1e300, 10**400, 8.64e15,
    ],
)  # fmt: skip
def test_what_is_no_state_is_refused(state: object) -> None:
    """GUN-1."""
    refusal = stamp_of_ms(state)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "GUN-1"


def test_rounding_by_a_float_product_would_merge_neighbours() -> None:
    """GUN-2: what the simple form loses, and the rule keeps."""
    found = [TODAY + n / 999 for n in range(3000)]
    merged = sum(round(a * 1e6) == round(neighbour(a, 1) * 1e6) for a in found)
    assert merged > 0
    assert all(stamp_of_ms(a) != stamp_of_ms(neighbour(a, 1)) for a in found)


def test_plain_rounding_would_move_own_stamps() -> None:
    """GUN-3: what nearest nanoseconds alone would do to an echo."""
    stamps = range(TODAY * 1_000_000, TODAY * 1_000_000 + 1_000_000, 1_000)
    ratios = [float(ms_of_stamp(stamp_ns)).as_integer_ratio() for stamp_ns in stamps]
    moved = [
        half_even(n * 1_000_000, d) != stamp for (n, d), stamp in zip(ratios, stamps, strict=True)
    ]
    assert sum(moved) > 900
    assert all(laws.own_stamp_comes_back(stamp_ns) for stamp_ns in stamps)
