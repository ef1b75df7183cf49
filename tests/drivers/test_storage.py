"""The journal file: torn, damaged, locked, compacted. Spec: STO-3, STO-4, STO-6 to STO-9."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loomweave.core.events import Delta, Meta, Persist, Record, Vector
from loomweave.core.lattices.register import Element
from loomweave.runtime import journal
from loomweave.runtime.journal import DamagedJournal, Journal
from loomweave.storage import journal as files
from loomweave.storage.journal import FileStore, FolderInUse, StorageError
from loomweave.wire.journal import HEADER


def entry(lsn: int) -> Persist:
    row = {"x": Element(lsn, "y" * 50, b"w", lsn)}
    meta = Meta("r", b"w", b"i" * 8, lsn + 1, lsn, lsn, lsn, bytes(16))
    return Persist(lsn, (meta, Delta(lsn, {"graph\x00node\x00n": row})))


def records(*lsns: int) -> tuple[Record, ...]:
    return tuple(record for lsn in lsns for record in entry(lsn).records)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a journal of three entries."""
    with closing(Journal(FileStore(tmp_path / "data"))) as store:
        assert store.recover() == ()
        store.commit([entry(1), entry(2)])
        store.commit([entry(3)])
    yield tmp_path / "data"


def test_what_was_committed_comes_back(folder: Path) -> None:
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2, 3)
        store.commit([entry(4)])
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2, 3, 4)
        assert store.put_aside == ""


def test_one_write_and_one_sync_a_group(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    with closing(Journal(FileStore(folder))) as store:
        store.recover()
        write = os.write

        def noted(file: int, data: bytes) -> int:
            calls.append("write")
            return write(file, data)

        monkeypatch.setattr(os, "write", noted)
        monkeypatch.setattr(files, "_sync_data", lambda file: calls.append("sync"))
        store.commit([entry(lsn) for lsn in range(4, 50)])
    assert calls == ["write", "sync"]


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_torn_end_is_cut_off_and_kept(folder: Path, cut: int) -> None:
    path = folder / "journal"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2)
        kept = Path(store.put_aside).read_bytes()
        assert path.read_bytes() + kept == whole[:-cut]
        store.commit([entry(4)])
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2, 4)


def test_journal_torn_in_its_header_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(HEADER[:3])
    with closing(Journal(FileStore(tmp_path))) as store:
        assert store.recover() == ()
        store.commit([entry(1)])
    with closing(Journal(FileStore(tmp_path))) as store:
        assert store.recover() == records(1)


def test_damage_is_an_error_that_changes_nothing(folder: Path) -> None:
    path = folder / "journal"
    bent = bytearray(path.read_bytes())
    bent[len(bent) // 2] ^= 1
    path.write_bytes(bent)
    damaged = pytest.raises(DamagedJournal, match=r"damaged \[WIR-14\].*--salvage")
    with closing(Journal(FileStore(folder))) as store, damaged:
        store.recover()
    assert path.read_bytes() == bent
    with closing(Journal(FileStore(folder), salvage=True)) as store:
        assert store.recover() == records(1)
        assert store.was_salvaged
        assert Path(store.put_aside).read_bytes() == bent
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1)
        assert not store.was_salvaged


@pytest.mark.parametrize("salvage", [False, True])
def test_what_is_no_journal_is_left_alone(tmp_path: Path, salvage: bool) -> None:
    (tmp_path / "journal").write_bytes(b"my diary")
    refused = pytest.raises(DamagedJournal, match=r"WIR-11.*another folder")
    with closing(Journal(FileStore(tmp_path), salvage)) as store, refused:
        store.recover()
    assert (tmp_path / "journal").read_bytes() == b"my diary"


def test_one_process_at_a_time(folder: Path) -> None:
    refused = pytest.raises(FolderInUse, match=f"process .number {os.getpid()}")
    with closing(FileStore(folder)), refused:
        FileStore(folder)
    FileStore(folder).close()


def test_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="choose another folder"):
        FileStore(tmp_path / "file")


def test_snapshot_takes_the_place_of_the_journal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "COMPACT_BYTES_MIN", 2_000)
    with closing(Journal(FileStore(folder))) as store:
        store.recover()
        lsn = 3
        while not store.is_bulky():
            lsn += 1
            store.commit([entry(lsn)])
        assert lsn > 10
        store.compact([*records(lsn), Vector({b"w": lsn})])
        assert not store.is_bulky()
        store.commit([entry(lsn + 1)])
    assert sorted(path.name for path in folder.iterdir()) == ["journal", "lock"]
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == (*records(lsn), Vector({b"w": lsn}), *records(lsn + 1))


def test_snapshot_that_fails_leaves_the_journal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space")

    with closing(Journal(FileStore(folder))) as store:
        store.recover()
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail)
            with pytest.raises(OSError, match="no space"):
                store.compact(records(9))
        store.commit([entry(4)])
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2, 3, 4)


def test_half_a_snapshot_is_forgotten(folder: Path) -> None:
    (folder / "journal.new").write_bytes(HEADER + b"half")
    with closing(Journal(FileStore(folder))) as store:
        assert store.recover() == records(1, 2, 3)
    assert not (folder / "journal.new").exists()
