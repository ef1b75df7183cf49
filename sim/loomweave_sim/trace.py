"""The trace of a run: what happened, in order, and the hash that is the run's identity.

Spec: SCN-1, SCN-4.
"""

import struct
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from blake3 import blake3

TAIL_LINES: Final = 4096
"""How many of the last lines are kept for reports, at the least. Spec: SCN-4."""
NOBODY: Final = -1
"""Stands for a replica where a line concerns none. Spec: SCN-4."""
DETAIL_MASK: Final = 2**64 - 1

_FORM: Final = "qHhhqQ"
_LINE: Final = struct.Struct(f"<{_FORM}")
_BLOCK: Final = struct.Struct(f"<{_FORM * TAIL_LINES}")
_NUMBERS: Final = len(_FORM)
"""How many numbers a line has."""
_FULL: Final = TAIL_LINES * _NUMBERS
_NANOS: Final = 1_000_000_000


class Happening(IntEnum):
    """The kinds of lines. Numbers are never used again for another kind. Spec: SCN-4.

    A line is (virtual time, kind, replica, other replica, first detail, second detail); each
    kind says below what its two details are.
    """

    PHASE = 1
    """First: the number of the phase that begins."""
    START = 2
    """A replica starts. First: how often it has started; second: bytes in its journal."""
    CRASH = 3
    """First: bytes that were not durable and stay; second: those that are lost."""
    TORN = 4
    """Recovery cuts off a torn tail. First: bytes kept; second: bytes cut off."""
    FAULT_BEGIN = 5
    """First: the fault's place in the scenario."""
    FAULT_END = 6
    """First: the fault's place in the scenario."""
    CLOCK = 7
    """A wall clock was changed. First: nanoseconds it is now ahead; second: its rate in ppm."""
    SEND = 10
    """First: the message's number; second: its bytes."""
    CUT = 11
    """A cut stops a message. First: its number."""
    LOST = 12
    """First: the message's number."""
    DELIVER = 13
    """First: the message's number; second: its bytes."""
    ABSENT = 14
    """A message reaches a replica that is down. First: its number."""
    DAMAGED = 15
    """A message is damaged. First: its number; second: its bytes now."""
    REQUEST = 20
    """A client asks. First: the request's number; second: start of a hash of what it asks for."""
    REPLY = 21
    """First: the request's number; second: 1 if it was done, 0 if it was declined."""
    PERSIST = 22
    """First: the log sequence number; second: how many records."""
    DURABLE = 23
    """First: the log sequence number."""
    WAKE = 24
    """First: the time asked for; second: 0 for the monotonic clock, 1 for the wall."""
    NOTIFY = 25
    """First: the number in the feed; second: stamp of the change."""
    REFUSED = 26
    """First: number of the message or 0; second: start of a hash of the rule's name."""
    ROOT = 30
    """A root was asked for. Second: its first 8 bytes."""
    OCCURRED = 31
    """Something that a scenario may expect was seen first. First: its place in the list."""


_TEXTS: Final[dict[Happening, str]] = {
    Happening.PHASE: "phase {a} begins",
    Happening.START: "starts for the {a}. time with {b} bytes of journal",
    Happening.CRASH: "crashes; of what was not durable {a} bytes stay and {b} are lost",
    Happening.TORN: "keeps {a} bytes of its journal and cuts off {b}",
    Happening.FAULT_BEGIN: "fault {a} begins",
    Happening.FAULT_END: "fault {a} ends",
    Happening.CLOCK: "wall clock is now {a} ns ahead and runs at {b} ppm",
    Happening.SEND: "sends message {a} of {b} bytes",
    Happening.CUT: "message {a} is stopped by a cut",
    Happening.LOST: "message {a} is lost",
    Happening.DELIVER: "message {a} of {b} bytes arrives",
    Happening.ABSENT: "message {a} arrives where nobody is",
    Happening.DAMAGED: "message {a} is damaged and has {b} bytes now",
    Happening.REQUEST: "request {a} ({b:016x})",
    Happening.REPLY: "reply to request {a}: {b}",
    Happening.PERSIST: "writes entry {a} of {b} records",
    Happening.DURABLE: "is durable up to entry {a}",
    Happening.WAKE: "wakes, having asked for {a} on clock {b}",
    Happening.NOTIFY: "tells change {a} of stamp {b}",
    Happening.REFUSED: "refuses, message {a}, rule {b:016x}",
    Happening.ROOT: "root {b:016x}",
    Happening.OCCURRED: "expectation {a} has occurred",
}


