"""One file loaded anywhere, any number of times, beside ordinary writes. Spec: GRF-17."""

from typing import Final

from loomweave.core.entities import CREATED, TYPE, Kind, node_key
from loomweave.core.graph import view
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Delete, PutNode
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
from loomweave_proofs.explore.world import Plan, World

WITHIN: Final = 60
FILE: Final = b"the hash of file"


class Imports(WorldModel):
    """A file is the same wherever it is loaded, and any write wins over it. Spec: GRF-17."""

    name = "imports"
    words = "one file is loaded at two replicas, again and again, beside ordinary writes"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.local.load",
        "loomweave.core.graph.store.absorb_part",
        "loomweave.core.graph.merge.merge_part",
    )

    def __init__(self) -> None:
        rows = {CREATED: None, TYPE: "person", "a": 0}
        self.plan = Plan(
            pairs=(("r0", "r1"), ("r1", "r2")),
            writes={
                "r0": ((PutNode("n", properties={"a": -1}),),),
                "r2": ((Delete(Kind.NODE, "n"),), (PutNode("m", properties={"a": 2}),)),
            },
            imports=(
                Part(FILE, 1, 0, {node_key("n"): dict(rows)}),
                Part(FILE, 2, 0, {node_key("m"): dict(rows)}),
            ),
            importers=("r0", "r1"),
            drops=1,
            doubles=1,
            compares=("r1",),
            busy=2,
        )
        super().__init__()
        self.is_bare = self.replicas.remembered(
            lambda state: any(node.properties["a"] == 0 for node in view.all_nodes(state.graph))
        )

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of imports."""
        return (
            *self.common(),
            EachStep("a second load changes nothing", "GRF-17", self.is_unmoved, self.is_again),
            Always("a write wins over the file", "GRF-17", self.wins, self.has_both),
            Eventually("all become alike", "SYN-9", self.is_quiet, self.is_complete, WITHIN),
            Sometimes("the file shows", "GRF-17", self.is_loaded),
            Sometimes("two replicas loaded it apart", "GRF-17", self.is_twice),
        )

    def has_loaded(self, world: World, at: int) -> bool:
        """Tell whether a replica counts the whole file."""
        return self.state_of(world.nodes[at].state).contacts.seen.get(FILE, 0) == 2

    def is_again(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a file is loaded where it was loaded."""
        return action[0] == "import" and self.has_loaded(before, self.places[str(action[1])])

    def is_unmoved(self, before: World, action: Action, after: World) -> bool:
        """Check that nothing changes and nothing is sent."""
        return before == after

    def has_both(self, world: World) -> bool:
        """Tell whether r0 wrote and loaded."""
        return world.nodes[0].done == 1 and self.has_loaded(world, 0)

    def wins(self, world: World) -> bool:
        """Check that r0 shows what it wrote, or what came after, and not the file's."""
        node = view.find_node(self.state_of(world.nodes[0].state).graph, "n")
        return node is None or node.properties["a"] != 0

    def is_loaded(self, world: World) -> bool:
        """Tell whether a value of the file shows somewhere."""
        return any(self.is_bare(node.state) for node in world.nodes)

    def is_twice(self, world: World) -> bool:
        """Tell whether both loaded the file and it is under way from both."""
        senders = {message[1] for message in world.net if message[2] == "Batch"}
        return senders >= {"r0", "r1"} and self.has_loaded(world, 0) and self.has_loaded(world, 1)


ENTRY: Final = Entry(
    Imports,
    Bounds(states=70_000),
    (
        Sabotage(
            "equal wins again",
            "an element wins over its equal",
            "a second load changes nothing",
            (
                Change(
                    "loomweave.core.lattices.register.wins_tie", "seq > held.seq", "seq >= held.seq"
                ),
            ),
        ),
        Sabotage(
            "stamped now",
            "a file is stamped when it is loaded",
            "a write wins over the file",
            (
                Change(
                    "loomweave.core.replica.local.load",
                    "for part in event.parts:",
                    "for part in [replace(p, stamp_ns=event.wall_ns) for p in event.parts]:",
                ),
            ),
        ),
    ),
)
