"""Bytes: frames and the journal, whole, torn, damaged, of later versions. Spec: chapter WIR."""

import random
import struct
from binascii import crc32

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loomweave.core.encoding import hash_bytes
from loomweave.core.errors import Refusal
from loomweave.core.events import Delta, Meta, Vector
from loomweave.core.graph.merge import Part, elements_of
from loomweave.core.lattices.register import Element
from loomweave.core.sync.frames import Batch, Declined, Frame, Hello, State, Want
from loomweave.core.values import ValueMap
from loomweave.laws import wire as laws
from loomweave.wire import native
from loomweave.wire.journal import HEADER, MARK, Entry, encode_entry, scan
from loomweave.wire.native import decode_frame, encode_frame
from tests.wirestrategies import entries, frames, records, wide_batches, wide_elements

NODE = "graph\x00node\x00n"
EXTRA = st.lists(st.one_of(st.integers(), st.text(max_size=3), st.just([1, [2]])), max_size=3)


def sample_frames() -> list[Frame]:
    """One frame of each kind that holds much: the ground for cuts and flips."""
    rows: dict[str, dict[str, object]] = {
        NODE: {"a": 1, "b": "x\ud800", "c": 1.5, "d": (b"y", None), "e": ValueMap.of({"k": True})}
    }
    part = Part(b"w" * 16, 7, 10**18, rows)  # type: ignore[arg-type]
    held = {NODE: {"a": Element(5, "x", b"w", 1), "b": Element(6, -0.5, b"v", 2)}}
    return [
        Batch(part, {b"v": 3}),
        State(held, {NODE: {"a": Element(9, None, b"w", 2)}}),
        Hello(1, "r", bytes(16), "main", True),
        Want((NODE,)),
        Declined(Refusal("CLK-5", "too far", "n", 7), b"w"),
    ]


@given(frames())
def test_every_frame_comes_back(frame: Frame) -> None:
    assert laws.frame_comes_back(frame)


@given(frames())
def test_what_was_read_is_bounded(frame: Frame) -> None:
    back = decode_frame(encode_frame(frame))
    assert not isinstance(back, Refusal) and laws.field_count_is_bounded(back)


@given(frames(), EXTRA)
def test_later_entries_are_passed_over(frame: Frame, later: list[object]) -> None:
    assert laws.later_entries_are_passed_over(frame, _small(later))


@given(wide_batches(), EXTRA)
def test_a_batch_keeps_its_bytes(batch: Batch, later: list[object]) -> None:
    """Entries after the proof are what a version does not know."""
    whole = batch if batch.proof is not None else msgspec.structs.replace(batch, proof=b"")
    assert laws.batch_keeps_its_bytes(whole, _small(later))


def _small(later: list[object]) -> list[object]:
    return [part for part in later if not isinstance(part, int) or abs(part) < 2**63]


@given(st.binary(max_size=60))
def test_garbage_is_refused(data: bytes) -> None:
    assert laws.reading_is_total(data)
    assert laws.reading_is_total(native.sealed(data))


@given(frames(), st.data())
def test_bent_frames_are_read_or_refused(frame: Frame, data: st.DataObject) -> None:
    whole = bytearray(encode_frame(frame))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert laws.reading_is_total(bytes(whole))


@pytest.mark.parametrize("frame", sample_frames(), ids=lambda frame: type(frame).__name__)
def test_a_frame_cut_at_any_byte_is_refused(frame: Frame) -> None:
    whole = encode_frame(frame)
    for size in range(len(whole)):
        refusal = decode_frame(whole[:size])
        assert isinstance(refusal, Refusal), size
        assert refusal.rule.startswith("WIR-")
    assert isinstance(decode_frame(whole + b"\x00"), Refusal)


