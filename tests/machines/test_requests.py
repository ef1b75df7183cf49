"""Writes, imports, the order of effects. Spec: MCH-4, MCH-7, MCH-11, GRF-17."""

import pytest
from msgspec.structs import replace

from loomweave.core.entities import CREATED, TYPE, Kind, node_key
from loomweave.core.events import (
    Import,
    Notify,
    Persist,
    Persisted,
    Rejected,
    Reply,
    Send,
    WakeAt,
    Write,
    Written,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Delete, PutEdge, PutNode
from loomweave.core.lattices.register import Element
from loomweave.core.replica import state as state_rules
from loomweave.core.replica.state import (
    initial,
    root,
    status_of,
)
from loomweave.core.sync.frames import (
    Declined,
)
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws import machine as laws
from tests.machines.desk import KEY, WALL_NS, Desk, batch, busy_desk, frames, refusals


def test_order_of_effects() -> None:
    """MCH-4, MCH-7: keep, tell the feed, send, answer; all wait for the journal."""
    desk = Desk("me", "a")
    effects = desk.do(Write(WALL_NS, 0, 5, (PutNode("a", "person", {"p": 1}),)))
    assert [type(effect) for effect in effects] == [Persist, Notify, Send, Reply]
    assert effects[-1] == Reply(
        5, Written(("a",), desk.state.identity.writer, 1, WALL_NS), desk.state.journal.lsn
    )
    nothing = desk.do(Write(WALL_NS, 0, 6, (PutNode("a", "person"),)))
    assert [type(effect) for effect in nothing] == [Reply]
    assert isinstance(nothing[0], Reply) and isinstance(nothing[0].outcome, Written)
    assert (nothing[0].outcome.seq, nothing[0].after_lsn) == (0, desk.state.journal.lsn)


def test_all_or_none() -> None:
    """GRF-12, MCH-7: a batch of which one operation is refused leaves no trace."""
    desk = Desk("me", "a")
    before = desk.state
    outcome = desk.write(PutNode("a"), PutEdge("a", "x", id="e"))
    assert outcome == Rejected("GRF-7", "edge e", "its end 'x' is no living node")
    assert desk.state is before or desk.state.graph is before.graph
    assert desk.state.journal == before.journal


def test_a_snapshot_stays_as_it_was() -> None:
    """MCH-3: what was read from a state is not changed by what comes later."""
    desk = Desk("me", "a")
    desk.write(PutNode("a", properties={"p": 1}))
    before = desk.state
    rows = {key: dict(before.graph.held[key]) for key in sorted(before.graph.held)}
    summed = root(before)
    desk.write(PutNode("a", properties={"p": 2}), PutNode("b"))
    desk.write(Delete(Kind.NODE, "a"))
    assert {key: before.graph.held[key] for key in sorted(before.graph.held)} == rows
    assert root(before) == summed != root(desk.state)
    assert laws.whole_fault(before) is None


def test_durable_numbers_only_grow() -> None:
    """MCH-4: `Persisted` is cumulative, and an old one says nothing."""
    desk = Desk()
    for _ in range(3):
        desk.write(PutNode("a", properties={"p": desk.state.journal.lsn}))
    desk.do(Persisted(WALL_NS, 0, 3))
    before = desk.state
    assert desk.do(Persisted(WALL_NS, 0, 2)) == ()
    assert desk.state is before
    assert status_of(desk.state).durable_lsn == 3


def test_a_journal_that_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """MCH-11: nothing more is taken in, from nobody, until it has caught up."""
    monkeypatch.setattr(state_rules, "JOURNAL_PENDING_MAX", 3)
    desk = Desk("me", "a", "b")
    for n in range(2):
        desk.write(PutNode("a", properties={"p": n}))
    rejected = desk.write(PutNode("b"))
    assert isinstance(rejected, Rejected) and rejected.rule == "MCH-11"
    part = Part(b"file", 1, 0, {KEY: {"q": 1}})
    reply = desk.do(Import(WALL_NS, 0, 9, (part,)))[-1]
    assert isinstance(reply, Reply) and reply.outcome == rejected
    for frame in (batch(1), StateFrame({KEY: {"q": Element(1, 1, b"w", 1)}}, {})):
        effects = desk.hear("a", frame)
        assert [(r.rule, r.retry_at_ns) for r in refusals(effects)] == [("MCH-11", WALL_NS)]
        assert [type(sent) for _, sent in frames(effects)] == [Declined]
    assert len(desk.state.contacts.seen) == 1
    desk.do(Persisted(WALL_NS, 0, 1))
    assert isinstance(desk.write(PutNode("b")), Written)


def test_import() -> None:
    """GRF-17: the same wherever and however often it is loaded; any later write wins."""
    parts = tuple(
        Part(b"file", seq, 0, {node_key(f"n{seq}"): {CREATED: None, TYPE: "t", "p": seq}})
        for seq in (1, 2)
    )
    desk, other = Desk("me", "a"), Desk("you", "a")
    effects = desk.do(Import(WALL_NS, 0, 7, parts))
    assert [type(effect) for effect in effects] == [Persist, Notify, Send] * 2 + [Reply]
    assert effects[-1] == Reply(7, Written((), b"file", 2, 0), desk.state.journal.lsn)
    once = root(desk.state)
    assert [type(effect) for effect in desk.do(Import(WALL_NS, 0, 8, parts))] == [Reply]
    other.do(Import(WALL_NS, 0, 7, parts[::-1]))
    assert root(desk.state) == root(other.state) == once
    desk.write(PutNode("n1", properties={"p": 5}))
    after = root(desk.state)
    desk.do(Import(WALL_NS, 0, 9, parts))
    assert root(desk.state) == after
    assert laws.recovery_fault(desk.state, desk.again()[0]) is None
    assert [type(effect) for effect in desk.do(Import(WALL_NS, 0, 9, ()))] == [Reply]


def test_import_from_the_future() -> None:
    """GRF-17, CLK-5, HAM-5: what waits is woken for; what is refused is not counted."""
    desk = Desk("me", "a")
    early = Part(b"file", 1, WALL_NS + 9, {KEY: {"p": 1}})
    effects = desk.do(Import(WALL_NS, 0, 7, (early,)))
    assert [type(effect) for effect in effects] == [Persist, Send, WakeAt, Reply]
    far = Part(b"file", 2, 2 * WALL_NS, {KEY: {"p": 2}})
    reply = desk.do(Import(WALL_NS, 0, 7, (early, far)))[-1]
    assert isinstance(reply, Reply) and isinstance(reply.outcome, Rejected)
    assert reply.outcome.rule == "CLK-5"
    assert desk.state.contacts.seen[b"file"] == 1


def test_broken_states_are_caught() -> None:
    """MCH-1: each promise of a state, broken once by hand."""
    desk, _, _ = busy_desk()
    good = desk.state
    assert laws.is_whole(good)
    graph, clock, contacts = good.graph, good.clock, good.contacts
    broken = [
        replace(good, graph=replace(graph, index=initial(desk.config).graph.index)),
        replace(good, summary=initial(desk.config).summary, graph=replace(graph, unsummed=None)),
        replace(good, graph=replace(graph, waiting=graph.waiting * 2)),
        replace(good, clock=replace(clock, horizon_ns=0)),
        replace(good, clock=replace(clock, applied_ns=0)),
        replace(good, clock=replace(clock, issued_ns=clock.horizon_ns + 1)),
        replace(good, clock=replace(clock, applied_ns=clock.horizon_ns + 1)),
        replace(good, clock=replace(clock, horizon_ns=2 * WALL_NS)),
        replace(good, journal=replace(good.journal, next_seq=9)),
        replace(good, journal=replace(good.journal, durable_lsn=10**6)),
        replace(good, contacts=replace(contacts, links=())),
        replace(good, contacts=replace(contacts, news=contacts.seen.set(b"zz", 1))),
    ]
    faults = [laws.whole_fault(state) for state in broken]
    assert None not in faults
    assert len(set(faults)) >= 10
    assert laws.recovery_fault(good, initial(desk.config)) is not None
    lost = replace(good, graph=replace(graph, waiting=()))
    assert laws.recovery_fault(good, lost) == "what waits differs"


def test_broken_effects_are_caught() -> None:
    """MCH-4, MCH-9: gaps, and telling before keeping."""
    desk = Desk("me", "a")
    before = desk.state
    effects = desk.do(Write(WALL_NS, 0, 5, (PutNode("a"),)))
    persist, notify, send, reply = effects
    assert laws.effects_fault(before, effects) is None
    for wrong in (
        (send, persist, notify, reply),
        (persist, reply, persist),
        (notify,),
        (persist, notify, notify),
    ):
        assert laws.effects_fault(before, wrong) is not None