class TraceLine(NamedTuple):
    """One line of a trace, as integers. Spec: SCN-4."""

    at_ns: int
    kind: int
    replica: int
    other: int
    first: int
    second: int


class Trace:
    """Collects the lines of a run, hashing them as they come. Spec: SCN-4.

    Only the last lines are kept; `lines` counts them all. Lines are packed a block at a time, for
    that is much cheaper than one by one.
    """

    __slots__ = ("_before", "_blocks", "_hash", "_pending")

    def __init__(self) -> None:
        self._blocks = 0
        self._hash = blake3(derive_key_context="loomweave-graph simulator trace v1")
        self._pending: list[int] = []
        """The numbers of the lines that are in no block yet, one after the other."""
        self._before = b""

    @property
    def lines(self) -> int:
        """Return how many lines there are."""
        return self._blocks * TAIL_LINES + len(self._pending) // _NUMBERS

    def add(
        self,
        at_ns: int,
        kind: int,
        replica: int = NOBODY,
        other: int = NOBODY,
        first: int = 0,
        second: int = 0,
    ) -> None:
        """Add a line. `first` is signed, `second` is not; both have 64 bits. Spec: SCN-4."""
        self.extend((at_ns, kind, replica, other, first, second))

    def extend(self, numbers: Sequence[int]) -> None:
        """Add lines whose numbers come one after the other, all six of each. Spec: SCN-4."""
        pending = self._pending
        pending += numbers
        while len(pending) >= _FULL:
            self._before = _BLOCK.pack(*pending[:_FULL])
            self._hash.update(self._before)
            self._blocks += 1
            del pending[:_FULL]

    def _packed(self) -> bytes:
        """Pack the lines that are in no block yet."""
        numbers = self._pending
        starts = range(0, len(numbers), _NUMBERS)
        return b"".join([_LINE.pack(*numbers[at : at + _NUMBERS]) for at in starts])

    def hash(self) -> str:
        """Return the hash of all lines so far, in hexadecimal. Spec: SCN-1, SCN-4."""
        whole = self._hash.copy()
        whole.update(self._packed())
        return whole.hexdigest()

    def tail(self, count: int = TAIL_LINES) -> list[TraceLine]:
        """Return the last lines, `TAIL_LINES` of them at the most. Spec: SCN-4."""
        count = min(count, TAIL_LINES)
        kept = self._before + self._packed()
        start = max(0, len(kept) - count * _LINE.size)
        return [TraceLine(*fields) for fields in _LINE.iter_unpack(kept[start:])]


def read_seconds(at_ns: int) -> str:
    """Write a virtual time as seconds, exactly. Spec: SCN-4."""
    whole, rest = divmod(at_ns, _NANOS)
    return f"{whole}.{rest:09d}"


def render_line(line: TraceLine) -> str:
    """Write a line for people. Spec: SCN-4."""
    who = ""
    if line.replica != NOBODY and line.other != NOBODY:
        who = f"n{line.replica} → n{line.other}"
    elif line.replica != NOBODY:
        who = f"n{line.replica}"
    what = _TEXTS[Happening(line.kind)].format(a=line.first, b=line.second)
    return f"{read_seconds(line.at_ns):>16} s  {who:9}  {what}"


def render_lines(lines: list[TraceLine]) -> Iterator[str]:
    """Write lines for people, one after the other. Spec: SCN-4."""
    return (render_line(line) for line in lines)


def detail(data: bytes) -> int:
    """Make a line's second detail out of the first 8 bytes of a hash. Spec: SCN-4."""
    return int.from_bytes(data[:8], "big") & DETAIL_MASK
