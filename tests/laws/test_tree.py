"""Trees of versions: laws, and whole trees cut and compared by the rules. Spec: chapter VER."""

from collections.abc import Callable, Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from loomweave.core.encoding import hash_bytes
from loomweave.core.version.tree import (
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
from loomweave.laws import tree as laws

# Numbers that end in some groups of ones, as one in 32 to the power of their count would.
numbers = st.builds(
    lambda groups, rest: rest * 32**groups + 32**groups - 1,
    st.integers(0, LEVEL_MAX + 2),
    st.integers(-(2**8), 2**64),
)
keys = st.sampled_from(["a", "b", "c", "d"])
ids = st.sampled_from([b"1", b"2", b"3"])
entries = st.none() | st.builds(Entry, keys, ids)
id_sets = st.frozensets(ids)
entry_maps = st.dictionaries(keys, ids)


@given(numbers, st.integers(-1, LEVEL_MAX + 1))
@example(-1, 3)
def test_borders(number: int, level: int) -> None:
    assert laws.level_is_bounded(number)
    assert laws.level_counts_groups_of_ones(number)
    assert laws.borders_are_nested(number, level)


@given(numbers)
def test_level_is_read_off_the_digits(number: int) -> None:
    """VER-1: the twin writes the number down in base 32."""
    digits = [number // 32**at % 32 for at in range(LEVEL_MAX)]
    ones = [digit == 31 for digit in digits]
    assert border_level(number) == (ones.index(False) if False in ones else LEVEL_MAX)


def key_number(key: str) -> int:
    return int.from_bytes(hash_bytes(b"border", b"salt", key.encode()), "big")


def test_one_key_in_32_is_a_border() -> None:
    """VER-1: and of those one in 32 again."""
    levels = [border_level(key_number(str(at))) for at in range(32_768)]
    counts = [sum(level >= wanted for level in levels) for wanted in (1, 2)]
    assert 900 <= counts[0] <= 1_150 and 10 <= counts[1] <= 60


@given(entries, entries)
def test_steps(left: Entry | None, right: Entry | None) -> None:
    assert laws.step_takes_the_lesser(left, right)
    assert laws.step_is_symmetric(left, right)


@given(id_sets, id_sets, st.dictionaries(ids, st.frozensets(keys)), keys, ids)
def test_levels(
    left: frozenset[bytes],
    right: frozenset[bytes],
    contents: Mapping[bytes, frozenset[str]],
    item: str,
    node: bytes,
) -> None:
    assert laws.what_differs_is_opened(left, right, contents, item)
    assert laws.what_is_shared_is_not_opened(left, right, node)


@given(entry_maps, entry_maps, keys)
def test_differences(left: Mapping[str, bytes], right: Mapping[str, bytes], key: str) -> None:
    assert laws.difference_is_exact(left, right, key)
    assert laws.difference_can_be_exchanged(left, right, key)


# -- whole trees

HEIGHT = 3
Nodes = dict[bytes, tuple[Entry, ...]]


def crowded(number: int) -> int:
    """Make a group all ones if two bits are: high trees of few keys."""
    return sum(31 * 32**at for at in range(HEIGHT) if number // 4**at % 4 == 3)


def grow(version: Mapping[str, bytes], numbered: Callable[[int], int]) -> list[Nodes]:
    """Cut a version into the nodes of each level, lowest first."""
    row = [Entry(key, version[key]) for key in sorted(version)]
    levels: list[Nodes] = []
    for level in range(1, HEIGHT + 1):
        nodes: Nodes = {}
        above: list[Entry] = []
        node: list[Entry] = []
        for entry in row:
            node.append(entry)
            if is_border(numbered(key_number(entry.key)), level) or entry is row[-1]:
                parts = [part.key.encode() + b"=" + part.content for part in node]
                name = hash_bytes(b"node", *parts)
                nodes[name] = tuple(node)
                above.append(Entry(entry.key, name))
                node = []
        levels.append(nodes)
        row = above
    return levels


def leaf_entries(nodes: Nodes, names: frozenset[bytes]) -> dict[str, bytes]:
    return {entry.key: entry.content for name in names for entry in nodes[name]}


def compare(one: list[Nodes], two: list[Nodes]) -> tuple[Mapping[str, Difference], int]:
    """Compare two trees from the top; count the nodes that were opened on the left."""
    opened = 0
    left, right = frozenset(one[-1]), frozenset(two[-1])
    for mine, yours in zip(reversed(one), reversed(two), strict=True):
        names = unshared(left, right)
        opened += len(names.left)
        if mine is one[0]:
            break
        left = frozenset(leaf_entries(mine, names.left).values())
        right = frozenset(leaf_entries(yours, names.right).values())
    found = diff_entries(leaf_entries(one[0], names.left), leaf_entries(two[0], names.right))
    return found, opened


many_keys = st.integers(0, 60).map(str)
versions = st.dictionaries(many_keys, ids, max_size=40)


@given(versions, many_keys)
def test_history_leaves_no_trace(version: dict[str, bytes], more: str) -> None:
    """VER-2: the same entries, in whatever order and after whatever else, are the same tree."""
    other = {**dict(reversed(list(version.items()))), more + "x": b"1"}
    del other[more + "x"]
    assert grow(version, crowded) == grow(other, crowded)


@given(versions)
def test_nodes_are_cut_at_borders_only(version: dict[str, bytes]) -> None:
    """VER-2, VER-3: every level has all that is below it, once and in order."""
    for level, nodes in enumerate(grow(version, crowded), 1):
        rows = sorted(nodes.values(), key=lambda row: row[0].key)
        joined = [entry.key for row in rows for entry in row]
        assert joined == sorted(joined)
        ends = [is_border(crowded(key_number(row[-1].key)), level) for row in rows]
        assert all(ends[:-1])
        inner = [entry for row in rows for entry in row[:-1]]
        assert not any(is_border(crowded(key_number(entry.key)), level) for entry in inner)


@given(versions, st.dictionaries(many_keys, ids, max_size=4), st.lists(many_keys, max_size=4))
def test_comparing_trees_is_comparing_maps(
    version: dict[str, bytes], put: dict[str, bytes], taken: list[str]
) -> None:
    """VER-4, VER-5, VER-6: nothing that differs is skipped with what is shared."""
    other = {key: content for key, content in {**version, **put}.items() if key not in taken}
    wanted = {
        key: Difference(version.get(key), other.get(key))
        for key in {**version, **other}
        if version.get(key) != other.get(key)
    }
    assert compare(grow(version, crowded), grow(other, crowded))[0] == wanted
    assert walk(version, other) == wanted
    assert diff_entries(version, other) == wanted


def walk(left: Mapping[str, bytes], right: Mapping[str, bytes]) -> Mapping[str, Difference]:
    """Compare two versions in pairs of entries."""
    one = [Entry(key, left[key]) for key in sorted(left)]
    two = [Entry(key, right[key]) for key in sorted(right)]
    found: dict[str, Difference] = {}
    while True:
        mine, yours = one[0] if one else None, two[0] if two else None
        move = diff_step(mine, yours)
        if move is Move.DONE:
            return found
        key = min(entry.key for entry in (mine, yours) if entry is not None)
        if move is not Move.SKIP:
            found[key] = Difference(
                mine.content if mine is not None and move is not Move.RIGHT else None,
                yours.content if yours is not None and move is not Move.LEFT else None,
            )
        one = one if move is Move.RIGHT else one[1:]
        two = two if move is Move.LEFT else two[1:]


def test_the_cost_is_the_way_to_what_differs() -> None:
    """VER-5: one change among 4,000 keys opens one node of each level, and the other keys' none."""
    version = {f"{at:05}": b"1" for at in range(4_000)}
    one, two = grow(version, int), grow({**version, "02000": b"2"}, int)
    assert [len(nodes) > 1 for nodes in one] == [True, True, False]
    assert compare(one, two) == ({"02000": Difference(b"1", b"2")}, HEIGHT)
    assert compare(one, one) == ({}, 0)
