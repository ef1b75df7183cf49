"""Version vectors: what was surely seen of each writer. Spec: SYN-3, SYN-16, SYN-17.

They are the counts of a growing counter, and have its order and its join; what is added here is
what the numbers mean.
"""

from collections.abc import Mapping

from loomweave.core.lattices.counters import counts_join, counts_le

Vector = Mapping[bytes, int]
"""For each writer the number up to which all its batches are known; numbers begin at 1."""


def vector_le(a: Vector, b: Vector) -> bool:
    """Order vectors: all that one knows the other knows. Spec: SYN-16."""
    return counts_le(a, b)


def vector_join(a: Vector, b: Vector) -> Vector:
    """Join vectors: what either knows. Spec: SYN-16."""
    return counts_join(a, b)


def is_concurrent(a: Vector, b: Vector) -> bool:
    """Tell whether each knows something that the other does not. Spec: SYN-16."""
    return not counts_le(a, b) and not counts_le(b, a)


def covers(vector: Vector, writer: bytes, seq: int) -> bool:
    """Tell whether a batch is surely known; of one without a number nobody is sure.

    Spec: SYN-3, SYN-17.
    """
    return 1 <= seq <= vector.get(writer, 0)


def advance(vector: Vector, writer: bytes, seq: int) -> Vector:
    """Count a batch, if it is the next one of its writer. Spec: SYN-17."""
    if seq != vector.get(writer, 0) + 1:
        return vector
    return {**vector, writer: seq}


def lacking(vector: Vector, other: Vector) -> Vector:
    """Keep what is greater in another vector: what one has to ask for. Spec: SYN-17."""
    return {writer: seq for writer, seq in other.items() if seq > vector.get(writer, 0)}


def is_sound(vector: Vector) -> bool:
    """Tell whether all numbers are such as batches have. Spec: SYN-17."""
    return all(seq >= 1 for _, seq in vector.items())
