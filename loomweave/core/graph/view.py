"""Reading a graph: nodes, edges, neighbours, and what dangles. Spec: GRF-4 to GRF-9.

Reads are functions of a snapshot; what they return does not change afterwards.
"""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from loomweave.core.entities import (
    CREATED,
    DELETED,
    LABEL,
    NAMESPACE,
    WEIGHT,
    Kind,
    edge_key,
    node_key,
    split_key,
)
from loomweave.core.graph.index import (
    BY_LABEL,
    BY_TYPE,
    INCOMING,
    OUTGOING,
    adjacent,
    bucket_name,
    end_keys,
    members,
    type_of,
)
from loomweave.core.graph.life import (
    ends_of,
    is_edge_shown,
    is_row_alive,
    shown,
    shown_properties,
    stamp_of,
)
from loomweave.core.graph.merge import NO_ROW
from loomweave.core.graph.store import Graph
from loomweave.core.lattices.register import Row
from loomweave.core.values import plain

CUSTOM: Final = "custom"
"""The type of an entity that was given none. Spec: GRF-10."""


@frozen
class Node:
    """A node as it shows now. Spec: GRF-5."""

    id: str
    type: str
    labels: tuple[str, ...]
    properties: dict[str, object]
    namespace: str
    created_ns: int | None
    """Stamp of its creation, None for an entity that nobody here created."""
    updated_ns: int
    """Greatest stamp among what shows."""


@frozen
class Edge:
    """An edge as it shows now. Spec: GRF-6."""

    id: str
    type: str
    source: str
    target: str
    directed: bool
    weight: float | int | None
    labels: tuple[str, ...]
    properties: dict[str, object]
    namespace: str
    created_ns: int | None
    updated_ns: int


def row_of(graph: Graph, entity: str) -> Row:
    """Read an entity's held row, empty where there is none."""
    return graph.held.get(entity, NO_ROW)


def labels_of(row: Row) -> tuple[str, ...]:
    """List the labels that show, in order. Spec: GRF-3."""
    return tuple(
        field.removeprefix(LABEL)
        for field in sorted(row)
        if field.startswith(LABEL) and shown(row, field) is not None
    )


def properties_of(row: Row) -> dict[str, object]:
    """Read the properties that show as plain Python: lists and dicts of their own. Spec: VAL-18."""
    return {name: plain(element.value) for name, element in shown_properties(row).items()}


def updated_ns(row: Row) -> int:
    """Compute the greatest stamp of a row."""
    return max(element.stamp_ns for element in row.values())


def find_node(graph: Graph, id: str, namespace: str = NAMESPACE) -> Node | None:
    """Find a node by its id, or None where none shows. Spec: GRF-4."""
    return node_of(id, namespace, row_of(graph, node_key(id, namespace)))


def node_of(id: str, namespace: str, row: Row) -> Node | None:
    """Show a row as a node, or None where it is dead. Spec: GRF-4, GRF-5."""
    if not is_row_alive(row):
        return None
    return Node(
        id=id,
        type=type_of(row),
        labels=labels_of(row),
        properties=properties_of(row),
        namespace=namespace,
        created_ns=stamp_of(row, CREATED),
        updated_ns=updated_ns(row),
    )


def find_edge(graph: Graph, id: str, namespace: str = NAMESPACE) -> Edge | None:
    """Find an edge by its id, or None where none shows. Spec: GRF-6."""
    entity = edge_key(id, namespace)
    return edge_of(graph, entity) if is_visible_edge(graph, entity) else None


def edge_of(graph: Graph, entity: str) -> Edge | None:
    """Show a living edge whether or not its ends live; `find_edge` is for readers. Spec: GRF-7."""
    row = row_of(graph, entity)
    ends = ends_of(row)
    if ends is None or not is_row_alive(row):
        return None
    name = split_key(entity)
    source, target, type_name, directed = ends
    weight = shown(row, WEIGHT)
    number = weight.value if weight is not None else None
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return Edge(
        id=name.id,
        type=type_name,
        source=source,
        target=target,
        directed=directed,
        weight=number if is_number else None,  # type: ignore[arg-type]
        labels=labels_of(row),
        properties=properties_of(row),
        namespace=name.namespace,
        created_ns=stamp_of(row, CREATED),
        updated_ns=updated_ns(row),
    )


