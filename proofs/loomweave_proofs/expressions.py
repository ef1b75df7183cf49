"""Expressions of the subset.

Read here: names, constants, attributes, `and` / `or` / `not`, comparisons (chained ones too),
`+ - *`, `//` and `%` with a positive divisor, conditional expressions, tuples and their items.
Sets, maps and comprehensions are read by `tables`, calls by `calls`. All else is refused by name.
"""

import ast
import builtins
import enum
import types
from collections.abc import Callable, Mapping

from loomweave_proofs import solver
from loomweave_proofs.calls import Caller, Calls
from loomweave_proofs.concrete import to_term
from loomweave_proofs.operations import MISSING, Env, choose, same
from loomweave_proofs.records import record_fields
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import (
    BoolShape,
    EnumShape,
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
from loomweave_proofs.source import Source


class Expressions(Calls):
    """Reads expressions of one function."""

    def __init__(self, caller: Caller, source: Source, *, is_statement: bool) -> None:
        super().__init__(caller, source, is_statement=is_statement)
        self._readers: dict[type[ast.expr], Callable[..., Lifted]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.BoolOp: self._connective,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.Compare: self._comparison,
            ast.IfExp: self._choice,
            ast.Tuple: self._tuple,
            ast.Subscript: self._item,
            ast.Call: self.call_of,
            ast.Set: self.set_display,
            ast.Dict: self.map_display,
            ast.DictComp: self.map_comprehension,
            ast.SetComp: self.set_comprehension,
            ast.GeneratorExp: self.set_comprehension,
        }

    def read(self, node: ast.expr, env: Env, path: Term) -> Lifted:
        """Turn an expression into a term."""
        reader = self._readers.get(type(node))
        if reader is None:
            raise self.refuse(node, f"the expression {type(node).__name__}")
        return reader(node, env, path)

    def condition(self, node: ast.expr, env: Env, path: Term) -> Term:
        """Turn an expression into a truth value, as `if` does with it."""
        if isinstance(node, ast.BoolOp):
            parts: list[Term] = []
            for operand in node.values:
                part = self.condition(operand, env, path)
                parts.append(part)
                is_and = isinstance(node.op, ast.And)
                path = solver.conj(path, part if is_and else solver.neg(part))
            return solver.conj(*parts) if isinstance(node.op, ast.And) else solver.disj(*parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return solver.neg(self.condition(node.operand, env, path))
        return self.truth(self.read(node, env, path), path, node)

    def python_constant(self, value: object, at: ast.AST) -> Lifted:
        """Turn a Python object that is fixed when the module is imported into a term."""
        match value:
            case None:
                return Lifted(solver.constructor(self.sorts.nothing.sort, 0), self.sorts.nothing)
            case bool():
                return Lifted(solver.boolean(value), self.sorts.bool)
            case enum.Enum():
                shape = self.shape_of(type(value), at)
                if isinstance(shape, EnumShape):
                    return Lifted(shape.members[value.name], shape)
            case int():
                return Lifted(solver.integer(value), self.sorts.int)
            case str() | bytes():
                shape = self.shape_of(type(value), at)
                if isinstance(shape, OpaqueShape):
                    return Lifted(solver.integer(shape.rank(value)), shape)
            case dict() | frozenset() if not value:
                return self.empty(type(value))
            case dict() | frozenset():
                return self.constant_table(value, at)
            case _ if record_fields(type(value)) is not None:
                shape = self.shape_of(type(value), at)
                return Lifted(to_term(value, shape), shape)
        raise self.refuse(at, f"a constant of type {type(value).__name__}")

    def constant_table(
        self, table: Mapping[object, object] | frozenset[object], at: ast.AST
    ) -> Lifted:
        """Turn a set or a map that is fixed when the module is imported into a term."""
        first = next(iter(table))
        shape: Shape = self.sorts.set_of(self.python_constant(first, at).shape)
        if isinstance(table, Mapping):
            contents = [self.python_constant(item, at).shape for item in (first, table[first])]
            shape = self.sorts.table(*contents)
        return Lifted(to_term(table, shape), shape)

    def static(self, node: ast.expr, env: Env) -> object:
        """Return the Python object that a dotted global name means, or MISSING."""
        if isinstance(node, ast.Name):
            if node.id in env:
                return MISSING
            builtin = getattr(builtins, node.id, MISSING)
            return self.source.names.get(node.id, builtin)
        if isinstance(node, ast.Attribute):
            owner = self.static(node.value, env)
            if isinstance(owner, types.ModuleType | type):
                return getattr(owner, node.attr, MISSING)
        return MISSING

    def _constant(self, node: ast.Constant, env: Env, path: Term) -> Lifted:
        return self.python_constant(node.value, node)

    def _name(self, node: ast.Name, env: Env, path: Term) -> Lifted:
        if node.id in env:
            return env[node.id]
        value = self.static(node, env)
        if value is MISSING:
            raise self.refuse(node, f"the name {node.id}, which may be unbound here")
        return self.python_constant(value, node)

    def _attribute(self, node: ast.Attribute, env: Env, path: Term) -> Lifted:
        value = self.static(node, env)
        if value is not MISSING:
            return self.python_constant(value, node)
        return self.field(self.read(node.value, env, path), node.attr, path, node)

    def field(self, owner: Lifted, name: str, path: Term, at: ast.AST) -> Lifted:
        """Read a field of a record, or of each member of a union that has it."""
        owner = self.plain(owner, path, at)
        match owner.shape:
            case RecordShape(fields=fields, cls=cls) if cls is not None:
                if name in fields:
                    return Lifted(owner.shape.read(owner.term, name), fields[name])
                prop = getattr(cls, name, None)
                if isinstance(prop, property) and isinstance(prop.fget, types.FunctionType):
                    return self.caller.call(prop.fget, {"self": owner}, path, at, self)
            case UnionShape(members=members):
                having = [place for place, member in enumerate(members)
                          if isinstance(member, RecordShape) and name in member.fields]  # fmt: skip
                if having:
                    holds = [owner.shape.holds(place, owner.term) for place in having]
                    self.oblige(at, f"the value has {name}", path, solver.disj(*holds))
                    found = [
                        self.field(Lifted(owner.shape.project(place, owner.term), members[place]),
                                   name, path, at)
                        for place in having
                    ]  # fmt: skip
                    cases = [(hold, item.term) for hold, item in zip(holds, found, strict=True)]
                    return Lifted(choose(cases[:-1], cases[-1][1]), found[0].shape)
        raise self.refuse(at, f"the attribute {name} of {owner.shape.name}")

    def _connective(self, node: ast.BoolOp, env: Env, path: Term) -> Lifted:
        parts: list[Term] = []
        for operand in node.values:
            part = self.read(operand, env, path)
            if not isinstance(part.shape, BoolShape):
                raise self.refuse(operand, f"and/or on {part.shape.name} as a value")
            parts.append(part.term)
            is_and = isinstance(node.op, ast.And)
            path = solver.conj(path, part.term if is_and else solver.neg(part.term))
        joined = solver.conj if isinstance(node.op, ast.And) else solver.disj
        return Lifted(joined(*parts), self.sorts.bool)

    def _unary(self, node: ast.UnaryOp, env: Env, path: Term) -> Lifted:
        if isinstance(node.op, ast.Not):
            return Lifted(self.condition(node, env, path), self.sorts.bool)
        if isinstance(node.op, ast.USub):
            return Lifted(-self.number(node.operand, env, path), self.sorts.int)
        raise self.refuse(node, f"the operator {type(node.op).__name__}")

    def _binary(self, node: ast.BinOp, env: Env, path: Term) -> Lifted:
        left = self.plain(self.read(node.left, env, path), path, node.left)
        if isinstance(left.shape, SetShape | MapShape):
            right = self.plain(self.read(node.right, env, path), path, node.right)
            return self.table_operation(node, left, right, path)
        one, two = self.number(node.left, env, path), self.number(node.right, env, path)
        match node.op:
            case ast.Add():
                return Lifted(one + two, self.sorts.int)
            case ast.Sub():
                return Lifted(one - two, self.sorts.int)
            case ast.Mult():
                return Lifted(one * two, self.sorts.int)
            case ast.FloorDiv() | ast.Mod():
                self.oblige(node, "the divisor is above zero", path, two > 0)
                is_div = isinstance(node.op, ast.FloorDiv)
                return Lifted(one / two if is_div else one % two, self.sorts.int)
        raise self.refuse(node, f"the operator {type(node.op).__name__}")

    def _comparison(self, node: ast.Compare, env: Env, path: Term) -> Lifted:
        parts: list[Term] = []
        left, left_node = self.read(node.left, env, path), node.left
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.read(right_node, env, path)
            part = self._compare(operator, left, right, path, left_node)
            parts.append(part)
            path = solver.conj(path, part)
            left, left_node = right, right_node
        return Lifted(solver.conj(*parts), self.sorts.bool)

    def _compare(
        self, operator: ast.cmpop, left: Lifted, right: Lifted, path: Term, at: ast.AST
    ) -> Term:
        match operator:
            case ast.Is() | ast.IsNot():
                found = self._identical(left, right, path, at)
                return found if isinstance(operator, ast.Is) else solver.neg(found)
            case ast.Eq():
                return self.equal(left, right, path, at)
            case ast.NotEq():
                return solver.neg(self.equal(left, right, path, at))
            case ast.Lt() | ast.LtE():
                return self.less(left, right, isinstance(operator, ast.Lt), path, at)
            case ast.Gt() | ast.GtE():
                return self.less(right, left, isinstance(operator, ast.Gt), path, at)
            case ast.In() | ast.NotIn():
                found = self.member(left, right, path, at)
                return found if isinstance(operator, ast.In) else solver.neg(found)
        raise self.refuse(at, f"the comparison {type(operator).__name__}")

    def _identical(self, left: Lifted, right: Lifted, path: Term, at: ast.AST) -> Term:
        for one, two in ((left, right), (right, left)):
            if isinstance(two.shape, NothingShape):
                return self.is_nothing(one, at)
        if isinstance(left.shape, EnumShape | BoolShape) and left.shape is right.shape:
            return same(left.term, right.term, left.shape)
        raise self.refuse(at, f"`is` on {left.shape.name}")

    def is_nothing(self, value: Lifted, at: ast.AST) -> Term:
        """State that a value is None; opaque values have None at rank zero if they have it."""
        match value.shape:
            case OptionShape():
                return solver.neg(value.shape.is_some(value.term))
            case NothingShape():
                return solver.TRUE
            case OpaqueShape() if not value.shape.comparable:
                return value.term == solver.integer(value.shape.rank(None))
            case _:
                return solver.FALSE

    def _choice(self, node: ast.IfExp, env: Env, path: Term) -> Lifted:
        test = self.condition(node.test, env, path)
        then_path, other_path = solver.conj(path, test), solver.conj(path, solver.neg(test))
        then = self.read(node.body, env, then_path)
        other = self.read(node.orelse, env, other_path)
        return self.either(test, then, other, path, node)

    def _tuple(self, node: ast.Tuple, env: Env, path: Term) -> Lifted:
        items = [self.read(item, env, path) for item in node.elts]
        shape = self.sorts.pair([item.shape for item in items])
        return Lifted(shape.build([item.term for item in items]), shape)

    def _item(self, node: ast.Subscript, env: Env, path: Term) -> Lifted:
        owner = self.plain(self.read(node.value, env, path), path, node.value)
        if isinstance(owner.shape, MapShape):
            return self.map_item(owner, self.read(node.slice, env, path), path, node)
        shape, place = owner.shape, node.slice
        is_tuple = isinstance(shape, RecordShape) and issubclass(shape.cls or tuple, tuple)
        if is_tuple and isinstance(place, ast.Constant) and type(place.value) is int:
            items = self.items_of(owner, path, node)
            if 0 <= place.value < len(items):
                return items[place.value]
        raise self.refuse(node, f"an item of {owner.shape.name}")
