"""Who may import whom, and what pure code may use. Spec: MCH-1."""

import ast
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

from tests.repo.tree import PACKAGES, Module, sources

Check = Callable[[Path], list[str]]

ARROWS: Final[dict[str, tuple[str, ...]]] = {
    "loomweave.core": (),  # the leaves: whatever in core has no row of its own
    "loomweave.core.lattices": ("loomweave.core",),
    "loomweave.core.graph": ("loomweave.core.lattices",),
    "loomweave.core.sync": ("loomweave.core.graph",),
    "loomweave.core.version": ("loomweave.core.lattices",),
    "loomweave.core.actors": ("loomweave.core",),
    "loomweave.core.trust": ("loomweave.core",),
    "loomweave.core.events": ("loomweave.core.sync",),
    "loomweave.core.replica": ("loomweave.core.events",),
    "loomweave.core.machine": ("loomweave.core.replica",),
    "loomweave.laws": (
        "loomweave.core.machine",
        "loomweave.core.version",
        "loomweave.core.actors",
        "loomweave.core.trust",
    ),
    "loomweave.laws.wire": ("loomweave.laws", "loomweave.wire"),  # the laws of the bytes alone
    "loomweave.wire": ("loomweave.core.machine",),
    "loomweave.ports": ("loomweave.core.machine",),
    "loomweave.storage": ("loomweave.ports",),
    "loomweave.runtime": ("loomweave.storage", "loomweave.wire"),
    "loomweave.cli": ("loomweave.runtime",),
    "loomweave": ("loomweave.cli",),  # the public names, resolved when first asked for
    "loomweave_sim": ("loomweave.ports", "loomweave.wire", "loomweave.laws"),
    "loomweave_proofs": ("loomweave.laws",),
}
"""An arrow points at what may be imported; what that may import may be imported as well."""

LAZY_ARROWS: Final = {"loomweave_proofs.lattice.partition": "loomweave_sim"}
"""Modules that may reach one layer more, inside a function."""

PURE: Final = ("loomweave.core", "loomweave.laws", "loomweave.wire", "loomweave.ports")
PURE_IMPORTS: Final = frozenset(
    """__future__ attrs base64 binascii bisect collections.abc enum functools heapq itertools json
    math msgspec re struct typing""".split()
)
PURE_IMPORTS_OF_ONE: Final = {
    "immutables": "loomweave.core.persistent",
    "cbor2": "loomweave.core.encoding",
    "blake3": "loomweave.core.encoding",
}
IMPURE_NAMES: Final = frozenset(
    """__import__ breakpoint compile delattr eval exec globals hash id input locals open print
    setattr vars""".split()
)
IN_PLACE: Final = frozenset(
    """add append appendleft clear discard extend insert pop popitem remove reverse setdefault sort
    update""".split()
)
SIM_REFUSED: Final = frozenset("asyncio random secrets socket threading uuid".split())
"""What would make two runs of one seed differ. Spec: SCN-1."""


def layer_of(name: str) -> str:
    """Return the layer that a module belongs to: the longest row of the table above it."""
    while name not in ARROWS and "." in name:
        name = name.rpartition(".")[0]
    return name


def reachable(layer: str) -> frozenset[str]:
    """Return the layers that one may import: itself and all that its arrows lead to."""
    seen: set[str] = set()
    todo = [layer]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += ARROWS[here]
    return frozenset(seen)


