"""L, the lexical text of a value, by which ties are ordered. Spec: VAL-12, VAL-13, VAL-14, VAL-15.

For every value that GUN knows, L is the text that `JSON.stringify` writes there.
"""

import re
from base64 import urlsafe_b64encode
from json.encoder import encode_basestring
from typing import Final

from loomweave.core.kinds import Link, Value, has_surrogate

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PLAIN_DIGITS_MAX: Final = 21  # VAL-13: longer integers are written with an exponent
_LEADING_ZEROS_MAX: Final = 6  # VAL-13: so are fractions below 0.000001


def lexical_text(value: Value) -> str:
    """Return L of a value. Spec: VAL-12, VAL-15."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bytes):
        return '{"$bytes":"' + urlsafe_b64encode(value).rstrip(b"=").decode() + '"}'
    if isinstance(value, Link):
        return '{"#":' + quoted(value.target) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(map(lexical_text, value)) + "]"
    return "{" + ",".join(quoted(key) + ":" + lexical_text(v) for key, v in value.items) + "}"


def quoted(text: str) -> str:
    """Write a text as a JSON string the way ECMAScript does. Spec: VAL-14."""
    written = encode_basestring(text)
    if has_surrogate(text):
        return _SURROGATE.sub(_escaped, written)
    return written


def number_text(number: float) -> str:
    """Write a finite float as ECMAScript's Number-to-string does. Spec: VAL-13.

    Python's `repr` finds the same shortest digits; only their layout differs.
    """
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    written = (whole + fraction).lstrip("0")
    point = len(written) - len(fraction) + int(exponent or "0")
    return sign + _laid_out(written.rstrip("0"), point)


def _laid_out(digits: str, point: int) -> str:
    """Place the point: the number is 0.DIGITS times ten to the power `point`."""
    count = len(digits)
    if count <= point <= _PLAIN_DIGITS_MAX:
        return digits + "0" * (point - count)
    if 0 < point <= _PLAIN_DIGITS_MAX:
        return digits[:point] + "." + digits[point:]
    if -_LEADING_ZEROS_MAX < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return digits[0] + ("." + digits[1:] if count > 1 else "") + exponent


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
