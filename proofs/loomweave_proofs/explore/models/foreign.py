"""Writes of another protocol, all under one dot, read by two gateways. Spec: GUN-11, HAM-1."""

from typing import Final

from loomweave.core.entities import Kind, node_key
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Patch
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER
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
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import BASE_NS, Plan, World

WITHIN: Final = 60
KEY: Final = node_key("soul")


class Foreign(WorldModel):
    """What has neither number nor context is told apart by its content alone. Spec: HAM-1."""

    name = "foreign"
    words = "two gateways read writes of another protocol in different orders, again and again"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.foreign.take_foreign",
        "loomweave.core.graph.store.absorb_parts",
        "loomweave.core.lattices.register.wins_tie",
    )

    def __init__(self) -> None:
        writes = ((-1_000, "a"), (-1_000, "b"), (1_000, "c"))
        self.plan = Plan(
            pairs=(("r0", "r1"), ("r1", "r2")),
            writes={
                "r0": ((Patch(Kind.NODE, "soul", properties={"x": "own"}),),),
                "r2": ((Patch(Kind.NODE, "soul", properties={"x": "bye"}),),),
            },
            imports=tuple(
                Part(GUN_WRITER, GUN_SEQ, BASE_NS + late_ns, {KEY: {"x": value}})
                for late_ns, value in writes
            ),
            gateways={"r0": (0, 2), "r2": (1, 2)},
            drops=1,
            compares=("r1",),
            busy=1,
        )
        super().__init__()

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of foreign writes."""
        return (
            *self.common(),
            Always("equal roots mean equal contents", "SYN-5", self.shows_alike),
            Always("nobody counts what has no number", "SYN-3", self.is_uncounted),
            EachStep("to read it again changes nothing", "GUN-11", self.is_unmoved, self.is_again),
            Eventually("all become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("two texts of one instant meet", "HAM-1", self.is_tied),
            Sometimes("a foreign write waits", "HAM-5", self.is_waiting),
        )

    def is_uncounted(self, world: World) -> bool:
        """Check that no vector names the foreign writer."""
        return not any(
            GUN_WRITER in self.state_of(node.state).contacts.seen for node in world.nodes
        )

    def is_again(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a gateway reads what it has received, held, waiting or overtaken."""
        if action[0] != "read":
            return False
        state = self.state_of(before.nodes[self.places[str(action[1])]].state)
        part = self.plan.imports[int(action[2])]
        element = state.graph.held.get(KEY, {}).get("x")
        is_held = element is not None and element.stamp_ns == part.stamp_ns
        return is_held and element is not None and element.value == part.rows[KEY]["x"]

    def is_unmoved(self, before: World, action: Action, after: World) -> bool:
        """Check that nothing changes and nothing is sent."""
        return before == after

    def is_tied(self, world: World) -> bool:
        """Tell whether one end holds `a` and the other `b`, of one instant."""
        rows = [self.state_of(node.state).graph.held.get(KEY, {}) for node in world.nodes]
        return {row["x"].value for row in rows if "x" in row} == {"a", "b"}


ENTRY: Final = Entry(
    Foreign,
    Bounds(states=60_000),
    (
        Sabotage(
            "sameness by dot",
            "a digest does not look at values, for the dot tells writes apart",
            "equal roots mean equal contents",
            (
                Change(
                    "loomweave.core.sync.digest.leaf_of",
                    "value if type(value := element.value) in _SCALARS else _packable(value),",
                    "",
                ),
            ),
        ),
        Sabotage(
            "last arrival wins",
            "of two texts of one instant the one that arrives last wins",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.lattices.register.wins_tie",
                    "order_key(value) > order_key(held.value)",
                    "True",
                ),
            ),
        ),
    ),
)
