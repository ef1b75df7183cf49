"""What was on the disk is in the replica again. Spec: SCN-25, MCH-8."""

from loomweave.core.events import Delta
from loomweave.core.graph.store import received_row
from loomweave.core.graph.waiting import rows_of
from loomweave_sim.checkers.base import Checker
from loomweave_sim.differences import show_place
from loomweave_sim.oracle import DumbKey, Place, dumb_key
from loomweave_sim.simjournal import Recovered
from loomweave_sim.stage import Host


class Recovery(Checker):
    """A restart gives back every durable element, waiting ones too. Spec: SCN-25, MCH-8."""

    name = "recovery"

    def __init__(self) -> None:
        super().__init__()
        self._durable: dict[int, dict[Place, DumbKey]] = {}
        self._recoveries = 0

    def crashing(self, node: Host) -> None:
        """Fold by hand what the disk is sure to hold."""
        found: dict[Place, DumbKey] = {}
        for record in node.journal.durable_records():
            if isinstance(record, Delta):
                for entity, row in record.rows.items():
                    for field, element in row.items():
                        key = dumb_key(element)
                        place = (entity, field)
                        found[place] = max(key, found.get(place, key))
        self._durable[node.index] = found

    def recovered(self, node: Host, found: Recovered) -> None:
        """Look for each of them."""
        durable = self._durable.pop(node.index, None)
        if durable is None:
            return
        self._recoveries += 1
        graph = node.state.graph
        waiting = rows_of(graph.waiting)
        for (entity, field), key in durable.items():
            element = received_row(graph, waiting, entity).get(field)
            if element is None or dumb_key(element) < key:
                self.blame(
                    f"{node.name} had {show_place(entity, field)} of stamp {key[0]} on its disk, "
                    "and has not after its restart"
                )

    def praise(self) -> str:
        """Say how many."""
        return f"{self._recoveries} recoveries gave back all that was durable."
