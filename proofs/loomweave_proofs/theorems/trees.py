"""The tree of a version: where nodes end, and how two trees are compared. Chapter VER."""

from collections.abc import Mapping

from loomweave.core.version.tree import (
    Difference,
    Entry,
    Move,
    Unshared,
    border_level,
    diff_entries,
    diff_step,
    is_border,
    unshared,
)
from loomweave.laws import tree as laws
from loomweave_proofs.theorem import theorem

Entries = Mapping[str, bytes]
Ids = frozenset[bytes]

# -- broken twins


def level_without_end(number: int) -> int:
    """Take one level too many."""
    return border_level(number) + 1


def level_of_two(number: int) -> int:
    """Count the first group alone."""
    return 1 if number % 32 == 31 else 0


def level_one_off(number: int) -> int:
    """Leave the third level out."""
    found = border_level(number)
    return 4 if found == 3 else found


def border_of_one_level(number: int, level: int) -> bool:
    """End the nodes of one level alone."""
    return border_level(number) == level


def step_left_first(left: Entry | None, right: Entry | None) -> Move:
    """Take the left entry though the keys are equal."""
    if left is not None and right is not None and left.key == right.key:
        return Move.LEFT
    return diff_step(left, right)


def step_opening(left: Entry | None, right: Entry | None) -> Move:
    """Open what is the same."""
    found = diff_step(left, right)
    return Move.OPEN if found is Move.SKIP else found


def step_skipping(left: Entry | None, right: Entry | None) -> Move:
    """Skip what differs."""
    found = diff_step(left, right)
    return Move.SKIP if found is Move.OPEN else found


def step_never_done(left: Entry | None, right: Entry | None) -> Move:
    """Go on where nothing is left."""
    return Move.RIGHT if left is None else diff_step(left, right)


def unshared_left(left: Ids, right: Ids) -> Unshared:
    """Open all nodes of the right tree."""
    return Unshared(left - right, right)


def unshared_none(left: Ids, right: Ids) -> Unshared:
    """Open nothing."""
    return Unshared(frozenset(), frozenset())


def entries_of_left(left: Entries, right: Entries) -> Mapping[str, Difference]:
    """Report the keys of the left version alone."""
    return {
        key: Difference(left.get(key), right.get(key))
        for key in left
        if left.get(key) != right.get(key)
    }


def entries_all(left: Entries, right: Entries) -> Mapping[str, Difference]:
    """Report what is the same too."""
    return {key: Difference(left.get(key), right.get(key)) for key in {**left, **right}}


# -- the laws, as they ship

theorem("VER-1", about=[border_level], sabotage={border_level: level_without_end})(
    laws.level_is_bounded
)
theorem("VER-1", about=[border_level], sabotage={border_level: level_of_two})(
    laws.level_counts_groups_of_ones
)
theorem("VER-2", about=[is_border], sabotage={is_border: border_of_one_level})(
    laws.borders_are_nested
)
theorem("VER-4", about=[diff_step], sabotage={diff_step: step_left_first})(laws.step_is_symmetric)
theorem("VER-5", about=[unshared], sabotage={unshared: unshared_none})(laws.what_differs_is_opened)
theorem("VER-5", about=[unshared], sabotage={unshared: unshared_left})(
    laws.what_is_shared_is_not_opened
)
theorem("VER-6", about=[diff_entries], sabotage={diff_entries: entries_of_left})(
    laws.difference_is_exact
)
theorem("VER-6", about=[diff_entries], sabotage={diff_entries: entries_of_left})(
    laws.difference_can_be_exchanged
)

# -- each function, exactly


@theorem("VER-1", about=[border_level], sabotage={border_level: level_one_off})
def border_levels_are_exact(number: int) -> bool:
    """Levels 1 to 4 begin where 5, 10, 15 and 20 low bits of the number are ones."""
    level = border_level(number)
    return (
        (level >= 1) == (number % 32 == 31)
        and (level >= 2) == (number % 1024 == 1023)
        and (level >= 3) == (number % 32768 == 32767)
        and (level >= 4) == (number % 1048576 == 1048575)
    )


