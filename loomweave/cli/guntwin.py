"""A slow, literal model of what GUN does with a put, and of what we promise to do instead.

The vectors are judged with it: where our answer differs from a line's, the line must be what GUN
does, our answer must be what the rules say, and the difference must have a name. It shares no code
with the merge. Spec: GUN-12, GUN-13.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

from loomweave.core.lexical import lexical_text, number_text, quoted
from loomweave.core.values import utf16

Json = None | bool | float | str | list["Json"] | dict[str, "Json"]
"""A value of JavaScript, numbers always floats; `UNDEFINED` stands for what is not there."""
DEFER_MS_MAX: Final = 2.0**31 - 1
CREEP: Final = 999
"""Part of a millisecond by which GUN's clock steps on within one."""
PROMISED_MS_MAX: Final = 2**43
"""The bound of GUN-2 once more, for the twin shares no code with what it judges."""
FIRES_MAX: Final = 100_000
OBJECT_NAMES: Final = frozenset(
    """__defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ constructor
    hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf""".split()
)
"""What every object of JavaScript knows."""


class Undefined:
    """JavaScript's `undefined`."""


UNDEFINED: Final = Undefined()


def is_number(raw: object) -> bool:
    """Tell whether a value of JavaScript is a number; NaN is one."""
    return isinstance(raw, float)


def primitive(raw: object) -> object:
    """Turn an object into the text that JavaScript compares it by."""
    if isinstance(raw, list):
        parts = [primitive(part) for part in raw]
        return ",".join(js_text(part) for part in parts)
    return "[object Object]" if isinstance(raw, dict) else raw


def js_text(raw: object) -> str:
    """Write a primitive as it stands in a joined array."""
    if raw is None or raw is UNDEFINED:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return number_text(raw) if math.isfinite(raw) else js_infinite(raw)
    return str(raw)


def js_infinite(number: float) -> str:
    """Write NaN or an infinity as JavaScript does."""
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


def to_number(raw: object) -> float:
    """Turn a value into the number that JavaScript compares it as."""
    raw = primitive(raw)
    if isinstance(raw, float):
        return raw
    if isinstance(raw, bool):
        return float(raw)
    if raw is None:
        return 0.0
    return text_number(raw.strip()) if isinstance(raw, str) else math.nan


def text_number(text: str) -> float:
    """Read a text as JavaScript's Number does."""
    if not text:
        return 0.0
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if text.lower().startswith(prefix):
            return based_number(text[2:].lower(), base)
    if text.lstrip("+-") == "Infinity":
        return -math.inf if text.startswith("-") else math.inf
    if not set(text) <= set("0123456789+-.eE"):
        return math.nan
    try:
        return float(text)
    except ValueError:
        return math.nan


def based_number(digits: str, base: int) -> float:
    """Read the digits of a text that names its base."""
    if not digits or not set(digits) <= set("0123456789abcdef"[:base]):
        return math.nan
    return float(int(digits, base))


def is_valid(raw: object) -> bool:
    """Tell whether GUN takes a value."""
    if raw is None or isinstance(raw, (str, bool)):
        return True
    if isinstance(raw, float):
        return math.isfinite(raw)
    if not isinstance(raw, dict) or list(raw) != ["#"]:
        return False
    return isinstance(raw["#"], str) and raw["#"] != ""


def stringify(raw: object) -> str:
    """Write a value as JSON.stringify does."""
    if isinstance(raw, list):
        return "[" + ",".join(stringify(part) for part in raw) + "]"
    if isinstance(raw, dict):
        kept = [key for key in js_keys(raw) if raw[key] is not UNDEFINED]
        return "{" + ",".join(f"{quoted(key)}:{stringify(raw[key])}" for key in kept) + "}"
    if raw is None or raw is UNDEFINED or (isinstance(raw, float) and not math.isfinite(raw)):
        return "null"
    assert isinstance(raw, (bool, float, str)), "no other value comes from JSON"
    return lexical_text(raw)


def text_key(raw: object) -> bytes:
    """Return the units by which GUN compares values at equal states."""
    return utf16(stringify(raw))


def is_kept(known: object, value: object) -> bool:
    """Tell whether what GUN knows stays against a value of equal state."""
    return known is not UNDEFINED and text_key(value) <= text_key(known)


def answer(
    machine: float, state: object, value: object, was: float, known: object, reply: bool
) -> str:
    """Say what GUN does with one field: error, defer, ignore or incoming."""
    if state is UNDEFINED or not is_valid(value):
        return "error"
    number = to_number(state)
    if number > machine:
        return "defer"
    if number < was:
        return "ignore"
    if is_number(state) and number == was and is_kept(known, value) and not reply:
        return "ignore"
    return "incoming"


def state_of(raw: object) -> float:
    """Return the state that GUN takes a field to have."""
    return raw if isinstance(raw, float) else -math.inf


def js_keys(table: Mapping[str, object]) -> list[str]:
    """List keys as JavaScript does: array indexes ascending, then the others as they came."""
    indexes = [key for key in table if is_index(key)]
    return sorted(indexes, key=int) + [key for key in table if not is_index(key)]


