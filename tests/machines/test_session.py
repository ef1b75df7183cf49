"""Starting, greeting, declining, comparing. Spec: MCH-5, MCH-6, SYN-1, SYN-4, SYN-5, SYN-8."""

import pytest
from msgspec.structs import replace

from loomweave.core.errors import Refusal, UsageError
from loomweave.core.events import (
    Connected,
    Disconnected,
    Meta,
    Persist,
    Refused,
    Started,
    WakeAt,
    Write,
    Written,
)
from loomweave.core.graph.operations import PutNode
from loomweave.core.lattices.register import Element
from loomweave.core.machine import step
from loomweave.core.replica import reconcile
from loomweave.core.replica.local import WAKE_COMPARE, writer_of
from loomweave.core.replica.state import (
    COMPARE_NS,
    QUIET_NS,
    QUIET_NS_MAX,
    Config,
    graph_salt,
    initial,
    root,
    status_of,
)
from loomweave.core.sync.frames import (
    Agreed,
    Batch,
    Buckets,
    Declined,
    Digest,
    Frame,
    Hello,
    Leaves,
    Want,
)
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws import machine as laws
from tests.machines.desk import ENTROPY, KEY, WALL_NS, Desk, batch, frames, hello, refusals


def test_start() -> None:
    """MCH-5, MCH-6: an identity is kept before anything is said under it; a timer is set."""
    desk = Desk()
    assert desk.state.identity.writer == writer_of("me", ENTROPY[:8])
    assert [len(entry) for entry in desk.records] == [1]
    before = desk.state.identity
    assert desk.do(Started(WALL_NS, 0, b"x" * 16)) == (WakeAt(WAKE_COMPARE, "mono", COMPARE_NS),)
    assert desk.state.identity.writer == before.writer
    desk.write(PutNode("a"))
    desk.do(Started(WALL_NS, 0, b"y" * 16, renew=True))
    assert desk.state.identity.writer != before.writer
    outcome = desk.write(PutNode("b"))
    assert isinstance(outcome, Written)
    assert (outcome.seq, outcome.writer) == (1, desk.state.identity.writer)


def test_start_takes_as_much_chance_as_it_needs() -> None:
    """MCH-6: a driver that gives less is at fault."""
    with pytest.raises(AssertionError):
        step(initial(Config("me")), Started(0, 0, b"short"))
    with pytest.raises(AssertionError):
        step(initial(Config("me")), Write(0, 0, 1, (PutNode("a"),)))
    with pytest.raises(UsageError, match="16 bytes"):
        Config("me", salt=b"short")


def test_a_later_batch_of_ours_begins_a_new_incarnation() -> None:
    """MCH-6: whichever way we hear of it, and it is persisted before anything is said."""
    for frame in (
        lambda own: batch(7, 1, WALL_NS, own),
        lambda own: Agreed({own: 7}),
        lambda own: StateFrame({KEY: {"p": Element(WALL_NS, 1, own, 7)}}, {}),
        lambda own: StateFrame({}, {KEY: {"p": Element(WALL_NS + 5, 1, own, 7)}}),
    ):
        desk = Desk("me", "peer")
        desk.write(PutNode("b"))
        own = desk.state.identity.writer
        effects = desk.hear("peer", frame(own))
        assert desk.state.identity.writer != own
        assert desk.state.journal.next_seq == 1
        assert isinstance(effects[0], Persist)
        assert isinstance(effects[0].records[0], Meta)
        again, _ = desk.again()
        assert again.identity.writer == desk.state.identity.writer
        outcome = desk.write(PutNode("c"))
        assert isinstance(outcome, Written) and outcome.seq == 1
        assert laws.recovery_fault(desk.state, desk.again()[0]) is None


def test_two_renewals_give_two_writers() -> None:
    """MCH-6: chance that is left over from the start is spent step by step."""
    desk = Desk("me", "peer")
    seen = {desk.state.identity.writer}
    for _ in range(3):
        desk.hear("peer", Agreed({desk.state.identity.writer: 9}))
        seen.add(desk.state.identity.writer)
    assert len(seen) == 4