@pytest.mark.parametrize("frame", sample_frames(), ids=lambda frame: type(frame).__name__)
def test_every_bit_may_flip(frame: Frame) -> None:
    whole = encode_frame(frame)
    for place in range(len(whole)):
        for bit in range(8):
            bent = bytearray(whole)
            bent[place] ^= 1 << bit
            assert laws.harm_is_found(whole, bytes(bent)), (place, bit)
            assert laws.reading_is_total(native.sealed(bytes(bent[5:]))), (place, bit)


def test_long_garbage_is_refused() -> None:
    chance = random.Random(7)
    for kind in range(12):
        body = chance.randbytes(3_000)
        assert laws.reading_is_total(native.sealed(bytes([0x98, kind]) + body))
    for nested in (b"\x91" * 200_000, b"\xdc\xff\xff" * 10_000, b"\x81\xa1a" * 50_000):
        refusal = decode_frame(
            native.sealed(b"\x97\x02\xc4\x00\x00\x00\x81\xa1a\x81\xa1a" + nested)
        )
        assert isinstance(refusal, Refusal)


def raw_batch(value: object, **other: object) -> bytes:
    """Write a batch by hand, with anything in it."""
    entries: dict[str, object] = {
        "writer": b"w",
        "seq": 1,
        "stamp": 5,
        "tables": {NODE: {"x": value}},
        "context": {},
        "branch": "main",
    }
    return native.sealed(msgspec.msgpack.encode([2, *(entries | other).values()]))


def test_raw_batch_is_read() -> None:
    assert isinstance(decode_frame(raw_batch(1)), Batch)


DEEP: list[object] = []
for _ in range(40):
    DEEP = [DEEP]

REFUSED = {
    "nan": (raw_batch(float("nan")), "VAL-4"),
    "infinity": (raw_batch(float("-inf")), "VAL-4"),
    "nan inside": (raw_batch([1, {"a": float("inf"), "b": 1}]), "VAL-4"),
    "deep": (raw_batch(DEEP), "VAL-9"),
    "keys that are no texts": (raw_batch({1: 2, 3: 4}), "VAL-7"),
    "extension": (raw_batch(msgspec.msgpack.Ext(5, b"x")), "VAL-2"),
    "a lattice to come": (raw_batch({"$set": [1]}), "WIR-5"),
    "a link to nothing": (raw_batch({"#": ""}), "VAL-6"),
    "half a unit": (raw_batch({"$utf16": b"a"}), "ENC-4"),
    "stamp above": (raw_batch(1, stamp=2**63), "WIR-9"),
    "stamp no number": (raw_batch(1, stamp=1.5), "WIR-9"),
    "seq below 0": (raw_batch(1, seq=-1), "WIR-9"),
    "long writer": (raw_batch(1, writer=bytes(33)), "WIR-9"),
    "text for a writer": (raw_batch(1, writer="w"), "WIR-9"),
    "key of two parts": (raw_batch(1, tables={"graph\x00n": {"x": 1}}), "GRF-2"),
    "key of four parts": (raw_batch(1, tables={NODE + "\x00": {"x": 1}}), "GRF-2"),
    "empty id": (raw_batch(1, tables={"graph\x00node\x00": {"x": 1}}), "GRF-2"),
    "long id": (raw_batch(1, tables={NODE + "n" * 1024: {"x": 1}}), "GRF-2"),
    "long id of wide letters": (raw_batch(1, tables={NODE + "ü" * 600: {"x": 1}}), "GRF-2"),
    "empty field": (raw_batch(1, tables={NODE: {"": 1}}), "GRF-2"),
    "field with NUL": (raw_batch(1, tables={NODE: {"a\x00": 1}}), "GRF-2"),
    "long field": (raw_batch(1, tables={NODE: {"a" * 1025: 1}}), "GRF-2"),
    "branch with NUL": (raw_batch(1, branch="a\x00"), "GRF-2"),
    "too many fields": (
        raw_batch(1, tables={NODE: dict.fromkeys(map(str, range(10_001)))}),
        "WIR-8",
    ),
    "unknown kind": (native.sealed(msgspec.msgpack.encode([99, 1])), "WIR-3"),
    "later format": (b"\x02\x90", "WIR-2"),
    "nothing": (b"", "WIR-2"),
    "no array": (native.sealed(b"\x80"), "WIR-9"),
    "too long": (b"\x01" + bytes(native.FRAME_BYTES_MAX), "WIR-8"),
    "surrogate": (native.sealed(raw_batch("aXXX")[5:].replace(b"XXX", b"\xed\xa0\x80")), "WIR-9"),
    "bucket": (native.sealed(msgspec.msgpack.encode([6, [256], {}])), "WIR-9"),
    "leaf": (native.sealed(msgspec.msgpack.encode([6, [1], {NODE: b"short"}])), "WIR-9"),
    "entity in a want": (native.sealed(msgspec.msgpack.encode([8, ["x"]])), "GRF-2"),
    "field in two parts": (
        native.sealed(
            msgspec.msgpack.encode([7, [[b"w", s, 5, {NODE: {"x": 1}}] for s in (1, 2)], []])
        ),
        "WIR-4",
    ),
}


