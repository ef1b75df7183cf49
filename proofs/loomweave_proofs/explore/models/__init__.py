"""The models, in the order in which they are run. Spec: PRF-20."""

from typing import Final

from loomweave_proofs.explore.models import (
    clocks,
    descent,
    feed,
    ham,
    identity,
    imports,
    journal,
    life,
    pressure,
    relay,
    replicas,
    room,
    session,
    skew,
    stamps,
)
from loomweave_proofs.explore.registry import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ham.ENTRY,
    clocks.ENTRY,
    replicas.ENTRY,
    session.ENTRY,
    relay.ENTRY,
    descent.ENTRY,
    skew.ENTRY,
    stamps.ENTRY,
    journal.ENTRY,
    feed.ENTRY,
    identity.ENTRY,
    room.ENTRY,
    life.ENTRY,
    imports.ENTRY,
    pressure.ENTRY,
)


def find(name: str) -> Entry:
    """Give the model of a name."""
    for entry in ENTRIES:
        if entry.name == name:
            return entry
    raise KeyError(name)