def test_contexts() -> None:
    """SYN-3: what changed in our vector since our last batch; the first tells all of it."""
    desk = Desk("me", "peer")
    contexts: list[dict[bytes, int]] = []

    def write_one() -> None:
        effects = desk.do(Write(WALL_NS, 0, 1, (PutNode(f"n{len(contexts)}"),)))
        sent = [frame for _, frame in frames(effects) if isinstance(frame, Batch)]
        contexts.append(sent[0].context)

    desk.hear("peer", batch(1, 1, writer=b"w"))
    write_one()
    desk.hear("peer", batch(1, 2, writer=b"v"))
    write_one()
    write_one()
    old = desk.state.identity.writer
    desk.do(Started(WALL_NS, 0, b"z" * 16, renew=True))
    write_one()
    assert contexts == [{b"w": 1}, {b"v": 1}, {}, {b"v": 1, b"w": 1, old: 3}]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": 2}, "version 2"),
        ({"salt": graph_salt("other")}, "another graph"),
        ({"branch": "draft"}, "'draft'"),
        ({"replica": "me"}, "own name"),
    ],
    ids=str,
)
def test_foreign_hellos_are_declined(changes: dict[str, object], says: str) -> None:
    """SYN-1: with a sentence, and the peer is not let in."""
    desk = Desk()
    desk.do(Connected(WALL_NS, 0, "peer"))
    effects = desk.hear("peer", replace(hello(), **changes))
    assert [(r.rule, r.retry_at_ns) for r in refusals(effects)] == [("SYN-1", None)]
    assert says in refusals(effects)[0].reason
    assert frames(effects) == [(("peer",), Declined(refusals(effects)[0]))]
    assert desk.state.contacts.links == ()
    assert frames(desk.hear("peer", batch(1)))[0][1] == hello("me", answer=True)


def test_frames_before_the_hello() -> None:
    """SYN-1: refused and answered with a hello; nothing is taken."""
    desk = Desk()
    desk.do(Connected(WALL_NS, 0, "peer"))
    talk: list[Frame] = [batch(1), Digest(b"", b""), Agreed({}), Buckets(b""), Leaves((), {})]
    talk += [Want(()), StateFrame({KEY: {"p": Element(1, 1, b"w", 1)}}, {})]
    for frame in talk:
        effects = desk.hear("peer", frame)
        assert [refusal.rule for refusal in refusals(effects)] == ["SYN-1"]
        assert frames(effects) == [(("peer",), hello("me", answer=True))]
    assert len(desk.state.graph.held) == 0


def test_greeting() -> None:
    """SYN-1, SYN-5: a hello that asks is answered, and each is followed by one digest."""
    desk = Desk()
    assert frames(desk.do(Connected(WALL_NS, 0, "peer"))) == [(("peer",), hello("me", answer=True))]
    asked = frames(desk.hear("peer", hello(answer=True)))
    assert [type(frame) for _, frame in asked] == [Hello, Digest]
    assert frames(desk.hear("peer", hello())) == []
    assert status_of(desk.state).peers_greeted == 1
    desk.do(Disconnected(WALL_NS, 0, "peer"))
    desk.do(Disconnected(WALL_NS, 0, "peer"))
    assert status_of(desk.state).peers_connected == 0


def test_unanswered_hellos_are_said_again() -> None:
    """SYN-1: at each comparison."""
    desk = Desk("me", "friend")
    desk.do(Connected(WALL_NS, 0, "peer"))
    desk.mono_ns = COMPARE_NS
    said = frames(desk.wake(WAKE_COMPARE))
    assert said[0] == (("peer",), hello("me", answer=True))
    assert [(peers, type(frame)) for peers, frame in said[1:]] == [(("friend",), Digest)]


def test_bytes_that_were_no_frame() -> None:
    """MCH-2, SYN-8: the refusal of the decoder is reported."""
    desk = Desk("me", "peer")
    refusal = Refusal("WIR-1", "no frame")
    assert desk.hear("peer", refusal) == (Refused("peer", refusal),)


def test_who_declined_is_left_alone_for_a_while() -> None:
    """SYN-8: one second, then two, up to half a minute, until both agree again."""
    desk = Desk("me", "a")
    declined = Declined(Refusal("HAM-9", "full", retry_at_ns=1))
    waits = []
    for _ in range(7):
        desk.hear("a", declined)
        peer = desk.state.contacts.peers["a"]
        waits.append(peer.quiet_until_ns - desk.mono_ns)
        desk.mono_ns = peer.quiet_until_ns
    assert waits == [QUIET_NS << min(n, 5) for n in range(7)]
    assert waits[-1] == QUIET_NS_MAX
    desk.hear("a", declined)
    desk.mono_ns += QUIET_NS
    assert [type(effect) for effect in desk.wake(WAKE_COMPARE)] == [WakeAt]
    desk.hear("a", Agreed({}))
    desk.mono_ns += COMPARE_NS
    assert [type(frame) for _, frame in frames(desk.wake(WAKE_COMPARE))] == [Digest]


