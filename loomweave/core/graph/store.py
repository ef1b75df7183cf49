"""The graph of one replica, and the transition that takes a delta in. Spec: HAM-3 to HAM-9, GRF-9.

*Check* what of the delta is new, *decide* by its stamps, *change* rows, room, index and summary
in one step, *tell* what won and what was refused.
"""

from typing import Final

import msgspec

from loomweave.core.clocks import is_ahead, is_due, retry_at
from loomweave.core.errors import Refusal
from loomweave.core.graph import waiting as room_rules
from loomweave.core.graph.index import Index, empty_index, reindex
from loomweave.core.graph.merge import (
    NO_ROW,
    Merged,
    Part,
    elements_of,
    merge_part,
    merge_rows,
    rows_join,
)
from loomweave.core.graph.waiting import Room
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.persistent import PMap, empty

WAIT_RETRY_NS: Final = 1_000_000_000
"""When to offer again what found the waiting room full. Spec: HAM-9."""


class Graph(msgspec.Struct, frozen=True, gc=False):
    """Everything that a replica has received of a graph. Spec: HAM-6."""

    held: PMap[str, Row]
    """Due elements: what can be seen."""
    waiting: Room
    index: Index
    unsummed: "Unsummed | None"
    """Entities that changed since the digest was last computed. Spec: SYN-5."""


class Unsummed(msgspec.Struct, frozen=True, gc=False):
    """A chain of changed entities, newest first; adding to it costs nothing. Spec: SYN-5."""

    entities: tuple[str, ...]
    rest: "Unsummed | None"
    length: int


UNSUMMED_LENGTH_MAX: Final = 1_024
"""Links of a chain before it is folded into one, so that it stays shallow. Spec: SYN-5."""


def mark(unsummed: Unsummed | None, entities: tuple[str, ...]) -> Unsummed:
    """Note that entities changed since the last digest. Spec: SYN-5."""
    if unsummed is None:
        return Unsummed(entities, None, 1)
    if unsummed.length < UNSUMMED_LENGTH_MAX:
        return Unsummed(entities, unsummed, unsummed.length + 1)
    return Unsummed(tuple({**_gathered(unsummed), **dict.fromkeys(entities)}), None, 1)


def marked(unsummed: Unsummed | None) -> list[str]:
    """List the entities of a chain, once each, in order of their keys. Spec: SYN-5."""
    return sorted(_gathered(unsummed))


def _gathered(unsummed: Unsummed | None) -> dict[str, None]:
    """Gather the entities of a chain, once each, the newest first."""
    found: dict[str, None] = {}
    while unsummed is not None:
        found.update(dict.fromkeys(unsummed.entities))
        unsummed = unsummed.rest
    return found


class Gate(msgspec.Struct, frozen=True, gc=False):
    """What decides on admission: time at the receiver and who delivers. Spec: HAM-3."""

    horizon_ns: int
    wall_ns: int
    skew_max_ns: int
    peer: str
    bounded: bool = True
    """Whether the bounds of the waiting room hold: not for what the journal gives back."""


NO_ROWS: Final[Rows] = {}


class Absorbed(msgspec.Struct, frozen=True, gc=False):
    """What a delta did. Spec: HAM-3, HAM-8."""

    graph: Graph
    won: Rows
    before: dict[str, Row]
    parked: Rows
    """Elements that went to wait."""
    refusals: tuple[Refusal, ...]
    newest_ns: int | None
    """Greatest stamp among the winners."""


def empty_graph() -> Graph:
    """Return a graph of nothing."""
    return Graph(empty(), (), empty_index(), None)


def absorb_part(graph: Graph, part: Part, gate: Gate) -> Absorbed:
    """Take in a part of one batch, whole or not at all. Spec: HAM-3, HAM-7."""
    if part.stamp_ns > admitted_ns(gate):
        return park(graph, elements_of(part), gate)
    merged = merge_part(graph.held, part)
    if not merged.won:
        return Absorbed(graph, NO_ROWS, NO_ROWS, NO_ROWS, (), None)
    after = publish(graph, merged)
    return Absorbed(after, merged.won, merged.before, NO_ROWS, (), part.stamp_ns)


def admitted_ns(gate: Gate) -> int:
    """Compute the greatest stamp that is joined at once. Spec: HAM-3, CLK-3, CLK-5.

    The skew limit is measured from the wall clock: one that was set back refuses also what is due.
    """
    return min(gate.horizon_ns, gate.wall_ns + gate.skew_max_ns)


def absorb_parts(graph: Graph, parts: tuple[Part, ...], gate: Gate) -> Absorbed:
    """Take in parts of different stamps that share no entity, in one step. Spec: HAM-3, GUN-11."""
    if len(parts) == 1:
        return absorb_part(graph, parts[0], gate)
    merged = Merged({}, {}, {})
    newest_ns: int | None = None
    early: Rows = {}
    held, won, greatest_ns = graph.held, merged.won, admitted_ns(gate)
    for part in parts:
        if part.stamp_ns > greatest_ns:
            early |= elements_of(part)
            continue
        assert won.keys().isdisjoint(part.rows), "no entity stands in two parts"
        count = len(won)
        merge_part(held, part, merged)
        if len(won) > count and (newest_ns is None or part.stamp_ns > newest_ns):
            newest_ns = part.stamp_ns
    after = publish(graph, merged) if merged.won else graph
    if not early:
        return Absorbed(after, merged.won, merged.before, {}, (), newest_ns)
    parked = park(after, early, gate)
    return Absorbed(
        parked.graph, merged.won, merged.before, parked.parked, parked.refusals, newest_ns
    )


