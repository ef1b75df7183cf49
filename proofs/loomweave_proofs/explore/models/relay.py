"""Three replicas in a line: the one in the middle passes on. Spec: SYN-2, SYN-9."""

from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.model import (
    Action,
    Bounds,
    EachStep,
    Eventually,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 40


class Relay(WorldModel):
    """Batches alone, without any digest, reach everybody and stop there. Spec: SYN-2, SYN-9."""

    name = "relay"
    words = "batches cross a line of three replicas without digests, and nothing echoes"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.intake.forward",
        "loomweave.core.replica.session.take_batch",
    )

    def __init__(self) -> None:
        self.plan = Plan(
            pairs=(("r0", "r1"), ("r1", "r2")),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("m", properties={"a": 1}),)),
                "r1": ((PutNode("n", properties={"a": 2}),),),
                "r2": ((PutNode("n", properties={"a": 3}),),),
            },
            doubles=2,
            busy=4,
        )
        super().__init__()

    def fair(self, world: World) -> Action | None:
        """Deliver what is in flight, and nothing else."""
        action = super().fair(world)
        return None if action is None or action[0] == "round" else action

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a line."""
        return (
            *self.common(),
            EachStep(
                "nothing goes back to whom it came from", "SYN-2", self.is_onward, self.is_got
            ),
            EachStep("what is known is not passed on", "SYN-2", self.is_silent, self.is_old),
            Eventually(
                "what is under way reaches all", "SYN-2", self.is_any, self.is_complete, WITHIN
            ),
            Sometimes("all writes have reached all", "SYN-2", self.is_over),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_got(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a batch is delivered."""
        return action[0] in ("deliver", "double") and action[3] == "Batch"

    def is_onward(self, before: World, action: Action, after: World) -> bool:
        """Check that a delivery puts nothing in flight to the sender."""
        _, to, by, *_ = action
        ways = [sum(m[:2] == (by, to) for m in world.net) for world in (before, after)]
        return ways[1] <= ways[0]

    def is_old(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a delivery brings nothing new."""
        if not self.is_got(before, action, after):
            return False
        at = self.places[str(action[1])]
        old, new = before.nodes[at].state, after.nodes[at].state
        return self.replicas.roots[old] == self.replicas.roots[new] and (
            self.state_of(old).graph.waiting == self.state_of(new).graph.waiting
        )

    def is_silent(self, before: World, action: Action, after: World) -> bool:
        """Check that the receiver puts nothing in flight."""
        sent = [sum(m[1] == action[1] for m in world.net) for world in (before, after)]
        return sent[1] <= sent[0]

    def is_over(self, world: World) -> bool:
        """Tell whether all is written and delivered."""
        return len(world.batches) == 4 and not world.net and self.is_complete(world)


ENTRY: Final = Entry(
    Relay,
    Bounds(states=100_000),
    (
        Sabotage(
            "echo",
            "a batch is passed on also to the peer that sent it",
            "nothing goes back to whom it came from",
            (Change("loomweave.core.replica.intake.forward", "if peer != source", "if True"),),
        ),
        Sabotage(
            "nothing is passed on",
            "a batch stays where it arrives",
            "what is under way reaches all",
            (
                Change(
                    "loomweave.core.replica.session.take_batch",
                    "effects = (*effects, *forward(state, batch, source))",
                    "effects = tuple(effects)",
                ),
            ),
        ),
        Sabotage(
            "all is passed on",
            "a batch is passed on also where it was known",
            "what is known is not passed on",
            (
                Change(
                    "loomweave.core.replica.session.take_batch",
                    "        return state, ()\n    if is_journal",
                    "        return state, forward(state, batch, source)\n    if is_journal",
                ),
            ),
        ),
    ),
)
