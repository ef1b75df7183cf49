"""A toy kernel that uses every construct the lifter reads; never proved, only compared.

Each function is called with random arguments, and the term that the lifter made of it is evaluated
at the same arguments.
"""

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import NamedTuple, assert_never

import attrs
import msgspec

LIMIT = 3
MARK = "m"
FEW = frozenset({1, 2, 5})
NAMES = {"l": 1, "m": 2}


class Verdict(Enum):
    """What may become of a cell."""

    KEEP = "keep"
    DEFER = "defer"
    TAKE = "take"


class Rank(IntEnum):
    """Members with an order."""

    LOW = 1
    HIGH = 2


class Cell(msgspec.Struct, frozen=True, order=True):
    """A struct that compares by its fields."""

    stamp: int
    text: str = ""

    @property
    def next_stamp(self) -> int:
        """Return the stamp after this one."""
        return self.stamp + 1

    def is_below(self, other: "Cell") -> bool:
        """Compare by stamp."""
        return self.stamp < other.stamp


@attrs.frozen
class Pair:
    """An attrs record."""

    left: int
    right: int | None = None


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


ORIGIN = Cell(1, "m")


class Register(msgspec.Struct, frozen=True):
    """A record of an option and a set."""

    held: Cell | None
    waiting: frozenset[Cell]


class Offer(msgspec.Struct, frozen=True):
    """An event."""

    cell: Cell
    now: int


class Due(msgspec.Struct, frozen=True):
    """Another event."""

    cell: Cell
    now: int
    early: bool = False


Event = Offer | Due


def arithmetic(a: int, b: int) -> int:
    return a + b * 2 - -a


def division(a: int, b: int) -> int:
    return a // b + a % LIMIT if b > 0 else a // LIMIT


def extremes(a: int, b: int, c: int) -> int:
    return max(a, b, c) - min(a, b) + abs(c)


def chained(a: int, b: int, c: int) -> bool:
    return a < b <= c or a == c > b or a != b >= c


def connectives(a: bool, b: bool, c: int) -> bool:
    return (a and not b) or (b and c > 0) or bool(c)


def branches(a: int, b: int) -> int:
    x = a
    if a > b:
        x = b
    elif a == b:
        x += 1
    else:
        y = x * 2
        x = y - 1
    x -= b
    return x


def early_return(a: int | None, b: int) -> int:
    if a is None:
        return b
    if a > b:
        return a
    total: int = a + b
    return total


def narrowing(a: Cell | None, b: int) -> bool:
    return a is not None and a.stamp > b


def option_choice(a: int | None, b: int | None) -> int | None:
    return a if b is None else b if a is None else max(a, b)


def falls_off(a: int) -> int | None:  # type: ignore[return]
    if a > 0:
        return a


def asserts(a: int) -> int:
    assert a * a >= 0
    return a


def order_of_structs(a: Cell, b: Cell) -> bool:
    return a < b or (a >= b and a == b)


def order_of_tuples(a: Point, b: Point) -> bool:
    return (a.x, a.y) <= (b.x, b.y) and a < b


def order_of_ranks(a: Rank, b: Rank) -> bool:
    return a < b or a is Rank.HIGH


def methods(a: Cell, b: Cell) -> int:
    return a.next_stamp if a.is_below(b) else b.next_stamp


def construction(a: int, b: str) -> Cell:
    return Cell(text=b, stamp=a) if a > 0 else Cell(a)


def attrs_records(a: Pair, b: int) -> Pair:
    return attrs.evolve(a, right=b) if a.right is None else Pair(b, a.left)


def struct_replace(a: Cell, b: int) -> Cell:
    return msgspec.structs.replace(a, stamp=b)


def tuples(a: int, b: int) -> tuple[int, bool]:
    x, y = b, a
    pair = (x, y > LIMIT)
    return pair[0] + x, pair[1]


def texts(a: str, b: str) -> bool:
    return a < b or a == MARK or b in (MARK, "n")


def sets(a: frozenset[int], b: frozenset[int], c: int) -> frozenset[int]:
    return (a | {c}) - (a & b) if c in a else (a - b) | frozenset({c, 1})


def set_questions(a: frozenset[int], b: frozenset[int]) -> bool:
    return a <= b or (not a and LIMIT not in b) or a == b


def set_filter(a: frozenset[Cell], b: int) -> frozenset[Cell]:
    return frozenset(cell for cell in a if cell.stamp > b)


