"""The journal of a replica: records over any storage of bytes. Spec: STO-3, STO-7 to STO-9."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from loomweave.core.errors import LoomWeaveError
from loomweave.core.events import Persist, Record
from loomweave.ports import Storage
from loomweave.wire.journal import HEADER, Recovered, encode_entry, scan

COMPACT_BYTES_MIN: Final = 16 << 20
"""A journal below this size is left as it is: 16 MiB. Spec: STO-9."""
COMPACT_RATIO: Final = 4
"""A journal so many times its last snapshot is replaced by a new one. Spec: STO-9."""


class DamagedJournal(LoomWeaveError):
    """The journal is not what was written; the sentence says what to do. Spec: STO-7, WIR-14."""


class Journal:
    """Entries in, records out. Spec: STO-3.

    Args:
        storage: holds the bytes.
        salvage: go on with what can be read of a damaged journal; the damaged one is put aside.
    """

    def __init__(self, storage: Storage, salvage: bool = False) -> None:
        self.was_salvaged = False
        """Whether entries were given up; the replica must take a new incarnation. Spec: STO-7."""
        self.put_aside = ""
        """Where bytes that could not be read were put."""
        self._storage = storage
        self._salvage = salvage
        self._size = 0
        self._snapshot_size = 0
        self._unusable = b""

    def recover(self) -> tuple[Record, ...]:
        """Read everything back and mend it, where whose it is need not be asked. Spec: STO-3."""
        records = self.read()
        self.mend()
        return records

    def read(self) -> tuple[Record, ...]:
        """Read everything back, once, and change nothing. Spec: STO-3, STO-7.

        Raises:
            DamagedJournal: the journal is damaged, of another version, or no journal at all.
        """
        data = self._storage.read()
        found = scan(data)
        if found.refusal is not None:
            self._judge(found)
        self._size = found.valid_bytes
        if self._size < len(data):
            self._unusable = data if self.was_salvaged else data[self._size :]
        return tuple(found.records)

    def mend(self) -> None:
        """Put aside what could not be read, once, before anything is written. Spec: STO-7."""
        if self._unusable:
            kind = "damaged" if self.was_salvaged else "torn"
            self.put_aside = self._storage.put_aside(self._unusable, kind)
            self._storage.truncate(self._size)
            self._unusable = b""
        if not self._size:
            self._append(HEADER)

    def _judge(self, found: Recovered) -> None:
        """Refuse a journal that is not whole, unless it is to be salvaged. Spec: STO-7."""
        assert found.refusal is not None, "called for what is refused"
        rule = found.refusal.rule
        if self._salvage and rule == "WIR-14":
            self.was_salvaged = True
            return
        remedy = "run the version of loomweave that wrote it, or use another folder"
        if rule == "WIR-14":
            remedy = (
                "nothing was changed. Keep a copy of the folder, then start with --salvage: what "
                f"stands before byte {found.valid_bytes} is used, the whole is put aside, and "
                "peers give back what they hold"
            )
        raise DamagedJournal(f"the journal cannot be used: {found.reason} [{rule}]; {remedy}")

    def commit(self, persists: Sequence[Persist]) -> None:
        """Make entries durable together, in order, each all or none. Spec: STO-8.

        Raises:
            OSError: it is not known what is durable; the replica must stop.
        """
        self._append(b"".join(encode_entry(entry.records, entry.lsn) for entry in persists))

    def _append(self, data: bytes) -> None:
        self._storage.append(data)
        self._size += len(data)

    def is_bulky(self) -> bool:
        """Tell whether the journal has outgrown its snapshot. Spec: STO-9."""
        return self._size > max(COMPACT_BYTES_MIN, COMPACT_RATIO * self._snapshot_size)

    def compact(self, records: Iterable[Record]) -> None:
        """Put a snapshot in the place of all entries, at once. Spec: STO-9."""
        size = 0

        def pieces() -> Iterator[bytes]:
            nonlocal size
            size = len(HEADER)
            yield HEADER
            for record in records:
                entry = encode_entry((record,), 0)
                size += len(entry)
                yield entry

        self._storage.replace(pieces())
        self._size = self._snapshot_size = size

    def close(self) -> None:
        """Let go of the storage. Nothing is written."""
        self._storage.close()
