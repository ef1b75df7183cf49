"""The leading edge: the first change leaves at once, a burst is joined. Spec: SYN-13 to SYN-15.

Changes are counted, and what is sent is a span of counts, so that nothing can be lost or sent twice
without a number that shows it.
"""

from typing import Final, assert_never

import msgspec

WINDOW_NS: Final = 100_000_000
"""Changes that follow one another within this time are sent together. Spec: SYN-13."""
WAIT_NS_MAX: Final = 200_000_000
"""Longest time that a change may wait, however long the burst. Spec: SYN-15."""


class Timing(msgspec.Struct, frozen=True, gc=False):
    """How long changes are held back. Spec: SYN-13, SYN-15."""

    window_ns: int = WINDOW_NS
    wait_ns_max: int = WAIT_NS_MAX


DEFAULT_TIMING: Final = Timing()


class Window(msgspec.Struct, frozen=True, gc=False):
    """Something was sent a short while ago. Spec: SYN-13."""

    ends_ns: int
    """When it will have been quiet for long enough."""
    latest_ns: int
    """How far `ends_ns` may be put off at most."""


class Outbox(msgspec.Struct, frozen=True, gc=False):
    """What is to be sent on one link. Spec: SYN-14."""

    sent: int
    """Number of the last change that was sent."""
    head: int
    """Number of the last change."""
    window: Window | None
    """None where it is quiet: the next change leaves at once."""


EMPTY: Final = Outbox(0, 0, None)


class Changed(msgspec.Struct, frozen=True, gc=False):
    """One more change is to be sent. Spec: SYN-13."""

    mono_ns: int


class Wake(msgspec.Struct, frozen=True, gc=False):
    """The time that was asked for may have come. Spec: SYN-13."""

    mono_ns: int


class Flush(msgspec.Struct, frozen=True, gc=False):
    """All must leave now, for instance before a link is closed. Spec: SYN-14."""

    mono_ns: int


Event = Changed | Wake | Flush


class Span(msgspec.Struct, frozen=True, gc=False):
    """The changes to send: those after one number, up to another. Spec: SYN-14."""

    after: int
    upto: int


class Step(msgspec.Struct, frozen=True, gc=False):
    """The outbox afterwards, what to send, and when to be woken. Spec: SYN-13."""

    outbox: Outbox
    send: Span | None
    wake_ns: int | None


def is_pending(outbox: Outbox) -> bool:
    """Tell whether something waits to be sent. Spec: SYN-14."""
    return outbox.sent < outbox.head


def release(sent: int, head: int, mono_ns: int, timing: Timing) -> Step:
    """Send all up to the head; with it a window begins. Spec: SYN-13, SYN-14."""
    ends_ns = mono_ns + min(timing.window_ns, timing.wait_ns_max)
    window = Window(ends_ns, mono_ns + timing.wait_ns_max)
    return Step(Outbox(head, head, window), Span(sent, head), ends_ns)


def change(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Send a change, or let it wait in the window. Spec: SYN-13, SYN-15."""
    window = outbox.window
    if window is None or mono_ns >= window.ends_ns:
        return release(outbox.sent, outbox.head + 1, mono_ns, timing)
    ends_ns = min(mono_ns + timing.window_ns, window.latest_ns)
    ends_ns = max(ends_ns, window.ends_ns)
    return Step(
        Outbox(outbox.sent, outbox.head + 1, Window(ends_ns, window.latest_ns)), None, ends_ns
    )


def wake(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Send what waited, or find that it is quiet; a wake that is early changes nothing.

    Spec: SYN-13, SYN-15.
    """
    window = outbox.window
    if window is None:
        return Step(outbox, None, None)
    if mono_ns < window.ends_ns:
        return Step(outbox, None, window.ends_ns)
    if is_pending(outbox):
        return release(outbox.sent, outbox.head, mono_ns, timing)
    return Step(Outbox(outbox.sent, outbox.head, None), None, None)


def flush(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Send what waits, now. Spec: SYN-14."""
    if is_pending(outbox):
        return release(outbox.sent, outbox.head, mono_ns, timing)
    return Step(outbox, None, None if outbox.window is None else outbox.window.ends_ns)


def step(outbox: Outbox, event: Event, timing: Timing) -> Step:
    """Advance an outbox by one event. Spec: SYN-13, SYN-14, SYN-15."""
    match event:
        case Changed():
            return change(outbox, event.mono_ns, timing)
        case Wake():
            return wake(outbox, event.mono_ns, timing)
        case Flush():
            return flush(outbox, event.mono_ns, timing)
        case _:
            assert_never(event)


def is_sound(outbox: Outbox) -> bool:
    """Tell whether an outbox is one that can come about: what waits has a window. Spec: SYN-14."""
    if outbox.window is None:
        return outbox.sent == outbox.head
    return outbox.sent <= outbox.head and outbox.window.ends_ns <= outbox.window.latest_ns
