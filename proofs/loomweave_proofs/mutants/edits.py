"""The changes that are made to a kernel, one at a time.

Each is a mistake that someone could make: a boundary, a wrong operand, a forgotten condition. What
comes out may not even be well typed; the lifter refuses such a change and it is not counted.

Spec: PRF-7.
"""

import ast
import enum
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from loomweave_proofs.records import record_fields
from loomweave_proofs.source import Source

COMPARISONS: Final[Mapping[type[ast.cmpop], Sequence[type[ast.cmpop]]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: Final[Mapping[type[ast.operator], Sequence[type[ast.operator]]]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add, ast.BitOr, ast.BitAnd),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.BitOr: (ast.BitAnd, ast.Sub),
    ast.BitAnd: (ast.BitOr, ast.Sub),
}
"""For sets `|`, `&` and `-` are union, intersection and difference."""
TWINS: Final[Mapping[str, str]] = {"min": "max", "max": "min", "any": "all", "all": "any"}
ARGUMENTS_MAX: Final = 4
"""Most arguments of a call that are tried in the place of the call."""

Edit = tuple[str, ast.AST]
"""What kind of change, and what stands in the place of the node."""


class Edits:
    """Says what may stand in the place of each node of one function."""

    def __init__(self, source: Source) -> None:
        self._names = source.names
        arguments = [*source.node.args.args, *source.node.args.kwonlyargs]
        self._types = {a.arg: ast.unparse(a.annotation) for a in arguments if a.annotation}
        self._hints = typing.get_type_hints(source.function)
        self._stored = {
            node.id
            for node in ast.walk(source.node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self._makers: Mapping[type[ast.AST], Callable[..., Iterator[Edit]]] = {
            ast.Compare: self._compare,
            ast.BoolOp: self._connective,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._operator,
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.IfExp: self._choice,
            ast.If: self._branches,
            ast.Match: self._cases,
            ast.Assign: self._dropped,
            ast.AugAssign: self._dropped,
            ast.comprehension: self._filters,
        }

    def of(self, node: ast.AST) -> Iterator[Edit]:
        """Give the changes of a node."""
        maker = self._makers.get(type(node))
        if maker is not None:
            yield from maker(node)

    # -- expressions

    def _compare(self, node: ast.Compare) -> Iterator[Edit]:
        for at, op in enumerate(node.ops):
            for other in COMPARISONS[type(op)]:
                ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                yield "comparison", ast.Compare(node.left, ops, node.comparators)

    def _connective(self, node: ast.BoolOp) -> Iterator[Edit]:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "connective", ast.BoolOp(other, node.values)
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            yield "condition dropped", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)

    def _unary(self, node: ast.UnaryOp) -> Iterator[Edit]:
        yield "sign dropped", node.operand

    def _operator(self, node: ast.BinOp) -> Iterator[Edit]:
        for other in OPERATORS.get(type(node.op), ()):
            yield "operator", ast.BinOp(node.left, other(), node.right)
        yield "operand alone", node.left
        yield "operand alone", node.right

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        if isinstance(node.value, bool):
            yield "constant", ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield "constant", ast.Constant(node.value + 1)
            yield "constant", ast.Constant(node.value - 1)

    def _name(self, node: ast.Name) -> Iterator[Edit]:
        if not isinstance(node.ctx, ast.Load):
            return
        for other, type_ in self._types.items():
            if other != node.id and self._types.get(node.id) == type_:
                yield "other argument", ast.Name(other, ast.Load())
        value = self._names.get(node.id)
        if node.id not in self._types and node.id not in self._stored and type(value) is int:
            for op in (ast.Add(), ast.Sub()):
                yield "constant", ast.BinOp(node, op, ast.Constant(1))

    def _attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        if not isinstance(node.value, ast.Name):
            return
        owner = self._names.get(node.value.id)
        if isinstance(owner, type) and issubclass(owner, enum.Enum):
            names = [member.name for member in owner]
            if node.attr in names:
                other = names[(names.index(node.attr) + 1) % len(names)]
                yield "other member", ast.Attribute(node.value, other, ast.Load())
        hint = self._hints.get(node.value.id)
        fields = record_fields(hint) if isinstance(hint, type) else None
        for other, type_ in (fields or {}).items():
            if fields and other != node.attr and fields.get(node.attr) == type_:
                yield "other field", ast.Attribute(node.value, other, ast.Load())

    def _call(self, node: ast.Call) -> Iterator[Edit]:
        args = node.args
        if isinstance(node.func, ast.Name) and node.func.id in TWINS:
            yield "twin", ast.Call(ast.Name(TWINS[node.func.id], ast.Load()), args, node.keywords)
        if isinstance(node.func, ast.Name) and node.func.id == "frozenset" and args:
            yield "set emptied", ast.Call(node.func, [], [])
            return
        for at in range(len(args) - 1):
            swapped = [*args[:at], args[at + 1], args[at], *args[at + 2 :]]
            yield "arguments swapped", ast.Call(node.func, swapped, node.keywords)
        for argument in args[:ARGUMENTS_MAX]:
            yield "argument alone", argument

    def _choice(self, node: ast.IfExp) -> Iterator[Edit]:
        yield "branches swapped", ast.IfExp(node.test, node.orelse, node.body)
        yield "branch alone", node.body
        yield "branch alone", node.orelse

    def _filters(self, node: ast.comprehension) -> Iterator[Edit]:
        for at in range(len(node.ifs)):
            rest = [*node.ifs[:at], *node.ifs[at + 1 :]]
            yield "filter dropped", ast.comprehension(node.target, node.iter, rest, node.is_async)

    # -- statements

    def _branches(self, node: ast.If) -> Iterator[Edit]:
        if node.orelse:
            yield "branches swapped", ast.If(node.test, node.orelse, node.body)
        yield "statement dropped", ast.If(ast.Constant(False), node.body, node.orelse)
        yield "condition dropped", ast.If(ast.Constant(True), node.body, node.orelse)

    def _cases(self, node: ast.Match) -> Iterator[Edit]:
        for at in range(len(node.cases) - 1):
            one, two = node.cases[at : at + 2]
            if is_never(one) or is_never(two):
                continue
            swapped = [
                ast.match_case(one.pattern, one.guard, two.body),
                ast.match_case(two.pattern, two.guard, one.body),
            ]
            cases = [*node.cases[:at], *swapped, *node.cases[at + 2 :]]
            yield "branches swapped", ast.Match(node.subject, cases)

    def _dropped(self, node: ast.stmt) -> Iterator[Edit]:
        yield "statement dropped", ast.Pass()


def is_never(case: ast.match_case) -> bool:
    """Tell whether a case says that it is never reached."""
    return "assert_never" in ast.unparse(case.body[0])
