"""The property graph: names, life, edges, indexes, operations. Spec: chapter GRF."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loomweave.core.entities import (
    CREATED,
    DELETED,
    ENDS,
    LABEL,
    NAME_UNITS_MAX,
    TYPE,
    InvalidName,
    Kind,
    check_name,
    edge_key,
    key_fault,
    node_key,
)
from loomweave.core.errors import UsageError
from loomweave.core.graph import index, life, store, view
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import (
    BATCH_FIELDS_MAX,
    Delete,
    InvalidOperation,
    Operation,
    Patch,
    PutEdge,
    PutNode,
    plan,
)
from loomweave.core.graph.store import (
    UNSUMMED_LENGTH_MAX,
    Gate,
    Graph,
    absorb_part,
    absorb_rows,
    empty_graph,
    mark,
    marked,
)
from loomweave.core.graph.view import CUSTOM
from loomweave.core.graph.vocabulary import EdgeType, NodeType
from loomweave.core.lattices.register import Element, Row, Rows
from loomweave.core.values import InvalidValue, Value
from loomweave.laws import graph as laws
from tests.strategies import EDGES, FAR_NS, NODE_IDS, element_rows, graphs, names, operations

NODE, EDGE = Kind.NODE, Kind.EDGE
STAMPS = st.none() | st.integers(0, 3)


class Notebook:
    """A graph that takes operations one batch at a time, each with the next stamp."""

    def __init__(self) -> None:
        self.graph = empty_graph()
        self.stamp_ns = 0

    def do(self, *operations: Operation) -> dict[str, dict[str, Value]]:
        self.stamp_ns += 1
        rows, _ = plan(self.graph, operations, b"one", self.stamp_ns)
        self.take(rows)
        return rows

    def take(self, rows: dict[str, dict[str, Value]], stamp_ns: int | None = None) -> None:
        at_ns = self.stamp_ns if stamp_ns is None else stamp_ns
        part = Part(b"one", self.stamp_ns, at_ns, rows)
        self.graph = absorb_part(self.graph, part, Gate(FAR_NS, FAR_NS, 0, "")).graph

    def refused(self, *operations: Operation) -> tuple[str, str]:
        """Rule and subject by which a batch is refused; it leaves no trace."""
        before = self.graph
        with pytest.raises(UsageError) as caught:
            self.do(*operations)
        error = caught.value
        assert self.graph is before
        assert error.reason
        assert str(error) == f"{error.subject}: {error.reason} [{error.rule}]"
        return error.rule, error.subject

    def node(self, id: str) -> view.Node:
        found = view.find_node(self.graph, id)
        assert found is not None
        return found

    def ids(self) -> tuple[list[str], list[str], list[str]]:
        """Ids of what shows as node, as edge, and of what dangles."""
        lists = (view.all_nodes, view.all_edges, view.dangling)
        found = [[entity.id for entity in read(self.graph)] for read in lists]
        return found[0], found[1], found[2]


@given(st.tuples(names(), names(), names()), st.tuples(names(), names(), names()))
def test_keys(a: tuple[str, str, str], b: tuple[str, str, str]) -> None:
    assert laws.keys_keep_the_order(a, b)


@given(STAMPS, STAMPS, st.booleans())
def test_life(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> None:
    assert laws.life_is_by_stamps(created_ns, deleted_ns, has_fields)


@given(element_rows(), graphs())
def test_rows_and_graphs(rows: Rows, held: tuple[Graph, int]) -> None:
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


# -- by hand -------------------------------------------------------------------------------------


def test_names() -> None:
    """GRF-2: empty, NUL, half a pair, too long; GRF-3: reserved names."""
    for wrong in ("", "a\x00b", "\ud800", "x" * (NAME_UNITS_MAX + 1), "\u20ac" * 342, 7):
        with pytest.raises(InvalidName, match=r"\[GRF-2\]$"):
            check_name(wrong)  # type: ignore[arg-type]
    assert check_name("x" * NAME_UNITS_MAX)
    for key in ("a\x00node", "a\x00node\x00b\x00c", "\x00node\x00b", "a\x00node\x00\ud800"):
        assert key_fault(key)
    assert key_fault(node_key("a")) is None
    book = Notebook()
    assert book.refused(PutNode("a", properties={"$x": 1})) == ("GRF-3", "'$x'")
    assert book.refused(PutNode("a", properties={"": 1}))[0] == "GRF-2"
    assert book.refused(PutNode("a", labels=("",)))[0] == "GRF-2"
    assert book.refused(PutNode("a", type=""))[0] == "GRF-2"
    assert book.refused(PutNode("a", namespace="a\x00"))[0] == "GRF-2"
    longest = "x" * (NAME_UNITS_MAX - len(LABEL))
    book.do(PutNode("a", labels=(longest,)))
    assert book.refused(PutNode("b", labels=(longest + "x",)))[0] == "GRF-2"


def test_errors_name_the_property() -> None:
    """GRF-12: rule, property, place in it, and what to do."""
    book = Notebook()
    with pytest.raises(InvalidValue, match=r"^property 'tags', value\[1\]: .*sort it into a list"):
        book.do(PutNode("a", properties={"tags": [1, {2}]}))
    with pytest.raises(InvalidOperation, match=r"^node a: it does not exist .*put it first"):
        book.do(Patch(NODE, "a", {"x": 1}))


def test_put_patches_what_differs() -> None:
    """GRF-12, GRF-13: a put writes the fields that differ, and nothing when none does."""
    book = Notebook()
    created = book.do(PutNode("a", "person", {"x": 1, "y": None}, ("red",)))
    key = node_key("a")
    assert set(created[key]) == {CREATED, TYPE, "x", "y", LABEL + "red"}
    assert book.do(PutNode("a", "person", {"x": 1, "y": None}, ("red",))) == {}
    assert book.do(PutNode("a", properties={"x": 1.0})) == {key: {"x": 1.0}}
    assert book.do(PutNode("a", "robot")) == {key: {TYPE: "robot"}}
    assert book.node("a").properties == {"x": 1.0}
    assert book.node("a").labels == ("red",)


def test_replace_deletes_what_is_not_named() -> None:
    """GRF-13: properties always, labels if there is a list of them; pending ones too."""
    book = Notebook()
    book.do(PutNode("a", "person", {"x": 1, "y": 2}, ("red", "blue")))
    book.do(PutNode("a", properties={"y": 2}, replace=True))
    assert book.node("a").properties == {"y": 2}
    assert book.node("a").labels == ("blue", "red")
    book.do(PutNode("a", labels=("red",), replace=True))
    assert (book.node("a").properties, book.node("a").labels) == ({}, ("red",))
    book.do(
        Patch(NODE, "a", {"z": 1}, add_labels=("green",)),
        PutNode("a", properties={"w": 1}, labels=(), replace=True),
    )
    assert (book.node("a").properties, book.node("a").labels) == ({"w": 1}, ())
    assert book.node("a").type == "person"


def test_null_deletes() -> None:
    """GRF-14: a property that is set to null is gone, and may come back."""
    book = Notebook()
    book.do(PutNode("a", properties={"x": 1}))
    book.do(Patch(NODE, "a", {"x": None}))
    assert book.node("a").properties == {}
    assert book.do(PutNode("a", properties={"x": None})) == {}
    book.do(Patch(NODE, "a", {"x": 2}, add_labels=("red",), drop_labels=("blue",)))
    assert (book.node("a").properties, book.node("a").labels) == ({"x": 2}, ("red",))
    book.do(Patch(NODE, "a", drop_labels=("red",)))
    assert book.node("a").labels == ()


def test_delete_and_create_anew() -> None:
    """GRF-4, GRF-5, GRF-15: nothing of the former life shows in the next."""
    book = Notebook()
    book.do(PutNode("a", "person", {"x": 1}, ("red",)))
    book.do(Delete(NODE, "a"))
    assert view.find_node(book.graph, "a") is None
    assert view.tombstones(book.graph) == 1
    assert book.refused(Delete(NODE, "a")) == ("GRF-15", "node a")
    assert book.refused(Patch(NODE, "a", {"x": 2})) == ("GRF-14", "node a")
    book.do(PutNode("a", properties={"y": 1}))
    node = book.node("a")
    assert (node.type, node.properties, node.labels) == (CUSTOM, {"y": 1}, ())
    assert node.created_ns == node.updated_ns


def test_one_batch_cannot_create_and_delete() -> None:
    """GRF-15: both would carry one stamp, and a tie is dead."""
    book = Notebook()
    assert book.refused(PutNode("a"), Delete(NODE, "a")) == ("GRF-15", "a")
    book.do(PutNode("a"))
    assert book.refused(Delete(NODE, "a"), PutNode("a")) == ("GRF-15", "a")
    assert book.refused(Delete(NODE, "a"), Patch(NODE, "a")) == ("GRF-14", "node a")
    assert book.do(Patch(NODE, "a", {"x": 1}), Delete(NODE, "a")) == {
        node_key("a"): {DELETED: None}
    }


def test_remote_patch_of_the_dead() -> None:
    """GRF-14: it is kept, and shows neither now nor after a new creation."""
    book = Notebook()
    book.do(PutNode("a"))
    book.do(Delete(NODE, "a"))
    book.take({node_key("a"): {"x": 1}}, book.stamp_ns + 1)
    assert view.find_node(book.graph, "a") is None
    assert book.graph.held[node_key("a")]["x"].value == 1


def test_a_foreign_soul_lives_by_its_fields() -> None:
    """GRF-4, GRF-10: nobody created it; a put patches it and does not create it."""
    book = Notebook()
    book.take({node_key("a"): {"x": 1}})
    assert (book.node("a").type, book.node("a").created_ns) == (CUSTOM, None)
    assert [node.id for node in view.nodes_by_type(book.graph, CUSTOM)] == ["a"]
    assert CREATED not in book.do(PutNode("a", properties={"y": 1}))[node_key("a")]


def two_nodes() -> Notebook:
    book = Notebook()
    book.do(PutNode("a"), PutNode("b"), PutEdge("a", "b", "knows", "e", weight=2))
    return book


def test_edges_hang_on_their_ends() -> None:
    """GRF-6, GRF-8: an edge goes with its end, dangles, and does not come back with it."""
    book = two_nodes()
    assert book.ids() == (["a", "b"], ["e"], [])
    book.do(Delete(NODE, "b"))
    assert book.ids() == (["a"], [], ["e"])
    assert view.neighbours(book.graph, "a") == ()
    book.do(PutNode("b"))
    assert book.ids() == (["a", "b"], [], ["e"])


def test_a_put_brings_a_hidden_edge_back() -> None:
    """GRF-6, GRF-12: what a put puts shows, also where the edge outlived an end."""
    book = two_nodes()
    book.do(Delete(NODE, "b"))
    book.do(PutNode("b"), PutEdge("a", "b", "knows", "e", properties={"x": 1}))
    edge = view.find_edge(book.graph, "e")
    assert edge is not None
    assert (edge.weight, edge.properties) == (2, {"x": 1})
    assert book.ids() == (["a", "b"], ["e"], [])
    assert book.do(PutEdge("a", "b", "knows", "e")) == {}


def test_an_edge_added_while_its_end_was_deleted() -> None:
    """GRF-8: kept, hidden, listed; and deleted like any other."""
    book = two_nodes()
    book.do(Delete(NODE, "b"))
    ends: Value = ("a", "b", "likes", True)
    book.take({edge_key("f"): {CREATED: None, ENDS: ends}}, book.stamp_ns - 1)
    assert book.ids() == (["a"], [], ["e", "f"])
    book.do(Delete(EDGE, "f"))
    assert book.ids() == (["a"], [], ["e"])


def test_ends_are_fixed_at_creation() -> None:
    """GRF-7: other ends need another id; after a deletion the id is free."""
    book = two_nodes()
    for other in (
        PutEdge("b", "a", "knows", "e"),
        PutEdge("a", "b", "likes", "e"),
        PutEdge("a", "b", "knows", "e", directed=False),
    ):
        assert book.refused(other) == ("GRF-7", "edge e")
    assert book.refused(PutNode("c"), PutEdge("a", "x", id="f")) == ("GRF-7", "edge f")
    book.do(Delete(EDGE, "e"))
    book.do(PutEdge("b", "a", "likes", "e"))
    edge = view.find_edge(book.graph, "e")
    assert edge is not None
    assert (edge.source, edge.type, edge.weight) == ("b", "likes", None)


def test_weight_and_direction_are_checked() -> None:
    """GRF-7: a weight is a finite number of an edge, a direction a truth value."""
    book = two_nodes()
    wrong: list[object] = ["2", True, float("nan"), 2**64]
    for weight in wrong:
        with pytest.raises(UsageError):
            book.do(PutEdge("a", "b", weight=weight))  # type: ignore[arg-type]
    assert book.refused(PutEdge("a", "b", id="f", directed=1)) == (  # type: ignore[arg-type]
        "GRF-7",
        "edge f",
    )
    assert book.refused(Patch(NODE, "a", weight=1)) == ("GRF-7", "node a")
    book.do(Patch(EDGE, "e", weight=3.5))
    edge = view.find_edge(book.graph, "e")
    assert edge is not None and edge.weight == 3.5


def test_edges_without_ids() -> None:
    """GRF-7: each gets one from the dot of its batch and its place in it."""
    book = Notebook()
    book.do(PutNode("a"))
    rows, ids = plan(book.graph, (PutEdge("a", "a"), PutEdge("a", "a")), b"one", 2)
    assert len(set(ids)) == 2 == len(rows)
    assert plan(book.graph, (PutEdge("a", "a"),), b"one", 2)[1] == ids[:1]
    assert plan(book.graph, (PutEdge("a", "a"),), b"two", 2)[1] != ids[:1]
    assert plan(book.graph, (PutEdge("a", "a"),), b"one", 3)[1] != ids[:1]


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


def test_size_of_a_batch() -> None:
    """GRF-16: so many fields and not one more."""
    book = Notebook()
    most = {f"p{n}": n for n in range(BATCH_FIELDS_MAX - 2)}
    assert len(book.do(PutNode("a", properties=dict(most)))[node_key("a")]) == BATCH_FIELDS_MAX
    assert book.refused(PutNode("b", properties={**most, "q": 1})) == ("GRF-16", "batch")


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
