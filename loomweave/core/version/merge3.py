"""The merge of two versions over what they have in common. Spec: chapter MRG.

A side changed a field if it differs there from the base. Where one side alone changed it, its
content is the result; where both did, and differently, somebody has to choose. Nothing is made
up and nothing is dropped in silence.
"""

from collections.abc import Mapping
from enum import Enum
from typing import assert_never

import msgspec

from loomweave.core.lattices.register import Element, Row, Rows, field_join
from loomweave.core.values import is_same


class Pick(Enum):
    """Which content a merge ends with. Spec: MRG-2."""

    BOTH = "both"
    """The sides agree."""
    OURS = "ours"
    THEIRS = "theirs"
    NEITHER = "neither"
    """A conflict: both changed it, and differently."""


class ConflictKind(Enum):
    """What clashes. Spec: MRG-3, MRG-7."""

    BOTH_CHANGED = "both-changed"
    EDIT_AGAINST_DELETION = "edit-against-deletion"
    NODE_DELETED_EDGE_ADDED = "node-deleted-edge-added"
    """One side deleted a node to which the other side added an edge."""


class Strategy(Enum):
    """How a conflict is settled without asking. Spec: MRG-6."""

    LAST_WRITE_WINS = "last-write-wins"
    HIGHEST_VERSION = "highest-version"
    OURS = "ours"
    THEIRS = "theirs"


class Clean(msgspec.Struct, frozen=True, gc=False):
    """A field that merged. Spec: MRG-2."""

    content: Element | None
    """None where the field is absent."""


class Conflict(msgspec.Struct, frozen=True, gc=False):
    """A field that did not merge, with all that is needed to choose. Spec: MRG-3."""

    base: Element | None
    ours: Element | None
    theirs: Element | None
    kind: ConflictKind


Outcome = Clean | Conflict


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What one side brings forward for its content. Spec: MRG-6."""

    version: int
    """One more than the version that its writer had seen."""
    stamp_ns: int
    """When its commit was made."""
    commit: bytes
    """The content id of its commit."""


class Life(msgspec.Struct, frozen=True, gc=False):
    """Whether an entity lives in each of the three versions. Spec: MRG-7."""

    base: bool
    ours: bool
    theirs: bool


# -- one field


def pick(is_agreed: bool, ours_changed: bool, theirs_changed: bool) -> Pick:
    """Choose between two sides. Spec: MRG-2."""
    if is_agreed:
        return Pick.BOTH
    if not ours_changed:
        return Pick.THEIRS
    if not theirs_changed:
        return Pick.OURS
    return Pick.NEITHER


def pick_id(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> Pick:
    """Choose between contents that are known by their ids. Spec: MRG-1, MRG-2."""
    return pick(ours == theirs, base != ours, base != theirs)


def is_same_content(a: Element | None, b: Element | None) -> bool:
    """Tell whether two contents show the same, whoever wrote them and when. Spec: MRG-1."""
    if a is None or b is None:
        return a is None and b is None
    return is_same(a.value, b.value)


def conflict_kind(ours: Element | None, theirs: Element | None) -> ConflictKind:
    """Name what clashes. Spec: MRG-3."""
    if ours is None or theirs is None:
        return ConflictKind.EDIT_AGAINST_DELETION
    return ConflictKind.BOTH_CHANGED


def merge3(base: Element | None, ours: Element | None, theirs: Element | None) -> Outcome:
    """Merge two contents of one field over their base. Spec: MRG-2, MRG-3, MRG-4.

    Where the sides agree the greater element stands, so that either side computes the same.
    """
    found = pick(
        is_same_content(ours, theirs),
        not is_same_content(base, ours),
        not is_same_content(base, theirs),
    )
    match found:
        case Pick.BOTH:
            return Clean(field_join(ours, theirs))
        case Pick.OURS:
            return Clean(ours)
        case Pick.THEIRS:
            return Clean(theirs)
        case Pick.NEITHER:
            return Conflict(base, ours, theirs, conflict_kind(ours, theirs))
        case _:
            assert_never(found)


# -- rows, and maps of rows


def merge3_row(base: Row, ours: Row, theirs: Row) -> Mapping[str, Outcome]:
    """Merge two rows field by field. Spec: MRG-5."""
    return {
        field: merge3(base.get(field), ours.get(field), theirs.get(field))
        for field in base | ours | theirs
    }


def merge3_rows(base: Rows, ours: Rows, theirs: Rows) -> Mapping[str, Mapping[str, Outcome]]:
    """Merge two graphs entity by entity; an absent entity has no fields. Spec: MRG-5."""
    return {
        entity: merge3_row(base.get(entity, {}), ours.get(entity, {}), theirs.get(entity, {}))
        for entity in base | ours | theirs
    }


def clean_row(outcomes: Mapping[str, Outcome]) -> Row:
    """Keep the fields that merged and are there. Spec: MRG-5."""
    return {
        field: outcome.content
        for field, outcome in outcomes.items()
        if isinstance(outcome, Clean) and outcome.content is not None
    }


def conflicts_of(outcomes: Mapping[str, Outcome]) -> Mapping[str, Conflict]:
    """Keep the fields that did not merge. Spec: MRG-5."""
    return {field: outcome for field, outcome in outcomes.items() if isinstance(outcome, Conflict)}


# -- settling a conflict


def is_later(a: Claim, b: Claim) -> bool:
    """Tell whether a claim is later: by stamp, then by commit. Spec: MRG-6."""
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns > b.stamp_ns
    return a.commit > b.commit


def latest(conflict: Conflict, ours: Claim, theirs: Claim) -> Element | None:
    """Choose the content of the later claim; of the same claim, the greater. Spec: MRG-6."""
    if is_later(ours, theirs):
        return conflict.ours
    if is_later(theirs, ours):
        return conflict.theirs
    return field_join(conflict.ours, conflict.theirs)


def resolve(conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim) -> Element | None:
    """Settle a conflict in favour of one side. Spec: MRG-6."""
    match strategy:
        case Strategy.OURS:
            return conflict.ours
        case Strategy.THEIRS:
            return conflict.theirs
        case Strategy.LAST_WRITE_WINS:
            return latest(conflict, ours, theirs)
        case Strategy.HIGHEST_VERSION:
            if ours.version != theirs.version:
                return conflict.ours if ours.version > theirs.version else conflict.theirs
            return latest(conflict, ours, theirs)
        case _:
            assert_never(strategy)


def settle(outcome: Outcome, strategy: Strategy, ours: Claim, theirs: Claim) -> Element | None:
    """Return what a field ends with, settled if it has to be. Spec: MRG-6."""
    match outcome:
        case Clean():
            return outcome.content
        case Conflict():
            return resolve(outcome, strategy, ours, theirs)
        case _:
            assert_never(outcome)


# -- nodes and the edges that need them


def merged_life(life: Life) -> bool:
    """Tell whether an entity lives in the merge: as the side has it that changed it. Spec: MRG-7.

    Two sides that both changed whether it lives agree.
    """
    return life.theirs if life.ours == life.base else life.ours


def edge_conflict(edge: Life, source: Life, target: Life) -> ConflictKind | None:
    """Find an edge that would live in the merge while one of its ends does not. Spec: MRG-7."""
    if not merged_life(edge) or (merged_life(source) and merged_life(target)):
        return None
    return ConflictKind.NODE_DELETED_EDGE_ADDED
