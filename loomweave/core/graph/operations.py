"""Writing a graph: what callers ask for, turned into the rows of one batch. Spec: GRF-12 to GRF-16.

All operations of a batch are planned against one snapshot plus the batch itself; all fields of
the batch share its stamp, and the last put of a field wins before the stamp is drawn.
"""

from typing import Final, assert_never

from attrs import field, frozen

from loomweave.core.encoding import hash_bytes
from loomweave.core.entities import (
    CREATED,
    DELETED,
    ENDS,
    LABEL,
    NAMESPACE,
    RESERVED,
    TYPE,
    WEIGHT,
    Kind,
    check_name,
    check_property,
    entity_key,
    node_key,
)
from loomweave.core.errors import UsageError
from loomweave.core.graph.life import (
    ends_of,
    is_row_alive,
    is_shown,
    shown,
    shown_properties,
    stamp_of,
)
from loomweave.core.graph.store import Graph
from loomweave.core.graph.view import CUSTOM, labels_of, row_of
from loomweave.core.values import InvalidValue, Value, is_same, normalise

BATCH_FIELDS_MAX: Final = 10_000
"""Most fields that one batch may write. Spec: GRF-16."""

FieldRows = dict[str, dict[str, Value]]
"""Values by entity and field: the rows of a batch."""


class InvalidOperation(UsageError):
    """A caller asked for a change that the state of the graph or a rule forbids. Spec: GRF-12."""


@frozen
class PutNode:
    """Create a node, or patch the one that lives under its id. Spec: GRF-12."""

    id: str
    type: str | None = None
    properties: dict[str, object] = field(factory=dict)
    labels: tuple[str, ...] | None = None
    replace: bool = False
    """Whether to delete the properties and labels that are not given. Spec: GRF-13."""
    namespace: str = NAMESPACE


@frozen
class PutEdge:
    """Create an edge, or patch the one that lives under its id. Spec: GRF-12, GRF-7."""

    source: str
    target: str
    type: str = CUSTOM
    id: str | None = None
    """None to have one made from the batch's dot."""
    directed: bool = True
    weight: float | int | None = None
    properties: dict[str, object] = field(factory=dict)
    labels: tuple[str, ...] | None = None
    replace: bool = False
    namespace: str = NAMESPACE


@frozen
class Patch:
    """Change fields of a living entity; a property set to None is deleted. Spec: GRF-14."""

    kind: Kind
    id: str
    properties: dict[str, object] = field(factory=dict)
    weight: float | int | None = None
    add_labels: tuple[str, ...] = ()
    drop_labels: tuple[str, ...] = ()
    namespace: str = NAMESPACE
    drop_weight: bool = False


@frozen
class Delete:
    """Delete a living entity. Spec: GRF-15."""

    kind: Kind
    id: str
    namespace: str = NAMESPACE


Operation = PutNode | PutEdge | Patch | Delete


@frozen
class Draft:
    """A batch in the making: its rows, and the ids of what each operation was about."""

    graph: Graph
    writer: bytes
    seq: int
    rows: FieldRows = field(factory=dict)
    ids: list[str] = field(factory=list)


def plan(
    graph: Graph, operations: tuple[Operation, ...], writer: bytes, seq: int
) -> tuple[FieldRows, tuple[str, ...]]:
    """Turn operations into the rows of one batch, and tell the id of each one's entity.

    Spec: GRF-12 to GRF-16. The graph is not changed; nothing is written when this raises.

    Raises:
        UsageError: naming the operation's entity, the rule, and what to do.
    """
    draft = Draft(graph, writer, seq)
    for operation in operations:
        draft.ids.append(_plan_one(draft, operation))
    fields = sum(len(row) for row in draft.rows.values())
    if fields > BATCH_FIELDS_MAX:
        raise InvalidOperation(
            "GRF-16", "batch", f"{fields} fields in one batch; split it, {BATCH_FIELDS_MAX} at most"
        )
    return {entity: row for entity, row in draft.rows.items() if row}, tuple(draft.ids)


