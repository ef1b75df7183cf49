"""What frames and journal records share: elements grouped by dot, checked while they are read.

Spec: WIR-4, WIR-5, WIR-7. A reader's tables are its own, so values are put in place of their trees.
"""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from loomweave.core.clocks import STAMP_NS_MAX, STAMP_NS_MIN
from loomweave.core.entities import NAME_BYTES_MAX, SEPARATOR, key_fault, name_fault
from loomweave.core.errors import Refusal
from loomweave.core.lattices.register import SEQ_MAX, Element, Rows
from loomweave.core.trees import RESERVED_PREFIX, UTF16_KEY
from loomweave.core.values import VALUE_BYTES_MAX, Value, from_tree, to_tree

WRITER_BYTES_MAX: Final = 32
"""Longest writer. Spec: WIR-8."""

Writer = Annotated[bytes, Meta(max_length=WRITER_BYTES_MAX)]
Seq = Annotated[int, Meta(ge=0, le=SEQ_MAX)]
StampNs = Annotated[int, Meta(ge=STAMP_NS_MIN, le=STAMP_NS_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_BYTES_MAX)]
Tables = dict[str, dict[str, object]]
"""Trees by entity and field."""

_BARE: Final = frozenset({type(None), bool, int, float, str, bytes})
"""Kinds whose tree is the value itself, but for texts with lone surrogates."""
_SHORT: Final = frozenset({type(None), bool, int, str, bytes})
"""Kinds that need no look where nothing can be longer than a value may be."""
_SMALL: Final = frozenset({type(None), bool, int})


class PartForm(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The writes of one dot, as they travel. Spec: WIR-4."""

    writer: Writer
    seq: Seq
    stamp_ns: StampNs
    tables: Tables


class Checker:
    """One reading of tables: names that are known to be good are not judged again. Spec: WIR-7."""

    __slots__ = ("fields", "kinds", "names")

    def __init__(self, size: int) -> None:
        """Prepare to read tables out of so many bytes."""
        self.fields = 0
        """How many fields were read."""
        self.names: set[str] = set()
        self.kinds = _SHORT if size <= VALUE_BYTES_MAX else _SMALL

    def admit(self, tables: Tables) -> Refusal | None:
        """Put values in place of trees, or say what is no entity, field or value. Spec: WIR-7."""
        names, kinds = self.names, self.kinds
        for entity, fields in tables.items():
            parts = entity.split(SEPARATOR)
            is_plain = len(parts) == 3 and all(parts) and entity.isascii()
            if (not is_plain or len(entity) > NAME_BYTES_MAX) and (fault := key_fault(entity)):
                return Refusal("GRF-2", fault, _shown(entity))
            if not names.issuperset(fields) and (refusal := self._learn(entity, fields)):
                return refusal
            self.fields += len(fields)
            if not kinds.issuperset(map(type, fields.values())) and (
                refusal := _admit_fields(entity, fields, kinds)
            ):
                return refusal
        return None

    def _learn(self, entity: str, fields: dict[str, object]) -> Refusal | None:
        for name in fields:
            if name not in self.names:
                if (fault := name_fault(name)) is not None:
                    return Refusal("GRF-2", fault, _shown(entity, name))
                self.names.add(name)
        return None


def _admit_fields(entity: str, fields: dict[str, object], kinds: frozenset[type]) -> Refusal | None:
    for name, raw in fields.items():
        kind = type(raw)
        if kind in kinds:
            continue
        if kind is float:
            if raw - raw != 0.0:  # type: ignore[operator]
                return Refusal("VAL-4", f"{raw} is not a finite number", _shown(entity, name))
            if raw == 0.0:
                fields[name] = 0.0
            continue
        if isinstance(raw, dict) and len(raw) == 1 and _is_later_form(next(iter(raw))):
            reason = f"content of the form {next(iter(raw))!r}, which this version does not know"
            return Refusal("WIR-5", reason[:200], _shown(entity, name))
        value = from_tree(raw)
        if isinstance(value, Refusal):
            return Refusal(value.rule, value.reason, f"{_shown(entity, name)} {value.subject}")
        fields[name] = value
    return None


def _is_later_form(key: object) -> bool:
    """Tell whether a map with this as its only key is content of a lattice to come. Spec: WIR-5."""
    return isinstance(key, str) and key.startswith(RESERVED_PREFIX) and key != UTF16_KEY


def _shown(entity: str, name: str = "") -> str:
    where = f"{entity}/{name}" if name else entity
    return where.replace(SEPARATOR, "/")[:200]


def trees_of(rows: dict[str, dict[str, Value]]) -> Tables:
    """Write the values of a batch as trees; most often they are their own. Spec: WIR-5."""
    if all(_BARE.issuperset(map(type, fields.values())) for fields in rows.values()):
        return rows  # type: ignore[return-value]  # a table of scalars is a table of trees
    return {
        entity: {name: to_tree(value) for name, value in fields.items()}
        for entity, fields in rows.items()
    }


def spelled_out(tables: Tables) -> Tables:
    """Write texts with lone surrogates, which MessagePack cannot carry, as trees. Spec: WIR-5."""
    return {
        entity: {
            name: to_tree(raw) if isinstance(raw, str) else raw for name, raw in fields.items()
        }
        for entity, fields in tables.items()
    }


def parts_of(rows: Rows) -> list[PartForm]:
    """Group elements by dot and stamp, in the order of their first field. Spec: WIR-4."""
    found: dict[tuple[bytes, int, int], Tables] = {}
    for entity, fields in rows.items():
        dot: tuple[bytes, int, int] | None = None
        table: dict[str, object] = {}
        for name, element in fields.items():
            here = (element.writer, element.seq, element.stamp_ns)
            if here != dot:
                dot, table = here, found.setdefault(here, {}).setdefault(entity, {})
            value = element.value
            is_own_tree = type(value) in _BARE and type(value) is not str
            table[name] = value if is_own_tree else to_tree(value)
    return [PartForm(*dot, tables) for dot, tables in found.items()]


def rows_from(parts: Iterable[PartForm], checker: Checker) -> Rows | Refusal:
    """Build elements again from their parts. Spec: WIR-4, WIR-7."""
    rows: Rows = {}
    for part in parts:
        if (refusal := checker.admit(part.tables)) is not None:
            return refusal
        stamp_ns, writer, seq = part.stamp_ns, part.writer, part.seq
        for entity, fields in part.tables.items():
            row = rows.setdefault(entity, {})
            for name, value in fields.items():
                if name in row:
                    return Refusal("WIR-4", "a field stands in two parts", _shown(entity, name))
                row[name] = Element(stamp_ns, value, writer, seq)  # type: ignore[arg-type]
    return rows


__all__ = [
    "WRITER_BYTES_MAX",
    "Checker",
    "Name",
    "PartForm",
    "Seq",
    "StampNs",
    "Tables",
    "Writer",
    "parts_of",
    "rows_from",
    "spelled_out",
    "trees_of",
]
