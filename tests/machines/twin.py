"""A replica as a child would write it: sets of tuples, full scans, the greatest of a list.

It knows nothing of batches, rooms, indexes and digests. What it holds, the machine must hold.
"""

from attrs import Factory, define

from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.lattices.register import Element
from loomweave.core.values import Value, is_same, normalise, order_key

Place = tuple[str, str]
Plan = dict[Place, Value]


class Impossible(Exception):
    """A client asked for what the rules forbid."""


def key_of(kind: str, id: str) -> str:
    return f"graph\x00{kind}\x00{id}"


Order = tuple[int, tuple[bytes, int, bytes], bytes, int]


def order_of(element: Element) -> Order:
    return element.stamp_ns, order_key(element.value), element.writer, element.seq


@define
class Note:
    """Something received, and the journal's number when it was."""

    place: Place
    element: Element
    order: Order
    lsn: int


@define
class Twin:
    """Everything that one replica was told, and every time that it read."""

    notes: list[Note] = Factory(list)
    times: list[tuple[int, int]] = Factory(list)
    """Instants that the horizon covers, each with the journal's number that keeps it."""
    memo: tuple[int, int, dict[str, dict[str, Element]]] | None = None
    """What was held at that horizon with so many notes: only to save time."""

    # -- time and receiving

    def horizon_ns(self) -> int:
        return max((at_ns for at_ns, _ in self.times), default=0)

    def held(self) -> dict[str, dict[str, Element]]:
        """Find the greatest due element of each field."""
        horizon_ns = self.horizon_ns()
        if self.memo is not None and self.memo[:2] == (horizon_ns, len(self.notes)):
            return self.memo[2]
        best: dict[Place, Note] = {}
        for note in self.notes:
            if note.element.stamp_ns <= horizon_ns:
                other = best.get(note.place)
                if other is None or note.order > other.order:
                    best[note.place] = note
        rows: dict[str, dict[str, Element]] = {}
        for (entity, field), note in best.items():
            rows.setdefault(entity, {})[field] = note.element
        self.memo = (horizon_ns, len(self.notes), rows)
        return rows

    def waiting(self) -> set[tuple[Place, Order]]:
        """List what is not due, each once."""
        horizon_ns = self.horizon_ns()
        return {(n.place, n.order) for n in self.notes if n.element.stamp_ns > horizon_ns}

    def take(self, told: dict[Place, Element], wall_ns: int, skew_max_ns: int, lsn: int) -> None:
        """Note down what is not too far ahead."""
        held = self.held()
        for place, element in told.items():
            old = held.get(place[0], {}).get(place[1])
            is_covered = old is not None and order_of(element) <= order_of(old)
            if is_covered or element.stamp_ns <= wall_ns + skew_max_ns:
                self.notes.append(Note(place, element, order_of(element), lsn))

    def forget(self, durable_lsn: int) -> None:
        """Lose what the journal had not made durable."""
        self.notes = [note for note in self.notes if note.lsn <= durable_lsn]
        self.memo = None
        self.times = [(at_ns, lsn) for at_ns, lsn in self.times if lsn <= durable_lsn]

    # -- reading

    def is_alive(self, entity: str) -> bool:
        row = self.held().get(entity, {})
        if "$created" not in row:
            return bool(row) and "$deleted" not in row
        return "$deleted" not in row or row["$created"].stamp_ns > row["$deleted"].stamp_ns

    def shown(self, entity: str) -> dict[str, Value]:
        """List what shows of a row."""
        row = self.held().get(entity, {})
        deleted_ns = row["$deleted"].stamp_ns if "$deleted" in row else -(2**64)
        if not self.is_alive(entity):
            return {}
        return {
            field: element.value
            for field, element in row.items()
            if element.value is not None and element.stamp_ns > deleted_ns
        }

    def nodes(self) -> dict[str, dict[str, Value]]:
        """List living nodes with their own properties."""
        return {
            entity.split("\x00")[2]: own(self.shown(entity))
            for entity in self.held()
            if entity.split("\x00")[1] == "node" and self.is_alive(entity)
        }

    def edges(self) -> dict[str, Value]:
        """List the edges that show, with their ends."""
        found: dict[str, Value] = {}
        for entity, row in self.held().items():
            if entity.split("\x00")[1] != "edge" or "$ends" not in self.shown(entity):
                continue
            ends = self.shown(entity)["$ends"]
            if "$created" not in row or not is_wellformed(ends):
                continue
            created_ns = row["$created"].stamp_ns
            assert isinstance(ends, tuple)
            if all(self._reaches(created_ns, str(end)) for end in ends[:2]):
                found[entity.split("\x00")[2]] = ends
        return found

    def _reaches(self, created_ns: int, node: str) -> bool:
        row = self.held().get(key_of("node", node), {})
        is_older = "$deleted" in row and created_ns <= row["$deleted"].stamp_ns
        return self.is_alive(key_of("node", node)) and not is_older

    # -- writing, one operation to a batch

    def plan(self, operation: Operation) -> Plan:
        """Work out what an operation writes, or raise Impossible."""
        match operation:
            case PutNode():
                return self._put(operation, key_of("node", operation.id), {}, operation.type)
            case PutEdge():
                return self._put_edge(operation)
            case Patch():
                return self._patch(operation)
            case Delete():
                entity = key_of(operation.kind, operation.id)
                self._must_live(entity)
                return {(entity, "$deleted"): None}

    def _must_live(self, entity: str) -> None:
        if not self.is_alive(entity):
            raise Impossible(entity)

    def _put_edge(self, edge: PutEdge) -> Plan:
        assert edge.id is not None
        entity = key_of("edge", edge.id)
        for end in (edge.source, edge.target):
            self._must_live(key_of("node", end))
        ends = (edge.source, edge.target, edge.type, edge.directed)
        if self.is_alive(entity) and not is_same(self.shown(entity).get("$ends"), ends):
            raise Impossible(entity)
        special: Plan = {}
        if self.is_alive(entity) and edge.id not in self.edges():
            special[entity, "$created"] = None
        if special or not self.is_alive(entity):
            special[entity, "$ends"] = ends
        return self._put(edge, entity, special, None)

    def _put(self, put: PutNode | PutEdge, entity: str, special: Plan, type: str | None) -> Plan:
        is_new = not self.is_alive(entity) or bool(special)
        shown = self.shown(entity)
        wanted: dict[str, Value] = {name: normalise(raw) for name, raw in put.properties.items()}
        wanted |= {f"$label.{label}": True for label in put.labels or ()}
        weight = getattr(put, "weight", None)
        wanted |= {"$weight": weight} if weight is not None else {}
        if isinstance(put, PutNode) and (is_new or type is not None):
            wanted["$type"] = type or "custom"
        written: Plan = dict(special)
        if is_new:
            written[entity, "$created"] = None
        for field, value in wanted.items():
            if is_new or not is_same(shown.get(field), value):
                written[entity, field] = value
        if put.replace:
            for field in shown:
                is_label = field.startswith("$label.") and put.labels is not None
                is_own = is_label or field == "$weight" or not field.startswith("$")
                if field not in wanted and is_own:
                    written[entity, field] = None
        return written

    def _patch(self, patch: Patch) -> Plan:
        entity = key_of(patch.kind, patch.id)
        self._must_live(entity)
        written: Plan = {(entity, n): normalise(raw) for n, raw in patch.properties.items()}
        if patch.weight is not None:
            written[entity, "$weight"] = patch.weight
        written |= {(entity, f"$label.{label}"): True for label in patch.add_labels}
        written |= {(entity, f"$label.{label}"): None for label in patch.drop_labels}
        return written


def is_wellformed(ends: Value) -> bool:
    """Tell whether an edge's ends have the one shape that they may have."""
    if not isinstance(ends, tuple) or [type(part) for part in ends] != [str, str, str, bool]:
        return False
    return all(isinstance(end, str) and end and "\x00" not in end for end in ends[:2])


def own(fields: dict[str, Value]) -> dict[str, Value]:
    """Leave out what LoomWeave itself writes."""
    return {field: value for field, value in fields.items() if not field.startswith("$")}
