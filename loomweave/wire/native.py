"""Native frames: what replicas say to each other, as bytes. Spec: WIR-1 to WIR-10.

A frame is one byte, the version of the format, and one MessagePack array: the kind, then entries
by position. Reading checks all that the machine relies on, never raises, and says what is wrong.
"""

from binascii import crc32
from collections.abc import Mapping
from typing import Annotated, Final, assert_never

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from loomweave.core.entities import key_fault, name_fault
from loomweave.core.errors import Refusal
from loomweave.core.graph.merge import Part, elements_of
from loomweave.core.lattices.register import Rows
from loomweave.core.sync.digest import BUCKET_COUNT, LEAF_BYTES
from loomweave.core.sync.frames import (
    MAIN,
    Agreed,
    Batch,
    Buckets,
    Declined,
    Digest,
    Frame,
    Hello,
    Leaves,
    State,
    Want,
)
from loomweave.wire.parts import (
    Checker,
    Name,
    PartForm,
    Seq,
    StampNs,
    Tables,
    Writer,
    parts_of,
    rows_from,
    spelled_out,
    trees_of,
)

FORMAT_VERSION: Final = 1
"""First byte of every frame. Spec: WIR-2."""
FRAME_BYTES_MAX: Final = 16 << 20
"""Longest frame: 16 MiB. Spec: WIR-8."""
FIELDS_PER_FRAME_MAX: Final = 10_000
"""Most fields in one frame. Spec: WIR-8."""
PROOF_BYTES_MAX: Final = 1_024
"""Longest proof of a batch. Spec: WIR-8."""
TEXT_UNITS_MAX: Final = 1_024
"""Longest text of a refusal, in characters. Spec: WIR-8."""
_HEAD: Final = bytes([FORMAT_VERSION])
_PAYLOAD: Final = 5
"""Where the array begins: after the version and the checksum. Spec: WIR-2."""
_ROOT_BYTES: Final = 32
_SEEN_BYTES: Final = 8
_SALT_BYTES_MAX: Final = 64
_SUMS_BYTES: Final = BUCKET_COUNT * LEAF_BYTES

Text = Annotated[str, Meta(max_length=TEXT_UNITS_MAX)]
Seen = dict[Writer, Seq]
Leaf = Annotated[bytes, Meta(min_length=LEAF_BYTES, max_length=LEAF_BYTES)]
Proof = Annotated[bytes, Meta(max_length=PROOF_BYTES_MAX)]


class HelloForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A `Hello` as it travels. Spec: WIR-2."""

    version: Annotated[int, Meta(ge=0)]
    replica: Name
    salt: Annotated[bytes, Meta(max_length=_SALT_BYTES_MAX)]
    branch: Name
    answer: bool


class BatchForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A `Batch` as it travels. Spec: WIR-2."""

    writer: Writer
    seq: Seq
    stamp_ns: StampNs
    tables: Tables
    context: Seen
    branch: Name = MAIN
    proof: Proof | None = None


class DigestForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """A `Digest` as it travels. Spec: WIR-2."""

    root: Annotated[bytes, Meta(min_length=_ROOT_BYTES, max_length=_ROOT_BYTES)]
    seen_id: Annotated[bytes, Meta(min_length=_SEEN_BYTES, max_length=_SEEN_BYTES)]


class AgreedForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=4):
    """An `Agreed` as it travels. Spec: WIR-2."""

    seen: Seen


class BucketsForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=5):
    """A `Buckets` as it travels. Spec: WIR-2."""

    sums: Annotated[bytes, Meta(min_length=_SUMS_BYTES, max_length=_SUMS_BYTES)]


class LeavesForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=6):
    """A `Leaves` as it travels. Spec: WIR-2."""

    buckets: Annotated[
        tuple[Annotated[int, Meta(ge=0, lt=BUCKET_COUNT)], ...], Meta(max_length=BUCKET_COUNT)
    ]
    leaves: dict[str, Leaf]


class StateForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=7):
    """A `State` as it travels. Spec: WIR-2, WIR-4."""

    rows: list[PartForm]
    early: list[PartForm]


class WantForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=8):
    """A `Want` as it travels. Spec: WIR-2."""

    entities: tuple[str, ...]


class DeclinedForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=9):
    """A `Declined` as it travels. Spec: WIR-2."""

    rule: Text
    reason: Text
    subject: Text = ""
    retry_at_ns: StampNs | None = None
    writer: Writer = b""


Form = (
    HelloForm
    | BatchForm
    | DigestForm
    | AgreedForm
    | BucketsForm
    | LeavesForm
    | StateForm
    | WantForm
    | DeclinedForm
)
_KINDS: Final = range(1, 10)
_DECODER: Final = msgspec.msgpack.Decoder(Form)
_ANYTHING: Final = msgspec.msgpack.Decoder()
_ENCODER: Final = msgspec.msgpack.Encoder()


def encode_frame(frame: Frame) -> bytes:
    """Write a frame; a batch that came in bytes leaves in the same bytes. Spec: WIR-2, WIR-6."""
    if type(frame) is Batch and frame.raw is not None:
        return frame.raw
    form = form_of(frame)
    try:
        return sealed(_ENCODER.encode(form))
    except UnicodeEncodeError:
        assert isinstance(form, BatchForm), "texts outside of values are names, which UTF-8 carries"
        return sealed(_ENCODER.encode(replace(form, tables=spelled_out(form.tables))))


def sealed(payload: bytes) -> bytes:
    """Put version and checksum before the array of a frame. Spec: WIR-2, WIR-17."""
    return _HEAD + crc32(payload).to_bytes(4, "big") + payload


def encode_frames(frame: Frame) -> tuple[bytes, ...]:
    """Write a frame as one or, where it is longer than a frame may be, as several. Spec: WIR-10."""
    data = encode_frame(frame)
    match frame:
        case State(rows, early):
            if _fits(data, rows, early):
                return (data,)
            held = [State(half, {}) for half in _halves(rows)]
            waits = [State({}, half) for half in _halves(early)]
            return tuple(piece for half in (*held, *waits) for piece in encode_frames(half))
        case Batch(part) if not _fits(data, part.rows):
            return encode_frames(State(elements_of(part), {}))
    return (data,)


def _fits(data: bytes, *tables: Mapping[str, Mapping[str, object]]) -> bool:
    fields = sum(len(row) for rows in tables for row in rows.values())
    return len(data) <= FRAME_BYTES_MAX and fields <= FIELDS_PER_FRAME_MAX


def _halves(rows: Rows) -> tuple[Rows, ...]:
    """Cut rows in two: between entities, or inside the only one. Spec: WIR-10."""
    if len(rows) > 1:
        middle = len(rows) // 2
        items = list(rows.items())
        return dict(items[:middle]), dict(items[middle:])
    return tuple(
        {entity: dict(list(row.items())[start::2])}
        for entity, row in rows.items()
        for start in range(min(2, len(row)))
    )


def form_of(frame: Frame) -> Form:
    """Return the form in which a frame travels. Spec: WIR-2."""
    match frame:
        case Batch(part, context, branch, proof):
            tables = trees_of(part.rows)
            return BatchForm(part.writer, part.seq, part.stamp_ns, tables, context, branch, proof)
        case State(rows, early):
            return StateForm(parts_of(rows), parts_of(early))
        case Hello(version, replica, salt, branch, answer):
            return HelloForm(version, replica, salt, branch, answer)
        case Digest(root, seen_id):
            return DigestForm(root, seen_id)
        case Agreed(seen):
            return AgreedForm(seen)
        case Buckets(sums):
            return BucketsForm(sums)
        case Leaves(buckets, leaves):
            return LeavesForm(buckets, leaves)
        case Want(entities):
            return WantForm(entities)
        case Declined(refusal, writer):
            rule, reason = _sayable(refusal.rule), _sayable(refusal.reason)
            subject = _sayable(refusal.subject)
            return DeclinedForm(rule, reason, subject, refusal.retry_at_ns, writer)
        case _:
            assert_never(frame)


def _sayable(text: str) -> str:
    """Bring a text for people into what a frame can carry. Spec: WIR-8."""
    return text[:TEXT_UNITS_MAX].encode("utf-8", "replace").decode()


