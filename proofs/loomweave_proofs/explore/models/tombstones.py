"""A dead node is dropped with its tombstone while writes of it come late. Spec: GRF-22, GRF-23."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from loomweave.core.entities import DELETED, Kind, node_key
from loomweave.core.graph import compaction, index, view, waiting
from loomweave.core.graph.operations import Delete, Patch, PutNode
from loomweave.core.graph.store import Graph, received_row
from loomweave.core.replica.state import State
from loomweave.core.sync import digest
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    Eventually,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World, with_node

WITHIN: Final = 60
KEY: Final = node_key("n")


class Tombstones(WorldModel):
    """What was collected does not come back with a late write. Spec: GRF-22."""

    name = "tombstones"
    words = "a deleted node is dropped for good while others, whose clocks are behind, patch it"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.graph.compaction.may_collect",
        "loomweave.core.graph.compaction.is_seen_by_all",
        "loomweave.core.graph.compaction.is_nothing_under_way",
        "loomweave.core.graph.compaction.is_hidden",
    )

    def __init__(self, is_vector_of_due: bool = True, is_row_received: bool = True) -> None:
        self.is_vector_of_due = is_vector_of_due
        self.is_row_received = is_row_received
        self.plan = Plan(
            pairs=(("r0", "r1"), ("r1", "r2")),
            writes={
                "r0": ((PutNode("n", properties={"x": 0}),), (Delete(Kind.NODE, "n"),)),
                "r1": ((Patch(Kind.NODE, "n", properties={"x": 1}),),),
                "r2": ((Patch(Kind.NODE, "n", properties={"y": 2}),),),
            },
            busy=3,
            ticks=1,
            tick_ns=5_000,
            offsets_ns={"r0": (3_000,)},
            notes_writes=False,
        )
        super().__init__()

    def starts(self) -> Iterator[World]:
        """Everybody knows the node and has told that; then r0 finds its clock ahead."""
        for world in super().starts():
            made = self.apply(world, ("write", "r0"))
            assert made is not None
            world = self.ticked(self.settled(made))
            yield world._replace(tick=0, notes=(False, (), ()))

    def actions(self, world: World) -> Iterator[Action]:
        """Besides all else: others tell r0 their vectors, and r0 collects."""
        yield from super().actions(world)
        for at in (1, 2):
            if world.notes[at] != self.vector(world, at):
                yield ("tell", f"r{at}")
        if self.may_collect(world):
            yield ("collect", "r0")

    def apply(self, world: World, action: Action) -> World | None:
        """Let a vector be told, the node be collected, or anything else happen."""
        match action:
            case ("tell", str(name)):
                at = self.places[name]
                if self.is_vector_of_due and self.state_of(world.nodes[at].state).graph.waiting:
                    return None
                notes = list(world.notes)
                notes[at] = self.vector(world, at)
                return world._replace(notes=tuple(notes))
            case ("collect", _):
                return self.collected(world) if self.may_collect(world) else None
            case _:
                return super().apply(world, action)

    def vector(self, world: World, at: int) -> tuple[tuple[bytes, int], ...]:
        """Give what a replica has counted of each writer."""
        return tuple(sorted(self.state_of(world.nodes[at].state).contacts.seen.items()))

    def may_collect(self, world: World) -> bool:
        """Ask the shipped rule whether r0 may drop the node. Spec: GRF-22."""
        state = self.state_of(world.nodes[0].state)
        early = waiting.rows_of(state.graph.waiting) if self.is_row_received else {}
        row = received_row(state.graph, early, KEY)
        if DELETED not in row:
            return False
        known = {b"r1": dict(world.notes[1]), b"r2": dict(world.notes[2])}
        own = dict(state.contacts.seen)
        return compaction.may_collect(row, row[DELETED], own, known, state.clock.horizon_ns)

    def collected(self, world: World) -> World:
        """Drop the node at r0, and what is derived from it."""
        node = world.nodes[0]
        number = self.replicas.states.enter(without_row(self.state_of(node.state), KEY))
        self.replicas.enter(self.state_of(number))
        world = with_node(world, 0, node._replace(state=number))
        return world._replace(notes=(True, *world.notes[1:]))

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of collecting."""
        return (
            *self.common(),
            Always(
                "what was collected does not come back", "GRF-22", self.is_gone, self.is_dropped
            ),
            Eventually(
                "the node is dead everywhere", "GRF-4", self.is_dropped, self.is_dead, WITHIN
            ),
            Sometimes("the node is collected", "GRF-22", self.is_dropped),
            Sometimes("it is collected after a concurrent patch", "GRF-22", self.is_late),
        )

    def is_dropped(self, world: World) -> bool:
        """Tell whether r0 has collected the node."""
        return bool(world.notes[0])

    def shows(self, world: World, at: int) -> bool:
        """Tell whether the node shows at a replica."""
        return view.find_node(self.state_of(world.nodes[at].state).graph, "n") is not None

    def is_gone(self, world: World) -> bool:
        """Check that it does not show where it was collected."""
        return not self.shows(world, 0)

    def is_dead(self, world: World) -> bool:
        """Tell whether it shows nowhere, and nothing is under way."""
        return not world.net and not any(self.shows(world, at) for at in range(3))

    def is_late(self, world: World) -> bool:
        """Tell whether it was collected though somebody patched it."""
        return self.is_dropped(world) and world.nodes[1].done + world.nodes[2].done == 2


def without_row(state: State, key: str) -> State:
    """Give a state that does not hold an entity."""
    held = state.graph.held.delete(key)
    graph = Graph(held, state.graph.waiting, index.scan(held), None)
    return replace(state, graph=graph, summary=digest.scan(graph, state.config.salt))


ENTRY: Final = Entry(
    Tombstones,
    Bounds(states=60_000),
    (
        Sabotage(
            "seen but not due",
            "a replica tells that it has seen the deletion while it waits there",
            "what was collected does not come back",
            options={"is_vector_of_due": False},
        ),
        Sabotage(
            "what waits is overlooked",
            "only what is held is compared with the deletion, not what waits beside it",
            "what was collected does not come back",
            options={"is_row_received": False},
        ),
        Sabotage(
            "not seen by all",
            "a tombstone is dropped before all have seen the deletion",
            "what was collected does not come back",
            (
                Change(
                    "loomweave.core.graph.compaction.may_collect",
                    "        and is_seen_by_all(deleted.writer, deleted.seq, known)\n",
                    "",
                ),
            ),
        ),
        Sabotage(
            "something under way",
            "a tombstone is dropped while writes that others know are still to come",
            "what was collected does not come back",
            (
                Change(
                    "loomweave.core.graph.compaction.may_collect",
                    "        and is_nothing_under_way(own, known)\n",
                    "",
                ),
            ),
        ),
    ),
)
