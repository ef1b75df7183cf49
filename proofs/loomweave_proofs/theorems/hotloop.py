"""The hot loops are the kernel: their bodies, cut out of the shipped functions. Rule HAM-8."""

from loomweave.core.graph.merge import merge_part, merge_rows
from loomweave.core.lattices.register import Element, Row, element_le, field_join, wins_tie
from loomweave.core.values import Value
from loomweave_proofs.hotloops import cut_body, cut_condition
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.register import tie_by_code

_PART = {
    "old": Element | None,
    "stamp_ns": int,
    "value": Value,
    "writer": bytes,
    "seq": int,
}
_FIELD = {"row": Row, "field": str, "winners": Row | None}

part_decision = cut_condition(merge_part, _PART)
rows_decision = cut_condition(merge_rows, {"old": Element | None, "element": Element})
part_field = cut_body(
    merge_part,
    {**_FIELD, "value": Value, "stamp_ns": int, "writer": bytes, "seq": int},
    "winners",
    at=1,
)
rows_field = cut_body(merge_rows, {**_FIELD, "element": Element}, "winners", at=1)


def decide_by_arrival(
    old: Element | None, stamp_ns: int, value: Value, writer: bytes, seq: int
) -> bool:
    """Let what arrives win every tie."""
    return old is None or stamp_ns >= old.stamp_ns


def never_in_a_tie(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Let what is held win every tie."""
    return False


@theorem("HAM-8", about=[part_decision], sabotage={wins_tie: tie_by_code})
def part_loop_decides_as_the_kernel(
    old: Element | None, stamp_ns: int, value: Value, writer: bytes, seq: int
) -> bool:
    """The loop over a part takes a value exactly where the kernel puts it above what is held."""
    element = Element(stamp_ns, value, writer, seq)
    wins = old is None or not element_le(element, old)
    return bool(part_decision(old, stamp_ns, value, writer, seq)) == wins


@theorem("HAM-8", about=[rows_decision], sabotage={wins_tie: never_in_a_tie})
def rows_loop_decides_as_the_kernel(old: Element | None, element: Element) -> bool:
    """The loop over elements takes one exactly where the kernel puts it above what is held."""
    wins = old is None or not element_le(element, old)
    return bool(rows_decision(old, element)) == wins


@theorem("HAM-8", about=[part_field], sabotage={wins_tie: tie_by_code})
def part_loop_keeps_winners_alone(
    row: Row,
    field: str,
    winners: Row | None,
    value: Value,
    stamp_ns: int,
    writer: bytes,
    seq: int,
    other: str,
) -> bool:
    """One turn of the loop over a part puts the winner among the winners, and nothing else."""
    element = Element(stamp_ns, value, writer, seq)
    before = None if winners is None else winners.get(other)
    found = part_field(row, field, winners, value, stamp_ns, writer, seq)
    after = None if found is None else found.get(other)
    wins = field not in row or not element_le(element, row[field])
    return after == (element if wins and other == field else before)


@theorem("HAM-8", about=[rows_field], sabotage={wins_tie: never_in_a_tie})
def rows_loop_keeps_winners_alone(
    row: Row, field: str, winners: Row | None, element: Element, other: str
) -> bool:
    """One turn of the loop over elements puts the winner among the winners, and nothing else."""
    before = None if winners is None else winners.get(other)
    found = rows_field(row, field, winners, element)
    after = None if found is None else found.get(other)
    wins = field not in row or not element_le(element, row[field])
    return after == (element if wins and other == field else before)


@theorem("HAM-8", about=[rows_field], sabotage={wins_tie: tie_by_code})
def row_with_winners_is_the_join(row: Row, field: str, element: Element) -> bool:
    """A row overlaid with its winner holds the join of what was held and what came."""
    found = rows_field(row, field, None, element)
    after = row if found is None else row | found
    return after.get(field) == field_join(row.get(field), element)


@theorem("HAM-8", about=[], refuted=True)
def ties_may_go_to_the_newcomer(old: Element, element: Element) -> bool:
    """The loop may take whatever is not older: false, it is not the kernel's order."""
    taken = decide_by_arrival(old, element.stamp_ns, element.value, element.writer, element.seq)
    return taken == (not element_le(element, old))
