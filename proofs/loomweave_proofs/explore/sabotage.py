"""Sabotage: a shipped function replaced by a worse copy, for the time of one search. Spec: PRF-28.

A copy is the shipped source with one fragment changed, so it cannot grow stale unnoticed: a
fragment that is no longer there is an error.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType, ModuleType
from typing import Final

from attrs import field, frozen

PACKAGES: Final = ("loomweave.core", "loomweave_proofs.explore")
"""Where names may be bound to the function that is replaced."""


@frozen
class Change:
    """One fragment of a shipped function, and what stands in its place. Spec: PRF-28."""

    target: str
    """Full name of the function."""
    old: str
    new: str
    also: tuple[tuple[str, str], ...] = ()
    """More fragments of it, and what stands in their places."""


@frozen
class Constant:
    """A shipped constant, and the value that it has for a while."""

    target: str
    value: object


@frozen
class Sabotage:
    """A fault that the search must find. Spec: PRF-28."""

    name: str
    words: str
    breaks: str
    """Name of the property that must fail."""
    changes: tuple[Change | Constant, ...] = ()
    options: dict[str, object] = field(factory=dict)
    """Arguments for the model: rules of the surroundings that are dropped."""


class StaleSabotage(Exception):
    """A sabotage names a function or a fragment that does not exist any more. Spec: PRF-28."""


def locate(target: str) -> tuple[ModuleType, str]:
    """Split a full name into its module and the name in it."""
    module_name, _, name = target.rpartition(".")
    module = importlib.import_module(module_name)
    if not hasattr(module, name):
        raise StaleSabotage(f"{module_name} has no {name}")
    return module, name


def altered(change: Change) -> Callable[..., object]:
    """Compile a shipped function with one fragment changed. Spec: PRF-28."""
    module, name = locate(change.target)
    function = getattr(module, name)
    if not isinstance(function, FunctionType):
        raise StaleSabotage(f"{change.target} is no plain function")
    source = inspect.getsource(function)
    for old, new in ((change.old, change.new), *change.also):
        if source.count(old) != 1:
            raise StaleSabotage(
                f"{change.target} holds {old!r} {source.count(old)} times, not once"
            )
        source = source.replace(old, new)
    code = compile(source, f"<worse {name}>", "exec")
    found: dict[str, Callable[..., object]] = {}
    exec(code, module.__dict__, found)
    return found[name]


@contextmanager
def replaced(original: object, other: object, name: str) -> Iterator[None]:
    """Bind every global that is `original` to `other` for a while."""
    places = [
        module
        for title, module in sorted(sys.modules.items())
        if title.startswith(PACKAGES) and module.__dict__.get(name) is original
    ]
    for module in places:
        setattr(module, name, other)
    try:
        yield
    finally:
        for module in places:
            setattr(module, name, original)


@contextmanager
def applied(changes: tuple[Change | Constant, ...]) -> Iterator[None]:
    """Make changes for the time of a `with` block. Spec: PRF-28."""
    with ExitStack() as stack:
        for change in changes:
            module, name = locate(change.target)
            other = altered(change) if isinstance(change, Change) else change.value
            stack.enter_context(replaced(getattr(module, name), other, name))
        yield
