"""Flags: of two concurrent settings, one kind is declared the winner. Spec: LAT-13, LAT-14.

The winning kind writes a dot; the other undoes the dots that it saw.
"""

from typing import Final

import msgspec

from loomweave.core.lattices.dots import (
    DOTS_BOTTOM,
    Dot,
    Dots,
    dots_clear,
    dots_join,
    dots_le,
    dots_put,
)


class EnableWins(msgspec.Struct, frozen=True, gc=False):
    """A flag that is off until it is enabled; enabling wins. Spec: LAT-13."""

    enables: Dots


class DisableWins(msgspec.Struct, frozen=True, gc=False):
    """A flag that is on until it is disabled; disabling wins. Spec: LAT-14."""

    disables: Dots


ENABLE_WINS_BOTTOM: Final = EnableWins(DOTS_BOTTOM)
DISABLE_WINS_BOTTOM: Final = DisableWins(DOTS_BOTTOM)


def enable_wins_le(a: EnableWins, b: EnableWins) -> bool:
    """Order flags as their dots. Spec: LAT-13."""
    return dots_le(a.enables, b.enables)


def enable_wins_join(a: EnableWins, b: EnableWins) -> EnableWins:
    """Join flags: an enabling that one side holds and the other never saw stays. Spec: LAT-13."""
    return EnableWins(dots_join(a.enables, b.enables))


def enable_wins_enable(flag: EnableWins, dot: Dot) -> EnableWins:
    """Switch on, under a new dot; an old dot does nothing. Spec: LAT-6, LAT-13."""
    return EnableWins(dots_put(flag.enables, dot))


def enable_wins_disable(flag: EnableWins) -> EnableWins:
    """Undo the enablings that are held here. Spec: LAT-13."""
    return EnableWins(dots_clear(flag.enables))


def enable_wins_value(flag: EnableWins) -> bool:
    """Tell whether the flag is on: whether an enabling is held. Spec: LAT-13."""
    return flag.enables.live != frozenset()


def disable_wins_le(a: DisableWins, b: DisableWins) -> bool:
    """Order flags as their dots. Spec: LAT-14."""
    return dots_le(a.disables, b.disables)


def disable_wins_join(a: DisableWins, b: DisableWins) -> DisableWins:
    """Join flags: a disabling that one side holds and the other never saw stays. Spec: LAT-14."""
    return DisableWins(dots_join(a.disables, b.disables))


def disable_wins_disable(flag: DisableWins, dot: Dot) -> DisableWins:
    """Switch off, under a new dot; an old dot does nothing. Spec: LAT-6, LAT-14."""
    return DisableWins(dots_put(flag.disables, dot))


def disable_wins_enable(flag: DisableWins) -> DisableWins:
    """Undo the disablings that are held here. Spec: LAT-14."""
    return DisableWins(dots_clear(flag.disables))


def disable_wins_value(flag: DisableWins) -> bool:
    """Tell whether the flag is on: whether no disabling is held. Spec: LAT-14."""
    return flag.disables.live == frozenset()
