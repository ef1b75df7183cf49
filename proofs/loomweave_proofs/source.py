"""Reading the source of an imported function, and refusing what the prover cannot read."""

import ast
import functools
import inspect
import textwrap
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
import blake3

Function: TypeAlias = Any
"""A `types.FunctionType`; typed loosely, since attributes of that type read as methods."""


class Unliftable(Exception):
    """A construct outside the documented subset: where it stands and what it is called.

    Spec: PRF-2.

    Attributes:
        function: name of the function that was being read.
        file: name of its file.
        line: line in that file.
        construct: name of what cannot be read.
    """

    def __init__(self, function: str, file: str, line: int, construct: str) -> None:
        super().__init__(f"{file}:{line}: in {function}: cannot read {construct}")
        self.function = function
        self.file = file
        self.line = line
        self.construct = construct


@attrs.frozen(eq=False)
class Source:
    """The text of one function, as it was imported."""

    function: Function
    name: str
    file: str
    first_line: int
    text: str
    node: ast.FunctionDef
    is_fragment: bool = False
    """Cut out of a loop: it may put items into the maps that it is given."""

    @property
    def digest(self) -> str:
        """Hash the text, so that a report names exactly what was judged."""
        return blake3.blake3(self.text.encode("utf-8")).hexdigest(length=16)

    @property
    def names(self) -> Mapping[str, object]:
        """Return what global names mean to the function."""
        names: Mapping[str, object] = self.function.__globals__
        return names

    def refuse(self, at: ast.AST | None, construct: str) -> Unliftable:
        """Build the refusal of a construct of this function; the caller raises it."""
        line = self.first_line + getattr(at, "lineno", 1) - 1
        return Unliftable(self.name, self.file, line, construct)


KEEPING: Final = ("theorem", "property", "override", "staticmethod")
"""Decorators that leave the function that is read as it is written."""

FRAGMENTS: Final[dict[Function, Source]] = {}
"""Sources of functions that were cut out of others; see `hotloops`."""


def full_name(function: Function) -> str:
    """Return module and name of a function."""
    return f"{function.__module__}.{function.__qualname__}"


def read_source(function: object) -> Source:
    """Read a function's source; anything that hides the text is refused. Spec: PRF-1, PRF-2."""
    if isinstance(function, types.FunctionType) and function in FRAGMENTS:
        return FRAGMENTS[function]
    if not isinstance(function, types.FunctionType):
        raise Unliftable(repr(function), "?", 0, f"{type(function).__name__}, not a function")
    file = Path(function.__code__.co_filename).name
    name = full_name(function)
    if hasattr(function, "__wrapped__"):
        raise Unliftable(name, file, function.__code__.co_firstlineno, "a decorated function")
    try:
        text, first_line, node = _parsed(function.__code__)
    except (OSError, TypeError) as error:
        raise Unliftable(name, file, 0, f"a function without source ({error})") from error
    source_line = max(first_line, 1)
    if not isinstance(node, ast.FunctionDef):
        raise Unliftable(name, file, source_line, type(node).__name__)
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(named).rpartition(".")[2] not in KEEPING:
            raise Unliftable(name, file, source_line, f"the decorator {ast.unparse(named)}")
    return Source(function, name, file, source_line, text, node)


@functools.cache
def _parsed(code: types.CodeType) -> tuple[str, int, ast.stmt]:
    lines, first_line = inspect.getsourcelines(code)
    text = textwrap.dedent("".join(lines))
    return text, first_line, ast.parse(text).body[0]


def hints_of(source: Source) -> dict[str, object]:
    """Return the types of parameters and result; a missing one is refused."""
    hints: dict[str, object] = typing.get_type_hints(source.function)
    arguments = source.node.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        raise source.refuse(source.node, "a variable or positional-only parameter")
    owner = _owner_of(source.function)
    for at, argument in enumerate((*arguments.args, *arguments.kwonlyargs)):
        if argument.arg not in hints:
            if at == 0 and owner is not None:
                hints[argument.arg] = owner
                continue
            raise source.refuse(argument, f"parameter {argument.arg} without a type")
    if "return" not in hints:
        raise source.refuse(source.node, "a function without a result type")
    return hints


def _owner_of(function: Function) -> type | None:
    outer = function.__qualname__.rpartition(".")[0]
    found = function.__globals__.get(outer)
    return found if isinstance(found, type) else None


def called_by(function: Function) -> dict[str, Function]:
    """Return the plain functions that a function's code names, by the names it uses."""
    found: dict[str, Function] = {}
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes.extend(inner for inner in code.co_consts if isinstance(inner, types.CodeType))
        for name in code.co_names:
            target = function.__globals__.get(name)
            if isinstance(target, types.FunctionType):
                found[name] = target
    return found


def rebind(function: Function, swaps: Mapping[Function, Function]) -> Function:
    """Copy a function so that it calls `swaps[f]` wherever it called `f`, at any depth.

    The original is untouched: this is how a sabotage is run without patching what ships.
    """
    made: dict[Function, Function] = dict(swaps)

    def copy(original: Function) -> Function:
        if original in made:
            return made[original]
        if not _reaches(original, swaps, set()):
            return original
        names = dict(original.__globals__)
        twin = types.FunctionType(
            original.__code__, names, original.__name__, original.__defaults__
        )
        twin.__kwdefaults__ = original.__kwdefaults__
        made[original] = twin
        for name, target in called_by(original).items():
            names[name] = copy(target)
        return twin

    return copy(function)


def _reaches(function: Function, swaps: Mapping[Function, Function], seen: set[Function]) -> bool:
    seen.add(function)
    for target in called_by(function).values():
        if target in swaps or (target not in seen and _reaches(target, swaps, seen)):
            return True
    return False
