"""Reconciliation: two replicas find out what each lacks, from the root down. Spec: SYN-4 to SYN-7.

    digest -> (roots differ) buckets -> leaves -> state and want -> state

Each answer depends on the frame it answers and on the state alone, so any of them may be lost,
doubled or late; the next comparison begins anew.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from loomweave.core.encoding import hash_bytes
from loomweave.core.errors import Refusal
from loomweave.core.events import Effect, Refused, Send
from loomweave.core.graph import store
from loomweave.core.graph.waiting import rows_of
from loomweave.core.lattices.register import SEQ_MAX, Row, Rows
from loomweave.core.replica.intake import Step, forward, gate_of, keep, wake_for_waiting
from loomweave.core.replica.local import renew
from loomweave.core.replica.state import (
    QUIET_NS,
    Peer,
    State,
    behind,
    is_journal_behind,
    with_digest,
)
from loomweave.core.sync.digest import (
    BUCKET_COUNT,
    differing_buckets,
    leaves_in,
    root_of,
    sums_bytes,
)
from loomweave.core.sync.frames import Agreed, Buckets, Declined, Digest, Frame, Leaves, Want
from loomweave.core.sync.frames import State as StateFrame

STATE_FIELDS_MAX: Final = 4_000
"""Most elements in one frame of state. Spec: SYN-7."""
LEAVES_MAX: Final = 4_000
"""Most entities in one frame of leaves or wants, past the first bucket. Spec: SYN-6."""


def seen_id(state: State) -> bytes:
    """Hash the version vector. Spec: SYN-4."""
    parts: list[bytes] = []
    for writer, seq in sorted(state.contacts.seen.items()):
        parts += (writer, seq.to_bytes(8, "big"))
    return hash_bytes(b"seen", *parts)[:8]


def digest_to(state: State, peer: str) -> tuple[State, tuple[Send, ...]]:
    """Send a peer the root of all we received. Spec: SYN-5."""
    state = with_digest(state)
    return state, (_send(state, peer, Digest(root_of(state.summary), seen_id(state))),)


def _send(state: State, peer: str, frame: Frame) -> Send:
    return Send((peer,), frame, state.journal.lsn)


def answer_digest(state: State, peer: str, digest: Digest) -> Step:
    """Agree where roots are equal, else show the buckets. Spec: SYN-4, SYN-5, SYN-6."""
    state = with_digest(state)
    if digest.root != root_of(state.summary):
        return state, (_send(state, peer, Buckets(sums_bytes(state.summary))),)
    state = reconciled(state, peer)
    if digest.seen_id == seen_id(state):
        return state, ()
    return state, (_send(state, peer, Agreed(dict(sorted(state.contacts.seen.items())))),)


def reconciled(state: State, name: str) -> State:
    """Forget that a peer declined: it holds what we hold. Spec: SYN-8."""
    peer = state.contacts.peers[name]
    if peer.quiet_ns == QUIET_NS and not peer.distrusts_clock:
        return state
    peers = state.contacts.peers.set(name, Peer(peer.greeted, 0, QUIET_NS, False))
    return replace(state, contacts=replace(state.contacts, peers=peers))


def answer_agreed(state: State, peer: str, agreed: Agreed) -> Step:
    """Take over what an equal replica had seen; find out if it knows more of us than we do.

    Spec: SYN-4. The peer's vector covers what it held when our roots were equal, and everything
    received is kept, so it is covered here as well.
    """
    state = reconciled(state, peer)
    seen = state.contacts.seen
    grown = {w: n for w, n in agreed.seen.items() if seen.get(w, 0) < n <= SEQ_MAX}
    effects: tuple[Effect, ...] = ()
    if grown.get(state.identity.writer, 0) >= state.journal.next_seq:
        state, effects = renew(state)
    if grown:
        contacts = state.contacts
        fresh = replace(
            contacts, seen=contacts.seen.update(grown), news=contacts.news.update(grown)
        )
        state = replace(state, contacts=fresh)
    return state, effects


def answer_buckets(state: State, peer: str, buckets: Buckets) -> Step:
    """Show our leaves of the buckets that differ, a bounded number a frame. Spec: SYN-6."""
    state = with_digest(state)
    differing = differing_buckets(state.summary, buckets.sums)
    if differing is None:
        return state, (Refused(peer, Refusal("SYN-6", "sums of buckets of a wrong size", peer)),)
    return state, tuple(_send(state, peer, frame) for frame in _leaf_frames(state, differing))


def _leaf_frames(state: State, differing: tuple[int, ...]) -> Iterator[Leaves]:
    group: list[int] = []
    size = 0
    for bucket in differing:
        count = len(state.summary.leaves[bucket])
        if group and size + count > LEAVES_MAX:
            yield Leaves(tuple(group), leaves_in(state.summary, tuple(group)))
            group, size = [], 0
        group.append(bucket)
        size += count
    if group:
        yield Leaves(tuple(group), leaves_in(state.summary, tuple(group)))


def answer_leaves(state: State, peer: str, theirs: Leaves) -> Step:
    """Send the entities that differ, and ask for the peer's of the same. Spec: SYN-7."""
    if not all(0 <= bucket < BUCKET_COUNT for bucket in theirs.buckets):
        return state, (Refused(peer, Refusal("SYN-6", "a bucket that does not exist", peer)),)
    state = with_digest(state)
    mine = leaves_in(state.summary, theirs.buckets)
    have = sorted(entity for entity in mine if theirs.leaves.get(entity) != mine[entity])
    want = sorted(entity for entity in theirs.leaves if mine.get(entity) != theirs.leaves[entity])
    sends = [_send(state, peer, frame) for frame in state_frames(state, have)]
    for at in range(0, len(want), LEAVES_MAX):
        sends.append(_send(state, peer, Want(tuple(want[at : at + LEAVES_MAX]))))
    return state, tuple(sends)


