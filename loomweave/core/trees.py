"""Admission: from raw Python objects to values, and the tree form that codecs carry.

A tree is a value written with nothing but null, booleans, numbers, texts that UTF-8 can carry,
bytes, lists and maps; what they cannot say is written as a map with one reserved key.
Spec: VAL-1, ENC-4.
"""

import struct
from typing import Final

import msgspec

from loomweave.core.kinds import (
    INT_MAX,
    INT_MIN,
    Link,
    Value,
    ValueMap,
    has_surrogate,
    joined,
    utf16,
)

LINK_KEY: Final = "#"
"""Key of the one-key map that is a link. Spec: VAL-6, ENC-4."""
UTF16_KEY: Final = "$utf16"
"""Key of the one-key map that is a text with lone surrogates. Spec: ENC-4."""
RESERVED_PREFIX: Final = "$"
"""First character of the keys reserved in one-key maps. Spec: VAL-8."""


class Limits(msgspec.Struct, frozen=True, gc=False):
    """What admission allows. Spec: VAL-9, VAL-10, ENC-4."""

    depth_max: int
    """How many lists and maps may stand inside each other."""
    bytes_max: int
    """How long the canonical form may be."""
    is_tree: bool
    """Whether the reserved forms of trees may occur."""


class Fault(Exception):
    """Why a raw object is no value; it never leaves the core. Spec: VAL-1.

    The way to the culprit grows while the fault rises.
    """

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(rule, reason)
        self.rule = rule
        self.reason = reason
        self.steps: list[int | str] = []

    def path(self) -> str:
        """Write where the culprit is, such as `value["tags"][3]`."""
        return "value" + "".join(f"[{_shown(step)}]" for step in reversed(self.steps))


def admit(raw: object, limits: Limits) -> Value:
    """Turn a raw object into a value or raise a Fault. Spec: VAL-1, VAL-2."""
    return _Admission(limits).value(raw, 0)


def to_tree(value: Value) -> object:
    """Write a value as a tree. Spec: ENC-4."""
    if isinstance(value, str):
        return {UTF16_KEY: utf16(value)} if has_surrogate(value) else value
    if isinstance(value, Link):
        return {LINK_KEY: to_tree(value.target)}
    if isinstance(value, tuple):
        return [to_tree(member) for member in value]
    if isinstance(value, ValueMap):
        return {key: to_tree(member) for key, member in value.items}
    assert value is None or type(value) in _BARE, f"{type(value).__name__} is not a value"
    return value


def is_reserved(key: object) -> bool:
    """Tell whether a map with this as its only key is no ordinary map. Spec: VAL-8."""
    return isinstance(key, str) and (key == LINK_KEY or key.startswith(RESERVED_PREFIX))


def head_size(argument: int) -> int:
    """Return the length of a CBOR head with this argument. Spec: ENC-1, ENC-11."""
    if argument < 24:
        return 1
    if argument < 1 << 8:
        return 2
    if argument < 1 << 16:
        return 3
    return 5 if argument < 1 << 32 else 9


def float_size(number: float) -> int:
    """Return the length of the shortest CBOR float that keeps this number. Spec: ENC-2."""
    for form, size in ((">e", 3), (">f", 5)):
        try:
            if struct.unpack(form, struct.pack(form, number))[0] == number:
                return size
        except OverflowError:
            continue
    return 9


_BARE: Final = (bool, int, float, bytes)
_HINTS: Final = {
    "tuple": "pass a plain tuple or list",
    "dict": "pass dict(value)",
    "set": "sort it into a list",
    "frozenset": "sort it into a list",
    "bytearray": "pass bytes(value)",
    "memoryview": "pass bytes(value)",
    "datetime": "pass a text such as value.isoformat(), or a number",
    "date": "pass a text such as value.isoformat(), or a number",
    "Decimal": "pass a float, or a text to keep every digit",
    "complex": "pass a list of two floats",
}


