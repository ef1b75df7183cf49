"""Rows and graphs: the join, field by field and entity by entity. Rules HAM-2 and HAM-7."""

from loomweave.core.graph.merge import Part, elements_of, row_join, rows_join
from loomweave.core.lattices.register import (
    Element,
    Row,
    Rows,
    element_join,
    field_join,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.register import (
    field_le,
    join_by_arrival,
    join_if_near,
    join_in_a_circle,
    join_is_associative,
    join_is_commutative,
    join_is_idempotent,
    join_that_counts,
)

# -- broken twins


def row_join_shared(a: Row, b: Row) -> Row:
    """Keep only the fields that both have: every semilattice law holds, and fields are lost."""
    return {field: element_join(a[field], b[field]) for field in a if field in b}


def row_join_whole(a: Row, b: Row) -> Row:
    """Let the right row replace the left one as a whole."""
    return b if b else a


def row_join_overlay(a: Row, b: Row) -> Row:
    """Lay the right row over the left one without asking which is newer."""
    return a | b


def rows_join_shared(a: Rows, b: Rows) -> Rows:
    """Keep only the entities that both have."""
    return {entity: row_join(a[entity], b[entity]) for entity in a if entity in b}


def rows_join_overlay(a: Rows, b: Rows) -> Rows:
    """Replace whole entities instead of merging their fields."""
    return a | b


def restamped(part: Part) -> Rows:
    """Spell a part out with one sequence number too many."""
    return {
        entity: {
            field: Element(part.stamp_ns, value, part.writer, part.seq + 1)
            for field, value in fields.items()
        }
        for entity, fields in part.rows.items()
    }


# -- helpers


def row_at(rows: Rows, entity: str, field: str) -> Element | None:
    """Read one field of one entity."""
    row = rows.get(entity)
    return None if row is None else row.get(field)


def agree_at(a: Rows, b: Rows, entity: str, field: str) -> bool:
    """Tell whether two graphs have one content at a place; they are equal if so everywhere."""
    return (entity in a) == (entity in b) and row_at(a, entity, field) == row_at(b, entity, field)


def is_row_bounded(a: Row, b: Row, c: Row, field: str) -> bool:
    """Tell that the third row is above both others at a field."""
    return field_le(a.get(field), c.get(field)) and field_le(b.get(field), c.get(field))


def is_row_below(a: Row, b: Row, field: str) -> bool:
    """Tell that the second row is above the first at a field."""
    return field_le(a.get(field), b.get(field))


def are_rows_bounded(a: Rows, b: Rows, c: Rows, entity: str, field: str) -> bool:
    """Tell that the third graph is above both others at a field."""
    content = row_at(c, entity, field)
    return field_le(row_at(a, entity, field), content) and field_le(
        row_at(b, entity, field), content
    )


# -- one entity


@theorem("HAM-2", about=[row_join], sabotage={row_join: row_join_overlay})
def row_join_is_pointwise(a: Row, b: Row, field: str) -> bool:
    """The join of two rows is, at each field, the join of its contents."""
    return row_join(a, b).get(field) == field_join(a.get(field), b.get(field))


@theorem("HAM-2", about=[row_join], sabotage={row_join: row_join_overlay})
def row_join_is_commutative(a: Row, b: Row) -> bool:
    """Two rows join to the same in either order."""
    return row_join(a, b) == row_join(b, a)


@theorem("HAM-2", about=[row_join], sabotage={element_join: join_in_a_circle})
def row_join_is_associative(a: Row, b: Row, c: Row) -> bool:
    """Grouping is irrelevant for rows."""
    return row_join(row_join(a, b), c) == row_join(a, row_join(b, c))


@theorem("HAM-2", about=[row_join], sabotage={element_join: join_that_counts})
def row_join_is_idempotent(a: Row) -> bool:
    """A row joined with itself is itself."""
    return row_join(a, a) == a


@theorem("HAM-2", about=[row_join], sabotage={row_join: row_join_shared})
def row_join_is_an_upper_bound(a: Row, b: Row, field: str) -> bool:
    """The joined row is above both at each field: no field is lost."""
    joined = row_join(a, b).get(field)
    return field_le(a.get(field), joined) and field_le(b.get(field), joined)


@theorem("HAM-2", about=[row_join], given=is_row_bounded, sabotage={element_join: join_that_counts})
def row_join_is_the_least_bound(a: Row, b: Row, c: Row, field: str) -> bool:
    """Whatever is above both rows at a field is above their join there."""
    return field_le(row_join(a, b).get(field), c.get(field))


@theorem("HAM-2", about=[row_join], given=is_row_below, sabotage={element_join: join_if_near})
def row_join_is_monotone(a: Row, b: Row, c: Row, field: str) -> bool:
    """Joining the same row to both sides keeps their order."""
    return field_le(row_join(a, c).get(field), row_join(b, c).get(field))


@theorem("HAM-2", about=[row_join], sabotage={row_join: row_join_shared})
def row_join_has_the_fields_of_both(a: Row, b: Row, field: str) -> bool:
    """A field is in the joined row exactly where one of the rows has it."""
    return (field in row_join(a, b)) == (field in a or field in b)


# -- a graph


@theorem("HAM-2", about=[rows_join], sabotage={rows_join: rows_join_overlay})
def rows_join_is_pointwise(a: Rows, b: Rows, entity: str, field: str) -> bool:
    """The join of two graphs is, at each field of each entity, the join of its contents."""
    joined = row_at(rows_join(a, b), entity, field)
    return joined == field_join(row_at(a, entity, field), row_at(b, entity, field))


@theorem("HAM-2", about=[rows_join], sabotage={element_join: join_by_arrival})
def rows_join_is_commutative(a: Rows, b: Rows, entity: str, field: str) -> bool:
    """Two graphs join to the same in either order."""
    return agree_at(rows_join(a, b), rows_join(b, a), entity, field)


@theorem(
    "HAM-2",
    about=[rows_join],
    sabotage={element_join: join_in_a_circle},
    through={row_join: (row_join_is_associative,)},
)
def rows_join_is_associative(a: Rows, b: Rows, c: Rows, entity: str, field: str) -> bool:
    """Grouping is irrelevant for graphs."""
    one = rows_join(rows_join(a, b), c)
    return agree_at(one, rows_join(a, rows_join(b, c)), entity, field)


@theorem("HAM-2", about=[rows_join], sabotage={element_join: join_that_counts})
def rows_join_is_idempotent(a: Rows, entity: str, field: str) -> bool:
    """A graph joined with itself is itself."""
    return agree_at(rows_join(a, a), a, entity, field)


@theorem("HAM-2", about=[rows_join], sabotage={rows_join: rows_join_shared})
def rows_join_is_an_upper_bound(a: Rows, b: Rows, entity: str, field: str) -> bool:
    """The joined graph is above both everywhere: nothing is lost."""
    joined = row_at(rows_join(a, b), entity, field)
    return field_le(row_at(a, entity, field), joined) and field_le(row_at(b, entity, field), joined)


@theorem(
    "HAM-2", about=[rows_join], given=are_rows_bounded, sabotage={element_join: join_that_counts}
)
def rows_join_is_the_least_bound(a: Rows, b: Rows, c: Rows, entity: str, field: str) -> bool:
    """Whatever is above both graphs at a field is above their join there."""
    return field_le(row_at(rows_join(a, b), entity, field), row_at(c, entity, field))


@theorem("HAM-2", about=[rows_join], sabotage={rows_join: rows_join_shared})
def rows_join_has_the_entities_of_both(a: Rows, b: Rows, entity: str) -> bool:
    """An entity is in the joined graph exactly where one of the graphs has it."""
    return (entity in rows_join(a, b)) == (entity in a or entity in b)


# -- the same from the laws of elements alone


@theorem(
    "HAM-2",
    about=[row_join],
    sabotage={row_join: row_join_overlay},
    through={element_join: (join_is_commutative, join_is_associative, join_is_idempotent)},
)
def any_lawful_join_makes_lawful_rows(a: Row, b: Row, c: Row) -> bool:
    """Rows inherit the three laws from the join of their elements, whatever that join is."""
    return (
        row_join(a, b) == row_join(b, a)
        and row_join(a, a) == a
        and row_join(row_join(a, b), c) == row_join(a, row_join(b, c))
    )


@theorem(
    "HAM-2",
    about=[rows_join],
    sabotage={rows_join: rows_join_overlay},
    through={row_join: (row_join_is_commutative, row_join_is_associative, row_join_is_idempotent)},
)
def any_lawful_row_join_makes_lawful_graphs(a: Rows, b: Rows, c: Rows) -> bool:
    """Graphs inherit the three laws from the join of their rows."""
    return (
        rows_join(a, b) == rows_join(b, a)
        and rows_join(a, a) == a
        and rows_join(rows_join(a, b), c) == rows_join(a, rows_join(b, c))
    )


# -- parts


@theorem("HAM-7", about=[elements_of], sabotage={elements_of: restamped})
def parts_spell_out_their_fields(part: Part, entity: str, field: str) -> bool:
    """A part is one element a field, all with the part's stamp and dot."""
    element = row_at(elements_of(part), entity, field)
    fields = part.rows.get(entity)
    if fields is None or field not in fields:
        return element is None
    return element == Element(part.stamp_ns, fields[field], part.writer, part.seq)


# -- what must not hold


@theorem("HAM-2", about=[element_join], refuted=True)
def shared_fields_are_an_upper_bound(a: Row, b: Row, field: str) -> bool:
    """The fields that both rows have would do: false, though every other law holds."""
    return field_le(a.get(field), row_join_shared(a, b).get(field))


@theorem("HAM-2", about=[], refuted=True)
def whole_rows_may_replace_each_other(a: Row, b: Row) -> bool:
    """A row may replace a row: false, concurrent edits of two fields would lose one."""
    return row_join_whole(a, b) == row_join_whole(b, a)
