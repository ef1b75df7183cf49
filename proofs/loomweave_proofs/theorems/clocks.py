"""Stamps and the horizon. Chapter CLK."""

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
from loomweave_proofs.theorem import theorem

# -- broken twins


def observe_the_wall(clock: Clock, wall_ns: int) -> Clock:
    """Follow the wall clock, also back."""
    return Clock(wall_ns, clock.issued_ns, clock.applied_ns)


def stamp_of_the_wall(clock: Clock, wall_ns: int) -> int:
    """Trust the wall clock alone."""
    return (wall_ns + STAMP_GRID_NS - 1) // STAMP_GRID_NS * STAMP_GRID_NS


def stamp_without_held(clock: Clock, wall_ns: int) -> int:
    """Forget what was applied."""
    least_ns = max(clock.issued_ns + 1, wall_ns)
    return (least_ns + STAMP_GRID_NS - 1) // STAMP_GRID_NS * STAMP_GRID_NS


def stamp_rounded_down(clock: Clock, wall_ns: int) -> int:
    """Round to the grid the wrong way."""
    least_ns = max(clock.issued_ns + 1, clock.applied_ns + 1, wall_ns)
    return least_ns // STAMP_GRID_NS * STAMP_GRID_NS


def stamp_one_step_more(clock: Clock, wall_ns: int) -> int:
    """Skip a point of the grid."""
    least_ns = max(clock.issued_ns + 1, clock.applied_ns + 1, wall_ns)
    return (least_ns + STAMP_GRID_NS) // STAMP_GRID_NS * STAMP_GRID_NS


def stamp_off_the_grid(clock: Clock, wall_ns: int) -> int:
    """Leave the grid."""
    return max(clock.issued_ns + 1, clock.applied_ns + 1, wall_ns)


def stamp_against_the_wall(clock: Clock, wall_ns: int) -> int:
    """Read the wall clock backwards."""
    return next_stamp(clock, -wall_ns)


def issue_without_horizon(clock: Clock, wall_ns: int) -> Clock:
    """Forget to move the horizon."""
    stamp_ns = next_stamp(clock, wall_ns)
    return Clock(max(clock.horizon_ns, wall_ns), stamp_ns, max(clock.applied_ns, stamp_ns))


def issue_unseen(clock: Clock, wall_ns: int) -> Clock:
    """Forget that what is written here is held here."""
    stamp_ns = next_stamp(clock, wall_ns)
    return Clock(max(clock.horizon_ns, wall_ns, stamp_ns), stamp_ns, clock.applied_ns)


def due_later(stamp_ns: int, horizon_ns: int) -> bool:
    """Make a write wait one instant too long."""
    return stamp_ns < horizon_ns


def due_at_once(stamp_ns: int, horizon_ns: int) -> bool:
    """Make a write due for one instant."""
    return stamp_ns == horizon_ns


