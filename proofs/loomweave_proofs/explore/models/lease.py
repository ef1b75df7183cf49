"""Callers that stand still, a lease that expires, and a fence. Spec: ACT-1 to ACT-6."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.actors import lock as kernel
from loomweave.core.actors.lock import Acquire, Event, Fence, Free, Lock, Release, Renew, Step
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    Sometimes,
    Symmetry,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.sabotage import Change, Sabotage

WITHIN: Final = 12
LEASE: Final = 2


class World(NamedTuple):
    """The keeper, the store behind the fence, and what each caller believes and has under way."""

    lock: Lock
    fence: Fence
    now: int
    beliefs: tuple[int, ...]
    """The token under which each caller takes itself for the holder, 0 for none."""
    flights: tuple[int, ...]
    """Tokens of the writes under way; a caller that stood still lets them arrive late."""
    written: int
    """Token of the last write that went ahead."""
    is_undone: bool
    """Whether a write went ahead after one of a later holder."""


class Lease(Model[World]):
    """No write of a past holder goes ahead once a later one's did. Spec: ACT-5, ACT-6."""

    name = "lease"
    words = "callers hold a lock by lease, stand still, and write late to what it protects"
    shipped = (
        "loomweave.core.actors.lock.step",
        "loomweave.core.actors.lock.acquire",
        "loomweave.core.actors.lock.renew",
        "loomweave.core.actors.lock.release",
        "loomweave.core.actors.lock.admit",
    )

    def __init__(
        self, callers: int = 3, ticks: int = 6, flights: int = 3, is_fenced: bool = True
    ) -> None:
        self.callers, self.ticks, self.flights = callers, ticks, flights
        self.is_fenced = is_fenced
        self.step = lru_cache(None)(self._step)
        self.symmetry = Symmetry(self._representative, lambda world: True)

    def freeze(self, world: World) -> Hashable:
        """Count tokens from 1: they are compared with one another, and the next is above all."""
        lock = world.lock
        tokens = {lock.token, world.fence.highest, world.written, *world.beliefs, *world.flights}
        rank = {token: at for at, token in enumerate(sorted(tokens | {0}))}
        holder = () if isinstance(lock, Free) else (lock.holder, lock.until_ns)
        beliefs = tuple(rank[token] for token in world.beliefs)
        flights = tuple(rank[token] for token in world.flights)
        seen = (rank[lock.token], rank[world.fence.highest], rank[world.written])
        return holder, seen, world.now, beliefs, flights, world.is_undone

    def _representative(self, world: World) -> Hashable:
        """Give callers names in order of what they believe; a name takes part in no order."""
        order = sorted(
            range(self.callers), key=lambda at: (world.beliefs[at], self._holds(world, at))
        )
        lock = world.lock
        if not isinstance(lock, Free):
            lock = kernel.Held(lock.token, bytes([order.index(lock.holder[0])]), lock.until_ns)
        beliefs = tuple(world.beliefs[at] for at in order)
        return self.freeze(world._replace(lock=lock, beliefs=beliefs))

    def _holds(self, world: World, at: int) -> bool:
        return not isinstance(world.lock, Free) and world.lock.holder == bytes([at])

    def _step(self, lock: Lock, event: Event) -> Step:
        return kernel.step(lock, event)

    def starts(self) -> Iterator[World]:
        """Nobody has ever held the lock."""
        yield World(kernel.NEW_LOCK, kernel.NEW_FENCE, 0, (0,) * self.callers, (), 0, False)

    def actions(self, world: World) -> Iterator[Action]:
        """Acquire, renew, release, begin a write, let one arrive or get lost; time passes."""
        for at, token in enumerate(world.beliefs):
            if token:
                yield ("renew", at)
                yield ("release", at)
                if len(world.flights) < self.flights:
                    yield ("begin", at)
            yield ("acquire", at)
        for token in sorted(set(world.flights)):
            yield ("arrive", token)
        if world.now < self.ticks:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("tick",):
                return world._replace(now=world.now + 1)
            case ("arrive", int(token)):
                return self._arrived(world, token) if token in world.flights else None
            case ("begin", int(at)):
                flights = tuple(sorted((*world.flights, world.beliefs[at])))
                return world._replace(flights=flights) if world.beliefs[at] else None
            case ("acquire" | "renew" | "release" as verb, int(at)):
                return self._asked(world, str(verb), at)
            case _:
                return None

    def _asked(self, world: World, verb: str, at: int) -> World:
        """Ask the keeper; a caller believes what it is told, and nothing else ends its belief."""
        caller, token = bytes([at]), world.beliefs[at]
        events: dict[str, Event] = {
            "acquire": Acquire(caller, world.now, LEASE),
            "renew": Renew(caller, token, world.now, LEASE),
            "release": Release(caller, token, world.now),
        }
        step = self.step(world.lock, events[verb])
        belief = token if verb == "acquire" and step.token is None else step.token or 0
        beliefs = list(world.beliefs)
        beliefs[at] = 0 if verb == "release" else belief
        return world._replace(lock=step.lock, beliefs=tuple(beliefs))

    def _arrived(self, world: World, token: int) -> World:
        """Let a write come to the fence."""
        at = world.flights.index(token)
        world = world._replace(flights=world.flights[:at] + world.flights[at + 1 :])
        admission = kernel.admit(world.fence, token)
        if not admission.is_admitted and self.is_fenced:
            return world
        is_undone = world.is_undone or token < world.written
        return world._replace(fence=admission.fence, written=token, is_undone=is_undone)

    def fair(self, world: World) -> Action | None:
        """Let writes arrive; let the holder write, or time pass, or the least caller acquire.

        The choice depends on what callers believe, never on what they are called.
        """
        if world.flights:
            return ("arrive", world.flights[-1])
        lock = world.lock
        if not isinstance(lock, Free) and world.now < lock.until_ns:
            at = lock.holder[0]
            return ("begin", at) if world.beliefs[at] == lock.token else ("tick",)
        return ("acquire", world.beliefs.index(min(world.beliefs)))

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of leases and fences."""
        return (
            Always("no write of a past holder follows a later one", "ACT-6", self.is_ordered),
            Always("no two believe in one token", "ACT-3", self.is_single),
            EachStep("a live lease is not taken over", "ACT-2", self.is_kept, self.is_live),
            EachStep("a token given out is the next", "ACT-3", self.is_next, self.is_given),
            EachStep("who lost the lease cannot renew", "ACT-4", self.is_refused, self.is_stale),
            Eventually("somebody can always write", "ACT-1", self.is_any, self.is_written, WITHIN),
            Sometimes("two take themselves for the holder", "ACT-6", self.is_doubled),
            Sometimes("a late write meets a newer token", "ACT-5", self.is_outrun),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_ordered(self, world: World) -> bool:
        """Check what went ahead."""
        return not world.is_undone

    def is_single(self, world: World) -> bool:
        """Check that a token names one caller."""
        tokens = [token for token in world.beliefs if token]
        return len(set(tokens)) == len(tokens)

    def is_live(self, before: World, action: Action, after: World) -> bool:
        """Tell whether somebody asks for a lock that another has."""
        return action[0] == "acquire" and kernel.is_live(before.lock, before.now)

    def is_kept(self, before: World, action: Action, after: World) -> bool:
        """Check that the lock is as it was."""
        return after.lock == before.lock

    def is_given(self, before: World, action: Action, after: World) -> bool:
        """Tell whether the lock was given away."""
        return action[0] == "acquire" and after.lock != before.lock

    def is_next(self, before: World, action: Action, after: World) -> bool:
        """Check that the token is one more than the last."""
        return after.lock.token == before.lock.token + 1

    def is_stale(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a caller renews under a token whose lease is over."""
        if action[0] != "renew":
            return False
        lock = before.lock
        return (
            isinstance(lock, Free)
            or lock.token != before.beliefs[int(action[1])]
            or before.now >= lock.until_ns
        )

    def is_refused(self, before: World, action: Action, after: World) -> bool:
        """Check that it is told so."""
        return after.lock == before.lock and after.beliefs[int(action[1])] == 0

    def is_written(self, world: World) -> bool:
        """Tell whether a write went ahead under the last token."""
        return world.written == world.lock.token > 0

    def is_doubled(self, world: World) -> bool:
        """Tell whether two callers believe that they hold the lock."""
        return sum(token > 0 for token in world.beliefs) > 1

    def is_outrun(self, world: World) -> bool:
        """Tell whether a write is under way that the fence will refuse."""
        return any(token < world.fence.highest for token in world.flights)


ENTRY: Final = Entry(
    Lease,
    Bounds(states=80_000),
    (
        Sabotage(
            "a lease without a fence",
            "what the lock protects takes every write",
            "no write of a past holder follows a later one",
            options={"is_fenced": False},
        ),
        Sabotage(
            "tokens begin again",
            "a lock that was released forgets its last token",
            "no two believe in one token",
            (Change("loomweave.core.actors.lock.release", "Free(lock.token)", "Free(0)"),),
        ),
        Sabotage(
            "lease taken over",
            "a lock is given to whoever asks",
            "a live lease is not taken over",
            (
                Change(
                    "loomweave.core.actors.lock.acquire", "is_live(lock, event.mono_ns)", "False"
                ),
            ),
        ),
        Sabotage(
            "renewed too late",
            "a lease can be renewed after its end",
            "who lost the lease cannot renew",
            (Change("loomweave.core.actors.lock.is_holder", " and mono_ns < lock.until_ns", ""),),
        ),
    ),
    is_reduced=True,
)
