"""A node is deleted and made again while others join edges to it. Spec: GRF-4 to GRF-8."""

from collections.abc import Iterator
from typing import Final

from loomweave.core.entities import CREATED, DELETED, Kind, edge_key, node_key
from loomweave.core.graph import view
from loomweave.core.graph.life import stamp_of
from loomweave.core.graph.operations import Delete, Patch, PutEdge, PutNode
from loomweave.core.replica.state import State
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 60


class Life(WorldModel):
    """Deletion against edges, patches and new lives, in every order of arrival. Spec: GRF-6."""

    name = "life"
    words = "a node is deleted and made again while others patch it and join edges to it"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.graph.operations.plan",
        "loomweave.core.graph.life.is_alive",
        "loomweave.core.graph.life.is_edge_shown",
        "loomweave.core.graph.view.is_visible_edge",
        "loomweave.core.graph.view.dangling",
        "loomweave.core.graph.view.edges_at",
        "loomweave.core.graph.index.reindex",
    )

    def __init__(self) -> None:
        self.plan = Plan(
            pairs=(("r0", "r1"), ("r1", "r2")),
            writes={
                "r0": ((Delete(Kind.NODE, "a"),), (PutNode("a", properties={"y": 1}),)),
                "r1": ((PutEdge("a", "b", id="e"), Patch(Kind.NODE, "a", properties={"y": 5})),),
                "r2": (
                    (PutNode("a", properties={"x": 1}), PutNode("b")),
                    (PutEdge("b", "a", id="f"), Patch(Kind.NODE, "a", properties={"x": 2})),
                ),
            },
            doubles=1,
            busy=3,
        )
        super().__init__()
        self.edge_fault = self.replicas.remembered(edge_fault)
        self.field_fault = self.replicas.remembered(field_fault)
        self.dangling = self.replicas.remembered(lambda state: len(view.dangling(state.graph)))

    def starts(self) -> Iterator[World]:
        """Everybody knows both nodes at first."""
        for world in super().starts():
            made = self.apply(world, ("write", "r2"))
            assert made is not None
            yield self.settled(made)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of life and deletion."""
        return (
            *self.common(),
            Always("an edge shows with both its ends, or not", "GRF-6", self.shows_edges),
            Always("no field of an earlier life shows", "GRF-5", self.shows_fields),
            Always("who received the same holds the same", "HAM-2", self.is_confluent),
            Eventually("all become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("an edge dangles", "GRF-8", self.is_dangling),
            Sometimes("a node lives again", "GRF-4", self.is_back),
            Sometimes("all have received all writes", "SYN-9", self.is_over),
        )

    def shows_edges(self, world: World) -> bool:
        """Check edges at every replica."""
        return not any(self.edge_fault(node.state) for node in world.nodes)

    def shows_fields(self, world: World) -> bool:
        """Check fields at every replica."""
        return not any(self.field_fault(node.state) for node in world.nodes)

    def is_confluent(self, world: World) -> bool:
        """Check that the same batches make the same rows, in whatever order they came."""
        found: dict[tuple[int, ...], bytes] = {}
        for node in world.nodes:
            known = tuple(entry for _, _, entry in world.batches if self.covers(node.state, entry))
            root = self.replicas.roots[node.state]
            if found.setdefault(known, root) != root:
                return False
        return True

    def is_dangling(self, world: World) -> bool:
        """Tell whether some replica lists a dangling edge."""
        return any(self.dangling(node.state) for node in world.nodes)

    def is_back(self, world: World) -> bool:
        """Tell whether `a` was deleted and lives."""
        state = self.state_of(world.nodes[0].state)
        row = view.row_of(state.graph, node_key("a"))
        return DELETED in row and view.find_node(state.graph, "a") is not None

    def is_over(self, world: World) -> bool:
        """Tell whether all is written and has arrived."""
        roots = {self.replicas.roots[node.state] for node in world.nodes}
        return not world.net and len(roots) == 1 and len(world.batches) == 5


def edge_fault(state: State) -> bool:
    """Tell whether edges show otherwise than the rows of the edge and its ends allow.

    The rule is read off the stamps here: created above deleted, at the edge and at both ends, and
    the edge created above the deletion of both ends.
    """
    graph = state.graph
    shown = {edge.id for edge in view.all_edges(graph)}
    hidden = {edge.id for edge in view.dangling(graph)}
    for id in ("e", "f"):
        stamps = [
            (stamp_of(row, CREATED), stamp_of(row, DELETED) or 0)
            for row in (
                view.row_of(graph, key) for key in (edge_key(id), node_key("a"), node_key("b"))
            )
        ]
        lives = [created is not None and created > deleted for created, deleted in stamps]
        born = stamps[0][0] or 0
        is_due = all(lives) and all(born > deleted for _, deleted in stamps[1:])
        if (id in shown) != is_due or (id in hidden) != (lives[0] and not is_due):
            return True
        if (view.find_edge(graph, id) is not None) != is_due:
            return True
    at_a = {edge.id for edge in view.edges_at(graph, "a", "both")}
    near = {node.id for node in view.neighbours(graph, "a")}
    return at_a != shown or near != ({"b"} if shown else set())


def field_fault(state: State) -> bool:
    """Tell whether `a` shows a field that is not younger than its deletion."""
    row = view.row_of(state.graph, node_key("a"))
    node = view.find_node(state.graph, "a")
    deleted = stamp_of(row, DELETED) or 0
    return node is not None and any(row[name].stamp_ns <= deleted for name in node.properties)


ENTRY: Final = Entry(
    Life,
    Bounds(states=100_000),
    (
        Sabotage(
            "old edges come back",
            "an edge shows though an end was deleted after its creation",
            "an edge shows with both its ends, or not",
            (
                Change(
                    "loomweave.core.graph.life.is_edge_shown",
                    "        and is_shown(created_ns, source_deleted_ns)\n",
                    "",
                ),
            ),
        ),
        Sabotage(
            "old fields come back",
            "a field shows though its entity was deleted after it was written",
            "no field of an earlier life shows",
            (
                Change(
                    "loomweave.core.graph.life.shown_properties",
                    "and is_shown(element.stamp_ns, deleted_ns)",
                    "",
                ),
            ),
        ),
        Sabotage(
            "last arrival wins",
            "of two stamps of one field the one that arrives last counts",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.graph.merge.merge_part",
                    "or stamp_ns > old.stamp_ns",
                    "or stamp_ns != old.stamp_ns",
                ),
            ),
        ),
    ),
)
