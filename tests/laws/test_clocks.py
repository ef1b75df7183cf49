"""Clocks: horizon, due, own stamps, skew. Spec: chapter CLK."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.clocks import (
    SKEW_MAX_NS,
    STAMP_GRID_NS,
    Clock,
    is_ahead,
    issue,
    next_stamp,
    note_applied,
    observe,
    retry_at,
)
from loomweave.laws import clocks as laws

INSTANTS = st.one_of(
    st.integers(-3 * STAMP_GRID_NS, 3 * STAMP_GRID_NS), st.integers(-(2**62), 2**62)
)
CLOCKS = st.builds(Clock, INSTANTS, INSTANTS, INSTANTS)


@given(CLOCKS, INSTANTS, INSTANTS)
def test_horizon(clock: Clock, wall_ns: int, stamp_ns: int) -> None:
    assert laws.horizon_never_runs_back(clock, wall_ns)
    assert laws.due_stays_due(clock, wall_ns, stamp_ns)


@given(CLOCKS, INSTANTS)
def test_own_stamps(clock: Clock, wall_ns: int) -> None:
    assert laws.own_stamp_is_least(clock, wall_ns)
    assert laws.own_write_is_seen_at_once(clock, wall_ns)


@given(INSTANTS, INSTANTS, st.integers(0, 10 * STAMP_GRID_NS))
def test_skew(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> None:
    assert laws.refusal_names_the_instant(stamp_ns, wall_ns, skew_max_ns)


@pytest.mark.parametrize(
    ("clock", "wall_ns", "stamp_ns"),
    [
        (Clock(0, 0, 0), 5_000, 5_000),
        (Clock(0, 0, 0), 5_001, 6_000),
        (Clock(9_000, 5_000, 0), 5_000, 6_000),
        (Clock(9_000, 5_000, 7_001), 5_000, 8_000),
        (Clock(9_000, 7_001, 5_000), -1, 8_000),
        (Clock(0, -5_000, -5_000), -3_500, -3_000),
    ],
)
def test_stamps_by_hand(clock: Clock, wall_ns: int, stamp_ns: int) -> None:
    """CLK-4: above what was issued, above what is held, not below the wall, on the grid."""
    assert next_stamp(clock, wall_ns) == stamp_ns
    after = issue(clock, wall_ns)
    assert after == Clock(max(clock.horizon_ns, stamp_ns), stamp_ns, stamp_ns)


def test_a_reading_that_is_no_news_changes_nothing() -> None:
    """CLK-2: the very same record comes back, so that nothing is built for it."""
    clock = Clock(10, 5, 7)
    assert observe(clock, 10) is clock
    assert note_applied(clock, 7) is clock
    assert observe(clock, 11) == Clock(11, 5, 7)
    assert note_applied(clock, 8) == Clock(10, 5, 8)


def test_the_limit_is_sixty_seconds() -> None:
    """CLK-5: at the limit a stamp is admitted, one nanosecond above it is not."""
    assert SKEW_MAX_NS == 60_000_000_000
    assert not is_ahead(SKEW_MAX_NS, 0, SKEW_MAX_NS)
    assert is_ahead(SKEW_MAX_NS + 1, 0, SKEW_MAX_NS)
    assert retry_at(SKEW_MAX_NS + 1, SKEW_MAX_NS) == 1
