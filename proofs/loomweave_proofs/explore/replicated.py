"""Models of whole replicas, with what most of them ask of a world. Spec: PRF-20 to PRF-23."""

from loomweave.core.graph import waiting
from loomweave.core.graph.store import received_row
from loomweave.core.replica.state import State
from loomweave_proofs.explore.local import DOWN
from loomweave_proofs.explore.machines import Machines
from loomweave_proofs.explore.model import Action, Always
from loomweave_proofs.explore.rules import covers
from loomweave_proofs.explore.sabotage import Constant
from loomweave_proofs.explore.telling import describe, state_text
from loomweave_proofs.explore.world import World, oldest


class WorldModel(Machines):
    """A model whose states are worlds; subclasses set the plan and the properties. Spec: PRF-20."""

    settings: tuple[Constant, ...] = (Constant("loomweave.core.sync.digest.BUCKET_COUNT", 4),)

    def __init__(self) -> None:
        super().__init__()
        self._covered: dict[tuple[int, int], bool] = {}

    def fair(self, world: World) -> Action | None:
        """Restart, sync, join, deliver, let time pass, compare: each as soon as nothing is left."""
        for at, name in enumerate(self.plan.names):
            if world.nodes[at].state == DOWN:
                return ("restart", name)
            if world.nodes[at].queue:
                return ("sync", name)
        for a, b in self.plan.pairs:
            for near, far in ((a, b), (b, a)):
                if (near, far) not in world.links:
                    return ("join", near, far)
        if world.net:
            return ("deliver", *oldest(world)[:3], 0)
        return ("tick",) if self.is_waiting(world) else ("round",)

    def is_waiting(self, world: World) -> bool:
        """Tell whether some replica holds writes that are not due."""
        return any(self.state_of(node.state).graph.waiting for node in world.nodes if node.state)

    def is_converged(self, world: World) -> bool:
        """Tell whether all run, received the same, and nothing waits."""
        roots = self.replicas.roots
        first = world.nodes[0].state
        return (
            all(node.state != DOWN and roots[node.state] == roots[first] for node in world.nodes)
            and not any(node.queue for node in world.nodes)
            and not self.is_waiting(world)
        )

    def covers(self, state: int, entry: int) -> bool:
        """Tell whether a replica received what an entry of some feed tells. Spec: HAM-6."""
        found = self._covered.get((state, entry))
        if found is None:
            graph = self.state_of(state).graph
            early = waiting.rows_of(graph.waiting)
            won = self.replicas.entries[entry].won
            found = all(covers(received_row(graph, early, key), won[key]) for key in sorted(won))
            self._covered[(state, entry)] = found
        return found

    def has_claimed(self, world: World) -> bool:
        """Tell whether every replica received each batch that its vector counts. Spec: SYN-3."""
        return all(
            self.covers(node.state, entry)
            for writer, seq, entry in world.batches
            for node in world.nodes
            if node.state != DOWN and self.state_of(node.state).contacts.seen.get(writer, 0) >= seq
        )

    def is_complete(self, world: World) -> bool:
        """Tell whether all replicas are alike and have every batch. Spec: SYN-9."""
        return self.is_converged(world) and all(
            self.covers(node.state, entry) for _, _, entry in world.batches for node in world.nodes
        )

    def shows_alike(self, world: World) -> bool:
        """Check that replicas with one root hold and await the same elements."""
        seen: dict[bytes, object] = {}
        for node in world.nodes:
            state = self.state_of(node.state)
            if state.graph.waiting:
                continue
            rows = {entity: state.graph.held[entity] for entity in sorted(state.graph.held)}
            if seen.setdefault(self.replicas.roots[node.state], rows) != rows:
                return False
        return True

    def common(self) -> tuple[Always[World], ...]:
        """List what every world of replicas must keep."""
        rules = Always("each step of a replica keeps the rules", "MCH-1", self.keeps_rules)
        if not self.plan.notes_writes:
            return (rules,)
        return (rules, Always("what a vector counts was received", "SYN-3", self.has_claimed))

    def is_quiet(self, world: World) -> bool:
        """Tell whether nothing is in flight."""
        return not world.net

    def keeps_rules(self, world: World) -> bool:
        """Tell whether no replica took a step against the rules of every step."""
        return not world.fault

    def tell(self, before: World, action: Action, after: World) -> str:
        """Say what happened."""
        return describe(self.replicas, self.plan, before, action, after)

    def show(self, world: World) -> str:
        """Say how each replica stands."""
        return "; ".join(
            f"{name}: {self.show_state(self.state_of(node.state)) if node.state else 'down'}"
            for name, node in zip(self.plan.names, world.nodes, strict=True)
        )

    def show_state(self, state: State) -> str:
        """Say what a replica holds."""
        return state_text(state)
