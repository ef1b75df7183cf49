"""What the clients of a run do, drawn from the graph that was loaded. Spec: SCN-20.

The stream of actions depends on the scenario, the graph and the seed alone, never on what the
replicas answer, so a broken variant of the system meets the same clients as the true one.
"""

import heapq
from collections.abc import Iterator
from typing import Final

import msgspec

from loomweave.core.entities import Kind
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave_sim.chance import Chance
from loomweave_sim.imports import import_edge_id
from loomweave_sim.scenario import Scenario
from loomweave_sim.sourcegraph import SourceGraph

COMMON_PROPERTIES: Final = ("status", "note", "score", "owner", "rank", "seen", "tags", "colour")
"""Names for properties where the graph has too few of its own. Spec: SCN-20."""
TEXT_STARTS: Final = ("a", "Z", "é", "\ue000", "～", "\U00010000", "😀", '"')
"""Beginnings of texts; orders by UTF-16 unit and by code point disagree on them. Spec: SCN-20."""


class Action(msgspec.Struct, frozen=True):
    """One request of one client. Spec: SCN-20."""

    at_ns: int
    replica: int
    request: int
    """Its number in the run, from 1."""
    operations: tuple[Operation, ...]


class Workload:
    """Draws the actions of all clients, in order of time. Spec: SCN-20."""

    def __init__(self, scenario: Scenario, graph: SourceGraph, seed: int) -> None:
        chance = Chance(seed, "workload")
        rules = scenario.workload
        self._rules = rules
        self._until_ns = scenario.heals_at_ns() if rules.until is None else int(rules.until)
        self._writers = tuple(sorted(set(rules.writers)) or range(scenario.scenario.replicas))
        self._chances = {writer: chance.branch(f"writer/{writer}") for writer in self._writers}
        self._kinds = rules.mix.__struct_fields__
        self._weights = msgspec.structs.astuple(rules.mix)
        self._nodes = [node.id for node in graph.nodes]
        self._edges = [import_edge_id(edge) for edge in graph.edges]
        self._edge_types = sorted({edge.type for edge in graph.edges}) or ["custom"]
        self._node_types = sorted({node.type for node in graph.nodes})
        self._deleted: list[str] = []
        self._requests = 0
        count = rules.properties
        self._node_properties = _names([set(node.properties) for node in graph.nodes], count)
        self._edge_properties = _names([set(edge.properties) for edge in graph.edges], count)
        hot = chance.branch("hot")
        self._hot_nodes = hot.sample(self._nodes, rules.hot_entities)
        self._hot_edges = hot.sample(self._edges, rules.hot_entities)

    def actions(self) -> Iterator[Action]:
        """Yield all actions, in order of time; it can be walked once. Spec: SCN-20."""
        turns = [(self._gap(writer) + self._rules.start, writer) for writer in self._writers]
        heapq.heapify(turns)
        while turns:
            at_ns, writer = heapq.heappop(turns)
            if at_ns >= self._until_ns:
                continue
            yield from self._turn(at_ns, writer, self._chances[writer])
            heapq.heappush(turns, (at_ns + self._gap(writer), writer))

    def _gap(self, writer: int) -> int:
        return self._chances[writer].between(1, 2 * self._rules.every - 1)

    def _turn(self, at_ns: int, writer: int, chance: Chance) -> Iterator[Action]:
        """Take one client's turn; some kinds make others act at the same instant."""
        match self._kinds[chance.pick_weighted(self._weights)]:
            case "patch_node":
                yield self._action(at_ns, writer, self._patch_node(chance))
            case "patch_edge":
                yield self._action(at_ns, writer, self._patch_edge(chance))
            case "put_node":
                yield self._action(at_ns, writer, *self._put_node(chance))
            case "put_edge":
                yield self._action(at_ns, writer, self._put_edge(chance, self._node(chance)))
            case "delete_node":
                yield self._action(at_ns, writer, self._delete_node(chance))
            case "delete_edge":
                yield self._action(at_ns, writer, self._delete_edge(chance))
            case "same_instant":
                yield from self._same_instant(at_ns, chance)
            case "delete_linked":
                yield from self._delete_linked(at_ns, writer, chance)
            case other:
                raise AssertionError(f"no arm for {other}")

    def _action(self, at_ns: int, writer: int, *operations: Operation) -> Action:
        self._requests += 1
        return Action(at_ns, writer, self._requests, operations)

    def _node(self, chance: Chance) -> str:
        is_hot = chance.chance_ppm(self._rules.hot)
        return chance.pick(self._hot_nodes if is_hot else self._nodes)

    def _patch_node(self, chance: Chance) -> Patch:
        name = chance.pick(self._node_properties)
        return Patch(Kind.NODE, self._node(chance), {name: self._value(chance)})

    def _patch_edge(self, chance: Chance) -> Operation:
        if not self._edges:
            return self._patch_node(chance)
        is_hot = chance.chance_ppm(self._rules.hot)
        id = chance.pick(self._hot_edges if is_hot and self._hot_edges else self._edges)
        if chance.below(2):
            return Patch(Kind.EDGE, id, weight=chance.below(100))
        return Patch(Kind.EDGE, id, {chance.pick(self._edge_properties): self._value(chance)})

    def _put_node(self, chance: Chance) -> tuple[Operation, ...]:
        """Create a deleted node anew, or one that never was and an edge to it, in one batch."""
        name = chance.pick(self._node_properties)
        type = chance.pick(self._node_types)
        if self._deleted and chance.below(3):
            id = self._deleted.pop(chance.below(len(self._deleted)))
            return (PutNode(id, type, {name: self._value(chance)}),)
        id = f"new-{self._requests + 1}"
        node = PutNode(id, type, {name: self._value(chance)}, labels=("new",))
        edge = self._put_edge(chance, id)
        self._nodes.append(id)
        return node, edge

    def _put_edge(self, chance: Chance, source: str) -> PutEdge:
        id = f"edge-{self._requests + 1}"
        target = chance.pick(self._nodes)
        self._edges.append(id)
        return PutEdge(source, target, chance.pick(self._edge_types), id, weight=chance.below(100))

    def _delete_node(self, chance: Chance) -> Delete:
        id = self._node(chance)
        if id not in self._deleted:
            self._deleted.append(id)
        return Delete(Kind.NODE, id)

    def _delete_edge(self, chance: Chance) -> Operation:
        if not self._edges:
            return self._patch_node(chance)
        return Delete(Kind.EDGE, chance.pick(self._edges))

    def _same_instant(self, at_ns: int, chance: Chance) -> Iterator[Action]:
        """Let several clients write one property of one node at one instant."""
        node = self._node(chance)
        name = chance.pick(self._node_properties)
        count = chance.between(2, max(2, len(self._writers)))
        for writer in sorted(chance.sample(self._writers, count)):
            yield self._action(at_ns, writer, Patch(Kind.NODE, node, {name: self._text(chance)}))

    def _delete_linked(self, at_ns: int, writer: int, chance: Chance) -> Iterator[Action]:
        """Let a client delete a node while another one links to it."""
        deletion = self._delete_node(chance)
        others = [other for other in self._writers if other != writer]
        if others:
            linker = chance.pick(others)
            yield self._action(at_ns, linker, self._put_edge(chance, deletion.id))
        yield self._action(at_ns, writer, deletion)

    def _text(self, chance: Chance) -> str:
        return f"{chance.pick(TEXT_STARTS)}{chance.below(1000)}"

    def _value(self, chance: Chance) -> object:
        """Draw a value; the kinds that disagree most about order come most often."""
        match chance.below(10):
            case 0:
                return None
            case 1:
                return bool(chance.below(2))
            case 2 | 3:
                return chance.below(50)
            case 4:
                return chance.below(400) / 8
            case 5:
                return [chance.below(5), self._text(chance)]
            case _:
                return self._text(chance)


def _names(found: list[set[str]], count: int) -> list[str]:
    """Choose names of properties: the graph's own first, then common ones."""
    own = sorted(set().union(*found))
    return [*own, *(name for name in COMMON_PROPERTIES if name not in own)][:count]
