"""A waiting room of a few places, and writes from the future that crowd it. Spec: HAM-9."""

from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.local import Item
from loomweave_proofs.explore.model import Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Constant, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 120
PLACES: Final = 3


class Room(WorldModel):
    """What finds no place is refused, not lost: it is offered again. Spec: HAM-9, SYN-8."""

    name = "room"
    words = "a waiting room with few places is offered more than it takes"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.graph.store.park",
        "loomweave.core.graph.waiting.has_place",
        "loomweave.core.graph.waiting.newcomers",
        "loomweave.core.replica.session.heed",
    )

    settings = (
        *WorldModel.settings,
        Constant("loomweave.core.graph.waiting.WAIT_ENTITY_MAX", PLACES),
    )

    def __init__(self) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": tuple((PutNode("n", properties={"a": value}),) for value in (1, 2)),
                "r1": ((PutNode("n", properties={"b": 1}),),),
            },
            compares=("r0", "r1"),
            busy=1,
            ticks=1,
            tick_ns=4_000,
            is_time_needed=True,
            offsets_ns={"r0": (3_000,)},
        )
        super().__init__()

    def heard(self, world: World, at: int, item: Item) -> World:
        """Note that the room was full."""
        is_full = item.kind == "refused" and item.word == "HAM-9"
        return world._replace(notes=("full",)) if is_full else world

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a full room."""
        return (
            *self.common(),
            Eventually("all get in at last", "HAM-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("the room is full", "HAM-9", lambda world: bool(world.notes)),
            Sometimes("all is in after the room was full", "HAM-9", self.is_over),
        )

    def is_over(self, world: World) -> bool:
        """Tell whether what was refused got in."""
        return bool(world.notes) and self.is_complete(world)


ENTRY: Final = Entry(
    Room,
    Bounds(states=60_000),
    (
        Sabotage(
            "room without end",
            "there is always a place",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.graph.waiting.has_place",
                    "counts[waiting.entity] <= WAIT_ENTITY_MAX",
                    "True",
                ),
            ),
        ),
        Sabotage(
            "counted though refused",
            "a batch that found no place counts as received",
            "what a vector counts was received",
            (
                Change(
                    "loomweave.core.replica.session.take_batch",
                    "        declined = Declined(absorbed.refusals[0], part.writer)",
                    "        declined = Declined(absorbed.refusals[0], part.writer)\n"
                    "        state = saw(state, part.writer, part.seq)",
                ),
            ),
        ),
    ),
)
