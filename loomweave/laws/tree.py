"""What trees of versions promise. Spec: chapter VER."""

from collections.abc import Mapping

from loomweave.core.version.tree import (
    FANOUT,
    LEVEL_MAX,
    Difference,
    Entry,
    Move,
    border_level,
    diff_entries,
    diff_step,
    is_border,
    unshared,
)

Entries = Mapping[str, bytes]
Ids = frozenset[bytes]


def level_is_bounded(number: int) -> bool:
    """VER-1: from none to the highest. Spec: VER-1."""
    return 0 <= border_level(number) <= LEVEL_MAX


def level_counts_groups_of_ones(number: int) -> bool:
    """VER-1: a group of ones in front makes one level more; any other group makes none.

    Spec: VER-1.
    """
    below = border_level(number)
    longer = border_level(number * FANOUT + FANOUT - 1)
    other = border_level(number * FANOUT + number % (FANOUT - 1))
    return longer == min(below + 1, LEVEL_MAX) and other == 0


def borders_are_nested(number: int, level: int) -> bool:
    """VER-2: what ends a node ends all nodes below it. Spec: VER-2."""
    return not is_border(number, level + 1) or is_border(number, level)


def step_takes_the_lesser(left: Entry | None, right: Entry | None) -> bool:
    """VER-4: only what has no partner is taken alone, and only the same is skipped.

    Spec: VER-4.
    """
    found = diff_step(left, right)
    if left is None or right is None:
        alone = {(True, True): Move.DONE, (True, False): Move.RIGHT, (False, True): Move.LEFT}
        return found is alone[(left is None, right is None)]
    if left.key != right.key:
        return found is (Move.LEFT if left.key < right.key else Move.RIGHT)
    return found is (Move.SKIP if left == right else Move.OPEN)


def step_is_symmetric(left: Entry | None, right: Entry | None) -> bool:
    """VER-4: exchanged entries, exchanged answer. Spec: VER-4."""
    exchanged = {Move.LEFT: Move.RIGHT, Move.RIGHT: Move.LEFT}
    found = diff_step(left, right)
    return diff_step(right, left) is exchanged.get(found, found)


def has_below(nodes: Ids, contents: Mapping[bytes, frozenset[str]], item: str) -> bool:
    """Tell whether something is below one of some nodes. Spec: VER-5."""
    return any(item in contents.get(node, frozenset()) for node in nodes)


def what_differs_is_opened(
    left: Ids, right: Ids, contents: Mapping[bytes, frozenset[str]], item: str
) -> bool:
    """VER-5: what only one tree has is below a node that is opened. Spec: VER-5."""
    opened = unshared(left, right)
    is_left, is_right = has_below(left, contents, item), has_below(right, contents, item)
    return (
        is_left == is_right
        or (is_left and has_below(opened.left, contents, item))
        or (is_right and has_below(opened.right, contents, item))
    )


def what_is_shared_is_not_opened(left: Ids, right: Ids, node: bytes) -> bool:
    """VER-5: each side opens what the other has not, and equal trees open nothing. Spec: VER-5."""
    opened = unshared(left, right)
    is_left = (node in opened.left) == (node in left and node not in right)
    return is_left and (node in opened.right) == (node in right and node not in left)


def difference_is_exact(left: Entries, right: Entries, key: str) -> bool:
    """VER-6: a key is reported exactly if it differs, with what is there. Spec: VER-6."""
    found = diff_entries(left, right).get(key)
    if left.get(key) == right.get(key):
        return found is None
    return found == Difference(left.get(key), right.get(key))


def difference_can_be_exchanged(left: Entries, right: Entries, key: str) -> bool:
    """VER-6: the other way round it has its sides exchanged. Spec: VER-6."""
    found, other = diff_entries(left, right).get(key), diff_entries(right, left).get(key)
    if found is None or other is None:
        return found is None and other is None
    return (found.left, found.right) == (other.right, other.left)
