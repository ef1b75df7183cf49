"""Three replicas, and a network that loses, doubles and reorders what it carries. Spec: SYN."""

from typing import Final

from loomweave.core.entities import Kind
from loomweave.core.graph.operations import Delete, PutNode
from loomweave_proofs.explore.model import Always, Bounds, Eventually, Property, Sometimes
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.replicated import WorldModel
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 80
"""Steps of a fair run: a full exchange of three replicas takes about thirty."""


class Replicas(WorldModel):
    """Concurrent writes of one node reach everybody, whatever the network does. Spec: SYN-9."""

    name = "replicas"
    words = "three replicas write one node while the network loses, doubles and reorders frames"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.graph.store.absorb_part",
        "loomweave.core.graph.store.absorb_rows",
        "loomweave.core.replica.session.take_batch",
        "loomweave.core.replica.reconcile.answer_digest",
        "loomweave.core.replica.reconcile.take_state",
    )

    def __init__(self, drops: int = 2, doubles: int = 1) -> None:
        self.plan = Plan(
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),), (PutNode("n", properties={"b": 1}),)),
                "r1": ((PutNode("n", properties={"a": 2}),),),
                "r2": ((Delete(Kind.NODE, "n"),),),
            },
            drops=drops,
            doubles=doubles,
            compares=("r0",),
            busy=1,
        )
        super().__init__()

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of three replicas."""
        return (
            *self.common(),
            Always("equal roots mean equal contents", "SYN-5", self.shows_alike),
            Eventually("all become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("all are alike after all writes", "SYN-9", self.is_over),
            Sometimes("a frame was lost", "SYN-5", lambda world: world.drops < self.plan.drops),
            Sometimes("a deletion meets a write that did not know it", "GRF-4", self.is_contested),
        )

    def is_over(self, world: World) -> bool:
        """Tell whether all writes were made and all replicas are alike."""
        return self.is_converged(world) and all(node.done for node in world.nodes)

    def is_contested(self, world: World) -> bool:
        """Tell whether r2 has deleted the node and r1 has written it, apart from each other."""
        roots = {self.replicas.roots[node.state] for node in world.nodes}
        return len(roots) == 3 and all(node.done for node in world.nodes)


ENTRY: Final = Entry(
    Replicas,
    Bounds(states=120_000),
    (
        Sabotage(
            "digests go unanswered",
            "a replica whose root differs says nothing",
            "all become alike",
            (
                Change(
                    "loomweave.core.replica.reconcile.answer_digest",
                    "(_send(state, peer, Buckets(sums_bytes(state.summary))),)",
                    "()",
                ),
            ),
        ),
        Sabotage(
            "roots never differ",
            "a digest is answered as if the roots were equal",
            "all become alike",
            (
                Change(
                    "loomweave.core.replica.reconcile.answer_digest",
                    "digest.root != root_of(state.summary)",
                    "False",
                ),
            ),
        ),
        Sabotage(
            "seen too much",
            "a batch counts as the writer's next whatever its number",
            "what a vector counts was received",
            (
                Change(
                    "loomweave.core.replica.intake.saw",
                    "seq != contacts.seen.get(writer, 0) + 1",
                    "seq <= contacts.seen.get(writer, 0)",
                ),
            ),
        ),
        Sabotage(
            "stale digest",
            "a change does not mark its entity for the digest",
            "each step of a replica keeps the rules",
            (
                Change(
                    "loomweave.core.graph.store.publish",
                    "mark(graph.unsummed, tuple(merged.fresh))",
                    "graph.unsummed",
                ),
            ),
        ),
    ),
)
