"""Batches and frames of state as they arrive. Spec: SYN-2, SYN-3, SYN-7, HAM-5, CLK-5."""

import pytest
from msgspec.structs import replace

from loomweave.core.entities import Kind, node_key
from loomweave.core.events import (
    Disconnected,
    Foreign,
    Notify,
    Persist,
    Rejected,
    Send,
    WakeAt,
    Written,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Delete, Patch, PutNode
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Element, Rows
from loomweave.core.replica import reconcile
from loomweave.core.replica import state as state_rules
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.state import (
    Config,
)
from loomweave.core.sync.frames import (
    Batch,
    Declined,
)
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws import machine as laws
from tests.machines.desk import KEY, SECOND_NS, WALL_NS, Desk, batch, frames, refusals


def test_a_batch_goes_on_whole_and_as_it_came() -> None:
    """SYN-2: to the others, after it was kept; a repetition to nobody."""
    desk = Desk("me", "a", "b", "c")
    came = replace(batch(1), raw=b"raw", proof=b"proof")
    effects = desk.hear("a", came)
    assert [type(effect) for effect in effects] == [Persist, Notify, Send]
    assert frames(effects) == [(("b", "c"), came)]
    assert desk.hear("b", came) == ()


def test_a_doubled_batch_has_no_effect_at_all() -> None:
    """SYN-3: a number that was received says that all of it was, whatever it now carries."""
    desk = Desk("me", "a", "b")
    for seq in (1, 2):
        desk.hear("a", batch(seq, seq, WALL_NS - 10 + seq))
    for again in (batch(2, 2, WALL_NS - 8), batch(1, 9, WALL_NS), batch(2, 9, WALL_NS * 2)):
        before = desk.state
        for peer in ("a", "b"):
            assert desk.hear(peer, again) == ()
        assert desk.state.graph is before.graph
        assert desk.state.journal == before.journal
        assert desk.state.contacts.seen == before.contacts.seen
    assert desk.held("p") == 2
    assert desk.hear("b", batch(3, 9, WALL_NS)) != ()


def test_writes_from_gun_are_never_counted() -> None:
    """SYN-3: seq 0 says nothing about what was received."""
    desk = Desk("me", "a", "b")
    for value in (1, 2, 3):
        effects = desk.hear("a", batch(GUN_SEQ, value, writer=GUN_WRITER))
        assert len(frames(effects)) == 1
    assert desk.held("p") == 3
    assert desk.hear("a", batch(GUN_SEQ, 3, writer=GUN_WRITER)) == ()
    assert len(desk.state.contacts.seen) == 0


def test_the_vector_has_no_gaps() -> None:
    """SYN-3: a batch that came too early is taken and not counted."""
    desk = Desk("me", "a")
    for seq, counted in ((2, 0), (1, 1), (3, 1), (2, 2)):
        desk.hear("a", batch(seq, seq, WALL_NS - 10 + seq))
        assert desk.state.contacts.seen.get(b"w", 0) == counted
    assert desk.held("p") == 3


def test_a_batch_of_another_branch() -> None:
    """SYN-2: refused, and not counted."""
    desk = Desk("me", "a")
    effects = desk.hear("a", replace(batch(1), branch="draft"))
    assert [refusal.rule for refusal in refusals(effects)] == ["SYN-2"]
    assert frames(effects) == []
    assert len(desk.state.graph.held) == len(desk.state.contacts.seen) == 0


def test_too_far_ahead() -> None:
    """CLK-5, SYN-8: declined with the instant, not counted, and taken when that has come."""
    desk = Desk("me", "a", "b")
    far = batch(1, 1, WALL_NS + desk.config.skew_max_ns + 5)
    effects = desk.hear("a", far)
    assert [(r.rule, r.retry_at_ns) for r in refusals(effects)] == [("CLK-5", WALL_NS + 5)]
    assert frames(effects) == [(("a",), Declined(refusals(effects)[0], b"w"))]
    assert len(desk.state.contacts.seen) == 0
    desk.wall_ns += 5
    effects = desk.hear("a", far)
    assert [type(effect) for effect in effects] == [Persist, Send, WakeAt]
    assert effects[-1] == WakeAt(WAKE_DUE, "wall", far.part.stamp_ns)
    assert desk.state.contacts.seen[b"w"] == 1
    assert desk.held("p") is None


def test_waiting_batches_come_due_together() -> None:
    """HAM-5, MCH-5: an early wake is asked for again; any event lets in what is due."""
    desk = Desk("me", "a", "b")
    early = Batch(Part(b"w", 1, WALL_NS + 50, {KEY: {"p": 1}, node_key("b"): {"q": 2}}), {})
    desk.hear("a", early)
    assert desk.hear("b", replace(early, context={b"x": 1})) == ()
    assert desk.hear("b", batch(GUN_SEQ, 1, WALL_NS + 50, GUN_WRITER)) != ()
    desk.wall_ns += 49
    assert desk.wake(WAKE_DUE) == (WakeAt(WAKE_DUE, "wall", WALL_NS + 50),)
    desk.wall_ns += 1
    effects = desk.do(Disconnected(desk.wall_ns, 0, "nobody"))
    assert [type(effect) for effect in effects] == [Persist, Notify]
    assert isinstance(effects[1], Notify)
    assert sorted(effects[1].won) == [KEY, node_key("b")]
    assert (desk.held("p"), desk.held("q", node_key("b"))) == (1, 2)
    assert desk.state.graph.waiting == ()
    assert desk.wake(WAKE_DUE) == ()


def test_the_waiting_element_of_what_is_deleted_later() -> None:
    """HAM-5, GRF-5: it is joined when due, and shows by its stamp alone."""
    desk = Desk("me", "a")
    desk.write(PutNode("a"))
    desk.hear("a", batch(1, 1, WALL_NS + 2_000))
    desk.write(Delete(Kind.NODE, "a"))
    desk.wall_ns += 5_000
    desk.wake(WAKE_DUE)
    assert desk.held("p") == 1
    assert isinstance(desk.write(Patch(Kind.NODE, "a", {"p": 2})), Rejected)
    assert isinstance(desk.write(PutNode("a")), Written)
    assert not desk.state.graph.waiting


def test_own_stamp_reaches_a_waiting_write() -> None:
    """CLK-4, HAM-5: it is let in first, and the operation is planned on what then shows."""
    desk = Desk("me", "a")
    desk.write(PutNode("a"))
    gone = Batch(Part(b"w", 1, WALL_NS + 1_000, {KEY: {"$deleted": None}}), {})
    desk.hear("a", gone)
    outcome = desk.write(Patch(Kind.NODE, "a", {"p": 1}))
    assert outcome == Rejected("GRF-14", "node a", "it does not exist (any more); put it first")
    outcome = desk.write(PutNode("a", properties={"p": 1}))
    assert isinstance(outcome, Written)
    assert outcome.stamp_ns == WALL_NS + 2_000


def test_clock_set_back() -> None:
    """CLK-2, CLK-5, HAM-4: own writes go on, news is judged by the wall."""
    desk = Desk("me", "a", config=Config("me", skew_max_ns=10_000))
    desk.write(PutNode("a"))
    desk.hear("a", batch(1, 1, WALL_NS))
    horizon_ns = desk.state.clock.horizon_ns
    desk.wall_ns -= SECOND_NS
    assert desk.hear("a", batch(GUN_SEQ, -1, WALL_NS - 5, GUN_WRITER)) == ()
    assert [r.rule for r in refusals(desk.hear("a", batch(2, 2, WALL_NS)))] == ["CLK-5"]
    outcome = desk.write(PutNode("a", properties={"p": 3}))
    assert isinstance(outcome, Written) and outcome.stamp_ns > WALL_NS
    assert desk.held("p") == 3
    assert desk.state.clock.horizon_ns >= horizon_ns
    again, _ = desk.again()
    assert again.clock.horizon_ns == desk.state.clock.horizon_ns
    assert laws.recovery_fault(desk.state, again) is None


def test_frames_of_state() -> None:
    """SYN-7: news goes on as a frame of just these; what waits beside what is held."""
    desk = Desk("me", "a", "b")
    old, new = Element(WALL_NS - 1, 1, b"w", 1), Element(WALL_NS, 2, b"w", 2)
    early, far = Element(WALL_NS + 9, 3, b"w", 3), Element(2 * WALL_NS, 4, b"w", 4)
    desk.hear("a", StateFrame({KEY: {"p": old}}, {}))
    frame = StateFrame({KEY: {"p": new, "q": far}, node_key("b"): {"p": old}}, {KEY: {"p": early}})
    effects = desk.hear("a", frame)
    on = [frame for peers, frame in frames(effects) if peers == ("b",)]
    assert on == [
        StateFrame({KEY: {"p": new}, node_key("b"): {"p": old}}, {}),
        StateFrame({}, {KEY: {"p": early}}),
    ]
    assert [refusal.rule for refusal in refusals(effects)] == ["CLK-5"]
    assert [type(f) for p, f in frames(effects) if p == ("a",)] == [Declined]
    again = desk.hear("a", StateFrame({KEY: {"p": new}}, {KEY: {"p": early}}))
    assert again == ()
    assert list(reconcile.state_frames(desk.state, [KEY])) == [
        StateFrame({KEY: {"p": new}}, {KEY: {"p": early}})
    ]


def test_due_and_early_elements_of_one_frame() -> None:
    """HAM-3: in rows of a sender whose clock is ahead, some are early here."""
    desk = Desk("me", "a")
    rows = {KEY: {"p": Element(WALL_NS, 1, b"w", 1), "q": Element(WALL_NS + 9, 2, b"w", 2)}}
    effects = desk.hear("a", StateFrame(rows, {}))
    assert [type(effect) for effect in effects] == [Persist, Notify, WakeAt]
    assert (desk.held("p"), desk.held("q")) == (1, None)
    assert laws.recovery_fault(desk.state, desk.again()[0]) is None


@pytest.mark.parametrize("rows", [
    {KEY: {"$ends": 1, "$type": 7, "$label.": 0, "$": None}},
    {"graph\x00tomorrow\x00a": {"$ends": ("a", "b", "t", True)}},
    {"graph\x00edge\x00a": {"$ends": ("a", "b", "t", True), "$weight": "x"}},
    {"graph\x00edge\x00a": {"$ends": ("a",), "$created": None}},
    {KEY: {}},
    {},
], ids=str)  # fmt: skip
def test_malformed_content(rows: dict[str, dict[str, object]]) -> None:
    """MCH-1, GRF-7: whatever a peer writes, the state stays whole, now and when it waits."""
    for stamp_ns in (WALL_NS, WALL_NS + 5):
        desk = Desk("me", "a", "b")
        desk.hear("a", Batch(Part(b"w", 1, stamp_ns, rows), {}))  # type: ignore[arg-type]
        desk.wall_ns += 10
        desk.wake(WAKE_DUE)
        desk.hear("b", Batch(Part(b"v", 1, stamp_ns, rows), {}))  # type: ignore[arg-type]
        assert laws.recovery_fault(desk.state, desk.again()[0]) is None


def test_writes_of_another_protocol() -> None:
    """GUN-11, HAM-3: many stamps in one event; news goes on, the rest is settled or refused."""
    desk = Desk("me", "a", "b")
    due = Part(GUN_WRITER, GUN_SEQ, WALL_NS, {KEY: {"p": 1}})
    early = Part(GUN_WRITER, GUN_SEQ, WALL_NS + 5, {node_key("b"): {"p": 1}})
    far = Part(GUN_WRITER, GUN_SEQ, 2 * WALL_NS, {node_key("c"): {"p": 1}})
    mixed: Rows = {node_key("d"): {"p": Element(WALL_NS - 1, 1, GUN_WRITER, GUN_SEQ)}}
    event = Foreign(WALL_NS, 0, "gateway", (due, early, far), mixed)
    effects = desk.do(event)
    assert [refusal.rule for refusal in refusals(effects)] == ["CLK-5"]
    assert [(peers, type(frame)) for peers, frame in frames(effects)] == [
        (("a", "b"), StateFrame)
    ] * 2
    assert sorted(desk.state.graph.held) == [KEY, node_key("d")]
    assert len(desk.state.graph.waiting) == 1
    assert frames(desk.do(event)) == []
    assert frames(desk.do(Foreign(WALL_NS, 0, "gateway", (due,), {}))) == []
    assert laws.recovery_fault(desk.state, desk.again()[0]) is None
    alone = Desk("alone")
    newest = Part(GUN_WRITER, GUN_SEQ, WALL_NS - 9, {node_key("b"): {"p": 1}})
    assert frames(alone.do(Foreign(WALL_NS, 0, "gateway", (due, newest), {}))) == []
    assert alone.state.clock.applied_ns == WALL_NS


def test_another_protocol_meets_a_journal_that_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MCH-11: it is turned away like everybody."""
    monkeypatch.setattr(state_rules, "JOURNAL_PENDING_MAX", 1)
    desk = Desk("me")
    due = Part(GUN_WRITER, GUN_SEQ, WALL_NS, {KEY: {"p": 1}})
    effects = desk.do(Foreign(WALL_NS, 0, "gateway", (due,), {}))
    assert [refusal.rule for refusal in refusals(effects)] == ["MCH-11"]
    assert len(desk.state.graph.held) == 0
