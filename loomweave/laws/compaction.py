"""What dropping promises: nobody can tell. Spec: GRF-19 to GRF-23."""

from collections.abc import Mapping

from loomweave.core.clocks import is_due
from loomweave.core.entities import CREATED, DELETED
from loomweave.core.graph.compaction import (
    Vector,
    compact,
    drop,
    is_dominated,
    is_hidden,
    is_read,
    is_seen_by_all,
    may_collect,
)
from loomweave.core.graph.life import is_row_alive, shown
from loomweave.core.lattices.register import Element, Row, element_le

Elements = frozenset[Element]


def reading_is_the_greatest_due(elements: Elements, horizon_ns: int, a: Element) -> bool:
    """GRF-19: at most one element shows, and one does if any is due. Spec: GRF-19."""
    due = [element for element in elements if is_due(element.stamp_ns, horizon_ns)]
    read = [element for element in elements if is_read(elements, horizon_ns, element)]
    is_known = not is_read(elements, horizon_ns, a) or read == [a]
    return is_known and len(read) == bool(due)


def dropping_is_not_noticed(
    elements: Elements, element: Element, by: Element, horizon_ns: int, later_ns: int, any_: Element
) -> bool:
    """GRF-20: readings from this horizon on stay. Spec: GRF-20."""
    if later_ns < horizon_ns:
        return True
    after = drop(elements, element, by, horizon_ns)
    return is_read(after, later_ns, any_) == is_read(elements, later_ns, any_)


def only_the_dominated_go(
    elements: Elements, element: Element, by: Element, horizon_ns: int
) -> bool:
    """GRF-20: one element at most, and only under one that stays. Spec: GRF-20."""
    after = drop(elements, element, by, horizon_ns)
    if after == elements:
        return True
    is_under = by in after and is_dominated(element, by, horizon_ns)
    return is_under and after == elements - {element}


def compacting_is_not_noticed(
    elements: Elements, floor: Element, horizon_ns: int, later_ns: int, any_: Element
) -> bool:
    """GRF-21: readings from this horizon on stay. Spec: GRF-21."""
    if later_ns < horizon_ns:
        return True
    after = compact(elements, floor, horizon_ns)
    return is_read(after, later_ns, any_) == is_read(elements, later_ns, any_)


def compacting_drops_the_dominated(
    elements: Elements, floor: Element, horizon_ns: int, any_: Element
) -> bool:
    """GRF-21: what goes is exactly what the floor dominates. Spec: GRF-21."""
    after = compact(elements, floor, horizon_ns)
    goes = floor in elements and is_dominated(any_, floor, horizon_ns)
    return (any_ in after) == (any_ in elements and not goes)


def compacting_twice_is_once(elements: Elements, floor: Element, horizon_ns: int) -> bool:
    """GRF-21: nothing is left to drop. Spec: GRF-21."""
    after = compact(elements, floor, horizon_ns)
    return compact(after, floor, horizon_ns) == after


def compacting_goes_with_union(
    one: Elements, two: Elements, low: Element, high: Element, horizon_ns: int
) -> bool:
    """GRF-21: compacted early or late, the union is the same. Spec: GRF-21."""
    if low not in one or high not in one | two or not element_le(low, high):
        return True
    early = compact(compact(one, low, horizon_ns) | two, high, horizon_ns)
    return not is_due(high.stamp_ns, horizon_ns) or early == compact(one | two, high, horizon_ns)


def all_have_seen_what_is_collected(
    row: Row,
    deleted: Element,
    own: Vector,
    known: Mapping[bytes, Vector],
    horizon_ns: int,
    replica: bytes,
    writer: bytes,
) -> bool:
    """GRF-22: no known replica lacks the deletion or has what we lack. Spec: GRF-22."""
    if not may_collect(row, deleted, own, known, horizon_ns) or replica not in known:
        return True
    vector = known[replica]
    is_seen = 1 <= deleted.seq <= vector.get(deleted.writer, 0)
    return is_seen and (writer not in vector or vector[writer] <= own.get(writer, 0))


def only_what_is_hidden_is_collected(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """GRF-23: the deletion is due, and nothing is younger. Spec: GRF-23."""
    if not may_collect(row, deleted, own, known, horizon_ns):
        return True
    is_newest = all(element.stamp_ns <= deleted.stamp_ns for _, element in row.items())
    return is_newest and deleted.stamp_ns <= horizon_ns


def numberless_is_never_collected(known: Mapping[bytes, Vector], writer: bytes) -> bool:
    """GRF-22: not even where nobody else is known. Spec: GRF-22."""
    return not is_seen_by_all(writer, 0, known)


def more_replicas_collect_less(
    known: Mapping[bytes, Vector], other: Mapping[bytes, Vector], writer: bytes, seq: int
) -> bool:
    """GRF-22: whoever else is known can only forbid. Spec: GRF-22."""
    return not is_seen_by_all(writer, seq, {**known, **other}) or is_seen_by_all(
        writer, seq, {**other}
    )


def deletion_hides_what_is_as_old(deleted: Element, field: str) -> bool:
    """GRF-23: the deletion itself is in the row that goes. Spec: GRF-23."""
    return is_hidden({field: deleted}, deleted) and is_hidden({}, deleted)


def nothing_shown_is_collected(row: Row, deleted: Element, field: str) -> bool:
    """GRF-23: a row that goes is dead and shows nothing. Spec: GRF-23."""
    is_its_own = row.get(DELETED) == deleted
    if not is_its_own or not is_hidden(row, deleted):
        return True
    return not is_row_alive(row) and shown(row, field) is None


def late_writes_need_no_tombstone(row: Row, deleted: Element, late: Row, field: str) -> bool:
    """GRF-23: what is written after a deletion shows the same without what went. Spec: GRF-23.

    `late` holds what came since; whoever wrote it knew of the deletion and created anew.
    """
    is_late = CREATED in late and all(
        element.stamp_ns > deleted.stamp_ns for _, element in late.items()
    )
    is_its_own = row.get(DELETED) == deleted
    if not is_its_own or not is_hidden(row, deleted) or not is_late:
        return True
    return shown(row | late, field) == shown(late, field)
