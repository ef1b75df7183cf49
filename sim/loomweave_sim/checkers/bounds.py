"""Nothing grows without bound, and nobody talks for its own sake. Spec: SCN-25, SCN-23."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from loomweave.core.events import Effect, Event, Send
from loomweave.core.replica.state import State
from loomweave.core.sync.frames import Batch
from loomweave.core.sync.frames import State as StateFrame
from loomweave_sim.checkers.base import Checker, at_s
from loomweave_sim.node import Node

if TYPE_CHECKING:
    from loomweave_sim.world import World

QUIET_NS: Final = 10_000_000_000
"""How long a converged run is watched for traffic that nobody needs. Spec: SCN-25."""


class Bounds(Checker):
    """Waiting rooms and queues keep their bounds. Spec: SCN-23."""

    name = "bounds"

    def __init__(self) -> None:
        super().__init__()
        self._waiting = self._queue = 0

    def stepped(self, node: Node, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        """Measure what a replica keeps."""
        waiting = len(node.state.graph.waiting)
        queue = node.held_count + node.journal.loose
        limits = node.world.scenario.checks
        if waiting > self._waiting:
            self._waiting = waiting
            if waiting > limits.waiting_max:
                self.blame(f"{node.name} held back {waiting} writes at {at_s(node.world.env.now)}")
        if queue > self._queue:
            self._queue = queue
            if queue > limits.queue_max:
                self.blame(f"{node.name} had {queue} records queued at {at_s(node.world.env.now)}")

    def praise(self) -> str:
        """Say how large they became."""
        return f"At most {self._waiting} writes waited, and {self._queue} records were queued."


class Echo(Checker):
    """A batch passes each link at most once in a life, and silence follows agreement.

    Spec: SCN-25, SYN-2.
    """

    name = "echo"

    def __init__(self) -> None:
        super().__init__()
        self._passes: Counter[tuple[bytes, int]] = Counter()
        self._quiet = False
        self.batches = 0

    def sent(self, node: Node, send: Send) -> None:
        """Count how often a batch is sent."""
        frame = send.frame
        if type(frame) is Batch:
            self.batches += len(send.peers)
            self._passes[frame.part.writer, frame.part.seq] += len(send.peers)
            if self._quiet:
                self.blame(f"{node.name} sent a batch after all had agreed")
        elif self._quiet and type(frame) is StateFrame:
            self.blame(f"{node.name} sent elements after all had agreed")

    def quieten(self) -> None:
        """Take note that all replicas agree, and nothing is under way. Called by the run."""
        self._quiet = True

    def finish(self, world: "World") -> None:
        """Compare the counts with the number of links and lives."""
        lives = max(node.life for node in world.nodes)
        most = len(world.links) * lives
        for (writer, seq), count in self._passes.items():
            if count > most:
                self.blame(
                    f"batch {seq} of {writer.hex()[:8]} was sent {count} times over "
                    f"{len(world.links)} links in {lives} lives"
                )

    def praise(self) -> str:
        """Say how many."""
        return f"{self.batches} batches were sent, none twice over a link, and none after agreement."
