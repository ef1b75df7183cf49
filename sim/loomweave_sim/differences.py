"""What replicas have received and others have not. Spec: SCN-21, SCN-24.

The walk starts from the digests, so that equal replicas cost next to nothing; the sums are
brought up to date first, which changes nothing that a replica would say.
"""

from collections.abc import Sequence

import msgspec

from loomweave.core.graph.store import received_row
from loomweave.core.graph.waiting import rows_of
from loomweave.core.lattices.register import Element, Row, element_join
from loomweave.core.replica.state import with_digest
from loomweave.core.sync.digest import BUCKET_COUNT, root_of
from loomweave_sim.stage import Host


class Difference(msgspec.Struct, frozen=True):
    """A field that not all replicas hold alike. Spec: SCN-21."""

    entity: str
    field: str
    greatest: Element
    lacking: tuple[int, ...]
    """Replicas that do not have the greatest element."""


def roots(nodes: Sequence[Host]) -> list[bytes]:
    """Compute the root of each replica. Spec: SYN-5."""
    for node in nodes:
        node.state = with_digest(node.state)
    return [root_of(node.state.summary) for node in nodes]


def differences(nodes: Sequence[Host]) -> list[Difference]:
    """List the fields that replicas hold differently, in order. Spec: SCN-21."""
    roots(nodes)
    waiting = [rows_of(node.state.graph.waiting) for node in nodes]
    found: list[Difference] = []
    for entity in sorted(differing_entities(nodes)):
        rows = [
            received_row(node.state.graph, waits, entity)
            for node, waits in zip(nodes, waiting, strict=True)
        ]
        found += _compare(entity, rows)
    return found


def differing_entities(nodes: Sequence[Host]) -> set[str]:
    """Find the entities whose leaves differ. Spec: SYN-5."""
    found: set[str] = set()
    summaries = [node.state.summary for node in nodes]
    for bucket in range(BUCKET_COUNT):
        if len({summary.sums[bucket] for summary in summaries}) == 1:
            continue
        leaves = [summary.leaves[bucket] for summary in summaries]
        for entity in set().union(*leaves):
            if len({leaf.get(entity) for leaf in leaves}) > 1:
                found.add(entity)
    return found


def _compare(entity: str, rows: list[Row]) -> list[Difference]:
    found: list[Difference] = []
    for field in sorted(set().union(*rows)):
        greatest: Element | None = None
        for row in rows:
            if (element := row.get(field)) is not None:
                greatest = element if greatest is None else element_join(greatest, element)
        assert greatest is not None
        lacking = tuple(i for i, row in enumerate(rows) if row.get(field) != greatest)
        if lacking:
            found.append(Difference(entity, field, greatest, lacking))
    return found


def show_place(entity: str, field: str) -> str:
    """Write an entity and its field for people."""
    namespace, kind, id = entity.split("\x00")
    return f"{namespace}/{kind}/{id}.{field}"
