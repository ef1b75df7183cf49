"""Where CBOR leaves the canonical form: a walk over its heads. Spec: ENC-6, ENC-7.

`decode` asks only after it has refused, so this may be plain; it is also decode's twin in tests.
"""

import struct
from typing import Final

import msgspec

from loomweave.core.kinds import has_surrogate
from loomweave.core.trees import LINK_KEY, UTF16_KEY, float_size, head_size, is_reserved

_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_CONSTANTS: Final = (20, 21, 22)  # false, true, null
_NO_TEXT: Final = -1  # what `item` answers for anything that is not a text


class Departure(msgspec.Struct, frozen=True, gc=False):
    """The first fault in some bytes. Spec: ENC-7."""

    offset: int
    rule: str
    reason: str


def find_departure(data: bytes, depth_max: int) -> Departure | None:
    """Find where bytes first leave the canonical form; None if they never do. Spec: ENC-7."""
    walk = _Walk(data, depth_max)
    try:
        walk.item(0)
    except _Stop as stop:
        return stop.departure
    if walk.at < len(data):
        return Departure(walk.at, "ENC-6", f"the value ends here, {len(data)} bytes were given")
    return None


class _Stop(Exception):
    """Ends the walk; never leaves this module."""

    def __init__(self, offset: int, reason: str, rule: str = "ENC-6") -> None:
        super().__init__(offset)
        self.departure = Departure(offset, rule, reason)


class _Walk:
    __slots__ = ("at", "data", "depth_max")

    def __init__(self, data: bytes, depth_max: int) -> None:
        self.data = data
        self.at = 0
        self.depth_max = depth_max

    def item(self, depth: int) -> int:
        """Pass one item; return the length of a text and -1 for everything else."""
        start = self.at
        major, info = divmod(self.take(1, start)[0], 32)
        if major == 7:
            self.simple(info, start)
            return _NO_TEXT
        argument = self.argument(info, start)
        if major == 1 and argument >= 1 << 63:
            raise _Stop(start, "the integer is below -2^63", "VAL-3")
        if major == 2:
            self.take(argument, start)
        elif major == 3:
            self.text(argument, start)
            return argument
        elif major >= 4:
            return self.container(major, argument, start, depth)
        return _NO_TEXT

    def take(self, count: int, start: int) -> bytes:
        """Pass so many bytes of the item that began at `start`."""
        end = self.at + count
        if end > len(self.data):
            missing = end - len(self.data)
            raise _Stop(start, f"the item that starts here ends {missing} bytes too early")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def argument(self, info: int, start: int) -> int:
        """Read the argument of a head, which must be as short as possible."""
        if info < 24:
            return info
        if info == 31:
            raise _Stop(start, "indefinite length")
        if info > 27:
            raise _Stop(start, f"the head has the unassigned form {info}")
        size = 1 << (info - 24)
        argument = int.from_bytes(self.take(size, start), "big")
        if head_size(argument) != size + 1:
            raise _Stop(start, f"the head writes {argument} in {size} bytes where fewer suffice")
        return argument

    def simple(self, info: int, start: int) -> None:
        """Pass a constant or a float."""
        if info in _CONSTANTS:
            return
        if info == 23:
            raise _Stop(start, "undefined is not a value")
        if info == 31:
            raise _Stop(start, "a break without a beginning")
        if info not in _FLOATS:
            raise _Stop(start, "a simple value that is not false, true or null")
        size = 1 << (info - 24)
        number: float = struct.unpack(_FLOATS[info], self.take(size, start))[0]
        if number - number != 0.0:
            raise _Stop(start, f"{number} is not a finite number", "VAL-4")
        if number == 0.0 and str(number).startswith("-"):
            raise _Stop(start, "negative zero is written as zero", "VAL-4")
        if float_size(number) != size + 1:
            raise _Stop(start, f"{number} is written in {size} bytes where fewer suffice")

    def text(self, size: int, start: int) -> str:
        """Pass a text, which must be UTF-8."""
        body = self.at
        try:
            return self.take(size, start).decode()
        except UnicodeDecodeError as error:
            raise _Stop(body + error.start, "the text is not UTF-8") from None

    def container(self, major: int, count: int, start: int, depth: int) -> int:
        """Pass a list or map; answer as `item` does, since a reserved map may be a text."""
        if major == 6:
            raise _Stop(start, f"tag {count} is not used")
        if depth >= self.depth_max:
            raise _Stop(start, f"nested deeper than {self.depth_max}", "ENC-8")
        if major == 5:
            return self.mapping(count, start, depth)
        for _ in range(count):
            self.item(depth + 1)
        return _NO_TEXT

    def mapping(self, count: int, start: int, depth: int) -> int:
        """Pass a map: keys are texts, ascending, and a lone reserved key has its meaning."""
        before = b""
        for _ in range(count):
            place = self.at
            key = self.key(place)
            written = self.data[place : self.at]
            if written == before:
                raise _Stop(place, "the key stands twice in its map")
            if written < before:
                raise _Stop(place, "the key is out of order")
            before = written
            if count == 1 and key == LINK_KEY:
                return self.link(depth)
            if count == 1 and is_reserved(key):
                return self.reserved(key, place)
            self.item(depth + 1)
        return _NO_TEXT

    def key(self, place: int) -> str:
        """Pass a map's key."""
        major, info = divmod(self.take(1, place)[0], 32)
        if major != 3:
            raise _Stop(place, "a map's keys must be texts", "VAL-7")
        return self.text(self.argument(info, place), place)

    def link(self, depth: int) -> int:
        """Pass the target of a link."""
        place = self.at
        if self.item(depth + 1) <= 0:
            raise _Stop(place, "a link's target must be a text that is not empty", "VAL-6")
        return _NO_TEXT

    def reserved(self, key: str, place: int) -> int:
        """Pass what follows a reserved key: the units of a text with lone surrogates."""
        if key != UTF16_KEY:
            raise _Stop(place, f"{key!a} is not a reserved form", "VAL-8")
        start = self.at
        major, info = divmod(self.take(1, start)[0], 32)
        if major != 2:
            raise _Stop(start, f"{UTF16_KEY} must hold bytes", "ENC-4")
        units = self.take(self.argument(info, start), start)
        if len(units) % 2:
            raise _Stop(start, f"{UTF16_KEY} holds half a unit", "ENC-4")
        if not has_surrogate(units.decode("utf-16-be", "surrogatepass")):
            raise _Stop(start, "this text has no lone surrogate and is written plainly", "ENC-4")
        return len(units)