class _Admission:
    """One walk over a raw object; `room` is how many canonical bytes are left."""

    __slots__ = ("limits", "room")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.room = limits.bytes_max

    def value(self, raw: object, depth: int) -> Value:
        """Admit any kind of value. Spec: VAL-1, VAL-2."""
        kind = type(raw)
        if kind is str:
            return self.text(str(raw))
        if raw is None or raw is True or raw is False:
            self.spend(1)
            return raw
        if isinstance(raw, int) and kind is int:
            return self.integer(raw)
        if isinstance(raw, float) and kind is float:
            return self.number(raw)
        if isinstance(raw, bytes) and kind is bytes:
            self.spend(head_size(len(raw)) + len(raw))
            return raw
        if isinstance(raw, Link):
            return self.link(raw.target)
        return self.container(raw, depth)

    def container(self, raw: object, depth: int) -> Value:
        """Admit a list or map. Spec: VAL-2, VAL-9."""
        kind = type(raw)
        if isinstance(raw, (list, tuple)) and kind in (list, tuple):
            self.descend(depth, len(raw))
            return tuple([self.member(step, part, depth) for step, part in enumerate(raw)])
        if isinstance(raw, dict) and kind is dict:
            return self.mapping(tuple(raw.items()), depth)
        if isinstance(raw, ValueMap):
            return self.mapping(raw.items, depth)
        raise Fault("VAL-2", _kind_reason(kind))

    def integer(self, raw: int) -> int:
        """Admit an integer of 64 bits. Spec: VAL-3."""
        if not INT_MIN <= raw <= INT_MAX:
            reason = "an integer must lie in [-2^63, 2^64); write a larger one as text or float"
            raise Fault("VAL-3", reason)
        self.spend(head_size(raw if raw >= 0 else -1 - raw))
        return raw

    def number(self, raw: float) -> float:
        """Admit a finite float, without the sign of zero. Spec: VAL-4."""
        if raw - raw != 0.0:
            raise Fault("VAL-4", f"{raw} is not a finite number; use null for a missing one")
        self.spend(float_size(raw))
        return raw + 0.0

    def text(self, raw: str) -> str:
        """Admit a text, its surrogate pairs joined. Spec: VAL-5."""
        if raw.isascii():
            self.spend(head_size(len(raw)) + len(raw))
            return raw
        text = joined(raw)
        if has_surrogate(text):
            size = len(utf16(text))
            self.spend(1 + head_size(len(UTF16_KEY)) + len(UTF16_KEY) + head_size(size) + size)
        else:
            size = len(text.encode())
            self.spend(head_size(size) + size)
        return text

    def link(self, raw: object) -> Link:
        """Admit a link to an id that is not empty. Spec: VAL-6."""
        self.spend(1 + head_size(len(LINK_KEY)) + len(LINK_KEY))
        target = self.target(raw)
        if not isinstance(target, str) or not target:
            raise Fault("VAL-6", "a link's target must be a text that is not empty")
        return Link(target)

    def target(self, raw: object) -> Value:
        """Admit what a link points at: a text, in trees perhaps in its reserved form."""
        if isinstance(raw, str) and type(raw) is str:
            return self.text(raw)
        if isinstance(raw, dict) and self.limits.is_tree:
            return self.mapping(tuple(raw.items()), self.limits.depth_max)
        return None

    def mapping(self, pairs: tuple[tuple[object, object], ...], depth: int) -> Value:
        """Admit a map, or what a map with one reserved key stands for. Spec: VAL-7, VAL-8."""
        if len(pairs) == 1:
            key, member = pairs[0]
            if is_reserved(key):
                return self.reserved(key, member)
        self.descend(depth, len(pairs))
        items = {self.key(key): member for key, member in pairs}
        if len(items) < len(pairs):
            raise Fault("VAL-7", "a map must not hold a key twice")
        return ValueMap.of({key: self.member(key, part, depth) for key, part in items.items()})

    def reserved(self, key: object, member: object) -> Value:
        """Admit a map whose only key is reserved. Spec: VAL-6, VAL-8, ENC-4."""
        if type(key) is not str:
            raise Fault("VAL-7", f"a map's keys must be texts, not {type(key).__name__}")
        if key == LINK_KEY:
            return self.link(member)
        if key == UTF16_KEY and self.limits.is_tree:
            if not isinstance(member, bytes) or len(member) % 2:
                raise Fault("ENC-4", f"{UTF16_KEY} must hold bytes, two for each unit")
            return self.text(member.decode("utf-16-be", "surrogatepass"))
        reason = f"a map with {_shown(key)} as its only key is reserved; add or rename a key"
        raise Fault("VAL-8", reason)

    def key(self, raw: object) -> str:
        """Admit a map's key. Spec: VAL-7."""
        if not isinstance(raw, str) or type(raw) is not str:
            raise Fault("VAL-7", f"a map's keys must be texts, not {type(raw).__name__}")
        if has_surrogate(raw) and has_surrogate(key := joined(raw)):
            raise Fault("VAL-7", f"the key {_shown(key)} holds a lone surrogate")
        key = joined(raw)
        size = len(key.encode())
        self.spend(head_size(size) + size)
        return key

    def member(self, step: int | str, raw: object, depth: int) -> Value:
        """Admit one member of a container, naming it in a fault."""
        try:
            return self.value(raw, depth + 1)
        except Fault as fault:
            fault.steps.append(step)
            raise

    def descend(self, depth: int, count: int) -> None:
        """Enter a list or map of so many members. Spec: VAL-9, VAL-10."""
        if depth >= self.limits.depth_max:
            raise Fault("VAL-9", f"lists and maps are nested deeper than {self.limits.depth_max}")
        self.spend(head_size(count))

    def spend(self, size: int) -> None:
        """Take canonical bytes from the room that is left. Spec: VAL-10."""
        self.room -= size
        if self.room < 0:
            raise Fault("VAL-10", f"the value takes more than {self.limits.bytes_max} bytes")


def _kind_reason(kind: type) -> str:
    base = next((b.__name__ for b in kind.__mro__ if b in _BARE or b is str), "")
    if base:
        return f"{kind.__name__} is a kind of {base} that would not come back; pass {base}(value)"
    hint = next((_HINTS[b.__name__] for b in kind.__mro__ if b.__name__ in _HINTS), "")
    return f"{kind.__name__} is not a kind of value" + (f"; {hint}" if hint else "")


def _shown(step: int | str) -> str:
    text = ascii(step)
    return text if len(text) <= 40 else text[:36] + "...'"
