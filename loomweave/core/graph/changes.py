"""Changes for readers: what a step did to nodes and edges. Spec: GRF-18.

A change has the value before and the value after, so that it can be read, undone and compared.
It is derived from the winning elements and the rows as they were when somebody wants to know.
"""

from enum import StrEnum

from attrs import frozen

from loomweave.core.entities import CREATED, DELETED, Kind, split_key
from loomweave.core.graph.life import is_row_alive, shown
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.values import Value, is_same


class ChangeKind(StrEnum):
    """The six things that can happen to a graph. Spec: GRF-18."""

    NODE_CREATED = "node_created"
    NODE_UPDATED = "node_updated"
    NODE_DELETED = "node_deleted"
    EDGE_CREATED = "edge_created"
    EDGE_UPDATED = "edge_updated"
    EDGE_DELETED = "edge_deleted"


@frozen
class FieldChange:
    """One field before and after; null where it does not show. Spec: GRF-18."""

    name: str
    base: Value
    value: Value


@frozen
class Change:
    """What happened to one node or edge. Spec: GRF-18."""

    kind: ChangeKind
    id: str
    namespace: str
    fields: tuple[FieldChange, ...]
    stamp_ns: int
    """Greatest stamp among the elements that did it."""
    writer: bytes
    """Who wrote the element with that stamp."""


def describe(won: Rows, before: dict[str, Row]) -> tuple[Change, ...]:
    """Tell what winning elements did to nodes and edges, in order of their keys. Spec: GRF-18."""
    found = (describe_one(entity, before[entity], won[entity]) for entity in sorted(won))
    return tuple(change for change in found if change is not None)


def describe_one(entity: str, before: Row, winners: Row) -> Change | None:
    """Tell what happened to one entity, or None where no reader can see it. Spec: GRF-18."""
    name = split_key(entity)
    after = before | winners
    kind = _kind(name.kind, is_row_alive(before), is_row_alive(after))
    fields = _field_changes(before, after)
    if kind is None or (kind in _UPDATED and not fields):
        return None
    newest = max(winners.values(), key=lambda element: (element.stamp_ns, element.writer))
    return Change(kind, name.id, name.namespace, fields, newest.stamp_ns, newest.writer)


_UPDATED = (ChangeKind.NODE_UPDATED, ChangeKind.EDGE_UPDATED)


def _kind(kind: str, was_alive: bool, is_alive: bool) -> ChangeKind | None:
    if kind not in (Kind.NODE, Kind.EDGE) or not (was_alive or is_alive):
        return None
    happened = "updated" if was_alive and is_alive else "created" if is_alive else "deleted"
    return ChangeKind(f"{kind}_{happened}")


def _field_changes(before: Row, after: Row) -> tuple[FieldChange, ...]:
    """List the fields whose shown value differs, a deletion's whole row included."""
    changes = (
        FieldChange(field, _shown_value(before, field), _shown_value(after, field))
        for field in sorted(after)
        if field not in (CREATED, DELETED)
    )
    return tuple(change for change in changes if not is_same(change.base, change.value))


def _shown_value(row: Row, field: str) -> Value:
    element = shown(row, field)
    return None if element is None else element.value
