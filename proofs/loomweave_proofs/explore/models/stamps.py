"""Own stamps between writes that wait, on clocks that do not stand on the grid. Spec: CLK-4."""

from typing import Final

from loomweave.core.entities import Kind
from loomweave.core.graph.operations import Delete, PutNode
from loomweave_proofs.explore.model import Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import BASE_NS, Plan, World

WITHIN: Final = 60


class Stamps(WorldModel):
    """An own write is above everything that it makes due, and shows at once. Spec: CLK-4."""

    name = "stamps"
    words = "own stamps are drawn while writes wait within one step of the grid"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.clocks.next_stamp",
        "loomweave.core.clocks.issue",
        "loomweave.core.replica.local.make_room",
        "loomweave.core.graph.store.park",
        "loomweave.core.graph.store.settle",
    )

    def __init__(self) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": (
                    (PutNode("n", properties={"a": 1}),),
                    (PutNode("n", properties={"a": 1}),),
                    (Delete(Kind.NODE, "n"),),
                ),
                "r1": (
                    (PutNode("n", properties={"a": 2}),),
                    (PutNode("n", properties={"a": 3}),),
                    (Delete(Kind.NODE, "n"),),
                ),
            },
            busy=6,
            ticks=3,
            tick_ns=700,
            offsets_ns={"r0": (300,), "r1": (1_300, 1_300, -600)},
        )
        super().__init__()
        self.gap = self.replicas.remembered(
            lambda state: (
                min((item.element.stamp_ns for item in state.graph.waiting), default=0)
                - state.clock.issued_ns
            )
        )

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of own stamps."""
        return (
            *self.common(),
            Eventually("both become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("a write waits where the next own stamp will fall", "HAM-5", self.is_near),
            Sometimes("a clock that was set back has written", "CLK-2", self.is_back),
        )

    def is_near(self, world: World) -> bool:
        """Tell whether the first write that waits lies a step of the grid above our last stamp."""
        return any(0 < self.gap(node.state) <= 1_000 for node in world.nodes)

    def is_back(self, world: World) -> bool:
        """Tell whether r1 wrote after its clock was set back."""
        clock = self.state_of(world.nodes[1].state).clock
        is_behind = self.wall_ns(world, 1) < clock.issued_ns
        return is_behind and clock.issued_ns > BASE_NS + 2_000


ENTRY: Final = Entry(
    Stamps,
    Bounds(states=80_000),
    (
        Sabotage(
            "no room made",
            "a stamp is drawn without letting in what it reaches",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.replica.local.write",
                    "state, told = make_room(state, event.wall_ns)",
                    "told = ()",
                ),
            ),
        ),
        Sabotage(
            "beside what is held",
            "an own stamp need not be above what is held",
            "each step of a replica keeps the rules",
            (
                Change("loomweave.core.clocks.next_stamp", "clock.applied_ns + 1, ", ""),
                Change("loomweave.core.clocks.issue", "max(clock.applied_ns, stamp_ns)", "0"),
            ),
        ),
    ),
)
