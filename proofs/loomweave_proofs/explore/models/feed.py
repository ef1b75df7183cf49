"""The change feed over crashes, for a consumer that remembers how far it got. Spec: MCH-9."""

from typing import Final

from loomweave.core.graph.merge import rows_join
from loomweave.core.graph.operations import PutNode
from loomweave.core.lattices.register import Rows
from loomweave_proofs.explore.local import DOWN, Item, Lens
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 80


class Feed(WorldModel):
    """Each change has one number and one content, told once, crashes or not. Spec: MCH-9."""

    name = "feed"
    words = "a consumer follows the change feed of a replica that crashes on a slow disk"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.recovery.recover",
        "loomweave.core.replica.intake.keep",
    )

    def __init__(self, tells_early: bool = False) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("n", properties={"a": 3}),)),
                "r1": ((PutNode("n", properties={"a": 2}),), (PutNode("m", properties={"a": 2}),)),
            },
            crashes=2,
            busy=1,
            ticks=1,
            offsets_ns={"r1": (1_000,)},
            is_disk_slow=True,
            tells_early=tells_early,
            keeps_journal=True,
            notes_writes=False,
            lens=Lens(feed=True),
        )
        super().__init__()

    def heard(self, world: World, at: int, item: Item) -> World:
        """Take an entry of r0's feed."""
        if at or item.kind != "notify":
            return world
        return self.taken(world, item.number)

    def taken(self, world: World, entry: int) -> World:
        """Let the consumer take an entry it is told; -1 marks one that should not have come."""
        number = self.replicas.entries[entry].number
        told = len(world.notes)
        is_next = number == told + 1
        return world._replace(notes=(*world.notes, entry if is_next else -1))

    def restarted(self, world: World, at: int) -> World:
        """Recover, and tell the consumer of r0 what it has not taken."""
        if not at:
            _, entries = self.replicas.recover("r0", world.nodes[0].journal)
            for entry in entries:
                if self.replicas.entries[entry].number > len(world.notes):
                    world = self.taken(world, entry)
        return super().restarted(world, at)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a feed."""
        return (
            *self.common(),
            Always(
                "each number comes once, in order", "MCH-9", lambda world: -1 not in world.notes
            ),
            Always("a number keeps its content", "MCH-9", self.is_kept),
            Always("the feed adds up to what is held", "MCH-9", self.is_sum, self.is_told),
            Eventually("both become alike", "SYN-9", self.is_quiet, self.is_converged, WITHIN),
            Sometimes("the consumer went on after a crash", "MCH-9", self.is_resumed),
            Sometimes("an entry was told by recovery", "MCH-9", self.is_late),
        )

    def is_kept(self, world: World) -> bool:
        """Check that what the journal says of a number is what the consumer was told."""
        _, entries = self.replicas.recover("r0", world.nodes[0].journal)
        return all(told == kept for told, kept in zip(world.notes, entries, strict=False))

    def is_told(self, world: World) -> bool:
        """Tell whether r0 runs and nothing that it told is under way."""
        return world.nodes[0].state != DOWN and not world.nodes[0].queue

    def is_sum(self, world: World) -> bool:
        """Check that the entries taken, joined, are the rows that r0 holds."""
        total: Rows = {}
        for entry in world.notes:
            total = rows_join(total, self.replicas.entries[int(entry)].won)
        held = self.state_of(world.nodes[0].state).graph.held
        return total == {entity: held[entity] for entity in sorted(held)}

    def is_resumed(self, world: World) -> bool:
        """Tell whether r0 has told more after it crashed."""
        return world.nodes[0].lives > 1 and len(world.notes) > 1

    def is_late(self, world: World) -> bool:
        """Tell whether the consumer knows an entry of a write that was never confirmed by it."""
        return world.nodes[0].lives > 1 and not world.nodes[0].queue and bool(world.notes)


ENTRY: Final = Entry(
    Feed,
    Bounds(states=80_000),
    (
        Sabotage(
            "told before durable",
            "the driver tells an entry before the disk has it",
            "the feed adds up to what is held",
            options={"tells_early": True},
        ),
        Sabotage(
            "numbers forgotten",
            "recovery counts the feed from the start",
            "each number comes once, in order",
            (
                Change(
                    "loomweave.core.replica.recovery._remember",
                    "max(state.journal.number, meta.number)",
                    "0",
                ),
            ),
        ),
    ),
)
