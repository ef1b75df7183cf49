"""What clocks and stamps promise, written once. Spec: chapter CLK."""

from loomweave.core.clocks import (
    STAMP_GRID_NS,
    Clock,
    is_ahead,
    is_due,
    issue,
    next_stamp,
    note_applied,
    observe,
    retry_at,
)


def horizon_never_runs_back(clock: Clock, wall_ns: int) -> bool:
    """CLK-2: a reading, an own stamp and a held element leave the horizon or raise it.

    Spec: CLK-2.
    """
    seen, issued = observe(clock, wall_ns), issue(clock, wall_ns)
    applied = note_applied(clock, wall_ns)
    return (
        seen.horizon_ns == max(clock.horizon_ns, wall_ns)
        and issued.horizon_ns == max(clock.horizon_ns, wall_ns, issued.issued_ns)
        and applied.horizon_ns == clock.horizon_ns
    )


def due_stays_due(clock: Clock, wall_ns: int, stamp_ns: int) -> bool:
    """CLK-3: what may be seen once may always be seen. Spec: CLK-2, CLK-3."""
    was = is_due(stamp_ns, clock.horizon_ns)
    return not was or is_due(stamp_ns, observe(clock, wall_ns).horizon_ns)


def own_stamp_is_least(clock: Clock, wall_ns: int) -> bool:
    """CLK-4: an own stamp fits, and the point of the grid before it does not. Spec: CLK-4."""
    stamp_ns = next_stamp(clock, wall_ns)
    return (
        stamp_ns % STAMP_GRID_NS == 0
        and _fits(clock, wall_ns, stamp_ns)
        and not _fits(clock, wall_ns, stamp_ns - STAMP_GRID_NS)
    )


def own_write_is_seen_at_once(clock: Clock, wall_ns: int) -> bool:
    """CLK-4: an own stamp is due as soon as it is drawn, and is not drawn again.

    Spec: CLK-3, CLK-4.
    """
    after = issue(clock, wall_ns)
    return (
        is_due(after.issued_ns, after.horizon_ns)
        and after.issued_ns == next_stamp(clock, wall_ns)
        and next_stamp(after, wall_ns) > after.issued_ns
    )


def refusal_names_the_instant(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """CLK-5: the instant that a refusal names is the first at which the write is admitted.

    Spec: CLK-5.
    """
    first_ns = retry_at(stamp_ns, skew_max_ns)
    return (
        not is_ahead(stamp_ns, first_ns, skew_max_ns)
        and is_ahead(stamp_ns, first_ns - 1, skew_max_ns)
        and is_ahead(stamp_ns, wall_ns, skew_max_ns) == (wall_ns < first_ns)
    )


def _fits(clock: Clock, wall_ns: int, stamp_ns: int) -> bool:
    return stamp_ns > clock.issued_ns and stamp_ns > clock.applied_ns and stamp_ns >= wall_ns
