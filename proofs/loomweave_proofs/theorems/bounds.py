"""What follows from the clock rules if every clock is within an error of true time. CLK-5."""

from loomweave.core.clocks import is_ahead, is_due
from loomweave.core.lattices.register import Element, element_join
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.clocks import due_later
from loomweave_proofs.theorems.register import join_lesser

# -- hypotheses


def is_read_later(stamp_ns: int, true_ns: int, wall_ns: int, error_ns: int, delay_ns: int) -> bool:
    """Tell that a write of an honest clock is looked at so much later, by an honest clock."""
    return (
        error_ns >= 0
        and stamp_ns <= true_ns + error_ns
        and wall_ns >= true_ns + delay_ns - error_ns
        and delay_ns >= 2 * error_ns
    )


def is_read_too_early(
    stamp_ns: int, true_ns: int, wall_ns: int, error_ns: int, delay_ns: int
) -> bool:
    """Tell that the look comes one nanosecond before twice the error has passed."""
    return (
        error_ns >= 0
        and stamp_ns <= true_ns + error_ns
        and wall_ns >= true_ns + delay_ns - error_ns
        and delay_ns == 2 * error_ns - 1
    )


def is_much_younger(a: Element, b: Element, true_ns: int, error_ns: int) -> bool:
    """Tell that the second write was made more than twice the error after the first."""
    return (
        error_ns >= 0
        and a.stamp_ns <= true_ns + error_ns
        and b.stamp_ns > true_ns + 2 * error_ns - error_ns
    )


def is_after_poison(
    a: Element, b: Element, true_ns: int, wall_ns: int, error_ns: int, skew_max_ns: int
) -> bool:
    """Tell that an honest write comes later than the skew limit and twice the error."""
    return (
        error_ns >= 0
        and not is_ahead(a.stamp_ns, wall_ns, skew_max_ns)
        and wall_ns <= true_ns + error_ns
        and b.stamp_ns > true_ns + skew_max_ns + 2 * error_ns - error_ns
    )


def is_after_honest_read(
    a: Element, b: Element, true_ns: int, wall_ns: int, error_ns: int, skew_max_ns: int
) -> bool:
    """Tell the same of a replica that does not refuse what is too far ahead."""
    return (
        error_ns >= 0
        and wall_ns <= true_ns + error_ns
        and b.stamp_ns > true_ns + skew_max_ns + 2 * error_ns - error_ns
    )


# -- theorems


@theorem("CLK-5", about=[is_due], given=is_read_later, sabotage={is_due: due_later})
def writes_show_within_twice_the_error(
    stamp_ns: int, true_ns: int, wall_ns: int, error_ns: int, delay_ns: int
) -> bool:
    """A write shows everywhere at most twice the clocks' error after it was made."""
    return is_due(stamp_ns, wall_ns)


@theorem("CLK-5", about=[element_join], given=is_much_younger, sabotage={element_join: join_lesser})
def much_younger_writes_win(a: Element, b: Element, true_ns: int, error_ns: int) -> bool:
    """A write that is more than twice the error younger always wins."""
    return element_join(a, b) == b


@theorem(
    "CLK-5",
    about=[element_join, is_ahead],
    given=is_after_poison,
    sabotage={element_join: join_lesser},
)
def poison_passes(
    a: Element, b: Element, true_ns: int, wall_ns: int, error_ns: int, skew_max_ns: int
) -> bool:
    """No admitted write, however wrong its clock, wins for longer than the limit allows."""
    return element_join(a, b) == b


# -- what must not hold


@theorem("CLK-5", about=[is_due], given=is_read_too_early, refuted=True)
def writes_show_a_little_earlier(
    stamp_ns: int, true_ns: int, wall_ns: int, error_ns: int, delay_ns: int
) -> bool:
    """One nanosecond less than twice the error would do: false, the bound is tight."""
    return is_due(stamp_ns, wall_ns)


@theorem("CLK-5", about=[element_join], given=is_after_honest_read, refuted=True)
def poison_passes_without_a_limit(
    a: Element, b: Element, true_ns: int, wall_ns: int, error_ns: int, skew_max_ns: int
) -> bool:
    """Deferral alone would bound a wrong clock: false, only refusal does."""
    return element_join(a, b) == b
