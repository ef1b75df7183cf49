"""Two replicas whose link breaks at one side, at the other, or loses a hello. Spec: SYN-1."""

from collections.abc import Iterator
from typing import Final

from loomweave.core.graph.operations import PutNode
from loomweave_proofs.explore.local import DOWN, Item
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

WITHIN: Final = 60


class Session(WorldModel):
    """Hello, cut and hello again, each side noticing for itself. Spec: SYN-1 to SYN-5."""

    name = "session"
    words = "two replicas greet each other and resume after cuts that each side notices by itself"
    shipped = (
        "loomweave.core.machine.step",
        "loomweave.core.replica.session.connect",
        "loomweave.core.replica.session.disconnect",
        "loomweave.core.replica.session.greet",
        "loomweave.core.replica.session.insist",
        "loomweave.core.replica.session.compare",
    )

    def __init__(self) -> None:
        self.plan = Plan(
            names=("r0", "r1"),
            pairs=(("r0", "r1"),),
            writes={
                "r0": ((PutNode("n", properties={"a": 1}),),),
                "r1": ((PutNode("n", properties={"a": 2}),),),
            },
            drops=1,
            cuts=2,
            compares=("r0",),
            busy=1,
            is_greeted=False,
        )
        super().__init__()

    def link_actions(self, world: World) -> Iterator[Action]:
        """Each side loses and finds the other for itself."""
        for near, far in (("r0", "r1"), ("r1", "r0")):
            if (near, far) not in world.links:
                yield ("join", near, far)
            elif world.cuts:
                yield ("lose", near, far)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one side lose the other, or anything else happen."""
        match action:
            case ("lose", str(a), str(b)):
                return self.parted(world._replace(cuts=world.cuts - 1), a, b)
            case _:
                return super().apply(world, action)

    def heard(self, world: World, at: int, item: Item) -> World:
        """Note that a frame was turned away for want of a hello."""
        is_early = item.kind == "refused" and item.word == "SYN-1"
        return world._replace(notes=("early",)) if is_early else world

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a session."""
        return (
            *self.common(),
            EachStep(
                "nothing is taken before the hello", "SYN-1", self.is_unmoved, self.is_ungreeted
            ),
            Eventually(
                "both greet and become alike", "SYN-9", self.is_quiet, self.is_joined, WITHIN
            ),
            Sometimes("a frame came before the hello", "SYN-1", lambda world: bool(world.notes)),
            Sometimes("both greeted after a cut", "SYN-1", self.is_resumed),
            Sometimes("one side holds a dead link", "SYN-1", lambda world: len(world.links) == 1),
        )

    def is_ungreeted(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a frame other than a hello reaches someone who was not greeted."""
        match action:
            case ("deliver", str(to), str(by), str(kind), _):
                state = self.state_of(before.nodes[self.places[to]].state)
                return kind != "Hello" and by not in state.contacts.links
            case _:
                return False

    def is_unmoved(self, before: World, action: Action, after: World) -> bool:
        """Check that such a frame changes nothing that is held or counted."""
        at = self.places[str(action[1])]
        old, new = (self.state_of(world.nodes[at].state) for world in (before, after))
        return old.graph is new.graph and old.contacts.seen == new.contacts.seen

    def is_joined(self, world: World) -> bool:
        """Tell whether each has greeted the other and both are alike."""
        return self.is_complete(world) and all(
            len(self.state_of(node.state).contacts.links) == 1
            for node in world.nodes
            if node.state != DOWN
        )

    def is_resumed(self, world: World) -> bool:
        """Tell whether both have greeted after a cut and a write."""
        return world.cuts < self.plan.cuts and self.is_joined(world) and len(world.batches) == 2


ENTRY: Final = Entry(
    Session,
    Bounds(states=80_000),
    (
        Sabotage(
            "hello said once",
            "a hello that got no answer is not said again",
            "both greet and become alike",
            (
                Change(
                    "loomweave.core.replica.session.compare",
                    "if not contacts.peers[name].greeted",
                    "if False",
                ),
            ),
        ),
        Sabotage(
            "no hello needed",
            "a frame is taken from whoever sends it",
            "nothing is taken before the hello",
            (
                Change(
                    "loomweave.core.machine.receive",
                    "and source in state.contacts.links:",
                    "or source == '':",
                    (("if source not in state.contacts.links:", "if source == '':"),),
                ),
            ),
        ),
    ),
)
