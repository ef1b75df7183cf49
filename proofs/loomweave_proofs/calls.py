"""Calls: of other lifted functions, of records, of methods, and of the few builtins."""

import ast
import dataclasses
import enum
import types
from collections.abc import Mapping
from typing import Final, Protocol, assert_never

import attrs
import msgspec

from loomweave_proofs import solver
from loomweave_proofs.operations import MISSING, Env, Operations
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import (
    Lifted,
    MapShape,
    OptionShape,
    RecordShape,
    Sorts,
    UnionShape,
    strip_hint,
)
from loomweave_proofs.source import Function, Source
from loomweave_proofs.tables import Tables


class Caller(Protocol):
    """What a reader needs of the lifter: the meaning of a call."""

    sorts: Sorts

    def call(
        self,
        function: Function,
        arguments: Mapping[str, Lifted],
        path: Term,
        at: ast.AST,
        reader: Operations,
    ) -> Lifted:
        """Return what a call of a function gives."""


class Calls(Tables):
    """Reads calls."""

    def __init__(self, caller: Caller, source: Source, *, is_statement: bool) -> None:
        super().__init__(caller.sorts, source, is_statement=is_statement)
        self.caller = caller

    def call_of(self, node: ast.Call, env: Env, path: Term) -> Lifted:
        """Read a call: of a lifted function, a record class, a method or a builtin."""
        target = self.static(node.func, env)
        if target is MISSING:
            if isinstance(node.func, ast.Attribute):
                owner = self.plain(self.read(node.func.value, env, path), path, node.func)
                return self._method(node, owner, node.func.attr, env, path)
            raise self.refuse(node, "a call of something that is not a known name")
        if isinstance(target, types.FunctionType) and target not in REPLACERS:
            if target.__name__ == "assert_never" and target is assert_never:
                self.oblige(node, "this line is never reached", path, solver.FALSE)
                return Lifted(solver.constructor(self.sorts.nothing.sort, 0), self.sorts.nothing)
            return self.caller.call(target, self._bind(node, target, env, path), path, node, self)
        if target in REPLACERS:
            return self._replace(node, env, path)
        if isinstance(target, type) and target not in BUILTIN_TYPES:
            return self._construct(node, target, env, path)
        return self._builtin(node, target, env, path)

    def _method(self, node: ast.Call, owner: Lifted, name: str, env: Env, path: Term) -> Lifted:
        if isinstance(owner.shape, MapShape):
            return self.map_method(node, owner, name, env, path)
        cls = owner.shape.cls if isinstance(owner.shape, RecordShape) else None
        method = getattr(cls, name, None) if cls is not None else None
        if isinstance(method, types.FunctionType):
            bound = self._bind(node, method, env, path, owner)
            return self.caller.call(method, bound, path, node, self)
        raise self.refuse(node, f"the method {name} of {owner.shape.name}")

    def _bind(
        self, node: ast.Call, target: Function, env: Env, path: Term, owner: Lifted | None = None
    ) -> dict[str, Lifted]:
        code = target.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = [] if owner is None else [owner]
        given += [self.read(argument, env, path) for argument in node.args]
        bound = dict(zip(names, given, strict=False))
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.refuse(node, "** in a call")
            bound[keyword.arg] = self.read(keyword.value, env, path)
        first_default = code.co_argcount - len(target.__defaults__ or ())
        for at, default in enumerate(target.__defaults__ or ()):
            bound.setdefault(names[first_default + at], self.python_constant(default, node))
        for name, default in (target.__kwdefaults__ or {}).items():
            bound.setdefault(name, self.python_constant(default, node))
        if set(bound) != set(names):
            raise self.refuse(node, f"a call of {target.__name__} with other arguments")
        return bound

    def _construct(self, node: ast.Call, cls: type, env: Env, path: Term) -> Lifted:
        shape = self.shape_of(strip_hint(cls), node)
        if not isinstance(shape, RecordShape):
            raise self.refuse(node, f"a call of the type {cls.__name__}")
        names = list(shape.fields)
        if len(node.args) > len(names):
            raise self.refuse(node, f"{cls.__name__} with too many arguments")
        given = dict(zip(names, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg not in shape.fields:
                raise self.refuse(node, f"{cls.__name__} with the argument {keyword.arg}")
            given[str(keyword.arg)] = keyword.value
        terms: list[Term] = []
        for name, field in shape.fields.items():
            if name in given:
                value = self.read(given[name], env, path)
            else:
                value = self.python_constant(default_of(cls, name, self, node), node)
            terms.append(self.coerce(value, field, path, node))
        return Lifted(shape.build(terms), shape)

    def _replace(self, node: ast.Call, env: Env, path: Term) -> Lifted:
        owner = self.plain(self.read(node.args[0], env, path), path, node)
        if not isinstance(owner.shape, RecordShape) or len(node.args) != 1:
            raise self.refuse(node, f"a changed copy of {owner.shape.name}")
        shape, new = owner.shape, {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg not in shape.fields:
                raise self.refuse(node, f"the field {keyword.arg} of {shape.name}")
            value = self.read(keyword.value, env, path)
            new[keyword.arg] = self.coerce(value, shape.fields[keyword.arg], path, node)
        terms = [new.get(name, shape.read(owner.term, name)) for name in shape.fields]
        return Lifted(shape.build(terms), shape)

    def _builtin(self, node: ast.Call, target: object, env: Env, path: Term) -> Lifted:
        if node.keywords:
            raise self.refuse(node, "a keyword argument of a builtin")
        if target is isinstance and len(node.args) == 2:
            value = self.read(node.args[0], env, path)
            return Lifted(self.instance(value, node.args[1], env), self.sorts.bool)
        if target in (min, max) and len(node.args) >= 2:
            best = self.plain(self.read(node.args[0], env, path), path, node)
            for argument in node.args[1:]:
                other = self.plain(self.read(argument, env, path), path, node)
                first, second = (best, other) if target is max else (other, best)
                wins = self.less(first, second, True, path, node)
                best = self.either(wins, other, best, path, node)
            return best
        if target is abs and len(node.args) == 1:
            number = self.number(node.args[0], env, path)
            return Lifted(solver.ite(number < 0, -number, number), self.sorts.int)
        if target is bool and len(node.args) == 1:
            return Lifted(self.condition(node.args[0], env, path), self.sorts.bool)
        if target in (any, all) and len(node.args) == 1:
            return self.quantified(node, target is all, env, path)
        if target in (frozenset, set, dict):
            return self.table_of(node, target, env, path)
        raise self.refuse(node, f"a call of {getattr(target, '__name__', target)!s}")

    def instance(self, value: Lifted, classes: ast.expr, env: Env) -> Term:
        """State that a value is of a class, or of one of a tuple of classes."""
        if isinstance(classes, ast.Tuple):
            return solver.disj(*[self.instance(value, cls, env) for cls in classes.elts])
        if isinstance(classes, ast.BinOp) and isinstance(classes.op, ast.BitOr):
            sides = (classes.left, classes.right)
            return solver.disj(*[self.instance(value, side, env) for side in sides])
        cls = self.static(classes, env)
        if not isinstance(cls, type):
            raise self.refuse(classes, "a class that is not a known name")
        return self.is_of(value, cls, classes)

    def is_of(self, value: Lifted, cls: type, at: ast.AST) -> Term:
        """State that a value is of a class."""
        shape = value.shape
        if isinstance(shape, OptionShape):
            inner = self.is_of(Lifted(shape.get(value.term), shape.inner), cls, at)
            return solver.conj(shape.is_some(value.term), inner)
        wanted = self.shape_of(cls, at)
        if isinstance(shape, UnionShape):
            holds = [shape.holds(place, value.term)
                     for place, member in enumerate(shape.members) if member is wanted]  # fmt: skip
            return solver.disj(*holds)
        return solver.boolean(shape is wanted)


def default_of(cls: type, name: str, reader: Operations, at: ast.AST) -> object:
    """Return the default of a record's field."""
    if issubclass(cls, msgspec.Struct):
        names, defaults = cls.__struct_fields__, cls.__struct_defaults__
        place = names.index(name) - (len(names) - len(defaults))
        if place >= 0 and isinstance(defaults[place], int | str | bool | bytes | enum.Enum | None):
            return defaults[place]
    else:
        found: object = attrs.NOTHING
        if attrs.has(cls):
            found = attrs.fields_dict(cls)[name].default
        elif dataclasses.is_dataclass(cls):
            found = {field.name: field.default for field in dataclasses.fields(cls)}[name]
        if isinstance(found, int | str | bool | bytes | enum.Enum | None):
            return found
    raise reader.refuse(at, f"{cls.__name__} without {name}")


REPLACERS: Final[tuple[object, ...]] = (
    msgspec.structs.replace,
    attrs.evolve,
    dataclasses.replace,
)
BUILTIN_TYPES: Final[tuple[object, ...]] = (bool, frozenset, set, dict, int, str, list, tuple)
