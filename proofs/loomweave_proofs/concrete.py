"""From Python objects to terms and back: for counterexamples, and to hold the lifter to Python."""

from collections.abc import Mapping, Sequence
from typing import Final

from loomweave_proofs import solver
from loomweave_proofs.solver import Model, Term
from loomweave_proofs.sorts import (
    BoolShape,
    EnumShape,
    IntShape,
    Lifted,
    MapShape,
    NothingShape,
    OpaqueShape,
    OptionShape,
    RecordShape,
    SetShape,
    Shape,
    UnionShape,
)

CONSTANT_MIN: Final = 2**64
"""Numbers that code names are this large only where they stand for texts or bytes."""

MEMBERS_MAX: Final = 2
"""Most members of a set or map in an example, at each depth."""


class NoObject(Exception):
    """A model that no Python objects stand for, such as a map with endless keys."""


def to_term(value: object, shape: Shape) -> Term:
    """Write a Python object as a constant term."""
    match shape:
        case IntShape() if isinstance(value, int):
            return solver.integer(value)
        case BoolShape() if isinstance(value, bool):
            return solver.boolean(value)
        case NothingShape():
            return solver.constructor(shape.sort, 0)
        case OpaqueShape():
            return solver.integer(shape.rank(value))
        case EnumShape(cls=cls) if isinstance(value, cls):
            return shape.members[value.name]
        case OptionShape():
            return shape.none() if value is None else shape.some(to_term(value, shape.inner))
        case RecordShape(fields=fields):
            parts = parts_of(value, shape)
            return shape.build([to_term(parts[name], field) for name, field in fields.items()])
        case UnionShape(members=shapes):
            for at, member in enumerate(shapes):
                if fits(value, member):
                    return shape.inject(at, to_term(value, member))
        case SetShape(item=item):
            members = shape.unwrap(value)
            if isinstance(members, frozenset | set):
                made = solver.everywhere(item.sort, solver.FALSE)
                for member in members:
                    made = solver.store(made, to_term(member, item), solver.TRUE)
                return made
        case MapShape(key=key, value=option) if isinstance(value, Mapping):
            made = solver.everywhere(key.sort, option.none())
            for name, content in value.items():
                entry = option.some(to_term(content, option.inner))
                made = solver.store(made, to_term(name, key), entry)
            return made
    raise NoObject(f"{value!r} is no {shape.name}")


def parts_of(value: object, shape: RecordShape) -> Mapping[str, object]:
    """Read the fields of a record or tuple."""
    if shape.cls is None and isinstance(value, tuple):
        return {str(at): item for at, item in enumerate(value)}
    return {name: getattr(value, name) for name in shape.fields}


def fits(value: object, shape: Shape) -> bool:
    """Tell whether a Python object is of a shape, as far as its class shows."""
    match shape:
        case IntShape():
            return type(value) is int
        case BoolShape():
            return type(value) is bool
        case EnumShape(cls=cls):
            return isinstance(value, cls)
        case RecordShape(cls=cls):
            return isinstance(value, cls or tuple)
        case OpaqueShape():
            return type(value).__name__ == shape.name
        case _:
            return False


def domain(term: Term, shape: Shape) -> list[Term]:
    """State that nothing in a term is below what Python has, such as below the empty text.

    Sets and maps are passed over: their members are read from what else the model names.
    """
    match shape:
        case OpaqueShape(has_least=True):
            return [term >= solver.integer(0)]
        case OptionShape(inner=inner):
            there = shape.is_some(term)
            return [solver.implies(there, part) for part in domain(shape.get(term), inner)]
        case RecordShape(fields=fields):
            return [
                part
                for name, field in fields.items()
                for part in domain(shape.read(term, name), field)
            ]
        case _:
            return []


def holds_table(shape: Shape) -> bool:
    """Tell whether a set or a map is part of a shape."""
    match shape:
        case SetShape() | MapShape():
            return True
        case OptionShape(inner=inner):
            return holds_table(inner)
        case RecordShape(fields=fields):
            return any(map(holds_table, fields.values()))
        case UnionShape(members=members):
            return any(map(holds_table, members))
        case _:
            return False


def small(shape: Shape) -> Term:
    """Build a symbol whose sets and maps have few members, so that Python can hold it."""
    if not holds_table(shape):
        return solver.fresh(shape.sort, "small")
    match shape:
        case SetShape(item=item):
            made = solver.everywhere(item.sort, solver.FALSE)
            for _ in range(MEMBERS_MAX):
                made = solver.store(made, small(item), solver.fresh(solver.BOOL, "in"))
            return made
        case MapShape(key=key, value=option):
            made = solver.everywhere(key.sort, option.none())
            for _ in range(MEMBERS_MAX):
                made = solver.store(made, small(key), small(option))
            return made
        case OptionShape(inner=inner):
            there = solver.fresh(solver.BOOL, "there")
            return solver.ite(there, shape.some(small(inner)), shape.none())
        case RecordShape(fields=fields):
            return shape.build([small(field) for field in fields.values()])
        case UnionShape(members=members):
            made = shape.inject(0, small(members[0]))
            for at, member in enumerate(members[1:], 1):
                is_this = solver.fresh(solver.BOOL, "is")
                made = solver.ite(is_this, shape.inject(at, small(member)), made)
            return made
    raise NoObject(f"no small {shape.name}")


