"""What we say to GUN: elements as a put, as far as GUN has words for them. Spec: GUN-9."""

import json

import msgspec

from loomweave.core.entities import NAMESPACE, Kind, split_key
from loomweave.core.gun_stamps import STATE_MS_MAX, ms_of_stamp
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.values import Link
from loomweave.wire.gun import META, SAFE_INT_MAX, SOUL, STATES, field_fault, soul_fault


class Said(msgspec.Struct, frozen=True, gc=False):
    """A put in GUN's wire form, and what it could not say. Spec: GUN-9."""

    put: dict[str, dict[str, object]]
    unsaid: tuple[tuple[str, str], ...]
    """(entity, field) of what GUN has no words for."""


def put_of_rows(rows: Rows, namespace: str = NAMESPACE) -> Said:
    """Write elements as GUN's put, as far as GUN has words for them. Spec: GUN-9."""
    put: dict[str, dict[str, object]] = {}
    unsaid: list[tuple[str, str]] = []
    for entity, row in rows.items():
        name = split_key(entity)
        is_ours = name.namespace == namespace and name.kind == Kind.NODE
        speaks = is_ours and soul_fault(name.id) is None
        states: dict[str, float | int] = {}
        node: dict[str, object] = {META: {SOUL: name.id, STATES: states}}
        for field, element in row.items():
            if not speaks or not is_sayable(field, element):
                unsaid.append((entity, field))
                continue
            states[field] = ms_of_stamp(element.stamp_ns)
            value = element.value
            node[field] = {SOUL: value.target} if isinstance(value, Link) else value
        if states:
            put[name.id] = node
    return Said(put, tuple(unsaid))


def is_sayable(field: str, element: Element) -> bool:
    """Tell whether GUN can hold this element of a node. Spec: GUN-9."""
    if field == META or field_fault(field) is not None:
        return False
    if abs(element.stamp_ns) >= STATE_MS_MAX * 1_000_000:
        return False
    value = element.value
    if isinstance(value, int) and not isinstance(value, bool):
        return -SAFE_INT_MAX <= value <= SAFE_INT_MAX
    return value is None or isinstance(value, (bool, float, str, Link))


def encode_put(said: Said, id: str) -> bytes:
    """Write a frame that carries a put. Spec: GUN-9."""
    frame = {SOUL: id, "put": said.put}
    try:
        return msgspec.json.encode(frame)
    except UnicodeEncodeError:
        return json.dumps(frame, separators=(",", ":")).encode("ascii")
