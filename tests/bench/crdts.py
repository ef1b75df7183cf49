"""The peers in Python: pycrdt and loro take in the same writes as updates of their own form."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from tests.bench.workload import Workload


def found(name: str) -> object | None:
    """Import a library of the bench extra, if it is there."""
    try:
        return import_module(name)
    except ImportError:
        return None


def pycrdt_updates(pycrdt: Any, workload: Workload) -> list[bytes]:
    """Write the frames with pycrdt, one transaction a frame."""
    doc = pycrdt.Doc()
    table = doc.get("graph", type=pycrdt.Map)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for frame in workload.frames:
        with doc.transaction():
            for soul, field, _, value in frame:
                table[f"{soul}/{field}"] = value
    doc.unobserve(subscription)
    return updates


def pycrdt_runner(pycrdt: Any, updates: Sequence[bytes]) -> Callable[[], object]:
    """Return what applies the updates to a new document."""

    def run() -> object:
        doc = pycrdt.Doc()
        doc.get("graph", type=pycrdt.Map)
        for update in updates:
            doc.apply_update(update)
        return doc

    return run


def loro_updates(loro: Any, workload: Workload) -> list[bytes]:
    """Write the frames with loro, one commit a frame."""
    doc = loro.LoroDoc()
    table = doc.get_map("graph")
    updates: list[bytes] = []
    for frame in workload.frames:
        before = doc.oplog_vv
        for soul, field, _, value in frame:
            table.insert(f"{soul}/{field}", value)
        doc.commit()
        updates.append(doc.export(loro.ExportMode.Updates(before)))
    return updates


def loro_runner(loro: Any, updates: Sequence[bytes]) -> Callable[[], object]:
    """Return what imports the updates into a new document."""

    def run() -> object:
        doc = loro.LoroDoc()
        doc.get_map("graph")
        for update in updates:
            doc.import_(update)
        return doc

    return run
