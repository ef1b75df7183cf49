"""Taking deltas in: time moves on, elements are joined, the change is kept, told and passed on.

Spec: MCH-3 to MCH-5, MCH-9, HAM-5, HAM-8, SYN-2.
"""

from msgspec.structs import replace

from loomweave.core.clocks import note_applied, observe
from loomweave.core.events import (
    Delta,
    Effect,
    Notify,
    Persist,
    Record,
    Refused,
    Send,
    WakeAt,
)
from loomweave.core.graph import store
from loomweave.core.graph.store import Absorbed, Gate
from loomweave.core.replica.state import Contacts, Journal, State, meta_of
from loomweave.core.sync.frames import Frame

WAKE_DUE = "due"
Step = tuple[State, tuple[Effect, ...]]


def gate_of(state: State, wall_ns: int, peer: str) -> Gate:
    """Say by what a delta from this peer is admitted now. Spec: HAM-3."""
    return Gate(state.clock.horizon_ns, wall_ns, state.config.skew_max_ns, peer)


def advance(state: State, wall_ns: int) -> Step:
    """Let time move on to a reading of the wall clock, and let in what has come due.

    Spec: CLK-2, HAM-5. Every event passes here first, so nothing due waits for its wake.
    """
    clock = observe(state.clock, wall_ns)
    if clock is not state.clock:
        state = State(
            state.config,
            state.identity,
            clock,
            state.graph,
            state.summary,
            state.journal,
            state.contacts,
        )
    return settle(state) if state.graph.waiting else (state, ())


def settle(state: State) -> Step:
    """Let in, in one step, every waiting write that the horizon has reached. Spec: HAM-5."""
    absorbed = store.settle(state.graph, state.clock.horizon_ns)
    if absorbed is None:
        return state, ()
    state, effects = keep(state, absorbed, "")
    return state, (*effects, *wake_for_waiting(state))


def saw(state: State, writer: bytes, seq: int) -> State:
    """Note that a batch was received, if it is the writer's next. Spec: SYN-3."""
    contacts = state.contacts
    if seq != contacts.seen.get(writer, 0) + 1:
        return state
    fresh = Contacts(
        contacts.peers,
        contacts.links,
        contacts.turn,
        contacts.compare_at_ns,
        contacts.seen.set(writer, seq),
        contacts.news.set(writer, seq),
    )
    return State(
        state.config,
        state.identity,
        state.clock,
        state.graph,
        state.summary,
        state.journal,
        fresh,
    )


def keep(state: State, absorbed: Absorbed, source: str) -> Step:
    """Make what was absorbed the state, write it to the journal, tell the feed.

    Spec: MCH-4, MCH-9.
    """
    refused = (
        tuple([Refused(source, refusal) for refusal in absorbed.refusals])
        if absorbed.refusals
        else ()
    )
    if not absorbed.won and not absorbed.parked:
        if absorbed.graph is not state.graph:
            state = replace(state, graph=absorbed.graph)
        return state, refused
    clock, old = state.clock, state.journal
    if absorbed.newest_ns is not None:
        clock = note_applied(clock, absorbed.newest_ns)
    number = old.number + 1 if absorbed.won else old.number
    journal = Journal(old.lsn + 1, old.durable_lsn, old.next_seq, number)
    state = State(
        state.config,
        state.identity,
        clock,
        absorbed.graph,
        state.summary,
        journal,
        state.contacts,
    )
    persist = Persist(journal.lsn, records_of(state, absorbed))
    if not absorbed.won:
        return state, (*refused, persist)
    notify = Notify(number, absorbed.won, absorbed.before, source, journal.lsn)
    return state, (*refused, persist, notify) if refused else (persist, notify)


def records_of(state: State, absorbed: Absorbed) -> tuple[Record, ...]:
    """List what the journal must keep of a change: the meta record first. Spec: MCH-8."""
    if not absorbed.parked:
        return meta_of(state), Delta(state.journal.number, absorbed.won)
    parked = (meta_of(state), Delta(0, absorbed.parked))
    return (*parked, Delta(state.journal.number, absorbed.won)) if absorbed.won else parked


def wake_for_waiting(state: State) -> tuple[WakeAt, ...]:
    """Ask to be woken when the first waiting write comes due. Spec: HAM-5, MCH-5."""
    if not state.graph.waiting:
        return ()
    return (WakeAt(WAKE_DUE, "wall", state.graph.waiting[0].element.stamp_ns),)


def forward(state: State, frame: Frame, source: str) -> tuple[Send, ...]:
    """Pass on to every greeted peer but the one it came from. Spec: SYN-2."""
    peers = tuple([peer for peer in state.contacts.links if peer != source])
    return (Send(peers, frame, state.journal.lsn),) if peers else ()
