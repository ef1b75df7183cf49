"""Counts what a run met, so that a run which met nothing cannot pass. Spec: SCN-22."""

from collections import Counter
from typing import Final

from loomweave.core.events import Effect, Event, Received, Refused
from loomweave.core.graph import view
from loomweave.core.replica.state import State
from loomweave.core.sync.frames import State as StateFrame
from loomweave_sim.recorder import Recorder
from loomweave_sim.result import Occurred
from loomweave_sim.scenario import Occurrence
from loomweave_sim.simjournal import Recovered
from loomweave_sim.stage import Host, Stage, Watcher
from loomweave_sim.trace import NOBODY, Happening

AHEAD_RULE: Final = "CLK-5"
FULL_RULE: Final = "HAM-9"
DANGLING_EVERY: Final = 20
"""Of so many samples, hidden edges are looked for at one: it takes a full scan."""
UNTRACED: Final = frozenset(
    {Occurrence.RECOVERY, Occurrence.FULL_ROOM, Occurrence.DECLINED, Occurrence.UNREACHABLE}
)
"""What has lines of its own in the trace, or none: the first of these is not written there."""


class Occurrences(Watcher):
    """Counts occurrences, and writes the first of each into the trace. Spec: SCN-22."""

    def __init__(self, recorder: Recorder) -> None:
        self.counts: Counter[str] = Counter()
        self._recorder = recorder
        self._world: Stage | None = None
        self._samples = 0

    def begin(self, world: Stage) -> None:
        """Take note of the world."""
        self._world = world

    def saw(self, name: str, count: int = 1) -> None:
        """Count an occurrence. Spec: SCN-22."""
        if not self.counts[name] and self._world is not None and name in _PLACES:
            self._world.note(Happening.OCCURRED, NOBODY, NOBODY, _PLACES[name])
        self.counts[name] += count

    def stepped(self, node: Host, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        """Look for deferrals and elements that had to be sent again."""
        graph, old = node.state.graph, before.graph
        if graph is old:
            return
        if (parked := len(graph.waiting) - len(old.waiting)) > 0:
            self.saw(Occurrence.DEFERRAL, parked)
        if type(event) is Received and type(event.frame) is StateFrame:
            self.saw(Occurrence.RETRANSMISSION)

    def refused(self, node: Host, refused: Refused) -> None:
        """Count refusals by their rules."""
        rule = refused.refusal.rule
        if rule == AHEAD_RULE:
            self.saw(Occurrence.REFUSED)
        elif rule == FULL_RULE:
            self.saw(Occurrence.FULL_ROOM)

    def recovered(self, node: Host, found: Recovered) -> None:
        """Look for torn tails."""
        if node.life > 1:
            self.saw(Occurrence.RECOVERY)
        if found.torn:
            self.saw(Occurrence.TORN_TAIL)

    def sampled(self, world: Stage) -> None:
        """Look for conflicts, ties, and edges that are kept and hidden."""
        oracle = self._recorder.oracle
        self._raise_to(Occurrence.CONFLICT, sum(oracle.conflicts.values()))
        self._raise_to(Occurrence.TIE, oracle.ties)
        self._samples += 1
        if self._samples % DANGLING_EVERY == 0:
            self._count_dangling(world)

    def _count_dangling(self, world: Stage) -> None:
        for node in world.nodes:
            self._raise_to(Occurrence.DANGLING, len(view.dangling(node.state.graph)))

    def _raise_to(self, name: str, count: int) -> None:
        if (more := count - self.counts[name]) > 0:
            self.saw(name, more)

    def finish(self, world: Stage) -> tuple[Occurred, ...]:
        """List what occurred and what had to. Spec: SCN-22."""
        self.sampled(world)
        self._count_dangling(world)
        links = [link.counts for link in world.links.values()]
        self._raise_to(Occurrence.LOSS, sum(counts.lost for counts in links))
        self._raise_to(Occurrence.DUPLICATION, sum(counts.duplicated for counts in links))
        self._raise_to(Occurrence.REORDERING, sum(counts.reordered for counts in links))
        self._raise_to(Occurrence.CORRUPTED, sum(counts.corrupted for counts in links))
        self._raise_to(Occurrence.TRUNCATED, sum(counts.truncated for counts in links))
        self._raise_to(Occurrence.DECLINED, self._recorder.declined)
        self._raise_to(Occurrence.UNREACHABLE, world.unreachable)
        required = {str(name) for name in world.scenario.expect.occurred}
        names = tuple(str(name) for name in Occurrence)
        return tuple(Occurred(name, self.counts[name], name in required) for name in names)


_PLACES: Final = {str(name): place for place, name in enumerate(Occurrence) if name not in UNTRACED}
