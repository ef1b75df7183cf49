"""What the world and its replicas look like to each other and to checkers. Spec: SCN-25, SCN-26."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, ClassVar, Protocol

import msgspec
import simpy
from attrs import field, fields, frozen
from simpy.events import NORMAL

from loomweave.core.events import (
    Effect,
    Event,
    Import,
    Notify,
    Refused,
    Reply,
    Send,
    Write,
)
from loomweave.core.replica.state import State
from loomweave_sim.link import Link
from loomweave_sim.scenario import Scenario
from loomweave_sim.simjournal import Recovered, SimJournal
from loomweave_sim.trace import NOBODY, Trace
from loomweave_sim.workload import Action


class Due(msgspec.Struct):
    """Something that is to happen at an instant: all that SimPy asks of an event. Spec: SCN-26.

    A world has as many of these as it has messages, so they hold nothing else.
    """

    callbacks: "Callbacks | None"
    value: Any
    _ok: ClassVar[bool] = True


Callbacks = Sequence[Callable[[Any], None]]
"""Called with the event that holds them; shared by all events of a kind."""


class VirtualTime(simpy.Environment):
    """SimPy's environment, with the promise that its time is an integer. Spec: SCN-26."""

    _now: int

    # A property that runs no Python code: it is asked for several times a message.
    now = property(attrgetter("_now"), doc="The virtual time in nanoseconds.")

    def put(self, delay_ns: int, event: object) -> None:
        """Let a `Due`, or what has the same attributes, happen after a while. Spec: SCN-26."""
        # An entry as `schedule` of SimPy makes it; to ask that would cost as much again.
        entry = (self._now + delay_ns, NORMAL, next(self._eid), event)
        heappush(self._queue, entry)  # type: ignore[misc]

    def call(self, delay_ns: int, callbacks: Callbacks, value: object = None) -> None:
        """Call back after a while, with a `Due` that holds the value. Spec: SCN-26."""
        self.put(delay_ns, Due(callbacks, value))

    def pass_until(self, until_ns: int) -> None:
        """Let everything happen that is due before an instant, in order. Spec: SCN-26.

        What `run` of SimPy does, for events that nothing waits for but their callbacks.
        """
        queue = self._queue
        while queue and queue[0][0] < until_ns:
            at_ns, _, _, event = heappop(queue)
            self._now = at_ns  # type: ignore[assignment]  # delays are integers here
            for callback in event.callbacks:
                callback(event)
        self._now = until_ns


class Host(Protocol):
    """A simulated replica, as those who look on see it. Spec: SCN-25, SCN-26."""

    index: int
    name: str
    alive: bool
    life: int
    state: State
    journal: SimJournal
    wall_max_ns: int
    """The greatest reading of its wall clock that the machine was ever given."""
    issued_max_ns: int
    """The greatest stamp that it was ever told to have issued."""

    @property
    def held_count(self) -> int:
        """Return how many effects wait for the disk."""

    @property
    def world(self) -> "Stage":
        """Return the world that it lives in."""


class Stage(Protocol):
    """The world of a run, as those who look on see it. Spec: SCN-25, SCN-26."""

    seed: int
    scenario: Scenario
    trace: Trace
    hooks: "Hooks"
    requests: dict[int, Action]
    """Requests that were handed to a replica and not yet answered for good."""
    unreachable: int
    """Requests that found no process running."""
    links: dict[tuple[int, int], Link]

    @property
    def env(self) -> VirtualTime:
        """Return the virtual time and what is to happen in it."""

    @property
    def nodes(self) -> Sequence[Host]:
        """List all replicas."""

    def note(
        self, kind: int, replica: int = NOBODY, other: int = NOBODY, first: int = 0, second: int = 0
    ) -> None:
        """Write a line of the trace. Spec: SCN-4."""

    def send(self, node: Host, send: Send) -> None:
        """Put a frame onto the links to its receivers. Spec: SCN-13."""

    def replied(self, node: Host, reply: Reply) -> None:
        """Give a client its answer. Spec: SCN-27."""

    def refused(self, node: Host, refused: Refused) -> None:
        """Write down that a replica turned something away. Spec: MCH-2."""

    def node_crashed(self, node: Host) -> None:
        """Let the neighbours of a dead process notice. Spec: SCN-19."""


class Watcher:
    """Something that looks on; what it does not override costs nothing. Spec: SCN-25."""

    def begin(self, world: Stage) -> None:
        """Take note of the world, all replicas of which have loaded the graph."""

    def stepped(self, node: Host, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        """Look at a step that had effects, before they are performed."""

    def asked(
        self, node: Host, event: Write | Import, before: State, effects: tuple[Effect, ...]
    ) -> None:
        """Look at what a client's request did, before it is performed."""

    def shown(self, node: Host, entry: Notify) -> None:
        """Look at what has just become visible at a replica, durable or not."""

    def refused(self, node: Host, refused: Refused) -> None:
        """Look at what a replica turns away."""

    def sent(self, node: Host, send: Send) -> None:
        """Look at a frame that leaves a replica."""

    def replied(self, node: Host, reply: Reply) -> None:
        """Look at an answer to a client."""

    def notified(self, node: Host, entry: Notify) -> None:
        """Look at an entry that the consumer of a change feed takes."""

    def crashing(self, node: Host) -> None:
        """Look at a replica and its disk at the instant before it dies."""

    def recovered(self, node: Host, found: Recovered) -> None:
        """Look at a replica that was given back by its journal, before it runs."""

    def sampled(self, world: Stage) -> None:
        """Look at all replicas at one of the regular instants."""


@frozen
class Hooks:
    """The watchers' methods that do something, by kind. Spec: SCN-25."""

    begin: list[Callable[[Stage], None]] = field(factory=list)
    stepped: list[Callable[[Host, Event, State, tuple[Effect, ...]], None]] = field(factory=list)
    asked: list[Callable[[Host, Write | Import, State, tuple[Effect, ...]], None]] = field(
        factory=list
    )
    shown: list[Callable[[Host, Notify], None]] = field(factory=list)
    refused: list[Callable[[Host, Refused], None]] = field(factory=list)
    sent: list[Callable[[Host, Send], None]] = field(factory=list)
    replied: list[Callable[[Host, Reply], None]] = field(factory=list)
    notified: list[Callable[[Host, Notify], None]] = field(factory=list)
    crashing: list[Callable[[Host], None]] = field(factory=list)
    recovered: list[Callable[[Host, Recovered], None]] = field(factory=list)
    sampled: list[Callable[[Stage], None]] = field(factory=list)

    def add(self, watcher: Watcher) -> None:
        """Let a watcher look on. Spec: SCN-25."""
        for attribute in fields(Hooks):
            name = attribute.name
            if getattr(type(watcher), name) is not getattr(Watcher, name):
                getattr(self, name).append(getattr(watcher, name))
