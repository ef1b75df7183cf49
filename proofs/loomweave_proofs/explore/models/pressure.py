"""A disk that falls behind: what is turned away, and what is never forgotten. Spec: MCH-11."""

from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.local import Item, Lens
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Constant, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 120
PENDING: Final = 2
LET_IN_MAX: Final = 3
"""Most entries of one step besides its own: one for each stamp that an own write makes due."""


class Pressure(WorldModel):
    """While too much awaits the disk, nothing is taken in; it comes again. Spec: MCH-11."""

    name = "pressure"
    words = "a disk falls behind, so that writes and batches are turned away"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.machine.persisted",
        "loomweave.core.replica.state.is_journal_behind",
        "loomweave.core.replica.session.heed",
    )

    settings = (
        *WorldModel.settings,
        Constant("loomweave.core.replica.state.JOURNAL_PENDING_MAX", PENDING),
    )

    def __init__(self) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": tuple((PutNode("n", properties={"a": value}),) for value in (1, 2, 3)),
                "r1": tuple((PutNode("n", properties={"b": value}),) for value in (1, 2)),
            },
            compares=("r0", "r1"),
            busy=1,
            is_disk_slow=True,
            keeps_journal=True,
            lens=Lens(lsn=True),
        )
        super().__init__()

    def heard(self, world: World, at: int, item: Item) -> World:
        """Note answers to clients, and that a batch was turned away."""
        if item.kind == "reply":
            return world._replace(notes=(*world.notes, (at, item.word)))
        is_behind = item.kind == "refused" and item.word == "MCH-11"
        if is_behind and "late" not in world.notes:
            return world._replace(notes=("late", *world.notes))
        return world

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold under pressure."""
        return (
            *self.common(),
            Always("few entries await the disk", "MCH-11", self.is_bounded),
            EachStep(
                "what is turned away changes nothing", "MCH-11", self.is_unmoved, self.is_full
            ),
            Eventually(
                "all are answered and alike", "MCH-7", self.is_quiet, self.is_answered, WITHIN
            ),
            Sometimes("a write is turned away", "MCH-11", self.is_refused),
            Sometimes("a batch is turned away", "MCH-11", lambda world: "late" in world.notes),
        )

    def pending(self, world: World, at: int) -> int:
        """Count the entries that await a disk."""
        return sum(item.kind == "persist" for item in world.nodes[at].queue)

    def is_bounded(self, world: World) -> bool:
        """Check the bound: the step that reaches it may also let in what waited."""
        return all(
            self.pending(world, at) <= PENDING + LET_IN_MAX for at in range(len(world.nodes))
        )

    def is_full(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a replica is asked or sent something while its disk is behind."""
        match action:
            case ("write", str(name)) | ("deliver", str(name), _, "Batch" | "State", _):
                return self.pending(before, self.places[name]) >= PENDING
            case _:
                return False

    def is_unmoved(self, before: World, action: Action, after: World) -> bool:
        """Check that its graph is as it was."""
        at = self.places[str(action[1])]
        old, new = (self.state_of(world.nodes[at].state) for world in (before, after))
        return old.graph is new.graph

    def is_answered(self, world: World) -> bool:
        """Tell whether each request was answered once and all are alike."""
        answers = [note[0] for note in world.notes if isinstance(note, tuple)]
        asked = [at for at, node in enumerate(world.nodes) for _ in range(node.done)]
        return sorted(answers) == asked and self.is_complete(world)

    def is_refused(self, world: World) -> bool:
        """Tell whether a client was told to come again."""
        return any(isinstance(note, tuple) and note[1] == "no" for note in world.notes)


ENTRY: Final = Entry(
    Pressure,
    Bounds(states=60_000),
    (
        Sabotage(
            "never behind",
            "everything is taken in however much awaits the disk",
            "what is turned away changes nothing",
            (
                Change(
                    "loomweave.core.replica.state.is_journal_behind",
                    ">= JOURNAL_PENDING_MAX",
                    "< 0",
                ),
            ),
        ),
        Sabotage(
            "durable is forgotten",
            "the machine takes no note of what became durable",
            "all are answered and alike",
            (
                Change(
                    "loomweave.core.machine.persisted",
                    "event.lsn <= old.durable_lsn",
                    "event.lsn",
                ),
            ),
        ),
    ),
)
