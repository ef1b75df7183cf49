"""A replica that is put back to an old backup: who writes under which name. Spec: MCH-6."""

from collections.abc import Iterator
from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.local import DOWN
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

WITHIN: Final = 80


class Identity(WorldModel):
    """A restored replica takes a new name as soon as it can know that it must. Spec: MCH-6."""

    name = "identity"
    words = "a replica is put back to a backup and nobody tells it"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.local.renew",
        "loomweave.core.replica.local.begin_incarnation",
        "loomweave.core.replica.reconcile.is_of_later_self",
        "loomweave.core.replica.recovery.recover",
    )

    def __init__(self, renews: int = 0) -> None:
        self.renews = renews
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": tuple((PutNode("n", properties={"a": value}),) for value in (1, 2)),
            },
            compares=("r1",),
            busy=0,
            keeps_journal=True,
            notes_writes=bool(renews),
        )
        super().__init__()

    def actions(self, world: World) -> Iterator[Action]:
        """Besides all else: a backup is made once, and once r0 is put back to it."""
        yield from super().actions(world)
        if not world.notes:
            yield ("backup", "r0")
        elif len(world.notes) == 1:
            yield ("restore", "r0")

    def apply(self, world: World, action: Action) -> World | None:
        """Make a backup, restore it, or let anything else happen."""
        node = world.nodes[0]
        match action:
            case ("backup", _):
                return None if world.notes else world._replace(notes=(node.journal,))
            case ("restore", _):
                if len(world.notes) != 1:
                    return None
                kept = int(world.notes[0])
                world = world._replace(notes=(kept, "restored"))
                world = with_node(world, 0, node._replace(state=DOWN, journal=kept, queue=()))
                world = self.parted(self.parted(world, "r1", "r0"), "r0", "r1")
                state, _ = self.replicas.recover("r0", kept)
                world = with_node(world, 0, world.nodes[0]._replace(state=state))
                return self.started(world, 0, self.renews)
            case _:
                return super().apply(world, action)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of names."""
        return (
            *self.common(),
            Always("nobody knows of own batches to come", "MCH-6", self.counts_own),
            Always("no dot is given twice", "MCH-6", self.is_unique),
            Eventually("both become alike", "SYN-9", self.is_quiet, self.is_converged, WITHIN),
            Sometimes("a replica lost writes and took a new name", "MCH-6", self.is_renewed),
            Sometimes("both are alike after a restore", "SYN-9", self.is_over),
        )

    def counts_own(self, world: World) -> bool:
        """Check that no vector of a replica counts more of its own batches than it made."""
        for node in world.nodes:
            state = self.state_of(node.state)
            if state.contacts.seen.get(state.identity.writer, 0) >= state.journal.next_seq:
                return False
        return True

    def is_unique(self, world: World) -> bool:
        """Check that two batches never share writer and number, where the driver said `renew`."""
        return len({(writer, seq) for writer, seq, _ in world.batches}) == len(world.batches)

    def is_renewed(self, world: World) -> bool:
        """Tell whether r0 was restored and writes under another name than at first."""
        first = self.replicas.recover("r0", world.nodes[0].journal)[0]
        kept = self.replicas.recover("r0", int(world.notes[0]))[0] if world.notes else first
        names = {self.state_of(number).identity.writer for number in (first, kept)}
        return len(names) == 2

    def is_over(self, world: World) -> bool:
        """Tell whether a restore was made good."""
        return len(world.notes) == 2 and self.is_converged(world) and world.nodes[0].done == 2


ENTRY: Final = Entry(
    Identity,
    Bounds(states=70_000),
    (
        Sabotage(
            "never renewed",
            "a replica that meets its own later batches goes on under its old name",
            "nobody knows of own batches to come",
            (
                Change(
                    "loomweave.core.replica.local.renew",
                    "return begin_incarnation(replace(state, identity=identity))",
                    "return state, ()",
                ),
            ),
        ),
        Sabotage(
            "restored without a word",
            "the driver promises a new name after a restore and does not ask for one",
            "no dot is given twice",
            (
                Change(
                    "loomweave.core.replica.local.start",
                    "fresh = event.renew or not incarnation",
                    "fresh = not incarnation",
                ),
            ),
            {"renews": 1},
        ),
    ),
)