def _plan_one(draft: Draft, operation: Operation) -> str:
    match operation:
        case PutNode():
            return _put_node(draft, operation)
        case PutEdge():
            return _put_edge(draft, operation)
        case Patch():
            return _patch(draft, operation)
        case Delete():
            return _delete(draft, operation)
        case _:
            assert_never(operation)


def _put_node(draft: Draft, operation: PutNode) -> str:
    key = node_key(operation.id, operation.namespace)
    type_name = None if operation.type is None else check_name(operation.type)
    if not is_living(draft, key):
        _create(draft, key)
        _write(draft, key, TYPE, type_name or CUSTOM)
    elif type_name is not None:
        _write_if_new(draft, key, TYPE, type_name)
    _put_fields(draft, key, operation)
    return operation.id


def _put_edge(draft: Draft, operation: PutEdge) -> str:
    id = operation.id or edge_id(draft.writer, draft.seq, len(draft.ids))
    key = entity_key(Kind.EDGE.value, id, operation.namespace)
    source, target = check_name(operation.source), check_name(operation.target)
    directed = checked_direction(id, operation.directed)
    ends: Value = (source, target, check_name(operation.type), directed)
    for end in (source, target):
        if not is_living(draft, node_key(end, operation.namespace)):
            raise InvalidOperation("GRF-7", f"edge {id}", f"its end {end!r} is no living node")
    if is_living(draft, key) and not is_same(ends, _living_ends(draft, key)):
        reason = "source, target, type and direction are fixed at creation; use another id"
        raise InvalidOperation("GRF-7", f"edge {id}", reason)
    if not is_showing(draft, key, operation):
        _create(draft, key)
        _write(draft, key, ENDS, ends)
    if operation.weight is not None:
        _write_if_new(draft, key, WEIGHT, checked_weight(id, operation.weight))
    _put_fields(draft, key, operation)
    return id


def _patch(draft: Draft, operation: Patch) -> str:
    key = _living_key(draft, operation, "GRF-14", "put it first")
    for name, raw in operation.properties.items():
        _write(draft, key, check_property(name), checked_value(name, raw))
    if operation.weight is not None:
        if operation.kind is not Kind.EDGE:
            reason = "only an edge has a weight; use a property"
            raise InvalidOperation("GRF-7", f"{operation.kind.value} {operation.id}", reason)
        _write(draft, key, WEIGHT, checked_weight(operation.id, operation.weight))
    elif operation.drop_weight and operation.kind is Kind.EDGE:
        _write_if_new(draft, key, WEIGHT, None)
    for label in operation.add_labels:
        _write(draft, key, label_field(label), True)
    for label in operation.drop_labels:
        _write(draft, key, label_field(label), None)
    return operation.id


def _delete(draft: Draft, operation: Delete) -> str:
    key = _living_key(draft, operation, "GRF-15", "there is nothing to delete")
    if CREATED in draft.rows.get(key, {}):
        reason = "one batch cannot create and delete it: both would have the same stamp"
        raise InvalidOperation("GRF-15", operation.id, reason)
    draft.rows[key] = {DELETED: None}
    return operation.id


def _living_key(draft: Draft, operation: Patch | Delete, rule: str, remedy: str) -> str:
    key = entity_key(operation.kind.value, operation.id, operation.namespace)
    if not is_living(draft, key):
        what = f"{operation.kind.value} {operation.id}"
        raise InvalidOperation(rule, what, f"it does not exist (any more); {remedy}")
    return key


def is_living(draft: Draft, key: str) -> bool:
    """Tell whether an entity lives in the snapshot as this batch would leave it. Spec: GRF-12."""
    row = draft.rows.get(key, {})
    if DELETED in row:
        return False
    return CREATED in row or is_row_alive(row_of(draft.graph, key))


def is_showing(draft: Draft, key: str, edge: PutEdge) -> bool:
    """Tell whether a put may patch an edge whose ends live, or must create it. Spec: GRF-6, GRF-12.

    An edge that outlived a former life of an end is alive but hidden; patched, it would stay so.
    """
    if not is_living(draft, key):
        return False
    if CREATED in draft.rows.get(key, {}):
        return True
    created_ns = stamp_of(row_of(draft.graph, key), CREATED)
    return created_ns is not None and all(
        is_shown(created_ns, stamp_of(row_of(draft.graph, node_key(end, edge.namespace)), DELETED))
        for end in (edge.source, edge.target)
    )


