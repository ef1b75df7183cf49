"""Lattices that are wrong, and the law that catches each. Spec: chapter LAT."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import pytest

from loomweave.core.lattices import bounds, counters, dots, flags, multivalue, sets, version
from loomweave.core.lattices.register import Element, element_le
from loomweave.laws import lattices as laws
from loomweave.laws.lattices import Lattice


def subsets(members: Sequence[Any]) -> list[frozenset[Any]]:
    """List all subsets."""
    return [
        frozenset(chosen)
        for size in range(len(members) + 1)
        for chosen in combinations(members, size)
    ]


# Worlds small enough to be walked through whole: two dots, two members, two writers.
NUMBERS = [None, 0, 1, 2]
WRITERS = [b"a", b"b"]
MEMBERS = [b"x", b"y"]
DOTS = [dots.Dot(b"a", 1), dots.Dot(b"b", 1)]
ENTRIES = [sets.Entry(b"x", DOTS[0]), sets.Entry(b"x", DOTS[1]), sets.Entry(b"y", DOTS[1])]
ELEMENTS = [Element(2, 1, b"a", 1), Element(1, 2, b"b", 1), Element(1, 2, b"b", 2)]
COUNTS = [
    {writer: count for writer, count in zip(WRITERS, found, strict=True) if count is not None}
    for found in product([None, 1, 2], repeat=2)
]
MAXIMA = [bounds.Maximum(number) for number in NUMBERS]
MINIMA = [bounds.Minimum(number) for number in NUMBERS]
INTERVALS = [bounds.Interval(lower, upper) for lower, upper in product(MAXIMA, MINIMA)]
MARKS = [dots.Dots(live, seen) for live, seen in product(subsets(DOTS), repeat=2)]
GROWING_SETS = [sets.GrowingSet(held) for held in subsets(MEMBERS)]
TWO_PHASE_SETS = [sets.TwoPhaseSet(a, b) for a, b in product(subsets(MEMBERS), repeat=2)]
OBSERVED_SETS = [
    sets.ObservedSet(held, seen) for held, seen in product(subsets(ENTRIES), subsets(DOTS))
]
GROWING_COUNTERS = [counters.GrowingCounter(counts) for counts in COUNTS]
ENABLE_FLAGS = [flags.EnableWins(held) for held in MARKS]
DISABLE_FLAGS = [flags.DisableWins(held) for held in MARKS]
REGISTERS = [
    multivalue.MultiValue(held, context) for held, context in product(subsets(ELEMENTS), COUNTS)
]
VERSIONS = [version.HighestVersion(None)] + [
    version.HighestVersion(version.Versioned(number, element))
    for number, element in product([1, 2], ELEMENTS)
]


def breaks(law: Callable[..., bool], *worlds: Sequence[Any]) -> bool:
    """Tell whether some arguments make a law false; all are tried."""
    return any(not law(*found) for found in product(*worlds))


class Broken(NamedTuple):
    """A join or an order in place of the right one, and the law that it must break."""

    lattice: Lattice[Any]
    contents: Sequence[Any]
    law: Callable[..., bool]
    arity: int
    changes: dict[str, Any]


def circle_le(a: bounds.Maximum, b: bounds.Maximum) -> bool:
    """Beat every number by the next one, far ones excepted."""
    if a.value is None or b.value is None:
        return a.value is None
    return a.value <= b.value <= a.value + 1 or a.value > b.value + 1


def circle_join(a: bounds.Maximum, b: bounds.Maximum) -> bounds.Maximum:
    return b if circle_le(a, b) else a


def meeting_join(a: sets.GrowingSet, b: sets.GrowingSet) -> sets.GrowingSet:
    return sets.GrowingSet(a.members & b.members)


def adding_join(a: counters.GrowingCounter, b: counters.GrowingCounter) -> counters.GrowingCounter:
    both = {**a.counts, **b.counts}
    return counters.GrowingCounter(
        {writer: a.counts.get(writer, 0) + b.counts.get(writer, 0) for writer in both}
    )


def shared_join(a: counters.GrowingCounter, b: counters.GrowingCounter) -> counters.GrowingCounter:
    return counters.GrowingCounter(
        {
            writer: max(count, b.counts[writer])
            for writer, count in a.counts.items()
            if writer in b.counts
        }
    )


def overlay_join(a: counters.GrowingCounter, b: counters.GrowingCounter) -> counters.GrowingCounter:
    return counters.GrowingCounter({**a.counts, **b.counts})


def crossed_join(a: bounds.Interval, b: bounds.Interval) -> bounds.Interval:
    return bounds.Interval(bounds.maximum_join(a.lower, b.lower), a.upper)


def reviving_join(a: sets.ObservedSet, b: sets.ObservedSet) -> sets.ObservedSet:
    return sets.ObservedSet(a.entries | b.entries, a.seen | b.seen)


def forgetful_join(a: sets.ObservedSet, b: sets.ObservedSet) -> sets.ObservedSet:
    return sets.ObservedSet(sets.observed_set_join(a, b).entries, a.seen & b.seen)


def cautious_join(a: dots.Dots, b: dots.Dots) -> dots.Dots:
    return dots.Dots(a.live & b.live, a.seen | b.seen)


def value_join(a: flags.EnableWins, b: flags.EnableWins) -> flags.EnableWins:
    return a if flags.enable_wins_value(a) else b


def newest_join(a: multivalue.MultiValue, b: multivalue.MultiValue) -> multivalue.MultiValue:
    kept = multivalue.multi_value_value(laws.MULTI_VALUE.join(a, b))[-1:]
    return multivalue.MultiValue(frozenset(kept), counters.counts_join(a.context, b.context))


def version_only_le(a: version.HighestVersion, b: version.HighestVersion) -> bool:
    if a.content is None or b.content is None:
        return a.content is None
    return a.content.version <= b.content.version


def version_only_join(
    a: version.HighestVersion, b: version.HighestVersion
) -> version.HighestVersion:
    return b if version_only_le(a, b) else a


def seen_only_le(a: dots.Dots, b: dots.Dots) -> bool:
    return a.seen <= b.seen


JOINS = {
    "greater by a circle": Broken(
        laws.MAXIMUM, MAXIMA, laws.join_is_associative, 3, {"join": circle_join}
    ),
    "intersection for union": Broken(
        laws.GROWING_SET, GROWING_SETS, laws.join_is_above_both, 2, {"join": meeting_join}
    ),
    "intersection adds nothing": Broken(
        laws.GROWING_SET, GROWING_SETS, laws.bottom_is_least, 1, {"join": meeting_join}
    ),
    "sum for maximum": Broken(
        laws.GROWING_COUNTER,
        GROWING_COUNTERS,
        laws.join_is_idempotent,
        1,
        {"join": adding_join},
    ),
    "writers of both only": Broken(
        laws.GROWING_COUNTER,
        GROWING_COUNTERS,
        laws.join_is_above_both,
        2,
        {"join": shared_join},
    ),
    "last arrival": Broken(
        laws.GROWING_COUNTER,
        GROWING_COUNTERS,
        laws.join_is_commutative,
        2,
        {"join": overlay_join},
    ),
    "one bound forgotten": Broken(
        laws.INTERVAL, INTERVALS, laws.join_is_commutative, 2, {"join": crossed_join}
    ),
    "union of entries": Broken(
        laws.OBSERVED_SET, OBSERVED_SETS, laws.join_is_above_both, 2, {"join": reviving_join}
    ),
    "removals forgotten": Broken(
        laws.OBSERVED_SET, OBSERVED_SETS, laws.join_is_above_both, 2, {"join": forgetful_join}
    ),
    "live on both sides only": Broken(
        laws.DOTS, MARKS, laws.bottom_is_least, 1, {"join": cautious_join}
    ),
    "seen alone is the order": Broken(
        laws.DOTS, MARKS, laws.order_is_partial, 3, {"le": seen_only_le}
    ),
    "flags by value": Broken(
        laws.ENABLE_WINS, ENABLE_FLAGS, laws.join_is_commutative, 2, {"join": value_join}
    ),
    "greatest sibling only": Broken(
        laws.MULTI_VALUE, REGISTERS, laws.join_is_above_both, 2, {"join": newest_join}
    ),
    "ties by arrival": Broken(
        laws.HIGHEST_VERSION,
        VERSIONS,
        laws.join_is_commutative,
        2,
        {"join": version_only_join},
    ),
    "order of versions alone": Broken(
        laws.HIGHEST_VERSION, VERSIONS, laws.order_is_partial, 3, {"le": version_only_le}
    ),
}


@pytest.mark.parametrize("broken", JOINS.values(), ids=JOINS)
def test_wrong_joins_are_caught(broken: Broken) -> None:
    """LAT-1, LAT-2: and the right one passes the same search."""

    def holds_of(lattice: Lattice[Any]) -> Callable[..., bool]:
        return lambda *contents: broken.law(lattice, *contents)

    contents = [broken.contents] * broken.arity
    assert breaks(holds_of(broken.lattice._replace(**broken.changes)), *contents)
    assert not breaks(holds_of(broken.lattice), *contents)


def test_intersection_keeps_the_three_laws() -> None:
    """LAT-1: why an upper bound is asked for: a meet keeps all that is usually asked."""
    meet = laws.GROWING_SET._replace(join=meeting_join)
    held = GROWING_SETS
    assert not breaks(lambda a, b: laws.join_is_commutative(meet, a, b), held, held)
    assert not breaks(lambda a, b, c: laws.join_is_associative(meet, a, b, c), held, held, held)
    assert not breaks(lambda a: laws.join_is_idempotent(meet, a), held)


def clear_all(held: sets.ObservedSet, member: bytes) -> sets.ObservedSet:
    return sets.OBSERVED_SET_BOTTOM


def remove_unseen(held: sets.ObservedSet, member: bytes) -> sets.ObservedSet:
    entry = frozenset(entry for entry in held.entries if entry.member != member)
    return sets.ObservedSet(entry, held.seen - frozenset(entry.dot for entry in held.entries))


def add_twice(held: sets.ObservedSet, member: bytes, dot: dots.Dot) -> sets.ObservedSet:
    return sets.ObservedSet(held.entries | {sets.Entry(member, dot)}, held.seen | {dot})


def write_beside(register: multivalue.MultiValue, element: Element) -> multivalue.MultiValue:
    context = counters.counts_join(register.context, {element.writer: element.seq})
    return multivalue.MultiValue(register.siblings | {element}, context)


def write_blind(register: version.HighestVersion, element: Element) -> version.HighestVersion:
    """Keep the version, so that stamps decide after all."""
    held = register.content
    if held is not None and element_le(element, held.element):
        return register
    return version.HighestVersion(version.Versioned(1 if held is None else held.version, element))


def put_again(held: dots.Dots, dot: dots.Dot) -> dots.Dots:
    return dots.Dots(held.live ^ {dot}, held.seen | {dot})


def clear_and_forget(held: dots.Dots) -> dots.Dots:
    return dots.DOTS_BOTTOM


def add_blindly(
    counter: counters.GrowingCounter, writer: bytes, amount: int
) -> counters.GrowingCounter:
    count = counter.counts.get(writer, 0) + amount
    return counters.GrowingCounter({**counter.counts, writer: count})


def remove_now(held: sets.TwoPhaseSet, member: bytes) -> sets.TwoPhaseSet:
    return sets.TwoPhaseSet(held.added - {member}, held.removed)


def clash_heals(a: bounds.Interval, b: bounds.Interval) -> bounds.Interval:
    joined = laws.INTERVAL.join(a, b)
    return bounds.INTERVAL_BOTTOM if bounds.interval_is_contradiction(joined) else joined


OPERATIONS: dict[str, tuple[Any, str, Callable[..., Any], Callable[..., bool], list[Any]]] = {
    "a removal empties the set": (
        sets, "observed_set_remove", clear_all, laws.removal_leaves_the_others,
        [OBSERVED_SETS, MEMBERS],
    ),
    "a removal forgets what it saw": (
        sets, "observed_set_remove", remove_unseen, laws.removal_undoes_what_it_saw,
        [OBSERVED_SETS, OBSERVED_SETS, MEMBERS],
    ),
    "a set join keeps all entries": (
        sets, "observed_set_join", reviving_join, laws.removal_undoes_what_it_saw,
        [OBSERVED_SETS, OBSERVED_SETS, MEMBERS],
    ),
    "a final removal that is not": (
        sets, "two_phase_set_remove", remove_now, laws.removal_is_final,
        [TWO_PHASE_SETS, TWO_PHASE_SETS, MEMBERS],
    ),
    "a dot counts again": (
        dots, "dots_put", put_again, laws.old_dot_does_nothing, [MARKS, DOTS],
    ),
    "a disabling forgets what it saw": (
        dots, "dots_clear", clear_and_forget, laws.undoing_reaches_what_it_saw, [MARKS, MARKS],
    ),
    "live on both sides only": (
        flags, "dots_join", cautious_join, laws.disabling_wins,
        [DISABLE_FLAGS, DISABLE_FLAGS, DOTS],
    ),
    "counting down": (
        counters, "growing_counter_add", add_blindly, laws.adding_is_exact,
        [GROWING_COUNTERS, WRITERS, [-1, 0, 1, 2]],
    ),
    "counting twice": (
        counters, "growing_counter_join", adding_join, laws.nothing_is_counted_twice,
        [GROWING_COUNTERS, GROWING_COUNTERS],
    ),
    "a write beside its siblings": (
        multivalue, "multi_value_write", write_beside, laws.write_replaces_what_it_saw,
        [REGISTERS, REGISTERS, ELEMENTS],
    ),
    "a join that keeps the greatest sibling": (
        multivalue, "multi_value_join", newest_join, laws.concurrent_writes_are_kept,
        [REGISTERS, REGISTERS, ELEMENTS, ELEMENTS],
    ),
    "a write that asks the clock": (
        version, "highest_version_write", write_blind, laws.seeing_beats_stamping,
        [VERSIONS, ELEMENTS],
    ),
    "a contradiction that heals": (
        bounds, "interval_join", clash_heals, laws.contradiction_stays,
        [INTERVALS, INTERVALS],
    ),
    "one bound forgotten": (
        bounds, "interval_join", crossed_join, laws.interval_is_intersection,
        [INTERVALS, INTERVALS, [-1, 0, 1, 2]],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name"), OPERATIONS)
def test_wrong_operations_are_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """LAT-3 to LAT-17: laws of meaning notice operations and joins that mean something else."""
    module, function, broken, law, worlds = OPERATIONS[name]
    assert not breaks(law, *worlds)
    monkeypatch.setattr(module, function, broken)
    assert breaks(law, *worlds)
