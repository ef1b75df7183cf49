"""Dots: names of single writes, and which of them still count. Spec: LAT-6, LAT-7.

To undo a write is to have seen its dot without holding it. So what was undone cannot come back from
a replica that did not hear of it, and what nobody saw cannot be undone.
"""

from typing import Final

import msgspec


class Dot(msgspec.Struct, frozen=True, gc=False):
    """The name of one write: whose, and its number among that writer's. Spec: LAT-6."""

    writer: bytes
    count: int


class Dots(msgspec.Struct, frozen=True, gc=False):
    """Which writes are known, and which of them still count. Spec: LAT-7."""

    live: frozenset[Dot]
    """Writes that nobody we heard of has undone."""
    seen: frozenset[Dot]
    """All writes heard of, undone ones too."""


DOTS_BOTTOM: Final = Dots(frozenset(), frozenset())


def dots_le(a: Dots, b: Dots) -> bool:
    """Order dots: above is what saw more, and revived nothing. Spec: LAT-7."""
    return a.seen <= b.seen and (b.live & a.seen) <= a.live and a.live <= (b.live | b.seen)


def dots_join(a: Dots, b: Dots) -> Dots:
    """Join dots: what both hold, and what one holds that the other never saw. Spec: LAT-7."""
    live = (a.live & b.live) | (a.live - b.seen) | (b.live - a.seen)
    return Dots(live, a.seen | b.seen)


def dots_put(dots: Dots, dot: Dot) -> Dots:
    """Let one new write stand for all that is held; a dot seen before does nothing.

    Spec: LAT-6, LAT-7.
    """
    if dot in dots.seen:
        return dots
    return Dots(frozenset({dot}), dots.seen | frozenset({dot}))


def dots_clear(dots: Dots) -> Dots:
    """Undo all writes that are held. Spec: LAT-7."""
    return Dots(frozenset(), dots.seen)


def dots_are_sound(dots: Dots) -> bool:
    """Tell whether all that is held was seen, as it is in every state there can be. Spec: LAT-7."""
    return dots.live <= dots.seen
