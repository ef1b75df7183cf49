"""A slow disk and crashes that tear the end of the journal. Spec: MCH-4, MCH-8."""

from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.local import DOWN, Item
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 80


class Journal(WorldModel):
    """What was told outlives a crash, whatever part of the last entries reached the disk."""

    name = "journal"
    words = "replicas on slow disks crash, and the last entries of their journals are torn off"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.recovery.recover",
        "loomweave.core.replica.intake.keep",
        "loomweave.core.replica.intake.records_of",
        "loomweave.core.replica.local.start",
    )

    def __init__(self, tells_early: bool = False, crashes: int = 1) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("n", properties={"a": 3}),)),
                "r1": ((PutNode("n", properties={"a": 2}),),),
            },
            crashes=crashes,
            busy=2,
            ticks=1,
            offsets_ns={"r1": (1_000,)},
            is_disk_slow=True,
            tells_early=tells_early,
            keeps_journal=True,
        )
        super().__init__()

    def heard(self, world: World, at: int, item: Item) -> World:
        """Note which own batches were confirmed to a client."""
        if item.kind != "reply" or not item.number:
            return world
        writer = self.state_of(world.nodes[at].state).identity.writer
        return world._replace(notes=tuple(sorted({*world.notes, (at, writer, item.number)})))

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of journals."""
        return (
            *self.common(),
            Always("what was told is durable", "MCH-4", self.is_told_durable),
            Always("what others have of us is durable", "MCH-4", self.is_sent_durable),
            Always("what waits outlives a crash", "HAM-5", self.keeps_waiting, self.is_synced),
            Eventually("both become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("a confirmed write outlived a crash", "MCH-8", self.is_survived),
            Sometimes("an entry was torn off", "MCH-8", self.is_torn),
            Sometimes("a write waits in a journal", "HAM-5", self.is_waiting),
        )

    def recovered(self, world: World, at: int) -> int:
        """Give what a replica would be if it crashed now."""
        return self.replicas.recover(self.plan.names[at], world.nodes[at].journal)[0]

    def is_told_durable(self, world: World) -> bool:
        """Check that each confirmed batch comes back from the journal."""
        return all(self.is_durable(world, *note) for note in world.notes)

    def is_durable(self, world: World, at: int, writer: bytes, seq: int) -> bool:
        """Tell whether a journal gives a batch of its replica back, number and content."""
        number = self.recovered(world, at)
        entries = [entry for w, s, entry in world.batches if (w, s) == (writer, seq)]
        is_counted = self.state_of(number).contacts.seen.get(writer, 0) >= seq
        return is_counted and bool(entries) and all(self.covers(number, e) for e in entries)

    def is_sent_durable(self, world: World) -> bool:
        """Check that whatever another replica counts of a writer comes back at the writer."""
        for at, node in enumerate(world.nodes):
            if node.state == DOWN:
                continue
            for other in range(len(world.nodes)):
                writer = self.state_of(self.recovered(world, other)).identity.writer
                seen = self.state_of(node.state).contacts.seen.get(writer, 0)
                counted = self.state_of(self.recovered(world, other)).contacts.seen.get(writer, 0)
                if other != at and seen > counted:
                    return False
        return True

    def is_synced(self, world: World) -> bool:
        """Tell whether a replica has all of its entries on disk, and writes that wait."""
        return any(
            node.state != DOWN and not node.queue and self.state_of(node.state).graph.waiting
            for node in world.nodes
        )

    def keeps_waiting(self, world: World) -> bool:
        """Check that a replica with all entries on disk would come back whole."""
        roots = self.replicas.roots
        return all(
            node.state == DOWN
            or node.queue
            or roots[self.recovered(world, at)] == roots[node.state]
            for at, node in enumerate(world.nodes)
        )

    def is_survived(self, world: World) -> bool:
        """Tell whether a replica runs again after a crash, with something confirmed before."""
        return any(node.lives > 1 for node in world.nodes) and bool(world.notes)

    def is_torn(self, world: World) -> bool:
        """Tell whether a batch was made and is nowhere, after a crash."""
        return world.crashes < self.plan.crashes and sum(n.done for n in world.nodes) > len(
            world.batches
        )


ENTRY: Final = Entry(
    Journal,
    Bounds(states=80_000),
    (
        Sabotage(
            "told before durable",
            "the driver answers and sends before the disk has the entry",
            "what was told is durable",
            options={"tells_early": True},
        ),
        Sabotage(
            "waiting is volatile",
            "elements that wait are not written to the journal",
            "what waits outlives a crash",
            (
                Change(
                    "loomweave.core.replica.intake.records_of",
                    "parked = (meta_of(state), Delta(0, absorbed.parked))",
                    "parked = (meta_of(state),)",
                ),
            ),
        ),
        Sabotage(
            "numbers start again",
            "recovery forgets how many batches were written",
            "what was told is durable",
            (
                Change(
                    "loomweave.core.replica.recovery._remember",
                    "if next_seq > contacts.seen.get(meta.writer, 0) + 1:",
                    "if False:",
                    (
                        (
                            "journal=Journal(0, 0, next_seq, number)",
                            "journal=Journal(0, 0, 1, number)",
                        ),
                    ),
                ),
            ),
        ),
    ),
)
