"""Changes for readers. Spec: GRF-18."""

from hypothesis import given

from loomweave.core.entities import CREATED, DELETED, LABEL, TYPE, Kind, node_key
from loomweave.core.graph.changes import Change, ChangeKind, FieldChange, describe
from loomweave.core.graph.merge import merge_rows
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.graph.store import Gate, Graph, absorb_rows
from loomweave.core.lattices.register import Element, Rows
from loomweave.laws import graph as laws
from tests.laws.notebook import NODE, Notebook, two_nodes
from tests.strategies import FAR_NS, element_rows, graphs


def told(book: Notebook, *operations: Operation) -> tuple[Change, ...]:
    """What a batch is told to have done."""
    before = book.graph.held
    rows = book.do(*operations)
    won = {
        entity: {field: book.graph.held[entity][field] for field in row}
        for entity, row in rows.items()
    }
    return describe(won, {entity: before.get(entity, {}) for entity in won})


@given(graphs(), element_rows())
def test_changes_are_what_shows(held: tuple[Graph, int], rows: Rows) -> None:
    """GRF-18: each change lists the fields whose shown value differs, and no others."""
    graph, horizon_ns = held
    merged = merge_rows(graph.held, rows)
    assert laws.changes_fault(merged.won, merged.before) is None
    absorbed = absorb_rows(graph, rows, Gate(horizon_ns, horizon_ns, FAR_NS, ""))
    assert laws.changes_fault(absorbed.won, absorbed.before) is None


def test_the_six_kinds() -> None:
    """GRF-18: created, updated, deleted, of nodes and edges; with what was and what is."""
    book = Notebook()
    created = told(book, PutNode("a", "person", {"x": 1}, ("red",)))
    assert created == (
        Change(
            ChangeKind.NODE_CREATED,
            "a",
            "graph",
            (
                FieldChange(LABEL + "red", None, True),
                FieldChange(TYPE, None, "person"),
                FieldChange("x", None, 1),
            ),
            1,
            b"one",
        ),
    )
    changed = told(book, Patch(NODE, "a", {"x": 1.0, "y": None}))
    assert [(c.kind, c.fields) for c in changed] == [
        (ChangeKind.NODE_UPDATED, (FieldChange("x", 1, 1.0),))
    ]
    told(book, PutNode("b"))
    kinds = [told(book, PutEdge("a", "b", id="e"))[0].kind]
    kinds.append(told(book, Patch(Kind.EDGE, "e", weight=2))[0].kind)
    kinds.append(told(book, Delete(Kind.EDGE, "e"))[0].kind)
    gone = told(book, Delete(NODE, "a"))
    assert kinds == [ChangeKind.EDGE_CREATED, ChangeKind.EDGE_UPDATED, ChangeKind.EDGE_DELETED]
    assert gone[0].kind is ChangeKind.NODE_DELETED
    assert {change.name: change.base for change in gone[0].fields} == {
        LABEL + "red": True,
        TYPE: "person",
        "x": 1.0,
    }


def test_what_nobody_sees_is_no_change() -> None:
    """GRF-18: the same value again, a patch of the dead, an entity of another kind."""
    book = two_nodes()
    row = book.graph.held[node_key("a")]
    again = {node_key("a"): {TYPE: Element(99, row[TYPE].value, b"z", 1)}}
    assert describe(again, {node_key("a"): row}) == ()
    dead = {CREATED: row[CREATED], DELETED: Element(50, None, b"z", 1)}
    late = {node_key("a"): {"x": Element(60, 1, b"z", 2)}}
    assert describe(late, {node_key("a"): dead}) == ()
    cell = "graph\x00cell\x00a"
    assert describe({cell: {"x": Element(1, 1, b"z", 1)}}, {cell: {}}) == ()
