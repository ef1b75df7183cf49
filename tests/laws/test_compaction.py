"""Dropping what nobody needs: laws, and replicas that collect too early. Spec: GRF-19 to GRF-23."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from loomweave.core.entities import CREATED, DELETED
from loomweave.core.graph.compaction import (
    Vector,
    compact,
    is_hidden,
    is_read,
    is_seen_by_all,
    may_collect,
)
from loomweave.core.graph.life import is_row_alive, shown_properties
from loomweave.core.graph.merge import row_join
from loomweave.core.lattices.register import Element, Row
from loomweave.core.sync.vector import advance, covers
from loomweave.laws import compaction as laws

WRITERS = (b"a", b"b", b"c")
times = st.integers(0, 4)
writers = st.sampled_from(WRITERS)
elements = st.builds(Element, times, st.sampled_from([1, 2]), writers, st.integers(0, 2))
element_sets = st.frozensets(elements, max_size=4)
fields = st.sampled_from([CREATED, DELETED, "f", "g"])
rows = st.dictionaries(fields, elements)
vectors = st.dictionaries(writers, st.integers(1, 3))
known_vectors = st.dictionaries(writers, vectors)


@given(element_sets, elements, elements, times, times, elements)
def test_dropping(
    held: frozenset[Element], one: Element, by: Element, now: int, later: int, any_: Element
) -> None:
    held |= {by, one}
    for each in (by, one, any_):
        assert laws.reading_is_the_greatest_due(held, now, each)
        assert laws.dropping_is_not_noticed(held, one, by, now, later, each)
        assert laws.compacting_is_not_noticed(held, by, now, later, each)
        assert laws.compacting_drops_the_dominated(held, by, now, each)
    assert laws.only_the_dominated_go(held, one, by, now)
    assert laws.dropping_is_not_noticed(held, one, any_, now, later, one)
    assert laws.only_the_dominated_go(held, one, any_, now)
    assert laws.compacting_is_not_noticed(held, any_, now, later, any_)
    assert laws.compacting_twice_is_once(held, by, now)


@given(element_sets, element_sets, elements, elements, times)
def test_compacting_goes_with_union(
    one: frozenset[Element], two: frozenset[Element], low: Element, high: Element, now: int
) -> None:
    assert laws.compacting_goes_with_union(one | {low}, two | {high}, low, high, now)


def test_history_needs_what_was_dropped() -> None:
    """GRF-20: an earlier horizon reads something else."""
    old, new = Element(1, 1, b"a", 1), Element(2, 2, b"a", 2)
    held = frozenset({old, new})
    assert is_read(held, 1, old)
    assert not is_read(compact(held, new, 2), 1, old)


@given(rows, elements, vectors, known_vectors, times, writers, writers)
def test_collecting(
    row: Row,
    deleted: Element,
    own: Vector,
    known: Mapping[bytes, Vector],
    now: int,
    replica: bytes,
    writer: bytes,
) -> None:
    assert laws.all_have_seen_what_is_collected(row, deleted, own, known, now, replica, writer)
    everybody = {name: {deleted.writer: deleted.seq} for name in known}
    assert laws.only_what_is_hidden_is_collected(row, deleted, {deleted.writer: 9}, everybody, now)
    assert laws.numberless_is_never_collected(known, writer)
    assert laws.more_replicas_collect_less({}, known, writer, deleted.seq)
    lived = {field: Element(min(e.stamp_ns, deleted.stamp_ns), e.value, e.writer, e.seq)
             for field, e in row.items()}  # fmt: skip
    gone = {**lived, DELETED: deleted}
    for field in (CREATED, "f", "g"):
        assert laws.deletion_hides_what_is_as_old(deleted, field)
        assert laws.nothing_shown_is_collected(gone, deleted, field)
        assert laws.late_writes_need_no_tombstone(gone, deleted, row, field)


def test_a_collection_that_happens() -> None:
    """The laws of collecting, where there is something to collect."""
    deleted = Element(3, None, b"a", 2)
    row = {CREATED: Element(1, None, b"a", 1), DELETED: deleted}
    own, known = {b"a": 2, b"b": 1}, {b"b": {b"a": 2, b"b": 1}}
    assert may_collect(row, deleted, own, known, 3)
    for writer in WRITERS:
        assert laws.all_have_seen_what_is_collected(row, deleted, own, known, 3, b"b", writer)
    assert laws.only_what_is_hidden_is_collected(row, deleted, own, known, 3)


# -- three replicas, one entity, and a network that keeps batches back

Batch = tuple[bytes, int, Row]
Rule = Callable[[Row, Element, Vector, Mapping[bytes, Vector], int], bool]
FOREVER = 10**6


class Replica:
    """What one replica has of the entity, with a twin that never collects."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.row: Row = {}
        self.twin: Row = {}
        self.vector: Vector = {}
        self.known: dict[bytes, Vector] = {writer: {} for writer in WRITERS}
        self.collected = 0

    def take(self, batch: Batch) -> None:
        writer, seq, row = batch
        if seq == self.vector.get(writer, 0) + 1:
            self.vector = advance(self.vector, writer, seq)
            self.row, self.twin = row_join(self.row, row), row_join(self.twin, row)

    def write(self, wants_life: bool) -> Batch | None:
        if is_row_alive(self.twin) == wants_life:
            return None
        stamps = [element.stamp_ns for element in self.twin.values()]
        stamp, seq = max(stamps, default=0) + 1, self.vector.get(self.name, 0) + 1
        names = [CREATED, "f"] if wants_life else [DELETED]
        batch = (self.name, seq, {name: Element(stamp, stamp, self.name, seq) for name in names})
        self.take(batch)
        return batch

    def collect(self, rule: Rule) -> None:
        deleted = self.row.get(DELETED)
        self.known[self.name] = self.vector
        if deleted is not None and rule(self.row, deleted, self.vector, self.known, FOREVER):
            self.row = {}
            self.collected += 1