def decode_frame(data: bytes) -> Frame | Refusal:
    """Read a frame, or say why these bytes are none; never raise. Spec: WIR-2, WIR-3, WIR-9."""
    if len(data) > FRAME_BYTES_MAX:
        reason = f"{len(data)} bytes in a frame, {FRAME_BYTES_MAX} at most"
        return Refusal("WIR-8", reason, "frame")
    if data[:1] != _HEAD:
        return _version_refusal(data)
    payload = memoryview(data)[_PAYLOAD:]
    if data[1:_PAYLOAD] != crc32(payload).to_bytes(4, "big"):
        reason = "the checksum does not fit: bytes were lost or changed on the way"
        return Refusal("WIR-17", reason, "frame")
    try:
        form = _DECODER.decode(payload)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        return _shape_refusal(data, error)
    if type(form) is BatchForm:
        return _batch(form, data)
    return _frame_of(form, len(data))


def _version_refusal(data: bytes) -> Refusal:
    if not data:
        return Refusal("WIR-2", "a frame has at least one byte", "byte 0")
    reason = f"format version {data[0]}, ours is {FORMAT_VERSION}; update the older side"
    return Refusal("WIR-2", reason, "byte 0")


def _shape_refusal(data: bytes, error: Exception) -> Refusal:
    """Say what is wrong with a frame that could not be read. Spec: WIR-3, WIR-9."""
    where, reason = "frame", str(error)
    if isinstance(error, RecursionError):
        return Refusal("VAL-9", "lists and maps are nested deeper than any value may be", where)
    try:
        whole = _ANYTHING.decode(memoryview(data)[_PAYLOAD:])
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return Refusal("WIR-9", reason, where)
    if isinstance(whole, list) and whole and type(whole[0]) is int and whole[0] not in _KINDS:
        return Refusal("WIR-3", f"a frame of kind {whole[0]}, which this version does not know")
    text, _, path = reason.partition(" - at ")
    return Refusal("WIR-9", text, path.strip("`") or where)


def _batch(form: BatchForm, data: bytes) -> Batch | Refusal:
    """Check a batch and keep its bytes. Spec: WIR-6, WIR-7."""
    checker = Checker(len(data))
    if (refusal := checker.admit(form.tables)) is not None:
        return refusal
    if (refusal := _fields_fault(checker)) is not None:
        return refusal
    if form.branch != MAIN and (fault := name_fault(form.branch)) is not None:
        return Refusal("GRF-2", fault, "branch")
    part = Part(form.writer, form.seq, form.stamp_ns, form.tables)  # type: ignore[arg-type]
    return Batch(part, form.context, form.branch, form.proof, data)


def _fields_fault(checker: Checker) -> Refusal | None:
    if checker.fields > FIELDS_PER_FRAME_MAX:
        reason = f"{checker.fields} fields in a frame, {FIELDS_PER_FRAME_MAX} at most"
        return Refusal("WIR-8", reason, "frame")
    return None


def _frame_of(form: Form, size: int) -> Frame | Refusal:
    """Check the names in a form and return what it says. Spec: WIR-7."""
    match form:
        case HelloForm(version, replica, salt, branch, answer):
            for subject, name in (("replica", replica), ("branch", branch)):
                if (fault := name_fault(name)) is not None:
                    return Refusal("GRF-2", fault, subject)
            return Hello(version, replica, salt, branch, answer)
        case DigestForm(root, seen_id):
            return Digest(root, seen_id)
        case AgreedForm(seen):
            return Agreed(seen)
        case BucketsForm(sums):
            return Buckets(sums)
        case LeavesForm(buckets, leaves):
            return _keys_fault(leaves) or Leaves(buckets, leaves)
        case WantForm(entities):
            return _keys_fault(entities) or Want(entities)
        case DeclinedForm(rule, reason, subject, retry_at_ns, writer):
            return Declined(Refusal(rule, reason, subject, retry_at_ns), writer)
        case StateForm():
            return _state(form, size)
        case BatchForm():
            raise AssertionError("a batch was taken before, for its bytes are kept")
        case _:
            assert_never(form)


def _keys_fault(entities: dict[str, bytes] | tuple[str, ...]) -> Refusal | None:
    for entity in entities:
        if (fault := key_fault(entity)) is not None:
            return Refusal("GRF-2", fault, ascii(entity)[:200])
    return None


def _state(form: StateForm, size: int) -> State | Refusal:
    checker = Checker(size)
    rows = rows_from(form.rows, checker)
    if isinstance(rows, Refusal):
        return rows
    early = rows_from(form.early, checker)
    if isinstance(early, Refusal):
        return early
    return _fields_fault(checker) or State(rows, early)
