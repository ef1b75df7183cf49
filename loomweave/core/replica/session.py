"""The session with one peer: hello first, then batches, then nobody is left alone for long.

Spec: SYN-1 to SYN-4, SYN-8. Both sides run this; it does not know who dialled.
"""

from msgspec.structs import replace

from loomweave.core.errors import Refusal
from loomweave.core.events import Connected, Disconnected, Effect, Refused, Send, WakeAt
from loomweave.core.graph import store
from loomweave.core.replica.intake import (
    Step,
    forward,
    gate_of,
    keep,
    saw,
    wake_for_waiting,
)
from loomweave.core.replica.local import WAKE_COMPARE, renew
from loomweave.core.replica.reconcile import digest_to
from loomweave.core.replica.state import (
    QUIET_NS,
    QUIET_NS_MAX,
    Contacts,
    Peer,
    State,
    behind,
    is_journal_behind,
)
from loomweave.core.sync.frames import (
    PROTOCOL_VERSION,
    Batch,
    Declined,
    Hello,
)


def connect(state: State, event: Connected) -> Step:
    """Say hello to a peer that can be reached now. Spec: SYN-1."""
    peer = Peer(False, event.mono_ns, QUIET_NS, False)
    state = with_peer(state, event.peer, peer)
    return state, (hello_to(state, event.peer, answer=True),)


def disconnect(state: State, event: Disconnected) -> Step:
    """Forget a peer that cannot be reached. Spec: SYN-1."""
    if event.peer not in state.contacts.peers:
        return state, ()
    peers = state.contacts.peers.delete(event.peer)
    links = tuple(name for name in state.contacts.links if name != event.peer)
    return replace(state, contacts=replace(state.contacts, peers=peers, links=links)), ()


def with_peer(state: State, name: str, peer: Peer) -> State:
    """Return the state with what is known of a peer, and its place among the links."""
    contacts = state.contacts
    peers = contacts.peers.set(name, peer)
    links = tuple(link for link in contacts.links if link != name)
    if peer.greeted:
        links = tuple(sorted((*links, name)))
    fresh = Contacts(
        peers, links, contacts.turn, contacts.compare_at_ns, contacts.seen, contacts.news
    )
    return replace(state, contacts=fresh)


def hello_to(state: State, peer: str, answer: bool) -> Send:
    """Build the hello for a peer. Spec: SYN-1."""
    config = state.config
    hello = Hello(PROTOCOL_VERSION, config.replica, config.salt, config.branch, answer)
    return Send((peer,), hello, state.journal.lsn)


def greet(state: State, name: str, hello: Hello) -> Step:
    """Let a peer in if it speaks our protocol and of our graph. Spec: SYN-1."""
    if (refusal := hello_fault(state, hello)) is not None:
        declined = Send((name,), Declined(refusal), state.journal.lsn)
        return state, (Refused(name, refusal), declined)
    peer = state.contacts.peers.get(name, Peer(False, 0, QUIET_NS, False))
    was_greeted = peer.greeted
    state = with_peer(state, name, replace(peer, greeted=True))
    effects: list[Effect] = [hello_to(state, name, answer=False)] if hello.answer else []
    if not was_greeted or hello.answer:
        state, sends = digest_to(state, name)
        effects += sends
    return state, tuple(effects)


def hello_fault(state: State, hello: Hello) -> Refusal | None:
    """Say why a hello is declined, or None. Spec: SYN-1."""
    if hello.version != PROTOCOL_VERSION:
        reason = f"protocol version {hello.version}, ours is {PROTOCOL_VERSION}; update one side"
        return Refusal("SYN-1", reason, hello.replica)
    if hello.salt != state.config.salt:
        return Refusal("SYN-1", "it holds another graph; import converts", hello.replica)
    if hello.branch != state.config.branch:
        return Refusal("SYN-1", f"it syncs branch {hello.branch!r}, we another", hello.replica)
    if hello.replica == state.config.replica:
        return Refusal("SYN-1", "it has our own name; names are unique in a graph", hello.replica)
    return None


def insist(state: State, peer: str) -> Step:
    """Turn away a frame that came before any hello, and ask for one. Spec: SYN-1."""
    refusal = Refusal("SYN-1", "a frame came before the hello", peer)
    return state, (Refused(peer, refusal), hello_to(state, peer, answer=True))


def take_batch(state: State, source: str, batch: Batch, wall_ns: int) -> Step:
    """Take in a batch; pass it on whole if anything in it was new here.

    Spec: SYN-2, SYN-3, SYN-8.
    """
    part = batch.part
    if 0 < part.seq <= state.contacts.seen.get(part.writer, 0):
        return state, ()
    if is_journal_behind(state):
        refusal = behind(wall_ns)
        answer = Send((source,), Declined(refusal, part.writer), state.journal.lsn)
        return state, (Refused(source, refusal), answer)
    if batch.branch != state.config.branch:
        return state, (Refused(source, Refusal("SYN-2", f"batch of branch {batch.branch!r}")),)
    told: tuple[Effect, ...] = ()
    if part.writer == state.identity.writer and part.seq >= state.journal.next_seq:
        state, told = renew(state)
    absorbed = store.absorb_part(state.graph, part, gate_of(state, wall_ns, source))
    if absorbed.refusals:
        declined = Declined(absorbed.refusals[0], part.writer)
        state, effects = keep(state, absorbed, source)
        return state, (*told, *effects, Send((source,), declined, state.journal.lsn))
    state = saw(state, part.writer, part.seq)
    if not absorbed.won and not absorbed.parked:
        return state, told
    state, effects = keep(state, absorbed, source)
    effects = (*effects, *forward(state, batch, source))
    if absorbed.parked:
        effects += wake_for_waiting(state)
    return state, (told + effects if told else effects)


def heed(state: State, name: str, declined: Declined, mono_ns: int) -> Step:
    """Leave a peer that declined alone for a while, and suspect our clock if it does.

    Spec: SYN-8.
    """
    effects = (Refused(name, declined.refusal),)
    peer = state.contacts.peers.get(name)
    if peer is None or declined.refusal.retry_at_ns is None:
        return state, effects
    ours = declined.writer == state.identity.writer and declined.refusal.rule == "CLK-5"
    quiet_ns = min(peer.quiet_ns * 2, QUIET_NS_MAX)
    fresh = Peer(peer.greeted, mono_ns + peer.quiet_ns, quiet_ns, peer.distrusts_clock or ours)
    return with_peer(state, name, fresh), effects


def compare(state: State, mono_ns: int) -> Step:
    """Send a digest to the next peer in turn, and a hello to those who never answered.

    Spec: SYN-5.
    """
    contacts = state.contacts
    if mono_ns < contacts.compare_at_ns:
        return state, (WakeAt(WAKE_COMPARE, "mono", contacts.compare_at_ns),)
    effects: list[Effect] = [
        hello_to(state, name, answer=True)
        for name in sorted(contacts.peers)
        if not contacts.peers[name].greeted
    ]
    ready = [name for name in contacts.links if contacts.peers[name].quiet_until_ns <= mono_ns]
    at_ns = mono_ns + state.config.compare_ns
    turn = contacts.turn
    fresh = replace(contacts, turn=turn + 1, compare_at_ns=at_ns)
    state = replace(state, contacts=fresh)
    if ready:
        state, sends = digest_to(state, ready[turn % len(ready)])
        effects += sends
    return state, (*effects, WakeAt(WAKE_COMPARE, "mono", at_ns))
