"""The asyncio driver: it performs what the machine asks for. Spec: STO-10 to STO-15, MCH-4, MCH-5.

Everything runs in one event loop; only the disk is waited for in a thread. An event that arises
while another is handled waits its turn, so a step is never entered twice.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, assert_never

from loomweave.core.events import (
    ENTROPY_BYTES,
    Effect,
    Event,
    Notify,
    Persist,
    Persisted,
    Refused,
    Rejected,
    Reply,
    Send,
    Started,
    Wake,
    WakeAt,
    Write,
    Written,
)
from loomweave.core.graph.operations import Operation
from loomweave.core.machine import step
from loomweave.core.replica.recovery import snapshot
from loomweave.core.replica.state import State
from loomweave.ports import Clock, Entropy, Network
from loomweave.runtime.journal import Journal

WALL_CHECK_NS: Final = 1_000_000_000
"""How long at most until a wake by the wall clock is looked at again. Spec: STO-13."""
SECOND_NS: Final = 1_000_000_000
HELD_MAX: Final = 1_000
"""How many effects may wait for the disk before links are read more slowly. Spec: STO-15."""
Told = Send | Reply | Notify
Stepper = Callable[[State, Event], tuple[State, tuple[Effect, ...]]]
Blocking = Callable[[Callable[[], None]], Awaitable[None]]


async def in_thread(work: Callable[[], None]) -> None:
    """Do blocking work in a thread."""
    await asyncio.get_running_loop().run_in_executor(None, work)


class Driver:
    """One replica in one event loop. Spec: STO-10."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        journal: Journal,
        network: Network,
        step: Stepper = step,
        blocking: Blocking = in_thread,
    ) -> None:
        self.state = state
        self.durable_lsn = 0
        self.on_notify: Callable[[Notify], None] = lambda entry: None
        self.on_refused: Callable[[Refused], None] = lambda refused: None
        self._clock, self._journal, self._network = clock, journal, network
        self._step, self._blocking = step, blocking
        self._inbox: deque[tuple[Callable[..., Event], tuple[object, ...]]] = deque()
        self._is_stepping = False
        self._held: deque[Told] = deque()
        self._unwritten: list[Persist] = []
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._timers: dict[str, tuple[WakeAt, asyncio.TimerHandle]] = {}
        self._answers: dict[int, asyncio.Future[Written | Rejected]] = {}
        self._last_request = 0
        self._is_closing = False

    def start(self, entropy: Entropy, renew: bool = False) -> None:
        """Start the machine. Spec: MCH-6."""
        self.run(Started, entropy.draw(ENTROPY_BYTES), renew)

    def run(self, kind: Callable[..., Event], *fields: object) -> None:
        """Hand an event of this kind to the machine, and perform what it asks for. Spec: STO-11."""
        self._inbox.append((kind, fields))
        if self._is_stepping:
            return
        self._is_stepping = True
        try:
            while self._inbox:
                make, rest = self._inbox.popleft()
                event = make(self._clock.wall_ns(), self._clock.mono_ns(), *rest)
                self.state, effects = self._step(self.state, event)
                for effect in effects:
                    self.perform(effect)
        finally:
            self._is_stepping = False

    def perform(self, effect: Effect) -> None:
        """Perform an effect now, or once the journal is durable far enough. Spec: STO-12, MCH-4."""
        match effect:
            case Persist():
                self._unwritten.append(effect)
                self._work.set()
            case WakeAt():
                self._arm(effect)
            case Refused():
                self.on_refused(effect)
            case Send() | Reply() | Notify():
                self._held.append(effect)
                self._release()
            case _:
                assert_never(effect)

    def _release(self) -> None:
        """Tell what may be told, in order. Spec: STO-12."""
        while self._held and self._held[0].after_lsn <= self.durable_lsn:
            self.tell(self._held.popleft())
        if len(self._held) < HELD_MAX:
            self._room.set()
        else:
            self._room.clear()

    def tell(self, effect: Told) -> None:
        """Let an effect out into the world. Spec: STO-12, STO-14."""
        match effect:
            case Send(peers, frame, _):
                self._network.send(peers, frame)
            case Reply(request_id, outcome, _):
                answer = self._answers.pop(request_id, None)
                if answer is not None and not answer.done():
                    answer.set_result(outcome)
            case Notify():
                self.on_notify(effect)

    def _arm(self, wake: WakeAt) -> None:
        """Set the one timer of a key. Spec: STO-13."""
        if wake.key in self._timers:
            self._timers[wake.key][1].cancel()
        if wake.clock == "wall":
            delay_ns = min(wake.at_ns - self._clock.wall_ns(), WALL_CHECK_NS)
        else:
            delay_ns = wake.at_ns - self._clock.mono_ns()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(max(delay_ns, 0) / SECOND_NS, self._ring, wake)
        self._timers[wake.key] = (wake, timer)

    def _ring(self, wake: WakeAt) -> None:
        """Wake the machine if it is time, else look again later. Spec: STO-13."""
        now = self._clock.wall_ns() if wake.clock == "wall" else self._clock.mono_ns()
        if now < wake.at_ns:
            self._arm(wake)
            return
        del self._timers[wake.key]
        self.run(Wake, wake.key)

    async def request(self, operations: tuple[Operation, ...]) -> Written | Rejected:
        """Make a client's changes and wait for the answer. Spec: STO-14, MCH-7."""
        self._last_request += 1
        answer: asyncio.Future[Written | Rejected] = asyncio.get_running_loop().create_future()
        self._answers[self._last_request] = answer
        self.run(Write, self._last_request, operations)
        return await answer

    async def room(self) -> None:
        """Wait until the disk has caught up: who reads from links does so first. Spec: STO-15."""
        await self._room.wait()

    async def commit_forever(self) -> None:
        """Write what waits to be written, all of it at once, until closed. Spec: STO-12, STO-8."""
        while not (self._is_closing and not self._unwritten):
            await self._work.wait()
            self._work.clear()
            if self._unwritten:
                group, self._unwritten = self._unwritten, []
                await self._blocking(partial(self._journal.commit, group))
                self.durable_lsn = group[-1].lsn
                self.run(Persisted, self.durable_lsn)
                self._release()
            if self._unwritten:
                self._work.set()
            elif self._journal.is_bulky():
                await self._blocking(partial(self._compact, self.state))

    def _compact(self, state: State) -> None:
        """Let a snapshot replace the journal; the state cannot change under it. Spec: STO-9."""
        self._journal.compact(snapshot(state))

    def close(self) -> None:
        """End: what was asked for is still written, timers ring no more. Spec: STO-16."""
        self._is_closing = True
        self._work.set()
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
