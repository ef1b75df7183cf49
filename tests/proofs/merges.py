"""Merges to be checked: right ones, wrong ones, and ones that cannot be checked."""

import enum
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import msgspec
from hypothesis import strategies as st


@dataclass(frozen=True)
class Latest:
    """A value with a stamp; a tie goes to the greater value."""

    stamp: int
    value: str

    def join(self, other: "Latest") -> "Latest":
        """Take the later one."""
        if other.stamp != self.stamp:
            return other if other.stamp > self.stamp else self
        return other if other.value > self.value else self

    @staticmethod
    def le(a: "Latest", b: "Latest") -> bool:
        """Order by stamp, then by value."""
        return a.stamp < b.stamp or (a.stamp == b.stamp and a.value <= b.value)


@dataclass(frozen=True)
class LatestOrMine:
    """A value with a stamp; a tie goes to whoever is asked."""

    stamp: int
    value: str

    def join(self, other: "LatestOrMine") -> "LatestOrMine":
        """Take the later one."""
        return other if other.stamp > self.stamp else self


class Tags(msgspec.Struct, frozen=True):
    """Tags that were added, and those that were removed for ever."""

    added: frozenset[str]
    removed: frozenset[str]

    def join(self, other: "Tags") -> "Tags":
        """Take both."""
        return Tags(self.added | other.added, self.removed | other.removed)

    def remove(self, tag: str) -> "Tags":
        """Remove a tag."""
        return Tags(self.added, self.removed | frozenset({tag}))

    updates = ("remove",)


class Loop:
    """A right merge with a loop, which is not read."""

    @staticmethod
    def join(a: frozenset[int], b: frozenset[int]) -> frozenset[int]:
        """Take both, one by one."""
        found = set(a)
        for item in b:
            found.add(item)
        return frozenset(found)


class Nested:
    """Sets by key."""

    @staticmethod
    def join(
        a: Mapping[str, frozenset[int]], b: Mapping[str, frozenset[int]]
    ) -> Mapping[str, frozenset[int]]:
        """Take the union of each key."""
        return {key: a.get(key, frozenset()) | b.get(key, frozenset()) for key in {**a, **b}}


def earliest(a: int, b: int) -> int:
    """Take the lesser: right, if less is meant to be more."""
    return min(a, b)


class Earliest:
    """The same, which says so."""

    join = staticmethod(earliest)

    @staticmethod
    def le(a: int, b: int) -> bool:
        """Order numbers backwards."""
        return a >= b


class Even:
    """A merge that is one for even numbers only."""

    @staticmethod
    def join(a: int, b: int) -> int:
        """Take the greater one, made even."""
        return max(a, b) // 2 * 2

    @staticmethod
    def valid(a: int) -> bool:
        """Tell whether a number is even."""
        return a % 2 == 0


class Raises:
    """It looks keys up that are not there."""

    @staticmethod
    def join(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        """Take the greater of each key."""
        return {key: max(a[key], b[key]) for key in a | b}


class NoState:
    """What it returns is no state."""

    @staticmethod
    def join(a: frozenset[int], b: frozenset[int]) -> object:
        """Count."""
        return len(a | b)


class Mutates:
    """It writes into what it was given."""

    @staticmethod
    def join(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        """Take the greater of each key."""
        for key, value in b.items():
            a[key] = max(a.get(key, value), value)
        return a


class Colour(enum.Enum):
    """A few names."""

    RED = 1
    BLUE = 2


class First:
    """Who comes first stays."""

    @staticmethod
    def join(a: Colour | None, b: Colour | None) -> Colour | None:
        """Take what there is."""
        return b if a is None else a


class Endless:
    """It turns for ever, for some."""

    @staticmethod
    def join(a: int, b: int) -> int:
        """Wait for a miracle."""
        while a < b:
            pass
        return a


class Slow:
    """It takes its time."""

    @staticmethod
    def join(a: int, b: int) -> int:
        """Sleep first."""
        time.sleep(30)
        return max(a, b)


class Shuts:
    """It ends the process."""

    @staticmethod
    def join(a: int, b: int) -> NoReturn:
        """Leave without a word."""
        import os

        os._exit(3)


class Money:
    """States that only a strategy of its own can make."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and self.cents == other.cents

    def __repr__(self) -> str:
        return f"Money({self.cents})"


class Purse:
    """The most that was ever there."""

    @staticmethod
    def join(a: Money, b: Money) -> Money:
        """Take the greater one."""
        return Money(max(a.cents, b.cents))

    @staticmethod
    def samples() -> st.SearchStrategy[Money]:
        """Make states."""
        return st.builds(Money, st.integers(0, 9))


class NoJoin:
    """It lacks what is needed."""


class NoTypes:
    """Nobody knows what it joins."""

    @staticmethod
    def join(a, b):  # type: ignore[no-untyped-def]
        return a


class ForClass:
    """Its join is a class method."""

    @classmethod
    def join(cls, a: int, b: int) -> int:
        """Take one."""
        return a


class Anything:
    """Its states are anything at all."""

    @staticmethod
    def join(a: object, b: object) -> object:
        """Take one."""
        return a
