"""GUN's puts: JSON bytes to parts and rows.

Reading has two ways with one answer. The quick one lets typed decoding do the checks and keeps the
dicts that it made; whatever it does not like goes the careful way, which says what is wrong.
Spec: GUN-4 to GUN-8, GUN-10.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final, Never, cast

import msgspec
from msgspec import UNSET, UnsetType

from loomweave.core.entities import NAMESPACE, RESERVED, SEPARATOR, Kind, name_fault
from loomweave.core.errors import Refusal
from loomweave.core.graph.merge import Part
from loomweave.core.gun_stamps import (
    QUICK_MS_MAX,
    QUICK_MS_MIN,
    STATE_MS_MAX,
    quick_stamp,
    stamp_of_ms,
)
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Element, Row, Rows
from loomweave.core.values import VALUE_BYTES_MAX, Link, Value, check

SAFE_INT_MAX: Final = 2**53 - 1
"""Greatest whole number that a double tells from its neighbours. Spec: GUN-5."""
META: Final = "_"
SOUL: Final = "#"
STATES: Final = ">"
INNER: Final = "."
GUN_FRAME_BYTES_MAX: Final = 16 << 20
"""Longest frame that is read: 16 MiB. Spec: GUN-10."""
NAME_SHORT: Final = 256
"""So many characters never take more than `NAME_BYTES_MAX` bytes."""
DEADLY_SOULS: Final = frozenset(
    """__defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ constructor
    hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf""".split()
)
"""Souls that stop a GUN relay: what every object of JavaScript has. Spec: GUN-6."""
LOST_FIELD: Final = "__proto__"
"""The field that GUN loses. Spec: GUN-6."""

SafeInt = Annotated[int, msgspec.Meta(ge=-SAFE_INT_MAX, le=SAFE_INT_MAX)]
_NODE: Final = f"{SEPARATOR}{Kind.NODE.value}{SEPARATOR}"
_READY: Final = frozenset({str, int, bool, type(None)})


class Ref(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A node's `_` or a link: both begin with a soul. Spec: GUN-4, GUN-5."""

    soul: str = msgspec.field(name=SOUL)
    states: dict[str, float] | UnsetType = msgspec.field(name=STATES, default=UNSET)


WireNode = dict[str, Ref | str | SafeInt | float | bool | None]


class WireFrame(msgspec.Struct, gc=False):
    """A frame as the quick way reads it. Spec: GUN-10."""

    id: str = msgspec.field(name=SOUL, default="")
    put: dict[str, WireNode] | None = None


class GunPut(msgspec.Struct, frozen=True, gc=False):
    """What a put writes. Each entity stands in one place. Spec: GUN-8."""

    parts: tuple[Part, ...]
    """Nodes whose fields share one state; nodes with the same state share a part."""
    rows: Rows
    """Nodes whose fields have states of their own."""


class GunFrame(msgspec.Struct, frozen=True, gc=False):
    """A frame of GUN, as far as we listen. Spec: GUN-10."""

    id: str
    put: GunPut


_DECODER: Final = msgspec.json.Decoder(WireFrame)


def decode_frame(data: bytes, namespace: str = NAMESPACE) -> GunFrame | Refusal:
    """Read a frame, or refuse it whole. Spec: GUN-7, GUN-10."""
    if len(data) > GUN_FRAME_BYTES_MAX:
        return Refusal("GUN-10", f"{len(data)} bytes are more than {GUN_FRAME_BYTES_MAX}")
    if len(data) <= VALUE_BYTES_MAX:
        try:
            frame = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return read_frame(data, namespace)
        put = _quick_put(frame.put, namespace) if frame.put else _NOTHING
        if put is not None:
            return GunFrame(frame.id, put)
    return read_frame(data, namespace)


NO_ROWS: Final[Rows] = {}
_NOTHING: Final = GunPut((), NO_ROWS)


def _quick_put(put: Mapping[str, WireNode], namespace: str) -> GunPut | None:
    """Turn a decoded put into parts and rows, or say None where the careful way must look."""
    if SOUL in put and INNER in put:
        return None
    prefix = namespace + _NODE
    if len(put) == 1 and len(node := next(iter(put.values()))) == 2 and META in node:
        return _quick_node(put, prefix)
    parts: dict[float, dict[str, dict[str, Value]]] = {}
    rows: Rows = {}
    names: set[str] = set()
    for soul, node in put.items():
        states = _quick_states(soul, node, names)
        if states is None:
            return None
        fields = _quick_fields(node)
        if fields is None:
            return None
        found = list(states.values())
        if not found:
            continue
        ms = found[0]
        if found.count(ms) < len(found):
            if min(found) < QUICK_MS_MIN or max(found) >= QUICK_MS_MAX:
                return None
            rows[prefix + soul] = _quick_row(fields, states)
        elif ms in parts:
            parts[ms][prefix + soul] = fields
        else:
            parts[ms] = {prefix + soul: fields}
    if parts and not -STATE_MS_MAX < min(parts) <= max(parts) < STATE_MS_MAX:
        return None
    made = [Part(GUN_WRITER, GUN_SEQ, quick_stamp(ms), nodes) for ms, nodes in parts.items()]
    return GunPut(tuple(made), rows)