def ahead_unless_met(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """Admit a stamp for one instant."""
    return stamp_ns != wall_ns + skew_max_ns


def ahead_at_limit(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """Refuse at the limit itself."""
    return stamp_ns >= wall_ns + skew_max_ns


def applied_overwritten(clock: Clock, stamp_ns: int) -> Clock:
    """Remember the last stamp instead of the greatest."""
    return Clock(clock.horizon_ns, clock.issued_ns, stamp_ns)


# -- hypotheses


def is_later(wall_ns: int, later_ns: int) -> bool:
    """Tell that the second reading is not before the first."""
    return wall_ns <= later_ns


def is_fresh(clock: Clock, wall_ns: int, stamp_ns: int) -> bool:
    """Tell that a stamp could be issued now."""
    return (
        stamp_ns % STAMP_GRID_NS == 0
        and stamp_ns > clock.issued_ns
        and stamp_ns > clock.applied_ns
        and stamp_ns >= wall_ns
    )


def is_admitted(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """Tell that a stamp is not beyond the skew limit."""
    return not is_ahead(stamp_ns, wall_ns, skew_max_ns)


def was_once_admitted(stamp_ns: int, wall_ns: int, later_ns: int, skew_max_ns: int) -> bool:
    """Tell that a stamp was admitted at an earlier reading."""
    return wall_ns <= later_ns and not is_ahead(stamp_ns, wall_ns, skew_max_ns)


def was_once_due(stamp_ns: int, horizon_ns: int, later_ns: int) -> bool:
    """Tell that a write was due at a lower horizon."""
    return horizon_ns <= later_ns and is_due(stamp_ns, horizon_ns)


# -- the horizon


@theorem("CLK-2", about=[observe], sabotage={observe: observe_the_wall})
def horizon_never_runs_back(clock: Clock, wall_ns: int) -> bool:
    """A reading of the wall clock never moves the horizon back."""
    return observe(clock, wall_ns).horizon_ns >= clock.horizon_ns


@theorem("CLK-2", about=[observe], sabotage={observe: observe_the_wall})
def horizon_is_the_greatest_reading(clock: Clock, wall_ns: int) -> bool:
    """After a reading the horizon is the greater of the two, and nothing else has changed."""
    return observe(clock, wall_ns) == Clock(
        max(clock.horizon_ns, wall_ns), clock.issued_ns, clock.applied_ns
    )


@theorem("CLK-2", about=[observe], sabotage={observe: observe_the_wall})
def order_of_readings_is_irrelevant(clock: Clock, wall_ns: int, later_ns: int) -> bool:
    """Two readings in either order leave the same clock."""
    one = observe(observe(clock, wall_ns), later_ns)
    return one == observe(observe(clock, later_ns), wall_ns)


@theorem("CLK-2", about=[issue], sabotage={issue: issue_without_horizon})
def own_writes_are_due_at_once(clock: Clock, wall_ns: int) -> bool:
    """What is written here may be seen here in the same step."""
    after = issue(clock, wall_ns)
    return is_due(after.issued_ns, after.horizon_ns)


@theorem("CLK-2", about=[issue], sabotage={next_stamp: stamp_without_held})
def issuing_never_runs_back(clock: Clock, wall_ns: int) -> bool:
    """Drawing a stamp lowers none of the three numbers of a clock."""
    after = issue(clock, wall_ns)
    return (
        after.horizon_ns >= clock.horizon_ns
        and after.issued_ns > clock.issued_ns
        and after.issued_ns > clock.applied_ns
        and after.applied_ns >= clock.applied_ns
    )


@theorem("CLK-2", about=[issue], sabotage={issue: issue_without_horizon})
def issuing_moves_no_further_than_it_must(clock: Clock, wall_ns: int) -> bool:
    """The horizon after drawing a stamp is the greatest of the old one, the wall, the stamp."""
    after = issue(clock, wall_ns)
    expected_ns = max(clock.horizon_ns, wall_ns, next_stamp(clock, wall_ns))
    return after.horizon_ns == expected_ns and after.issued_ns == next_stamp(clock, wall_ns)


@theorem("CLK-2", about=[issue], sabotage={issue: issue_unseen})
def issued_stamps_count_as_applied(clock: Clock, wall_ns: int) -> bool:
    """What is written here is held here: its stamp is among those applied, and the greatest."""
    after = issue(clock, wall_ns)
    return after.applied_ns == max(clock.applied_ns, after.issued_ns)


@theorem("CLK-3", about=[is_due], given=was_once_due, sabotage={is_due: due_at_once})
def due_stays_due(stamp_ns: int, horizon_ns: int, later_ns: int) -> bool:
    """What was due once is due for ever, since the horizon never runs back."""
    return is_due(stamp_ns, later_ns)


@theorem("CLK-3", about=[is_due], sabotage={is_due: due_later})
def due_begins_at_the_stamp(stamp_ns: int) -> bool:
    """A write is due from the horizon that equals its stamp, and not one nanosecond before."""
    return is_due(stamp_ns, stamp_ns) and not is_due(stamp_ns, stamp_ns - 1)


# -- stamps


@theorem("CLK-4", about=[next_stamp], sabotage={next_stamp: stamp_of_the_wall})
def stamps_grow(clock: Clock, wall_ns: int) -> bool:
    """An own stamp is above the one before it, whatever the wall clock does."""
    return next_stamp(clock, wall_ns) > clock.issued_ns


@theorem("CLK-4", about=[next_stamp], sabotage={next_stamp: stamp_without_held})
def stamps_are_above_what_is_held(clock: Clock, wall_ns: int) -> bool:
    """An own stamp is above every stamp applied here, so an own write wins over what it saw."""
    return next_stamp(clock, wall_ns) > clock.applied_ns


@theorem("CLK-4", about=[next_stamp], sabotage={next_stamp: stamp_rounded_down})
def stamps_are_not_below_the_wall(clock: Clock, wall_ns: int) -> bool:
    """An own stamp is not below the wall clock."""
    return next_stamp(clock, wall_ns) >= wall_ns


@theorem("CLK-4", about=[next_stamp], sabotage={next_stamp: stamp_off_the_grid})
def stamps_lie_on_the_grid(clock: Clock, wall_ns: int) -> bool:
    """An own stamp is a multiple of a microsecond."""
    return next_stamp(clock, wall_ns) % STAMP_GRID_NS == 0


@theorem("CLK-4", about=[next_stamp], given=is_fresh, sabotage={next_stamp: stamp_one_step_more})
def stamps_are_the_least(clock: Clock, wall_ns: int, stamp_ns: int) -> bool:
    """No lower point of the grid would do."""
    return next_stamp(clock, wall_ns) <= stamp_ns


@theorem("CLK-4", about=[next_stamp], given=is_later, sabotage={next_stamp: stamp_against_the_wall})
def stamps_follow_the_wall(clock: Clock, wall_ns: int, later_ns: int) -> bool:
    """A later wall clock never gives a lower stamp."""
    return next_stamp(clock, wall_ns) <= next_stamp(clock, later_ns)


@theorem("CLK-4", about=[note_applied], sabotage={note_applied: applied_overwritten})
def applied_is_the_greatest(clock: Clock, stamp_ns: int) -> bool:
    """Taking note of a held stamp keeps the greatest, and changes nothing else."""
    return note_applied(clock, stamp_ns) == Clock(
        clock.horizon_ns, clock.issued_ns, max(clock.applied_ns, stamp_ns)
    )


# -- skew


@theorem("CLK-5", about=[is_ahead], sabotage={is_ahead: ahead_at_limit})
def limit_itself_is_admitted(wall_ns: int, skew_max_ns: int) -> bool:
    """A stamp at the skew limit is admitted, one nanosecond more is not."""
    limit_ns = wall_ns + skew_max_ns
    return not is_ahead(limit_ns, wall_ns, skew_max_ns) and is_ahead(
        limit_ns + 1, wall_ns, skew_max_ns
    )


@theorem("CLK-5", about=[is_ahead], given=was_once_admitted, sabotage={is_ahead: ahead_unless_met})
def admitted_stays_admitted(stamp_ns: int, wall_ns: int, later_ns: int, skew_max_ns: int) -> bool:
    """What is admitted now is admitted at every later reading."""
    return not is_ahead(stamp_ns, later_ns, skew_max_ns)


@theorem("CLK-5", about=[retry_at], sabotage={is_ahead: ahead_at_limit})
def retry_is_exact(stamp_ns: int, skew_max_ns: int) -> bool:
    """A refused stamp is admitted from the instant that the refusal names, and not before."""
    then_ns = retry_at(stamp_ns, skew_max_ns)
    return not is_ahead(stamp_ns, then_ns, skew_max_ns) and is_ahead(
        stamp_ns, then_ns - 1, skew_max_ns
    )


@theorem("CLK-5", about=[is_ahead, is_due], given=is_admitted, sabotage={is_due: due_later})
def waiting_is_bounded(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """An admitted write waits no longer than the skew limit: poison passes."""
    return is_due(stamp_ns, wall_ns + skew_max_ns)


# -- what must not hold


@theorem("CLK-4", about=[next_stamp], refuted=True)
def wall_clock_alone_gives_fresh_stamps(clock: Clock, wall_ns: int) -> bool:
    """Stamps taken from the wall clock alone are the shipped ones: false, clocks step back."""
    return stamp_of_the_wall(clock, wall_ns) == next_stamp(clock, wall_ns)


@theorem("CLK-3", about=[is_due], refuted=True)
def due_by_the_wall_stays_due(stamp_ns: int, wall_ns: int, later_ns: int) -> bool:
    """What was due by one wall reading is due by the next: false without a horizon."""
    return not is_due(stamp_ns, wall_ns) or is_due(stamp_ns, later_ns)
