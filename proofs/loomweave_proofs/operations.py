"""What the operators of Python mean on lifted values.

Where Python would raise, an obligation is recorded: that the path which leads here makes it
impossible. So narrowing (`x is not None and x.field`) needs no rule of its own: the obligation
follows from the path or it stays open.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from loomweave_proofs import solver
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import (
    BoolShape,
    EnumShape,
    IntShape,
    Lifted,
    MapShape,
    NoSort,
    NothingShape,
    OpaqueShape,
    OptionShape,
    RecordShape,
    SetShape,
    Shape,
    Sorts,
    UnionShape,
)
from loomweave_proofs.source import Source, Unliftable

Env: TypeAlias = Mapping[str, Lifted]
"""What local names mean."""
MISSING: Final = object()


@attrs.frozen(eq=False)
class Obligation:
    """Something that must hold whenever a place is reached, or the code could raise there."""

    function: str
    file: str
    line: int
    kind: str
    path: Term
    condition: Term


class Operations:
    """Operators over lifted values, with obligations, for the reading of one function."""

    def __init__(self, sorts: Sorts, source: Source, *, is_statement: bool) -> None:
        self.sorts = sorts
        self.source = source
        self.is_statement = is_statement
        """A statement of a theorem may compare by identity where code may not."""
        self.obligations: list[Obligation] = []

    def refuse(self, at: ast.AST | None, construct: str) -> Unliftable:
        """Build the refusal of a construct."""
        return self.source.refuse(at, construct)

    def oblige(self, at: ast.AST, kind: str, path: Term, condition: Term) -> None:
        """Record what must hold at a place."""
        if solver.is_true(condition) or solver.is_false(path):
            return
        line = self.source.first_line + getattr(at, "lineno", 1) - 1
        self.obligations.append(
            Obligation(self.source.name, self.source.file, line, kind, path, condition)
        )

    def either(self, test: Term, then: Lifted, other: Lifted, path: Term, at: ast.AST) -> Lifted:
        """Choose between two values by a test; the shape is the one that holds both."""
        shape = self.common_shape(then.shape, other.shape, at)
        one = self.coerce(then, shape, solver.conj(path, test), at)
        two = self.coerce(other, shape, solver.conj(path, solver.neg(test)), at)
        return Lifted(solver.ite(test, one, two), shape)

    def number(self, node: ast.expr, env: Env, path: Term) -> Term:
        """Read an integer; truth values do not pass for numbers."""
        value = self.plain(self.read(node, env, path), path, node)
        if not isinstance(value.shape, IntShape):
            raise self.refuse(node, f"arithmetic on {value.shape.name}")
        return value.term

    def items_of(self, value: Lifted, path: Term, at: ast.AST) -> Sequence[Lifted]:
        """Take a tuple apart."""
        value = self.plain(value, path, at)
        shape = value.shape
        if not isinstance(shape, RecordShape) or not issubclass(shape.cls or tuple, tuple):
            raise self.refuse(at, f"unpacking of {shape.name}")
        return [Lifted(shape.read(value.term, name), field) for name, field in shape.fields.items()]

    # -- reading, which the readers of expressions supply

    def read(self, node: ast.expr, env: Env, path: Term) -> Lifted:
        """Turn an expression into a term."""
        raise NotImplementedError

    def condition(self, node: ast.expr, env: Env, path: Term) -> Term:
        """Turn an expression into a truth value, as `if` does with it."""
        raise NotImplementedError

    def static(self, node: ast.expr, env: Env) -> object:
        """Return the Python object that a dotted global name means, or MISSING."""
        raise NotImplementedError

    def python_constant(self, value: object, at: ast.AST) -> Lifted:
        """Turn a Python object that is fixed when the module is imported into a term."""
        raise NotImplementedError

    def shape_of(self, hint: object, at: ast.AST) -> Shape:
        """Return the shape of a type, or refuse the type where it stands."""
        try:
            return self.sorts.of(hint)
        except NoSort as error:
            raise self.refuse(at, str(error)) from None

    # -- use of a value where a shape is wanted

    def coerce(self, value: Lifted, wanted: Shape, path: Term, at: ast.AST) -> Term:
        """Use a value where another shape is wanted, as Python's typing would let it pass."""
        have = value.shape
        if have is wanted:
            return value.term
        if isinstance(wanted, OptionShape):
            if isinstance(have, NothingShape):
                return wanted.none()
            if isinstance(have, OptionShape):
                inner = self.coerce(
                    Lifted(have.get(value.term), have.inner), wanted.inner, path, at
                )
                return solver.ite(have.is_some(value.term), wanted.some(inner), wanted.none())
            return wanted.some(self.coerce(value, wanted.inner, path, at))
        if isinstance(have, OptionShape):
            return self.coerce(self.plain(value, path, at), wanted, path, at)
        if isinstance(wanted, UnionShape):
            return self._into_union(value, wanted, path, at)
        if isinstance(have, UnionShape) and wanted in have.members:
            place = list(have.members).index(wanted)
            self.oblige(at, f"the value is a {wanted.name}", path, have.holds(place, value.term))
            return have.project(place, value.term)
        if isinstance(have, RecordShape) and isinstance(wanted, RecordShape):
            return self._into_record(value, have, wanted, path, at)
        if isinstance(have, SetShape) and isinstance(wanted, SetShape) and have.name == "empty":
            return solver.everywhere(wanted.item.sort, solver.FALSE)
        if isinstance(have, MapShape) and isinstance(wanted, MapShape) and have.name == "empty":
            return solver.everywhere(wanted.key.sort, wanted.value.none())
        if isinstance(have, MapShape) and isinstance(wanted, MapShape) and have.key is wanted.key:
            return self._into_map(value.term, have, wanted, path, at)
        raise self.refuse(at, f"a value of {have.name} where {wanted.name} is wanted")

    def _into_map(
        self, table: Term, have: MapShape, wanted: MapShape, path: Term, at: ast.AST
    ) -> Term:
        """Use a map whose contents were narrowed: each one is coerced where it stands."""
        key = solver.fresh(have.key.sort, "k")
        entry = solver.select(table, key)
        there = have.value.is_some(entry)
        inner = Lifted(have.value.get(entry), have.value.inner)
        term = self.coerce(inner, wanted.value.inner, solver.conj(path, there), at)
        body = solver.ite(there, wanted.value.some(term), wanted.value.none())
        return solver.tabulate(key, body)

    def _into_union(self, value: Lifted, wanted: UnionShape, path: Term, at: ast.AST) -> Term:
        if value.shape in wanted.members:
            return wanted.inject(list(wanted.members).index(value.shape), value.term)
        if isinstance(value.shape, UnionShape):
            have = value.shape
            shared = [
                place for place, member in enumerate(have.members) if member in wanted.members
            ]
            if shared:
                holds = [have.holds(place, value.term) for place in shared]
                self.oblige(at, f"the value is a {wanted.name}", path, solver.disj(*holds))
                terms = [
                    self._into_union(
                        Lifted(have.project(place, value.term), have.members[place]),
                        wanted, path, at,
                    )
                    for place in shared
                ]  # fmt: skip
                return choose(list(zip(holds[:-1], terms[:-1], strict=True)), terms[-1])
        for place, member in enumerate(wanted.members):
            both = (member, value.shape)
            if all(isinstance(shape, RecordShape) and shape.cls is None for shape in both):
                return wanted.inject(place, self.coerce(value, member, path, at))
        raise self.refuse(at, f"a value of {value.shape.name} where {wanted.name} is wanted")

    def _into_record(
        self, value: Lifted, have: RecordShape, wanted: RecordShape, path: Term, at: ast.AST
    ) -> Term:
        if have.cls is not None or wanted.cls is not None or len(have.fields) != len(wanted.fields):
            raise self.refuse(at, f"a value of {have.name} where {wanted.name} is wanted")
        parts = [
            self.coerce(Lifted(have.read(value.term, name), shape), wanted.fields[name], path, at)
            for name, shape in have.fields.items()
        ]
        return wanted.build(parts)

    def plain(self, value: Lifted, path: Term, at: ast.AST) -> Lifted:
        """Use an Optional as what it holds; that it holds something is an obligation."""
        if isinstance(value.shape, NothingShape):
            raise self.refuse(at, "None used as a value")
        while isinstance(value.shape, OptionShape):
            there = value.shape.is_some(value.term)
            self.oblige(at, "the Optional holds a value", path, there)
            value = Lifted(value.shape.get(value.term), value.shape.inner)
        return value

    def common(self, left: Lifted, right: Lifted, path: Term, at: ast.AST) -> tuple[Lifted, Lifted]:
        """Bring two values to one shape, for a choice or a comparison."""
        one, two = left.shape, right.shape
        if one is two:
            return left, right
        shape = self.common_shape(one, two, at)
        return (
            Lifted(self.coerce(left, shape, path, at), shape),
            Lifted(self.coerce(right, shape, path, at), shape),
        )

    def common_shape(self, one: Shape, two: Shape, at: ast.AST) -> Shape:
        """Find the shape that holds the values of both."""
        if one is two or getattr(two, "name", "") == "empty":
            return one
        if one.name == "empty":
            return two
        if isinstance(one, NothingShape) and isinstance(two, NothingShape):
            return one
        if isinstance(one, NothingShape):
            return two if isinstance(two, OptionShape) else self.sorts.option(two)
        if isinstance(two, NothingShape):
            return one if isinstance(one, OptionShape) else self.sorts.option(one)
        if isinstance(one, OptionShape) or isinstance(two, OptionShape):
            inner_one = one.inner if isinstance(one, OptionShape) else one
            inner_two = two.inner if isinstance(two, OptionShape) else two
            return self.sorts.option(self.common_shape(inner_one, inner_two, at))
        if isinstance(one, UnionShape) and two in one.members:
            return one
        if isinstance(two, UnionShape) and one in two.members:
            return two
        if isinstance(one, RecordShape) and isinstance(two, RecordShape):
            lefts, rights = list(one.fields.values()), list(two.fields.values())
            if one.cls is None and two.cls is None and len(lefts) == len(rights):
                pairs = zip(lefts, rights, strict=True)
                return self.sorts.pair([self.common_shape(a, b, at) for a, b in pairs])
        raise self.refuse(at, f"{one.name} beside {two.name}")

    # -- comparison

    def equal(self, left: Lifted, right: Lifted, path: Term, at: ast.AST) -> Term:
        """Compare by structure, as `==` does."""
        if not self.is_statement:
            for side in (left, right):
                if self.sorts.is_blurred(side.shape):
                    raise self.refuse(at, f"`==` on {side.shape.name}, which Python blurs")
        one, two = self.common(left, right, path, at)
        return same(one.term, two.term, one.shape)

    def less(self, left: Lifted, right: Lifted, strict: bool, path: Term, at: ast.AST) -> Term:
        """Compare by order."""
        if isinstance(left.shape, SetShape) and isinstance(right.shape, SetShape):
            one, two = self.common(left, right, path, at)
            inside = solver.subset(one.term, two.term)
            return solver.conj(inside, solver.neg(one.term == two.term)) if strict else inside
        one, two = self.common(self.plain(left, path, at), self.plain(right, path, at), path, at)
        return self._before(one.term, two.term, one.shape, strict, at)

    def _before(self, one: Term, two: Term, shape: Shape, strict: bool, at: ast.AST) -> Term:
        match shape:
            case IntShape():
                return one < two if strict else one <= two
            case OpaqueShape() if shape.ordered:
                return one < two if strict else one <= two
            case EnumShape() if issubclass(shape.cls, int):
                numbers = [enum_number(shape, term) for term in (one, two)]
                return numbers[0] < numbers[1] if strict else numbers[0] <= numbers[1]
            case RecordShape() if shape.ordered:
                answer = solver.boolean(not strict)
                for name, field in reversed(list(shape.fields.items())):
                    a, b = shape.read(one, name), shape.read(two, name)
                    before = self._before(a, b, field, True, at)
                    answer = solver.disj(before, solver.conj(same(a, b, field), answer))
                return answer
        raise self.refuse(at, f"an order of {shape.name}")

    # -- truth

    def truth(self, value: Lifted, path: Term, at: ast.AST) -> Term:
        """Ask a value for its truth, as `if` does."""
        match value.shape:
            case BoolShape():
                return value.term
            case IntShape():
                return value.term != 0
            case OptionShape(inner=RecordShape(cls=cls)) if cls is not None:
                if not any(hasattr(cls, name) for name in ("__len__", "__bool__")):
                    return value.shape.is_some(value.term)
            case SetShape(item=item) if value.shape.name != "empty":
                return solver.neg(value.term == solver.everywhere(item.sort, solver.FALSE))
            case MapShape(key=key, value=option) if value.shape.name != "empty":
                return solver.neg(value.term == solver.everywhere(key.sort, option.none()))
        raise self.refuse(at, f"the truth of {value.shape.name}")


def enum_number(shape: EnumShape, term: Term) -> Term:
    """Read the integer value of an enumeration's member."""
    cases = [(term == made, solver.integer(int(shape.cls[name].value)))
             for name, made in shape.members.items()]  # fmt: skip
    return choose(cases[:-1], cases[-1][1])


def choose(cases: Sequence[tuple[Term, Term]], otherwise: Term) -> Term:
    """Build nested choices: the first case that holds gives the value."""
    answer = otherwise
    for condition, term in reversed(cases):
        answer = solver.ite(condition, term, answer)
    return answer


def same(one: Term, two: Term, shape: Shape) -> Term:
    """Compare two terms of one shape by structure; records with tables field by field."""
    if isinstance(shape, RecordShape) and any(
        isinstance(field, SetShape | MapShape | RecordShape) for field in shape.fields.values()
    ):
        parts = [same(shape.read(one, name), shape.read(two, name), field)
                 for name, field in shape.fields.items()]  # fmt: skip
        return solver.conj(*parts)
    return one == two
