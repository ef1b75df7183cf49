"""The journal of a simulated replica: entries in memory, bytes once somebody must read them.

Spec: SCN-15. Writing is by far more frequent than crashing, so entries are turned into bytes
only at a crash or for a count; what then is on the disk is the same as if each had been written
at once, and the shipped recovery reads it back.
"""

import msgspec

from loomweave.core.events import Record
from loomweave.wire.journal import HEADER, encode_entry, scan
from loomweave_sim.chance import Chance, Spread
from loomweave_sim.disk import CrashLoss, Disk

Records = tuple[Record, ...]


class Recovered(msgspec.Struct, frozen=True):
    """What a starting process finds. Spec: SCN-15."""

    records: Records
    kept_bytes: int
    cut_bytes: int
    """Length of the torn tail that was cut off."""
    torn: bool


class SimJournal:
    """One replica's journal on one simulated disk. Spec: SCN-15."""

    __slots__ = ("_begun", "_durable", "_entries", "disk")

    def __init__(self, chance: Chance, sync: Spread) -> None:
        self.disk = Disk(chance, sync)
        self._begun: list[Record] = []
        """What the disk held when this process started."""
        self._entries: list[tuple[int, Records]] = []
        self._durable = 0

    @property
    def loose(self) -> int:
        """Return how many entries are written and not durable."""
        return len(self._entries) - self._durable

    def append(self, lsn: int, records: Records) -> None:
        """Write an entry, into the cache only. Spec: SCN-15."""
        self._entries.append((lsn, records))

    def begin_sync(self) -> tuple[int, int, int]:
        """Begin a sync: tell how long it takes, how many entries, and which number it reaches."""
        delay_ns, _ = self.disk.begin_sync()
        return delay_ns, len(self._entries), self._entries[-1][0]

    def finish_sync(self, count: int) -> None:
        """End the sync that `begin_sync` announced with this count. Spec: SCN-15."""
        self._durable = max(self._durable, count)

    def durable_records(self) -> list[Record]:
        """List all records that a crash now would be sure to leave, for checkers."""
        written = [record for _, entry in self._entries[: self._durable] for record in entry]
        return [*self._begun, *written]

    def crash(self, torn: bool) -> CrashLoss:
        """Lose what was not durable, but for a random prefix of its bytes. Spec: SCN-15."""
        self._write(self._entries[: self._durable])
        self.disk.finish_sync(self.disk.size)
        self._write(self._entries[self._durable :])
        self._entries, self._durable = [], 0
        return self.disk.crash(torn)

    def _write(self, entries: list[tuple[int, Records]]) -> None:
        if not self.disk.size:
            self.disk.append(HEADER)
        for lsn, records in entries:
            self.disk.append(encode_entry(records, lsn))

    def recover(self) -> Recovered:
        """Read what is on the disk, and cut off a torn tail. Spec: SCN-15."""
        data = self.disk.read()
        found = scan(data)
        assert found.refusal is None, f"a crash leaves a whole journal: {found.reason}"
        if found.torn:
            self.disk.truncate(found.valid_bytes)
        self._begun = list(found.records)
        return Recovered(
            tuple(self._begun), found.valid_bytes, len(data) - found.valid_bytes, found.torn
        )

    def size(self) -> int:
        """Count the bytes that the file would have if all were written. Spec: SCN-15."""
        fresh = sum(len(encode_entry(records, lsn)) for lsn, records in self._entries)
        return (self.disk.size or len(HEADER)) + fresh
