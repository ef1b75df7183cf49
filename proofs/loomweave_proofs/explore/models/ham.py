"""HAM at three replicas: writes from the future wait, crashes come at any time. Spec: HAM."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.clocks import Clock, observe
from loomweave.core.graph import ham
from loomweave.core.graph.ham import Due, Offer, Register, Verdict
from loomweave.core.lattices.register import Element, element_le, field_join
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

WITHIN: Final = 10


class Copy(NamedTuple):
    """One register at one replica; writes are numbers of elements, sets are bits."""

    held: int
    """Number of the held element, -1 for none."""
    waiting: int
    horizon: int
    flight: int
    """What has not been taken in here yet."""
    kept: tuple[int, int, int]
    """What the journal gives back: held, waiting, horizon."""


class World(NamedTuple):
    """All copies, and how late it is."""

    tick: int
    crashes: int
    copies: tuple[Copy, ...]


class Ham(Model[World]):
    """A register at several replicas. Spec: HAM-3 to HAM-6."""

    name = "ham"
    words = "a register at three replicas takes writes early, late, twice and over crashes"
    shipped = (
        "loomweave.core.graph.ham.step",
        "loomweave.core.graph.ham.verdict",
        "loomweave.core.lattices.register.element_le",
        "loomweave.core.clocks.is_due",
        "loomweave.core.clocks.is_ahead",
        "loomweave.core.clocks.observe",
    )

    def __init__(
        self,
        writes: tuple[tuple[int, str], ...] = ((1, "a"), (3, "b"), (3, "a")),
        offsets: tuple[int, ...] = (0, 1, -1),
        ticks: int = 3,
        crashes: int = 1,
        skew: int = 2,
        is_waiting_kept: bool = True,
    ) -> None:
        self.elements = [
            Element(stamp, value, bytes([65 + at]), 1) for at, (stamp, value) in enumerate(writes)
        ]
        self.offsets, self.ticks, self.crashes, self.skew = offsets, ticks, crashes, skew
        self.is_waiting_kept = is_waiting_kept
        self.all = (1 << len(writes)) - 1
        self.best = max(
            range(len(writes)),
            key=lambda n: sum(element_le(other, self.elements[n]) for other in self.elements),
        )
        self.advance = lru_cache(None)(self._advance)
        self.covers = lru_cache(None)(self._covers)
        if len(set(offsets)) == 1:
            self.symmetry = Symmetry(
                lambda world: (world.tick, world.crashes, tuple(sorted(world.copies))),
                lambda world: True,
            )

    def starts(self) -> Iterator[World]:
        """Every write is under way to every replica."""
        fresh = Copy(-1, 0, 0, self.all, (-1, 0, 0))
        yield World(0, self.crashes, (fresh,) * len(self.offsets))

    def actions(self, world: World) -> Iterator[Action]:
        """A write arrives, one that waits is looked at, a replica crashes, time moves on."""
        for at, copy in enumerate(world.copies):
            for n in range(len(self.elements)):
                if copy.flight >> n & 1:
                    yield ("deliver", at, n)
                if copy.waiting >> n & 1:
                    yield ("due", at, n)
            if world.crashes:
                yield ("crash", at)
        if world.tick < self.ticks:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("tick",):
                return World(world.tick + 1, world.crashes, world.copies)
            case ("round",):
                return self._rounded(world)
            case ("crash", int(at)):
                held, waiting, horizon = world.copies[at].kept
                copy = Copy(
                    held, waiting, horizon, world.copies[at].flight, (held, waiting, horizon)
                )
                return World(world.tick, world.crashes - 1, self._put(world, at, copy))
            case ("deliver" | "due" as verb, int(at), int(n)):
                wall = world.tick + self.offsets[at]
                copy, _ = self.advance(world.copies[at], str(verb), n, wall)
                return World(world.tick, world.crashes, self._put(world, at, copy))
            case _:
                return None

    def _put(self, world: World, at: int, copy: Copy) -> tuple[Copy, ...]:
        return (*world.copies[:at], copy, *world.copies[at + 1 :])

    def _advance(self, copy: Copy, verb: str, n: int, wall: int) -> tuple[Copy, Verdict]:
        """Take a step of the shipped rule. Spec: HAM-3, HAM-5."""
        horizon = observe(Clock(copy.horizon, 0, 0), wall).horizon_ns
        held = None if copy.held < 0 else self.elements[copy.held]
        waiting = frozenset(e for i, e in enumerate(self.elements) if copy.waiting >> i & 1)
        element = self.elements[n]
        if verb == "deliver":
            event: Offer | Due = Offer(element, horizon, wall, self.skew)
        else:
            event = Due(element, horizon)
        register, verdict = _parts(ham.step(Register(held, waiting), event))
        now = -1 if register.held is None else self.elements.index(register.held)
        bits = sum(1 << self.elements.index(item) for item in register.waiting)
        is_taken = verb == "deliver" and verdict is not Verdict.REFUSED
        flight = copy.flight & ~(1 << n) if is_taken else copy.flight
        is_kept = (now, bits) != (copy.held, copy.waiting)
        kept = (now, bits if self.is_waiting_kept else 0, horizon) if is_kept else copy.kept
        return Copy(now, bits, horizon, flight, kept), verdict

    def _covers(self, held: int, waiting: int, n: int) -> bool:
        """Tell whether what was received covers an element. Spec: HAM-6."""
        joined = None if held < 0 else self.elements[held]
        for i, element in enumerate(self.elements):
            if waiting >> i & 1:
                joined = field_join(joined, element)
        return joined is not None and element_le(self.elements[n], joined)

    def fair(self, world: World) -> Action | None:
        """Let everything under way arrive, look at everything that waits, let time pass."""
        return ("round",)

    def _rounded(self, world: World) -> World:
        for at in range(len(world.copies)):
            for verb in ("deliver", "due"):
                for n in range(len(self.elements)):
                    copy = world.copies[at]
                    if (copy.flight if verb == "deliver" else copy.waiting) >> n & 1:
                        copy, _ = self.advance(copy, verb, n, world.tick + self.offsets[at])
                        world = world._replace(copies=self._put(world, at, copy))
        return world._replace(tick=world.tick + 1)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of HAM."""
        return (
            Always("what is held is due", "CLK-3", self.is_held_due),
            Always("nothing received is lost", "HAM-6", self.is_kept),
            Always("what waits is above what is held", "HAM-4", self.waits_above),
            EachStep("what is held never goes down", "HAM-2", self.only_grows),
            EachStep(
                "what is covered is settled at once", "HAM-4", self.settles, self.is_offered_covered
            ),
            Eventually(
                "all hold the greatest write", "HAM-6", self.is_taken_in, self.is_done, WITHIN
            ),
            Sometimes("a write waits", "HAM-5", lambda w: any(c.waiting for c in w.copies)),
            Sometimes("a replica crashed while a write waited", "HAM-5", self.is_crashed_waiting),
            Sometimes("replicas that received the same show two things", "HAM-6", self.is_apart),
        )

    def is_held_due(self, world: World) -> bool:
        """Check CLK-3."""
        return all(c.held < 0 or self.elements[c.held].stamp_ns <= c.horizon for c in world.copies)

    def is_kept(self, world: World) -> bool:
        """Check that held and waiting cover all that is not in flight any more."""
        return all(
            copy.flight >> n & 1 or self.covers(copy.held, copy.waiting, n)
            for copy in world.copies
            for n in range(len(self.elements))
        )

    def waits_above(self, world: World) -> bool:
        """Check that nothing waits for a time to come that is covered already."""
        return not any(
            copy.waiting >> n & 1
            and element.stamp_ns > copy.horizon
            and self.covers(copy.held, 0, n)
            for copy in world.copies
            for n, element in enumerate(self.elements)
        )

    def only_grows(self, before: World, action: Action, after: World) -> bool:
        """Check that each replica holds at least what it held, crashes included."""
        return all(
            old.held < 0 or self.covers(new.held, 0, old.held)
            for old, new in zip(before.copies, after.copies, strict=True)
        )

    def is_offered_covered(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a step offered what was held already."""
        match action:
            case ("deliver", int(at), int(n)):
                return self.covers(before.copies[at].held, 0, n)
            case _:
                return False

    def settles(self, before: World, action: Action, after: World) -> bool:
        """Check that such an offer ends without waiting and without refusal."""
        at, n = int(action[1]), int(action[2])
        copy = after.copies[at]
        return not copy.flight >> n & 1 and copy.waiting == before.copies[at].waiting

    def is_taken_in(self, world: World) -> bool:
        """Tell whether nothing is in flight."""
        return not any(copy.flight for copy in world.copies)

    def is_done(self, world: World) -> bool:
        """Tell whether every replica holds the greatest write."""
        return all(copy.held == self.best for copy in world.copies)

    def is_crashed_waiting(self, world: World) -> bool:
        """Tell whether a write that waits has outlived a crash."""
        return world.crashes < self.crashes and any(copy.waiting for copy in world.copies)

    def is_apart(self, world: World) -> bool:
        """Tell whether nothing is in flight and two replicas differ."""
        return self.is_taken_in(world) and len({copy.held for copy in world.copies}) > 1

    def tell(self, before: World, action: Action, after: World) -> str:
        """Say what happened."""
        match action:
            case ("deliver" | "due" as verb, int(at), int(n)):
                wall = before.tick + self.offsets[at]
                _, verdict = self.advance(before.copies[at], str(verb), n, wall)
                what = "is offered" if verb == "deliver" else "looks again at"
                text = f"Replica {at} {what} {self.text(n)} when its clock reads {wall}"
                return f"{text}: {verdict.value}."
            case ("crash", int(at)):
                return f"Replica {at} crashes and comes back as its journal has it."
            case ("round",):
                return f"All that is under way arrives, then it is {after.tick}."
            case _:
                return f"It is {after.tick} now."

    def text(self, n: int) -> str:
        """Name an element."""
        return "nothing" if n < 0 else f"{self.elements[n].value!r}@{self.elements[n].stamp_ns}"

    def show(self, world: World) -> str:
        """Say how things stand."""
        return "; ".join(
            f"replica {at} holds {self.text(copy.held)}"
            + "".join(
                f", {self.text(n)} waits"
                for n in range(len(self.elements))
                if copy.waiting >> n & 1
            )
            for at, copy in enumerate(world.copies)
        )


def _parts(step: ham.Step) -> tuple[Register, Verdict]:
    return step.register, step.verdict


ENTRY: Final = Entry(
    Ham,
    Bounds(states=300_000),
    (
        Sabotage(
            "deferral is volatile",
            "what waits is not written to the journal",
            "nothing received is lost",
            options={"is_waiting_kept": False},
        ),
        Sabotage(
            "last arrival wins",
            "of two writes at one instant the one that arrives last wins",
            "what is held never goes down",
            (
                Change(
                    "loomweave.core.graph.ham.verdict",
                    "element_le(offered, held):\n        return Verdict.SAME",
                    "offered.stamp_ns < held.stamp_ns:\n        return Verdict.SAME",
                ),
            ),
        ),
        Sabotage(
            "future tested after all",
            "a write that is not due is applied at once",
            "what is held is due",
            (Change("loomweave.core.graph.ham.verdict", "return Verdict.DEFERRED", "pass"),),
        ),
    ),
)
