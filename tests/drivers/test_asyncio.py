"""The asyncio driver keeps the contract, and each check catches a driver that does not.

Spec: STO-8, STO-10 to STO-16, MCH-4, MCH-5, MCH-7.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest

from loomweave.core.events import (
    Connected,
    Effect,
    Event,
    Notify,
    Persist,
    Persisted,
    Received,
    Reply,
    Send,
    Started,
    Wake,
    WakeAt,
)
from loomweave.core.machine import step
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.replica.state import Config, initial
from loomweave.runtime.perform import HELD_MAX, Driver
from tests.drivers import contract
from tests.drivers.contract import CHECKS, SECOND_NS, Check, name_of
from tests.drivers.rigs import AsyncioRig


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_driver_keeps_the_contract(check: Check) -> None:
    with closing(AsyncioRig()) as rig:
        check(rig)


class TellsAtOnce(Driver):
    """Waits for no disk."""

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, Send | Reply | Notify):
            self.tell(effect)
        else:
            super().perform(effect)


class SendsFirst(Driver):
    """Holds replies and entries of the feed, but not frames."""

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, Send):
            self.tell(effect)
        else:
            super().perform(effect)


class Overtakes(Driver):
    """Tells the last of what it held first."""

    def _release(self) -> None:
        if self._held and self._held[-1].after_lsn <= self.durable_lsn:
            while self._held:
                self.tell(self._held.pop())


class ClaimsDurability(Driver):
    """Says that an entry is durable as soon as it is asked for."""

    def perform(self, effect: Effect) -> None:
        super().perform(effect)
        if isinstance(effect, Persist):
            self.run(Persisted, effect.lsn)


class WritesHalf(Driver):
    """Makes every other entry durable and says that all are."""

    async def commit_forever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            group, self._unwritten = self._unwritten, []
            await self._blocking(partial(self._journal.commit, group[::2]))
            self.durable_lsn = group[-1].lsn
            self.run(Persisted, self.durable_lsn)
            self._release()


class RecordByRecord(Driver):
    """Commits an entry's records one by one, so that a crash may halve it."""

    async def commit_forever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            group, self._unwritten = self._unwritten, []
            for entry in group:
                first = Persist(entry.lsn, entry.records[:1])
                self._journal.commit([first])
                rest = Persist(entry.lsn, entry.records[1:])
                await self._blocking(partial(self._journal.commit, [rest]))
                self.durable_lsn = entry.lsn
                self.run(Persisted, entry.lsn)
                self._release()


class LosesAnswers(Driver):
    """Forgets an answer that had to wait for the disk."""

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, Reply) and effect.after_lsn > self.durable_lsn:
            return
        super().perform(effect)


class KeepsOldTimers(Driver):
    """Lets the first timer of a key ring as well."""

    def _arm(self, wake: WakeAt) -> None:
        self._timers.pop(wake.key, None)
        super()._arm(wake)

    def _ring(self, wake: WakeAt) -> None:
        self.run(Wake, wake.key)


class OneTimer(Driver):
    """Has one timer for all keys."""

    def _arm(self, wake: WakeAt) -> None:
        for _, timer in self._timers.values():
            timer.cancel()
        super()._arm(wake)


class WakesOnce(Driver):
    """Passes over a key that it has woken before."""

    def _ring(self, wake: WakeAt) -> None:
        self._arm = lambda wake: None  # type: ignore[method-assign]
        self.run(Wake, wake.key)


class TrustsTheWall(Driver):
    """Computes once how long a wake by the wall clock is away."""

    def _ring(self, wake: WakeAt) -> None:
        del self._timers[wake.key]
        self.run(Wake, wake.key)

    def _arm(self, wake: WakeAt) -> None:
        now = self._clock.wall_ns() if wake.clock == "wall" else self._clock.mono_ns()
        if wake.key in self._timers:
            self._timers[wake.key][1].cancel()
        delay_s = max(wake.at_ns - now, 0) / SECOND_NS
        timer = asyncio.get_running_loop().call_later(delay_s, self._ring, wake)
        self._timers[wake.key] = (wake, timer)


