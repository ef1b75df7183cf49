"""Which conclusions of the laws are reached: a law that is only ever vacuous promises nothing.

A conclusion is what a law returns beyond a plain yes, what stands behind `not ... or`, and what is
asked of each member in `all(...)`. The laws' code is replaced by a copy that notes each of them.
"""

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterable, Mapping

import pytest

ELSEWHERE = ("loomweave.laws.machine",)
"""Laws that the machines' tests sample."""
RULE = re.compile(r"[A-Z]{3}-\d+")
NOTE = "_note_conclusion"

Place = tuple[str, int, str]
"""A law, the line of a conclusion, and its text."""


class Marker(ast.NodeTransformer):
    """Wraps each conclusion of one law into a call that notes it."""

    def __init__(self, law: str) -> None:
        self.law = law
        self.places: list[Place] = []

    def _noted(self, node: ast.expr) -> ast.expr:
        text = ast.unparse(node)
        self.places.append((self.law, node.lineno, text))
        call = ast.Call(
            ast.Name(NOTE, ast.Load()),
            [ast.Constant(self.law), ast.Constant(node.lineno), ast.Constant(text), node],
            [],
        )
        return ast.copy_location(call, node)

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """Note what is returned, unless it is a plain yes, or the reason for a no."""
        self.generic_visit(node)
        if not isinstance(node.value, ast.Constant | ast.JoinedStr | None):
            node.value = self._noted(node.value)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        """Note what an implication comes to."""
        first = node.values[0]
        is_implication = isinstance(node.op, ast.Or) and (
            isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.Not)
        )
        self.generic_visit(node)
        if is_implication:
            node.values[-1] = self._noted(node.values[-1])
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """Note what is asked of each member."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "all" and node.args:
            inner = node.args[0]
            if isinstance(inner, ast.GeneratorExp):
                inner.elt = self._noted(inner.elt)
        return node


def laws_in(module: types.ModuleType) -> list[types.FunctionType]:
    """List the laws of a module: what cites a rule first and answers yes or no."""
    return [
        item
        for item in vars(module).values()
        if isinstance(item, types.FunctionType)
        and item.__module__ == module.__name__
        and item.__annotations__.get("return") is bool
        and RULE.match(item.__doc__ or "")
    ]


class Conclusions:
    """Watches laws, and tells which of their conclusions were never reached."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.reached: set[Place] = set()

    def watch(self, laws: Iterable[types.FunctionType]) -> None:
        """Replace the laws' code by a copy that notes conclusions."""
        for law in laws:
            lines, first_line = inspect.getsourcelines(law)
            tree = ast.parse(textwrap.dedent("".join(lines)))
            ast.increment_lineno(tree, first_line - 1)
            node = tree.body[0]
            if not isinstance(node, ast.FunctionDef):
                continue
            marker = Marker(f"{law.__module__}.{law.__qualname__}")
            node.body = [marker.visit(statement) for statement in node.body]
            self.places += marker.places
            law.__globals__[NOTE] = self._noter()
            law.__code__ = recompiled(law, ast.fix_missing_locations(tree))

    def _noter(self) -> Callable[[str, int, str, object], object]:
        def note(law: str, line: int, text: str, value: object) -> object:
            self.reached.add((law, line, text))
            return value

        return note

    def unreached(self) -> list[str]:
        """List the conclusions that were never reached."""
        missed = [place for place in self.places if place not in self.reached]
        return [f"{law}, line {line}: {text}" for law, line, text in missed]


def ask_last(items: list[pytest.Item], folder: str) -> None:
    """Put the test that asks what was reached behind the others of its folder."""
    here = [item for item in items if item.path.parent.name == folder]
    here.sort(key=lambda item: item.path.name == "test_conclusions.py")
    order = iter(here)
    items[:] = [next(order) if item.path.parent.name == folder else item for item in items]


def is_part_only(request: pytest.FixtureRequest) -> bool:
    """Tell whether only some tests of a test's folder run: they need not reach everything."""
    here = request.path.parent
    run = {item.path.name for item in request.session.items if item.path.parent == here}
    config = request.config
    is_chosen = config.option.keyword or config.option.markexpr or config.option.deselect
    is_named = any("::" in argument for argument in config.args)
    return bool(is_chosen or is_named or run != {path.name for path in here.glob("test_*.py")})


def recompiled(law: types.FunctionType, tree: ast.Module) -> types.CodeType:
    """Compile a law's changed tree into code that can stand for the law's own."""
    scope: dict[str, object] = {}
    code = compile(tree, law.__code__.co_filename, "exec", dont_inherit=True)
    names: Mapping[str, object] = law.__globals__
    exec(code, dict(names), scope)
    made = scope[law.__name__]
    assert isinstance(made, types.FunctionType)
    return made.__code__