def shrunk(
    symbols: Sequence[Lifted], assertions: Sequence[Term]
) -> tuple[list[Lifted], list[Term]]:
    """Put small terms in the place of symbols with tables, everywhere in the assertions."""
    terms = [
        small(symbol.shape) if holds_table(symbol.shape) else symbol.term for symbol in symbols
    ]
    pairs = [(symbol.term, term) for symbol, term in zip(symbols, terms, strict=True)]
    put = [solver.substitute(assertion, pairs) for assertion in assertions]
    return [Lifted(term, symbol.shape) for term, symbol in zip(terms, symbols, strict=True)], put


class Example:
    """Reads Python objects out of a model."""

    def __init__(self, model: Model, symbols: Sequence[Lifted], asked: Sequence[Term]) -> None:
        """Read from a model of what was asked; constants named there count too."""
        self._model = model
        terms = [solver.evaluate(model, symbol.term) for symbol in symbols]
        self._ground = solver.ground_within(model, terms)
        named = {solver.to_int(term) for term in solver.numbers_in(asked)}
        numbers = {solver.to_int(term) for term in self._ground if solver.is_number(term)}
        self._numbers = sorted(numbers | named | {0})
        self._constants = {number for number in named if number >= CONSTANT_MIN} | {0}
        self._met: dict[str, set[int]] = {}
        self._chosen: dict[str, Mapping[int, object]] = {}
        for symbol, term in zip(symbols, terms, strict=True):
            self._read(term, symbol.shape)
        for symbol in symbols:
            self._choose(symbol.shape)

    def read(self, term: Term, shape: Shape) -> object:
        """Return the Python object that a term is in the model."""
        return self._read(solver.evaluate(self._model, term), shape)

    def _choose(self, shape: Shape) -> None:
        """Find Python values for the numbers that were met, shape by shape."""
        match shape:
            case OpaqueShape():
                met = sorted(self._met.get(shape.name, set()) | self._constants)
                self._chosen[shape.name] = dict(zip(met, shape.choose(met), strict=True))
            case OptionShape(inner=inner) | SetShape(item=inner):
                self._choose(inner)
            case RecordShape(fields=fields):
                for field in fields.values():
                    self._choose(field)
            case UnionShape(members=members):
                for member in members:
                    self._choose(member)
            case MapShape(key=key, value=value):
                self._choose(key)
                self._choose(value)

    def _opaque(self, number: int, shape: OpaqueShape) -> object:
        """Return the value for a number; on the first reading the number stands for itself."""
        if shape.name in self._chosen:
            return self._chosen[shape.name][number]
        self._met.setdefault(shape.name, set()).add(number)
        return number

    def _read(self, term: Term, shape: Shape) -> object:
        match shape:
            case IntShape():
                return solver.to_int(term)
            case BoolShape():
                return solver.is_true(term)
            case NothingShape():
                return None
            case OpaqueShape():
                return self._opaque(solver.to_int(term), shape)
            case EnumShape(cls=cls):
                found = [name for name, made in shape.members.items() if made.eq(term)]
                return cls[found[0]]
            case OptionShape():
                if solver.is_true(self._value(shape.is_some(term))):
                    return self._read(self._value(shape.get(term)), shape.inner)
                return None
            case RecordShape(fields=fields, cls=cls):
                parts = [self._read(self._value(shape.read(term, name)), field)
                         for name, field in fields.items()]  # fmt: skip
                return tuple(parts) if cls is None else cls(*parts)
            case UnionShape(members=members):
                for at, member in enumerate(members):
                    if solver.is_true(self._value(shape.holds(at, term))):
                        return self._read(self._value(shape.project(at, term)), member)
            case SetShape(item=item):
                return shape.wrap(
                    frozenset(
                        self._read(member, item)
                        for member in self._candidates(item)
                        if solver.is_true(self._value(solver.select(term, member)))
                    )
                )
            case MapShape():
                return self._read_map(term, shape)
        raise NoObject(f"no Python object of {shape.name}")

    def _read_map(self, term: Term, shape: MapShape) -> object:
        found: dict[object, object] = {}
        for key in self._candidates(shape.key):
            entry = self._value(solver.select(term, key))
            if solver.is_true(self._value(shape.value.is_some(entry))):
                content = self._value(shape.value.get(entry))
                found[self._read(key, shape.key)] = self._read(content, shape.value.inner)
        return found

    def _value(self, term: Term) -> Term:
        return solver.evaluate(self._model, term)

    def _candidates(self, shape: Shape) -> list[Term]:
        """List the members of a shape that the model speaks of; tables are read at these."""
        if isinstance(shape, EnumShape):
            return list(shape.members.values())
        if isinstance(shape, IntShape | OpaqueShape):
            return [solver.integer(number) for number in self._numbers]
        return [term for term in self._ground if term.sort() == shape.sort]
