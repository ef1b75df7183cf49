"""The property graph: names, life, edges, indexes. Spec: chapter GRF."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loomweave.core.entities import (
    CREATED,
    ENDS,
    LABEL,
    TYPE,
    edge_key,
    node_key,
)
from loomweave.core.graph import index, life, store, view
from loomweave.core.graph.operations import (
    Delete,
    Operation,
    PutEdge,
    PutNode,
)
from loomweave.core.graph.store import (
    UNSUMMED_LENGTH_MAX,
    Gate,
    Graph,
    absorb_rows,
    empty_graph,
    mark,
    marked,
)
from loomweave.core.graph.view import CUSTOM
from loomweave.core.graph.vocabulary import EdgeType, NodeType
from loomweave.core.lattices.register import Element, Row, Rows
from loomweave.core.values import Value
from loomweave.laws import graph as laws
from tests.laws.notebook import EDGE, NODE, Notebook, two_nodes
from tests.strategies import EDGES, FAR_NS, NODE_IDS, element_rows, graphs, names, operations

STAMPS = st.none() | st.integers(0, 3)


@given(st.tuples(names(), names(), names()), st.tuples(names(), names(), names()))
def test_keys(a: tuple[str, str, str], b: tuple[str, str, str]) -> None:
    assert laws.keys_keep_the_order(a, b)


@given(STAMPS, STAMPS, st.booleans())
def test_life(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> None:
    assert laws.life_is_by_stamps(created_ns, deleted_ns, has_fields)


@given(element_rows(), graphs())
def test_rows_and_graphs(rows: Rows, held: tuple[Graph, int]) -> None:
    """GRF-4 to GRF-9, GRF-11: life, visibility, reading by index, the count of the dead."""
    graph, _ = held
    for row in rows.values():
        assert laws.former_lives_do_not_show(row)
    assert laws.edge_fault(graph) is None
    assert laws.index_fault(graph) is None
    assert laws.reading_fault(graph) is None
    assert all(laws.adjacency_is_sorted(graph, id) for id in NODE_IDS)
    dead = [key for key in sorted(graph.held) if not life.is_row_alive(graph.held[key])]
    assert view.tombstones(graph) == len(dead)


@given(graphs(), st.lists(element_rows(), max_size=3))
def test_index_is_mended(held: tuple[Graph, int], deltas: list[Rows]) -> None:
    """GRF-9: whatever is joined, the index is what a scan would build."""
    graph, horizon_ns = held
    for rows in deltas:
        graph = absorb_rows(graph, rows, Gate(horizon_ns, horizon_ns, FAR_NS, "")).graph
        assert laws.index_fault(graph) is None


@given(graphs(), st.lists(operations(), max_size=5))
def test_plans(held: tuple[Graph, int], asked: list[Operation]) -> None:
    assert laws.plan_is_whole(held[0], tuple(asked), b"one", 1)


def test_adjacency() -> None:
    """GRF-9: direction, loops, undirected edges, types; each neighbour once."""
    book = two_nodes()
    book.do(
        PutNode("c"),
        PutEdge("c", "a", "likes", "f", directed=False),
        PutEdge("a", "a", "self", "g"),
        PutEdge("a", "b", "likes", "h"),
    )
    found = {
        direction: [edge.id for edge in view.edges_at(book.graph, "a", direction)]
        for direction in ("out", "in", "both")
    }
    assert found == {"out": ["e", "f", "g", "h"], "in": ["f", "g"], "both": ["e", "f", "g", "h"]}
    assert [node.id for node in view.neighbours(book.graph, "a")] == ["a", "b", "c"]
    assert [node.id for node in view.neighbours(book.graph, "a", "in", "likes")] == ["c"]
    assert [edge.id for edge in view.edges_by_type(book.graph, "likes")] == ["f", "h"]
    assert view.find_edge(book.graph, "nobody") is None
    assert view.edges_at(book.graph, "nobody", "both") == []


def test_namespaces_are_apart() -> None:
    """GRF-1, GRF-7: an edge's ends are nodes of its own namespace."""
    book = Notebook()
    book.do(PutNode("a"), PutNode("b", namespace="other"))
    assert book.refused(PutEdge("a", "b", id="e")) == ("GRF-7", "edge e")
    assert [node.id for node in view.all_nodes(book.graph, "other")] == ["b"]
    assert view.find_node(book.graph, "a", "other") is None


@pytest.mark.parametrize(
    "ends",
    [None, 7, "ab", (), ("a", "b", "knows"), ("a", "b", "knows", 1), ("a", 1, "knows", True),
     ("", "b", "knows", True), ("a", "b\x00", "knows", True), ("a", "b", None, True)],
    ids=repr,
)  # fmt: skip
def test_malformed_ends(ends: Value) -> None:
    """GRF-7: what a peer wrote in another shape is kept and does not show."""
    book = two_nodes()
    book.take({edge_key("f"): {CREATED: None, ENDS: ends, "x": 1}})
    assert book.ids() == (["a", "b"], ["e"], [])
    assert view.find_edge(book.graph, "f") is None
    assert laws.reading_fault(book.graph) is None
    assert book.refused(PutEdge("a", "b", id="f")) == ("GRF-7", "edge f")
    book.do(Delete(EDGE, "f"))
    book.do(PutEdge("a", "b", id="f"))
    assert book.ids() == (["a", "b"], ["e", "f"], [])