def imports(module: Module, known: frozenset[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each import as (line, imported module, whether it waits inside a function)."""
    inside = {
        id(node)
        for outer in ast.walk(module.tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(outer)
    }
    for node in ast.walk(module.tree):
        lazy = id(node) in inside
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, lazy
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield node.lineno, full if full in known else base, lazy


def check_arrows(root: Path) -> list[str]:
    """Find imports against the arrows, and relative ones, whose target cannot be read at sight."""
    found = []
    modules = sources(root)
    known = frozenset(module.name for module in modules)
    for module in modules:
        allowed = reachable(layer_of(module.name))
        for line, target, lazy in imports(module, known):
            here = f"{module.path}:{line}"
            if target.startswith("."):
                found.append(f"{here}: relative import of {target}; write the full name")
            elif target.partition(".")[0] in PACKAGES and layer_of(target) not in allowed:
                if lazy and LAZY_ARROWS.get(module.name) == layer_of(target):
                    continue
                found.append(f"{here}: {layer_of(module.name)} may not import {target}")
    return list(dict.fromkeys(found))


def check_rows(root: Path) -> list[str]:
    """Find folders that the table of arrows does not know."""
    found = []
    for module in sources(root, "loomweave"):
        layer = layer_of(module.name)
        nameless = layer == "loomweave" and module.name not in ("loomweave", "loomweave.__main__")
        if nameless or (layer == "loomweave.core" and module.name.count(".") > 2):
            found.append(f"{module.path}:1: no row of the table of arrows covers it")
    return found


def check_arrow_names(root: Path) -> list[str]:
    """Find rows of the table of arrows that stand for no module, and targets without a row."""
    known = {module.name for module in sources(root)}
    named = {name: "no module is called" for name in [*ARROWS, *LAZY_ARROWS] if name not in known}
    aims = [aim for row in ARROWS.values() for aim in row] + list(LAZY_ARROWS.values())
    named |= {aim: "no row of the table is called" for aim in aims if aim not in ARROWS}
    return [f"table of arrows: {what} {name}" for name, what in sorted(named.items())]


def check_cycles(root: Path) -> list[str]:
    """Find circles among the imports that run when a module is loaded."""
    modules = sources(root)
    known = frozenset(module.name for module in modules)
    graph = {
        module.name: {
            target
            for _, target, lazy in imports(module, known)
            if not lazy and target in known and target != module.name
        }
        for module in modules
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"imports run in a circle: {' -> '.join(error.args[1])}"]
    return []


def check_pure_imports(root: Path) -> list[str]:
    """Find imports that pure code may not have; the simulator's list is shorter."""
    found = []
    modules = sources(root)
    known = frozenset(module.name for module in modules)
    for module in modules:
        pure = module.name.startswith(PURE)
        for line, target, _ in imports(module, known):
            top = target.partition(".")[0]
            owner = PURE_IMPORTS_OF_ONE.get(top)
            here = f"{module.path}:{line}"
            if top in PACKAGES or target.startswith("."):
                continue
            if module.name.startswith("loomweave_sim") and top in SIM_REFUSED:
                found.append(f"{here}: the simulator may not import {target}")
            elif pure and owner is not None and owner != module.name:
                found.append(f"{here}: only {owner} may import {target}")
            elif pure and owner is None and not {target, top} & PURE_IMPORTS:
                found.append(f"{here}: pure code may not import {target}")
    return found


def check_pure_names(root: Path) -> list[str]:
    """Find in pure code the built-in names and statements that reach outside or keep state."""
    found = []
    for module in sources(root, "loomweave"):
        if not module.name.startswith(PURE):
            continue
        for line, name in impure_names(module.tree, frozenset()):
            found.append(f"{module.path}:{line}: pure code may not use {name}")
        for line, name in filled_globals(module.tree):
            found.append(f"{module.path}:{line}: {name} is a global that is changed in place")
    return found


def impure_names(node: ast.AST, own: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield each use of an impure name that the functions around it have not made their own."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        inner = [part for child in ast.iter_child_nodes(node) for part in ast.walk(child)]
        own |= {part.arg for part in inner if isinstance(part, ast.arg)}
        own |= {
            part.id
            for part in inner
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in IMPURE_NAMES - own:
            yield node.lineno, name
        case ast.Global():
            yield node.lineno, "global"
    for child in ast.iter_child_nodes(node):
        yield from impure_names(child, own)


def filled_globals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each place that changes a module's own container: state between two calls."""
    names: set[str] = set()
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                if name in names:
                    yield node.lineno, name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)):
                if name in names and attr in IN_PLACE:
                    yield node.lineno, name


def is_set(node: ast.expr) -> bool:
    """Say whether an expression plainly yields a set."""
    match node:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            return is_set(node.left) or is_set(node.right)
        case ast.Call(
            func=ast.Attribute(
                value=value,
                attr="union" | "intersection" | "difference" | "symmetric_difference",
            )
        ):
            return is_set(value)
        case ast.IfExp():
            return is_set(node.body) or is_set(node.orelse)
        case _:
            return False


def ordered_reads(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """Yield each expression whose order of iteration can be seen by the code around it."""
    blind: set[int] = set()  # a generator handed to one of these loses its order again
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in (
                "sorted", "any", "all", "set", "frozenset"
            ):  # fmt: skip
                blind |= {id(arg) for arg in args}
            case ast.SetComp():
                blind.add(id(node))
    for node in ast.walk(tree):
        match node:
            case ast.For() | ast.AsyncFor():
                yield node.lineno, node.iter
            case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() if id(node) not in blind:
                yield from ((node.lineno, part.iter) for part in node.generators)
            case ast.Call(func=ast.Name(id=name), args=args) if name in (
                "list", "tuple", "enumerate", "iter", "map", "zip", "filter", "reduce"
            ):  # fmt: skip
                yield from ((node.lineno, arg) for arg in args)
            case ast.Call(func=ast.Attribute(attr="join" | "extend"), args=args):
                yield from ((node.lineno, arg) for arg in args)
            case ast.Starred():
                yield node.lineno, node.value


def check_set_order(root: Path) -> list[str]:
    """Find places in pure code where the order of a set could become meaning."""
    found = []
    for module in sources(root, "loomweave"):
        if not module.name.startswith(PURE):
            continue
        for line, expression in ordered_reads(module.tree):
            if is_set(expression):
                found.append(f"{module.path}:{line}: iterates over a set; sort it first")
    return found


CHECKS: Final[tuple[Check, ...]] = (
    check_rows,
    check_arrows,
    check_cycles,
    check_pure_imports,
    check_pure_names,
    check_set_order,
)