def _quick_node(put: Mapping[str, WireNode], prefix: str) -> GunPut | None:
    """Do what the loop of `_quick_put` does, to the only field of the only node of a put."""
    ((soul, node),) = put.items()
    meta = node.pop(META, None)
    if type(meta) is not Ref or meta.soul != soul or meta.states is UNSET or len(node) != 1:
        return None
    ((field, value),) = node.items()
    ms = meta.states.get(field)
    if ms is None or not QUICK_MS_MIN <= ms < QUICK_MS_MAX:
        return None
    if not field or not soul or RESERVED in field or len(soul) + len(field) > NAME_SHORT:
        return None
    if SEPARATOR in field or SEPARATOR in soul or soul in DEADLY_SOULS or field == LOST_FIELD:
        return None
    fields = cast("dict[str, Value]", node) if type(value) in _READY else _quick_fields(node)
    if fields is None:
        return None
    part = Part(GUN_WRITER, GUN_SEQ, quick_stamp(ms), {prefix + soul: fields})
    return GunPut((part,), NO_ROWS)


def _quick_states(soul: str, node: WireNode, names: set[str]) -> dict[str, float] | None:
    """Take the states out of a node whose form and names need no careful look. Spec: GUN-4.

    Names that were found good are put among `names`, and not judged again.
    """
    meta = node.pop(META, None)
    if type(meta) is not Ref or meta.soul != soul or soul in DEADLY_SOULS:
        return None
    if not soul or SEPARATOR in soul or len(soul) > NAME_SHORT:
        return None
    if not names.issuperset(node):
        text = "".join(node)
        if len(text) > NAME_SHORT or SEPARATOR in text or RESERVED in text:
            return None
        if "" in node or LOST_FIELD in node:
            return None
        names.update(node)
    states = meta.states
    if states is UNSET or not states.keys() >= node.keys():
        return None
    if len(states) > len(node):
        return {field: states[field] for field in node}
    return states


def _quick_row(fields: dict[str, Value], states: dict[str, float]) -> Row:
    """Build elements out of fields whose states lie where the quick rule holds. Spec: GUN-2."""
    row: Row = {}
    for field, value in fields.items():
        ms = states[field]
        whole = int(ms)
        if whole == ms:
            stamp_ns = whole * 1_000_000
        elif (us := int(ms * 1_000.0 + 0.5)) / 1_000 == ms:
            stamp_ns = us * 1_000
        else:
            stamp_ns = whole * 1_000_000 + round((ms - whole) * 1e6)
        row[field] = Element(stamp_ns, value, GUN_WRITER, GUN_SEQ)
    return row


def _quick_fields(node: WireNode) -> dict[str, Value] | None:
    """Map a decoded node to values: most often it is its own map of them. Spec: GUN-5."""
    if _READY.issuperset(map(type, node.values())):
        return cast("dict[str, Value]", node)
    fields: dict[str, Value] = {}
    for field, raw in node.items():
        if isinstance(raw, float):
            fields[field] = number_value(raw)
        elif isinstance(raw, Ref):
            if raw.states is not UNSET or not raw.soul:
                return None
            fields[field] = Link(raw.soul)
        else:
            fields[field] = raw
    return fields


def number_value(number: float) -> Value:
    """Map a finite number of JavaScript: whole and safe ones are integers. Spec: GUN-5."""
    if number.is_integer() and -SAFE_INT_MAX <= number <= SAFE_INT_MAX:
        return int(number)
    return number


