"""Small worlds: three replicas, and every order in which what they say can arrive.

Each replica begins with one small state and tells it to the others; whatever was ever said may
arrive at anyone, at any time, again, or never. From each world that can be reached the replicas are
let talk until nothing changes: all must hold the same then, and nothing that any began with may be
lost.
"""

import copy
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from loomweave_proofs.lattice import limits
from loomweave_proofs.lattice.states import literal

REPLICAS: Final = 3
SEEDS_MAX: Final = 6
"""How many small states the replicas may begin with."""
WORLDS_MAX: Final = 40_000
"""Most worlds that are visited, and for how long."""
TIME_S: Final = 4.0
ROUNDS_MAX: Final = 8
"""In so many rounds everyone has heard everything from everyone; more is no end."""

World = tuple[tuple[int, ...], frozenset[int]]
"""What each replica holds, and what was ever said; numbers stand for states."""
Hearing = tuple[int, int]
"""A replica hears a state."""


class Lost(Exception):
    """A join raised; the message says how."""

    def __init__(self, message: str, pair: tuple[object, object]) -> None:
        super().__init__(message)
        self.pair = pair


@attrs.frozen
class Story:
    """How replicas come apart: what they begin with, what arrives where, and what is wrong."""

    begin: Sequence[object]
    hearings: Sequence[tuple[int, object]]
    wrong: str
    is_loss: bool
    """Something is lost; else the replicas disagree, or never come to rest."""
    lost: object = None


@attrs.frozen
class Exploration:
    """What was explored."""

    begins: int
    worlds: int
    is_whole: bool
    story: Story | None = None


class States:
    """Numbers states, and joins numbers; each join is made once."""

    def __init__(
        self,
        join: Callable[[object, object], object],
        below: Callable[[object, object], bool],
    ) -> None:
        self._join, self._below = join, below
        self.values: list[object] = []
        self._numbers: dict[str, int] = {}
        self._joined: dict[tuple[int, int], int] = {}

    def number(self, value: object) -> int:
        """Number a state by how it is written."""
        text = literal(value)
        if text not in self._numbers:
            self._numbers[text] = len(self.values)
            self.values.append(value)
        return self._numbers[text]

    def join(self, one: int, two: int) -> int:
        """Join two states.

        Raises:
            Lost: the join raised.
        """
        if (one, two) not in self._joined:
            try:
                pair = copy.deepcopy((self.values[one], self.values[two]))
                made = limits.call(self._join, *pair)
            except Exception as error:
                raise Lost(f"{type(error).__name__}: {error}", pair) from None
            self._joined[one, two] = self.number(made)
        return self._joined[one, two]

    def is_below(self, one: int, two: int) -> bool:
        """Tell whether one state is part of another.

        Raises:
            Lost: they cannot be compared.
        """
        try:
            return bool(self._below(self.values[one], self.values[two]))
        except Exception as error:
            pair = self.values[one], self.values[two]
            raise Lost(f"{type(error).__name__}: {error}", pair) from None

    def is_same(self, one: int, two: int) -> bool:
        """Tell whether two states are equal."""
        return one == two or bool(self.values[one] == self.values[two])


def explore(states: States, seeds: Sequence[object], until_s: float = TIME_S) -> Exploration:
    """Explore the worlds that begin with any of the states at each replica."""
    numbers = [states.number(seed) for seed in seeds[:SEEDS_MAX]]
    ends_s = time.perf_counter() + until_s
    begins = worlds = 0
    for begin in itertools.combinations_with_replacement(numbers, REPLICAS):
        begins += 1
        parents: dict[World, tuple[World, Hearing] | None] = {(begin, frozenset(begin)): None}
        queue = list(parents)
        for world in queue:
            if worlds >= WORLDS_MAX or time.perf_counter() > ends_s:
                return Exploration(begins, worlds, False)
            worlds += 1
            try:
                wrong = judge(states, begin, world)
                if wrong is not None:
                    story = wrong_story(states, parents, world, wrong)
                    return Exploration(begins, worlds, False, story)
                for hearing, after in steps(states, world):
                    if after not in parents:
                        parents[after] = (world, hearing)
                        queue.append(after)
            except Lost as error:
                story = Story(error.pair, [(0, error.pair[1])], f"it raises {error}", False)
                return Exploration(begins, worlds, False, story)
    return Exploration(begins, worlds, True)


def steps(states: States, world: World) -> Iterator[tuple[Hearing, World]]:
    """List what may happen next: any replica hears anything that was ever said."""
    held, said = world
    for replica, mine in enumerate(held):
        for state in sorted(said):
            after = states.join(mine, state)
            if after != mine:
                new = (*held[:replica], after, *held[replica + 1 :])
                yield (replica, state), (new, said | {after})


def judge(
    states: States, begin: Sequence[int], world: World
) -> tuple[list[Hearing], str, int | None] | None:
    """Let everyone talk until nothing changes, in several orders; tell what is wrong then."""
    pairs = [(a, b) for a in range(REPLICAS) for b in range(REPLICAS) if a != b]
    for order in (pairs, pairs[::-1]):
        held, heard = list(world[0]), []
        for _ in range(ROUNDS_MAX):
            before = list(held)
            for teller, hearer in order:
                after = states.join(held[hearer], held[teller])
                if after != held[hearer]:
                    heard.append((hearer, held[teller]))
                    held[hearer] = after
            if held == before:
                break
        else:
            return heard, "they never come to rest", None
        if not all(states.is_same(held[0], other) for other in held[1:]):
            return heard, "everyone has heard everyone, and they disagree", None
        for state in begin:
            if not states.is_below(state, held[0]):
                return heard, f"{literal(states.values[state])} is lost", state
    return None


def wrong_story(
    states: States,
    parents: dict[World, tuple[World, Hearing] | None],
    world: World,
    wrong: tuple[list[Hearing], str, int | None],
) -> Story:
    """Tell how a world came about: the shortest way to it, and then the talk."""
    heard, what, lost = wrong
    way: list[Hearing] = []
    while (step := parents[world]) is not None:
        world, hearing = step
        way.append(hearing)
    begin = [states.values[at] for at in world[0]]
    told = [(replica, states.values[state]) for replica, state in [*way[::-1], *heard]]
    return Story(begin, told, what, lost is not None, None if lost is None else states.values[lost])
