"""Life and visibility: which entities and which fields may be seen. Spec: GRF-4 to GRF-8.

An entity carries two stamps, of its last creation and of its last deletion. The functions on
stamps are the kernels; the functions on rows read the stamps and ask them.
"""

from loomweave.core.entities import CREATED, DELETED, ENDS, RESERVED, name_fault
from loomweave.core.lattices.register import Element, Row


def is_alive(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Tell whether an entity lives: created after it was deleted; a tie is dead. Spec: GRF-4.

    An entity that nobody here created or deleted (a foreign soul) lives while it has a field.
    """
    if created_ns is None:
        return deleted_ns is None and has_fields
    return deleted_ns is None or created_ns > deleted_ns


def is_shown(stamp_ns: int, deleted_ns: int | None) -> bool:
    """Tell whether a living entity's element shows: it was written after the deletion.

    Spec: GRF-5.
    """
    return deleted_ns is None or stamp_ns > deleted_ns


def is_edge_shown(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    source_deleted_ns: int | None,
    target_deleted_ns: int | None,
) -> bool:
    """Tell whether an edge shows: it and both ends live, and it is younger than their deletions.

    Spec: GRF-6. So an edge to a node that was deleted and created anew does not come back.
    """
    if created_ns is None:
        return False
    return (
        edge_alive
        and ends_alive
        and is_shown(created_ns, source_deleted_ns)
        and is_shown(created_ns, target_deleted_ns)
    )


def stamp_of(row: Row, field: str) -> int | None:
    """Read when a field was last written, or None."""
    element = row.get(field)
    return None if element is None else element.stamp_ns


def is_row_alive(row: Row) -> bool:
    """Tell whether the entity with this row lives. Spec: GRF-4."""
    return is_alive(stamp_of(row, CREATED), stamp_of(row, DELETED), bool(row))


def shown(row: Row, field: str) -> Element | None:
    """Read the element of a field if it shows; a null shows as absent. Spec: GRF-5."""
    element = row.get(field)
    if element is None or element.value is None or not is_row_alive(row):
        return None
    return element if is_shown(element.stamp_ns, stamp_of(row, DELETED)) else None


def shown_properties(row: Row) -> dict[str, Element]:
    """List the elements of a living row's own properties, in order of their names. Spec: GRF-5."""
    if not is_row_alive(row):
        return {}
    deleted_ns = stamp_of(row, DELETED)
    return {
        field: element
        for field, element in sorted(row.items())
        if not field.startswith(RESERVED)
        and element.value is not None
        and is_shown(element.stamp_ns, deleted_ns)
    }


def ends_of(row: Row) -> tuple[str, str, str, bool] | None:
    """Read an edge's source id, target id, type and direction, or None where malformed.

    Spec: GRF-7. A peer may have written anything under the name, so the shape is checked here.
    Ends of an earlier life do not show.
    """
    element = shown(row, ENDS)
    match element.value if element is not None else None:
        case (str() as source, str() as target, str() as type_name, bool() as directed) if (
            name_fault(source) is None and name_fault(target) is None
        ):
            return source, target, type_name, directed
        case _:
            return None
