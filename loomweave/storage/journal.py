"""The embedded store: one journal file in a folder of its own. Spec: STO-6, STO-9.

Only calls of files are here; what the bytes mean is read and written elsewhere.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from loomweave.core.errors import LoomWeaveError

JOURNAL_NAME: Final = "journal"
LOCK_NAME: Final = "lock"
NEW_SUFFIX: Final = ".new"

_sync_data = getattr(os, "fdatasync", os.fsync)


class StorageError(LoomWeaveError):
    """A folder that cannot be used; the sentence says what to do. Spec: STO-6."""


class FolderInUse(StorageError):
    """Another process has the folder. Spec: STO-6."""


class FileStore:
    """A journal file, held by one process. Spec: STO-3, STO-6.

    Args:
        folder: made if it does not exist.

    Raises:
        StorageError: the folder cannot be used, or another process uses it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / JOURNAL_NAME
        self._lock = _lock(folder)
        self._new_path = folder / (JOURNAL_NAME + NEW_SUFFIX)
        self._new_path.unlink(missing_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        _sync_folder(folder)

    def read(self) -> bytes:
        """Read the whole file."""
        return self.path.read_bytes()

    def append(self, data: bytes) -> None:
        """Append with one write, make it durable with one sync. Spec: STO-8."""
        _write(self._file, data)
        _sync_data(self._file)

    def truncate(self, size: int) -> None:
        """Cut the file off."""
        os.ftruncate(self._file, size)
        os.fsync(self._file)

    def replace(self, pieces: Iterable[bytes]) -> None:
        """Write a new file beside this one and rename it into its place. Spec: STO-9."""
        fresh = os.open(self._new_path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            for piece in pieces:
                _write(fresh, piece)
            os.fsync(fresh)
            os.replace(self._new_path, self.path)
        except BaseException:
            os.close(fresh)
            raise
        os.close(self._file)
        self._file = fresh
        _sync_folder(self.folder)

    def put_aside(self, data: bytes, kind: str) -> str:
        """Keep bytes in a file of their own beside the journal. Spec: STO-7."""
        number = 1
        while (path := self.folder / f"{JOURNAL_NAME}.{kind}-{number}").exists():
            number += 1
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return str(path)

    def close(self) -> None:
        """Let go of the file and of the folder. Spec: STO-6."""
        os.close(self._file)
        os.close(self._lock)


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _lock(folder: Path) -> int:
    """Take a folder for this process alone; the lock ends with the process. Spec: STO-6."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"{folder} cannot hold data: {reason}; choose another folder") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise FolderInUse(
            f"{folder} is in use by another process (number {holder}); stop it, or use a folder "
            "of its own for each replica"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def _sync_folder(folder: Path) -> None:
    """Make names in a folder durable. Spec: STO-9."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
