"""What is kept up to date equals what a full scan finds. Spec: SCN-25, GRF-9, SYN-5."""

from loomweave.core.graph import index
from loomweave.core.replica.state import root
from loomweave.core.sync import digest
from loomweave_sim.checkers.base import Checker
from loomweave_sim.stage import Stage


class Twins(Checker):
    """Digest and index of each replica equal their full-scan twins at the end. Spec: SCN-25."""

    name = "twins"
    held = "Digest and index of every replica equal those of a full scan."

    def finish(self, world: Stage) -> None:
        """Scan every replica."""
        for node in world.nodes:
            state = node.state
            if root(state) != digest.root_of(digest.scan(state.graph, state.config.salt)):
                self.blame(f"the digest of {node.name} is not that of a full scan")
            if not index.same_index(state.graph.index, index.scan(state.graph.held)):
                self.blame(f"the index of {node.name} is not that of a full scan")
