"""The waiting room, refusals, a clock that was set back. Spec: HAM-4 to HAM-9, CLK-5."""

from collections.abc import Callable
from itertools import permutations

from loomweave.core.graph import ham, store
from loomweave.core.graph.ham import Verdict
from loomweave.core.graph.merge import Part, elements_of
from loomweave.core.graph.store import Gate, absorb_part, absorb_rows, empty_graph, settle
from loomweave.core.graph.waiting import (
    WAIT_ENTITY_MAX,
    WAIT_PEER_MAX,
    Waiting,
    enter,
    is_in_order,
    layers,
    rows_of,
)
from loomweave.core.lattices.register import Element
from loomweave.core.values import Value
from tests.strategies import (
    FAR_NS,
    NODES,
)

NODE = NODES[0]


def gate(
    horizon_ns: int, wall_ns: int | None = None, skew_max_ns: int = FAR_NS, peer: str = "peer"
) -> Gate:
    """A gate whose wall clock is the horizon unless told otherwise."""
    return Gate(horizon_ns, horizon_ns if wall_ns is None else wall_ns, skew_max_ns, peer)


def test_a_clock_that_was_set_back() -> None:
    """HAM-4, CLK-5: what is held is settled first; what is new is judged by the wall clock."""
    old = Part(b"one", 1, 50, {NODE: {"p": 1}})
    new = Part(b"one", 2, 60, {NODE: {"p": 2}})
    graph = absorb_part(empty_graph(), old, gate(100)).graph
    back = gate(100, wall_ns=10, skew_max_ns=20)
    again = absorb_part(graph, old, back)
    assert (again.won, again.parked, again.refusals) == ({}, {}, ())
    refused = absorb_part(graph, new, back)
    assert [r.rule for r in refused.refusals] == ["CLK-5"]
    assert refused.refusals[0].retry_at_ns == 40
    assert refused.graph is graph
    as_rows = absorb_rows(graph, elements_of(new), back)
    assert [r.rule for r in as_rows.refusals] == ["CLK-5"]
    assert as_rows.won == {}
    element = elements_of(new)[NODE]["p"]
    assert ham.verdict(graph.held[NODE]["p"], element, 100, 10, 20) is Verdict.REFUSED


def test_a_refusal_says_how_far_and_until_when() -> None:
    """CLK-5: rule, entity, distance, and the instant to try again."""
    part = Part(b"one", 1, 70, {NODE: {"p": 1}})
    refusal = absorb_part(empty_graph(), part, gate(10, skew_max_ns=50)).refusals[0]
    assert (refusal.rule, refusal.subject, refusal.retry_at_ns) == ("CLK-5", NODE, 20)
    assert "60 ns ahead" in refusal.reason
    taken = absorb_part(empty_graph(), part, gate(20, skew_max_ns=50))
    assert taken.refusals == ()
    assert taken.parked


def test_some_elements_of_a_frame_are_too_far_ahead() -> None:
    """CLK-5: elements with stamps of their own are judged one by one."""
    rows = {
        NODE: {"p": Element(5, 1, b"one", 1), "q": Element(15, 1, b"one", 2)},
        NODES[1]: {"p": Element(100, 1, b"one", 3)},
    }
    absorbed = absorb_rows(empty_graph(), rows, gate(10, skew_max_ns=50))
    assert absorbed.won == {NODE: {"p": rows[NODE]["p"]}}
    assert absorbed.parked == {NODE: {"q": rows[NODE]["q"]}}
    assert [refusal.retry_at_ns for refusal in absorbed.refusals] == [50]


def crowd(count: int, entity: Callable[[int], str]) -> list[Part]:
    return [Part(b"one", n + 1, 100 + n, {entity(n): {"p": n}}) for n in range(count)]


