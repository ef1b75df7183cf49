"""The trace: its hash is that of its lines, and its lines can be read. SCN-1, SCN-4."""

import struct

from blake3 import blake3

from loomweave_sim.trace import (
    TAIL_LINES,
    Happening,
    Trace,
    TraceLine,
    detail,
    render_line,
    render_lines,
)


def traced(count: int) -> Trace:
    """Make a trace of so many lines."""
    trace = Trace()
    for index in range(count):
        trace.add(index, Happening.DELIVER, index % 5, index % 3, index, 2**64 - 1 - index)
    return trace


def test_hash_is_that_of_the_packed_lines() -> None:
    """SCN-4: also across the blocks in which lines are hashed."""
    count = 2 * TAIL_LINES + 5
    packed = b"".join(
        struct.pack("<qHhhqQ", i, 13, i % 5, i % 3, i, 2**64 - 1 - i) for i in range(count)
    )
    context = "loomweave-graph simulator trace v1"
    trace = traced(count)
    assert trace.hash() == blake3(packed, derive_key_context=context).hexdigest()
    assert trace.hash() == traced(count).hash()
    assert trace.lines == count


def test_each_field_counts() -> None:
    line = (1, Happening.SEND, 2, 3, 4, 5)
    hashes = set()
    for place in range(-1, 6):
        trace = Trace()
        trace.add(*(value + (index == place) for index, value in enumerate(line)))
        hashes.add(trace.hash())
    assert len(hashes) == 7


def test_tail_is_the_end() -> None:
    for count in (0, 3, TAIL_LINES, TAIL_LINES + 1, 3 * TAIL_LINES - 1):
        tail = traced(count).tail()
        assert len(tail) == min(count, TAIL_LINES)
        assert [line.at_ns for line in tail] == list(range(count - len(tail), count))
    assert [line.first for line in traced(50).tail(2)] == [48, 49]


def test_every_kind_can_be_read() -> None:
    """SCN-4: with its replicas, its details, and its time to the nanosecond."""
    for kind in Happening:
        text = render_line(TraceLine(12_000_000_034, kind, 1, 2, 3, 4))
        assert "12.000000034 s  n1 → n2" in text
    lines = [TraceLine(0, Happening.LOST, -1, -1, 3, 0), TraceLine(0, Happening.CRASH, 4, -1, 1, 2)]
    lost, crashed = render_lines(lines)
    assert lost.endswith("message 3 is lost") and "n" not in lost.split("message")[0]
    assert "n4 " in crashed


def test_detail_takes_the_first_bytes() -> None:
    assert detail(bytes.fromhex("0102030405060708ff")) == 0x0102030405060708
