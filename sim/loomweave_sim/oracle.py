"""The naive oracle: every write that was ever made, and the greatest acknowledged one.

It knows nothing of batches, merging, deferral or digests: it keeps all writes and compares them
by an order of its own, written down from rule VAL-16 and HAM-1. Spec: SCN-25.
"""

import json
from collections.abc import Iterable
from typing import Final

import msgspec

from loomweave.core.lattices.register import Element
from loomweave.core.values import Link, Value, ValueMap

Place = tuple[str, str]
"""An entity and a field."""
Dot = tuple[bytes, int]
DumbKey = tuple[int, bytes, int, bytes, int]

_RANKS: Final[tuple[type, ...]] = (
    type(None),
    bool,
    int,
    float,
    str,
    bytes,
    Link,
    tuple,
    ValueMap,
)


class Made(msgspec.Struct, frozen=True, gc=False):
    """One write of one field, as it was made. Spec: SCN-25."""

    element: Element
    replica: int
    parent: Dot | None
    """The write that its writer saw there when it made this one."""


def dumb_text(value: Value) -> str:
    """Write a value as JSON, the way a browser would. Spec: SCN-25."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    return dict(value.items) if isinstance(value, ValueMap) else repr(value)


def dumb_key(element: Element) -> DumbKey:
    """Return what elements are compared by: stamp, text, kind, writer, number. Spec: SCN-25."""
    value = element.value
    text = dumb_text(value).encode("utf-16-be")
    return element.stamp_ns, text, _RANKS.index(type(value)), element.writer, element.seq


class Oracle:
    """All writes of a run. Spec: SCN-25."""

    __slots__ = ("_conflicts", "_stamps", "acknowledged", "conflicts", "made", "ties")

    def __init__(self) -> None:
        self.made: dict[Place, dict[Dot, Made]] = {}
        """Every write, whether it was acknowledged or not."""
        self.acknowledged: dict[Place, Made] = {}
        """Of each field, the greatest write that was acknowledged."""
        self.conflicts: dict[Place, int] = {}
        self.ties = 0
        self._conflicts: dict[tuple[Place, Dot | None], int] = {}
        self._stamps: dict[tuple[Place, int], Element] = {}

    def write(self, place: Place, made: Made) -> None:
        """Take note of a write at the instant at which it is made. Spec: SCN-25."""
        element = made.element
        self.made.setdefault(place, {})[(element.writer, element.seq)] = made
        # Two writes that saw the same one before them did not see each other.
        first = self._conflicts.setdefault((place, made.parent), made.replica)
        if first != made.replica:
            self.conflicts[place] = self.conflicts.get(place, 0) + 1
        other = self._stamps.setdefault((place, element.stamp_ns), element)
        if other is not element and dumb_key(other)[:3] != dumb_key(element)[:3]:
            self.ties += 1

    def acknowledge(self, dot: Dot, places: Iterable[Place]) -> None:
        """Take note that the writer of these fields was told that they are safe. Spec: SCN-25."""
        for place in places:
            made = self.made[place][dot]
            best = self.acknowledged.get(place)
            if best is None or dumb_key(best.element) < dumb_key(made.element):
                self.acknowledged[place] = made

    def was_made(self, place: Place, element: Element) -> bool:
        """Tell whether this very write was ever made. Spec: SCN-25."""
        made = self.made.get(place, {}).get((element.writer, element.seq))
        return made is not None and made.element == element

    def best(self, place: Place) -> Element | None:
        """Return the greatest acknowledged write of a field. Spec: SCN-25."""
        made = self.acknowledged.get(place)
        return None if made is None else made.element
