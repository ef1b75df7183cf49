"""What lattices promise, written once. Spec: chapter LAT.

The first laws take any lattice and hold for arbitrary contents, also for those that no history
leads to. The others say what contents mean; where they ask for a history, their names say so.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

from loomweave.core.lattices import bounds, counters, dots, flags, multivalue, sets, version
from loomweave.core.lattices.bounds import Contradiction, Interval
from loomweave.core.lattices.counters import GrowingCounter
from loomweave.core.lattices.dots import Dot, Dots
from loomweave.core.lattices.flags import DisableWins, EnableWins
from loomweave.core.lattices.multivalue import MultiValue
from loomweave.core.lattices.register import Element, element_join
from loomweave.core.lattices.sets import ObservedSet, TwoPhaseSet
from loomweave.core.lattices.version import HighestVersion, Versioned

T = TypeVar("T")


class Lattice(NamedTuple, Generic[T]):
    """An order, its join and its least content. Spec: LAT-1."""

    name: str
    le: Callable[[T, T], bool]
    join: Callable[[T, T], T]
    bottom: T


MAXIMUM: Final = Lattice("maximum", bounds.maximum_le, bounds.maximum_join, bounds.MAXIMUM_BOTTOM)
MINIMUM: Final = Lattice("minimum", bounds.minimum_le, bounds.minimum_join, bounds.MINIMUM_BOTTOM)
INTERVAL: Final = Lattice(
    "interval", bounds.interval_le, bounds.interval_join, bounds.INTERVAL_BOTTOM
)
DOTS: Final = Lattice("dots", dots.dots_le, dots.dots_join, dots.DOTS_BOTTOM)
GROWING_SET: Final = Lattice(
    "growing set", sets.growing_set_le, sets.growing_set_join, sets.GROWING_SET_BOTTOM
)
TWO_PHASE_SET: Final = Lattice(
    "two-phase set", sets.two_phase_set_le, sets.two_phase_set_join, sets.TWO_PHASE_SET_BOTTOM
)
OBSERVED_SET: Final = Lattice(
    "observed-remove set",
    sets.observed_set_le,
    sets.observed_set_join,
    sets.OBSERVED_SET_BOTTOM,
)
GROWING_COUNTER: Final = Lattice(
    "growing counter",
    counters.growing_counter_le,
    counters.growing_counter_join,
    counters.GROWING_COUNTER_BOTTOM,
)
UP_DOWN_COUNTER: Final = Lattice(
    "up-down counter",
    counters.up_down_counter_le,
    counters.up_down_counter_join,
    counters.UP_DOWN_COUNTER_BOTTOM,
)
ENABLE_WINS: Final = Lattice(
    "enable wins", flags.enable_wins_le, flags.enable_wins_join, flags.ENABLE_WINS_BOTTOM
)
DISABLE_WINS: Final = Lattice(
    "disable wins", flags.disable_wins_le, flags.disable_wins_join, flags.DISABLE_WINS_BOTTOM
)
MULTI_VALUE: Final = Lattice(
    "multi-value register",
    multivalue.multi_value_le,
    multivalue.multi_value_join,
    multivalue.MULTI_VALUE_BOTTOM,
)
HIGHEST_VERSION: Final = Lattice(
    "highest version",
    version.highest_version_le,
    version.highest_version_join,
    version.HIGHEST_VERSION_BOTTOM,
)


# -- any lattice


def order_is_partial(lattice: Lattice[T], a: T, b: T, c: T) -> bool:
    """LAT-1, LAT-2: reflexive, transitive, and both ways only for the same. Spec: LAT-1, LAT-2."""
    le = lattice.le
    is_transitive = not (le(a, b) and le(b, c)) or le(a, c)
    return le(a, a) and is_transitive and (le(a, b) and le(b, a)) == (a == b)


def join_is_commutative(lattice: Lattice[T], a: T, b: T) -> bool:
    """LAT-1: either order gives the same. Spec: LAT-1."""
    return lattice.join(a, b) == lattice.join(b, a)


def join_is_associative(lattice: Lattice[T], a: T, b: T, c: T) -> bool:
    """LAT-1: grouping is irrelevant. Spec: LAT-1."""
    join = lattice.join
    return join(join(a, b), c) == join(a, join(b, c))


def join_is_idempotent(lattice: Lattice[T], a: T) -> bool:
    """LAT-1: repetition changes nothing. Spec: LAT-1."""
    return lattice.join(a, a) == a


def join_is_above_both(lattice: Lattice[T], a: T, b: T) -> bool:
    """LAT-1: the join is an upper bound; a meet is not. Spec: LAT-1."""
    joined = lattice.join(a, b)
    return lattice.le(a, joined) and lattice.le(b, joined)


def join_is_the_least(lattice: Lattice[T], a: T, b: T, c: T) -> bool:
    """LAT-1: whatever is above both sides is above the join. Spec: LAT-1."""
    above = lattice.join(lattice.join(a, b), c)  # not a guess: one that is above both
    is_least = not (lattice.le(a, c) and lattice.le(b, c)) or lattice.le(lattice.join(a, b), c)
    return is_least and lattice.le(lattice.join(a, b), above)


def join_is_the_orders(lattice: Lattice[T], a: T, b: T) -> bool:
    """LAT-1: below means that joining changes nothing. Spec: LAT-1."""
    return lattice.le(a, b) == (lattice.join(a, b) == b)


def bottom_is_least(lattice: Lattice[T], a: T) -> bool:
    """LAT-1: bottom is below all, and adds nothing. Spec: LAT-1."""
    return lattice.le(lattice.bottom, a) and lattice.join(lattice.bottom, a) == a


def operation_grows(lattice: Lattice[T], before: T, after: T) -> bool:
    """LAT-3: an operation never goes below what it is applied to. Spec: LAT-3."""
    return lattice.le(before, after) and lattice.join(before, after) == after


# -- bounds


def maximum_is_of_what_was_told(a: int | None, b: int | None) -> bool:
    """LAT-4: of two told numbers the greater one, of the minimum the lesser. Spec: LAT-4."""
    told = [number for number in (a, b) if number is not None]
    greatest = bounds.maximum_join(bounds.Maximum(a), bounds.Maximum(b)).value
    least = bounds.minimum_join(bounds.Minimum(a), bounds.Minimum(b)).value
    return (greatest, least) == (max(told, default=None), min(told, default=None))


def interval_is_intersection(a: Interval, b: Interval, number: int) -> bool:
    """LAT-5: the join admits a number if both sides do. Spec: LAT-5."""
    admits = bounds.interval_admits
    return admits(bounds.interval_join(a, b), number) == (admits(a, number) and admits(b, number))


def contradiction_stays(a: Interval, b: Interval) -> bool:
    """LAT-5: above a contradiction there is nothing else. Spec: LAT-5."""
    contradicts = bounds.interval_is_contradiction
    return not contradicts(a) or contradicts(bounds.interval_join(a, b))


def contradiction_is_no_number(a: Interval) -> bool:
    """LAT-5: exactly a contradiction admits none of the numbers near its ends. Spec: LAT-5."""
    ends = [end for end in (a.lower.value, a.upper.value, 0) if end is not None]
    found = bounds.interval_value(a)
    is_empty = not any(bounds.interval_admits(a, end) for end in ends)
    return is_empty == bounds.interval_is_contradiction(a) == isinstance(found, Contradiction) and (
        (found.lower, found.upper) == (a.lower.value, a.upper.value)
    )


# -- dots and what is built on them


def old_dot_does_nothing(a: Dots, dot: Dot) -> bool:
    """LAT-6: a write is taken once. Spec: LAT-6."""
    once = dots.dots_put(a, dot)
    return dots.dots_put(once, dot) == once and dot in once.seen


def dots_stay_sound(a: Dots, b: Dots, dot: Dot) -> bool:
    """LAT-7: what is live was seen, after every step from where it was so. Spec: LAT-7."""
    if not (dots.dots_are_sound(a) and dots.dots_are_sound(b)):
        return True
    after = (dots.dots_join(a, b), dots.dots_put(a, dot), dots.dots_clear(a))
    return all(dots.dots_are_sound(each) for each in after)


def undoing_reaches_what_it_saw(a: Dots, b: Dots) -> bool:
    """LAT-7: what was undone does not come back from what the undoing saw. Spec: LAT-7."""
    undone = dots.dots_clear(dots.dots_join(a, b))
    return not dots.dots_are_sound(b) or not dots.dots_join(undone, b).live


def nothing_is_invented(a: ObservedSet, b: ObservedSet) -> bool:
    """LAT-10: a member of the join was a member of a side. Spec: LAT-10."""
    joined = sets.observed_set_value(sets.observed_set_join(a, b))
    return joined <= sets.observed_set_value(a) | sets.observed_set_value(b)


def has_is_membership(held: ObservedSet, member: bytes) -> bool:
    """LAT-10: asking for one member is looking among all. Spec: LAT-10."""
    return sets.observed_set_has(held, member) == (member in sets.observed_set_value(held))


def add_wins(a: ObservedSet, b: ObservedSet, member: bytes, dot: Dot) -> bool:
    """LAT-10: an adding outlives a removal that did not see it. Spec: LAT-10."""
    if dot in a.seen or dot in b.seen:
        return True
    added, removed = sets.observed_set_add(a, member, dot), sets.observed_set_remove(b, member)
    return sets.observed_set_has(sets.observed_set_join(added, removed), member)


def removal_undoes_what_it_saw(a: ObservedSet, b: ObservedSet, member: bytes) -> bool:
    """LAT-10: what was removed does not come back from what the removal saw. Spec: LAT-10."""
    seen = sets.observed_set_join(a, b)
    joined = sets.observed_set_join(sets.observed_set_remove(seen, member), b)
    return not sets.observed_set_is_sound(b) or not sets.observed_set_has(joined, member)


def removal_leaves_the_others(held: ObservedSet, member: bytes) -> bool:
    """LAT-10: a removal takes one member and no other. Spec: LAT-10."""
    after = sets.observed_set_value(sets.observed_set_remove(held, member))
    return after == sets.observed_set_value(held) - {member}


def removal_is_final(a: TwoPhaseSet, b: TwoPhaseSet, member: bytes) -> bool:
    """LAT-9: no join and no adding brings back what was removed. Spec: LAT-9."""
    if member not in a.added:
        return sets.two_phase_set_remove(a, member) == a
    joined = sets.two_phase_set_join(sets.two_phase_set_remove(a, member), b)
    return member not in sets.two_phase_set_value(sets.two_phase_set_add(joined, member))


def enabling_wins(a: EnableWins, b: EnableWins, dot: Dot) -> bool:
    """LAT-13: an enabling outlives a disabling that did not see it. Spec: LAT-13."""
    if dot in a.enables.seen or dot in b.enables.seen:
        return True
    enabled, disabled = flags.enable_wins_enable(a, dot), flags.enable_wins_disable(b)
    return (
        flags.enable_wins_value(flags.enable_wins_join(enabled, disabled))
        and not flags.enable_wins_value(disabled)
        and not flags.enable_wins_value(flags.enable_wins_disable(enabled))
    )


def disabling_wins(a: DisableWins, b: DisableWins, dot: Dot) -> bool:
    """LAT-14: a disabling outlives an enabling that did not see it. Spec: LAT-14."""
    if dot in a.disables.seen or dot in b.disables.seen:
        return True
    disabled, enabled = flags.disable_wins_disable(a, dot), flags.disable_wins_enable(b)
    return (
        not flags.disable_wins_value(flags.disable_wins_join(enabled, disabled))
        and flags.disable_wins_value(enabled)
        and flags.disable_wins_value(flags.disable_wins_enable(disabled))
    )


# -- counters


def nothing_is_counted_twice(a: GrowingCounter, b: GrowingCounter) -> bool:
    """LAT-11: a join is worth between its greater side and both; a side heard again adds nothing.

    Spec: LAT-11.
    """
    value = counters.growing_counter_value
    joined = counters.growing_counter_join(a, b)
    if min([0, *a.counts.values(), *b.counts.values()]) < 0:
        return True  # no history counts down
    again = value(counters.growing_counter_join(joined, a))
    return max(value(a), value(b)) <= value(joined) <= value(a) + value(b) and again == value(
        joined
    )


def adding_is_exact(counter: GrowingCounter, writer: bytes, amount: int) -> bool:
    """LAT-11: what is counted is the amount, for that writer alone. Spec: LAT-11."""
    after = counters.growing_counter_add(counter, writer, amount)
    others = {**after.counts, writer: None} == {**counter.counts, writer: None}
    gained = counters.growing_counter_value(after) - counters.growing_counter_value(counter)
    return others and gained == max(amount, 0) and (amount > 0 or after == counter)


# -- registers


def siblings_stay_sound(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """LAT-15: the context knows all siblings, after every step from there. Spec: LAT-15."""
    is_sound = multivalue.multi_value_is_sound
    after = (multivalue.multi_value_join(a, b), multivalue.multi_value_write(a, element))
    return not (is_sound(a) and is_sound(b)) or all(is_sound(each) for each in after)


def write_replaces_what_it_saw(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """LAT-16: no sibling is left that the write had seen. Spec: LAT-16."""
    seen = multivalue.multi_value_join(a, b)
    if multivalue.is_covered(seen.context, element):
        return multivalue.multi_value_write(seen, element) == seen
    if not multivalue.multi_value_is_sound(b):
        return True
    written = multivalue.multi_value_write(seen, element)
    return multivalue.multi_value_join(written, b).siblings == frozenset({element})


def concurrent_writes_are_kept(a: MultiValue, b: MultiValue, one: Element, two: Element) -> bool:
    """LAT-16: writes of which neither had seen the other stay both. Spec: LAT-16."""
    contexts = counters.counts_join(a.context, b.context)
    if one.writer == two.writer or any(
        multivalue.is_covered(contexts, element) for element in (one, two)
    ):
        return True
    joined = multivalue.multi_value_join(
        multivalue.multi_value_write(a, one), multivalue.multi_value_write(b, two)
    )
    return one in joined.siblings and two in joined.siblings


def siblings_are_listed_in_order(register: MultiValue) -> bool:
    """LAT-16: the value has every sibling once, and the last is HAM's winner. Spec: LAT-16."""
    listed = multivalue.multi_value_value(register)
    is_ascending = all(element_join(a, b) == b != a for a, b in pairwise(listed))
    return is_ascending and frozenset(listed) == register.siblings


def seeing_beats_stamping(register: HighestVersion, element: Element) -> bool:
    """LAT-17: a write wins over what its writer saw, whatever the stamps. Spec: LAT-17."""
    written = version.highest_version_write(register, element)
    joined = version.highest_version_join(written, register)
    return joined == written and version.highest_version_value(joined) == element


def equal_versions_are_decided_by_ham(number: int, a: Element, b: Element) -> bool:
    """LAT-17: where versions are equal, the element's order decides. Spec: LAT-17, HAM-1."""
    one, two = (HighestVersion(Versioned(number, element)) for element in (a, b))
    joined = version.highest_version_join(one, two)
    return version.highest_version_value(joined) == element_join(a, b)
