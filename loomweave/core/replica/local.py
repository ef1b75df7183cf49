"""Local requests: writes and imports. Spec: MCH-6, MCH-7, GRF-17, SYN-2, SYN-3."""

from msgspec.structs import replace

from loomweave.core.clocks import issue, next_stamp, observe
from loomweave.core.encoding import hash_bytes
from loomweave.core.errors import UsageError
from loomweave.core.events import (
    ENTROPY_BYTES,
    Effect,
    Import,
    Persist,
    Rejected,
    Reply,
    Started,
    WakeAt,
    Write,
    Written,
)
from loomweave.core.graph import store
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import plan
from loomweave.core.persistent import PMap
from loomweave.core.replica.intake import (
    Step,
    forward,
    gate_of,
    keep,
    saw,
    settle,
    wake_for_waiting,
)
from loomweave.core.replica.state import (
    INCARNATION_BYTES,
    WRITER_BYTES,
    Identity,
    Journal,
    State,
    is_journal_behind,
    meta_of,
)
from loomweave.core.sync.frames import Batch

WAKE_COMPARE = "compare"


def writer_of(replica: str, incarnation: bytes) -> bytes:
    """Make the name under which one incarnation of a replica writes. Spec: MCH-6."""
    return hash_bytes(b"writer", replica.encode(), incarnation)[:WRITER_BYTES]


def start(state: State, event: Started) -> Step:
    """Begin: take an identity if there is none, keep it, arm the timers. Spec: MCH-6, MCH-9.

    Which of what was seen the last batch told is not known any more, so the next tells it all.
    """
    assert len(event.entropy) == ENTROPY_BYTES, "the driver gives as much chance as asked for"
    incarnation = state.identity.incarnation
    fresh = event.renew or not incarnation
    if fresh:
        incarnation = event.entropy[:INCARNATION_BYTES]
    state = replace(
        state,
        identity=Identity(
            writer_of(state.config.replica, incarnation),
            incarnation,
            event.entropy[INCARNATION_BYTES:],
        ),
    )
    state, effects = begin_incarnation(state) if fresh else (state, ())
    at_ns = event.mono_ns + state.config.compare_ns
    contacts = replace(state.contacts, compare_at_ns=at_ns, news=state.contacts.seen)
    state = replace(state, contacts=contacts)
    return state, (*effects, WakeAt(WAKE_COMPARE, "mono", at_ns), *wake_for_waiting(state))


def begin_incarnation(state: State) -> Step:
    """Count the batches of a new writer from one, and keep who it is before it says anything.

    Spec: MCH-6, SYN-3. Its first context is all that was seen.
    """
    old = state.journal
    state = replace(
        state,
        journal=Journal(old.lsn + 1, old.durable_lsn, 1, old.number),
        contacts=replace(state.contacts, news=state.contacts.seen),
    )
    return state, (Persist(state.journal.lsn, (meta_of(state),)),)


def renew(state: State) -> Step:
    """Take a new incarnation, for a peer knows batches of ours that we do not. Spec: MCH-6."""
    seed = hash_bytes(b"incarnation", state.identity.spare, state.identity.incarnation)
    incarnation = seed[:INCARNATION_BYTES]
    writer = writer_of(state.config.replica, incarnation)
    identity = Identity(writer, incarnation, seed[INCARNATION_BYTES : 2 * INCARNATION_BYTES])
    return begin_incarnation(replace(state, identity=identity))


def write(state: State, event: Write) -> Step:
    """Make a client's changes as one batch, or none of them. Spec: MCH-7."""
    writer, seq = state.identity.writer, state.journal.next_seq
    assert writer, "a replica writes once it has started"
    if is_journal_behind(state):
        return state, (busy(state, event.request_id),)
    state, told = make_room(state, event.wall_ns)
    try:
        rows, ids = plan(state.graph, event.operations, writer, seq)
    except UsageError as error:
        rejected = Rejected(error.rule, error.subject, error.reason)
        return state, (*told, Reply(event.request_id, rejected, state.journal.lsn))
    if not rows:
        nothing = Written(ids, writer, 0, state.clock.issued_ns)
        return state, (*told, Reply(event.request_id, nothing, state.journal.lsn))
    state = replace(state, clock=issue(state.clock, event.wall_ns))
    part = Part(writer, seq, state.clock.issued_ns, rows)
    context = dict(sorted(state.contacts.news.items()))
    state, effects = put_batch(state, Batch(part, context, state.config.branch))
    written = Written(ids, writer, seq, part.stamp_ns)
    return state, (*told, *effects, Reply(event.request_id, written, state.journal.lsn))


def busy(state: State, request_id: int) -> Reply:
    """Turn a request away because the journal is behind. Spec: MCH-11."""
    reason = "too much awaits durability; ask again later"
    return Reply(request_id, Rejected("MCH-11", "journal", reason), state.journal.lsn)


def make_room(state: State, wall_ns: int) -> Step:
    """Let in the waiting writes that the next own stamp would reach. Spec: CLK-4, HAM-5.

    A stamp may lie a step of the grid above the wall clock. What it makes due is let in before
    the write is planned, and the stamp is then drawn above it. The room is finite, and so is this.
    """
    effects: list[Effect] = []
    while state.graph.waiting:
        first_ns = state.graph.waiting[0].element.stamp_ns
        if first_ns > next_stamp(state.clock, wall_ns):
            break
        state, told = settle(replace(state, clock=observe(state.clock, first_ns)))
        effects += told
    return state, tuple(effects)


def put_batch(state: State, batch: Batch) -> Step:
    """Take in an own batch, count it, and send it to the peers. Spec: SYN-2, SYN-3.

    Our own clock is no peer's, so the skew limit does not apply, also after it was set back.
    """
    part = batch.part
    old, contacts = state.journal, state.contacts
    state = replace(
        state,
        journal=Journal(old.lsn, old.durable_lsn, part.seq + 1, old.number),
        contacts=replace(contacts, seen=contacts.seen.set(part.writer, part.seq), news=PMap()),
    )
    absorbed = store.absorb_part(state.graph, part, gate_of(state, state.clock.horizon_ns, ""))
    assert absorbed.won and not absorbed.parked, "an own write is above all that is held, and due"
    state, effects = keep(state, absorbed, "")
    return state, (*effects, *forward(state, batch, ""))


def load(state: State, event: Import) -> Step:
    """Join the parts of a file, the same wherever and however often it is loaded. Spec: GRF-17."""
    if is_journal_behind(state):
        return state, (busy(state, event.request_id),)
    effects: list[Effect] = []
    for part in event.parts:
        absorbed = store.absorb_part(state.graph, part, gate_of(state, event.wall_ns, ""))
        for refusal in absorbed.refusals:
            rejected = Rejected(refusal.rule, refusal.subject, refusal.reason)
            return state, (*effects, Reply(event.request_id, rejected, state.journal.lsn))
        state, kept = keep(saw(state, part.writer, part.seq), absorbed, "")
        effects += kept
        if absorbed.won or absorbed.parked:
            effects += forward(state, Batch(part, {}, state.config.branch), "")
        if absorbed.parked:
            effects += wake_for_waiting(state)
    last = event.parts[-1] if event.parts else Part(b"", 0, state.config.genesis_ns, {})
    written = Written((), last.writer, last.seq, last.stamp_ns)
    return state, (*effects, Reply(event.request_id, written, state.journal.lsn))
