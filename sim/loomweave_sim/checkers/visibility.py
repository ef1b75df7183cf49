"""Nothing is seen too early, and no edge without its ends. Spec: SCN-25."""

from collections.abc import Iterable

from loomweave.core.entities import RESERVED, Kind, split_key
from loomweave.core.events import Notify
from loomweave.core.graph import view
from loomweave.core.lattices.register import Element
from loomweave_sim.checkers.base import Checker, at_s
from loomweave_sim.differences import show_place
from loomweave_sim.oracle import Place
from loomweave_sim.simjournal import Recovered
from loomweave_sim.stage import Host, Stage


class Horizon(Checker):
    """Nothing is visible before its replica's horizon: judged by the clock readings it was given.

    Spec: SCN-25, CLK-3.
    """

    name = "horizon"

    def __init__(self) -> None:
        super().__init__()
        self._entries = 0

    def shown(self, node: Host, entry: Notify) -> None:
        """Look at what became visible."""
        self._entries += 1
        wall_max_ns = node.wall_max_ns
        for entity, row in entry.won.items():
            for field, element in row.items():
                if element.stamp_ns > wall_max_ns:
                    self._measure(node, (entity, field), element)

    def _measure(self, node: Host, place: Place, element: Element) -> None:
        """Blame what was shown before the clock said so, unless it was issued there."""
        bound_ns = max(node.wall_max_ns, node.issued_max_ns, node.state.clock.issued_ns)
        if element.stamp_ns > bound_ns:
            ahead_ns = element.stamp_ns - bound_ns
            self.blame(
                f"at {at_s(node.world.env.now)} {node.name} showed "
                f"{show_place(*place)} {ahead_ns} ns before its horizon"
            )

    def recovered(self, node: Host, found: Recovered) -> None:
        """Look at what recovery made visible."""
        bound_ns = max(node.wall_max_ns, node.issued_max_ns, node.state.clock.issued_ns)
        for entity in sorted(node.state.graph.held):
            for field, element in node.state.graph.held[entity].items():
                if element.stamp_ns > bound_ns:
                    place = show_place(entity, field)
                    self.blame(f"{node.name} recovered {place} as due, too early")

    def praise(self) -> str:
        """Say how many."""
        return f"None of {self._entries} changes was visible before its replica's horizon."


class Dangling(Checker):
    """No edge is visible whose end is not. Spec: SCN-25, GRF-6."""

    name = "dangling"
    held = "No edge was ever seen without both its ends."

    def __init__(self) -> None:
        super().__init__()
        self._changed: dict[int, set[str]] = {}
        """Of each replica, the entities that changed since the last look."""

    def shown(self, node: Host, entry: Notify) -> None:
        """Take note of what changed and decides on visibility."""
        for entity, row in entry.won.items():
            for field in row:
                if field[0] == RESERVED:
                    self._changed.setdefault(node.index, set()).add(entity)
                    break

    def sampled(self, world: Stage) -> None:
        """Look at the edges that changed, and at those of nodes that changed."""
        for node in world.nodes:
            edges: dict[str, view.Edge] = {}
            for entity in sorted(self._changed.pop(node.index, ())):
                namespace, kind, id = split_key(entity)
                if kind == Kind.NODE:
                    found = view.edges_at(node.state.graph, id, "both", namespace)
                    edges |= {edge.id: edge for edge in found}
                elif (edge := view.find_edge(node.state.graph, id, namespace)) is not None:
                    edges[id] = edge
            self._look(node, edges.values())

    def finish(self, world: Stage) -> None:
        """Look at all edges of all replicas."""
        for node in world.nodes:
            self._look(node, view.all_edges(node.state.graph))

    def _look(self, node: Host, edges: Iterable[view.Edge]) -> None:
        for edge in edges:
            for end in (edge.source, edge.target):
                if view.find_node(node.state.graph, end, edge.namespace) is None:
                    self.blame(
                        f"at {at_s(node.world.env.now)} {node.name} showed edge {edge.id}, "
                        f"and its end {end} is not visible"
                    )
