"""Statements of the subset.

Read here: assignment (annotated, augmented, unpacking), `if`, `match`, `return`, `assert`, `pass`.
A branch that returns carries what follows it; branches that do not are merged name by name. In a
fragment cut out of a loop (see `hotloops`) an item put into a local map is read too.
"""

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

from loomweave_proofs import solver
from loomweave_proofs.operations import Env
from loomweave_proofs.patterns import Patterns
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import Lifted, MapShape, OptionShape, Shape

Finish: TypeAlias = Callable[[Env, Term, ast.AST], Lifted]
"""What follows when a block falls off its end."""


class Statements(Patterns):
    """Reads the body of one function."""

    def body(self, block: Sequence[ast.stmt], env: Env, path: Term, result: Shape) -> Lifted:
        """Turn a function's body into the term that it returns."""

        def fall_off(names: Env, here: Term, at: ast.AST) -> Lifted:
            if isinstance(result, OptionShape) or result is self.sorts.nothing:
                nothing = self.python_constant(None, at)
                return Lifted(self.coerce(nothing, result, here, at), result)
            self.oblige(at, "the function does not end without a result", here, solver.FALSE)
            return Lifted(solver.fresh(result.sort, "nothing"), result)

        return self.block(block, env, path, result, fall_off)

    def block(
        self, block: Sequence[ast.stmt], env: Env, path: Term, result: Shape, finish: Finish
    ) -> Lifted:
        """Turn statements into a term; `finish` says what comes after the last."""
        for place, statement in enumerate(block):
            rest = block[place + 1 :]
            match statement:
                case ast.Return(value=value):
                    found = self._returned(value, env, path, statement)
                    return Lifted(self.coerce(found, result, path, statement), result)
                case ast.If():
                    if has_exit(statement.body) or has_exit(statement.orelse):
                        return self._parting_if(statement, rest, env, path, result, finish)
                    env = self._merging_if(statement, env, path, result)
                case ast.Match():
                    return self._match(statement, rest, env, path, result, finish)
                case ast.Assert():
                    test = self.condition(statement.test, env, path)
                    self.oblige(statement, "the assertion holds", path, test)
                    path = solver.conj(path, test)
                case _:
                    env = self.simple(statement, env, path)
                    if is_never(statement):
                        return Lifted(solver.fresh(result.sort, "never"), result)
        at = block[-1] if block else self.source.node
        return finish(env, path, at)

    def _returned(self, value: ast.expr | None, env: Env, path: Term, at: ast.AST) -> Lifted:
        return self.python_constant(None, at) if value is None else self.read(value, env, path)

    # -- statements that only change names

    def simple(self, statement: ast.stmt, env: Env, path: Term) -> Env:
        """Read a statement that neither branches nor leaves."""
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return env
            case ast.Expr(value=ast.Call() as call) if is_never(statement):
                self.read(call, env, path)
                return env
            case ast.Assign(targets=[target], value=value):
                return self.assign(target, self.read(value, env, path), env, path)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                wanted = self.shape_of(self.annotation(statement.annotation), statement)
                found = self.read(value, env, path)
                term = self.coerce(found, wanted, path, statement)
                return {**env, name: Lifted(term, wanted)}
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                if name in env:
                    whole = ast.BinOp(left=ast.Name(id=name), op=op, right=value)
                    ast.copy_location(whole, statement)
                    ast.copy_location(whole.left, target)
                    return {**env, name: self.read(whole, env, path)}
        raise self.refuse(statement, f"the statement {type(statement).__name__}")

    def annotation(self, node: ast.expr) -> object:
        """Evaluate a type where it is written; names are looked up where the function lives."""
        code = compile(ast.Expression(node), self.source.file, "eval")
        found: object = eval(code, dict(self.source.names))
        return found

    def assign(self, target: ast.expr, value: Lifted, env: Env, path: Term) -> Env:
        """Give names to a value, or to the items of a tuple."""
        if isinstance(target, ast.Name):
            return {**env, target.id: value}
        if isinstance(target, ast.Tuple):
            items = self.unpacked(value, len(target.elts), path, target)
            for part, item in zip(target.elts, items, strict=True):
                env = self.assign(part, item, env, path)
            return env
        if isinstance(target, ast.Subscript) and self.source.is_fragment:
            return self._store(target, value, env, path)
        raise self.refuse(target, f"assignment to {type(target).__name__}")

    def _store(self, target: ast.Subscript, value: Lifted, env: Env, path: Term) -> Env:
        if not isinstance(target.value, ast.Name) or target.value.id not in env:
            raise self.refuse(target, "an item put into something that is not a local name")
        name = target.value.id
        table = self.plain(env[name], path, target)
        if not isinstance(table.shape, MapShape):
            raise self.refuse(target, f"an item put into {table.shape.name}")
        key = self.read(target.slice, env, path)
        return {**env, name: self.put(table, key, value, path, target)}

    # -- branches

    def _parting_if(
        self, node: ast.If, rest: Sequence[ast.stmt], env: Env, path: Term, result: Shape,
        finish: Finish,
    ) -> Lifted:  # fmt: skip
        test = self.condition(node.test, env, path)
        yes, no = solver.conj(path, test), solver.conj(path, solver.neg(test))
        then = self.block([*node.body, *rest], env, yes, result, finish)
        other = self.block([*node.orelse, *rest], env, no, result, finish)
        return self.either(test, then, other, path, node)

    def _merging_if(self, node: ast.If, env: Env, path: Term, result: Shape) -> Env:
        test = self.condition(node.test, env, path)
        yes, no = solver.conj(path, test), solver.conj(path, solver.neg(test))
        then = self.names_after(node.body, env, yes, result)
        other = self.names_after(node.orelse, env, no, result)
        return self.merge(test, then, other, path, node)

    def names_after(self, block: Sequence[ast.stmt], env: Env, path: Term, result: Shape) -> Env:
        """Return what names mean after a block that does not leave."""
        after: list[Env] = []

        def keep(names: Env, here: Term, at: ast.AST) -> Lifted:
            after.append(names)
            return self.python_constant(None, at)

        self.block(block, env, path, result, keep)
        if len(after) != 1:
            raise self.refuse(block[0], "a branch inside a branch that does not merge")
        return after[0]

    def merge(self, test: Term, then: Env, other: Env, path: Term, at: ast.AST) -> Env:
        """Choose each name's meaning by the branch; names of one branch only are dropped."""
        merged: dict[str, Lifted] = {}
        for name in then:
            if name in other:
                one, two = then[name], other[name]
                merged[name] = one if one is two else self.either(test, one, two, path, at)
        return merged

    def _match(
        self, node: ast.Match, rest: Sequence[ast.stmt], env: Env, path: Term, result: Shape,
        finish: Finish,
    ) -> Lifted:  # fmt: skip
        subject = self.subject(node.subject, env, path)
        branches: list[tuple[Term, Lifted]] = []
        for case in node.cases:
            test, names = self.pattern(case.pattern, subject, env, path)
            if case.guard is not None:
                inner = solver.conj(path, test)
                test = solver.conj(test, self.condition(case.guard, names, inner))
            here = solver.conj(path, test)
            block = [*case.body, *rest]
            branches.append((test, self.block(block, names, here, result, finish)))
            path = solver.conj(path, solver.neg(test))
            if solver.is_true(test):
                break
        if can_be(path):
            branches.append((solver.TRUE, self.block(rest, env, path, result, finish)))
        answer = branches[-1][1]
        for test, value in reversed(branches[:-1]):
            answer = self.either(test, value, answer, path, node)
        return answer


def has_exit(block: Sequence[ast.stmt]) -> bool:
    """Tell whether a block can leave before its end, or branches in a way that does not merge."""
    return any(
        isinstance(inner, ast.Return | ast.Match) or is_never(inner)
        for statement in block
        for inner in ast.walk(statement)
    )


def can_be(path: Term) -> bool:
    """Tell whether a path can be taken, as far as the solver finds out."""
    return solver.ask([path])[0] is not solver.Status.IMPOSSIBLE


def is_never(node: ast.AST) -> bool:
    """Tell whether a statement says that it is never reached."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case _:
            return False