def quantifiers(a: frozenset[int], b: int) -> bool:
    return any(x > b for x in a) and all(x > 0 for x in a)


def maps(a: Mapping[int, int], b: Mapping[int, int], c: int) -> int | None:
    if c in a:
        return a[c]
    return b.get(c) if c > 0 else b.get(c, LIMIT)


def map_join(a: Mapping[int, int], b: Mapping[int, int]) -> Mapping[int, int]:
    return {
        key: a[key] if key not in b else b[key] if key not in a else max(a[key], b[key])
        for key in a.keys() | b.keys()
    }


def map_filter(a: Mapping[int, int], b: int) -> Mapping[int, int]:
    return {key: value + 1 for key, value in a.items() if value > b}


def map_display(a: Mapping[int, int], b: int) -> Mapping[int, int]:
    return {0: b, **a, 1: b}


def map_overlay(a: dict[int, int], b: dict[int, int]) -> dict[int, int]:
    return a | b


def nested_maps(a: Mapping[int, Mapping[int, int]], b: int) -> int | None:
    row = a.get(b)
    return None if row is None else row.get(b)


def verdict(held: Cell | None, cell: Cell, now: int) -> Verdict:
    if held is not None and cell <= held:
        return Verdict.KEEP
    return Verdict.DEFER if cell.stamp > now else Verdict.TAKE


def offer(register: Register, cell: Cell, now: int) -> Register:
    found = verdict(register.held, cell, now)
    match found:
        case Verdict.KEEP:
            return register
        case Verdict.DEFER:
            return Register(register.held, register.waiting | frozenset({cell}))
        case Verdict.TAKE:
            return msgspec.structs.replace(register, held=cell)
        case _:
            assert_never(found)


def step(register: Register, event: Event) -> Register:
    match event:
        case Offer(cell, now):
            return offer(register, cell, now)
        case Due(cell, now, early=True) if now > cell.stamp:
            return register
        case Due(cell, now):
            if cell not in register.waiting or cell.stamp > now:
                return register
            rest = register.waiting - frozenset({cell})
            return offer(Register(register.held, rest), cell, now)


def literals(a: int, b: Cell | None) -> int:
    match a:
        case 0 | 1:
            return 1
        case 2:
            return 3
    match b:
        case None:
            return 4
        case Cell(stamp=5):
            return 6
        case Cell() as cell if cell.stamp > a:
            return cell.stamp
    return 0


def unions(event: Event, plain: bool) -> int:
    if isinstance(event, Due) and event.early:
        return event.now
    return event.cell.stamp if plain else event.now


def keywords(a: int, b: int) -> int:
    return extremes(c=a, a=b, b=a) + defaulted(a)


def defaulted(a: int, b: int = 2, *, c: int = LIMIT) -> int:
    return a * b - c


def constant_record(a: Cell) -> bool:
    return a == ORIGIN or ORIGIN.stamp < a.stamp


def constant_tables(a: int, b: str) -> bool:
    return a in FEW and b not in NAMES and NAMES.get("l", a) <= a


def narrowed_values(cells: Mapping[int, Cell | None]) -> Mapping[int, Cell]:
    return {key: cell for key, cell in cells.items() if cell is not None}


def narrowed_members(events: Mapping[str, Event]) -> Mapping[str, Due]:
    return {name: event for name, event in events.items() if isinstance(event, Due)}


# -- these can raise, and the lifter must see exactly where


def may_divide_by_zero(a: int, b: int) -> int:
    return a // b if b >= 0 else 0


def may_miss_a_key(a: Mapping[int, int], b: int) -> int:
    return a[b] if b > 0 else 0


def may_unwrap_none(a: Cell | None, b: int) -> int:
    if b > 0 and a is None:
        return 0
    return a.stamp  # type: ignore[union-attr]


def may_pass_none(a: Cell | None, b: Cell) -> Verdict:
    return verdict(b, a, b.stamp)  # type: ignore[arg-type]


def may_fail_assertion(a: int) -> int:
    assert a != 5
    return a


def may_lack_a_field(event: Event) -> bool:
    return event.early  # type: ignore[union-attr]


def may_fall_off(a: int) -> int:
    match a:
        case 0 | 1:
            return 2
        case _:
            assert_never(a)  # type: ignore[arg-type]
