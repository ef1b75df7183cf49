"""Indexes by type, by label and by adjacency. Spec: GRF-9.

What an entity adds to the indexes follows from its own row alone, so the transition that changes
a row mends the indexes by the difference of two small sets. Whether an edge's ends live is asked
when reading. A bucket of an index is a persistent map used as a set; readers sort it.
"""

from typing import Final

import msgspec

from loomweave.core.entities import LABEL, RESERVED, TYPE, Kind, node_key, split_key
from loomweave.core.graph.life import ends_of, is_row_alive, shown
from loomweave.core.graph.vocabulary import NodeType
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.persistent import PMap, empty

Bucket = PMap[str, bool]
BY_TYPE: Final = "type"
BY_LABEL: Final = "label"
OUTGOING: Final = "out"
INCOMING: Final = "in"


class Index(msgspec.Struct, frozen=True, gc=False):
    """Entities by what they are and where they are attached. Spec: GRF-9."""

    buckets: PMap[str, Bucket]
    """Bucket name (see `bucket_name`) to the keys of the entities in it."""


NOWHERE: Final[frozenset[str]] = frozenset()
"""What a row that is not there contributes."""


def empty_index() -> Index:
    """Return an index of nothing."""
    return Index(empty())


def bucket_name(index: str, namespace: str, kind: str, value: str) -> str:
    """Name the bucket of one value in one index. The parts cannot hold the separator.

    Spec: GRF-9.
    """
    return f"{index}\x00{namespace}\x00{kind}\x00{value}"


def contributions(entity: str, row: Row) -> set[str]:
    """List the buckets that an entity with this row belongs in. Spec: GRF-9."""
    if not is_row_alive(row):
        return set()
    namespace, kind, _ = split_key(entity)
    if kind != Kind.EDGE and RESERVED not in "".join(row):
        return {bucket_name(BY_TYPE, namespace, kind, NodeType.CUSTOM.value)}
    found = {
        bucket_name(BY_LABEL, namespace, kind, field.removeprefix(LABEL))
        for field in row
        if field.startswith(LABEL) and shown(row, field) is not None
    }
    if kind == Kind.EDGE:
        if (ends := ends_of(row)) is not None:
            source, target, type_name, _ = ends
            found.add(bucket_name(BY_TYPE, namespace, kind, type_name))
            found.add(bucket_name(OUTGOING, namespace, kind, source))
            found.add(bucket_name(INCOMING, namespace, kind, target))
    else:
        found.add(bucket_name(BY_TYPE, namespace, kind, type_of(row)))
    return found


def type_of(row: Row) -> str:
    """Read the type of a node; `custom` where it has none, or what is no text. Spec: GRF-10."""
    element = shown(row, TYPE)
    value = element.value if element is not None else None
    return value if isinstance(value, str) else NodeType.CUSTOM.value


def touches_index(before: Row, winners: Row) -> bool:
    """Tell whether winners can change what a row contributes: reserved ones can, and the first.

    To take a `$` further inside a name for a reserved one costs a look and does no harm.
    """
    return not before or RESERVED in "".join(winners)


def reindex(index: Index, won: Rows, before: Rows, fresh: Rows) -> Index:
    """Mend the index for rows that changed. Spec: GRF-9."""
    added: dict[str, list[str]] = {}
    dropped: dict[str, list[str]] = {}
    for entity, winners in won.items():
        row = before[entity]
        if not touches_index(row, winners):
            continue
        old = contributions(entity, row) if row else NOWHERE
        new = contributions(entity, fresh[entity])
        for name in sorted(new - old):
            added.setdefault(name, []).append(entity)
        if not old:
            continue
        for name in sorted(old - new):
            dropped.setdefault(name, []).append(entity)
    if not added and not dropped:
        return index
    return Index(_mended(index.buckets, added, dropped))


def _mended(
    buckets: PMap[str, Bucket], added: dict[str, list[str]], dropped: dict[str, list[str]]
) -> PMap[str, Bucket]:
    """Put and take members, bucket by bucket; an empty bucket goes."""
    changing = buckets.mutate()
    for name in {**added, **dropped}:
        inside = changing.get(name, PMap()).mutate()
        for entity in dropped.get(name, ()):
            inside.pop(entity, None)
        for entity in added.get(name, ()):
            inside[entity] = True
        bucket = inside.finish()
        if bucket:
            changing[name] = bucket
        else:
            changing.pop(name, None)
    return changing.finish()


def members(index: Index, name: str) -> list[str]:
    """List a bucket's entities in order of their keys. Spec: GRF-9."""
    return sorted(index.buckets.get(name, PMap()))


def scan(held: PMap[str, Row]) -> Index:
    """Build the index from nothing by looking at every row: the twin of `reindex`. Spec: GRF-9."""
    buckets: dict[str, dict[str, bool]] = {}
    for entity in sorted(held):
        for name in contributions(entity, held[entity]):
            buckets.setdefault(name, {})[entity] = True
    return Index(PMap({name: PMap(bucket) for name, bucket in buckets.items()}))


def same_index(a: Index, b: Index) -> bool:
    """Tell whether two indexes hold the same members. For laws and checkers; it reads all."""
    if sorted(a.buckets) != sorted(b.buckets):
        return False
    return all(sorted(a.buckets[name]) == sorted(b.buckets[name]) for name in sorted(a.buckets))


def adjacent(index: Index, direction: str, namespace: str, node: str) -> list[str]:
    """List the keys of the edges that leave (`OUTGOING`) or reach (`INCOMING`) a node.

    Spec: GRF-9.
    """
    return members(index, bucket_name(direction, namespace, Kind.EDGE.value, node))


def end_keys(entity: str, source: str, target: str) -> tuple[str, str]:
    """Build the keys of an edge's two ends: nodes of the edge's own namespace. Spec: GRF-7."""
    namespace = split_key(entity).namespace
    return node_key(source, namespace), node_key(target, namespace)