class SleepsTooLong(TrustsTheWall):
    """Looks at the wall clock again, but only when it should have been time."""

    def _ring(self, wake: WakeAt) -> None:
        Driver._ring(self, wake)


class NeverInThePast(Driver):
    """Takes an instant that has passed for a mistake."""

    def _arm(self, wake: WakeAt) -> None:
        now = self._clock.wall_ns() if wake.clock == "wall" else self._clock.mono_ns()
        if wake.at_ns > now:
            super()._arm(wake)


class ReadsTheWallOnce(Driver):
    """Gives every event the wall clock of its start plus what the other clock says."""

    def run(self, kind: Callable[..., Event], *fields: object) -> None:
        start_ns = self.__dict__.setdefault("start_ns", self._clock.wall_ns())
        mono_ns = self._clock.mono_ns()
        super().run(lambda _, __, *rest: kind(start_ns + mono_ns, mono_ns, *rest), *fields)


BROKEN: list[tuple[type[Driver], Check]] = [
    (TellsAtOnce, contract.nothing_is_told_before_it_is_durable),
    (SendsFirst, contract.nothing_is_told_before_it_is_durable),
    (SendsFirst, contract.effects_keep_their_order),
    (Overtakes, contract.effects_keep_their_order),
    (ClaimsDurability, contract.persisted_is_cumulative_and_true),
    (WritesHalf, contract.persisted_is_cumulative_and_true),
    (LosesAnswers, contract.every_request_is_answered_once),
    (KeepsOldTimers, contract.one_wake_a_key),
    (OneTimer, contract.one_wake_a_key),
    (WakesOnce, contract.a_wake_asked_for_again_comes_again),
    (TrustsTheWall, contract.a_wake_by_the_wall_follows_the_wall),
    (SleepsTooLong, contract.a_wake_by_the_wall_follows_the_wall),
    (NeverInThePast, contract.a_wake_in_the_past_comes_at_once),
    (RecordByRecord, contract.what_is_durable_survives_a_crash),
    (TellsAtOnce, contract.what_is_durable_survives_a_crash),
    (ReadsTheWallOnce, contract.events_carry_both_clocks),
]


@pytest.mark.parametrize(
    ("broken", "check"), BROKEN, ids=[f"{b.__name__}-{name_of(c)}" for b, c in BROKEN]
)
def test_broken_driver_is_caught(broken: type[Driver], check: Check) -> None:
    with closing(AsyncioRig(broken)) as rig, pytest.raises(AssertionError):
        check(rig)


def test_every_check_has_a_driver_that_it_catches() -> None:
    assert {check for _, check in BROKEN} == set(CHECKS)


def test_machine_asks_again_for_a_wake_that_comes_early() -> None:
    """The other half of MCH-5: the machine never acts on a wake before its time."""
    state, effects = step(initial(Config("r")), Started(10**18, 0, bytes(16)))
    (wanted,) = (effect for effect in effects if isinstance(effect, WakeAt))
    state, _ = step(state, Connected(10**18, 0, "p"))
    _, effects = step(state, Wake(10**18, wanted.at_ns - 1, WAKE_COMPARE))
    assert effects == (wanted,)


def test_links_are_read_more_slowly_while_the_disk_is_behind() -> None:
    """Spec: STO-15."""

    def react(script: contract.Script, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, Received):
            return ()
        return (script.persist(), Send(("p1",), contract.frame(1), script.lsn))

    with closing(AsyncioRig()) as rig:
        rig.begin(contract.Script(react).step)
        rig.hold_disk()
        for mark in range(HELD_MAX):
            rig.receive(mark)
        reading = rig.loop.create_task(rig.driver.room())
        contract.settle(rig)
        assert not reading.done()
        rig.free_disk()
        contract.settle(rig)
        assert reading.done()