def is_visible_edge(graph: Graph, entity: str) -> bool:
    """Tell whether an edge shows: it lives, its ends live, it is younger than their deletions.

    Spec: GRF-6.
    """
    row = row_of(graph, entity)
    ends = ends_of(row)
    if ends is None:
        return False
    source, target = (row_of(graph, key) for key in end_keys(entity, ends[0], ends[1]))
    return is_edge_shown(
        is_row_alive(row),
        is_row_alive(source) and is_row_alive(target),
        stamp_of(row, CREATED),
        stamp_of(source, DELETED),
        stamp_of(target, DELETED),
    )


def edges_at(graph: Graph, id: str, direction: str, namespace: str = NAMESPACE) -> list[Edge]:
    """List the edges that leave or reach a node, in order of their ids. Spec: GRF-9.

    `direction` is `out`, `in` or `both`; an undirected edge leaves and reaches both its ends.
    """
    leaving = adjacent(graph.index, OUTGOING, namespace, id)
    reaching = adjacent(graph.index, INCOMING, namespace, id)
    edges = _visible(graph, sorted({*leaving, *reaching}))
    if direction == "both":
        return edges
    near, far = ("source", "target") if direction == "out" else ("target", "source")
    return [
        edge
        for edge in edges
        if getattr(edge, near) == id or (not edge.directed and getattr(edge, far) == id)
    ]


def _visible(graph: Graph, entities: Iterable[str]) -> list[Edge]:
    shown_edges = (edge_of(graph, entity) for entity in entities if is_visible_edge(graph, entity))
    return [edge for edge in shown_edges if edge is not None]


def neighbours(
    graph: Graph,
    id: str,
    direction: str = "both",
    edge_type: str | None = None,
    namespace: str = NAMESPACE,
) -> tuple[Node, ...]:
    """List the nodes that edges join to a node, each once, in order of their ids. Spec: GRF-9."""
    ids = {
        edge.target if edge.source == id else edge.source
        for edge in edges_at(graph, id, direction, namespace)
        if edge_type is None or edge.type == edge_type
    }
    found = (find_node(graph, other, namespace) for other in sorted(ids))
    return tuple(node for node in found if node is not None)


def nodes_by_type(graph: Graph, type_name: str, namespace: str = NAMESPACE) -> list[Node]:
    """List the nodes of a type, in order of their ids. Spec: GRF-9."""
    return _nodes(graph, members(graph.index, bucket_name(BY_TYPE, namespace, "node", type_name)))


def nodes_by_label(graph: Graph, label: str, namespace: str = NAMESPACE) -> list[Node]:
    """List the nodes with a label, in order of their ids. Spec: GRF-9."""
    return _nodes(graph, members(graph.index, bucket_name(BY_LABEL, namespace, "node", label)))


def edges_by_type(graph: Graph, type_name: str, namespace: str = NAMESPACE) -> list[Edge]:
    """List the visible edges of a type, in order of their ids. Spec: GRF-9."""
    name = bucket_name(BY_TYPE, namespace, "edge", type_name)
    return _visible(graph, members(graph.index, name))


def _nodes(graph: Graph, entities: Iterable[str]) -> list[Node]:
    names = (split_key(entity) for entity in entities)
    found = (find_node(graph, name.id, name.namespace) for name in names)
    return [node for node in found if node is not None]


def all_nodes(graph: Graph, namespace: str = NAMESPACE) -> list[Node]:
    """List every node that shows, by a full scan, in order of their ids."""
    return _nodes(graph, (key for key in sorted(graph.held) if _is(key, namespace, Kind.NODE)))


def all_edges(graph: Graph, namespace: str = NAMESPACE) -> list[Edge]:
    """List every edge that shows, by a full scan, in order of their ids."""
    return _visible(graph, (key for key in sorted(graph.held) if _is(key, namespace, Kind.EDGE)))


def dangling(graph: Graph, namespace: str = NAMESPACE) -> list[Edge]:
    """List the edges that live but do not show because of their ends. Spec: GRF-8."""
    hidden = (
        edge_of(graph, key)
        for key in sorted(graph.held)
        if _is(key, namespace, Kind.EDGE) and not is_visible_edge(graph, key)
    )
    return [edge for edge in hidden if edge is not None]


def _is(key: str, namespace: str, kind: Kind) -> bool:
    name = split_key(key)
    return name.namespace == namespace and name.kind == kind


def tombstones(graph: Graph) -> int:
    """Count the entities that are held but dead; they are not collected yet. Spec: GRF-11."""
    return sum(not is_row_alive(row) for row in graph.held.values())