def is_index(key: str) -> bool:
    """Tell whether JavaScript takes a key for an array index."""
    is_digits = key.isascii() and key.isdigit() and len(key) <= 10
    return is_digits and str(int(key)) == key and int(key) < 2**32 - 1


def find_state(states: object, key: str) -> object:
    """Look a state up as JavaScript does: a name that every object knows is always there."""
    if isinstance(states, dict) and key in states:
        return states[key]
    inherited: dict[str, object] = {}
    return inherited if key in OBJECT_NAMES else UNDEFINED


class GunTwin:
    """One GUN peer with a clock that is told. Spec: GUN-13."""

    def __init__(self, machine: float) -> None:
        """Begin with an empty graph at a reading of the clock."""
        self.graph: dict[str, dict[str, object]] = {}
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.armed = 0
        self.wall = 0.0
        self.last = -math.inf
        self.creep = 0
        self.crept = False
        """Whether a field was taken in only because the clock had crept on."""
        self.set_machine(machine)

    def set_machine(self, machine: float) -> None:
        """Set the clock the way the oracle does."""
        self.wall = machine - 1e9
        self.state()
        self.wall = machine

    def state(self) -> float:
        """Read the clock as GUN does: it creeps within a millisecond."""
        if self.last < self.wall:
            self.creep, self.last = 0, self.wall
        else:
            self.creep += 1
            self.last = self.wall + self.creep / CREEP
        return self.last

    def advance(self, to: float) -> None:
        """Let time pass, and what was deferred fire on the way."""
        for _ in range(FIRES_MAX):
            due = min((timer for timer in self.timers if timer[0] <= to), default=None, key=_place)
            if due is None:
                break
            self.timers.remove(due)
            if due[0] > self.wall:
                self.set_machine(due[0])
            due[2]()
        if to > self.wall:
            self.set_machine(to)

    def put(self, put: object) -> bool:
        """Take a put in; tell whether GUN found an error."""
        if not isinstance(put, dict):
            return isinstance(put, (str, list)) and len(put) > 0
        if _is_truthy(put.get("#", UNDEFINED)) and _is_truthy(put.get(".", UNDEFINED)):
            return False
        souls = js_keys(put)
        for at, soul in enumerate(souls):
            if not soul:
                return False
            node = put[soul]
            if not self._is_node(soul, node):
                return True
            if self._has_fault(soul, node):
                # GUN looks at its error when it turns to the next node, and there may be none.
                return self._is_seen(node, souls[at + 1 :])
        return False

    def _is_node(self, soul: str, node: object) -> bool:
        meta = node.get("_") if isinstance(node, dict) else None
        if not isinstance(meta, dict) or meta.get("#") != soul:
            return False
        return _is_truthy(meta.get(">", UNDEFINED))

    def _has_fault(self, soul: str, node: dict[str, object]) -> bool:
        meta = node["_"]
        assert isinstance(meta, dict)
        states = meta[">"]
        self.left = 0
        keys = js_keys(node)
        for at, key in enumerate(keys):
            if not key:
                continue  # an empty name ends a turn of nine, and GUN goes on behind it
            if key == "_":
                continue
            state = find_state(states, key)
            if state is UNDEFINED or not is_valid(node[key]):
                self.left = len(keys) - at - 1
                return True
            self.decide(soul, key, state, node[key])
        return False

    def _is_seen(self, node: dict[str, object], rest: list[str]) -> bool:
        return self.left > 0 or bool(rest and rest[0])

    def decide(self, soul: str, key: str, state: object, value: object) -> None:
        """Judge one field, and do what GUN does then."""
        node = self.graph.get(soul, {})
        meta = node.get("_")
        states = meta[">"] if isinstance(meta, dict) else {}
        was, now = state_of(states.get(key)), self.state()
        found = answer(now, state, value, was, node.get(key, UNDEFINED), False)
        self.crept = self.crept or self.wall < to_number(state) <= now
        if found == "defer":
            ms = min(to_number(state) - now, DEFER_MS_MAX)
            self.armed += 1
            again = _Again(self, soul, key, state, value)
            self.timers.append((self.wall + ms, self.armed, again))
        elif found == "incoming":
            node = self.graph.setdefault(soul, {"_": {"#": soul, ">": {}}})
            if key == "__proto__":
                return  # lost: JavaScript takes it for something else
            if is_number(state):
                meta = node["_"]
                assert isinstance(meta, dict)
                meta[">"][key] = state
            node[key] = value


class _Again:
    """A field that GUN will judge again."""

    def __init__(self, twin: GunTwin, soul: str, key: str, state: object, value: object) -> None:
        self.twin = twin
        self.field = (soul, key)
        self.write = (state, value)

    def __call__(self) -> None:
        self.twin.decide(*self.field, *self.write)


def _place(timer: tuple[float, int, Callable[[], None]]) -> tuple[float, int]:
    return timer[0], timer[1]


def _is_truthy(raw: object) -> bool:
    if raw is None or raw is UNDEFINED or raw is False or raw == "":
        return False
    return not (isinstance(raw, float) and (raw == 0 or raw != raw))
