"""Dropping what is dominated, while writes come late and again. Spec: GRF-19 to GRF-21."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.graph import compaction as kernel
from loomweave.core.lattices.register import Element
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


class World(NamedTuple):
    """All that ever came, what is kept of it, and the horizon; sets are bits."""

    log: int
    kept: int
    horizon: int


class Compaction(Model[World]):
    """What is dropped is never missed, at this horizon or a later one. Spec: GRF-20."""

    name = "compaction"
    words = "dominated elements are dropped while writes come early, late and again"
    shipped = (
        "loomweave.core.graph.compaction.compact",
        "loomweave.core.graph.compaction.drop",
        "loomweave.core.graph.compaction.is_read",
        "loomweave.core.graph.compaction.is_dominated",
    )

    def __init__(
        self,
        writes: tuple[tuple[int, str], ...] = (
            (1, "a"), (1, "b"), (2, "b"), (3, "a"), (3, "c"), (5, "a"),
        ),
        last: int = 6,
    ) -> None:  # fmt: skip
        self.elements = tuple(
            Element(stamp, value, bytes([65 + at]), 1) for at, (stamp, value) in enumerate(writes)
        )
        self.last = last
        self.shown = lru_cache(None)(self._shown)
        self.compacted = lru_cache(None)(self._compacted)

    def some(self, bits: int) -> frozenset[Element]:
        """Give the elements of a set of bits."""
        return frozenset(e for n, e in enumerate(self.elements) if bits >> n & 1)

    def bits(self, elements: frozenset[Element]) -> int:
        """Write a set of elements as bits."""
        return sum(1 << n for n, e in enumerate(self.elements) if e in elements)

    def _shown(self, bits: int, horizon: int) -> int:
        """Say what is read of a set at a horizon, by the shipped rule, as bits."""
        some = self.some(bits)
        return self.bits(frozenset(e for e in some if kernel.is_read(some, horizon, e)))

    def _compacted(self, bits: int, at: int, by: int, horizon: int) -> int:
        """Drop one element, or with `at` below 0 all that one dominates."""
        some, floor = self.some(bits), self.elements[by]
        if at < 0:
            return self.bits(kernel.compact(some, floor, horizon))
        return self.bits(kernel.drop(some, self.elements[at], floor, horizon))

    def starts(self) -> Iterator[World]:
        """Nothing has come."""
        yield World(0, 0, 0)

    def actions(self, world: World) -> Iterator[Action]:
        """A write comes, perhaps again; something is dropped; the horizon moves on."""
        for n in range(len(self.elements)):
            yield ("arrive", n)
            if world.kept >> n & 1:
                yield ("compact", n)
                yield from (("drop", at, n) for at in range(len(self.elements)) if at != n)
        if world.horizon < self.last:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("arrive", int(n)):
                return World(world.log | 1 << n, world.kept | 1 << n, world.horizon)
            case ("compact", int(n)):
                return world._replace(kept=self.compacted(world.kept, -1, n, world.horizon))
            case ("drop", int(at), int(n)):
                return world._replace(kept=self.compacted(world.kept, at, n, world.horizon))
            case ("tick",):
                return world._replace(horizon=world.horizon + 1)
            case _:
                return None

    def fair(self, world: World) -> Action | None:
        """Let time pass, then drop all that can be dropped."""
        if world.horizon < self.last:
            return ("tick",)
        for n in range(len(self.elements)):
            if (
                world.kept >> n & 1
                and self.compacted(world.kept, -1, n, world.horizon) != world.kept
            ):
                return ("compact", n)
        return None

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of dropping."""
        return (
            Always("what is read is as if nothing had been dropped", "GRF-20", self.reads_same),
            EachStep("dropping adds nothing", "GRF-21", self.only_drops, self.is_drop),
            Eventually("one element is left", "GRF-21", self.has_any, self.is_single, WITHIN),
            Sometimes("something was dropped", "GRF-20", lambda world: world.log != world.kept),
            Sometimes("something due is kept beside what waits", "GRF-20", self.is_mixed),
        )

    def reads_same(self, world: World) -> bool:
        """Check the reading at this horizon and at each later one."""
        return all(
            self.shown(world.kept, horizon) == self.shown(world.log, horizon)
            for horizon in range(world.horizon, self.last + 1)
        )

    def is_drop(self, before: World, action: Action, after: World) -> bool:
        """Tell whether something may be dropped in this step."""
        return action[0] in ("compact", "drop")

    def only_drops(self, before: World, action: Action, after: World) -> bool:
        """Check that what is kept was kept before."""
        return after.kept & ~before.kept == 0

    def has_any(self, world: World) -> bool:
        """Tell whether something has come."""
        return bool(world.log)

    def is_single(self, world: World) -> bool:
        """Tell whether one element is kept."""
        return world.kept.bit_count() == 1

    def is_mixed(self, world: World) -> bool:
        """Tell whether some of what is kept is due and some is not."""
        due = [element.stamp_ns <= world.horizon for element in self.some(world.kept)]
        return any(due) and not all(due)


ENTRY: Final = Entry(
    Compaction,
    Bounds(states=40_000),
    (
        Sabotage(
            "dropped too early",
            "an element that waits dominates what is due",
            "what is read is as if nothing had been dropped",
            (
                Change(
                    "loomweave.core.graph.compaction.is_dominated",
                    "is_below and is_due(by.stamp_ns, horizon_ns)",
                    "is_below",
                ),
            ),
        ),
        Sabotage(
            "an absent floor",
            "an element that is not there dominates as well",
            "what is read is as if nothing had been dropped",
            (
                Change(
                    "loomweave.core.graph.compaction.drop",
                    "by in elements and is_dominated(element, by, horizon_ns)",
                    "element_le(element, by) or element.stamp_ns <= horizon_ns",
                ),
            ),
        ),
        Sabotage(
            "all below the floor and beside it",
            "compaction keeps only what is strictly above the floor",
            "what is read is as if nothing had been dropped",
            (
                Change(
                    "loomweave.core.graph.compaction.compact",
                    "if element_le(floor, element)",
                    "if not element_le(element, floor)",
                ),
            ),
        ),
    ),
)