def answer_want(state: State, peer: str, want: Want) -> Step:
    """Send what we have of the entities asked for. Spec: SYN-7."""
    frames = state_frames(state, sorted(want.entities[:LEAVES_MAX]))
    return state, tuple(_send(state, peer, frame) for frame in frames)


def state_frames(state: State, entities: list[str]) -> Iterator[StateFrame]:
    """Write entities into frames of bounded size; what waits travels beside what is held."""
    waiting = rows_of(state.graph.waiting)
    rows: Rows = {}
    early: Rows = {}
    size = 0
    for entity in entities:
        held, waits = _row(state.graph.held, entity), _row(waiting, entity)
        if not held and not waits:
            continue
        if size and size + len(held) + len(waits) > STATE_FIELDS_MAX:
            yield StateFrame(rows, early)
            rows, early, size = {}, {}, 0
        if held:
            rows[entity] = held
        if waits:
            early[entity] = waits
        size += len(held) + len(waits)
    if size:
        yield StateFrame(rows, early)


def _row(table: Mapping[str, Row], entity: str) -> Row:
    return table.get(entity, {})


def take_state(state: State, source: str, frame: StateFrame, wall_ns: int) -> Step:
    """Take in elements a peer sent because we lacked them; pass on those that were new.

    Spec: SYN-7.
    """
    if is_journal_behind(state):
        refusal = behind(wall_ns)
        return state, (Refused(source, refusal), _send(state, source, Declined(refusal)))
    effects: list[Effect] = []
    for rows in (frame.rows, frame.early):
        if not rows:
            continue
        absorbed = store.absorb_rows(state.graph, rows, gate_of(state, wall_ns, source))
        if is_of_later_self(state, absorbed.won) or is_of_later_self(state, absorbed.parked):
            state, told = renew(state)
            effects += told
        state, kept = keep(state, absorbed, source)
        effects += kept
        if absorbed.won or absorbed.parked:
            effects += forward(state, StateFrame(absorbed.won, absorbed.parked), source)
        if absorbed.parked:
            effects += wake_for_waiting(state)
        for refusal in absorbed.refusals:
            effects.append(_send(state, source, Declined(refusal)))
    return state, tuple(effects)


def is_of_later_self(state: State, rows: Rows) -> bool:
    """Tell whether elements bear our name and a number that we have not given yet. Spec: MCH-6."""
    writer, next_seq = state.identity.writer, state.journal.next_seq
    return any(
        element.seq >= next_seq and element.writer == writer
        for fields in rows.values()
        for element in fields.values()
    )
