"""HAM, the rule by which a write is admitted. Spec: HAM-3, HAM-4, HAM-5, HAM-6.

A register is what is held and a waiting room for the future. The step below is the rule itself,
one write at a time; `merge` and `store` do the same to whole batches, and are held against it.
"""

from enum import Enum
from typing import assert_never

import msgspec

from loomweave.core.clocks import is_ahead, is_due
from loomweave.core.lattices.register import Element, element_le, field_join


class Verdict(Enum):
    """What becomes of an offered write. Spec: HAM-3."""

    APPLIED = "applied"
    """It is the new content of its field."""
    STALE = "stale"
    """What is held is above it."""
    SAME = "same"
    """It is what is held."""
    DEFERRED = "deferred"
    """It waits until the horizon has reached its stamp."""
    REFUSED = "refused"
    """Its stamp lies too far ahead of our clock; it may be offered again."""


class Register(msgspec.Struct, frozen=True, gc=False):
    """One field at one replica. Spec: HAM-2."""

    held: Element | None
    waiting: frozenset[Element]


class Offer(msgspec.Struct, frozen=True, gc=False):
    """A write arrives. Spec: HAM-3."""

    element: Element
    horizon_ns: int
    wall_ns: int
    skew_max_ns: int


class Due(msgspec.Struct, frozen=True, gc=False):
    """The horizon may have reached a waiting write. Spec: HAM-5."""

    element: Element
    horizon_ns: int


Event = Offer | Due


class Step(msgspec.Struct, frozen=True, gc=False):
    """The register afterwards, and what became of the write. Spec: HAM-3."""

    register: Register
    verdict: Verdict


def verdict(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> Verdict:
    """Judge an offered write. Spec: HAM-3, HAM-4.

    What is already below the held element is settled first, so that a clock which went back
    cannot park or refuse an old write.
    """
    if held is not None and element_le(offered, held):
        return Verdict.SAME if element_le(held, offered) else Verdict.STALE
    if is_ahead(offered.stamp_ns, wall_ns, skew_max_ns):
        return Verdict.REFUSED
    if not is_due(offered.stamp_ns, horizon_ns):
        return Verdict.DEFERRED
    return Verdict.APPLIED


def offer(register: Register, event: Offer) -> Step:
    """Take in, park or turn away an offered write. Spec: HAM-3, HAM-5."""
    found = verdict(
        register.held, event.element, event.horizon_ns, event.wall_ns, event.skew_max_ns
    )
    match found:
        case Verdict.APPLIED:
            return Step(Register(event.element, register.waiting), found)
        case Verdict.DEFERRED:
            waiting = register.waiting | frozenset({event.element})
            return Step(Register(register.held, waiting), found)
        case Verdict.STALE | Verdict.SAME | Verdict.REFUSED:
            return Step(register, found)
        case _:
            assert_never(found)


def settle(register: Register, event: Due) -> Step:
    """Let a waiting write in once it is due.

    Spec: HAM-5. A wake that comes early changes nothing.
    """
    if event.element not in register.waiting or not is_due(
        event.element.stamp_ns, event.horizon_ns
    ):
        return Step(register, Verdict.DEFERRED)
    waiting = register.waiting - frozenset({event.element})
    if register.held is not None and element_le(event.element, register.held):
        return Step(Register(register.held, waiting), Verdict.STALE)
    return Step(Register(event.element, waiting), Verdict.APPLIED)


def step(register: Register, event: Event) -> Step:
    """Advance one register by one event. Spec: HAM-3, HAM-5."""
    match event:
        case Offer():
            return offer(register, event)
        case Due():
            return settle(register, event)
        case _:
            assert_never(event)


def received(register: Register, element: Element) -> Element | None:
    """Join what is held with one waiting element: a lower bound of all received. Spec: HAM-6."""
    return field_join(register.held, element)
