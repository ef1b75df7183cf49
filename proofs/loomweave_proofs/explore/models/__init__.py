"""The models, in the order in which they are run. Spec: PRF-20."""

from typing import Final

from loomweave_proofs.explore.models import (
    breaker,
    capability,
    clocks,
    compaction,
    debounce,
    descent,
    feed,
    foreign,
    ham,
    identity,
    imports,
    journal,
    lease,
    life,
    pressure,
    relay,
    replicas,
    retry,
    room,
    session,
    skew,
    stamps,
    tombstones,
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
    foreign.ENTRY,
    pressure.ENTRY,
    breaker.ENTRY,
    debounce.ENTRY,
    lease.ENTRY,
    retry.ENTRY,
    compaction.ENTRY,
    tombstones.ENTRY,
    capability.ENTRY,
)


def find(name: str) -> Entry:
    """Give the model of a name."""
    for entry in ENTRIES:
        if entry.name == name:
            return entry
    raise KeyError(name)
