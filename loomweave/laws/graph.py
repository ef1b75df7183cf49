"""What the property graph promises, written once. Spec: chapter GRF."""

from loomweave.core.entities import (
    CREATED,
    DELETED,
    NAMESPACE,
    Kind,
    entity_key,
    node_key,
    split_key,
)
from loomweave.core.errors import UsageError
from loomweave.core.graph import view
from loomweave.core.graph.changes import describe
from loomweave.core.graph.index import INCOMING, OUTGOING, adjacent, same_index, scan
from loomweave.core.graph.life import (
    is_alive,
    is_row_alive,
    is_shown,
    shown,
    shown_properties,
    stamp_of,
)
from loomweave.core.graph.operations import Operation, plan
from loomweave.core.graph.store import Graph
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.values import Value, is_same

EDGE = Kind.EDGE.value


def keys_keep_the_order(a: tuple[str, str, str], b: tuple[str, str, str]) -> bool:
    """GRF-1: keys are ordered as (namespace, kind, id), and give the three back. Spec: GRF-1."""
    key_a, key_b = entity_key(a[1], a[2], a[0]), entity_key(b[1], b[2], b[0])
    return (key_a < key_b) == (a < b) and tuple(split_key(key_a)) == a


def life_is_by_stamps(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """GRF-4: created after deleted; a tie is dead; who was neither lives by its fields.

    Spec: GRF-4.
    """
    alive = is_alive(created_ns, deleted_ns, has_fields)
    if created_ns is None and deleted_ns is None:
        return alive == has_fields
    never = -(2**64)
    created = never if created_ns is None else created_ns
    deleted = never if deleted_ns is None else deleted_ns
    return alive == (created > deleted)


def former_lives_do_not_show(row: Row) -> bool:
    """GRF-5: what shows is younger than the deletion, not null, and of a living entity.

    Spec: GRF-5.
    """
    visible = [field for field in row if shown(row, field) is not None]
    if not is_row_alive(row):
        return not visible and not shown_properties(row)
    return all(
        row[field].value is not None and is_shown(row[field].stamp_ns, stamp_of(row, DELETED))
        for field in visible
    ) and all(field in visible for field in shown_properties(row))


def edge_fault(graph: Graph) -> str | None:
    """GRF-6, GRF-8: say which edge shows that should not, or is in neither list.

    Spec: GRF-6, GRF-8.
    """
    visible, hidden = view.all_edges(graph), view.dangling(graph)
    for edge in visible:
        for end in (edge.source, edge.target):
            row = view.row_of(graph, node_key(end))
            deleted_ns = stamp_of(row, DELETED)
            if view.find_node(graph, end) is None:
                return f"edge {edge.id} shows, its end {end} does not"
            if edge.created_ns is None or not is_shown(edge.created_ns, deleted_ns):
                return f"edge {edge.id} is older than the deletion of its end {end}"
    ids = [edge.id for edge in (*visible, *hidden)]
    living = [name.id for name in _living_edges(graph)]
    if sorted(ids) != sorted(living):
        return f"of the living edges {sorted(living)} these show or dangle: {sorted(ids)}"
    return None


def index_fault(graph: Graph) -> str | None:
    """GRF-9: say where the indexes differ from a scan of all rows, or None. Spec: GRF-9."""
    if not same_index(graph.index, scan(graph.held)):
        return "the index is not what a scan builds"
    if any(not graph.index.buckets[name] for name in sorted(graph.index.buckets)):
        return "an empty bucket is kept"
    return None


def reading_fault(graph: Graph) -> str | None:
    """GRF-9, GRF-10: say where reading by index differs from reading everything, or None.

    Spec: GRF-9, GRF-10.
    """
    nodes, edges = view.all_nodes(graph), view.all_edges(graph)
    for kind in sorted({node.type for node in nodes}):
        if view.nodes_by_type(graph, kind) != [node for node in nodes if node.type == kind]:
            return f"nodes of type {kind}"
    for label in sorted({label for node in nodes for label in node.labels}):
        if view.nodes_by_label(graph, label) != [node for node in nodes if label in node.labels]:
            return f"nodes with label {label}"
    for kind in sorted({edge.type for edge in edges}):
        if view.edges_by_type(graph, kind) != [edge for edge in edges if edge.type == kind]:
            return f"edges of type {kind}"
    for node in nodes:
        at = [edge for edge in edges if node.id in (edge.source, edge.target)]
        if view.edges_at(graph, node.id, "both") != at:
            return f"edges at {node.id}"
        out = [edge for edge in at if edge.source == node.id or not edge.directed]
        if view.edges_at(graph, node.id, "out") != out:
            return f"edges that leave {node.id}"
        if {other.id for other in view.neighbours(graph, node.id)} != {
            edge.target if edge.source == node.id else edge.source for edge in at
        }:
            return f"neighbours of {node.id}"
    return None


def adjacency_is_sorted(graph: Graph, node: str) -> bool:
    """GRF-9: edges are listed in order of their keys, each once. Spec: GRF-9."""
    leaving = adjacent(graph.index, OUTGOING, NAMESPACE, node)
    reaching = adjacent(graph.index, INCOMING, NAMESPACE, node)
    return all(keys == sorted(set(keys)) for keys in (leaving, reaching))


def plan_is_whole(graph: Graph, operations: tuple[Operation, ...], writer: bytes, seq: int) -> bool:
    """GRF-12: a batch is planned as a whole, the same each time, or an error says why not.

    Spec: GRF-12, GRF-15, GRF-16.
    """
    try:
        rows, ids = plan(graph, operations, writer, seq)
    except UsageError as error:
        return bool(error.rule and error.subject and error.reason)
    return (
        len(ids) == len(operations)
        and all(rows.values())
        and not any(CREATED in row and DELETED in row for row in rows.values())
        and (rows, ids) == plan(graph, operations, writer, seq)
    )


def changes_fault(won: Rows, before: dict[str, Row]) -> str | None:
    """GRF-18: say which change is missing, needless or of the wrong kind, or None.

    Spec: GRF-18.
    """
    told = {(change.id, change.kind.value): change for change in describe(won, before)}
    for entity in sorted(won):
        name, old, new = split_key(entity), before[entity], before[entity] | won[entity]
        was, now = is_row_alive(old), is_row_alive(new)
        happened = "updated" if was and now else "created" if now else "deleted"
        change = told.pop((name.id, f"{name.kind}_{happened}"), None)
        differing = {
            field: (_shown(old, field), _shown(new, field))
            for field in new
            if field not in (CREATED, DELETED)
            and not is_same(_shown(old, field), _shown(new, field))
        }
        listed = {f.name: (f.base, f.value) for f in change.fields} if change is not None else {}
        if listed != differing:
            return f"{name.id} changed in {sorted(differing)}, told are {sorted(listed)}"
        if change is None and was != now and name.kind in (Kind.NODE, Kind.EDGE):
            return f"nobody was told that {name.id} was {happened}"
    return f"told without a cause: {sorted(told)}" if told else None


def _shown(row: Row, field: str) -> Value:
    element = shown(row, field)
    return None if element is None else element.value


def _living_edges(graph: Graph) -> list[view.Edge]:
    found = (view.edge_of(graph, key) for key in sorted(graph.held) if split_key(key).kind == EDGE)
    return [edge for edge in found if edge is not None and edge.namespace == NAMESPACE]
