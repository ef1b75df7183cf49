"""One replica whose wall clock jumps both ways, writing and taking in. Spec: CLK-2 to CLK-5."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.clocks import Clock, issue, note_applied, observe
from loomweave.core.graph import ham
from loomweave.core.graph.ham import Due, Offer, Register, Verdict
from loomweave.core.lattices.register import Element, element_le
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
STEP_NS: Final = 600
"""How far apart the readings of the wall clock are: not a multiple of the grid."""
SKEW_NS: Final = 1_800

Mark = tuple[int, str, int]
"""An element, small: stamp, value, seq; own ones have a seq above 0."""


class World(NamedTuple):
    """A register, its clock, and what is still under way."""

    wall: int
    clock: tuple[int, int, int]
    held: Mark | None
    waiting: tuple[Mark, ...]
    flight: tuple[Mark, ...]
    writes: int
    verdict: str
    """What became of the last offer."""


class Clocks(Model[World]):
    """A clock that is set back parks nothing old and never issues a stamp twice. Spec: CLK-2."""

    name = "clocks"
    words = "a replica writes and takes in while its wall clock jumps forth and back"
    shipped = (
        "loomweave.core.clocks.observe",
        "loomweave.core.clocks.issue",
        "loomweave.core.clocks.next_stamp",
        "loomweave.core.clocks.note_applied",
        "loomweave.core.clocks.is_ahead",
        "loomweave.core.clocks.is_due",
        "loomweave.core.graph.ham.step",
        "loomweave.core.graph.ham.verdict",
    )

    def __init__(self, readings: int = 7, writes: int = 2) -> None:
        self.readings, self.writes = readings, writes
        self.offers: tuple[Mark, ...] = ((1_000, "b", 0), (2_000, "a", 0), (3_000, "c", 0))
        self.take = lru_cache(None)(self._take)

    def starts(self) -> Iterator[World]:
        """Nothing is known, and the clock may read anything."""
        for wall in range(self.readings):
            yield World(wall, (0, 0, 0), None, (), self.offers, self.writes, "")

    def actions(self, world: World) -> Iterator[Action]:
        """The clock is set, an element comes or comes again, a client writes."""
        for wall in range(self.readings):
            if wall != world.wall:
                yield ("set", wall)
        for n, mark in enumerate(self.offers):
            yield ("offer", n)
            if mark in world.waiting:
                yield ("due", n)
        if world.writes:
            yield ("write",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("set", int(wall)):
                return world._replace(wall=wall, verdict="")
            case ("offer" | "due" as verb, int(n)):
                return self.take(world, str(verb), self.offers[n], world.wall * STEP_NS)
            case ("write",):
                return self._write(world) if world.writes else None
            case _:
                return None

    def _take(self, world: World, verb: str, mark: Mark, wall_ns: int) -> World:
        """Take a step of the shipped rule under the shipped clock."""
        clock = observe(Clock(*world.clock), wall_ns)
        element = element_of(mark)
        event: Offer | Due
        if verb == "offer":
            event = Offer(element, clock.horizon_ns, wall_ns, SKEW_NS)
        else:
            event = Due(element, clock.horizon_ns)
        register = Register(
            None if world.held is None else element_of(world.held),
            frozenset(element_of(item) for item in world.waiting),
        )
        step = ham.step(register, event)
        if step.verdict is Verdict.APPLIED:
            clock = note_applied(clock, mark[0])
        is_taken = verb == "offer" and step.verdict is not Verdict.REFUSED
        return World(
            world.wall,
            (clock.horizon_ns, clock.issued_ns, clock.applied_ns),
            None if step.register.held is None else mark_of(step.register.held),
            tuple(sorted(mark_of(item) for item in step.register.waiting)),
            tuple(item for item in world.flight if not is_taken or item != mark),
            world.writes,
            step.verdict.value,
        )

    def _write(self, world: World) -> World:
        """Write with the next own stamp, after what it reaches; no skew limit holds for it."""
        wall_ns = world.wall * STEP_NS
        clock = issue(observe(Clock(*world.clock), wall_ns), wall_ns)
        for mark in world.waiting:
            if mark[0] <= clock.issued_ns:
                world = self.take(world, "due", mark, clock.issued_ns)
                clock = issue(observe(Clock(*world.clock), wall_ns), wall_ns)
        seq = self.writes - world.writes + 1
        own = (clock.issued_ns, "o", seq)
        kept = world._replace(clock=(clock.horizon_ns, clock.issued_ns, clock.applied_ns))
        return self.take(kept, "offer", own, clock.horizon_ns)._replace(writes=world.writes - 1)

    def fair(self, world: World) -> Action | None:
        """Set the clock right, at its latest reading; offer and let in what is left."""
        if world.wall < self.readings - 1:
            return ("set", self.readings - 1)
        if world.flight:
            return ("offer", self.offers.index(world.flight[0]))
        return ("due", self.offers.index(world.waiting[0])) if world.waiting else None

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of clocks that jump."""
        return (
            EachStep("the horizon never runs back", "CLK-2", self.is_onward),
            EachStep("own stamps grow and win", "CLK-4", self.is_own_above, self.is_write),
            EachStep("what is covered is settled at once", "HAM-4", self.settles, self.is_covered),
            EachStep("nothing beyond the limit is taken", "CLK-5", self.is_refused, self.is_beyond),
            EachStep("what is held never goes down", "HAM-2", self.only_grows),
            Always("what is held is due", "CLK-3", self.is_due),
            Eventually(
                "all is admitted once the clock is right", "CLK-5", self.is_any, self.is_in, WITHIN
            ),
            Sometimes("an offer is refused", "CLK-5", lambda world: world.verdict == "refused"),
            Sometimes("an offer is deferred", "HAM-5", lambda world: world.verdict == "deferred"),
            Sometimes("an offer is stale", "HAM-4", lambda world: world.verdict == "stale"),
            Sometimes("an own write runs ahead of its clock", "CLK-4", self.is_ahead),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_onward(self, before: World, action: Action, after: World) -> bool:
        """Check CLK-2."""
        return after.clock[0] >= before.clock[0]

    def is_write(self, before: World, action: Action, after: World) -> bool:
        """Tell whether a client wrote."""
        return action[0] == "write"

    def is_own_above(self, before: World, action: Action, after: World) -> bool:
        """Check that the own stamp is on the grid, above all, not before the wall, and shows."""
        stamp_ns = after.clock[1]
        return (
            stamp_ns > max(before.clock[1], before.held[0] if before.held else 0)
            and stamp_ns >= before.wall * STEP_NS
            and stamp_ns % 1_000 == 0
            and after.held is not None
            and after.held[:2] == (stamp_ns, "o")
        )

    def is_covered(self, before: World, action: Action, after: World) -> bool:
        """Tell whether an offer is at or below what is held."""
        return (
            action[0] == "offer"
            and before.held is not None
            and element_le(element_of(self.offers[int(action[1])]), element_of(before.held))
        )

    def settles(self, before: World, action: Action, after: World) -> bool:
        """Check HAM-4."""
        return after.verdict in ("stale", "same") and after.waiting == before.waiting

    def is_beyond(self, before: World, action: Action, after: World) -> bool:
        """Tell whether an offer that is not covered lies beyond the skew limit."""
        if action[0] != "offer" or self.is_covered(before, action, after):
            return False
        return self.offers[int(action[1])][0] > before.wall * STEP_NS + SKEW_NS

    def is_refused(self, before: World, action: Action, after: World) -> bool:
        """Check CLK-5."""
        return after.verdict == "refused" and (after.held, after.waiting) == (
            before.held,
            before.waiting,
        )

    def only_grows(self, before: World, action: Action, after: World) -> bool:
        """Check HAM-2."""
        return before.held is None or (
            after.held is not None and element_le(element_of(before.held), element_of(after.held))
        )

    def is_due(self, world: World) -> bool:
        """Check CLK-3."""
        return world.held is None or world.held[0] <= world.clock[0]

    def is_in(self, world: World) -> bool:
        """Tell whether nothing is under way and nothing waits."""
        return not world.flight and not world.waiting

    def is_ahead(self, world: World) -> bool:
        """Tell whether the last own stamp lies above what the clock reads now."""
        return world.clock[1] > world.wall * STEP_NS + 1_000


@lru_cache(None)
def element_of(mark: Mark) -> Element:
    """Make the element of a mark."""
    stamp_ns, value, seq = mark
    return Element(stamp_ns, value, b"own" if seq else b"peer", seq)


def mark_of(element: Element) -> Mark:
    """Write an element small."""
    return element.stamp_ns, str(element.value), element.seq


ENTRY: Final = Entry(
    Clocks,
    Bounds(states=150_000),
    (
        Sabotage(
            "the horizon follows the wall",
            "a clock that is set back takes the horizon with it",
            "the horizon never runs back",
            (Change("loomweave.core.clocks.observe", "wall_ns <= clock.horizon_ns", "False"),),
        ),
        Sabotage(
            "future tested before held",
            "what is held already is compared with clocks first",
            "what is covered is settled at once",
            (
                Change(
                    "loomweave.core.graph.ham.verdict",
                    "if held is not None and element_le(offered, held):",
                    "if is_ahead(offered.stamp_ns, wall_ns, skew_max_ns):\n"
                    "        return Verdict.REFUSED\n"
                    "    if held is not None and element_le(offered, held):",
                ),
            ),
        ),
        Sabotage(
            "stamps follow the wall",
            "an own stamp is the reading of the clock",
            "own stamps grow and win",
            (
                Change(
                    "loomweave.core.clocks.next_stamp",
                    "clock.issued_ns + 1, clock.applied_ns + 1, wall_ns",
                    "0, wall_ns",
                ),
                Change("loomweave.core.clocks.issue", "max(clock.applied_ns, stamp_ns)", "0"),
            ),
        ),
        Sabotage(
            "no limit",
            "whatever its stamp, a write may wait",
            "nothing beyond the limit is taken",
            (
                Change(
                    "loomweave.core.clocks.is_ahead", "stamp_ns > wall_ns + skew_max_ns", "False"
                ),
            ),
        ),
    ),
)