@pytest.mark.parametrize(("data", "rule"), REFUSED.values(), ids=REFUSED)
def test_refusals_name_their_rule(data: bytes, rule: str) -> None:
    """What the machine relies on is checked. Spec: WIR-7, WIR-9."""
    refusal = decode_frame(data)
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, bool(refusal.reason)) == (rule, True)


def test_refusals_name_the_place() -> None:
    refusal = decode_frame(raw_batch([1, {"a": float("nan"), "b": 1}]))
    assert isinstance(refusal, Refusal)
    assert refusal.subject == "graph/node/n/x value[1]['a']"


def test_long_texts_in_a_long_frame_are_measured() -> None:
    """Where a frame is longer than any value, each value is."""
    fits = raw_batch("a" * ((1 << 20) - 5), context={b"v": 1})
    assert isinstance(decode_frame(fits), Batch)
    refusal = decode_frame(raw_batch("a" * (1 << 20)))
    assert isinstance(refusal, Refusal) and refusal.rule == "VAL-10"


def test_minus_zero_is_zero() -> None:
    batch = decode_frame(raw_batch(-0.0))
    assert isinstance(batch, Batch)
    assert struct.pack(">d", batch.part.rows[NODE]["x"]) == bytes(8)


def test_defaults_may_be_missing() -> None:
    short = native.sealed(msgspec.msgpack.encode([2, b"w", 1, 5, {}, {}]))
    assert decode_frame(short) == Batch(Part(b"w", 1, 5, {}), {}, raw=short)


def test_what_a_refusal_says_is_cut_to_what_a_frame_carries() -> None:
    declined = Declined(Refusal("SYN-8", "y" * 5_000, "half \ud800"), b"w")
    back = decode_frame(encode_frame(declined))
    assert isinstance(back, Declined)
    assert (len(back.refusal.reason), back.refusal.subject) == (1_024, "half ?")


@settings(max_examples=20)
@given(wide_elements(), wide_elements())
def test_small_states_stay_whole(held: dict[str, object], waits: dict[str, object]) -> None:
    frame = State(held, waits)  # type: ignore[arg-type]
    assert native.encode_frames(frame) == (encode_frame(frame),)


def test_large_frames_are_cut() -> None:
    many = {f"graph\x00node\x00{n}": {f"f{k}": n + k for k in range(50)} for n in range(401)}
    part = Part(b"w", 1, 5, many)  # type: ignore[arg-type]
    assert laws.pieces_fit_and_join(Batch(part, {}))
    assert laws.pieces_fit_and_join(State(elements_of(part), {NODE: {"x": Element(9, 1, b"v", 1)}}))
    heavy = {NODE: {f"f{k}": "x" * ((1 << 20) - 5) for k in range(20)}}
    assert laws.pieces_fit_and_join(Batch(Part(b"w", 1, 5, heavy), {}))  # type: ignore[arg-type]


