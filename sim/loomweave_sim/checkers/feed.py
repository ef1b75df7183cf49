"""Change feeds number what happened, once each, whatever crashes. Spec: SCN-25, MCH-9."""

from loomweave.core.events import Notify
from loomweave.core.lattices.register import Element, Row
from loomweave_sim.checkers.base import Checker
from loomweave_sim.differences import show_place
from loomweave_sim.oracle import Place, dumb_key
from loomweave_sim.stage import Host, Stage


class Feed(Checker):
    """Numbers and changes are a bijection, and replaying them gives the state. Spec: MCH-9."""

    name = "feed"

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[int, int] = {}
        self._told: dict[int, dict[str, Row]] = {}
        """Of each replica, what its consumer knows: the entries put one over the other."""
        self._unjudged: list[str] = []
        """Replicas at which the run stopped while entries still waited for the disk."""

    def notified(self, node: Host, entry: Notify) -> None:
        """Expect the next number, with changes above those that were told before."""
        due = self._last.get(node.index, 0) + 1
        if entry.number != due:
            self.blame(f"{node.name} told number {entry.number} where {due} was due")
        self._last[node.index] = max(entry.number, due)
        told = self._told.setdefault(node.index, {})
        for entity, row in entry.won.items():
            known = told.get(entity)
            if known is None:
                told[entity] = dict(row)
                continue
            for field, element in row.items():
                old = known.get(field)
                if old is not None and element.stamp_ns <= old.stamp_ns:
                    self._compare(node, entry, (entity, field), old, element)
                known[field] = element

    def _compare(
        self, node: Host, entry: Notify, place: Place, old: Element, element: Element
    ) -> None:
        """Blame a change that is no greater than what was told before it."""
        if dumb_key(element) <= dumb_key(old):
            told = f"{node.name} told as {entry.number} a change of {show_place(*place)}"
            self.blame(f"{told} that is not above what it told before")

    def finish(self, world: Stage) -> None:
        """Hold what consumers know against what replicas hold, if no entry is under way."""
        for node in world.nodes:
            if not node.alive or node.held_count or node.journal.loose:
                self._unjudged.append(node.name)
                continue
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
        told = f"{total} changes were told in order, once each"
        if self._unjudged:
            names = ", ".join(self._unjudged)
            return f"{told}; not judged at the end, for the disk had not settled: {names}."
        return f"{told}, and replaying them gives the state."
