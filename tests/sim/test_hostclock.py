"""Host clocks: straight lines between changes, and an inverse that is exact. SCN-14, SCN-18."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loomweave_sim.hostclock import EPOCH_NS, HostClock

SECOND = 1_000_000_000


def test_true_clock() -> None:
    clock = HostClock()
    assert clock.wall_ns(5) == EPOCH_NS + 5
    assert clock.wrong_by_ns(5 * SECOND) == 0


def test_offset_drift_and_steps_add_up() -> None:
    """SCN-18: what a drift has gained stays, a step is undone by its reverse."""
    clock = HostClock(offset_ns=30 * SECOND)
    clock.drift(10 * SECOND, 20_000)
    assert clock.wrong_by_ns(60 * SECOND) == 31 * SECOND
    clock.drift(60 * SECOND, 0)
    clock.step(60 * SECOND, -5 * SECOND)
    assert clock.wrong_by_ns(100 * SECOND) == 26 * SECOND
    clock.step(100 * SECOND, 5 * SECOND)
    assert clock.wrong_by_ns(100 * SECOND) == 31 * SECOND
    clock.correct(101 * SECOND)
    assert clock.wrong_by_ns(200 * SECOND) == 0


def test_frozen_clock_is_waited_for_in_vain() -> None:
    clock = HostClock()
    clock.drift(SECOND, -1_000_000)
    assert clock.wall_ns(9 * SECOND) == EPOCH_NS + SECOND
    assert clock.when_wall(EPOCH_NS + SECOND, 9 * SECOND) == 9 * SECOND
    assert clock.when_wall(EPOCH_NS + SECOND + 1, 9 * SECOND) is None


def test_mono_starts_with_the_process() -> None:
    clock = HostClock(offset_ns=-7)
    clock.restart(4 * SECOND)
    clock.step(5 * SECOND, -SECOND)
    assert clock.mono_ns(6 * SECOND) == 2 * SECOND
    assert clock.when_mono(3 * SECOND, 6 * SECOND) == 7 * SECOND
    assert clock.when_mono(SECOND, 6 * SECOND) == 6 * SECOND


def test_clock_that_runs_backwards_is_no_clock() -> None:
    with pytest.raises(AssertionError):
        HostClock(drift_ppm=-1_000_001)


@given(
    offset_ns=st.integers(-(10**12), 10**12),
    drift_ppm=st.integers(-999_999, 10_000_000),
    changed_ns=st.integers(0, 10**11),
    now_ns=st.integers(0, 10**12),
    ahead_ns=st.integers(-(10**6), 10**12),
)
def test_inverse_is_the_first_time(
    offset_ns: int, drift_ppm: int, changed_ns: int, now_ns: int, ahead_ns: int
) -> None:
    """SCN-14: not later, and not a nanosecond too early."""
    clock = HostClock(offset_ns)
    clock.drift(changed_ns, drift_ppm)
    now_ns = max(now_ns, changed_ns)
    wanted_ns = clock.wall_ns(now_ns) + ahead_ns
    when_ns = clock.when_wall(wanted_ns, now_ns)
    assert when_ns is not None
    assert clock.wall_ns(when_ns) >= wanted_ns
    assert when_ns == now_ns or clock.wall_ns(when_ns - 1) < wanted_ns
