"""Cutting a loop's body, or one condition in it, out of a shipped function.

A hot loop cannot call its kernel for every field, so it spells the decision out. What is cut out
here is the very text of the loop, as a function of the local names that it uses, so that a theorem
can call it and hold it against the kernel.
"""

import ast
import copy
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from loomweave_proofs.source import FRAGMENTS, Function, Source, Unliftable, read_source


@attrs.frozen(eq=False)
class Cut:
    """Where a fragment comes from, and how the same is cut out of a changed function."""

    function: Function
    again: Callable[[Function], Function]


CUTS: Final[dict[Function, Cut]] = {}
"""The fragments that were cut out of shipped functions."""


def cut_condition(
    function: Function, names: Mapping[str, object], at: int = 0
) -> Callable[..., bool]:
    """Cut out the condition of the `if` number `at` inside the function's loops.

    `names` gives the types of the local names that the condition uses.
    """
    source = read_source(function)
    found = [
        node for loop in loops_of(source) for node in ast.walk(loop) if isinstance(node, ast.If)
    ]
    tests = sorted(dict.fromkeys(found), key=lambda node: node.lineno)
    if at >= len(tests):
        raise source.refuse(None, f"condition {at} of {len(tests)} in its loops")
    body: list[ast.stmt] = [_placed(ast.Return(tests[at].test), tests[at])]
    made: Callable[..., bool] = _function(source, f"condition{at}", names, bool, body)
    CUTS[made] = Cut(function, lambda other: cut_condition(other, names, at))
    return made


def cut_body(
    function: Function,
    names: Mapping[str, object],
    outcome: str,
    at: int = 0,
) -> Function:
    """Cut out the body of the loop number `at`; it answers what the name `outcome` is afterwards.

    `names` gives the types of the local names that the body uses, `outcome` among them.
    """
    source = read_source(function)
    loops = loops_of(source)
    if at >= len(loops):
        raise source.refuse(None, f"loop {at} of {len(loops)}")
    loop = loops[at]
    leave = _placed(ast.Return(ast.Name(id=outcome, ctx=ast.Load())), loop)
    turned = [_Continue(leave).visit(copy.deepcopy(statement)) for statement in loop.body]
    made = _function(source, f"loop{at}", names, names[outcome], [*turned, leave])
    CUTS[made] = Cut(function, lambda other: cut_body(other, names, outcome, at))
    return made


def loops_of(source: Source) -> Sequence[ast.For]:
    """List the loops of a function from top to bottom."""
    loops = [node for node in ast.walk(source.node) if isinstance(node, ast.For)]
    return sorted(loops, key=lambda node: node.lineno)


class _Continue(ast.NodeTransformer):
    """Turns `continue` into leaving the body."""

    def __init__(self, leave: ast.stmt) -> None:
        self.leave = leave

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return self.leave

    def visit_For(self, node: ast.For) -> ast.For:
        return node


def _placed(node: ast.Return, near: ast.stmt) -> ast.Return:
    ast.copy_location(node, near)
    return ast.fix_missing_locations(node)


def _function(
    source: Source,
    name: str,
    names: Mapping[str, object],
    result: object,
    body: Sequence[ast.stmt],
) -> Function:
    text = f"def {source.node.name}_{name}({', '.join(names)}): pass"
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    node.body = list(body)
    scope: dict[str, object] = {}
    code = compile(ast.Module([node], []), source.function.__code__.co_filename, "exec")
    exec(code, dict(source.function.__globals__), scope)
    made = scope[node.name]
    if not isinstance(made, types.FunctionType):
        raise Unliftable(source.name, source.file, source.first_line, "a loop")
    made.__annotations__ = {**names, "return": result}
    made.__qualname__ = f"{source.function.__qualname__}.{name}"
    made.__module__ = source.function.__module__
    FRAGMENTS[made] = Source(
        made, f"{source.name}.{name}", source.file, source.first_line, source.text, node, True
    )
    return made