# The journal.


@settings(max_examples=40)
@given(st.lists(entries(), max_size=4))
def test_a_journal_comes_back(kept: list[Entry]) -> None:
    assert laws.journal_comes_back(kept)


@given(records())
def test_a_record_comes_back(record: Meta | Delta | Vector) -> None:
    assert laws.record_is_whole(record)


def sample_journal() -> list[Entry]:
    """Four entries, the last of which holds what looks like a journal."""
    fake = encode_entry((Vector({b"x": 1}),), 9)
    meta = Meta("r", b"w" * 16, b"i" * 8, 4, 10**18, 10**18, 2, bytes(16))
    row = {"a": Element(5, "x\ud800", b"w", 1), "b": Element(6, fake, b"v", 2)}
    return [
        Entry(1, (meta, Delta(1, {NODE: row}))),
        Entry(2, (meta,)),
        Entry(3, (Vector({b"w": 3}), Delta(0, {}))),
        Entry(4, (meta, Delta(2, {NODE: row}))),
    ]


def test_a_journal_may_be_cut_at_any_byte() -> None:
    kept = sample_journal()
    for size in range(len(laws.journal_of(kept)) + 1):
        assert laws.torn_end_is_cut(kept, size), size


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_changed_byte_is_told_from_a_torn_end(flip: int) -> None:
    kept = [*sample_journal()[:3], sample_journal()[1]]
    for place in range(len(laws.journal_of(kept))):
        assert laws.damage_is_told(kept, place, flip), place


@given(st.binary(max_size=200))
def test_any_bytes_are_scanned(data: bytes) -> None:
    assert laws.scanning_is_total(data)
    assert laws.scanning_is_total(HEADER + data)
    assert laws.scanning_is_total(HEADER + encode_entry((), 1) + data)


def test_zeros_at_the_end_are_torn() -> None:
    data = laws.journal_of(sample_journal())
    found = scan(data + bytes(5_000))
    assert (found.valid_bytes, found.torn, found.refusal) == (len(data), True, None)


def sealed(content: bytes) -> bytes:
    """Write an entry with any content whose checks hold."""
    length = struct.pack(">I", len(content))
    return MARK + length + struct.pack(">II", crc32(MARK + length), crc32(content)) + content


def test_unknown_record_is_of_a_later_version() -> None:
    good = encode_entry((), 1)
    found = scan(HEADER + good + sealed(msgspec.msgpack.encode([2, [[9, "new"]]])) + good)
    assert found.refusal is not None and found.refusal.rule == "WIR-15"
    assert (found.valid_bytes, found.torn) == (len(HEADER + good), False)


def test_later_entries_of_a_record_are_passed_over() -> None:
    later = sealed(msgspec.msgpack.encode([2, [[3, {b"w": 3}, "new"]], "newer"]))
    header = HEADER[:6] + bytes([7]) + HEADER[7:]
    found = scan(header + later)
    assert found.entries == (Entry(2, (Vector({b"w": 3}),)),) and found.refusal is None


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 something else", HEADER[:5] + b"\x02\x00\n", b"LoomX\x01\x00\n", b"x"],
)
def test_what_is_no_journal_of_ours_is_refused(data: bytes) -> None:
    found = scan(data)
    assert found.refusal is not None and found.refusal.rule == "WIR-11"
    assert (found.valid_bytes, found.torn) == (0, False)


def test_hash_of_a_frame_is_pinned() -> None:
    """Another form of the same frame would be another version of the format."""
    pinned = [hash_bytes(b"test", encode_frame(frame)).hex()[:8] for frame in sample_frames()]
    assert pinned == PINNED


PINNED = ["b9cee5ac", "87c68044", "72ad1cb1", "24ad813b", "2e07d3f2"]
