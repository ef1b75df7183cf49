"""What the bytes promise, written once. Spec: chapter WIR."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from loomweave.core.errors import Refusal
from loomweave.core.events import Record
from loomweave.core.graph.merge import elements_of
from loomweave.core.lattices.register import Rows
from loomweave.core.sync.frames import Batch, Frame, State
from loomweave.wire.journal import HEADER, Entry, encode_entry, scan
from loomweave.wire.native import (
    FIELDS_PER_FRAME_MAX,
    FRAME_BYTES_MAX,
    decode_frame,
    encode_frame,
    encode_frames,
    sealed,
)


def is_same_frame(a: Frame, b: Frame) -> bool:
    """Tell whether two frames say the same, kinds of values told apart. Spec: WIR-1."""
    if isinstance(a, Batch) and isinstance(b, Batch):
        bare = (replace(frame, part=replace(frame.part, rows={}), raw=None) for frame in (a, b))
        return len({repr(frame) for frame in bare}) == 1 and elements_of(a.part) == elements_of(
            b.part
        )
    return a == b


def frame_comes_back(frame: Frame) -> bool:
    """WIR-1: every frame is read back from its bytes. Spec: WIR-1, WIR-2."""
    back = decode_frame(encode_frame(frame))
    return not isinstance(back, Refusal) and is_same_frame(back, frame)


def batch_keeps_its_bytes(batch: Batch, later: Sequence[object]) -> bool:
    """WIR-6: a batch is passed on in the bytes it came in, unknown entries too. Spec: WIR-6."""
    data = with_later_entries(batch, later)
    back = decode_frame(data)
    return isinstance(back, Batch) and back.raw == data and encode_frame(back) == data


def later_entries_are_passed_over(frame: Frame, later: Sequence[object]) -> bool:
    """WIR-3: entries of a later version change nothing for this one. Spec: WIR-3."""
    back = decode_frame(with_later_entries(frame, later))
    return not isinstance(back, Refusal) and is_same_frame(back, frame)


def with_later_entries(frame: Frame, later: Sequence[object]) -> bytes:
    """Write a frame as a later version might: with more entries at its end. Spec: WIR-3."""
    data = encode_frame(frame)
    entries = msgspec.msgpack.decode(data[5:])
    assert isinstance(entries, list), "a frame is an array"
    return sealed(msgspec.msgpack.encode([*entries, *later]))


def harm_is_found(data: bytes, harmed: bytes) -> bool:
    """WIR-17: a frame of which a few neighbouring bits changed is refused. Spec: WIR-17."""
    return harmed == data or isinstance(decode_frame(harmed), Refusal)


def reading_is_total(data: bytes) -> bool:
    """WIR-9: any bytes are a frame that can be written again, or refused with rule and reason.

    Spec: WIR-9.
    """
    read = decode_frame(data)
    if isinstance(read, Refusal):
        return bool(read.rule and read.reason)
    return frame_comes_back(replace(read, raw=None) if isinstance(read, Batch) else read)


def pieces_fit_and_join(frame: Batch | State) -> bool:
    """WIR-10: pieces keep the limits, and say together what the frame says. Spec: WIR-10."""
    rows: Rows = {}
    for data in encode_frames(frame):
        piece = decode_frame(data)
        if len(data) > FRAME_BYTES_MAX or isinstance(piece, Refusal):
            return False
        for part in rows_of(piece):
            for entity, row in part.items():
                rows.setdefault(entity, {}).update(row)
    whole: Rows = {}
    for part in rows_of(frame):
        for entity, row in part.items():
            whole.setdefault(entity, {}).update(row)
    return rows == whole


def rows_of(frame: Frame) -> tuple[Rows, ...]:
    """List the elements that a frame carries: first what is held, then what waits."""
    if isinstance(frame, Batch):
        return (elements_of(frame.part),)
    return (frame.rows, frame.early) if isinstance(frame, State) else ()


def field_count_is_bounded(frame: Frame) -> bool:
    """WIR-8: a frame that was read has at most so many fields. Spec: WIR-8."""
    fields = sum(len(row) for rows in rows_of(frame) for row in rows.values())
    return fields <= FIELDS_PER_FRAME_MAX


def journal_of(entries: Sequence[Entry]) -> bytes:
    """Write a whole journal. Spec: WIR-11, WIR-12."""
    return HEADER + b"".join(encode_entry(entry.records, entry.lsn) for entry in entries)


def journal_comes_back(entries: Sequence[Entry]) -> bool:
    """WIR-12: a journal gives back the entries that were written. Spec: WIR-11, WIR-12, WIR-15."""
    data = journal_of(entries)
    found = scan(data)
    return (
        found.entries == tuple(entries)
        and (found.valid_bytes, found.torn, found.refusal) == (len(data), False, None)
        and [*found.records] == [record for entry in entries for record in entry.records]
    )


def torn_end_is_cut(entries: Sequence[Entry], kept: int) -> bool:
    """WIR-13: of a journal cut anywhere, the entries before the cut come back. Spec: WIR-13."""
    data = journal_of(entries)[:kept]
    found = scan(data)
    ends = [len(journal_of(entries[:count])) for count in range(len(entries) + 1)]
    whole = sum(end <= kept for end in ends) - 1
    valid_bytes = ends[whole] if whole >= 0 else 0
    return (
        found.entries == tuple(entries[: max(whole, 0)])
        and found.valid_bytes == valid_bytes
        and found.torn == (kept != valid_bytes)
        and found.refusal is None
    )


def damage_is_told(entries: Sequence[Entry], place: int, flip: int) -> bool:
    """WIR-13, WIR-14: a changed byte is told from a torn end, and no entry is made up.

    What follows it whole tells them apart; in the last entry they are the same thing.
    Spec: WIR-13, WIR-14.
    """
    data = bytearray(journal_of(entries))
    data[place] ^= flip
    found = scan(bytes(data))
    count = sum(len(journal_of(entries[: end + 1])) <= place for end in range(len(entries)))
    if place < len(HEADER):
        is_told = found.refusal is not None or found.entries == tuple(entries)
        return is_told and found.entries in ((), tuple(entries))
    is_last = count == len(entries) - 1
    rule = found.refusal.rule if found.refusal is not None else ""
    is_named = found.torn and not rule if is_last else not found.torn and rule == "WIR-14"
    return found.entries == tuple(entries[:count]) and is_named


def scanning_is_total(data: bytes) -> bool:
    """WIR-13: any bytes are scanned, and what was read is what is read again. Spec: WIR-13."""
    found = scan(data)
    again = scan(data[: found.valid_bytes])
    return found.valid_bytes <= len(data) and again.entries == found.entries and not again.torn


def record_is_whole(record: Record) -> bool:
    """WIR-15: a record alone comes back as it was. Spec: WIR-15."""
    return journal_comes_back([Entry(1, (record,))])