def read_frame(data: bytes, namespace: str = NAMESPACE) -> GunFrame | Refusal:
    """Read a frame the careful way. Spec: GUN-7, GUN-10."""
    try:
        raw = json.loads(data, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        return Refusal("GUN-10", f"the frame is not JSON: {type(error).__name__}")
    if not isinstance(raw, dict):
        return Refusal("GUN-10", "a frame is one JSON object")
    id = raw.get(SOUL, "")
    if not isinstance(id, str):
        return Refusal("GUN-10", "the id of a frame is a text", SOUL)
    put = read_put(raw.get("put"), namespace)
    return put if isinstance(put, Refusal) else GunFrame(id, put)


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    """Read an integer as JavaScript does: a long one is a double. Spec: GUN-5."""
    return int(digits) if len(digits) < 16 else float(digits)


def read_put(raw: object, namespace: str = NAMESPACE) -> GunPut | Refusal:
    """Read a parsed put, or refuse it whole: all is judged before anything counts. Spec: GUN-7."""
    if raw is None:
        return _NOTHING
    if not isinstance(raw, dict):
        return Refusal("GUN-4", "a put is an object of nodes")
    if SOUL in raw and INNER in raw:
        return Refusal("GUN-4", "a put with the souls # and . is GUN's own inner form")
    prefix = f"{namespace}{SEPARATOR}{Kind.NODE.value}{SEPARATOR}"
    parts: dict[int, dict[str, dict[str, Value]]] = {}
    rows: Rows = {}
    for soul, node in raw.items():
        row = _read_node(soul, node)
        if isinstance(row, Refusal):
            return row
        stamps = {element.stamp_ns for element in row.values()}
        if len(stamps) == 1:
            fields = {field: element.value for field, element in row.items()}
            parts.setdefault(stamps.pop(), {})[prefix + soul] = fields
        elif row:
            rows[prefix + soul] = row
    made = [Part(GUN_WRITER, GUN_SEQ, stamp_ns, nodes) for stamp_ns, nodes in parts.items()]
    return GunPut(tuple(made), rows)


def _read_node(soul: str, node: object) -> Row | Refusal:
    """Read one node of a put. Spec: GUN-4, GUN-6."""
    if (fault := soul_fault(soul)) is not None:
        return Refusal("GUN-6", fault, shown(soul))
    if not isinstance(node, dict):
        return Refusal("GUN-4", "a node is an object", shown(soul))
    meta = node.get(META)
    if not isinstance(meta, dict) or meta.get(SOUL) != soul:
        return Refusal("GUN-4", "a node says its own soul in _", shown(soul))
    states = meta.get(STATES)
    if not isinstance(states, dict):
        return Refusal("GUN-4", "a node has states in _", shown(soul))
    row: Row = {}
    for field, raw in node.items():
        if field == META:
            continue
        element = _read_field(field, raw, states)
        if isinstance(element, Refusal):
            return Refusal(element.rule, element.reason, f"{shown(soul)} {shown(field)}")
        row[field] = element
    return row


def _read_field(field: str, raw: object, states: Mapping[str, object]) -> Element | Refusal:
    """Read one field of a node and its state. Spec: GUN-1, GUN-4, GUN-5, GUN-6."""
    if (fault := field_fault(field)) is not None:
        return Refusal("GUN-6", fault)
    if field not in states:
        return Refusal("GUN-4", "a field has a state in _")
    value = value_of_gun(raw)
    if isinstance(value, Refusal):
        return value
    stamp_ns = stamp_of_ms(states[field])
    if isinstance(stamp_ns, Refusal):
        return stamp_ns
    return Element(stamp_ns, value, GUN_WRITER, GUN_SEQ)


def value_of_gun(raw: object) -> Value | Refusal:
    """Map a parsed value of GUN to ours, or refuse it. Spec: GUN-5."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        try:
            number = float(raw)
        except OverflowError:
            return Refusal("GUN-5", "a number of GUN is finite")
        if number - number != 0:
            return Refusal("GUN-5", "a number of GUN is finite")
        return number_value(number)
    if raw is None or isinstance(raw, (bool, str)):
        return check(raw)
    if isinstance(raw, dict) and list(raw) == [SOUL] and isinstance(raw[SOUL], str) and raw[SOUL]:
        return check(raw)
    return Refusal("GUN-5", "a value of GUN is null, a text, a boolean, a finite number or a link")


def soul_fault(soul: str) -> str | None:
    """Say what keeps a text from being the soul of a node here, or None. Spec: GUN-6."""
    if soul in DEADLY_SOULS:
        return "this soul stops GUN relays"
    return name_fault(soul)


def field_fault(field: str) -> str | None:
    """Say what keeps a text from being a field that a GUN peer writes, or None. Spec: GUN-6."""
    if field.startswith(RESERVED):
        return "fields that begin with $ are LoomWeave's own"
    if field == LOST_FIELD:
        return "GUN loses this field"
    return name_fault(field)


def shown(name: str) -> str:
    """Write a name for people: quoted, in ASCII, cut to a bearable length."""
    text = ascii(name)
    return text if len(text) <= 40 else text[:36] + "...'"
