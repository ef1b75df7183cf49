"""Lines of GUN vectors, read and checked for form. Spec: GUN-13."""

import json
import math
from collections.abc import Mapping
from typing import Final

import msgspec

from loomweave.cli.guntwin import UNDEFINED

TAG: Final = "$js"
TAGGED: Final[dict[str, object]] = {
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
    "-0": -0.0,
    "undefined": UNDEFINED,
}
DECISIONS: Final = ("incoming", "ignore", "defer", "error")
LABELS: Final = ("historical", "same", "current")


class BadLine(Exception):
    """A line that is not of the form; the text says why."""


class HamLine(msgspec.Struct, frozen=True, gc=False):
    """One decision of GUN about one field. Spec: GUN-13."""

    machine: float
    in_state: object
    in_value: object
    has_current: object
    """True, False, or "node": the node is known, the field is not."""
    cur_state: object
    cur_value: object
    reply: bool
    decision: str
    label: str
    defer_ms: object
    after: object
    """None, or a pair of value and state."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One put and the clock at its arrival, if that is said. Spec: GUN-13."""

    put: object
    at: float | None


class GraphLine(msgspec.Struct, frozen=True, gc=False):
    """Puts in one order and the graph that GUN makes of them. Spec: GUN-13."""

    machine: float
    messages: tuple[Message, ...]
    until: float | None
    graph: object
    errors: tuple[bool, ...]
    pending: int


Line = HamLine | GraphLine


def read_line(text: str) -> Line:
    """Read one line of a vectors file; raise BadLine where it is none. Spec: GUN-13."""
    try:
        raw = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise BadLine("a line is one JSON object")
    if "messages" in raw:
        return graph_line(raw)
    return ham_line(raw)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} stands outside JSON; write a tagged value")


def untagged(raw: object) -> object:
    """Turn parsed JSON into JavaScript's values: all numbers floats, tags resolved."""
    if isinstance(raw, dict):
        if list(raw) == [TAG] and isinstance(raw[TAG], str):
            if raw[TAG] not in TAGGED:
                raise BadLine(f"unknown tag {raw[TAG]!r}")
            return TAGGED[raw[TAG]]
        return {key: untagged(part) for key, part in raw.items()}
    if isinstance(raw, list):
        return [untagged(part) for part in raw]
    if isinstance(raw, int) and not isinstance(raw, bool):
        try:
            return float(raw)
        except OverflowError:
            return math.inf if raw > 0 else -math.inf
    return raw


def ham_line(raw: Mapping[str, object]) -> HamLine:
    """Read a line about one field. Spec: GUN-13."""
    for key in ("machine", "in_state", "in_value", "has_current", "decision"):
        if key not in raw:
            raise BadLine(f"{key} is missing")
    if not (isinstance(raw["has_current"], bool) or raw["has_current"] == "node"):
        raise BadLine('has_current is true, false or "node"')
    if raw["decision"] not in DECISIONS:
        raise BadLine(f"decision is one of {', '.join(DECISIONS)}, not {raw['decision']!r}")
    if raw.get("path", "put") not in ("put", "reply"):
        raise BadLine("path is put or reply")
    if raw["decision"] == "defer" and "defer_ms" not in raw:
        raise BadLine("defer_ms is missing")
    label = raw.get("label", "")
    after = untagged(raw.get("after"))
    if after is not None and not (isinstance(after, dict) and {"value", "state"} == set(after)):
        raise BadLine("after is null or has value and state")
    return HamLine(
        machine=number(raw, "machine"),
        in_state=untagged(raw["in_state"]),
        in_value=untagged(raw["in_value"]),
        has_current=raw["has_current"],
        cur_state=untagged(raw.get("cur_state")),
        cur_value=untagged(raw.get("cur_value")),
        reply=raw.get("path") == "reply",
        decision=str(raw["decision"]),
        label=label if isinstance(label, str) else "",
        defer_ms=untagged(raw.get("defer_ms")),
        after=after,
    )


def graph_line(raw: Mapping[str, object]) -> GraphLine:
    """Read a line about a sequence of puts. Spec: GUN-13."""
    for key in ("machine", "messages", "graph", "errors", "pending"):
        if key not in raw:
            raise BadLine(f"{key} is missing")
    messages, errors, pending = raw["messages"], raw["errors"], raw["pending"]
    if not isinstance(messages, list):
        raise BadLine("messages is a list")
    if not isinstance(errors, list) or len(errors) != len(messages):
        raise BadLine("errors has one entry a message")
    if not isinstance(pending, int) or isinstance(pending, bool):
        raise BadLine("pending is a whole number")
    found = []
    for message in messages:
        if not isinstance(message, dict) or "put" not in message:
            raise BadLine("a message has a put")
        at = number(message, "at") if "at" in message else None
        found.append(Message(untagged(message["put"]), at))
    return GraphLine(
        machine=number(raw, "machine"),
        messages=tuple(found),
        until=number(raw, "until") if "until" in raw else None,
        graph=untagged(raw["graph"]),
        errors=tuple(error is not None for error in errors),
        pending=pending,
    )


def number(raw: Mapping[str, object], key: str) -> float:
    """Read a reading of the clock: a finite number."""
    found = untagged(raw[key])
    if not isinstance(found, float) or not math.isfinite(found):
        raise BadLine(f"{key} is a finite number of milliseconds")
    return found
