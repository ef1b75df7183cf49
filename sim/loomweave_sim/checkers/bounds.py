"""Nothing grows without bound, and nobody talks for its own sake. Spec: SCN-25, SCN-23."""

from typing import Final

from loomweave.core.events import Effect, Event, Send
from loomweave.core.replica.state import State
from loomweave.core.sync.frames import Batch
from loomweave.core.sync.frames import State as StateFrame
from loomweave_sim.checkers.base import Checker, at_s
from loomweave_sim.stage import Host

QUIET_NS: Final = 10_000_000_000
"""How long a converged run is watched for traffic that nobody needs. Spec: SCN-25."""


class Bounds(Checker):
    """Waiting rooms and queues keep their bounds. Spec: SCN-23."""

    name = "bounds"

    def __init__(self) -> None:
        super().__init__()
        self._waiting = self._queue = 0

    def stepped(self, node: Host, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        """Measure what a replica keeps."""
        waiting = len(node.state.graph.waiting)
        queue = node.held_count + node.journal.loose
        if waiting > self._waiting:
            self._waiting = waiting
            if waiting > node.world.scenario.checks.waiting_max:
                self.blame(f"{node.name} held back {waiting} writes at {at_s(node.world.env.now)}")
        if queue > self._queue:
            self._queue = queue
            if queue > node.world.scenario.checks.queue_max:
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
        self._sent: set[tuple[int, int, bytes, int]] = set()
        """Replica, its life, and the dot of each batch that it has sent."""
        self._quiet = False
        self.batches = 0

    def sent(self, node: Host, send: Send) -> None:
        """Expect a batch once, and none after agreement."""
        frame = send.frame
        if type(frame) is Batch:
            self.batches += len(send.peers)
            part = frame.part
            mark = (node.index, node.life, part.writer, part.seq)
            if mark in self._sent:
                self.blame(f"{node.name} sent batch {part.seq} of {part.writer.hex()[:8]} again")
            self._sent.add(mark)
            if self._quiet:
                self.blame(f"{node.name} sent a batch after all had agreed")
        elif self._quiet and type(frame) is StateFrame:
            self.blame(f"{node.name} sent elements after all had agreed")

    def quieten(self) -> None:
        """Take note that all replicas agree, and nothing is under way. Called by the run."""
        self._quiet = True

    def praise(self) -> str:
        """Say how many."""
        return f"{self.batches} batches were sent, none twice over a link, none after agreement."
