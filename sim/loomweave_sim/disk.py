"""A simulated journal file: what survives a crash, and what does not. Spec: SCN-15."""

import msgspec

from loomweave_sim.chance import SPREADS, Chance, Spread


class DiskCounts(msgspec.Struct):
    """What a disk has done so far, for figures and expectations. Spec: SCN-15."""

    written_bytes: int = 0
    syncs: int = 0
    crashes: int = 0
    lost_bytes: int = 0
    torn_bytes: int = 0


class CrashLoss(msgspec.Struct, frozen=True):
    """What a crash did to the bytes that were not yet durable. Spec: SCN-15."""

    kept: int
    lost: int

    @property
    def is_torn(self) -> bool:
        """Tell whether the cut went through what was being written."""
        return self.kept > 0 and self.lost > 0


class Disk:
    """One append-only file with a page cache before it. Spec: SCN-15.

    `append` puts bytes into the cache; a sync makes durable what was in the cache when it began.
    A crash keeps some prefix of the rest. It knows nothing of records: reading back and finding
    the end of the whole ones is the work of the same code as on a real disk.
    """

    __slots__ = ("_bytes", "_chance", "_durable", "_sync", "counts")

    def __init__(self, chance: Chance, sync: Spread = SPREADS["ssd"]) -> None:
        self.counts = DiskCounts()
        self._bytes = bytearray()
        self._durable = 0
        self._chance = chance
        self._sync = sync

    @property
    def size(self) -> int:
        """Return how many bytes the running process believes to have written."""
        return len(self._bytes)

    @property
    def durable_size(self) -> int:
        """Return how many bytes a crash at this instant is sure to leave. Spec: SCN-15."""
        return self._durable

    def append(self, data: bytes) -> None:
        """Write at the end, into the cache only. Spec: SCN-15."""
        self._bytes += data
        self.counts.written_bytes += len(data)

    def begin_sync(self) -> tuple[int, int]:
        """Begin a sync: return how long it takes and the size it makes durable. Spec: SCN-15."""
        return self._sync.draw(self._chance), len(self._bytes)

    def finish_sync(self, size: int) -> None:
        """End the sync that `begin_sync` announced with this size. Spec: SCN-15."""
        assert size <= len(self._bytes), "a sync of another life of the process"
        self._durable = max(self._durable, size)
        self.counts.syncs += 1

    def crash(self, torn: bool = False) -> CrashLoss:
        """Lose the cache, but for a random prefix; with `torn`, cut inside it. Spec: SCN-15.

        A cut inside needs two bytes that are not durable; with fewer, `torn` changes nothing.
        """
        loose = len(self._bytes) - self._durable
        if torn and loose >= 2:
            kept = self._chance.between(1, loose - 1)
        else:
            kept = self._chance.between(0, loose)
        loss = CrashLoss(kept, loose - kept)
        del self._bytes[self._durable + kept :]
        # What a process finds on the disk when it starts is as durable as anything will be.
        self._durable = len(self._bytes)
        self.counts.crashes += 1
        self.counts.lost_bytes += loss.lost
        if loss.is_torn:
            self.counts.torn_bytes += loss.kept
        return loss

    def read(self) -> bytes:
        """Read the whole file, as a starting process does. Spec: SCN-15."""
        return bytes(self._bytes)

    def truncate(self, size: int) -> None:
        """Cut the file off behind its last whole record, as recovery does. Spec: SCN-15."""
        assert 0 <= size <= len(self._bytes), "a file is only ever shortened by this"
        del self._bytes[size:]
        self._durable = min(self._durable, size)
