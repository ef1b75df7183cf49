"""The join of a delta into held rows: the hot loops. Spec: HAM-2, HAM-7, HAM-8.

A loop here holds iteration, lookup, store, and one decision a field; the decision is lifted and
proved equal to the kernel `element_le`. Elements are built for winners alone, and the winners are
the change list. Rows that are already in a snapshot are copied before they change.
"""

import msgspec

from loomweave.core.lattices.register import Element, Row, Rows, element_join, wins_tie
from loomweave.core.persistent import PMap
from loomweave.core.values import Value

NO_ROW: Row = {}


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one batch writes, or what is left of it: one dot, one stamp. Spec: HAM-7."""

    writer: bytes
    seq: int
    stamp_ns: int
    rows: dict[str, dict[str, Value]]
    """Values grouped by entity and field."""


class Merged(msgspec.Struct, frozen=True, gc=False):
    """What a merge changed. Spec: HAM-8."""

    fresh: Rows
    """Whole rows of the entities that changed, as they are now."""
    won: Rows
    """The elements that won: the delta, and nothing else."""
    before: dict[str, Row]
    """Rows as they were, for every entity in `won`."""


def merge_part(held: PMap[str, Row], part: Part, into: Merged | None = None) -> Merged:
    """Join a part whose stamp is due into held rows. Spec: HAM-2, HAM-8.

    What changed is added to `into`, which holds none of the part's entities, or to a new answer.
    """
    merged = Merged({}, {}, {}) if into is None else into
    fresh, won, before = merged.fresh, merged.won, merged.before
    stamp_ns, writer, seq = part.stamp_ns, part.writer, part.seq
    for entity, fields in part.rows.items():
        row = held.get(entity, NO_ROW)
        winners: Row | None = None
        for field, value in fields.items():
            old = row.get(field)
            if (
                old is None
                or stamp_ns > old.stamp_ns
                or (stamp_ns == old.stamp_ns and wins_tie(value, writer, seq, old))
            ):
                if winners is None:
                    winners = {}
                winners[field] = Element(stamp_ns, value, writer, seq)
        if winners is not None:
            fresh[entity] = row | winners
            won[entity] = winners
            before[entity] = row
    return merged


def merge_rows(held: PMap[str, Row], rows: Rows) -> Merged:
    """Join due elements, each with a stamp and a dot of its own, into held rows. Spec: HAM-2."""
    fresh: Rows = {}
    won: Rows = {}
    before: dict[str, Row] = {}
    for entity, fields in rows.items():
        row = held.get(entity, NO_ROW)
        winners: Row | None = None
        for field, element in fields.items():
            old = row.get(field)
            if (
                old is None
                or element.stamp_ns > old.stamp_ns
                or (
                    element.stamp_ns == old.stamp_ns
                    and wins_tie(element.value, element.writer, element.seq, old)
                )
            ):
                if winners is None:
                    winners = {}
                winners[field] = element
        if winners is not None:
            fresh[entity] = row | winners
            won[entity] = winners
            before[entity] = row
    return Merged(fresh, won, before)


def row_join(a: Row, b: Row) -> Row:
    """Join two rows field by field: what the loops above do to one entity. Spec: HAM-2."""
    return {
        field: a[field]
        if field not in b
        else b[field]
        if field not in a
        else element_join(a[field], b[field])
        for field in a | b
    }


def rows_join(a: Rows, b: Rows) -> Rows:
    """Join two deltas entity by entity. Spec: HAM-2."""
    return {
        entity: a[entity]
        if entity not in b
        else b[entity]
        if entity not in a
        else row_join(a[entity], b[entity])
        for entity in a | b
    }


def elements_of(part: Part) -> Rows:
    """Spell a part out as elements. Spec: HAM-7."""
    return {
        entity: {
            field: Element(part.stamp_ns, value, part.writer, part.seq)
            for field, value in fields.items()
        }
        for entity, fields in part.rows.items()
    }
