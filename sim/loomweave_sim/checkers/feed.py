"""Change feeds number what happened, once each, whatever crashes. Spec: SCN-25, MCH-9."""

from typing import TYPE_CHECKING

from loomweave.core.events import Notify
from loomweave.core.lattices.register import Row
from loomweave_sim.checkers.base import Checker
from loomweave_sim.differences import show_place
from loomweave_sim.node import Node
from loomweave_sim.oracle import Dot

if TYPE_CHECKING:
    from loomweave_sim.world import World


class Feed(Checker):
    """Numbers and changes are a bijection, and replaying them gives the state. Spec: MCH-9."""

    name = "feed"

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[int, int] = {}
        self._told: dict[int, dict[str, Row]] = {}
        """Of each replica, what its consumer knows: the entries put one over the other."""
        self._dots: dict[int, set[tuple[str, str, Dot]]] = {}

    def notified(self, node: Node, entry: Notify) -> None:
        """Expect the next number, with changes that were never told before."""
        due = self._last.get(node.index, 0) + 1
        if entry.number != due:
            self.blame(f"{node.name} told number {entry.number} where {due} was due")
        self._last[node.index] = max(entry.number, due)
        told = self._told.setdefault(node.index, {})
        dots = self._dots.setdefault(node.index, set())
        for entity, row in entry.won.items():
            known = told.setdefault(entity, {})
            for field, element in row.items():
                mark = (entity, field, (element.writer, element.seq))
                if mark in dots:
                    place = show_place(entity, field)
                    self.blame(f"{node.name} told a change of {place} twice, now as {entry.number}")
                dots.add(mark)
                known[field] = element

    def finish(self, world: "World") -> None:
        """Hold what consumers know against what replicas hold."""
        for node in world.nodes:
            told, held = self._told.get(node.index, {}), node.state.graph.held
            number = node.state.journal.number
            if (last := self._last.get(node.index, 0)) != number:
                self.blame(f"{node.name} numbered {number} changes and told {last}")
            for entity in sorted(set(told) | set(held)):
                if told.get(entity, {}) != held.get(entity, {}):
                    self.blame(f"the feed of {node.name} does not give {show_place(entity, '*')}")

    def praise(self) -> str:
        """Say how many."""
        total = sum(self._last.values())
        return f"{total} changes were told in order, once each, and replaying them gives the state."