def test_ends_of_a_former_life() -> None:
    """GRF-5, GRF-7: a creation without ends does not bring the former ends back."""
    book = two_nodes()
    book.do(Delete(EDGE, "e"))
    book.stamp_ns += 1
    book.take({edge_key("e"): {CREATED: None}})
    assert book.ids() == (["a", "b"], [], [])
    assert view.neighbours(book.graph, "a") == ()


def test_malformed_types_and_labels() -> None:
    """GRF-3, GRF-10: what is no text is no type; any value but null carries a label."""
    book = Notebook()
    key = node_key("a")
    book.take({key: {CREATED: None, TYPE: 7, LABEL + "red": "x", LABEL: True, "$else": 1}})
    node = book.node("a")
    assert (node.type, node.labels, node.properties) == (CUSTOM, ("", "red"), {})
    assert laws.reading_fault(book.graph) is None


def test_entities_of_other_kinds_are_kept() -> None:
    """GRF-1: a ref, a cell, a kind of tomorrow: held and summed, and no node or edge."""
    book = Notebook()
    for kind in ("ref", "cell", "tomorrow"):
        book.take({f"graph\x00{kind}\x00a": {"x": 1}})
    assert book.ids() == ([], [], [])
    assert len(book.graph.held) == 3
    assert laws.index_fault(book.graph) is None


def test_vocabulary() -> None:
    """GRF-10: 16 types of nodes, 22 of edges."""
    assert (len(NodeType), len(EdgeType)) == (16, 22)
    assert NodeType.CUSTOM.value == EdgeType.CUSTOM.value == CUSTOM


def test_marks_fold() -> None:
    """SYN-5: a long chain of marks is folded and loses none."""
    chain = None
    for n in range(2 * UNSUMMED_LENGTH_MAX + 5):
        chain = mark(chain, (f"{n:05}",))
    assert chain is not None
    assert chain.length <= UNSUMMED_LENGTH_MAX
    assert marked(chain) == [f"{n:05}" for n in range(2 * UNSUMMED_LENGTH_MAX + 5)]


# -- broken variants: each must break a law ------------------------------------------------------


@settings(phases=[Phase.generate], max_examples=600, database=None)
@given(st.lists(element_rows(), min_size=2, max_size=3))
def graph_law(deltas: list[Rows]) -> None:
    graph = empty_graph()
    for rows in deltas:
        graph = absorb_rows(graph, rows, Gate(FAR_NS, FAR_NS, 0, "")).graph
    assert laws.index_fault(graph) is None
    assert laws.edge_fault(graph) is None
    assert all(laws.former_lives_do_not_show(graph.held[key]) for key in sorted(graph.held))


def edge_story() -> None:
    book = two_nodes()
    for operation in (Delete(NODE, "b"), PutNode("b")):
        book.do(operation)
        assert laws.edge_fault(book.graph) is None


def not_on_delete(before: Row, winners: Row) -> bool:
    """Mend the index for creations alone."""
    return CREATED in winners


def by_edge_alone(alive: bool, ends: bool, created_ns: int | None, *_: object) -> bool:
    """Show an edge whose ends do not."""
    return alive and created_ns is not None


def at_once_again(alive: bool, ends: bool, created_ns: int | None, *_: object) -> bool:
    """Bring an old edge back with its end."""
    return alive and ends and created_ns is not None


def whatever_is_written(stamp_ns: int, deleted_ns: int | None) -> bool:
    """Show the fields of a former life."""
    return True


@pytest.mark.parametrize(
    ("place", "name", "broken", "law"),
    [
        (index, "touches_index", not_on_delete, graph_law),
        (view, "is_edge_shown", by_edge_alone, edge_story),
        (view, "is_edge_shown", at_once_again, edge_story),
        (life, "is_shown", whatever_is_written, graph_law),
        (store, "reindex", lambda index, *_: index, graph_law),
    ],
    ids=["index at creation only", "ends ignored", "edge comes back", "old fields", "no index"],
)
def test_broken_variants_are_caught(
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    name: str,
    broken: Callable[..., object],
    law: Callable[[], None],
) -> None:
    """GRF-5, GRF-6, GRF-9: a law that no mistake can break says nothing."""
    monkeypatch.setattr(place, name, broken)
    with pytest.raises(AssertionError):
        law()


def test_the_law_of_reading_can_fail() -> None:
    """GRF-9: an index that lacks a member is found by comparing what is read."""
    book = two_nodes()
    hollow = store.Graph(book.graph.held, (), index.empty_index(), None)
    assert laws.reading_fault(hollow) is not None
    assert laws.index_fault(hollow) is not None
    assert EDGES[0] == edge_key("e1")


def test_elements_of_one_row() -> None:
    """GRF-5: `updated_ns` is the greatest stamp of the row."""
    row = {"x": Element(5, 1, b"", 0), "y": Element(7, None, b"", 0)}
    assert view.updated_ns(row) == 7
