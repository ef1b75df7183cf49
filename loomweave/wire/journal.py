"""The journal: entries as bytes, and what can be read back of them. Spec: WIR-11 to WIR-15.

Whoever keeps the bytes, a file or a simulated disk, reads them back with the same `scan`.
"""

from binascii import crc32
from collections.abc import Iterable
from itertools import chain
from struct import Struct
from typing import Annotated, Final, assert_never

import msgspec
from msgspec import Meta

from loomweave.core.errors import Refusal
from loomweave.core.events import Delta, Record, Vector
from loomweave.core.events import Meta as MetaRecord
from loomweave.wire.parts import (
    Checker,
    Name,
    PartForm,
    Seq,
    StampNs,
    Writer,
    parts_of,
    rows_from,
)

MAGIC: Final = b"LoomJ"
MAJOR: Final = 1
"""Another number is another form of journal, which is not read. Spec: WIR-11."""
MINOR: Final = 0
"""A greater number may add entries at the end of records. Spec: WIR-15."""
HEADER: Final = MAGIC + bytes([MAJOR, MINOR]) + b"\n"
"""First bytes of every journal. Spec: WIR-11."""
MARK: Final = b"\xf5LW\x0a"
"""First bytes of every entry; no UTF-8 text holds the first of them. Spec: WIR-12."""
ENTRY_BYTES_MAX: Final = 1 << 30
"""Longest content of an entry. Spec: WIR-12."""
_HEAD: Final = Struct(">4sIII")
"""Mark, length of the content, check of the head, check of the content."""
_LENGTH: Final = Struct(">I")

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Bytes = Annotated[bytes, Meta(max_length=64)]


class MetaForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A `Meta` record as it is kept. Spec: WIR-15."""

    replica: Name
    writer: Writer
    incarnation: Bytes
    next_seq: Number
    horizon_ns: StampNs
    issued_ns: StampNs
    number: Number
    salt: Bytes


class DeltaForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A `Delta` record as it is kept. Spec: WIR-4, WIR-15."""

    number: Number
    parts: list[PartForm]


