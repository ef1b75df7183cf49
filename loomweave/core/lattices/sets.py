"""Sets: one that grows, one whose removals are final, one that removes what it saw.

Members are canonical bytes, so that 1, 1.0 and true are three of them. Spec: LAT-8, LAT-9, LAT-10.
"""

from typing import Final

import msgspec

from loomweave.core.lattices.dots import Dot


class GrowingSet(msgspec.Struct, frozen=True, gc=False):
    """A set that only grows. Spec: LAT-8."""

    members: frozenset[bytes]


class TwoPhaseSet(msgspec.Struct, frozen=True, gc=False):
    """A set whose removals are final. Spec: LAT-9."""

    added: frozenset[bytes]
    removed: frozenset[bytes]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One adding of a member. Spec: LAT-10."""

    member: bytes
    dot: Dot


class ObservedSet(msgspec.Struct, frozen=True, gc=False):
    """A set whose removals undo the addings that they saw, and no others. Spec: LAT-10."""

    entries: frozenset[Entry]
    """Addings that nobody we heard of has undone."""
    seen: frozenset[Dot]
    """Dots of all addings heard of."""


GROWING_SET_BOTTOM: Final = GrowingSet(frozenset())
TWO_PHASE_SET_BOTTOM: Final = TwoPhaseSet(frozenset(), frozenset())
OBSERVED_SET_BOTTOM: Final = ObservedSet(frozenset(), frozenset())


def growing_set_le(a: GrowingSet, b: GrowingSet) -> bool:
    """Order growing sets by inclusion. Spec: LAT-8."""
    return a.members <= b.members


def growing_set_join(a: GrowingSet, b: GrowingSet) -> GrowingSet:
    """Join growing sets: their union. Spec: LAT-8."""
    return GrowingSet(a.members | b.members)


def growing_set_add(held: GrowingSet, member: bytes) -> GrowingSet:
    """Add a member. Spec: LAT-8."""
    return GrowingSet(held.members | frozenset({member}))


def growing_set_value(held: GrowingSet) -> frozenset[bytes]:
    """Return the members. Spec: LAT-8."""
    return held.members


def two_phase_set_le(a: TwoPhaseSet, b: TwoPhaseSet) -> bool:
    """Order two-phase sets by inclusion of both phases. Spec: LAT-9."""
    return a.added <= b.added and a.removed <= b.removed


def two_phase_set_join(a: TwoPhaseSet, b: TwoPhaseSet) -> TwoPhaseSet:
    """Join two-phase sets: the union of each phase. Spec: LAT-9."""
    return TwoPhaseSet(a.added | b.added, a.removed | b.removed)


def two_phase_set_add(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Add a member; it shows unless it was ever removed. Spec: LAT-9."""
    return TwoPhaseSet(held.added | frozenset({member}), held.removed)


def two_phase_set_remove(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Remove a member for good; what was never added is not barred. Spec: LAT-9."""
    if member not in held.added:
        return held
    return TwoPhaseSet(held.added, held.removed | frozenset({member}))


def two_phase_set_value(held: TwoPhaseSet) -> frozenset[bytes]:
    """Return the members: added and not removed. Spec: LAT-9."""
    return held.added - held.removed


def observed_set_le(a: ObservedSet, b: ObservedSet) -> bool:
    """Order observed-remove sets: above is what saw more, and revived nothing. Spec: LAT-10."""
    return (
        a.seen <= b.seen
        and all(entry in a.entries for entry in b.entries if entry.dot in a.seen)
        and all(entry in b.entries or entry.dot in b.seen for entry in a.entries)
    )


def observed_set_join(a: ObservedSet, b: ObservedSet) -> ObservedSet:
    """Join sets: what both hold, and what one holds that the other never saw. Spec: LAT-10."""
    entries = frozenset(
        {
            entry
            for entry in a.entries | b.entries
            if (entry in a.entries or entry.dot not in a.seen)
            and (entry in b.entries or entry.dot not in b.seen)
        }
    )
    return ObservedSet(entries, a.seen | b.seen)


def observed_set_add(held: ObservedSet, member: bytes, dot: Dot) -> ObservedSet:
    """Add a member under a new dot, which stands for its earlier ones; an old dot does nothing.

    Spec: LAT-6, LAT-10.
    """
    if dot in held.seen:
        return held
    others = frozenset({entry for entry in held.entries if entry.member != member})
    return ObservedSet(others | frozenset({Entry(member, dot)}), held.seen | frozenset({dot}))


def observed_set_remove(held: ObservedSet, member: bytes) -> ObservedSet:
    """Undo the addings of a member that are held here. Spec: LAT-10."""
    others = frozenset({entry for entry in held.entries if entry.member != member})
    return ObservedSet(others, held.seen)


def observed_set_has(held: ObservedSet, member: bytes) -> bool:
    """Tell whether an adding of a member is held. Spec: LAT-10."""
    return any(entry.member == member for entry in held.entries)


def observed_set_value(held: ObservedSet) -> frozenset[bytes]:
    """Return the members. Spec: LAT-10."""
    return frozenset(entry.member for entry in held.entries)


def observed_set_is_sound(held: ObservedSet) -> bool:
    """Tell whether all that is held was seen, as in every state there can be. Spec: LAT-10."""
    return all(entry.dot in held.seen for entry in held.entries)
