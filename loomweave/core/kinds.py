"""The kinds of value and their sameness: what a property may hold. Spec: chapter VAL."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final, TypeAlias

import msgspec

INT_MIN: Final = -(2**63)
"""Least integer value. Spec: VAL-3."""
INT_MAX: Final = 2**64 - 1
"""Greatest integer value. Spec: VAL-3."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Link(msgspec.Struct, frozen=True, gc=False):
    """A reference to another entity by its id, which need not exist. Spec: VAL-6."""

    target: str


class ValueMap(msgspec.Struct, frozen=True, gc=False):
    """An immutable map from text to values, its keys in the order of UTF-16 units. Spec: VAL-7.

    `==` is Python's and takes 1, 1.0 and True for equal; ask `is_same` for sameness.
    """

    items: "tuple[tuple[str, Value], ...]" = ()

    @classmethod
    def of(cls, mapping: "Mapping[str, Value]") -> "ValueMap":
        """Sort a mapping whose members are values already; `normalise` takes any. Spec: VAL-7."""
        return cls(tuple(sorted(mapping.items(), key=_key_units)))

    def get(self, key: str, default: "Value" = None) -> "Value":
        """Return the value under a key, or the default. Spec: VAL-7."""
        place = bisect_left(self.items, utf16(key), key=_key_units)
        if place < len(self.items) and self.items[place][0] == key:
            return self.items[place][1]
        return default

    def __contains__(self, key: object) -> bool:
        return any(key == name for name, _ in self.items)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.items)

    def __len__(self) -> int:
        return len(self.items)


Scalar: TypeAlias = bool | int | float | str | bytes | Link | None
"""A value without parts. Spec: VAL-1."""
Value: TypeAlias = Scalar | tuple["Value", ...] | ValueMap
"""Anything that a property may hold. Spec: VAL-1."""


class Rank(IntEnum):
    """Rank of each kind in the order of values; 10 and above wait for temporals. Spec: VAL-16."""

    NULL = 0
    FALSE = 1
    TRUE = 2
    INT = 3
    FLOAT = 4
    TEXT = 5
    BYTES = 6
    LINK = 7
    LIST = 8
    MAP = 9


_RANKS: Final[dict[type, Rank]] = {
    int: Rank.INT,
    float: Rank.FLOAT,
    str: Rank.TEXT,
    bytes: Rank.BYTES,
    Link: Rank.LINK,
    tuple: Rank.LIST,
    ValueMap: Rank.MAP,
}


def kind_rank(value: Value) -> int:
    """Return the rank of a value's kind, which breaks ties between equal texts. Spec: VAL-16."""
    if value is None:
        return Rank.NULL
    if value is True:
        return Rank.TRUE
    if value is False:
        return Rank.FALSE
    return _RANKS[type(value)]


def is_same(a: Value, b: Value) -> bool:
    """Tell whether two values are the same one: 1, 1.0 and True all differ. Spec: VAL-11."""
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(is_same, a, b))
    if isinstance(a, ValueMap) and isinstance(b, ValueMap):
        return len(a.items) == len(b.items) and all(map(_is_same_item, a.items, b.items))
    return a == b


def plain(value: Value) -> object:
    """Turn a value back into Python's lists and dicts; a link becomes `{"#": id}`. Spec: VAL-18."""
    if isinstance(value, Link):
        return {"#": value.target}
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    if isinstance(value, ValueMap):
        return {key: plain(member) for key, member in value.items}
    return value


def utf16(text: str) -> bytes:
    """Return a text's UTF-16 code units, big endian, so that bytes compare as units do.

    Spec: VAL-5.
    """
    return text.encode("utf-16-be", "surrogatepass")


def has_surrogate(text: str) -> bool:
    """Tell whether a text holds a surrogate, which UTF-8 cannot carry. Spec: VAL-5."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def joined(text: str) -> str:
    """Join surrogate pairs into the characters that they stand for. Spec: VAL-5."""
    if not has_surrogate(text):
        return text
    return utf16(text).decode("utf-16-be", "surrogatepass")


def _key_units(item: "tuple[str, Value]") -> bytes:
    return utf16(item[0])


def _is_same_item(a: "tuple[str, Value]", b: "tuple[str, Value]") -> bool:
    return a[0] == b[0] and is_same(a[1], b[1])
