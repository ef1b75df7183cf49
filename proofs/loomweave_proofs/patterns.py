"""Patterns of `match`: classes, captures, literals, members of enumerations, `|`, None, tuples."""

import ast
from collections.abc import Sequence

from loomweave_proofs import solver
from loomweave_proofs.expressions import Expressions
from loomweave_proofs.operations import Env
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import Lifted, OptionShape, RecordShape, UnionShape


class Patterns(Expressions):
    """Reads patterns: the test that one makes and the names that it gives."""

    def subject(self, node: ast.expr, env: Env, path: Term) -> Lifted:
        """Read what is matched."""
        return self.read(node, env, path)

    def unpacked(self, value: Lifted, count: int, path: Term, at: ast.AST) -> Sequence[Lifted]:
        """Take a tuple of a known length apart."""
        items = self.items_of(value, path, at)
        if len(items) != count:
            raise self.refuse(at, f"unpacking of {len(items)} items into {count} names")
        return items

    def pattern(self, node: ast.pattern, value: Lifted, env: Env, path: Term) -> tuple[Term, Env]:
        """Return the test of a pattern, and the names as they are where it holds."""
        match node:
            case ast.MatchAs(pattern=None, name=name):
                return solver.TRUE, env if name is None else {**env, name: value}
            case ast.MatchAs(pattern=ast.pattern() as inner, name=name):
                test, names = self.pattern(inner, value, env, path)
                if name is None:
                    return test, names
                return test, {**names, name: self._narrowed(inner, value, path)}
            case ast.MatchSingleton(value=None):
                return self.is_nothing(value, node), env
            case ast.MatchSingleton(value=constant):
                literal = self.python_constant(constant, node)
                return self._equals(value, literal, path, node), env
            case ast.MatchValue(value=expression):
                literal = self.read(expression, env, path)
                return self._equals(value, literal, path, node), env
            case ast.MatchOr(patterns=patterns):
                return self._any_of(patterns, value, env, path, node)
            case ast.MatchSequence(patterns=patterns):
                return self._sequence(patterns, value, env, path, node)
            case ast.MatchClass():
                return self._class(node, value, env, path)
        raise self.refuse(node, f"the pattern {type(node).__name__}")

    def _equals(self, value: Lifted, literal: Lifted, path: Term, at: ast.AST) -> Term:
        if isinstance(value.shape, OptionShape):
            there = value.shape.is_some(value.term)
            inner = Lifted(value.shape.get(value.term), value.shape.inner)
            return solver.conj(there, self.equal(inner, literal, path, at))
        return self.equal(value, literal, path, at)

    def _any_of(
        self, patterns: Sequence[ast.pattern], value: Lifted, env: Env, path: Term, at: ast.AST
    ) -> tuple[Term, Env]:
        tests: list[Term] = []
        for inner in patterns:
            test, names = self.pattern(inner, value, env, path)
            if len(names) != len(env):
                raise self.refuse(at, "a capture inside |")
            tests.append(test)
        return solver.disj(*tests), env

    def _sequence(
        self, patterns: Sequence[ast.pattern], value: Lifted, env: Env, path: Term, at: ast.AST
    ) -> tuple[Term, Env]:
        test = solver.TRUE
        items = self.unpacked(value, len(patterns), path, at)
        for inner, item in zip(patterns, items, strict=True):
            part, env = self.pattern(inner, item, env, solver.conj(path, test))
            test = solver.conj(test, part)
        return test, env

    def _class(self, node: ast.MatchClass, value: Lifted, env: Env, path: Term) -> tuple[Term, Env]:
        cls = self.static(node.cls, env)
        if not isinstance(cls, type):
            raise self.refuse(node, "a pattern of a class that is not a known name")
        test = self.is_of(value, cls, node)
        inner = solver.conj(path, test)
        parts = [*node.patterns, *node.kwd_patterns]
        if not parts:
            return test, env
        made = self._narrowed(node, value, inner)
        if not isinstance(made.shape, RecordShape):
            raise self.refuse(node, f"fields of {made.shape.name} in a pattern")
        names = [*getattr(cls, "__match_args__", ())][: len(node.patterns)] + node.kwd_attrs
        if len(names) != len(parts):
            raise self.refuse(node, f"too many fields of {cls.__name__} in a pattern")
        for name, part in zip(names, parts, strict=True):
            item = self.field(made, name, inner, node)
            more, env = self.pattern(part, item, env, inner)
            test, inner = solver.conj(test, more), solver.conj(inner, more)
        return test, env

    def _narrowed(self, node: ast.pattern, value: Lifted, path: Term) -> Lifted:
        """Give a matched value its own class, where the pattern names one."""
        if not isinstance(node, ast.MatchClass):
            return value
        cls = self.static(node.cls, {})
        shape = value.shape
        if isinstance(shape, OptionShape):
            value = Lifted(shape.get(value.term), shape.inner)
            shape = shape.inner
        wanted = self.shape_of(cls, node)
        if isinstance(shape, UnionShape) and wanted in shape.members:
            return Lifted(shape.project(list(shape.members).index(wanted), value.term), wanted)
        return value
