"""Reads CSV edge lists. Spec: SCN-6."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from loomweave.core.values import INT_MAX, INT_MIN, Value
from loomweave_sim.sourcegraph import (
    TYPE_UNNAMED,
    GraphBuilder,
    SourceEdge,
    read_number,
    shown,
)

SOURCE_NAMES: Final = ("source", "from", "src")
TARGET_NAMES: Final = ("target", "to", "dst")
DELIMITERS: Final = (",", "\t", ";")
COMMENT: Final = "#"
CELL_CHARS_MAX: Final = 1 << 20
"""Longest cell: what a value may take. Spec: SCN-6."""
DIRECTIONS: Final = {"directed": True, "undirected": False, "true": True, "false": False}
"""What a column `directed` may say; the first two also in a column `type`. Spec: SCN-6."""


class Columns(msgspec.Struct, frozen=True):
    """Which column is what; None where the file has none. Spec: SCN-6."""

    source: int
    target: int
    weight: int | None = None
    type: int | None = None
    directed: int | None = None
    others: tuple[tuple[int, str], ...] = ()
    count: int = 2


class _Lines:
    """Gives the csv reader its lines without comments, and remembers where they stood."""

    def __init__(self, text: str) -> None:
        self.number = 0
        self.opened = 0
        self._text = text

    def __iter__(self) -> Iterator[str]:
        is_quoted = False
        # Not splitlines, which also breaks at characters that may stand inside a cell.
        for number, line in enumerate(io.StringIO(self._text, newline=""), 1):
            if not is_quoted and (line.startswith(COMMENT) or not line.strip()):
                continue
            self.number = number
            if line.count('"') % 2:
                is_quoted = not is_quoted
                self.opened = number
            yield line


def read_csv(path: Path, text: str) -> GraphBuilder:
    """Read an edge list; what it means without a header is told by SCN-6. Spec: SCN-6."""
    builder = GraphBuilder(path)
    lines = _Lines(text)
    rows = _rows(builder, lines, text)
    first = next(rows, None)
    if first is None:
        raise builder.error("", "the file holds no row: write lines such as source,target,weight")
    columns = _header(builder, first, lines.number)
    if columns is None:
        columns = _unnamed(builder, first, lines.number)
        _add_row(builder, columns, first, f"line {lines.number}")
    for row in rows:
        _add_row(builder, columns, row, f"line {lines.number}")
    return builder


def _rows(builder: GraphBuilder, lines: _Lines, text: str) -> Iterator[list[str]]:
    csv.field_size_limit(CELL_CHARS_MAX)
    reader = csv.reader(iter(lines), delimiter=_delimiter(text), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _syntax_error(builder, lines, str(error)) from None
        yield [cell.strip() for cell in row]


def _syntax_error(builder: GraphBuilder, lines: _Lines, message: str) -> Exception:
    if "unexpected end" in message:
        reason = 'a quote is opened and never closed: close it, or write "" for a quote as such'
        return builder.error(f"line {lines.opened}", reason, "SCN-6")
    if "field larger" in message:
        reason = f"a cell has more than {CELL_CHARS_MAX} characters: is a quote not closed?"
        return builder.error(f"line {lines.opened or lines.number}", reason, "SCN-6")
    reason = f'not a CSV line ({message}): put cells with a quote or a comma into "…"'
    return builder.error(f"line {lines.number}", reason, "SCN-6")


def _delimiter(text: str) -> str:
    for line in io.StringIO(text, newline=""):
        if line.strip() and not line.startswith(COMMENT):
            counts = [line.count(delimiter) for delimiter in DELIMITERS]
            return DELIMITERS[counts.index(max(counts))]
    return ","


def _header(builder: GraphBuilder, row: list[str], number: int) -> Columns | None:
    """Read the first row as a header, or None where it is an edge already."""
    names = [cell.lower() for cell in row]
    source = next((names.index(name) for name in SOURCE_NAMES if name in names), None)
    target = next((names.index(name) for name in TARGET_NAMES if name in names), None)
    if source is None and target is None:
        return None
    place = f"line {number}"
    for what, index, known in (
        ("source", source, SOURCE_NAMES),
        ("target", target, TARGET_NAMES),
    ):
        if index is None:
            reason = f"the header names no {what} column: call one of them {' or '.join(known)}"
            raise builder.error(place, reason, "SCN-6")
    for index, name in enumerate(names):
        if name in names[:index]:
            reason = f"column {shown(row[index])} stands twice in the header: rename one"
            raise builder.error(place, reason, "SCN-6")
    assert source is not None and target is not None
    weight, type, directed = (
        names.index(name) if name in names else None for name in ("weight", "type", "directed")
    )
    used = {source, target, weight, type, directed}
    others = tuple((i, name) for i, name in enumerate(row) if i not in used)
    for _, name in others:
        builder.value(None, name, place)
    return Columns(source, target, weight, type, directed, others, len(row))


def _unnamed(builder: GraphBuilder, row: list[str], number: int) -> Columns:
    if not 2 <= len(row) <= 4:
        reason = (
            f"a file without a header has 2 to 4 columns (source, target, weight, type), this one "
            f"has {len(row)}: add a header line that names them"
        )
        raise builder.error(f"line {number}", reason, "SCN-6")
    if len(row) == 2:
        return Columns(0, 1)
    if len(row) == 3 and row[2] and read_number(row[2]) is None and row[2].lower() != "nan":
        return Columns(0, 1, type=2, count=3)
    return Columns(0, 1, weight=2, type=3 if len(row) == 4 else None, count=len(row))


def _add_row(builder: GraphBuilder, columns: Columns, row: list[str], place: str) -> None:
    if len(row) != columns.count:
        reason = f"{len(row)} columns where {columns.count} are expected: add or remove cells"
        raise builder.error(place, reason, "SCN-6")
    source, target = row[columns.source], row[columns.target]
    if not source:
        raise builder.error(place, "the source is empty: write a node id", "SCN-6")
    builder.mention_node(source, place)
    if not target:
        return
    builder.mention_node(target, place)
    type = row[columns.type] if columns.type is not None else ""
    weight = row[columns.weight] if columns.weight is not None else ""
    is_directed = False
    if columns.directed is not None and row[columns.directed]:
        is_directed = _direction(builder, row[columns.directed], place)
    elif type.lower() in ("directed", "undirected"):
        is_directed, type = DIRECTIONS[type.lower()], ""
    edge = SourceEdge(
        source,
        target,
        type or TYPE_UNNAMED,
        weight=builder.weight(weight, place) if weight else None,
        directed=is_directed,
        properties={name: _cell(row[i]) for i, name in columns.others if row[i]},
    )
    builder.add_edge(edge, place)


def _direction(builder: GraphBuilder, cell: str, place: str) -> bool:
    is_directed = DIRECTIONS.get(cell.lower())
    if is_directed is None:
        reason = f"directed is {shown(cell)}: write true or false"
        raise builder.error(place, reason, "SCN-6")
    return is_directed


def _cell(text: str) -> Value:
    """Read a cell as the value it looks like: a number, true or false, else a text."""
    number = read_number(text)
    if isinstance(number, int):
        return number if INT_MIN <= number <= INT_MAX else text
    if number is not None and number not in (float("inf"), float("-inf")):
        return number or 0.0
    return {"true": True, "false": False}.get(text.lower(), text)
