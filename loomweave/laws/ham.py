"""What the conflict rule promises, written once. Spec: chapter HAM.

Laws of one register are what the proofs show; laws of whole deltas hold the loops of `merge` and
`store` against that register.
"""

from collections.abc import Iterable, Sequence
from functools import reduce

from loomweave.core.graph import store
from loomweave.core.graph.ham import Due, Offer, Register, Verdict, step, verdict
from loomweave.core.graph.merge import (
    NO_ROW,
    Part,
    elements_of,
    merge_part,
    merge_rows,
    row_join,
    rows_join,
)
from loomweave.core.graph.store import Gate, Graph, received_row
from loomweave.core.graph.waiting import WAIT_ENTITY_MAX, Room, is_in_order, rows_of
from loomweave.core.lattices.register import Element, Row, Rows, element_join, element_le, wins_tie
from loomweave.core.values import is_same, order_key


def order_is_total(a: Element, b: Element) -> bool:
    """HAM-1: two elements are ordered, and both ways only if they are the same. Spec: HAM-1."""
    below, above = element_le(a, b), element_le(b, a)
    return (below or above) and (below and above) == (a == b) and element_le(a, a)


def order_is_transitive(a: Element, b: Element, c: Element) -> bool:
    """HAM-1: below what is below is below. Spec: HAM-1."""
    return not (element_le(a, b) and element_le(b, c)) or element_le(a, c)


def order_is_by_stamp_value_dot(a: Element, b: Element) -> bool:
    """HAM-1: the stamp decides, then the value, then the dot. Spec: HAM-1."""
    return element_le(a, b) == (place_of(a) <= place_of(b))


def tie_rule_is_the_order(a: Element, b: Element) -> bool:
    """HAM-1: the short way of the loops agrees with the order, at equal stamps. Spec: HAM-1."""
    tied = Element(b.stamp_ns, a.value, a.writer, a.seq)
    return wins_tie(tied.value, tied.writer, tied.seq, b) == (not element_le(tied, b))


def join_is_the_least_upper_bound(a: Element, b: Element, c: Element) -> bool:
    """HAM-2: the join is above both sides and below whatever is. Spec: HAM-2."""
    joined = element_join(a, b)
    is_upper = element_le(a, joined) and element_le(b, joined)
    is_least = not (element_le(a, c) and element_le(b, c)) or element_le(joined, c)
    return is_upper and is_least


def join_forgets_how(a: Element, b: Element, c: Element) -> bool:
    """HAM-2: the join does not care for order, grouping and repetition. Spec: HAM-2."""
    return (
        element_join(a, b) == element_join(b, a)
        and element_join(a, element_join(b, c)) == element_join(element_join(a, b), c)
        and element_join(a, a) == a
    )


def rows_join_forgets_how(a: Rows, b: Rows, c: Rows) -> bool:
    """HAM-2: so it is for entities and for whole graphs. Spec: HAM-2."""
    return (
        rows_join(a, b) == rows_join(b, a)
        and rows_join(a, rows_join(b, c)) == rows_join(rows_join(a, b), c)
        and rows_join(a, a) == a
        and all(is_below(side, rows_join(a, b)) for side in (a, b))
    )