def absorb_rows(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Take in elements that each have a stamp of their own. Spec: HAM-3."""
    due, early = split_rows(rows, admitted_ns(gate))
    merged = merge_rows(graph.held, due)
    after = publish(graph, merged) if merged.won else graph
    newest_ns = max(
        (element.stamp_ns for row in merged.won.values() for element in row.values()),
        default=None,
    )
    if not early:
        return Absorbed(after, merged.won, merged.before, {}, (), newest_ns)
    parked = park(after, early, gate)
    return Absorbed(
        parked.graph, merged.won, merged.before, parked.parked, parked.refusals, newest_ns
    )


def split_rows(rows: Rows, admitted_ns: int) -> tuple[Rows, Rows]:
    """Part admitted elements from the others. Most often all are, and `rows` itself is returned."""
    early: Rows = {}
    for entity, fields in rows.items():
        for field, element in fields.items():
            if not is_due(element.stamp_ns, admitted_ns):
                early.setdefault(entity, {})[field] = element
    if not early:
        return rows, early
    due = {
        entity: {f: e for f, e in fields.items() if f not in early.get(entity, NO_ROW)}
        for entity, fields in rows.items()
    }
    return {entity: fields for entity, fields in due.items() if fields}, early


def park(graph: Graph, early: Rows, gate: Gate) -> Absorbed:
    """Let elements from the future wait, or refuse them so that they are offered again.

    Spec: HAM-4, HAM-5, HAM-9, CLK-5. What is held already is settled first.
    """
    fresh = {
        entity: kept
        for entity, fields in early.items()
        if (kept := room_rules.undominated(graph.held.get(entity, NO_ROW), fields))
    }
    refusals, welcome = screen(fresh, gate)
    arriving = room_rules.newcomers(graph.waiting, welcome, gate.peer)
    if not arriving:
        return Absorbed(graph, {}, {}, {}, refusals, None)
    if gate.bounded and not room_rules.has_place(graph.waiting, arriving, gate.peer):
        refusal = Refusal(
            "HAM-9",
            "the waiting room is full; offer the write again later",
            arriving[0].entity,
            gate.wall_ns + WAIT_RETRY_NS,
        )
        return Absorbed(graph, {}, {}, {}, (*refusals, refusal), None)
    parked = room_rules.rows_of(arriving)
    after = Graph(
        graph.held,
        room_rules.enter(graph.waiting, arriving),
        graph.index,
        mark(graph.unsummed, tuple(parked)),
    )
    return Absorbed(after, {}, {}, parked, refusals, None)


def screen(rows: Rows, gate: Gate) -> tuple[tuple[Refusal, ...], Rows]:
    """Refuse what lies beyond the skew limit, and say from when it is welcome. Spec: CLK-5."""
    ahead = [
        element.stamp_ns
        for fields in rows.values()
        for element in fields.values()
        if is_ahead(element.stamp_ns, gate.wall_ns, gate.skew_max_ns)
    ]
    if not ahead:
        return (), rows
    least_ns = min(ahead)
    refusal = Refusal(
        "CLK-5",
        f"stamped {least_ns - gate.wall_ns} ns ahead of our clock, the limit is {gate.skew_max_ns}",
        min(rows),
        retry_at(least_ns, gate.skew_max_ns),
    )
    welcome = {
        entity: {
            field: element
            for field, element in fields.items()
            if not is_ahead(element.stamp_ns, gate.wall_ns, gate.skew_max_ns)
        }
        for entity, fields in rows.items()
    }
    return (refusal,), {entity: fields for entity, fields in welcome.items() if fields}


def settle(graph: Graph, horizon_ns: int) -> Absorbed | None:
    """Let in everything that has come due, in one step; None where nothing has. Spec: HAM-5."""
    if not graph.waiting or graph.waiting[0].element.stamp_ns > horizon_ns:
        return None
    due, later = room_rules.split_due(graph.waiting, horizon_ns)
    merged = merge_rows(graph.held, room_rules.rows_of(due))
    after = publish(Graph(graph.held, later, graph.index, graph.unsummed), merged)
    newest_ns = due[-1].element.stamp_ns
    return Absorbed(after, merged.won, merged.before, {}, (), newest_ns)


def publish(graph: Graph, merged: Merged) -> Graph:
    """Publish one new snapshot with the changed rows, their index and their mark for the digest."""
    return Graph(
        graph.held.update(merged.fresh),
        graph.waiting,
        reindex(graph.index, merged.won, merged.before, merged.fresh),
        mark(graph.unsummed, tuple(merged.fresh)),
    )


def received_row(graph: Graph, waiting: Rows, entity: str) -> Row:
    """Join what is held and what waits of one entity: what roots are about. Spec: HAM-6, SYN-5."""
    held = graph.held.get(entity, NO_ROW)
    if entity not in waiting:
        return held
    return rows_join({entity: held}, {entity: waiting[entity]})[entity]
