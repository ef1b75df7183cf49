"""What may be dropped without anyone noticing. Rules GRF-19 to GRF-23."""

from collections.abc import Mapping

from loomweave.core.clocks import is_due
from loomweave.core.graph.compaction import (
    Vector,
    compact,
    drop,
    is_dominated,
    is_hidden,
    is_nothing_under_way,
    is_read,
    is_seen_by_all,
    may_collect,
)
from loomweave.core.graph.life import shown
from loomweave.core.lattices.counters import counts_le
from loomweave.core.lattices.register import Element, Row, element_le
from loomweave.laws import compaction as laws
from loomweave_proofs.theorem import theorem

Elements = frozenset[Element]

# -- broken twins


def read_early(elements: Elements, horizon_ns: int, element: Element) -> bool:
    """Show what is not due."""
    return element in elements and all(element_le(other, element) for other in elements)


def read_any(elements: Elements, horizon_ns: int, element: Element) -> bool:
    """Show anything that is due."""
    return element in elements and is_due(element.stamp_ns, horizon_ns)


def dominated_early(element: Element, by: Element, horizon_ns: int) -> bool:
    """Let what is not due dominate."""
    return element_le(element, by) and not element_le(by, element)


def dominated_by_itself(element: Element, by: Element, horizon_ns: int) -> bool:
    """Let an element dominate itself."""
    return element_le(element, by) and is_due(by.stamp_ns, horizon_ns)


def drop_under_nothing(
    elements: Elements, element: Element, by: Element, horizon_ns: int
) -> Elements:
    """Drop under an element that is not there."""
    return elements - frozenset({element}) if is_dominated(element, by, horizon_ns) else elements


def drop_nothing(elements: Elements, element: Element, by: Element, horizon_ns: int) -> Elements:
    """Keep everything."""
    return elements


def compact_early(elements: Elements, floor: Element, horizon_ns: int) -> Elements:
    """Let a floor that is not due drop what is below."""
    if floor not in elements:
        return elements
    return frozenset(element for element in elements if element_le(floor, element))


def compact_to_one(elements: Elements, floor: Element, horizon_ns: int) -> Elements:
    """Keep the floor alone."""
    return frozenset({floor}) if floor in elements else elements


def compact_by_turns(elements: Elements, floor: Element, horizon_ns: int) -> Elements:
    """Put the floor in where it is not, and take it out where it is."""
    if floor in elements:
        return elements - frozenset({floor})
    return elements | frozenset({floor})


def compact_again(elements: Elements, floor: Element, horizon_ns: int) -> Elements:
    """Drop the floor too."""
    return compact(elements, floor, horizon_ns) - frozenset({floor})


def seen_by_some(writer: bytes, seq: int, known: Mapping[bytes, Vector]) -> bool:
    """Take for seen what nobody has a number for."""
    return all(seq <= vector.get(writer, 0) for _, vector in known.items())


def seen_by_nobody(writer: bytes, seq: int, known: Mapping[bytes, Vector]) -> bool:
    """Take for seen what nobody we know has."""
    return seq >= 1 and all(seq > vector.get(writer, 0) for _, vector in known.items())


def seen_until_known(writer: bytes, seq: int, known: Mapping[bytes, Vector]) -> bool:
    """Let somebody who has it be enough."""
    return seq >= 1 and not all(seq > vector.get(writer, 0) for _, vector in known.items())


def never_under_way(own: Vector, known: Mapping[bytes, Vector]) -> bool:
    """Ignore what others have and we lack."""
    return True


def hidden_if_older(row: Row, deleted: Element) -> bool:
    """Forget that the deletion is in the row."""
    return all(element.stamp_ns < deleted.stamp_ns for _, element in row.items())


def hidden_always(row: Row, deleted: Element) -> bool:
    """Collect what shows."""
    return True


