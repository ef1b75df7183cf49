"""Two replicas that grew apart, and a comparison any frame of which may go wrong. Spec: SYN-5."""

from collections.abc import Iterator
from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 60


class Descent(WorldModel):
    """Root, buckets, leaves, state: lost, doubled or late, they lead to likeness. Spec: SYN-4."""

    name = "descent"
    words = "two replicas that grew apart compare while any frame is lost, doubled or late"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.reconcile.answer_digest",
        "loomweave.core.replica.reconcile.answer_buckets",
        "loomweave.core.replica.reconcile.answer_leaves",
        "loomweave.core.replica.reconcile.answer_want",
        "loomweave.core.replica.reconcile.take_state",
        "loomweave.core.replica.reconcile.answer_agreed",
    )

    def __init__(self, drops: int = 1, doubles: int = 1) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("m", properties={"a": 1}),)),
                "r1": ((PutNode("n", properties={"a": 2}),),),
            },
            drops=drops,
            doubles=doubles,
            compares=("r0", "r1"),
            busy=1,
            ticks=2,
            offsets_ns={"r0": (1_000,)},
            is_greeted=False,
        )
        super().__init__()

    def starts(self) -> Iterator[World]:
        """Let both write while they are apart; then let them greet and lose what they said."""
        for world in super().starts():
            for name in self.plan.names:
                for _ in self.plan.writes[name]:
                    apart = self.apply(world, ("write", name))
                    assert apart is not None
                    world = apart
            for a, b in (("r0", "r1"), ("r1", "r0")):
                world = self.joined(world, a, b)
            while any(message[2] == "Hello" for message in world.net):
                hello = next(message for message in world.net if message[2] == "Hello")
                world = self.delivered(world, hello, keep=False)
            yield world._replace(net=())

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a comparison."""
        return (
            *self.common(),
            Always("agreement is about equal contents", "SYN-4", self.has_agreed),
            Eventually("both become alike", "SYN-9", self.is_quiet, self.is_level, WITHIN),
            Sometimes("both are alike", "SYN-9", self.is_level),
            Sometimes("a write from the future was taken over", "SYN-7", self.is_early),
            Sometimes("two state frames are under way", "SYN-7", self.is_crossing),
        )

    def has_agreed(self, world: World) -> bool:
        """Check that no vector counts a batch that its replica lacks, nor one never written."""
        written = {(writer, seq) for writer, seq, _ in world.batches}
        return all(
            (writer, seq) in written
            for node in world.nodes
            for writer, seq in self.state_of(node.state).contacts.seen.items()
        )

    def is_level(self, world: World) -> bool:
        """Tell whether both hold the same and have counted the same."""
        vectors = [dict(self.state_of(node.state).contacts.seen) for node in world.nodes]
        return self.is_complete(world) and vectors[0] == vectors[1]

    def is_early(self, world: World) -> bool:
        """Tell whether something waits."""
        return self.is_waiting(world)

    def is_crossing(self, world: World) -> bool:
        """Tell whether state travels both ways at once."""
        return {message[0] for message in world.net if message[2] == "State"} == {"r0", "r1"}


ENTRY: Final = Entry(
    Descent,
    Bounds(states=80_000),
    (
        Sabotage(
            "only what is missing",
            "an entity that both have, with different elements, is not exchanged",
            "both become alike",
            (
                Change(
                    "loomweave.core.replica.reconcile.answer_leaves",
                    "theirs.leaves.get(entity) != mine[entity]",
                    "entity not in theirs.leaves",
                    (("mine.get(entity) != theirs.leaves[entity]", "entity not in mine"),),
                ),
            ),
        ),
        Sabotage(
            "agreed too soon",
            "roots that differ are answered with our vector as well",
            "what a vector counts was received",
            (
                Change(
                    "loomweave.core.replica.reconcile.answer_digest",
                    "return state, (_send(state, peer, Buckets(sums_bytes(state.summary))),)",
                    "return state, (_send(state, peer, Buckets(sums_bytes(state.summary))),"
                    " _send(state, peer, Agreed(dict(state.contacts.seen))))",
                ),
            ),
        ),
        Sabotage(
            "vectors never meet",
            "equal roots are never followed by vectors",
            "both become alike",
            (
                Change(
                    "loomweave.core.replica.reconcile.answer_digest",
                    "digest.seen_id == seen_id(state)",
                    "True",
                ),
            ),
        ),
    ),
)
