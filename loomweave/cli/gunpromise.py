"""What we promise to do with GUN's puts, written as plainly as possible. Spec: GUN-12, GUN-13.

A list of all that was admitted, and a maximum over it: the dumb twin of the shipped decision.
"""

import math
from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from loomweave.cli.guntwin import OBJECT_NAMES, PROMISED_MS_MAX, is_valid, text_key
from loomweave.core.gun_stamps import ms_of_stamp, stamp_of_ratio

PROMISED_NAME_BYTES_MAX: Final = 1_024
VALUE_CHARACTERS_MAX: Final = 1_000_000


@frozen
class Unit:
    """How milliseconds become the integers that the decision compares."""

    of: Callable[[float], int]
    back: Callable[[int], float]
    skew_max: int


Write = tuple[int, bytes, object]
"""Stamp, text as units, value."""


def is_exact(state: object) -> bool:
    """Tell whether nanoseconds say a state exactly enough to come back; other objects are none."""
    if not isinstance(state, float) or not math.isfinite(state):
        return True
    return ms_of_stamp(stamp_of_ratio(*state.as_integer_ratio())) == state


def fields_of(put: object) -> Iterator[tuple[str, str, object, object]]:
    """Yield soul, field, state and value of all that a put seems to hold."""
    for soul, node in put.items() if isinstance(put, dict) else ():
        meta = node.get("_") if isinstance(node, dict) else None
        states = meta.get(">") if isinstance(meta, dict) else None
        for field, value in node.items() if isinstance(node, dict) else ():
            if field != "_":
                yield soul, field, states.get(field) if isinstance(states, dict) else None, value


def promised_fault(put: object) -> str | None:
    """Name the departure by which a put is refused whole, or None where it is good."""
    if put is None:
        return None
    if not isinstance(put, dict) or ("#" in put and "." in put):
        return "malformed"
    found = [fault for soul, node in put.items() if (fault := _node_fault(soul, node))]
    return min(found, key=("malformed", "state", "range").index, default=None)


def _node_fault(soul: str, node: object) -> str | None:
    if _is_bad_name(soul) or soul in OBJECT_NAMES or not isinstance(node, dict):
        return "malformed"
    meta = node.get("_")
    if not isinstance(meta, dict) or meta.get("#") != soul or not isinstance(meta.get(">"), dict):
        return "malformed"
    found = [
        fault
        for field, value in node.items()
        if field != "_" and (fault := _field_fault(field, value, meta[">"]))
    ]
    return min(found, key=("malformed", "state", "range").index, default=None)


def _field_fault(field: str, value: object, states: dict[str, object]) -> str | None:
    if _is_bad_name(field) or field.startswith("$") or field == "__proto__":
        return "malformed"
    if field not in states or not is_valid(value) or len(str(value)) > VALUE_CHARACTERS_MAX:
        return "malformed"
    state = states[field]
    if not isinstance(state, float) or not math.isfinite(state):
        return "state"
    return "range" if abs(state) >= PROMISED_MS_MAX else None


def _is_bad_name(name: str) -> bool:
    units = name.encode("utf-8", "surrogatepass")
    is_torn = any("\ud800" <= character <= "\udfff" for character in name)
    return not name or "\0" in name or is_torn or len(units) > PROMISED_NAME_BYTES_MAX


class Promised:
    """What one replica has admitted, and its clock. Spec: GUN-13."""

    def __init__(self, machine: float, unit: Unit) -> None:
        """Begin with nothing at a reading of the clock."""
        self.unit = unit
        self.now = unit.of(machine)
        self.held = ("", "")
        self.floor: Write | None = None
        self.writes: dict[tuple[str, str], list[Write]] = {}
        self.refused = False
        """Whether the last put was refused whole."""
        self.decision = ""
        """What became of the last field."""

    def hold(self, soul: str, field: str, state: float, value: object) -> None:
        """Take something as held, whatever the clock says."""
        self.held = (soul, field)
        write = (self.unit.of(state), text_key(value), value)
        self.writes.setdefault((soul, field), []).append(write)
        self.floor = write

    def advance(self, to: float) -> None:
        """Let time pass."""
        self.now = max(self.now, self.unit.of(to))

    def put(self, put: object) -> str | None:
        """Admit a put; name the departure from GUN that this is, if it is one."""
        fault = promised_fault(put)
        self.refused = fault is not None
        if fault is not None:
            self.decision = "error"
            return fault
        names = [
            self.write(soul, field, state, value)
            for soul, field, state, value in fields_of(put)
            if isinstance(state, float)
        ]
        return next((name for name in names if name), None)

    def write(self, soul: str, field: str, state: float, value: object) -> str | None:
        """Admit one field; name the departure that this is, if it is one."""
        write = (self.unit.of(state), text_key(value), value)
        there = self.writes.setdefault((soul, field), [])
        top = self.top(soul, field)
        is_late = write[0] > self.now
        if top is not None and write[:2] <= top[:2]:
            self.decision = "ignore"
            return "keep-first" if is_late else None
        if write[0] > self.now + self.unit.skew_max:
            self.decision = "refuse"
            return "skew"
        if is_late and any(write[:2] == other[:2] for other in there):
            self.decision = "ignore"
            return "keep-first"
        there.append(write)
        self.decision = "defer" if is_late else "incoming"
        return None

    def top(self, soul: str, field: str) -> Write | None:
        """Return the greatest of what is visible of a field."""
        seen = [w for w in self.writes.get((soul, field), []) if w[0] <= self.now]
        if self.floor is not None and self.held == (soul, field):
            seen.append(self.floor)
        return max(seen, key=lambda write: write[:2], default=None)

    def field(self, soul: str, field: str) -> object:
        """Return value and state of a field, or None."""
        top = self.top(soul, field)
        return None if top is None else [top[2], self.unit.back(top[0])]

    def graph(self) -> dict[str, object]:
        """Return what is visible, in GUN's wire form."""
        found: dict[str, dict[str, object]] = {}
        states: dict[str, dict[str, float]] = {}
        for soul, field in self.writes:
            if (top := self.top(soul, field)) is None:
                continue
            states.setdefault(soul, {})[field] = self.unit.back(top[0])
            found.setdefault(soul, {})[field] = top[2]
        return {soul: {"_": {"#": soul, ">": states[soul]}, **node} for soul, node in found.items()}

    def pending(self) -> int:
        """Count what waits."""
        return sum(write[0] > self.now for there in self.writes.values() for write in there)
