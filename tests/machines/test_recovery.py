"""The journal gives a replica back. Spec: MCH-6, MCH-8, MCH-9."""

import pytest

from loomweave.core.events import (
    Delta,
    Reply,
    Started,
    Vector,
    Wake,
    WakeAt,
    Write,
    Written,
)
from loomweave.core.graph.operations import PutNode
from loomweave.core.machine import step
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.recovery import ForeignJournal, recover, snapshot
from loomweave.core.replica.state import (
    Config,
    graph_salt,
)
from loomweave.laws import machine as laws
from tests.machines.desk import KEY, SECOND_NS, WALL_NS, Desk, batch, busy_desk


def test_any_prefix_of_the_journal() -> None:
    """MCH-8, MCH-9: gives the state of that moment, and its feed number by number."""
    desk, states, feed = busy_desk()
    at = {state.journal.lsn: state for state in states}
    for entries in range(1, len(desk.records) + 1):
        again, told = desk.again(entries)
        assert laws.whole_fault(again) is None
        assert [entry.number for entry in told] == list(range(1, len(told) + 1))
        for entry, first in zip(told, feed, strict=False):
            assert (entry.number, entry.won, entry.before) == (
                first.number,
                first.won,
                first.before,
            )
        if entries in at:
            assert laws.recovery_fault(at[entries], again) is None
    assert len(desk.records) == max(at)
    assert len(desk.again()[1]) == len(feed)


def test_doubled_records() -> None:
    """MCH-8: an entry, or all of them, kept twice: the same state, and each change told once."""
    desk, _, feed = busy_desk()
    whole = [record for entry in desk.records for record in entry]
    once, _ = desk.again()
    for at in range(len(desk.records)):
        entries = [*desk.records[: at + 1], *desk.records[at:]]
        twice, told = recover(desk.config, [r for entry in entries for r in entry])
        assert laws.recovery_fault(once, twice) is None
        assert [entry.number for entry in told] == [entry.number for entry in feed]
    assert laws.doubling_does_no_harm(once, tuple(whole[-3:]))


def test_an_old_meta_record_does_not_turn_numbers_back() -> None:
    """MCH-8: what only grows is joined, or a dot would be given twice."""
    desk = Desk()
    for n in range(3):
        desk.write(PutNode("a", properties={"p": n}))
    entries = [*desk.records, desk.records[1]]
    again, _ = recover(desk.config, [record for entry in entries for record in entry])
    assert again.journal.next_seq == 4
    assert laws.recovery_fault(desk.state, again) is None


def test_a_snapshot_gives_everything_back() -> None:
    """MCH-8, HAM-5: also each of several writes that wait for one field."""
    desk, _, _ = busy_desk()
    for seq, ahead_ns in ((3, 60_000), (4, 50_000)):
        desk.hear("a", batch(seq, seq, WALL_NS + ahead_ns))
    assert len(desk.state.graph.waiting) == 3
    assert laws.snapshot_gives_back(desk.state) is None
    again, _ = recover(desk.config, snapshot(desk.state))
    assert dict(again.contacts.seen) == dict(desk.state.contacts.seen)
    for state in (desk.state, again):
        state, _ = step(state, Wake(WALL_NS + 55_000, 0, WAKE_DUE))
        assert state.graph.held[KEY]["p"].value == 4


def test_snapshots_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """MCH-8: into records of bounded size."""
    monkeypatch.setattr("loomweave.core.replica.recovery.SNAPSHOT_ENTITIES_MAX", 2)
    desk = Desk()
    desk.write(*(PutNode(f"n{n}") for n in range(5)))
    records = snapshot(desk.state)
    assert [len(r.rows) for r in records if isinstance(r, Delta)] == [2, 2, 1]
    assert isinstance(records[-1], Vector)
    assert laws.snapshot_gives_back(desk.state) is None


def test_a_foreign_journal() -> None:
    """MCH-8: of another replica or another graph; the error says what to do."""
    desk = Desk()
    records = [record for entry in desk.records for record in entry]
    with pytest.raises(ForeignJournal, match="use its name or another folder"):
        recover(Config("you"), records)
    with pytest.raises(ForeignJournal, match="another graph"):
        recover(Config("me", salt=graph_salt("other")), records)
    assert recover(desk.config, [])[0].identity.writer == b""


def test_a_restart_goes_on_where_it_was() -> None:
    """MCH-6, CLK-4: same writer, next number, later stamp, though the clock was set back."""
    desk, _, _ = busy_desk()
    again, _ = desk.again()
    again, effects = step(again, Started(WALL_NS - SECOND_NS, 0, b"q" * 16))
    assert WakeAt(WAKE_DUE, "wall", WALL_NS + 40_000) in effects
    assert again.identity.writer == desk.state.identity.writer
    again, effects = step(again, Write(WALL_NS - SECOND_NS, 0, 1, (PutNode("z"),)))
    reply = effects[-1]
    assert isinstance(reply, Reply) and isinstance(reply.outcome, Written)
    assert reply.outcome.seq == desk.state.journal.next_seq
    assert reply.outcome.stamp_ns > desk.state.clock.issued_ns
    assert laws.whole_fault(again) is None