def edge_id(writer: bytes, seq: int, ordinal: int) -> str:
    """Make the id of an edge that was given none; no other batch makes the same. Spec: GRF-7."""
    text = hash_bytes(b"edge id", writer, str(seq).encode(), str(ordinal).encode())
    return "e-" + text[:12].hex()


def checked_weight(id: str, weight: object) -> Value:
    """Return a weight if it is a finite number, else raise. Spec: GRF-7."""
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        raise InvalidOperation("GRF-7", f"edge {id}", f"a weight is a number, not {weight!r}")
    return checked_value("weight", weight)


def checked_direction(id: str, directed: object) -> bool:
    """Return whether an edge is directed if that is a truth value, else raise. Spec: GRF-7."""
    if directed is True or directed is False:
        return directed
    reason = f"directed is True or False, not {directed!r}"
    raise InvalidOperation("GRF-7", f"edge {id}", reason)


def checked_value(name: str, raw: object) -> Value:
    """Return the value of a property, or raise naming the property and the place in it."""
    try:
        return normalise(raw)
    except InvalidValue as error:
        subject = f"property {name!r}, {error.subject}"
        raise InvalidValue(error.rule, subject, error.reason) from None


def label_field(label: str) -> str:
    """Return the name of the field of a label, if it can have one. Spec: GRF-2, GRF-3."""
    return check_name(LABEL + check_name(label))


def _create(draft: Draft, key: str) -> None:
    if DELETED in draft.rows.get(key, {}):
        reason = "one batch cannot delete and create it: both would have the same stamp"
        raise InvalidOperation("GRF-15", key.split("\x00")[-1], reason)
    _write(draft, key, CREATED, None)


def _put_fields(draft: Draft, key: str, operation: PutNode | PutEdge) -> None:
    """Write the properties and labels that differ; with `replace`, delete the others.

    Spec: GRF-13.
    """
    for name, raw in operation.properties.items():
        _write_if_new(draft, key, check_property(name), checked_value(name, raw))
    for label in operation.labels or ():
        _write_if_new(draft, key, label_field(label), True)
    if operation.replace:
        for name in _fields_not_given(draft, key, operation):
            _write(draft, key, name, None)


def _fields_not_given(draft: Draft, key: str, operation: PutNode | PutEdge) -> list[str]:
    """List the fields that `replace` deletes: what shows or is pending, and is not named."""
    row, pending = row_of(draft.graph, key), draft.rows.get(key, {})
    fields = {*shown_properties(row), *(LABEL + label for label in labels_of(row)), *pending}
    if shown(row, WEIGHT) is not None:
        fields.add(WEIGHT)
    given = {*operation.properties, *(LABEL + label for label in operation.labels or ())}
    if isinstance(operation, PutEdge) and operation.weight is not None:
        given.add(WEIGHT)
    with_labels = operation.labels is not None
    return [
        name
        for name in sorted(fields)
        if name not in given
        and (
            not name.startswith(RESERVED)
            or name == WEIGHT
            or (with_labels and name.startswith(LABEL))
        )
    ]


def _write(draft: Draft, key: str, name: str, value: Value) -> None:
    draft.rows.setdefault(key, {})[name] = value


def _write_if_new(draft: Draft, key: str, name: str, value: Value) -> None:
    """Write a field unless it shows this very value already. Spec: GRF-13."""
    pending = draft.rows.get(key, {})
    if name not in pending and CREATED not in pending:
        element = shown(row_of(draft.graph, key), name)
        if is_same(element.value if element is not None else None, value):
            return
    _write(draft, key, name, value)


def _living_ends(draft: Draft, key: str) -> Value:
    pending = draft.rows.get(key, {})
    return pending[ENDS] if ENDS in pending else ends_of(row_of(draft.graph, key))
