"""Faults as they are done to a world, and taken back. Spec: SCN-16 to SCN-19, SCN-21."""

from typing import TYPE_CHECKING, assert_never

from loomweave_sim.chance import PPM
from loomweave_sim.faults import (
    ClockDrift,
    ClockFreeze,
    ClockOffset,
    ClockStep,
    Crash,
    Cut,
    Degrade,
    Fault,
    Partition,
)
from loomweave_sim.link import Link, LinkQuality
from loomweave_sim.node import Node
from loomweave_sim.quantities import show_span
from loomweave_sim.result import FaultSpan
from loomweave_sim.stage import Due
from loomweave_sim.trace import NOBODY, Happening

if TYPE_CHECKING:
    from loomweave_sim.world import World


class Injection:
    """Does a scenario's faults to its world, in time. Spec: SCN-16."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._faults = tuple(world.scenario.fault)
        self._active: dict[int, int] = {}
        """Place of each fault in force, and when it began."""
        self._degraded: dict[int, list[tuple[Link, LinkQuality]]] = {}
        self.spans: list[FaultSpan] = []
        """Faults that are over, as they really were."""

    def begin(self) -> None:
        """Set the times at which faults begin and end. Spec: SCN-16."""
        for place, fault in enumerate(self._faults):
            if fault.at == 0:
                self._start(place)
            else:
                self._world.at(fault.at, self._starting, place)
            if fault.until is not None and fault.until < self._world.scenario.heals_at_ns():
                self._world.at(fault.until, self._ending, place)

    def heal(self) -> None:
        """End every fault, set the clocks right, start the dead. Spec: SCN-21."""
        for place in sorted(self._active):
            self._end(place, healing=True)
        for node in self._world.nodes:
            node.clock.correct(self._world.env.now)
            self._clock_changed(node)
            if not node.alive:
                self._world.restart(node)

    def _starting(self, due: Due) -> None:
        self._start(due.value)

    def _ending(self, due: Due) -> None:
        self._end(due.value, healing=False)

    def _start(self, place: int) -> None:
        world, fault = self._world, self._faults[place]
        world.note(Happening.FAULT_BEGIN, NOBODY, NOBODY, place)
        self._active[place] = world.env.now
        match fault:
            case Partition() | Cut():
                for link in self._cut_links(fault):
                    link.cut()
            case Degrade():
                self._degrade(place, fault)
            case Crash():
                self._crash(fault)
            case ClockOffset() | ClockStep() | ClockDrift() | ClockFreeze():
                self._change_clock(fault, begins=True)
            case _:
                assert_never(fault)

    def _end(self, place: int, healing: bool) -> None:
        world, fault = self._world, self._faults[place]
        began_ns = self._active.pop(place)
        world.note(Happening.FAULT_END, NOBODY, NOBODY, place)
        self.spans.append(span_of(fault, began_ns, world.env.now))
        match fault:
            case Partition() | Cut():
                for link in self._cut_links(fault):
                    link.mend()
            case Degrade():
                for link, quality in self._degraded.pop(place):
                    link.restore(quality)
            case Crash():
                self._revive(world.nodes[fault.replica])
            case ClockOffset() | ClockStep() | ClockDrift() | ClockFreeze():
                if not healing:
                    self._change_clock(fault, begins=False)
            case _:
                assert_never(fault)

    def _cut_links(self, fault: Partition | Cut) -> list[Link]:
        links = self._world.links
        if isinstance(fault, Partition):
            sides = [fault.side_of(node.index) for node in self._world.nodes]
            return [link for (i, j), link in sorted_links(links) if sides[i] != sides[j]]
        pairs = ((i, j) for i in fault.senders for j in fault.receivers)
        return [links[pair] for pair in sorted(set(pairs)) if pair in links]

    def _degrade(self, place: int, fault: Degrade) -> None:
        changed: list[tuple[Link, LinkQuality]] = []
        for (i, j), link in sorted_links(self._world.links):
            if fault.links.concerns(i, j):
                quality = fault.links.changed(link.quality)
                link.degrade(quality)
                changed.append((link, quality))
        self._degraded[place] = changed

    def _crash(self, fault: Crash) -> None:
        node = self._world.nodes[fault.replica]
        if not node.alive:
            return
        if fault.in_write:
            node.doomed, node.torn = True, fault.torn
        else:
            node.crash(fault.torn)

    def _revive(self, node: Node) -> None:
        """Start a dead process, unless another fault still keeps it dead."""
        kept = any(
            isinstance(fault := self._faults[place], Crash) and fault.replica == node.index
            for place in self._active
        )
        node.doomed = node.doomed and kept
        if not node.alive and not kept:
            self._world.restart(node)

    def _change_clock(
        self, fault: ClockOffset | ClockStep | ClockDrift | ClockFreeze, begins: bool
    ) -> None:
        node = self._world.nodes[fault.replica]
        now_ns = self._world.env.now
        match fault:
            case ClockOffset(by=by) | ClockStep(by=by):
                node.clock.step(now_ns, by if begins else -by)
            case ClockDrift(ppm=ppm):
                node.clock.drift(now_ns, ppm if begins else 0)
            case ClockFreeze():
                node.clock.drift(now_ns, -PPM if begins else 0)
        self._clock_changed(node)

    def _clock_changed(self, node: Node) -> None:
        now_ns = self._world.env.now
        ahead_ns = node.clock.wrong_by_ns(now_ns)
        self._world.note(Happening.CLOCK, node.index, NOBODY, ahead_ns)
        node.clock_changed()


def sorted_links(links: dict[tuple[int, int], Link]) -> list[tuple[tuple[int, int], Link]]:
    """List links in the order of their ends."""
    return [(pair, links[pair]) for pair in sorted(links)]


def span_of(fault: Fault, start_ns: int, end_ns: int) -> FaultSpan:
    """Say what a fault was, for the timeline. Spec: SCN-24."""
    kind = str(type(fault).__struct_config__.tag)
    replicas = tuple(sorted(set(fault.replicas())))
    return FaultSpan(start_ns, end_ns, kind, replicas, words_of(fault))


def words_of(fault: Fault) -> str:
    """Say in a few words what a fault does. Spec: SCN-24."""
    match fault:
        case Partition(groups=groups):
            return " | ".join(" ".join(f"n{i}" for i in group) for group in groups)
        case Cut(senders=senders, receivers=receivers):
            return f"{_names(senders)} → {_names(receivers)} is dead"
        case Degrade(links=links):
            return f"links {_names(links.senders)} → {_names(links.receivers)} behave worse"
        case ClockOffset(replica=i, by=by):
            return f"clock of n{i} is wrong by {show_span(by)}"
        case ClockStep(replica=i, by=by):
            return f"clock of n{i} jumps by {show_span(by)}"
        case ClockDrift(replica=i, ppm=ppm):
            return f"clock of n{i} gains {ppm} ppm"
        case ClockFreeze(replica=i):
            return f"clock of n{i} stands still"
        case Crash(replica=i, in_write=in_write, torn=torn):
            how = " in mid-write" if in_write else ""
            return f"n{i} dies{how}{', leaving a torn tail' if torn else ''}"
        case _:
            assert_never(fault)


def _names(replicas: list[int]) -> str:
    return " ".join(f"n{i}" for i in replicas) or "all"
