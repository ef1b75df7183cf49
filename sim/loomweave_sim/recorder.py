"""Tells the oracle what clients wrote and what they were told. Spec: SCN-25."""

from loomweave.core.events import (
    Effect,
    Import,
    Notify,
    Rejected,
    Reply,
    Write,
    Written,
)
from loomweave.core.graph.merge import elements_of
from loomweave.core.graph.operations import Delete, Patch, PutEdge, PutNode
from loomweave.core.replica.state import State
from loomweave.core.values import is_same, normalise
from loomweave_sim.node import IMPORT_REQUEST
from loomweave_sim.oracle import Dot, Made, Oracle, Place
from loomweave_sim.stage import Host, Watcher


class Recorder(Watcher):
    """Watches requests and answers. Spec: SCN-25."""

    def __init__(self) -> None:
        self.oracle = Oracle()
        self.acknowledged = 0
        self.answered = 0
        self.declined = 0
        self.mistakes: list[str] = []
        self.orphaned: set[int] = set()
        """Requests whose replica died before it answered: nobody knows what became of them."""
        self._written: dict[int, list[Place]] = {}
        """Of each request under way, the fields that it wrote."""
        self._answers: set[int] = set()

    def asked(
        self, node: Host, event: Write | Import, before: State, effects: tuple[Effect, ...]
    ) -> None:
        """Take note of what a request wrote."""
        if isinstance(event, Write):
            self._take(node, event, effects)
        elif isinstance(event, Import) and not self.oracle.made:
            for part in event.parts:
                for entity, row in elements_of(part).items():
                    for field, element in row.items():
                        made = Made(element, node.index, None)
                        self.oracle.write((entity, field), made)
                        self.oracle.acknowledge((part.writer, part.seq), [(entity, field)])

    def _take(self, node: Host, event: Write, effects: tuple[Effect, ...]) -> None:
        outcome = next(
            effect.outcome
            for effect in effects
            if type(effect) is Reply and effect.request_id == event.request_id
        )
        if not isinstance(outcome, Written) or not outcome.seq:
            return
        node.issued_max_ns = max(node.issued_max_ns, outcome.stamp_ns)
        dot = (outcome.writer, outcome.seq)
        places: list[Place] = []
        for effect in effects:
            if type(effect) is Notify:
                places += self._take_entry(node, effect, dot)
        self._written[event.request_id] = places
        self._check(node, event, outcome)

    def _take_entry(self, node: Host, entry: Notify, dot: Dot) -> list[Place]:
        places: list[Place] = []
        for entity, row in entry.won.items():
            seen = entry.before[entity]
            for field, element in row.items():
                if (element.writer, element.seq) != dot:
                    continue
                old = seen.get(field)
                parent = None if old is None else (old.writer, old.seq)
                self.oracle.write((entity, field), Made(element, node.index, parent))
                places.append((entity, field))
        return places

    def _check(self, node: Host, event: Write, outcome: Written) -> None:
        """Hold what was written against what was asked for."""
        held = node.state.graph.held
        for operation, id in zip(event.operations, outcome.ids, strict=True):
            if isinstance(operation, Delete):
                continue
            kind = "edge" if isinstance(operation, PutEdge) else "node"
            if isinstance(operation, Patch):
                kind = operation.kind.value
            row = held.get(f"{operation.namespace}\x00{kind}\x00{id}", {})
            assert isinstance(operation, (Patch, PutNode, PutEdge))
            for name, raw in operation.properties.items():
                element = row.get(name)
                found = None if element is None else element.value
                if not is_same(found, normalise(raw)):
                    asked = f"request {event.request_id} asked {node.name} for {name}={raw!r}"
                    self.mistakes.append(f"{asked}, and it wrote {found!r}")

    def replied(self, node: Host, reply: Reply) -> None:
        """Take note that a client was told."""
        request = reply.request_id
        if request == IMPORT_REQUEST:
            return
        outcome = reply.outcome
        if isinstance(outcome, Rejected):
            self.declined += 1
            if outcome.rule != "MCH-11":
                self._answer(request)
            return
        self._answer(request)
        self.acknowledged += 1
        if outcome.seq:
            dot = (outcome.writer, outcome.seq)
            self.oracle.acknowledge(dot, self._written.pop(request, []))

    def _answer(self, request: int) -> None:
        self.answered += 1
        if request in self._answers:
            self.mistakes.append(f"request {request} was answered twice")
        self._answers.add(request)

    def crashing(self, node: Host) -> None:
        """Take note of the requests that die with a replica."""
        asked = node.world.requests
        self.orphaned |= {r for r in sorted(asked) if asked[r].replica == node.index}
