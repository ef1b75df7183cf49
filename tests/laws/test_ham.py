"""HAM: order, join, verdicts, batches. Spec: chapter HAM."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loomweave.core.graph import ham, merge, store
from loomweave.core.graph.ham import Due, Offer, Register, Verdict, step
from loomweave.core.graph.merge import Part, elements_of, rows_join
from loomweave.core.graph.store import Gate, Graph, absorb_part, absorb_rows, empty_graph, settle
from loomweave.core.graph.waiting import (
    WAIT_PEER_MAX,
)
from loomweave.core.lattices.register import (
    GUN_SEQ,
    GUN_WRITER,
    Element,
    Rows,
    element_le,
    wins_tie,
)
from loomweave.laws import ham as laws
from tests.strategies import (
    FAR_NS,
    NODES,
    close_values,
    element_rows,
    elements,
    graphs,
    parts,
    stamps,
)

NODE = NODES[0]
SKEWS = st.sampled_from([0, 1_000, FAR_NS])


def gate(
    horizon_ns: int, wall_ns: int | None = None, skew_max_ns: int = FAR_NS, peer: str = "peer"
) -> Gate:
    """A gate whose wall clock is the horizon unless told otherwise."""
    return Gate(horizon_ns, horizon_ns if wall_ns is None else wall_ns, skew_max_ns, peer)


@given(elements(), elements(), elements())
def test_order_and_join(a: Element, b: Element, c: Element) -> None:
    assert laws.order_is_total(a, b)
    assert laws.order_is_transitive(a, b, c)
    assert laws.order_is_by_stamp_value_dot(a, b)
    assert laws.tie_rule_is_the_order(a, b)
    assert laws.join_is_the_least_upper_bound(a, b, c)
    assert laws.join_forgets_how(a, b, c)
    assert hash(a) == hash(Element(a.stamp_ns, a.value, a.writer, a.seq))
    assert not a != Element(a.stamp_ns, a.value, a.writer, a.seq)  # noqa: SIM202


@given(element_rows(), element_rows(), element_rows())
@settings(max_examples=50)
def test_join_of_rows(a: Rows, b: Rows, c: Rows) -> None:
    assert laws.rows_join_forgets_how(a, b, c)


@given(st.none() | elements(), elements(), stamps(), stamps(), SKEWS)
def test_verdicts(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> None:
    assert laws.offer_is_judged_once(held, offered, horizon_ns, wall_ns, skew_max_ns)
    event = Offer(offered, horizon_ns, wall_ns, skew_max_ns)
    assert laws.repetition_is_settled_first(held or offered, event)


@given(st.lists(st.builds(Offer, elements(), stamps(), stamps(), SKEWS), max_size=5))
def test_a_register_ends_at_the_greatest(offers: list[Offer]) -> None:
    rising = sorted(offers, key=lambda offer: offer.horizon_ns)
    assert laws.register_ends_at_the_greatest(rising, FAR_NS)


@given(graphs(), parts())
def test_merge(held: tuple[Graph, int], part: Part) -> None:
    assert laws.merge_is_the_join(held[0], part)


@given(graphs(), parts(), stamps(), SKEWS)
def test_parts_are_taken_by_verdict(
    held: tuple[Graph, int], part: Part, wall_ns: int, skew_max_ns: int
) -> None:
    """HAM-7, CLK-5: also where the wall clock was set back behind the horizon."""
    graph, horizon_ns = held
    assert laws.part_is_taken_by_verdict(graph, part, gate(horizon_ns, wall_ns, skew_max_ns))


@given(graphs(), element_rows(), stamps(), SKEWS)
def test_nothing_is_lost(
    held: tuple[Graph, int], rows: Rows, wall_ns: int, skew_max_ns: int
) -> None:
    graph, horizon_ns = held
    assert laws.nothing_is_lost(graph, rows, gate(horizon_ns, wall_ns, skew_max_ns))
    assert laws.settling_is_seeing(graph, wall_ns)
    assert laws.room_fault(graph.waiting, horizon_ns, WAIT_PEER_MAX) is None


@given(st.lists(parts(), min_size=1, max_size=4), st.data())
def test_the_way_does_not_matter(made: list[Part], data: st.DataObject) -> None:
    """HAM-2, HAM-6: any order, repetition and grouping, at any horizons, end in one state."""
    expected = absorb_rows(empty_graph(), whole(made), gate(FAR_NS)).graph
    order = data.draw(st.permutations([*made, *data.draw(st.lists(st.sampled_from(made)))]))
    graph, horizon_ns = empty_graph(), 0
    for part in order:
        horizon_ns = max(horizon_ns, data.draw(stamps()))
        if (settled := settle(graph, horizon_ns)) is not None:
            graph = settled.graph
        if data.draw(st.booleans()):
            graph = absorb_part(graph, part, gate(horizon_ns)).graph
        else:
            graph = absorb_rows(graph, elements_of(part), gate(horizon_ns)).graph
    assert laws.received(graph) == laws.received(expected)
    settled = settle(graph, FAR_NS)
    graph = settled.graph if settled is not None else graph
    assert laws.same_rows(laws.held_rows(graph), laws.held_rows(expected))
    assert graph.waiting == ()


def whole(made: list[Part]) -> Rows:
    rows: Rows = {}
    for part in made:
        rows = rows_join(rows, elements_of(part))
    return rows


@given(graphs(), parts(), stamps())
def test_a_batch_shows_in_one_step(held: tuple[Graph, int], part: Part, later_ns: int) -> None:
    """HAM-5, HAM-7: at no horizon is a part of a batch joined while another waits."""
    graph, horizon_ns = held
    graph = absorb_part(graph, part, gate(horizon_ns)).graph
    for at_ns in (horizon_ns, max(horizon_ns, later_ns), part.stamp_ns - 1, part.stamp_ns):
        if at_ns >= horizon_ns and (settled := settle(graph, at_ns)) is not None:
            graph = settled.graph
        covered = [
            field in graph.held.get(entity, {}) and element_le(element, graph.held[entity][field])
            for entity, row in elements_of(part).items()
            for field, element in row.items()
        ]
        waits = any(w.element.stamp_ns == part.stamp_ns for w in graph.waiting)
        assert all(covered) or part.stamp_ns > max(at_ns, horizon_ns)
        assert not (all(covered) and waits and at_ns >= part.stamp_ns)


def test_register_by_hand() -> None:
    """HAM-3, HAM-5: every verdict, and a wake that comes early or for nobody."""
    first, second = Element(5, 1, b"one", 1), Element(7, 1, b"one", 2)
    far = Element(100, 1, b"one", 3)
    register = Register(None, frozenset())
    seen: list[Verdict] = []
    for element in (first, first, second, far):
        after = step(register, Offer(element, 6, 6, 50))
        register = after.register
        seen.append(after.verdict)
    assert seen == [Verdict.APPLIED, Verdict.SAME, Verdict.DEFERRED, Verdict.REFUSED]
    assert ham.received(register, second) == second
    assert step(register, Due(second, 6)) == ham.Step(register, Verdict.DEFERRED)
    assert step(register, Due(far, 200)) == ham.Step(register, Verdict.DEFERRED)
    after = step(register, Due(second, 7))
    assert after == ham.Step(Register(second, frozenset()), Verdict.APPLIED)
    assert step(after.register, Offer(first, 6, 6, 50)).verdict is Verdict.STALE
    late = Register(second, frozenset({first}))
    assert step(late, Due(first, 9)).verdict is Verdict.STALE


def test_writes_from_gun_are_not_taken_for_one() -> None:
    """HAM-1: all of them have one dot, so the value alone tells them apart."""
    a = Element(5, 1, GUN_WRITER, GUN_SEQ)
    b = Element(5, 2, GUN_WRITER, GUN_SEQ)
    assert a != b
    assert laws.order_is_total(a, b)
    assert Element(5, 1, GUN_WRITER, GUN_SEQ) != Element(5, 1.0, GUN_WRITER, GUN_SEQ)
    assert Element(5, 1, b"one", 1) != (5, 1, b"one", 1)


# -- broken variants: each must break a law ------------------------------------------------------

SEARCH = settings(phases=[Phase.generate], max_examples=600, database=None)


@SEARCH
@given(graphs(), parts())
def merge_law(held: tuple[Graph, int], part: Part) -> None:
    assert laws.merge_is_the_join(held[0], part)


@SEARCH
@given(elements(), elements(), elements())
def order_law(a: Element, b: Element, c: Element) -> None:
    assert laws.order_is_by_stamp_value_dot(a, b)
    assert laws.tie_rule_is_the_order(a, b)
    assert laws.join_forgets_how(a, b, c)


@SEARCH
@given(graphs(), element_rows(), stamps())
def room_law(held: tuple[Graph, int], rows: Rows, wall_ns: int) -> None:
    graph, horizon_ns = held
    assert laws.nothing_is_lost(graph, rows, gate(horizon_ns))
    assert laws.settling_is_seeing(graph, max(horizon_ns, wall_ns))


@SEARCH
@given(graphs(), parts(), stamps(), SKEWS)
def fate_law(held: tuple[Graph, int], part: Part, wall_ns: int, skew_max_ns: int) -> None:
    assert laws.part_is_taken_by_verdict(held[0], part, gate(held[1], wall_ns, skew_max_ns))


def by_arrival(*_: object) -> bool:
    """Let whatever comes last win a tie."""
    return True


def by_code_point(value: object, writer: bytes, seq: int, held: Element) -> bool:
    """Break ties as Python orders texts, by code point and not by UTF-16 unit."""
    if isinstance(value, str) and isinstance(held.value, str) and value != held.value:
        return value > held.value
    return ORIGINAL_TIE(value, writer, seq, held)  # type: ignore[arg-type]


def by_dot(value: object, writer: bytes, seq: int, held: Element) -> bool:
    """Take equal dots for equal writes."""
    return (writer, seq) > (held.writer, held.seq)


ORIGINAL_TIE = wins_tie
ORIGINAL_MERGE = merge.merge_part
ORIGINAL_PARK = store.park
ORIGINAL_SETTLE = store.settle


def whole_row(held: object, part: Part) -> merge.Merged:
    """Replace the row of an entity instead of joining it."""
    merged = ORIGINAL_MERGE(held, part)  # type: ignore[arg-type]
    return merge.Merged(dict(merged.won), merged.won, merged.before)


def forget(graph: Graph, early: Rows, gate: Gate) -> store.Absorbed:
    """Say that early writes wait, and drop them."""
    absorbed = ORIGINAL_PARK(graph, early, gate)
    return store.Absorbed(graph, {}, {}, absorbed.parked, absorbed.refusals, None)


def keep_for_ever(graph: Graph, horizon_ns: int) -> store.Absorbed | None:
    """Leave in the room what has been joined."""
    absorbed = ORIGINAL_SETTLE(graph, horizon_ns)
    if absorbed is None:
        return None
    after = store.Graph(absorbed.graph.held, graph.waiting, graph.index, graph.unsummed)
    return store.Absorbed(after, absorbed.won, absorbed.before, {}, (), absorbed.newest_ns)


def horizon_alone(gate: Gate) -> int:
    """Measure the future from the horizon only."""
    return gate.horizon_ns


@pytest.mark.parametrize(
    ("place", "name", "broken", "law"),
    [
        (merge, "wins_tie", by_arrival, merge_law),
        (laws, "wins_tie", by_code_point, order_law),
        (merge, "wins_tie", by_dot, merge_law),
        (laws, "wins_tie", by_arrival, order_law),
        (laws, "wins_tie", by_dot, order_law),
        (laws, "merge_part", whole_row, merge_law),
        (store, "park", forget, room_law),
        (store, "settle", keep_for_ever, room_law),
        (store, "admitted_ns", horizon_alone, fate_law),
    ],
    ids=lambda part: getattr(part, "__name__", None) if callable(part) else None,
)
def test_broken_variants_are_caught(
    monkeypatch: pytest.MonkeyPatch,
    place: object,
    name: str,
    broken: Callable[..., object],
    law: Callable[[], None],
) -> None:
    """HAM-2, HAM-6, HAM-7: a law that no mistake can break says nothing."""
    monkeypatch.setattr(place, name, broken)
    with pytest.raises(AssertionError):
        law()


def test_ties_between_planes() -> None:
    """HAM-1: the unit decides and not the code point, also where the two disagree."""
    low, high = Element(5, "\uffff", b"one", 1), Element(5, "\U00010000", b"one", 1)
    assert "\uffff" < "\U00010000"
    assert element_le(high, low)
    assert not element_le(low, high)


@given(st.sets(st.tuples(stamps(), st.sampled_from(["a", "b"])), min_size=1), close_values())
@settings(max_examples=30)
def test_is_below(places: set[tuple[int, str]], value: object) -> None:
    """HAM-2: the helper of the laws can fail."""
    rows = {NODE: {field: Element(stamp, 1, b"one", 1) for stamp, field in sorted(places)}}
    assert laws.is_below(rows, rows)
    assert not laws.is_below(rows, {})
    raised = {NODE: {f: Element(e.stamp_ns + 1, 1, b"", 0) for f, e in rows[NODE].items()}}
    assert laws.is_below(rows, raised)
    assert not laws.is_below(raised, rows)