class VectorForm(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """A `Vector` record as it is kept. Spec: WIR-15."""

    seen: dict[Writer, Seq]


RecordForm = MetaForm | DeltaForm | VectorForm


class EntryForm(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The content of an entry as it is kept. Spec: WIR-12."""

    lsn: Number
    records: list[RecordForm]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """The records of one `Persist`. Spec: WIR-12."""

    lsn: int
    records: tuple[Record, ...]


class Recovered(msgspec.Struct, frozen=True):
    """What a journal gave back. Spec: WIR-13, WIR-14."""

    entries: tuple[Entry, ...]
    valid_bytes: int
    """Length of what was read; the rest may be cut off if it is torn."""
    torn: bool
    """Whether the journal ends in what was being written when the process stopped."""
    reason: str = ""
    """What is wrong behind the valid bytes, empty where nothing is."""
    refusal: Refusal | None = None
    """Why this journal must not be written to: it is damaged, or of another version."""

    @property
    def records(self) -> Iterable[Record]:
        """Yield the records of all entries, in order."""
        return chain.from_iterable(entry.records for entry in self.entries)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(EntryForm)


def encode_entry(records: Iterable[Record], lsn: int) -> bytes:
    """Write the records of one `Persist` as one entry, which is read back whole or not at all.

    Spec: WIR-12.
    """
    content = _ENCODER.encode(EntryForm(lsn, [_form_of(record) for record in records]))
    assert len(content) <= ENTRY_BYTES_MAX, "the machine cuts its records far below this"
    length = _LENGTH.pack(len(content))
    return _HEAD.pack(MARK, len(content), crc32(MARK + length), crc32(content)) + content


def _form_of(record: Record) -> RecordForm:
    match record:
        case MetaRecord():
            return MetaForm(
                record.replica,
                record.writer,
                record.incarnation,
                record.next_seq,
                record.horizon_ns,
                record.issued_ns,
                record.number,
                record.salt,
            )
        case Delta(number, rows):
            return DeltaForm(number, parts_of(rows))
        case Vector(seen):
            return VectorForm(seen)
        case _:
            assert_never(record)


def scan(data: bytes) -> Recovered:
    """Read a journal back: entries up to the first that is not whole. Spec: WIR-13, WIR-14."""
    if (fault := _header_fault(data)) is not None:
        return fault
    entries: list[Entry] = []
    place = len(HEADER) if data else 0
    while place < len(data):
        content, reason = _content_at(data, place)
        if content is None:
            return _broken(data, tuple(entries), place, reason)
        entry = _entry_of(content)
        if isinstance(entry, Refusal):
            refusal = Refusal(entry.rule, entry.reason, f"byte {place} {entry.subject}".strip())
            return Recovered(tuple(entries), place, False, entry.reason, refusal)
        entries.append(entry)
        place += _HEAD.size + len(content)
    return Recovered(tuple(entries), place, False)


def _header_fault(data: bytes) -> Recovered | None:
    """Judge the first bytes: of a journal, of a beginning of one, or of something else."""
    if data[: len(MAGIC)] == MAGIC and len(data) > len(MAGIC) and data[len(MAGIC)] != MAJOR:
        reason = f"a journal of version {data[len(MAGIC)]}, this program reads version {MAJOR}"
        return Recovered((), 0, False, reason, Refusal("WIR-11", reason, "byte 0"))
    end = len(HEADER)
    if len(data) >= end and data[: len(MAGIC)] == MAGIC and data[end - 1] == HEADER[-1]:
        return None
    if not data:
        return None
    if len(data) < end and HEADER.startswith(data[: len(MAGIC) + 1]):
        return Recovered((), 0, True, "the journal ends inside its header")
    reason = "these bytes do not begin as a journal does"
    return Recovered((), 0, False, reason, Refusal("WIR-11", reason, "byte 0"))


def _content_at(data: bytes, place: int) -> tuple[memoryview | None, str]:
    """Return the content of the entry at a place, or what is wrong with it. Spec: WIR-12."""
    start = place + _HEAD.size
    if start > len(data):
        return None, "an entry ends inside its head"
    mark, length, head_check, check = _HEAD.unpack_from(data, place)
    if mark != MARK or head_check != crc32(data[place : place + 8]) or length > ENTRY_BYTES_MAX:
        return None, "no entry begins here"
    if start + length > len(data):
        return None, "an entry ends inside its content"
    content = memoryview(data)[start : start + length]
    return (content, "") if crc32(content) == check else (None, "an entry fails its check")


def _broken(data: bytes, entries: tuple[Entry, ...], place: int, reason: str) -> Recovered:
    """Tell a torn end from damage: behind damage there are whole entries. Spec: WIR-13, WIR-14."""
    begin = _search_from(data, place)
    while (begin := data.find(MARK, begin)) >= 0:
        if _content_at(data, begin)[0] is not None:
            why = f"{reason}, yet a whole entry follows at byte {begin}: the journal is damaged"
            return Recovered(entries, place, False, why, Refusal("WIR-14", why, f"byte {place}"))
        begin += 1
    return Recovered(entries, place, True, f"{reason}; nothing whole follows")


def _search_from(data: bytes, place: int) -> int:
    """Return from where on entries can follow: behind the content, if the head tells its length.

    What stands inside the content of a torn entry is a user's and may look like anything.
    """
    if place + _HEAD.size > len(data):
        return len(data)
    mark, length, head_check, _ = _HEAD.unpack_from(data, place)
    if mark == MARK and head_check == crc32(data[place : place + 8]):
        return min(place + _HEAD.size + int(length), len(data))
    return place + 1


def _entry_of(content: memoryview) -> Entry | Refusal:
    """Read the content of an entry whose check holds. Spec: WIR-15."""
    try:
        form = _DECODER.decode(content)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        reason = f"an entry holds what this version does not know ({error}); run a later one"
        return Refusal("WIR-15", reason)
    records: list[Record] = []
    for part in form.records:
        record = _record_of(part)
        if isinstance(record, Refusal):
            return record
        records.append(record)
    return Entry(form.lsn, tuple(records))


def _record_of(form: RecordForm) -> Record | Refusal:
    match form:
        case MetaForm():
            return MetaRecord(
                form.replica,
                form.writer,
                form.incarnation,
                form.next_seq,
                form.horizon_ns,
                form.issued_ns,
                form.number,
                form.salt,
            )
        case DeltaForm(number, parts):
            rows = rows_from(parts, Checker(0))
            return rows if isinstance(rows, Refusal) else Delta(number, rows)
        case VectorForm(seen):
            return Vector(seen)
        case _:
            assert_never(form)
