"""Lattices: laws of any content, meanings by replay of histories, and joins that must be caught.

Spec: chapter LAT.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from loomweave.core.lattices import bounds, counters, dots, flags, multivalue, sets, version
from loomweave.core.lattices.register import Element
from loomweave.laws import lattices as laws
from loomweave.laws.lattices import Lattice

# Small worlds, so that contents meet: what no history leads to is drawn too.
WRITERS = (b"a", b"b", b"c")
MEMBERS = (b"x", b"y")
numbers = st.integers(-3, 3)
maybe_numbers = st.none() | numbers
members = st.sampled_from(MEMBERS)
writers = st.sampled_from(WRITERS)
some_dots = st.builds(dots.Dot, writers, st.integers(1, 2))
dot_sets = st.frozensets(some_dots, max_size=4)
member_sets = st.frozensets(members)
maxima = st.builds(bounds.Maximum, maybe_numbers)
minima = st.builds(bounds.Minimum, maybe_numbers)
intervals = st.builds(bounds.Interval, maxima, minima)
marks = st.builds(dots.Dots, dot_sets, dot_sets)
growing_sets = st.builds(sets.GrowingSet, member_sets)
two_phase_sets = st.builds(sets.TwoPhaseSet, member_sets, member_sets)
entries = st.builds(sets.Entry, members, some_dots)
observed_sets = st.builds(sets.ObservedSet, st.frozensets(entries, max_size=4), dot_sets)
counts = st.dictionaries(writers, st.integers(-1, 3))
growing_counters = st.builds(counters.GrowingCounter, counts)
up_down_counters = st.builds(counters.UpDownCounter, growing_counters, growing_counters)
enable_flags = st.builds(flags.EnableWins, marks)
disable_flags = st.builds(flags.DisableWins, marks)
elements = st.builds(
    Element, st.integers(0, 2), st.sampled_from([1, True, 1.0]), writers, st.integers(1, 2)
)
registers = st.builds(multivalue.MultiValue, st.frozensets(elements, max_size=3), counts)
versioned = st.builds(version.Versioned, st.integers(0, 2), elements)
versions = st.builds(version.HighestVersion, st.none() | versioned)

CONTENTS: Sequence[tuple[Lattice[Any], SearchStrategy[Any]]] = (
    (laws.MAXIMUM, maxima),
    (laws.MINIMUM, minima),
    (laws.INTERVAL, intervals),
    (laws.DOTS, marks),
    (laws.GROWING_SET, growing_sets),
    (laws.TWO_PHASE_SET, two_phase_sets),
    (laws.OBSERVED_SET, observed_sets),
    (laws.GROWING_COUNTER, growing_counters),
    (laws.UP_DOWN_COUNTER, up_down_counters),
    (laws.ENABLE_WINS, enable_flags),
    (laws.DISABLE_WINS, disable_flags),
    (laws.MULTI_VALUE, registers),
    (laws.HIGHEST_VERSION, versions),
)
every_lattice = pytest.mark.parametrize(
    ("lattice", "contents"), CONTENTS, ids=[lattice.name for lattice, _ in CONTENTS]
)


@every_lattice
@given(data=st.data())
def test_laws_of_any_lattice(
    lattice: Lattice[Any], contents: SearchStrategy[Any], data: st.DataObject
) -> None:
    """LAT-1, LAT-2: for arbitrary contents, without any hypothesis."""
    a, b, c = data.draw(contents), data.draw(contents), data.draw(contents)
    assert laws.order_is_partial(lattice, a, b, c)
    assert laws.join_is_commutative(lattice, a, b)
    assert laws.join_is_associative(lattice, a, b, c)
    assert laws.join_is_idempotent(lattice, a)
    assert laws.join_is_above_both(lattice, a, b)
    assert laws.join_is_the_least(lattice, a, b, c)
    assert laws.join_is_the_orders(lattice, a, b)
    assert laws.bottom_is_least(lattice, a)


def test_equality_knows_types() -> None:
    """LAT-2: the same fields in another type, or of another kind, are another content."""
    alike: list[object] = [bounds.Maximum(1), bounds.Minimum(1)]
    alike += [flags.ENABLE_WINS_BOTTOM, flags.DISABLE_WINS_BOTTOM]
    assert [alike.index(each) for each in alike] == [0, 1, 2, 3]
    one, true = Element(1, 1, b"a", 1), Element(1, True, b"a", 1)
    assert multivalue.MultiValue(frozenset({one}), {}) != multivalue.MultiValue(
        frozenset({true}), {}
    )


def test_contents_do_not_change() -> None:
    """LAT-3: an operation makes a new content; the old one stays as it was."""
    counter = counters.growing_counter_add(counters.GROWING_COUNTER_BOTTOM, b"a", 1)
    counters.growing_counter_add(counter, b"a", 1)
    assert counter.counts == {b"a": 1}
    assert counters.GROWING_COUNTER_BOTTOM.counts == {}
    with pytest.raises(AttributeError):
        setattr(counter, "counts", {})  # noqa: B010


@given(maybe_numbers, maybe_numbers, intervals, intervals, numbers)
def test_bounds(
    one: int | None, two: int | None, a: bounds.Interval, b: bounds.Interval, number: int
) -> None:
    assert laws.maximum_is_of_what_was_told(one, two)
    assert laws.interval_is_intersection(a, b, number)
    assert laws.contradiction_stays(a, b)
    assert laws.contradiction_is_no_number(a)
    told = bounds.interval_tell(a, one, two)
    assert laws.operation_grows(laws.INTERVAL, a, told)
    assert told == bounds.interval_join(
        a, bounds.Interval(bounds.Maximum(one), bounds.Minimum(two))
    )


@given(marks, marks, some_dots)
def test_dots(a: dots.Dots, b: dots.Dots, dot: dots.Dot) -> None:
    assert laws.old_dot_does_nothing(a, dot)
    assert laws.dots_stay_sound(a, b, dot)
    assert laws.undoing_reaches_what_it_saw(a, b)


@given(observed_sets, observed_sets, members, some_dots)
def test_observed_sets(
    a: sets.ObservedSet, b: sets.ObservedSet, member: bytes, dot: dots.Dot
) -> None:
    assert laws.nothing_is_invented(a, b)
    assert laws.has_is_membership(a, member)
    assert laws.add_wins(a, b, member, dot)
    assert laws.removal_undoes_what_it_saw(a, b, member)
    assert laws.removal_leaves_the_others(a, member)


@given(two_phase_sets, two_phase_sets, members)
def test_two_phase_sets(a: sets.TwoPhaseSet, b: sets.TwoPhaseSet, member: bytes) -> None:
    assert laws.removal_is_final(a, b, member)


@given(enable_flags, enable_flags, disable_flags, disable_flags, some_dots)
def test_flags(
    a: flags.EnableWins,
    b: flags.EnableWins,
    c: flags.DisableWins,
    d: flags.DisableWins,
    dot: dots.Dot,
) -> None:
    assert laws.enabling_wins(a, b, dot)
    assert laws.disabling_wins(c, d, dot)


@given(growing_counters, growing_counters, writers, numbers)
def test_counters(
    a: counters.GrowingCounter, b: counters.GrowingCounter, writer: bytes, amount: int
) -> None:
    assert laws.nothing_is_counted_twice(a, b)
    assert laws.adding_is_exact(a, writer, amount)
    assert laws.operation_grows(
        laws.GROWING_COUNTER, a, counters.growing_counter_add(a, writer, amount)
    )


@given(registers, registers, elements, elements)
def test_siblings(
    a: multivalue.MultiValue, b: multivalue.MultiValue, one: Element, two: Element
) -> None:
    assert laws.siblings_stay_sound(a, b, one)
    assert laws.write_replaces_what_it_saw(a, b, one)
    assert laws.concurrent_writes_are_kept(a, b, one, two)
    assert laws.siblings_are_listed_in_order(a)


@given(versions, elements, elements, numbers)
def test_versions(
    register: version.HighestVersion, one: Element, two: Element, number: int
) -> None:
    assert laws.seeing_beats_stamping(register, one)
    assert laws.equal_versions_are_decided_by_ham(number, one, two)
    assert laws.operation_grows(
        laws.HIGHEST_VERSION, register, version.highest_version_write(register, one)
    )


# -- meanings: what replicas hold after a history, against a plain reading of the history


class Act(NamedTuple):
    """One operation, and the operations that its writer knew of."""

    number: int
    """Its place among all operations, from 1: a count that every writer raises."""
    writer: bytes
    verb: str
    argument: int
    past: frozenset[int]

    @property
    def dot(self) -> dots.Dot:
        return dots.Dot(self.writer, self.number)

    @property
    def member(self) -> bytes:
        return MEMBERS[self.argument % 2]

    @property
    def element(self) -> Element:
        return Element(-self.argument, self.argument, self.writer, self.number)


Known = Sequence[Act]


class Meaning(NamedTuple):
    """How an operation is done, what contents mean, and the dumb reading of what was done."""

    lattice: Lattice[Any]
    verbs: Sequence[str]
    do: Callable[[Any, Act], Any]
    value: Callable[[Any], object]
    read: Callable[[Known], object]


def unseen(acts: Known, winning: str, undoing: str, is_same: Callable[[Act, Act], bool]) -> Known:
    """Operations of the winning verb that no operation of the undoing verb had seen."""
    return [
        act
        for act in acts
        if act.verb == winning
        and not any(
            other.verb == undoing and act.number in other.past and is_same(act, other)
            for other in acts
        )
    ]


def do_observed(held: sets.ObservedSet, act: Act) -> sets.ObservedSet:
    if act.verb == "add":
        return sets.observed_set_add(held, act.member, act.dot)
    return sets.observed_set_remove(held, act.member)


def do_two_phase(held: sets.TwoPhaseSet, act: Act) -> sets.TwoPhaseSet:
    done = sets.two_phase_set_add if act.verb == "add" else sets.two_phase_set_remove
    return done(held, act.member)


def read_two_phase(acts: Known) -> frozenset[bytes]:
    removed = {
        act.member
        for act in acts
        if act.verb == "remove"
        and any(o.number in act.past and (o.verb, o.member) == ("add", act.member) for o in acts)
    }
    return frozenset(act.member for act in acts if act.verb == "add") - removed


def do_enable_wins(flag: flags.EnableWins, act: Act) -> flags.EnableWins:
    if act.verb == "on":
        return flags.enable_wins_enable(flag, act.dot)
    return flags.enable_wins_disable(flag)


def do_disable_wins(flag: flags.DisableWins, act: Act) -> flags.DisableWins:
    if act.verb == "off":
        return flags.disable_wins_disable(flag, act.dot)
    return flags.disable_wins_enable(flag)


def always(one: Act, two: Act) -> bool:
    return True


def same_member(one: Act, two: Act) -> bool:
    return one.member == two.member


def read_version(acts: Known) -> Element | None:
    depth: dict[int, int] = {}
    for act in acts:  # in the order of numbers, so what it had seen comes first
        depth[act.number] = 1 + max((depth[seen] for seen in act.past), default=0)
    best = max(acts, key=lambda act: (depth[act.number], place_of(act.element)), default=None)
    return None if best is None else best.element


def place_of(element: Element) -> tuple[int, str, bytes, int]:
    return element.stamp_ns, str(element.value), element.writer, element.seq


MEANINGS = (
    Meaning(
        laws.MAXIMUM, ["tell"], lambda held, act: bounds.maximum_tell(held, act.argument),
        bounds.maximum_value, lambda acts: max((act.argument for act in acts), default=None),
    ),
    Meaning(
        laws.MINIMUM, ["tell"], lambda held, act: bounds.minimum_tell(held, act.argument),
        bounds.minimum_value, lambda acts: min((act.argument for act in acts), default=None),
    ),
    Meaning(
        laws.GROWING_SET, ["add"], lambda held, act: sets.growing_set_add(held, act.member),
        sets.growing_set_value, lambda acts: frozenset(act.member for act in acts),
    ),
    Meaning(
        laws.TWO_PHASE_SET, ["add", "remove"], do_two_phase, sets.two_phase_set_value,
        read_two_phase,
    ),
    Meaning(
        laws.OBSERVED_SET, ["add", "remove"], do_observed, sets.observed_set_value,
        lambda acts: frozenset(a.member for a in unseen(acts, "add", "remove", same_member)),
    ),
    Meaning(
        laws.ENABLE_WINS, ["on", "off"], do_enable_wins, flags.enable_wins_value,
        lambda acts: bool(unseen(acts, "on", "off", always)),
    ),
    Meaning(
        laws.DISABLE_WINS, ["on", "off"], do_disable_wins, flags.disable_wins_value,
        lambda acts: not unseen(acts, "off", "on", always),
    ),
    Meaning(
        laws.GROWING_COUNTER, ["count"],
        lambda held, act: counters.growing_counter_add(held, act.writer, act.argument),
        counters.growing_counter_value, lambda acts: sum(max(act.argument, 0) for act in acts),
    ),
    Meaning(
        laws.UP_DOWN_COUNTER, ["count"],
        lambda held, act: counters.up_down_counter_add(held, act.writer, act.argument),
        counters.up_down_counter_value, lambda acts: sum(act.argument for act in acts),
    ),
    Meaning(
        laws.MULTI_VALUE, ["write"],
        lambda held, act: multivalue.multi_value_write(held, act.element),
        lambda held: frozenset(multivalue.multi_value_value(held)),
        lambda acts: frozenset(a.element for a in unseen(acts, "write", "write", always)),
    ),
    Meaning(
        laws.HIGHEST_VERSION, ["write"],
        lambda held, act: version.highest_version_write(held, act.element),
        version.highest_version_value, read_version,
    ),
)  # fmt: skip

steps = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(-3, 3)), max_size=14)


@pytest.mark.parametrize("meaning", MEANINGS, ids=[each.lattice.name for each in MEANINGS])
@given(history=steps)
def test_content_means_what_was_done(
    meaning: Meaning, history: Sequence[tuple[int, int, int]]
) -> None:
    """LAT-3 to LAT-17: each replica's value is the plain reading of what it knows of."""
    lattice = meaning.lattice
    held = [lattice.bottom] * len(WRITERS)
    known: list[frozenset[int]] = [frozenset()] * len(WRITERS)
    acts: list[Act] = []
    for here, choice, argument in history:
        if choice < len(WRITERS):  # hear another replica, or oneself again
            held[here] = lattice.join(held[here], held[choice])
            known[here] |= known[choice]
        else:
            verb = meaning.verbs[choice % len(meaning.verbs)]
            act = Act(len(acts) + 1, WRITERS[here], verb, argument, known[here])
            acts.append(act)
            after = meaning.do(held[here], act)
            assert laws.operation_grows(lattice, held[here], after)
            held[here] = after
            known[here] |= {act.number}
        told = [act for act in acts if act.number in known[here]]
        assert meaning.value(held[here]) == meaning.read(told)