@theorem("VER-1", about=[border_level], sabotage={border_level: level_without_end})
def high_border_levels_are_exact(number: int) -> bool:
    """Levels 5 to 8 begin where 25, 30, 35 and 40 low bits are ones, and there is no ninth."""
    level = border_level(number)
    return (
        (level >= 5) == (number % 33554432 == 33554431)
        and (level >= 6) == (number % 1073741824 == 1073741823)
        and (level >= 7) == (number % 34359738368 == 34359738367)
        and (level >= 8) == (number % 1099511627776 == 1099511627775)
        and level <= 8
    )


@theorem("VER-2", about=[is_border], sabotage={is_border: border_of_one_level})
def border_is_exact(number: int, level: int) -> bool:
    """A key ends a node of each level up to its own border level."""
    return is_border(number, level) == (level <= border_level(number))


@theorem("VER-4", about=[diff_step], sabotage={diff_step: step_opening})
def step_is_exact(left: Entry, right: Entry) -> bool:
    """The lesser key has no partner; of one key the same is skipped and another opened."""
    found = diff_step(left, right)
    return (
        (found is Move.LEFT) == (left.key < right.key)
        and (found is Move.RIGHT) == (right.key < left.key)
        and (found is Move.SKIP) == (left == right)
        and (found is Move.OPEN) == (left.key == right.key and left.content != right.content)
    )


@theorem("VER-4", about=[diff_step], sabotage={diff_step: step_never_done})
def step_at_the_end_is_exact(entry: Entry) -> bool:
    """What is left over on one side has no partner, and where nothing is left it is done."""
    return (
        diff_step(None, None) is Move.DONE
        and diff_step(entry, None) is Move.LEFT
        and diff_step(None, entry) is Move.RIGHT
    )


@theorem("VER-4", about=[diff_step], sabotage={diff_step: step_skipping})
def skipped_entries_are_the_same(left: Entry | None, right: Entry | None) -> bool:
    """What is skipped is the same on both sides."""
    return diff_step(left, right) is not Move.SKIP or left == right


@theorem("VER-5", about=[unshared], sabotage={unshared: unshared_left})
def unshared_is_exact(left: Ids, right: Ids) -> bool:
    """Each side opens what the other lacks; a tree compared with itself opens nothing."""
    found = unshared(left, right)
    none: Ids = frozenset()
    return found == Unshared(left - right, right - left) and unshared(left, left) == Unshared(
        none, none
    )


@theorem("VER-6", about=[diff_entries], sabotage={diff_entries: entries_all})
def equal_versions_do_not_differ(entries: Entries) -> bool:
    """A version has no difference from itself."""
    return not diff_entries(entries, entries)


@theorem("VER-6", about=[diff_entries], sabotage={diff_entries: entries_of_left})
def differences_are_enough(left: Entries, right: Entries, key: str) -> bool:
    """Whoever has the left version and the differences has the right one."""
    found = diff_entries(left, right).get(key)
    return right.get(key) == (left.get(key) if found is None else found.right)


# -- what must not hold


@theorem("VER-1", about=[border_level], refuted=True)
def every_key_ends_a_node(number: int) -> bool:
    """Every key ends a node: false of most."""
    return border_level(number) >= 1


@theorem("VER-2", about=[is_border], refuted=True)
def borders_are_of_one_level(number: int, level: int) -> bool:
    """What ends a node ends none below it: false, the border cuts all levels below."""
    return not is_border(number, level + 1) or not is_border(number, level)


@theorem("VER-5", about=[unshared], refuted=True)
def all_nodes_are_opened(left: Ids, right: Ids, node: bytes) -> bool:
    """A comparison opens all nodes: false, it leaves out what both trees have."""
    return node not in left or node in unshared(left, right).left


@theorem("VER-6", about=[diff_entries], refuted=True)
def differences_have_no_direction(left: Entries, right: Entries) -> bool:
    """The difference is the same from either side: false, its sides are exchanged."""
    return diff_entries(left, right) == diff_entries(right, left)
