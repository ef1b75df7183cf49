"""Digests of everything received, computed when asked. Spec: SYN-5, SYN-6.

A leaf is a hash of one entity's elements; a bucket is the sum of its leaves; the root is a hash
of the buckets. Sums can be mended one entity at a time, which hashes of hashes cannot; they are
checks between members of one graph, never identities.
"""

from functools import lru_cache
from typing import Final

import msgspec

from loomweave.core.encoding import hash_bytes
from loomweave.core.graph.store import Graph, marked, received_row
from loomweave.core.graph.waiting import rows_of
from loomweave.core.lattices.register import Row
from loomweave.core.persistent import PMap
from loomweave.core.values import Value, to_tree

BUCKET_COUNT: Final = 256
"""How many buckets a digest has. Spec: SYN-5."""
BUCKETS_KEPT: Final = 1 << 14
"""Of how many entities the bucket is remembered: those that change are few. Spec: SYN-5."""
LEAF_BYTES: Final = 16
LEAF_MODULUS: Final = 1 << (8 * LEAF_BYTES)
Leaf = int
_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")
_SCALARS: Final = frozenset({type(None), bool, int, float, bytes})


class Summary(msgspec.Struct, frozen=True, gc=False):
    """Leaves by bucket, their sums, and what is made from those. Spec: SYN-5."""

    leaves: tuple[PMap[str, Leaf], ...]
    sums: tuple[int, ...]
    packed: bytes
    """The sums of all buckets one after the other."""
    root: bytes


def empty_summary() -> Summary:
    """Return the digest of nothing."""
    return _summary((PMap(),) * BUCKET_COUNT, (0,) * BUCKET_COUNT)


def _summary(leaves: tuple[PMap[str, Leaf], ...], sums: tuple[int, ...]) -> Summary:
    packed = b"".join([total.to_bytes(LEAF_BYTES, "big") for total in sums])
    return Summary(leaves, sums, packed, hash_bytes(b"root", packed))


def bucket_of(entity: str, salt: bytes) -> int:
    """Choose an entity's bucket; outsiders, who lack the salt, cannot crowd one. Spec: SYN-5."""
    return place_of(entity, salt) % BUCKET_COUNT


@lru_cache(maxsize=BUCKETS_KEPT)
def place_of(entity: str, salt: bytes) -> int:
    """Hash an entity's key under the salt; the same answer is asked for again and again."""
    return hash_bytes(b"bucket", salt, entity.encode())[0]


def leaf_of(entity: str, row: Row) -> Leaf:
    """Hash an entity's elements with their dots. Spec: SYN-5."""
    elements = [
        (
            name,
            element.stamp_ns,
            value if type(value := element.value) in _SCALARS else _packable(value),
            element.writer,
            element.seq,
        )
        for name, element in sorted(row.items())
    ]
    packed = _ENCODER.encode((entity, elements))
    return int.from_bytes(hash_bytes(b"leaf", packed)[:LEAF_BYTES], "big")


def _packable(value: Value) -> object:
    """Bring a value into the form in which every kind is told apart. Spec: ENC-1."""
    if type(value) is str and value.isascii():  # no surrogate in it
        return value
    return to_tree(value)


def summarise(graph: Graph, summary: Summary, salt: bytes) -> tuple[Graph, Summary]:
    """Bring the digest up to date with the entities that changed since. Spec: SYN-5."""
    if graph.unsummed is None:
        return graph, summary
    waiting = rows_of(graph.waiting)
    changed: dict[int, dict[str, Leaf]] = {}
    sums = list(summary.sums)
    for entity in marked(graph.unsummed):
        bucket = bucket_of(entity, salt)
        leaf = leaf_of(entity, received_row(graph, waiting, entity))
        sums[bucket] += leaf - summary.leaves[bucket].get(entity, 0)
        changed.setdefault(bucket, {})[entity] = leaf
    leaves = list(summary.leaves)
    mended = bytearray(summary.packed)
    for bucket, fresh in changed.items():
        leaves[bucket] = leaves[bucket].update(fresh)
        sums[bucket] %= LEAF_MODULUS
        at = bucket * LEAF_BYTES
        mended[at : at + LEAF_BYTES] = sums[bucket].to_bytes(LEAF_BYTES, "big")
    clean = Graph(graph.held, graph.waiting, graph.index, None)
    packed = bytes(mended)
    return clean, Summary(tuple(leaves), tuple(sums), packed, hash_bytes(b"root", packed))


def root_of(summary: Summary) -> bytes:
    """Return the hash of all buckets: equal for replicas that received the same. Spec: SYN-5."""
    return summary.root


def sums_bytes(summary: Summary) -> bytes:
    """Write the sums of all buckets one after the other. Spec: SYN-6."""
    return summary.packed


def differing_buckets(summary: Summary, sums: bytes) -> tuple[int, ...] | None:
    """List the buckets in which a peer's sums differ, or None where they are malformed."""
    if len(sums) != BUCKET_COUNT * LEAF_BYTES:
        return None
    return tuple(
        bucket
        for bucket in range(BUCKET_COUNT)
        if summary.sums[bucket]
        != int.from_bytes(sums[bucket * LEAF_BYTES : (bucket + 1) * LEAF_BYTES], "big")
    )


def leaves_in(summary: Summary, buckets: tuple[int, ...]) -> dict[str, bytes]:
    """List the entities of some buckets with their leaves, in order of their keys. Spec: SYN-6."""
    return {
        entity: summary.leaves[bucket][entity].to_bytes(LEAF_BYTES, "big")
        for bucket in buckets
        for entity in sorted(summary.leaves[bucket])
    }


def scan(graph: Graph, salt: bytes) -> Summary:
    """Build the digest from nothing: the twin of `summarise`. Spec: SYN-5."""
    waiting = rows_of(graph.waiting)
    leaves: list[dict[str, Leaf]] = [{} for _ in range(BUCKET_COUNT)]
    for entity in sorted({*graph.held, *waiting}):
        row = received_row(graph, waiting, entity)
        leaves[bucket_of(entity, salt)][entity] = leaf_of(entity, row)
    sums = tuple(sum(bucket.values()) % LEAF_MODULUS for bucket in leaves)
    return _summary(tuple(PMap(bucket) for bucket in leaves), sums)
