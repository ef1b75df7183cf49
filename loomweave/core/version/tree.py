"""The tree of a version: where its nodes end, and how two trees are compared. Spec: chapter VER.

Where a node ends depends on nothing but the key that it ends with, so equal contents are equal
trees whatever their history, and two trees differ only on the way to what differs.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

FANOUT: Final = 32
"""How many entries a node has on average; a level is one group of five bits. Spec: VER-1."""
LEVEL_MAX: Final = 8
"""The highest level of a border. Spec: VER-1."""
ONES_1: Final = FANOUT - 1
ONES_2: Final = FANOUT**2 - 1
ONES_3: Final = FANOUT**3 - 1
ONES_4: Final = FANOUT**4 - 1
ONES_5: Final = FANOUT**5 - 1
ONES_6: Final = FANOUT**6 - 1
ONES_7: Final = FANOUT**7 - 1
ONES_8: Final = FANOUT**8 - 1


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry of a node: a key, and the id of what stands there. Spec: VER-3."""

    key: str
    content: bytes


class Move(Enum):
    """What to do with two entries that are next in two sorted rows of entries. Spec: VER-4."""

    DONE = "done"
    SKIP = "skip"
    """They are the same; nothing below them differs."""
    OPEN = "open"
    """They have one key, and differ."""
    LEFT = "left"
    """The left one has no partner."""
    RIGHT = "right"
    """The right one has no partner."""


class Unshared(msgspec.Struct, frozen=True, gc=False):
    """The nodes of a level that only one tree has: all that has to be opened. Spec: VER-5."""

    left: frozenset[bytes]
    right: frozenset[bytes]


class Difference(msgspec.Struct, frozen=True, gc=False):
    """What two versions have under one key; None where it is absent. Spec: VER-6."""

    left: bytes | None
    right: bytes | None


def border_level(number: int) -> int:
    """Find how many levels of nodes end with a key, by the number its keyed hash is. Spec: VER-1.

    It is how many groups of five bits are all ones, counted from the low end.
    """
    if number % (ONES_1 + 1) != ONES_1:
        return 0
    if number % (ONES_2 + 1) != ONES_2:
        return 1
    if number % (ONES_3 + 1) != ONES_3:
        return 2
    if number % (ONES_4 + 1) != ONES_4:
        return 3
    if number % (ONES_5 + 1) != ONES_5:
        return 4
    if number % (ONES_6 + 1) != ONES_6:
        return 5
    if number % (ONES_7 + 1) != ONES_7:
        return 6
    if number % (ONES_8 + 1) != ONES_8:
        return 7
    return LEVEL_MAX


def is_border(number: int, level: int) -> bool:
    """Tell whether a node of this level ends with a key; level 1 is that of the leaves.

    Spec: VER-2.
    """
    return border_level(number) >= level


def diff_step(left: Entry | None, right: Entry | None) -> Move:
    """Compare the next entries of two sorted rows. Spec: VER-4."""
    if left is None:
        return Move.DONE if right is None else Move.RIGHT
    if right is None or left.key < right.key:
        return Move.LEFT
    if right.key < left.key:
        return Move.RIGHT
    return Move.SKIP if left.content == right.content else Move.OPEN


def unshared(left: frozenset[bytes], right: frozenset[bytes]) -> Unshared:
    """Leave out the nodes that both trees have. Spec: VER-5."""
    return Unshared(left - right, right - left)


def diff_entries(left: Mapping[str, bytes], right: Mapping[str, bytes]) -> Mapping[str, Difference]:
    """List the keys under which two versions have something else. Spec: VER-6."""
    return {
        key: Difference(left.get(key), right.get(key))
        for key in {**left, **right}
        if left.get(key) != right.get(key)
    }
