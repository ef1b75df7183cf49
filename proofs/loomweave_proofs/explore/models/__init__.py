"""The models, in the order in which they are run. Spec: PRF-20."""

from typing import Final

from loomweave_proofs.explore.models import descent, ham, relay, replicas, session, skew
from loomweave_proofs.explore.registry import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ham.ENTRY,
    replicas.ENTRY,
    session.ENTRY,
    relay.ENTRY,
    descent.ENTRY,
    skew.ENTRY,
)


def find(name: str) -> Entry:
    """Give the model of a name."""
    for entry in ENTRIES:
        if entry.name == name:
            return entry
    raise KeyError(name)