def collect_early(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """Collect under a deletion that is not due."""
    return (
        is_hidden(row, deleted)
        and is_seen_by_all(deleted.writer, deleted.seq, known)
        and is_nothing_under_way(own, known)
    )


# -- the laws, as they ship

theorem("GRF-20", about=[drop, is_read], sabotage={is_dominated: dominated_early})(
    laws.dropping_is_not_noticed
)
theorem("GRF-20", about=[drop, is_dominated], sabotage={drop: drop_under_nothing})(
    laws.only_the_dominated_go
)
theorem("GRF-21", about=[compact, is_read], sabotage={compact: compact_to_one})(
    laws.compacting_is_not_noticed
)
theorem("GRF-21", about=[compact, is_dominated], sabotage={compact: compact_early})(
    laws.compacting_drops_the_dominated
)
theorem("GRF-21", about=[compact], sabotage={compact: compact_by_turns})(
    laws.compacting_twice_is_once
)
theorem("GRF-21", about=[compact], sabotage={compact: compact_again})(
    laws.compacting_goes_with_union
)
theorem("GRF-22", about=[may_collect, is_seen_by_all], sabotage={is_seen_by_all: seen_by_some})(
    laws.all_have_seen_what_is_collected
)
theorem("GRF-23", about=[may_collect, is_hidden], sabotage={is_hidden: hidden_always})(
    laws.only_what_is_hidden_is_collected
)
theorem("GRF-22", about=[is_seen_by_all], sabotage={is_seen_by_all: seen_by_some})(
    laws.numberless_is_never_collected
)
theorem("GRF-22", about=[is_seen_by_all], sabotage={is_seen_by_all: seen_until_known})(
    laws.more_replicas_collect_less
)
theorem("GRF-23", about=[is_hidden], sabotage={is_hidden: hidden_if_older})(
    laws.deletion_hides_what_is_as_old
)
theorem("GRF-23", about=[is_hidden, shown], sabotage={is_hidden: hidden_always})(
    laws.nothing_shown_is_collected
)
theorem("GRF-23", about=[is_hidden, shown], sabotage={is_hidden: hidden_always})(
    laws.late_writes_need_no_tombstone
)

# -- hypotheses


def both_are_read(elements: Elements, horizon_ns: int, a: Element, b: Element) -> bool:
    """Tell that a field shows each of two elements."""
    return is_read(elements, horizon_ns, a) and is_read(elements, horizon_ns, b)


def drops_something(elements: Elements, floor: Element, horizon_ns: int) -> bool:
    """Tell that a floor is there and due."""
    return floor in elements and is_due(floor.stamp_ns, horizon_ns)


# -- reading and dropping


@theorem("GRF-19", about=[is_read], sabotage={is_read: read_early})
def reading_one_element_is_exact(element: Element, horizon_ns: int, other: Element) -> bool:
    """A field with one element shows it as soon as it is due, and shows nothing else."""
    held = frozenset({element})
    is_shown = is_read(held, horizon_ns, other)
    return is_shown == (other == element and element.stamp_ns <= horizon_ns)


@theorem("GRF-19", about=[is_read], sabotage={is_read: read_any})
def reading_two_elements_is_exact(a: Element, b: Element, horizon_ns: int) -> bool:
    """Of two elements the first shows where it is due, and the other is not due or below it."""
    is_first = element_le(b, a) or not is_due(b.stamp_ns, horizon_ns)
    wanted = is_due(a.stamp_ns, horizon_ns) and is_first
    return is_read(frozenset({a, b}), horizon_ns, a) == wanted


@theorem("GRF-19", about=[is_read], given=both_are_read, sabotage={is_read: read_any})
def one_element_is_read(elements: Elements, horizon_ns: int, a: Element, b: Element) -> bool:
    """A field shows no more than one element."""
    return a == b


@theorem("GRF-20", about=[is_dominated], sabotage={is_dominated: dominated_by_itself})
def domination_is_exact(element: Element, by: Element, horizon_ns: int) -> bool:
    """Dominated is what lies below another element that is due."""
    is_itself = element == by
    is_below = element_le(element, by) and not is_itself
    return is_dominated(element, by, horizon_ns) == (is_below and by.stamp_ns <= horizon_ns)


@theorem("GRF-20", about=[drop], sabotage={drop: drop_nothing})
def drop_is_exact(
    elements: Elements, element: Element, by: Element, horizon_ns: int, other: Element
) -> bool:
    """Dropped is that element, where one that is there dominates it, and no other."""
    goes = other == element and by in elements and is_dominated(element, by, horizon_ns)
    is_kept = other in drop(elements, element, by, horizon_ns)
    return is_kept == (other in elements and not goes)


@theorem("GRF-21", about=[compact], sabotage={compact: compact_to_one})
def compact_is_exact(elements: Elements, floor: Element, horizon_ns: int, other: Element) -> bool:
    """Kept is what the floor is below; a floor that is not there or not due drops nothing."""
    is_floor = floor in elements and floor.stamp_ns <= horizon_ns
    is_kept = other in elements and (not is_floor or element_le(floor, other))
    return (other in compact(elements, floor, horizon_ns)) == is_kept


@theorem("GRF-21", about=[compact], given=drops_something, sabotage={compact: compact_again})
def floors_stay(elements: Elements, floor: Element, horizon_ns: int) -> bool:
    """The floor itself stays."""
    return floor in compact(elements, floor, horizon_ns)


# -- tombstones


@theorem("GRF-22", about=[is_seen_by_all], sabotage={is_seen_by_all: seen_by_some})
def seen_by_one_is_exact(replica: bytes, vector: Vector, writer: bytes, seq: int) -> bool:
    """One known replica has seen the numbers from 1 up to its vector's; with none known all."""
    known = {replica: vector}
    wanted = 1 <= seq <= vector.get(writer, 0)
    return is_seen_by_all(writer, seq, known) == wanted and is_seen_by_all(writer, seq, {}) == (
        seq >= 1
    )


@theorem("GRF-22", about=[is_seen_by_all], sabotage={is_seen_by_all: seen_by_nobody})
def each_one_known_must_have_seen(
    known: Mapping[bytes, Vector], replica: bytes, vector: Vector, writer: bytes, seq: int
) -> bool:
    """With one more replica known, all have seen it where the others and that one have."""
    if replica in known:
        return True
    more = {**known, replica: vector}
    is_there = 1 <= seq <= vector.get(writer, 0)
    return is_seen_by_all(writer, seq, more) == (is_there and is_seen_by_all(writer, seq, known))


@theorem("GRF-22", about=[is_nothing_under_way], sabotage={is_nothing_under_way: never_under_way})
def under_way_is_exact(own: Vector, replica: bytes, vector: Vector) -> bool:
    """Of one known replica nothing is under way where its vector is below ours."""
    return is_nothing_under_way(own, {replica: vector}) == counts_le(vector, own)


@theorem("GRF-22", about=[is_nothing_under_way], sabotage={is_nothing_under_way: never_under_way})
def each_one_known_counts(
    own: Vector, known: Mapping[bytes, Vector], replica: bytes, vector: Vector
) -> bool:
    """With one more replica known, nothing is under way where it was not and that one has less."""
    if replica in known:
        return True
    more = {**known, replica: vector}
    is_rest = is_nothing_under_way(own, known)
    return is_nothing_under_way(own, more) == (is_rest and counts_le(vector, own))


@theorem("GRF-23", about=[is_hidden], sabotage={is_hidden: hidden_if_older})
def hidden_is_exact(row: Row, deleted: Element, field: str, element: Element) -> bool:
    """A deletion hides a row exactly where none of its elements is younger."""
    hidden = is_hidden({**row, field: element}, deleted)
    return (
        (not hidden or element.stamp_ns <= deleted.stamp_ns)
        and is_hidden({field: element}, deleted) == (element.stamp_ns <= deleted.stamp_ns)
        and is_hidden({}, deleted)
    )


@theorem("GRF-22", about=[may_collect], sabotage={may_collect: collect_early})
def may_collect_is_exact(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """A row may go where its deletion is due, hides it, and all have seen all of it."""
    is_ready = deleted.stamp_ns <= horizon_ns and is_hidden(row, deleted)
    is_known = is_seen_by_all(deleted.writer, deleted.seq, known)
    wanted = is_ready and is_known and is_nothing_under_way(own, known)
    return may_collect(row, deleted, own, known, horizon_ns) == wanted


# -- what must not hold


@theorem("GRF-20", about=[drop], refuted=True)
def dropping_is_not_noticed_earlier(
    elements: Elements,
    element: Element,
    by: Element,
    horizon_ns: int,
    early_ns: int,
    other: Element,
) -> bool:
    """What was dropped is not missed at any horizon: false at an earlier one."""
    after = drop(elements, element, by, horizon_ns)
    return is_read(after, early_ns, other) == is_read(elements, early_ns, other)


@theorem("GRF-20", about=[is_read], refuted=True)
def dominators_need_not_be_due(
    elements: Elements, element: Element, by: Element, horizon_ns: int
) -> bool:
    """What is below an element that is not due may go: false, it is what shows until then."""
    if by not in elements or not dominated_early(element, by, horizon_ns):
        return True
    return not is_read(elements, horizon_ns, element)


@theorem("GRF-21", about=[compact], refuted=True)
def compacting_leaves_one(
    elements: Elements, floor: Element, horizon_ns: int, other: Element
) -> bool:
    """A compacted field has one element left: false, later ones wait above the floor."""
    after = compact(elements, floor, horizon_ns)
    return floor not in elements or other not in after or other == floor


@theorem("GRF-22", about=[is_seen_by_all], refuted=True)
def what_one_has_all_have(
    known: Mapping[bytes, Vector], replica: bytes, writer: bytes, seq: int
) -> bool:
    """What one replica has seen all have: false, and an older write would revive the entity."""
    vector = known.get(replica)
    if vector is None or not 1 <= seq <= vector.get(writer, 0):
        return True
    return is_seen_by_all(writer, seq, known)


@theorem("GRF-23", about=[is_hidden], refuted=True)
def older_deletions_hide_all(row: Row, deleted: Element, field: str) -> bool:
    """A deletion hides whatever is in its row: false of what was written later."""
    return field not in row or is_hidden(row, deleted)


@theorem("GRF-22", about=[is_nothing_under_way], refuted=True)
def tombstones_alone_must_be_seen(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """That all have the deletion is enough: false, an older write may still be on its way."""
    is_ready = is_due(deleted.stamp_ns, horizon_ns) and is_hidden(row, deleted)
    is_known = is_seen_by_all(deleted.writer, deleted.seq, known)
    return not (is_ready and is_known) or is_nothing_under_way(own, known)
