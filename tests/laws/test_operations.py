"""What clients may ask for, and what then shows. Spec: GRF-2 to GRF-8, GRF-12 to GRF-16."""

import pytest

from loomweave.core.entities import (
    CREATED,
    DELETED,
    ENDS,
    LABEL,
    NAME_BYTES_MAX,
    TYPE,
    InvalidName,
    check_name,
    edge_key,
    key_fault,
    node_key,
)
from loomweave.core.errors import UsageError
from loomweave.core.graph import view
from loomweave.core.graph.operations import (
    BATCH_FIELDS_MAX,
    Delete,
    InvalidOperation,
    Patch,
    PutEdge,
    PutNode,
    plan,
)
from loomweave.core.graph.view import CUSTOM
from loomweave.core.values import InvalidValue, Value
from tests.laws.notebook import EDGE, NODE, Notebook, two_nodes


def test_names() -> None:
    """GRF-2: empty, NUL, half a pair, too long; GRF-3: reserved names."""
    for wrong in ("", "a\x00b", "\ud800", "x" * (NAME_BYTES_MAX + 1), "\u20ac" * 342, 7):
        with pytest.raises(InvalidName, match=r"\[GRF-2\]$"):
            check_name(wrong)  # type: ignore[arg-type]
    assert check_name("x" * NAME_BYTES_MAX)
    for key in ("a\x00node", "a\x00node\x00b\x00c", "\x00node\x00b", "a\x00node\x00\ud800"):
        assert key_fault(key)
    assert key_fault(node_key("a")) is None
    book = Notebook()
    assert book.refused(PutNode("a", properties={"$x": 1})) == ("GRF-3", "'$x'")
    assert book.refused(PutNode("a", properties={"": 1}))[0] == "GRF-2"
    assert book.refused(PutNode("a", labels=("",)))[0] == "GRF-2"
    assert book.refused(PutNode("a", type=""))[0] == "GRF-2"
    assert book.refused(PutNode("a", namespace="a\x00"))[0] == "GRF-2"
    longest = "x" * (NAME_BYTES_MAX - len(LABEL))
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
    twice = (PutEdge("a", "a", id="e"), PutEdge("a", "a", id="e", weight=2))
    assert plan(book.graph, twice, b"one", 2)[1] == ("e", "e")
    rows, ids = plan(book.graph, (PutEdge("a", "a"), PutEdge("a", "a")), b"one", 2)
    assert len(set(ids)) == 2 == len(rows)
    assert plan(book.graph, (PutEdge("a", "a"),), b"one", 2)[1] == ids[:1]
    assert plan(book.graph, (PutEdge("a", "a"),), b"two", 2)[1] != ids[:1]
    assert plan(book.graph, (PutEdge("a", "a"),), b"one", 3)[1] != ids[:1]


def test_size_of_a_batch() -> None:
    """GRF-16: so many fields and not one more."""
    book = Notebook()
    most = {f"p{n}": n for n in range(BATCH_FIELDS_MAX - 2)}
    assert len(book.do(PutNode("a", properties=dict(most)))[node_key("a")]) == BATCH_FIELDS_MAX
    assert book.refused(PutNode("b", properties={**most, "q": 1})) == ("GRF-16", "batch")
