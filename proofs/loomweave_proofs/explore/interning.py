"""Large values by small numbers, so that a world is a tuple of numbers. Spec: PRF-20.

A number is the beginning of a hash of the value, so it is the same in every run, and a collision
would be noticed.
"""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

import msgspec

from loomweave.core.encoding import hash_bytes

T = TypeVar("T")

NUMBER_BYTES: Final = 7


class Table(Generic[T]):
    """Values of one kind, each under one number."""

    def __init__(self, fingerprint: Callable[[T], bytes]) -> None:
        self.fingerprint = fingerprint
        self._values: dict[int, T] = {}
        self._prints: dict[int, bytes] = {}

    def __getitem__(self, number: int) -> T:
        """Give the value under a number."""
        return self._values[number]

    def __len__(self) -> int:
        """Count the values."""
        return len(self._values)

    def __contains__(self, number: int) -> bool:
        """Tell whether a number is taken."""
        return number in self._values

    def enter(self, value: T) -> int:
        """Give the number of a value; the first of equal values is the one that is kept."""
        found = self.fingerprint(value)
        number = int.from_bytes(hash_bytes(b"explorer", found)[:NUMBER_BYTES], "big") + 1
        if self._prints.setdefault(number, found) != found:
            raise AssertionError("two values share the beginning of their hashes")
        self._values.setdefault(number, value)
        return number


def packed(value: object) -> bytes:
    """Write a value as bytes that tell kinds apart, tables in order of their keys."""
    return msgspec.msgpack.encode(plain(value))


def plain(value: object) -> object:
    """Spell records and tables out as lists."""
    if isinstance(value, msgspec.Struct):
        fields = [plain(getattr(value, name)) for name in value.__struct_fields__]
        return [type(value).__name__, *fields]
    if isinstance(value, Mapping):
        return [[plain(key), plain(value[key])] for key in sorted(value)]
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
