"""Durations, shares and distributions as scenario files write them. Spec: SCN-11."""

import re
from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from loomweave_sim.chance import PPM, SPREADS, Spread

UNITS_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
"""What may stand behind the number of a duration. Spec: SCN-11."""
SPAN_NS_MAX: Final = 10 * 365 * UNITS_NS["d"]
"""Longest duration: ten years. Spec: SCN-11."""
KNOTS_MAX: Final = 1_000
"""Most knots of a distribution. Spec: SCN-11."""

_SPAN: Final = re.compile(r"([+-]?[0-9]{1,19}(?:\.[0-9]{1,9})?) ?(ns|us|ms|s|min|h|d)")
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%")


class Span(int):
    """A duration or a virtual time, in nanoseconds; written as `250ms`. Spec: SCN-11."""

    __slots__ = ()


class Share(int):
    """A share of all cases, in millionths; written as 0.05 or `5%`. Spec: SCN-11."""

    __slots__ = ()


def read_span(raw: object) -> Span:
    """Read a duration exactly, or raise ValueError with what to write instead. Spec: SCN-11."""
    found = _SPAN.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        units = ", ".join(UNITS_NS)
        raise ValueError(f'{raw!r} is no duration: write a text such as "250ms"; units: {units}')
    span_ns = Decimal(found[1]) * UNITS_NS[found[2]]
    if span_ns != int(span_ns):
        raise ValueError(f"{raw!r} is finer than a nanosecond: round it")
    if abs(span_ns) > SPAN_NS_MAX:
        raise ValueError(f"{raw!r} is longer than ten years: write less")
    return Span(span_ns)


def read_share(raw: object) -> Share:
    """Read a share exactly, or raise ValueError with what to write instead. Spec: SCN-11."""
    if isinstance(raw, str) and (found := _PERCENT.fullmatch(raw.strip())):
        share_ppm = Decimal(found[1]) * PPM / 100
    elif isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
        share_ppm = Decimal(raw) * PPM
    else:
        raise ValueError(f'{raw!r} is no share: write a number from 0 to 1, or a text such as "5%"')
    if not (share_ppm.is_finite() and 0 <= share_ppm <= PPM):
        raise ValueError(f"{raw} is no share: it must lie between 0 and 1 (0% and 100%)")
    if share_ppm != int(share_ppm):
        raise ValueError(f"{raw} is finer than a millionth: round it to six decimals")
    return Share(share_ppm)


def read_spread(raw: object) -> Spread:
    """Read a distribution: a known name, or its knots. Raise ValueError else. Spec: SCN-11."""
    if isinstance(raw, str) and raw in SPREADS:
        return SPREADS[raw]
    if isinstance(raw, str):
        if _SPAN.fullmatch(raw.strip()):
            return read_spread([raw])
        raise ValueError(f"{raw!r} names no distribution{nearest(raw, tuple(SPREADS))}")
    if not isinstance(raw, list) or not 1 <= len(raw) <= KNOTS_MAX:
        raise ValueError('write a distribution as a name such as "wan" or a list of durations')
    knots_ns = [read_span(knot) for knot in raw]
    if knots_ns != sorted(knots_ns) or knots_ns[0] < 0:
        raise ValueError("the durations of a distribution rise from 0 or more: sort them")
    return Spread(int(knot_ns) for knot_ns in knots_ns)


def read_quantity(kind: type, raw: object) -> object:
    """Read a value of one of the kinds above, as msgspec's hook. Spec: SCN-11."""
    if kind is Span:
        return read_span(raw)
    if kind is Share:
        return read_share(raw)
    assert kind is Spread, f"no reader for {kind}"
    return read_spread(raw)


def show_span(span_ns: int) -> str:
    """Write a duration in the largest unit that keeps it whole. Spec: SCN-11."""
    for unit in ("h", "min", "s", "ms", "us"):
        if span_ns and span_ns % UNITS_NS[unit] == 0:
            return f"{span_ns // UNITS_NS[unit]}{unit}"
    return f"{span_ns}ns"


def nearest(word: str, known: Sequence[str]) -> str:
    """Write the end of an error: the known word that is nearest, then all. Spec: SCN-10."""
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{meant} (known: {', '.join(known)})"
