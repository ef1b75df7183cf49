"""Writes that gateways read from other protocols. Spec: GUN-11."""

from loomweave.core.errors import Refusal
from loomweave.core.events import Effect, Foreign, Refused, Send
from loomweave.core.graph import store
from loomweave.core.graph.store import Absorbed
from loomweave.core.replica.intake import Step, forward, gate_of, keep, wake_for_waiting
from loomweave.core.replica.state import State, is_journal_behind
from loomweave.core.sync.frames import State as StateFrame


def take_foreign(state: State, event: Foreign) -> Step:
    """Take in what has no context, and pass on what was new of it. Spec: GUN-11, SYN-7."""
    if is_journal_behind(state):
        refusal = Refusal("MCH-11", "our journal is behind; offer it again", "", event.wall_ns)
        return state, (Refused(event.peer, refusal),)
    effects: tuple[Effect, ...] = ()
    if event.parts:
        gate = gate_of(state, event.wall_ns, event.peer)
        absorbed = store.absorb_parts(state.graph, event.parts, gate)
        state, effects = take(state, absorbed, event.peer)
    if event.rows:
        gate = gate_of(state, event.wall_ns, event.peer)
        absorbed = store.absorb_rows(state.graph, event.rows, gate)
        state, more = take(state, absorbed, event.peer)
        effects += more
    return state, effects


def take(state: State, absorbed: Absorbed, peer: str) -> Step:
    """Keep what was absorbed, send on what won or waits, ask to be woken for it. Spec: SYN-7."""
    state, effects = keep(state, absorbed, peer)
    if not absorbed.won and not absorbed.parked:
        return state, effects
    sends: tuple[Send, ...] = ()
    if state.contacts.links:
        sends = forward(state, StateFrame(absorbed.won, absorbed.parked), peer)
    return state, (*effects, *sends, *(wake_for_waiting(state) if absorbed.parked else ()))
