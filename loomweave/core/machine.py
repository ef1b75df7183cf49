"""The machine: `step(state, event) -> (state, effects)`. Spec: chapter MCH.

This file only routes. Time moves on first; then the event goes to the part of the replica that
it concerns. Effects are in the order in which they must be performed.
"""

from typing import assert_never

from loomweave.core.errors import Refusal
from loomweave.core.events import (
    Connected,
    Disconnected,
    Event,
    Foreign,
    Import,
    Persisted,
    Received,
    Refused,
    Started,
    Wake,
    Write,
)
from loomweave.core.replica.foreign import take_foreign
from loomweave.core.replica.intake import WAKE_DUE, Step, advance, wake_for_waiting
from loomweave.core.replica.local import WAKE_COMPARE, load, start, write
from loomweave.core.replica.reconcile import (
    answer_agreed,
    answer_buckets,
    answer_digest,
    answer_leaves,
    answer_want,
    take_state,
)
from loomweave.core.replica.session import (
    compare,
    connect,
    disconnect,
    greet,
    heed,
    insist,
    take_batch,
)
from loomweave.core.replica.state import Journal, State
from loomweave.core.sync.frames import (
    Agreed,
    Batch,
    Buckets,
    Declined,
    Digest,
    Hello,
    Leaves,
    Want,
)
from loomweave.core.sync.frames import State as StateFrame


def step(state: State, event: Event) -> Step:
    """Advance a replica by one event. Spec: MCH-1."""
    if event.wall_ns <= state.clock.horizon_ns and not state.graph.waiting:
        return route(state, event)  # what `advance` would find, without asking
    state, told = advance(state, event.wall_ns)
    # Most events by far are frames: they take the short way.
    state, effects = receive(state, event) if type(event) is Received else route(state, event)
    return state, ((*told, *effects) if told else effects)


def route(state: State, event: Event) -> Step:
    """Hand an event to the part that it concerns. Spec: MCH-1."""
    match event:
        case Received():
            return receive(state, event)
        case Foreign():
            return take_foreign(state, event)
        case Write():
            return write(state, event)
        case Persisted():
            return persisted(state, event), ()
        case Wake():
            return wake(state, event)
        case Connected():
            return connect(state, event)
        case Disconnected():
            return disconnect(state, event)
        case Import():
            return load(state, event)
        case Started():
            return start(state, event)
        case _:
            assert_never(event)


def receive(state: State, event: Received) -> Step:
    """Hand a frame to the part that it concerns; greeted peers only. Spec: SYN-1, SYN-8."""
    source, frame = event.peer, event.frame
    if type(frame) is Batch and source in state.contacts.links:
        return take_batch(state, source, frame, event.wall_ns)
    match frame:
        case Refusal():
            return state, (Refused(source, frame),)
        case Hello():
            return greet(state, source, frame)
        case Declined():
            return heed(state, source, frame, event.mono_ns)
    if source not in state.contacts.links:
        return insist(state, source)
    match frame:
        case Batch():
            return take_batch(state, source, frame, event.wall_ns)
        case StateFrame():
            return take_state(state, source, frame, event.wall_ns)
        case Digest():
            return answer_digest(state, source, frame)
        case Agreed():
            return answer_agreed(state, source, frame)
        case Buckets():
            return answer_buckets(state, source, frame)
        case Leaves():
            return answer_leaves(state, source, frame)
        case Want():
            return answer_want(state, source, frame)
        case _:
            assert_never(frame)


def wake(state: State, event: Wake) -> Step:
    """Act on a wake whose time has come; one that comes early is asked for again. Spec: MCH-5."""
    match event.key:
        case key if key == WAKE_COMPARE:
            return compare(state, event.mono_ns)
        case key if key == WAKE_DUE:
            return state, wake_for_waiting(state)
        case _:
            raise AssertionError(f"no wake was asked for under {event.key!r}")


def persisted(state: State, event: Persisted) -> State:
    """Note up to where the journal is durable. Spec: MCH-4."""
    old = state.journal
    if event.lsn <= old.durable_lsn:
        return state
    return State(
        state.config,
        state.identity,
        state.clock,
        state.graph,
        state.summary,
        Journal(old.lsn, event.lsn, old.next_seq, old.number),
        state.contacts,
    )
