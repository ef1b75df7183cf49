"""The waiting room: writes from the future, inside the state, bounded. Spec: HAM-5, HAM-9.

It is a tuple in the order of stamps, so that the next due write stands first, and everything of
one batch, which shares a stamp, comes due in one step.
"""

from bisect import bisect_right, insort
from itertools import pairwise
from typing import Final

import msgspec

from loomweave.core.lattices.register import Element, Row, Rows, element_le, field_join
from loomweave.core.values import order_key

WAIT_ENTITY_MAX: Final = 64
"""Most elements that may wait for one entity. Spec: HAM-9."""
WAIT_PEER_MAX: Final = 1_024
"""Most elements that may wait of what one peer delivered. Spec: HAM-9."""


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """One element that is not due yet. Spec: HAM-5."""

    entity: str
    field: str
    element: Element
    peer: str
    """Who delivered it; what its share of the room is counted by."""


Room = tuple[Waiting, ...]


def _place(waiting: Waiting) -> tuple[int, str, str, tuple[bytes, int, bytes], bytes, int]:
    element = waiting.element
    value_key = order_key(element.value)
    return (
        element.stamp_ns,
        waiting.entity,
        waiting.field,
        value_key,
        element.writer,
        element.seq,
    )


def newcomers(room: Room, rows: Rows, peer: str) -> Room:
    """List what of `rows` does not wait yet. Spec: HAM-5."""
    present = {_place(waiting) for waiting in room}
    found = (
        Waiting(entity, field, element, peer)
        for entity, fields in rows.items()
        for field, element in fields.items()
    )
    return tuple(waiting for waiting in found if _place(waiting) not in present)


def has_place(room: Room, arriving: Room, peer: str) -> bool:
    """Tell whether all of `arriving` may wait, per entity and per peer. Spec: HAM-9."""
    of_peer = sum(waiting.peer == peer for waiting in room) + len(arriving)
    if of_peer > WAIT_PEER_MAX:
        return False
    counts: dict[str, int] = {}
    for waiting in (*room, *arriving):
        counts[waiting.entity] = counts.get(waiting.entity, 0) + 1
    return all(counts[waiting.entity] <= WAIT_ENTITY_MAX for waiting in arriving)


def enter(room: Room, arriving: Room) -> Room:
    """Return the room with `arriving` in their places. Spec: HAM-5."""
    places = list(room)
    for waiting in arriving:
        insort(places, waiting, key=_place)
    return tuple(places)


def split_due(room: Room, horizon_ns: int) -> tuple[Room, Room]:
    """Part those whose stamp the horizon has reached from those who wait on. Spec: HAM-5."""
    cut = bisect_right(room, horizon_ns, key=lambda waiting: waiting.element.stamp_ns)
    return room[:cut], room[cut:]


def rows_of(room: Room) -> Rows:
    """Join what waits into one element a field. Spec: HAM-6."""
    rows: Rows = {}
    for waiting in room:
        row = rows.setdefault(waiting.entity, {})
        joined = field_join(row.get(waiting.field), waiting.element)
        assert joined is not None
        row[waiting.field] = joined
    return rows


def layers(room: Room) -> list[Rows]:
    """Part what waits into deltas of one element a field, so that none is lost. Spec: MCH-8."""
    found: list[Rows] = []
    depths: dict[tuple[str, str], int] = {}
    for waiting in room:
        place = (waiting.entity, waiting.field)
        depth = depths.get(place, 0)
        depths[place] = depth + 1
        if depth == len(found):
            found.append({})
        found[depth].setdefault(waiting.entity, {})[waiting.field] = waiting.element
    return found


def undominated(held: Row, fields: Row) -> Row:
    """Keep the elements that what is held does not already cover. Spec: HAM-4."""
    return {
        field: element
        for field, element in fields.items()
        if field not in held or not element_le(element, held[field])
    }


def is_in_order(room: Room) -> bool:
    """Tell whether the room is sorted and holds nothing twice. For laws and checkers."""
    places = [_place(waiting) for waiting in room]
    return all(a < b for a, b in pairwise(places))
