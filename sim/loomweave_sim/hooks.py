"""Where checkers are told of what happens. Spec: SCN-25."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import field, fields, frozen

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
from loomweave_sim.simjournal import Recovered

if TYPE_CHECKING:
    from loomweave_sim.node import Node
    from loomweave_sim.world import World


class Watcher:
    """Something that looks on; what it does not override costs nothing. Spec: SCN-25."""

    def begin(self, world: "World") -> None:
        """Take note of the world, all replicas of which have loaded the graph."""

    def stepped(
        self, node: "Node", event: Event, before: State, effects: tuple[Effect, ...]
    ) -> None:
        """Look at a step that had effects, before they are performed."""

    def asked(
        self, node: "Node", event: Write | Import, before: State, effects: tuple[Effect, ...]
    ) -> None:
        """Look at what a client's request did, before it is performed."""

    def shown(self, node: "Node", entry: Notify) -> None:
        """Look at what has just become visible at a replica, durable or not."""

    def refused(self, node: "Node", refused: Refused) -> None:
        """Look at what a replica turns away."""

    def sent(self, node: "Node", send: Send) -> None:
        """Look at a frame that leaves a replica."""

    def replied(self, node: "Node", reply: Reply) -> None:
        """Look at an answer to a client."""

    def notified(self, node: "Node", entry: Notify) -> None:
        """Look at an entry that the consumer of a change feed takes."""

    def crashing(self, node: "Node") -> None:
        """Look at a replica and its disk at the instant before it dies."""

    def recovered(self, node: "Node", found: Recovered) -> None:
        """Look at a replica that was given back by its journal, before it runs."""

    def sampled(self, world: "World") -> None:
        """Look at all replicas at one of the regular instants."""


@frozen
class Hooks:
    """The watchers' methods that do something, by kind. Spec: SCN-25."""

    begin: list[Callable[["World"], None]] = field(factory=list)
    stepped: list[Callable[["Node", Event, State, tuple[Effect, ...]], None]] = field(factory=list)
    asked: list[Callable[["Node", Write | Import, State, tuple[Effect, ...]], None]] = field(
        factory=list
    )
    shown: list[Callable[["Node", Notify], None]] = field(factory=list)
    refused: list[Callable[["Node", Refused], None]] = field(factory=list)
    sent: list[Callable[["Node", Send], None]] = field(factory=list)
    replied: list[Callable[["Node", Reply], None]] = field(factory=list)
    notified: list[Callable[["Node", Notify], None]] = field(factory=list)
    crashing: list[Callable[["Node"], None]] = field(factory=list)
    recovered: list[Callable[["Node", Recovered], None]] = field(factory=list)
    sampled: list[Callable[["World"], None]] = field(factory=list)

    def add(self, watcher: Watcher) -> None:
        """Let a watcher look on. Spec: SCN-25."""
        for attribute in fields(Hooks):
            name = attribute.name
            if getattr(type(watcher), name) is not getattr(Watcher, name):
                getattr(self, name).append(getattr(watcher, name))
