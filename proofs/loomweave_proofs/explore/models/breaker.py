"""A circuit breaker over a peer that comes and goes, and answers late. Spec: SYN-10 to SYN-12."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.sync import breaker as kernel
from loomweave.core.sync.breaker import (
    Abandoned,
    Attempt,
    Breaker,
    Closed,
    Event,
    Failure,
    HalfOpen,
    Limits,
    Open,
    Step,
    Success,
)
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

WITHIN: Final = 12
LIMITS: Final = Limits(failures_max=2, reset_ns=2)


class World(NamedTuple):
    """A breaker, the time, and the eras of the attempts under way."""

    breaker: Breaker
    now: int
    flights: tuple[int, ...]
    in_row: int
    """Failures in a row among the outcomes of the present era, counted apart."""


class CircuitBreaker(Model[World]):
    """One probe decides, and no late answer does. Spec: SYN-11, SYN-12."""

    name = "breaker"
    words = "attempts at a peer fail, succeed, come late and get lost behind a breaker"
    shipped = (
        "loomweave.core.sync.breaker.step",
        "loomweave.core.sync.breaker.attempt",
        "loomweave.core.sync.breaker.succeed",
        "loomweave.core.sync.breaker.fail",
        "loomweave.core.sync.breaker.abandon",
    )

    def __init__(self, ticks: int = 16, flights: int = 6) -> None:
        self.ticks, self.flights = ticks, flights
        self.step = lru_cache(None)(self._step)

    def _step(self, breaker: Breaker, event: Event) -> Step:
        return kernel.step(breaker, event, LIMITS)

    def starts(self) -> Iterator[World]:
        """Nothing has happened."""
        yield World(kernel.new_breaker(), 0, (), 0)

    def actions(self, world: World) -> Iterator[Action]:
        """Somebody tries, an attempt ends in one of three ways, time passes."""
        if len(world.flights) < self.flights:
            yield ("try",)
        for era in sorted(set(world.flights)):
            yield ("succeed", era)
            yield ("fail", era)
            yield ("lose", era)
        if world.now < self.ticks:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("tick",):
                return world._replace(now=world.now + 1)
            case ("try",):
                step = self.step(world.breaker, Attempt(world.now))
                flights = world.flights
                if step.is_allowed:
                    flights = tuple(sorted((*flights, step.breaker.era)))
                row = world.in_row if step.breaker.era == world.breaker.era else 0
                return World(step.breaker, world.now, flights, row)
            case ("succeed" | "fail" | "lose" as verb, int(era)):
                return self._ended(world, str(verb), era)
            case _:
                return None

    def _ended(self, world: World, verb: str, era: int) -> World | None:
        """Tell the breaker what came of an attempt."""
        if era not in world.flights:
            return None
        at = world.flights.index(era)
        flights = world.flights[:at] + world.flights[at + 1 :]
        events: dict[str, Event] = {
            "succeed": Success(era),
            "fail": Failure(era, world.now),
            "lose": Abandoned(era),
        }
        breaker = self.step(world.breaker, events[verb]).breaker
        row = world.in_row
        if era == world.breaker.era:
            row = row + 1 if verb == "fail" else 0 if verb == "succeed" else row
        return World(breaker, world.now, flights, row if breaker.era == world.breaker.era else 0)

    def freeze(self, world: World) -> Hashable:
        """Count eras from the present one: those before it are all alike, and come never back."""
        ages = tuple(sorted(era != world.breaker.era for era in world.flights))
        return world.breaker.mode, world.now, ages, world.in_row

    def fair(self, world: World) -> Action | None:
        """The peer is well: all under way succeeds; if the breaker is open, wait and try."""
        if world.flights:
            return ("succeed", world.flights[-1])
        mode = world.breaker.mode
        if isinstance(mode, Open) and world.now < mode.until_ns:
            return ("tick",)
        return ("try",)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of a breaker."""
        return (
            Always("one probe at most is under way", "SYN-11", self.is_single, self.is_half),
            Always("closed means few failures", "SYN-10", self.is_counted, self.is_closed),
            EachStep("nothing passes an open breaker", "SYN-10", self.is_shut, self.is_early),
            EachStep("a late answer changes nothing", "SYN-12", self.is_same, self.is_late),
            EachStep("it opens at the limit and not before", "SYN-10", self.opens, self.is_failure),
            Eventually(
                "it closes once the peer is well", "SYN-11", self.is_any, self.is_closed, WITHIN
            ),
            Sometimes("a probe is under way", "SYN-11", self.is_half),
            Sometimes("an answer is late by an era", "SYN-12", self.has_late),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_half(self, world: World) -> bool:
        """Tell whether it is half-open."""
        return isinstance(world.breaker.mode, HalfOpen)

    def is_single(self, world: World) -> bool:
        """Check that a half-open breaker has let one attempt of its era through."""
        return world.flights.count(world.breaker.era) <= 1

    def is_closed(self, world: World) -> bool:
        """Tell whether it is closed."""
        return isinstance(world.breaker.mode, Closed)

    def is_counted(self, world: World) -> bool:
        """Check that it counts failures in a row, and stays closed below the limit only."""
        mode = world.breaker.mode
        return isinstance(mode, Closed) and mode.failures == world.in_row < LIMITS.failures_max

    def is_early(self, before: World, action: Action, after: World) -> bool:
        """Tell whether somebody tries before an open breaker's time."""
        mode = before.breaker.mode
        return action[0] == "try" and isinstance(mode, Open) and before.now < mode.until_ns

    def is_shut(self, before: World, action: Action, after: World) -> bool:
        """Check that the attempt is not let through."""
        return after.flights == before.flights

    def is_late(self, before: World, action: Action, after: World) -> bool:
        """Tell whether the outcome of an earlier era is told."""
        return action[0] in ("succeed", "fail", "lose") and action[1] != before.breaker.era

    def is_same(self, before: World, action: Action, after: World) -> bool:
        """Check that the breaker is as it was."""
        return after.breaker == before.breaker

    def is_failure(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a closed breaker hears of a failure of its era."""
        return action == ("fail", before.breaker.era) and self.is_closed(before)

    def opens(self, before: World, action: Action, after: World) -> bool:
        """Check that it opens exactly when the failure is the last one allowed."""
        is_last = before.in_row + 1 == LIMITS.failures_max
        return isinstance(after.breaker.mode, Open) == is_last

    def has_late(self, world: World) -> bool:
        """Tell whether an attempt of an earlier era is still under way."""
        return any(era < world.breaker.era for era in world.flights)


ENTRY: Final = Entry(
    CircuitBreaker,
    Bounds(states=60_000),
    (
        Sabotage(
            "late answers count",
            "an outcome is taken whatever its era",
            "a late answer changes nothing",
            (
                Change(
                    "loomweave.core.sync.breaker.step",
                    "succeed(breaker) if event.era == breaker.era else breaker",
                    "succeed(breaker)",
                ),
            ),
        ),
        Sabotage(
            "many probes",
            "a half-open breaker lets every attempt through",
            "one probe at most is under way",
            (
                Change(
                    "loomweave.core.sync.breaker.attempt",
                    "            if probing:\n                return Step(breaker, False)",
                    "            if probing:\n                return Step(breaker, True)",
                ),
            ),
        ),
        Sabotage(
            "one failure late",
            "it opens one failure after the limit",
            "it opens at the limit and not before",
            (
                Change(
                    "loomweave.core.sync.breaker.fail",
                    "failures + 1 >= limits.failures_max",
                    "failures >= limits.failures_max",
                ),
            ),
        ),
        Sabotage(
            "a lost probe blocks",
            "an abandoned probe goes on counting as under way",
            "it closes once the peer is well",
            (
                Change(
                    "loomweave.core.sync.breaker.abandon",
                    "HalfOpen(False)",
                    "HalfOpen(True)",
                ),
            ),
        ),
    ),
)
