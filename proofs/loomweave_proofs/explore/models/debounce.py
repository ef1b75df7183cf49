"""The leading edge under bursts, early wakes and a flush. Spec: SYN-13 to SYN-15."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.sync import debounce as kernel
from loomweave.core.sync.debounce import Changed, Event, Flush, Outbox, Step, Timing, Wake
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.sabotage import Change, Sabotage

WITHIN: Final = 20
TIMING: Final = Timing(window_ns=3, wait_ns_max=5)


class World(NamedTuple):
    """An outbox, the time, when it asked to be woken, and what the receiver has."""

    outbox: Outbox
    now: int
    wake: int | None
    received: int
    """Number up to which all changes arrived; -1 after a span that did not fit."""
    since: tuple[int, ...]
    """When each change that was not sent yet was made."""
    sent_at: int | None
    """When something was sent last."""
    is_flushed: bool


class Debounce(Model[World]):
    """The first change leaves at once, none is lost, none waits too long. Spec: SYN-13."""

    name = "debounce"
    words = "changes come singly and in bursts while an outbox is woken early and flushed"
    shipped = (
        "loomweave.core.sync.debounce.step",
        "loomweave.core.sync.debounce.change",
        "loomweave.core.sync.debounce.wake",
        "loomweave.core.sync.debounce.flush",
        "loomweave.core.sync.debounce.release",
    )

    def __init__(self, changes: int = 7, ticks: int = 14) -> None:
        self.changes, self.ticks = changes, ticks
        self.step = lru_cache(None)(self._step)

    def _step(self, outbox: Outbox, event: Event) -> Step:
        return kernel.step(outbox, event, TIMING)

    def starts(self) -> Iterator[World]:
        """Nothing was ever sent."""
        yield World(kernel.EMPTY, 0, None, 0, (), None, False)

    def actions(self, world: World) -> Iterator[Action]:
        """A change is made, the timer rings (perhaps early), all is flushed, time passes."""
        if world.outbox.head < self.changes:
            yield ("change",)
        if world.wake is not None:
            yield ("wake",)
        yield ("flush",)
        if world.now < self.ticks and (world.wake is None or world.now < world.wake):
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen. No driver lets time pass over a wake that was asked for."""
        now = world.now
        match action:
            case ("tick",):
                return world._replace(now=now + 1)
            case ("change",):
                world = world._replace(since=(*world.since, now))
                return self._stepped(world, Changed(now))
            case ("wake",):
                return self._stepped(world, Wake(now))
            case ("flush",):
                return self._stepped(world, Flush(now))
            case _:
                return None

    def _stepped(self, world: World, event: Event) -> World:
        """Take a step, and let the receiver have what is sent."""
        outbox, send, wake = _parts(self.step(world.outbox, event))
        if send is None:
            return world._replace(outbox=outbox, wake=wake)
        received = send.upto if send.after == world.received else -1
        since = world.since[send.upto - send.after :]
        flushed = isinstance(event, Flush)
        return World(outbox, world.now, wake, received, since, world.now, flushed)

    def fair(self, world: World) -> Action | None:
        """Wait for the timer, and let it ring."""
        if world.wake is None:
            return None
        return ("tick",) if world.now < world.wake else ("wake",)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of an outbox."""
        return (
            Always("spans follow one another", "SYN-14", self.is_gapless),
            Always("what waits has a timer", "SYN-13", self.is_armed, self.is_pending),
            Always("no change waits too long", "SYN-15", self.is_prompt, self.is_pending),
            EachStep("after quiet a change leaves at once", "SYN-13", self.leaves, self.is_quiet),
            EachStep("within a window a change waits", "SYN-13", self.waits, self.is_burst),
            Eventually("all is sent and it is quiet", "SYN-14", self.is_any, self.is_done, WITHIN),
            Sometimes("three changes leave together", "SYN-13", lambda w: len(w.since) >= 3),
            Sometimes("a window was put off to its end", "SYN-15", self.is_put_off),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_pending(self, world: World) -> bool:
        """Tell whether something waits."""
        return kernel.is_pending(world.outbox)

    def is_gapless(self, world: World) -> bool:
        """Check that the receiver has exactly what counts as sent."""
        return world.received == world.outbox.sent

    def is_armed(self, world: World) -> bool:
        """Check that somebody will come back to it."""
        return world.wake is not None

    def is_prompt(self, world: World) -> bool:
        """Check the oldest of the changes that wait."""
        return world.now - world.since[0] <= TIMING.wait_ns_max

    def is_quiet(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a change comes when nothing was sent within a window's time."""
        last = before.sent_at
        is_old = last is None or before.now - last >= TIMING.wait_ns_max
        return action[0] == "change" and is_old and not self.is_pending(before)

    def leaves(self, before: World, action: Action, after: World) -> bool:
        """Check that it is sent."""
        return after.received == after.outbox.head

    def is_burst(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a change comes soon after something was sent."""
        last = before.sent_at
        is_soon = last is not None and before.now - last < TIMING.window_ns
        return action[0] == "change" and is_soon

    def waits(self, before: World, action: Action, after: World) -> bool:
        """Check that it is not sent yet."""
        return after.received == before.received

    def is_done(self, world: World) -> bool:
        """Tell whether all is sent and no window is open."""
        return world.received == world.outbox.head and world.outbox.window is None

    def is_put_off(self, world: World) -> bool:
        """Tell whether changes have put a window off as far as they may."""
        window = world.outbox.window
        return window is not None and window.ends_ns == window.latest_ns


def _parts(step: Step) -> tuple[Outbox, kernel.Span | None, int | None]:
    return step.outbox, step.send, step.wake_ns


ENTRY: Final = Entry(
    Debounce,
    Bounds(states=60_000),
    (
        Sabotage(
            "put off for ever",
            "each change puts the sending off by a whole window",
            "no change waits too long",
            (
                Change(
                    "loomweave.core.sync.debounce.change",
                    "min(mono_ns + timing.window_ns, window.latest_ns)",
                    "mono_ns + timing.window_ns",
                ),
            ),
        ),
        Sabotage(
            "an early wake ends the window",
            "a wake is acted on whenever it comes",
            "within a window a change waits",
            (Change("loomweave.core.sync.debounce.wake", "mono_ns < window.ends_ns", "False"),),
        ),
        Sabotage(
            "the last change is forgotten",
            "a change that leaves at once is not counted",
            "spans follow one another",
            (
                Change(
                    "loomweave.core.sync.debounce.change",
                    "release(outbox.sent, outbox.head + 1, mono_ns, timing)",
                    "release(outbox.head, outbox.head + 1, mono_ns, timing)",
                ),
            ),
        ),
        Sabotage(
            "trailing edge only",
            "also the first change after quiet waits",
            "after quiet a change leaves at once",
            (
                Change(
                    "loomweave.core.sync.debounce.change",
                    "        return release(outbox.sent, outbox.head + 1, mono_ns, timing)",
                    "        ends_ns = mono_ns + timing.window_ns\n"
                    "        window = Window(ends_ns, mono_ns + timing.wait_ns_max)",
                ),
            ),
        ),
    ),
)
