"""A clock that runs ahead, and one that is set back. Spec: CLK-5, CLK-6, SYN-8."""

from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave.core.replica.state import status_of
from loomweave_proofs.explore.local import Item
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 120
AHEAD_NS: Final = 4_000


class Skew(WorldModel):
    """What lies beyond the limit is refused until it does not, and nothing is given up."""

    name = "skew"
    words = "one clock runs ahead of the skew limit, another is set back"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.clocks.is_ahead",
        "loomweave.core.clocks.observe",
        "loomweave.core.graph.store.screen",
        "loomweave.core.graph.store.admitted_ns",
        "loomweave.core.replica.session.heed",
        "loomweave.core.replica.reconcile.reconciled",
    )

    def __init__(self) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("n", properties={"b": 1}),)),
                "r1": ((PutNode("n", properties={"a": 2}),),),
            },
            drops=1,
            compares=("r0", "r1"),
            busy=1,
            ticks=3,
            is_time_needed=True,
            offsets_ns={"r0": (AHEAD_NS,), "r1": (0, 3_000, -2_000)},
            skew_max_ns=2_000,
        )
        super().__init__()
        self.is_suspect = self.replicas.remembered(lambda state: status_of(state).clock_suspect)

    def heard(self, world: World, at: int, item: Item) -> World:
        """Note that a write was refused for its stamp."""
        is_refused = item.kind == "refused" and item.word == "CLK-5"
        return world._replace(notes=("refused",)) if is_refused else world

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of clocks that are wrong."""
        return (
            *self.common(),
            Always("who was not refused is not suspect", "CLK-6", self.is_fair_to),
            Eventually(
                "all is admitted in the end", "CLK-5", self.is_quiet, self.is_cleared, WITHIN
            ),
            Sometimes("a stamp is refused", "CLK-5", lambda world: bool(world.notes)),
            Sometimes("a clock is suspect", "CLK-6", self.is_any_suspect),
            Sometimes("no clock is suspect any more", "CLK-6", self.is_over),
        )

    def is_any_suspect(self, world: World) -> bool:
        """Tell whether some replica's clock is suspect."""
        return any(self.is_suspect(node.state) for node in world.nodes)

    def is_fair_to(self, world: World) -> bool:
        """Check that a clock is suspect only after a refusal, and never the one that is behind."""
        return (bool(world.notes) or not self.is_any_suspect(world)) and not self.is_suspect(
            world.nodes[1].state
        )

    def is_cleared(self, world: World) -> bool:
        """Tell whether all are alike and trust each other's clocks."""
        return self.is_complete(world) and not self.is_any_suspect(world)

    def is_over(self, world: World) -> bool:
        """Tell whether a refusal was made good."""
        return bool(world.notes) and self.is_cleared(world)


ENTRY: Final = Entry(
    Skew,
    Bounds(states=80_000),
    (
        Sabotage(
            "measured from the horizon",
            "the skew limit is not applied to what the horizon has reached",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.graph.store.admitted_ns",
                    "min(gate.horizon_ns, gate.wall_ns + gate.skew_max_ns)",
                    "gate.horizon_ns",
                ),
            ),
        ),
        Sabotage(
            "suspect for ever",
            "agreement does not clear a suspicion",
            "all is admitted in the end",
            (
                Change(
                    "loomweave.core.replica.reconcile.reconciled",
                    "peers = state.contacts.peers.set("
                    "name, Peer(peer.greeted, 0, QUIET_NS, False))",
                    "return state",
                ),
            ),
        ),
    ),
)
