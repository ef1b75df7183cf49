"""What keeps replicas alike, written once. Spec: chapter SYN."""

from loomweave.core.errors import Refusal
from loomweave.core.events import Effect, Received, Refused, Send, Wake
from loomweave.core.machine import step
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.replica.state import State, root
from loomweave.core.sync.frames import Agreed, Batch, Digest, Frame
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws.ham import held_rows, received, same_rows

ROUNDS_MAX = 8
"""Frames back and forth within which one comparison must end. Spec: SYN-9."""


def compare(a: State, b: State, wall_ns: int, mono_ns: int) -> tuple[State, State, str | None]:
    """Let `a` compare itself with `b` over a link that loses nothing, or say what went wrong.

    Spec: SYN-5 to SYN-7, SYN-9.
    """
    states = {a.config.replica: a, b.config.replica: b}
    name_a, name_b = states
    going: list[tuple[str, str, Frame]] = []
    for _ in a.contacts.links:  # each wake compares with one peer in turn
        states[name_a], effects = step(states[name_a], Wake(wall_ns, mono_ns, WAKE_COMPARE))
        going = going or sent(name_a, name_b, effects)
        mono_ns += a.config.compare_ns
    for _ in range(ROUNDS_MAX):
        arriving, going = going, []
        for source, target, frame in arriving:
            after, effects = step(states[target], Received(wall_ns, mono_ns, source, frame))
            states[target] = after
            for effect in effects:
                if isinstance(effect, Refused):
                    return states[name_a], states[name_b], effect.refusal.reason
            going += sent(target, source, effects)
        if not going:
            return states[name_a], states[name_b], None
    return states[name_a], states[name_b], "the comparison does not end"


def sent(source: str, target: str, effects: tuple[Effect, ...]) -> list[tuple[str, str, Frame]]:
    """List the frames that effects send from one replica to another, in order. Spec: SYN-2."""
    return [
        (source, target, effect.frame)
        for effect in effects
        if isinstance(effect, Send) and target in effect.peers
    ]


def comparison_completes(a: State, b: State, wall_ns: int, mono_ns: int) -> str | None:
    """SYN-5 to SYN-7: after one comparison without loss both have received the same, or why not.

    Both must know each other, and nothing may be refused. Spec: SYN-4, SYN-5, SYN-6, SYN-7.
    """
    a, b, fault = compare(a, b, wall_ns, mono_ns)
    if fault is not None:
        return fault
    if root(a) != root(b):
        return "the roots differ after a comparison"
    if not same_rows(received(a.graph), received(b.graph)):
        return "the roots are equal and what was received is not"
    return None


def answers(state: State, source: str, frame: Frame | Refusal, wall_ns: int) -> list[Send]:
    """List what a frame makes a replica send. Spec: SYN-2, SYN-9."""
    _, effects = step(state, Received(wall_ns, 0, source, frame))
    return [effect for effect in effects if isinstance(effect, Send)]


def forwards_only_news(state: State, source: str, batch: Batch, wall_ns: int) -> bool:
    """SYN-2: a batch goes on whole, to all greeted peers but its bringer, if it was news.

    Spec: SYN-2, SYN-9, HAM-8.
    """
    state, _ = step(state, Wake(wall_ns, 0, WAKE_DUE))
    after, effects = step(state, Received(wall_ns, 0, source, batch))
    on = [e for e in effects if isinstance(e, Send) and isinstance(e.frame, Batch)]
    others = tuple(name for name in state.contacts.links if name != source)
    was_news = (held_rows(after.graph), after.graph.waiting) != (
        held_rows(state.graph),
        state.graph.waiting,
    )
    if was_news and others:
        return [(send.peers, send.frame) for send in on] == [(others, batch)]
    return not on


def repetition_is_silent(state: State, source: str, batch: Batch, wall_ns: int) -> bool:
    """SYN-9: a batch that comes again changes nothing, and nobody hears of it, if it was taken.

    Spec: SYN-2, SYN-9.
    """
    event = Received(wall_ns, 0, source, batch)
    after, effects = step(state, event)
    if any(isinstance(effect, Refused) for effect in effects):
        return True
    again, silence = step(after, event)
    return silence == () and root(again) == root(after)


def is_content(frame: Frame) -> bool:
    """Tell frames that carry elements from those that only compare. Spec: SYN-9."""
    return isinstance(frame, (Batch, StateFrame))


def is_idle_talk(frame: Frame) -> bool:
    """Tell what equal replicas may say to each other: digests, and vectors. Spec: SYN-9."""
    return isinstance(frame, (Digest, Agreed))
