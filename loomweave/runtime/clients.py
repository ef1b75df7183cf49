"""What clients ask of a node, as JSON, and what they are answered. Spec: WIR-16."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import attrs
import msgspec

from loomweave.core.entities import NAMESPACE, Kind
from loomweave.core.errors import UsageError
from loomweave.core.events import Persisted, Rejected, Written
from loomweave.core.graph import view
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.graph.view import Edge, Node
from loomweave.core.replica.state import root, status_of
from loomweave.core.values import plain
from loomweave.runtime.perform import Driver

REQUEST_BYTES_MAX: Final = 8 << 20
"""Longest request of a client. Spec: WIR-16."""
BYTES_KEY: Final = "$bytes"
OPERATIONS: Final[dict[str, type]] = {
    "put_node": PutNode,
    "put_edge": PutEdge,
    "patch": Patch,
    "delete": Delete,
}
Arguments = dict[str, object]


def to_json(value: object) -> object:
    """Write bytes, at any depth, in the form that JSON can carry. Spec: WIR-16."""
    if isinstance(value, bytes):
        return {BYTES_KEY: urlsafe_b64encode(value).decode().rstrip("=")}
    if isinstance(value, dict):
        return {key: to_json(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(member) for member in value]
    return value


def from_json(value: object) -> object:
    """Read bytes back, at any depth. Spec: WIR-16."""
    if isinstance(value, dict):
        text = value.get(BYTES_KEY)
        if len(value) == 1 and isinstance(text, str):
            try:
                return urlsafe_b64decode(text + "=" * (-len(text) % 4))
            except ValueError:
                raise UsageError("WIR-16", BYTES_KEY, "write bytes as base64url") from None
        return {key: from_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [from_json(member) for member in value]
    return value


def entity_json(entity: Node | Edge | None) -> object:
    """Write a node or an edge. Spec: WIR-16."""
    if entity is None:
        return None
    shown = {name: getattr(entity, name) for name in attrs.fields_dict(type(entity))}
    return to_json(shown)


def operation_json(operation: Operation) -> Arguments:
    """Write an operation as a request. Spec: WIR-16."""
    shown = {name: getattr(operation, name) for name in attrs.fields_dict(type(operation))}
    verb = next(verb for verb, kind in OPERATIONS.items() if type(operation) is kind)
    properties = shown.get("properties")
    if isinstance(properties, dict):
        shown["properties"] = {name: _raw(value) for name, value in properties.items()}
    written = to_json(shown)
    assert isinstance(written, dict)
    return {"do": verb, **written}


def _raw(value: object) -> object:
    """Write what a caller gave for a value; what is none is found by the node. Spec: VAL-1."""
    if isinstance(value, list | tuple | dict | bytes | str | int | float | None):
        return value
    return plain(value)  # type: ignore[arg-type]


def operation_from(asked: Arguments) -> Operation:
    """Read an operation out of a request. Spec: WIR-16.

    Raises:
        UsageError: no such operation, an argument that it does not have, or one of a wrong type.
    """
    verb = asked.get("do")
    kind = OPERATIONS.get(verb) if isinstance(verb, str) else None
    if kind is None:
        raise UsageError("WIR-16", repr(verb), f"a write is one of {', '.join(OPERATIONS)}")
    arguments = {name: value for name, value in asked.items() if name not in ("do", "request")}
    known = attrs.fields_dict(kind)
    if unknown := sorted(set(arguments) - set(known)):
        reason = f"{verb} has no such argument; it has {', '.join(known)}"
        raise UsageError("WIR-16", unknown[0], reason)
    if "kind" in known:
        arguments["kind"] = _checked_kind(arguments.get("kind"))
    try:
        operation: Operation = msgspec.convert(from_json(arguments), kind)
    except msgspec.ValidationError as error:
        raise UsageError("WIR-16", str(verb), str(error)) from None
    return operation


def _checked_kind(kind: object) -> str:
    if kind is None:
        return Kind.NODE.value
    if kind not in (Kind.NODE, Kind.EDGE):
        raise UsageError("GRF-1", "kind", f"an entity is a node or an edge, not {kind!r}")
    return str(kind)


def answer_read(driver: Driver, asked: Arguments) -> object:
    """Answer a request that reads. Spec: WIR-16, HAM-5."""
    verb = asked.pop("do", None)
    read = _READS.get(verb) if isinstance(verb, str) else None
    if read is None:
        verbs = ", ".join((*OPERATIONS, "batch", *_READS))
        raise UsageError("WIR-16", repr(verb), f"a request is one of {verbs}")
    driver.run(Persisted, driver.durable_lsn)  # lets time pass, so that what is due shows
    asked.pop("request", None)
    taken, wanted = read
    if unknown := sorted(set(asked) - set(taken)):
        reason = f"{verb} has no such argument; it has {', '.join(taken) or 'none'}"
        raise UsageError("WIR-16", unknown[0], reason)
    for name, value in asked.items():
        if value is not None and not isinstance(value, str):
            raise UsageError("WIR-16", name, f"a text is wanted, not {value!r}")
    return wanted(driver, {name: value for name, value in asked.items() if isinstance(value, str)})


def _get(driver: Driver, asked: dict[str, str]) -> object:
    kind = _checked_kind(asked.get("kind"))
    find = view.find_edge if kind == Kind.EDGE else view.find_node
    namespace = asked.get("namespace", NAMESPACE)
    return entity_json(find(driver.state.graph, _needed(asked, "id"), namespace))


def _neighbours(driver: Driver, asked: dict[str, str]) -> object:
    direction = asked.get("direction", "both")
    if direction not in ("out", "in", "both"):
        raise UsageError("GRF-9", direction, "a direction is out, in or both")
    found = view.neighbours(
        driver.state.graph,
        _needed(asked, "id"),
        direction,
        asked.get("edge_type"),
        asked.get("namespace", NAMESPACE),
    )
    return [entity_json(node) for node in found]


def _nodes(driver: Driver, asked: dict[str, str]) -> object:
    namespace = asked.get("namespace", NAMESPACE)
    return [entity_json(node) for node in view.all_nodes(driver.state.graph, namespace)]


def _edges(driver: Driver, asked: dict[str, str]) -> object:
    namespace = asked.get("namespace", NAMESPACE)
    return [entity_json(edge) for edge in view.all_edges(driver.state.graph, namespace)]


def _status(driver: Driver, asked: dict[str, str]) -> object:
    status = attrs.asdict(status_of(driver.state))
    return {**status, "writer": status["writer"].hex(), "root": root(driver.state).hex()}


def _needed(asked: dict[str, str], name: str) -> str:
    if name not in asked:
        raise UsageError("WIR-16", name, "this argument is needed")
    return asked[name]


Read = Callable[[Driver, dict[str, str]], object]
_READS: Final[dict[str, tuple[tuple[str, ...], Read]]] = {
    "get": (("id", "kind", "namespace"), _get),
    "neighbours": (("id", "direction", "edge_type", "namespace"), _neighbours),
    "nodes": (("namespace",), _nodes),
    "edges": (("namespace",), _edges),
    "status": ((), _status),
}


async def answer(driver: Driver, text: str | bytes) -> str:
    """Answer one request, a write once it is durable; never raise for what was asked.

    Spec: WIR-16.
    """
    number: object = None
    try:
        asked = _parsed(text)
        number = asked.get("request")
        told: Arguments = {"ok": await _perform(driver, asked)}
    except UsageError as error:
        wrong = {"rule": error.rule, "subject": error.subject, "reason": error.reason}
        told = {"error": wrong}
    return json.dumps({"request": number, **told})


def _parsed(text: str | bytes) -> Arguments:
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("WIR-16", "request", "a request is one JSON object") from None
    if not isinstance(asked, dict):
        raise UsageError("WIR-16", "request", "a request is one JSON object")
    return asked


async def _perform(driver: Driver, asked: Arguments) -> object:
    verb = asked.get("do")
    if verb == "batch":
        listed = asked.get("operations")
        if not isinstance(listed, list) or not all(isinstance(part, dict) for part in listed):
            raise UsageError("WIR-16", "operations", "a list of writes is wanted")
        operations = tuple(operation_from(part) for part in listed)
    elif isinstance(verb, str) and verb in OPERATIONS:
        operations = (operation_from(asked),)
    else:
        return answer_read(driver, asked)
    outcome = await driver.request(operations)
    if isinstance(outcome, Rejected):
        raise UsageError(outcome.rule, outcome.subject, outcome.reason)
    return written_json(outcome)


def written_json(written: Written) -> Arguments:
    """Write the answer to a write. Spec: WIR-16, MCH-7."""
    return {
        "ids": list(written.ids),
        "writer": written.writer.hex(),
        "seq": written.seq,
        "stamp_ns": written.stamp_ns,
    }