def offer_is_judged_once(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """HAM-3: what is covered is settled first, then the skew limit, then the horizon.

    Spec: HAM-3, HAM-4, CLK-5.
    """
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    if held is not None and element_le(offered, held):
        return found is (Verdict.SAME if offered == held else Verdict.STALE)
    if offered.stamp_ns > wall_ns + skew_max_ns:
        return found is Verdict.REFUSED
    return found is (Verdict.DEFERRED if offered.stamp_ns > horizon_ns else Verdict.APPLIED)


def register_ends_at_the_greatest(offers: Sequence[Offer], end_ns: int) -> bool:
    """HAM-5, HAM-6: whatever was not refused is held in the end if nothing is above it.

    `end_ns` is a horizon at or above all stamps. Spec: HAM-2, HAM-5, HAM-6.
    """
    register = Register(None, frozenset())
    taken: list[Element] = []
    for event in offers:
        after = step(register, event)
        register = after.register
        if after.verdict is not Verdict.REFUSED:
            taken.append(event.element)
    for element in sorted(register.waiting, key=place_of):
        register = step(register, Due(element, end_ns)).register
    best = reduce(element_join, taken) if taken else None
    return register.held == best and not register.waiting


def repetition_is_settled_first(held: Element, offer: Offer) -> bool:
    """HAM-4: what is held or below it is never parked or refused, whatever the clocks say.

    Spec: HAM-4.
    """
    register = Register(element_join(held, offer.element), frozenset())
    after = step(register, offer)
    return after.verdict in (Verdict.SAME, Verdict.STALE) and after.register == register


def merge_is_the_join(held: Graph, part: Part) -> bool:
    """HAM-8: a merge joins field by field, and what it says to have won is the difference.

    Spec: HAM-2, HAM-8.
    """
    rows = elements_of(part)
    merged = merge_part(held.held, part)
    of_rows = merge_rows(held.held, rows)
    before = {entity: held.held.get(entity, NO_ROW) for entity in rows}
    winners = {
        entity: won
        for entity, row in rows.items()
        if (won := {f: e for f, e in row.items() if not _covers(before[entity], f, e)})
    }
    return (
        merged.won == of_rows.won == winners
        and merged.fresh == of_rows.fresh
        and merged.fresh == {entity: row_join(before[entity], rows[entity]) for entity in winners}
        and merged.before == {entity: before[entity] for entity in winners}
    )


def part_is_taken_by_verdict(graph: Graph, part: Part, gate: Gate) -> bool:
    """HAM-7: the fields of a part get the verdicts of the register, and are one in fate.

    For a gate without bounds. Spec: HAM-3, HAM-7, CLK-5.
    """
    verdicts = {
        (entity, field): verdict(
            graph.held.get(entity, NO_ROW).get(field),
            element,
            gate.horizon_ns,
            gate.wall_ns,
            gate.skew_max_ns,
        )
        for entity, row in elements_of(part).items()
        for field, element in row.items()
    }
    absorbed = store.absorb_part(graph, part, gate)
    waiting = rows_of(absorbed.graph.waiting)
    fates = {found for found in verdicts.values() if found not in (Verdict.SAME, Verdict.STALE)}
    applied = _places(verdicts, Verdict.APPLIED)
    deferred = _places(verdicts, Verdict.DEFERRED)
    return (
        len(fates) <= 1
        and {(e, f) for e, row in absorbed.won.items() for f in row} == applied
        and all(field in waiting.get(entity, NO_ROW) for entity, field in deferred)
        and bool(absorbed.refusals) == (Verdict.REFUSED in fates)
    )


def nothing_is_lost(graph: Graph, rows: Rows, gate: Gate) -> bool:
    """HAM-6: what is received afterwards is the join of before and what was not refused.

    Spec: HAM-6, HAM-9.
    """
    absorbed = store.absorb_rows(graph, rows, gate)
    before, after = received(graph), received(absorbed.graph)
    whole = rows_join(before, {entity: row for entity, row in rows.items() if row})
    if absorbed.refusals:
        return is_below(before, after) and is_below(after, whole)
    return after == whole


def settling_is_seeing(graph: Graph, horizon_ns: int) -> bool:
    """HAM-5: what comes due is joined and leaves the room, and what was received stays as it was.

    Spec: HAM-5, HAM-6.
    """
    absorbed = store.settle(graph, horizon_ns)
    if absorbed is None:
        return all(waiting.element.stamp_ns > horizon_ns for waiting in graph.waiting)
    return (
        all(waiting.element.stamp_ns > horizon_ns for waiting in absorbed.graph.waiting)
        and received(absorbed.graph) == received(graph)
        and is_below(absorbed.won, held_rows(absorbed.graph))
    )


def room_fault(room: Room, horizon_ns: int, peer_max: int) -> str | None:
    """HAM-5, HAM-9: say what is wrong with a waiting room, or None.

    What the journal gave back has no peer and is not counted. Spec: HAM-5, HAM-9.
    """
    if not is_in_order(room):
        return "the waiting room is out of order or holds something twice"
    if room and room[0].element.stamp_ns <= horizon_ns:
        return "what is due still waits"
    if _greatest_count(waiting.entity for waiting in room) > WAIT_ENTITY_MAX:
        return "too much waits for one entity"
    if _greatest_count(waiting.peer for waiting in room if waiting.peer) > peer_max:
        return "too much waits of one peer"
    return None


def place_of(element: Element) -> tuple[int, tuple[bytes, int, bytes], bytes, int]:
    """Spell the order of elements out as one tuple. Spec: HAM-1."""
    return element.stamp_ns, order_key(element.value), element.writer, element.seq


def held_rows(graph: Graph) -> Rows:
    """List what is held, in order of keys. Spec: HAM-6."""
    return {entity: graph.held[entity] for entity in sorted(graph.held)}


def received(graph: Graph) -> Rows:
    """Join what is held with what waits. Spec: HAM-6."""
    waiting = rows_of(graph.waiting)
    entities = sorted({*graph.held, *waiting})
    return {entity: received_row(graph, waiting, entity) for entity in entities}


def is_below(a: Rows, b: Rows) -> bool:
    """Tell whether every element of `a` is covered by `b`. Spec: HAM-2."""
    return all(
        _covers(b.get(entity, NO_ROW), field, element)
        for entity, row in a.items()
        for field, element in row.items()
    )


def same_rows(a: Rows, b: Rows) -> bool:
    """Tell whether two deltas hold the same elements, kinds of values included. Spec: HAM-1."""
    return a == b and all(
        is_same(a[entity][field].value, b[entity][field].value)
        for entity in a
        for field in a[entity]
    )


def _covers(row: Row, field: str, element: Element) -> bool:
    return field in row and element_le(element, row[field])


def _places(verdicts: dict[tuple[str, str], Verdict], wanted: Verdict) -> set[tuple[str, str]]:
    return {place for place, found in verdicts.items() if found is wanted}


def _greatest_count(names: Iterable[str]) -> int:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return max(counts.values(), default=0)