def test_room_of_one_entity_is_bounded() -> None:
    """HAM-9: a full room refuses so that the write is offered again, and takes repetitions."""
    graph = empty_graph()
    made = crowd(WAIT_ENTITY_MAX + 1, lambda _: NODE)
    for part in made[:-1]:
        graph = absorb_part(graph, part, gate(10)).graph
    assert len(graph.waiting) == WAIT_ENTITY_MAX
    full = absorb_part(graph, made[-1], gate(10, peer="other"))
    assert full.graph is graph
    assert [(r.rule, r.subject) for r in full.refusals] == [("HAM-9", NODE)]
    assert full.refusals[0].retry_at_ns == 10 + store.WAIT_RETRY_NS
    assert absorb_part(graph, made[0], gate(10)).refusals == ()
    assert absorb_part(graph, Part(b"two", 1, 100, {NODES[1]: {"p": 1}}), gate(10)).parked
    assert absorb_part(graph, made[-1], gate(200)).won


def test_room_of_one_peer_is_bounded() -> None:
    """HAM-9: one peer cannot fill the room for the others; the journal is never refused."""
    rows: dict[str, dict[str, Value]]
    rows = {f"graph\x00node\x00{n:04}": {"p": 1} for n in range(WAIT_PEER_MAX)}
    graph = absorb_part(empty_graph(), Part(b"one", 1, 100, rows), gate(10)).graph
    assert len(graph.waiting) == WAIT_PEER_MAX
    more = Part(b"one", 2, 101, {NODE: {"p": 1}})
    assert [r.rule for r in absorb_part(graph, more, gate(10)).refusals] == ["HAM-9"]
    assert absorb_part(graph, more, gate(10, peer="other")).parked
    journal = Gate(10, 10, FAR_NS, "peer", bounded=False)
    assert absorb_part(graph, more, journal).parked


def test_nothing_to_park_finds_no_room_full() -> None:
    """HAM-9: a room that the journal overfilled does not stop what brings nothing new."""
    graph = empty_graph()
    for n in range(2):
        rows: dict[str, dict[str, int]] = {
            f"graph\x00node\x00{n}-{m}": {"p": 1} for m in range(600)
        }
        part = Part(b"one", n + 1, 100, {e: dict(row) for e, row in rows.items()})
        graph = absorb_part(graph, part, Gate(10, 10, FAR_NS, "", bounded=False)).graph
    assert absorb_part(graph, part, gate(10, peer="")).refusals == ()
    refused = absorb_part(graph, Part(b"one", 3, 99, {NODE: {"p": 1}}), gate(10, 10, 0, ""))
    assert [refusal.rule for refusal in refused.refusals] == ["CLK-5"]


def test_room_is_in_order_and_holds_nothing_twice() -> None:
    """HAM-5: the next due write stands first, however they arrive."""
    a, b = Element(5, 1, b"one", 1), Element(3, 2, b"one", 2)
    for order in permutations([Waiting(NODE, "p", a, "x"), Waiting(NODE, "p", b, "y")]):
        room = enter((), order)
        assert [w.element for w in room] == [b, a]
        assert is_in_order(room)
        assert rows_of(room) == {NODE: {"p": a}}
        assert layers(room) == [{NODE: {"p": b}}, {NODE: {"p": a}}]
    assert not is_in_order((room[0], room[0]))


def test_each_waiting_write_has_its_time() -> None:
    """HAM-5: of two that wait for one field the earlier shows in between."""
    graph = empty_graph()
    for seq, stamp_ns in ((2, 20), (1, 10)):
        part = Part(b"one", seq, stamp_ns, {NODE: {"p": stamp_ns}})
        graph = absorb_part(graph, part, gate(5)).graph
    for horizon_ns, expected in ((15, 10), (25, 20)):
        settled = settle(graph, horizon_ns)
        assert settled is not None
        graph = settled.graph
        assert graph.held[NODE]["p"].value == expected
        assert settled.newest_ns == expected
    assert settle(graph, 99) is None
