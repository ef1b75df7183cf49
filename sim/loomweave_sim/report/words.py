"""Numbers, sizes and times as people read them. Spec: SCN-30."""

import re
from typing import Final

NANOS: Final = 1_000_000_000
_THOUSAND: Final = 1000
_BYTE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_NARROW: Final = "\N{NARROW NO-BREAK SPACE}"
_HASH_SHOWN: Final = 12
_MINUS: Final = "\N{MINUS SIGN}"


_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(content: str) -> str:
    """Show controls and lone surrogates, which no page or terminal may get, as U+FFFD."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", content)


def number(value: int | float, decimals: int = 2) -> str:
    """Write a number with its thousands set apart and no needless zeros."""
    if isinstance(value, float) and not value.is_integer():
        whole = f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
    else:
        whole = f"{int(value):,}"
    return whole.replace(",", _NARROW).replace("-", _MINUS)


def counted(count: int, noun: str) -> str:
    """Write a number of things whose plural ends in s."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def size(count: int | float) -> str:
    """Write a number of bytes in the unit that suits it."""
    value = float(count)
    unit = 0
    while abs(value) >= _THOUSAND and unit < len(_BYTE_UNITS) - 1:
        value /= _THOUSAND
        unit += 1
    return f"{number(round(value, 1), 1)}{_NARROW}{_BYTE_UNITS[unit]}"


def measured(value: int | float, unit: str) -> str:
    """Write a number with its unit."""
    match unit:
        case "":
            return number(value)
        case "bytes":
            return size(value)
        case "bytes/s":
            return f"{size(value)}/s"
        case _:
            return f"{number(value)}{_NARROW}{unit}"


def seconds(at_ns: int) -> str:
    """Write a virtual time in seconds, to the millisecond at the most."""
    return f"{number(at_ns / NANOS, 3)}{_NARROW}s"


def short(digest: str) -> str:
    """Write the start of a hash, which is enough to compare by eye."""
    return digest if len(digest) <= _HASH_SHOWN else f"{digest[:_HASH_SHOWN]}…"


def named(replica: int) -> str:
    """Write a replica's name."""
    return f"n{replica}"


def titled(name: str) -> str:
    """Turn a name such as `messages-sent` into words that can begin a line."""
    words = name.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