Moves = list[tuple[str, int, int]]
moves: st.SearchStrategy[Moves] = st.lists(
    st.tuples(
        st.sampled_from(["create", "delete", "send", "tell", "collect"]),
        st.integers(0, 2),
        st.integers(0, 8),
    ),
    max_size=40,
)


def run(history: Moves, rule: Rule) -> list[Replica]:
    """Play a history; then everybody gets everything, in the order in which it was written."""
    replicas = [Replica(name) for name in WRITERS]
    batches: list[Batch] = []
    for what, who, which in history:
        replica = replicas[who]
        if what == "create" or what == "delete":
            batch = replica.write(what == "create")
            batches += [] if batch is None else [batch]
        elif what == "send" and batches:
            replica.take(batches[which % len(batches)])
        elif what == "tell":
            other = replicas[which % 3]
            other.known[replica.name] = replica.vector
        elif what == "collect":
            replica.collect(rule)
    for replica in replicas:
        for batch in batches:
            replica.take(batch)
            assert covers(replica.vector, batch[0], batch[1])
    return replicas


def shows(row: Row) -> tuple[bool, dict[str, Element]]:
    return is_row_alive(row), shown_properties(row)


def has_come_back(history: Moves, rule: Rule) -> bool:
    return any(shows(replica.row) != shows(replica.twin) for replica in run(history, rule))


def never_mind_who(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """Collect what is hidden, whoever has seen it."""
    return is_hidden(row, deleted)


def never_mind_what_is_under_way(
    row: Row, deleted: Element, own: Vector, known: Mapping[bytes, Vector], horizon_ns: int
) -> bool:
    """Collect what all have seen, whatever they wrote before."""
    return is_hidden(row, deleted) and is_seen_by_all(deleted.writer, deleted.seq, known)


@given(moves)
def test_nothing_comes_back(history: Moves) -> None:
    """GRF-22, GRF-23: whatever is kept back, each replica shows what its twin shows."""
    assert not has_come_back(history, may_collect)


def test_something_is_collected() -> None:
    """GRF-22: the rule is not simply no."""
    tell: Moves = [("tell", who, to) for who in range(3) for to in range(3)]
    sends: Moves = [("send", who, which) for which in (0, 1) for who in (1, 2)]
    history: Moves = [("create", 0, 0), ("delete", 0, 0), *sends, *tell, ("collect", 0, 0)]
    assert run(history, may_collect)[0].collected == 1
    assert run(history[:-2], may_collect)[0].collected == 0


UNDER_WAY: Moves = [
    ("create", 0, 0),
    ("create", 1, 0),
    ("send", 2, 0),
    ("delete", 2, 0),
    ("send", 0, 2),
    ("send", 1, 2),
    *[("tell", who, 2) for who in range(3)],
    ("collect", 2, 0),
]
"""Replica 1 wrote what 2 has not got when 2 collects its deletion, which all have seen."""


@pytest.mark.parametrize("rule", [never_mind_who, never_mind_what_is_under_way])
def test_collecting_too_early_brings_it_back(rule: Rule) -> None:
    """GRF-22: each half of the rule is needed."""
    assert has_come_back(UNDER_WAY, rule)
    assert not has_come_back(UNDER_WAY, may_collect)


def test_search_finds_it_too() -> None:
    """GRF-22: so that a rule which is wrong would not pass unseen."""
    found = find(
        moves,
        lambda history: has_come_back(history, never_mind_who),
        settings=settings(max_examples=5_000, database=None, phases=[Phase.generate]),
    )
    assert has_come_back(found, never_mind_who)