def test_what_never_succeeds_is_only_reported() -> None:
    """SYN-8: without an instant to try again nothing is put off."""
    desk = Desk("me", "a")
    before = desk.state.contacts
    assert len(desk.hear("a", Declined(Refusal("SYN-1", "no")))) == 1
    assert len(desk.hear("stranger", Declined(Refusal("CLK-5", "no", retry_at_ns=1)))) == 1
    assert desk.state.contacts is before


def test_clock_suspect() -> None:
    """CLK-6: while a peer declines our own writes by CLK-5, and until it holds what we hold."""
    desk = Desk("me", "a")
    refusal = Refusal("CLK-5", "ahead", retry_at_ns=1)
    desk.hear("a", Declined(refusal, b"somebody else"))
    assert not status_of(desk.state).clock_suspect
    desk.hear("a", Declined(refusal, desk.state.identity.writer))
    desk.hear("a", Declined(Refusal("HAM-9", "full", retry_at_ns=1), b""))
    assert status_of(desk.state).clock_suspect
    digest = Digest(root(desk.state), reconcile.seen_id(desk.state))
    assert desk.hear("a", digest) == ()
    assert not status_of(desk.state).clock_suspect


@pytest.mark.parametrize("rule", ["HAM-9", "MCH-11", "SYN-8"])
def test_another_refusal_does_not_suspect_the_clock(rule: str) -> None:
    """CLK-6: a peer that is full or busy declines our own writes and says nothing of our clock."""
    desk = Desk("me", "a")
    own = desk.state.identity.writer
    desk.hear("a", Declined(Refusal(rule, "later", retry_at_ns=1), own))
    assert desk.state.contacts.peers["a"].quiet_until_ns > 0
    assert not status_of(desk.state).clock_suspect
    desk.hear("a", Declined(Refusal("CLK-5", "ahead", retry_at_ns=1), own))
    assert status_of(desk.state).clock_suspect


def test_each_peer_in_turn() -> None:
    """SYN-5, MCH-5: one digest a comparison; a wake that comes early is asked for again."""
    desk = Desk("me", "a", "b", "c")
    assert desk.wake(WAKE_COMPARE) == (WakeAt(WAKE_COMPARE, "mono", COMPARE_NS),)
    asked = []
    for _ in range(6):
        desk.mono_ns += COMPARE_NS
        asked += [peers for peers, _ in frames(desk.wake(WAKE_COMPARE))]
    assert asked == [("a",), ("b",), ("c",)] * 2
    with pytest.raises(AssertionError, match="no wake was asked for"):
        desk.wake("nothing")


def test_agreed() -> None:
    """SYN-4: equal roots, other vectors: the one who notices says so, the other takes over."""
    desk = Desk("me", "a")
    desk.hear("a", batch(2))
    digest = Digest(root(desk.state), b"other")
    assert frames(desk.hear("a", digest)) == [(("a",), Agreed({}))]
    desk.hear("a", Agreed({b"w": 2, b"v": 1, b"x": 2**64}))
    assert dict(desk.state.contacts.seen) == {b"w": 2, b"v": 1}
    assert desk.hear("a", batch(2)) == ()
    desk.hear("a", Agreed({b"w": 1}))
    assert desk.state.contacts.seen[b"w"] == 2
    assert reconcile.seen_id(desk.state)


def test_malformed_comparisons() -> None:
    """MCH-2, SYN-6: refused by rule; nothing is answered."""
    desk = Desk("me", "a")
    for frame in (Buckets(b"short"), Leaves((256,), {}), Leaves((-1,), {})):
        effects = desk.hear("a", frame)
        assert [refusal.rule for refusal in refusals(effects)] == ["SYN-6"]
        assert frames(effects) == []
    assert desk.hear("a", Want(("nothing", "here"))) == ()
    assert desk.hear("a", StateFrame({}, {})) == ()
