"""What may be dropped without anyone noticing. Spec: GRF-19 to GRF-23.

To read a field at a horizon is to take the greatest of its elements that are due. Whatever lies
below a due element is never read again, for the horizon does not run back; what somebody might
still send again needs more, namely that all have seen what replaced it.
"""

from collections.abc import Mapping

from loomweave.core.clocks import is_due
from loomweave.core.lattices.counters import counts_le
from loomweave.core.lattices.register import Element, Row, element_le

Vector = Mapping[bytes, int]
"""A version vector; those with functions of their own are in `loomweave.core.sync.vector`."""


def is_read(elements: frozenset[Element], horizon_ns: int, element: Element) -> bool:
    """Tell whether an element is what a field shows: the greatest one that is due. Spec: GRF-19."""
    return (
        element in elements
        and is_due(element.stamp_ns, horizon_ns)
        and all(
            element_le(other, element) for other in elements if is_due(other.stamp_ns, horizon_ns)
        )
    )


def is_dominated(element: Element, by: Element, horizon_ns: int) -> bool:
    """Tell whether an element will never be read again, because of one that is due.

    Spec: GRF-20.
    """
    is_below = element_le(element, by) and not element_le(by, element)
    return is_below and is_due(by.stamp_ns, horizon_ns)


def drop(
    elements: frozenset[Element], element: Element, by: Element, horizon_ns: int
) -> frozenset[Element]:
    """Drop an element if one that stays dominates it. Spec: GRF-20."""
    if by in elements and is_dominated(element, by, horizon_ns):
        return elements - frozenset({element})
    return elements


def compact(elements: frozenset[Element], floor: Element, horizon_ns: int) -> frozenset[Element]:
    """Drop all that one due element dominates; one that is not due or not there drops nothing.

    Spec: GRF-21.
    """
    if floor not in elements or not is_due(floor.stamp_ns, horizon_ns):
        return elements
    return frozenset(element for element in elements if element_le(floor, element))


# -- tombstones


def is_seen_by_all(writer: bytes, seq: int, known: Mapping[bytes, Vector]) -> bool:
    """Tell whether all known replicas surely have a batch; seq 0 nobody has. Spec: GRF-22."""
    return seq >= 1 and all(seq <= vector.get(writer, 0) for _, vector in known.items())


def is_nothing_under_way(own: Vector, known: Mapping[bytes, Vector]) -> bool:
    """Tell whether we have all that the known replicas had when they told. Spec: GRF-22."""
    return all(counts_le(vector, own) for _, vector in known.items())


def is_hidden(row: Row, deleted: Element) -> bool:
    """Tell whether a deletion hides all that a row holds. Spec: GRF-23."""
    return all(element.stamp_ns <= deleted.stamp_ns for _, element in row.items())


def may_collect(
    row: Row,
    deleted: Element,
    own: Vector,
    known: Mapping[bytes, Vector],
    horizon_ns: int,
) -> bool:
    """Tell whether a dead entity's row may be dropped with its tombstone. Spec: GRF-22, GRF-23.

    It would come back if somebody who has not seen the deletion sent an older write of it. `row` is
    all that was received of the entity, what waits included; `known` are vectors that replicas
    told while nothing waited with them.
    """
    return (
        is_due(deleted.stamp_ns, horizon_ns)
        and is_hidden(row, deleted)
        and is_seen_by_all(deleted.writer, deleted.seq, known)
        and is_nothing_under_way(own, known)
    )
