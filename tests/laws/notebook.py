"""A graph that takes operations one batch at a time."""

import pytest
from hypothesis import strategies as st

from loomweave.core.entities import (
    Kind,
)
from loomweave.core.errors import UsageError
from loomweave.core.graph import view
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import (
    Operation,
    PutEdge,
    PutNode,
    plan,
)
from loomweave.core.graph.store import (
    Gate,
    absorb_part,
    empty_graph,
)
from loomweave.core.values import Value
from tests.strategies import FAR_NS

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


def two_nodes() -> Notebook:
    book = Notebook()
    book.do(PutNode("a"), PutNode("b"), PutEdge("a", "b", "knows", "e", weight=2))
    return book
