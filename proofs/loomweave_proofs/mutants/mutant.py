"""Changed copies of a function: made, named and ready to be read or run."""

import ast
import copy
import difflib
import types
from collections.abc import Iterator, Mapping, Sequence

import attrs

from loomweave_proofs.hotloops import CUTS
from loomweave_proofs.mutants.edits import Edits
from loomweave_proofs.source import FRAGMENTS, Function, Source, full_name, read_source

Slot = tuple[tuple[str, int | None], ...]
"""The way from a function's node to a node in it: fields, and places in lists."""

SKIPPED = frozenset({"decorator_list", "annotation", "returns", "args", "type_params", "pattern"})
"""Fields of nodes in which nothing is changed; the arguments of calls are not among them."""


@attrs.frozen(eq=False)
class Mutant:
    """One change of one function."""

    function: Function
    kind: str
    line: int
    """Line of the function, counted from its `def`."""
    before: str
    after: str
    """The lines that differ, as the tree is written out."""
    node: ast.FunctionDef

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Return what names it, in any run."""
        return full_name(self.function), self.line, self.before, self.after

    def __str__(self) -> str:
        """Write it on one line."""
        before, after = (" / ".join(text.split("\n")) for text in (self.before, self.after))
        return f"{full_name(self.function)}+{self.line}: {before}  ->  {after}"


def mutants_of(function: Function) -> list[Mutant]:
    """Make all changes of a function; those that come out alike are one."""
    source = read_source(function)
    edits = Edits(source)
    original = ast.unparse(source.node)
    found: dict[str, Mutant] = {}
    for slot, node in slots_of(source.node):
        for kind, new in edits.of(node):
            changed = put(source.node, slot, new)
            text = ast.unparse(changed)
            if text != original and text not in found:
                line = getattr(node, "lineno", source.node.lineno)
                before, after = differing(original, text)
                found[text] = Mutant(function, kind, line, before, after, changed)
    return list(found.values())


def slots_of(root: ast.FunctionDef) -> Iterator[tuple[Slot, ast.AST]]:
    """List the nodes of a body with the way to each; its docstring is left out."""
    for at, statement in enumerate(root.body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_text:
            yield from _below(statement, (("body", at),))


def _below(node: ast.AST, slot: Slot) -> Iterator[tuple[Slot, ast.AST]]:
    yield slot, node
    for field, value in ast.iter_fields(node):
        if field in SKIPPED and not isinstance(node, ast.Call):
            continue
        if isinstance(value, ast.AST):
            yield from _below(value, (*slot, (field, None)))
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _below(item, (*slot, (field, at)))


def put(root: ast.FunctionDef, slot: Slot, new: ast.AST) -> ast.FunctionDef:
    """Copy a function with another node in one place."""
    changed = copy.deepcopy(root)
    owner: ast.AST = changed
    for field, at in slot[:-1]:
        owner = getattr(owner, field) if at is None else getattr(owner, field)[at]
    field, at = slot[-1]
    old = getattr(owner, field) if at is None else getattr(owner, field)[at]
    made = ast.copy_location(copy.deepcopy(new), old)
    if at is None:
        setattr(owner, field, made)
    else:
        getattr(owner, field)[at] = made
    return ast.fix_missing_locations(changed)


def differing(before: str, after: str) -> tuple[str, str]:
    """Return the lines of two texts that differ."""
    one, two = before.split("\n"), after.split("\n")
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
    spans = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    olds = [line.strip() for _, a, b, _, _ in spans for line in one[a:b]]
    news = [line.strip() for _, _, _, a, b in spans for line in two[a:b]]
    return "\n".join(olds), "\n".join(news)


def build(mutant: Mutant) -> Function:
    """Compile a mutant; the original is untouched, and the copy lives where it lives."""
    source = read_source(mutant.function)
    return built(source, mutant.node)


def built(source: Source, node: ast.FunctionDef) -> Function:
    """Compile a changed tree of a function into a function like it."""
    original = source.function
    code = compile(ast.Module([undecorated(node)], []), f"<mutant of {source.file}>", "exec")
    inner = next(item for item in code.co_consts if isinstance(item, types.CodeType))
    made = types.FunctionType(inner, original.__globals__, original.__name__, original.__defaults__)
    made.__kwdefaults__ = original.__kwdefaults__
    made.__annotations__ = dict(original.__annotations__)
    made.__qualname__, made.__module__ = original.__qualname__, original.__module__
    FRAGMENTS[made] = Source(
        made, source.name, source.file, source.first_line, ast.unparse(node), node,
        source.is_fragment,
    )  # fmt: skip
    return made


def undecorated(node: ast.FunctionDef) -> ast.FunctionDef:
    """Copy a definition without what is evaluated when it is made."""
    bare = copy.deepcopy(node)
    bare.decorator_list, bare.returns = [], None
    for argument in (*bare.args.args, *bare.args.kwonlyargs):
        argument.annotation = None
    bare.args.defaults, bare.args.kw_defaults = [], [None] * len(bare.args.kwonlyargs)
    return bare


def swaps_of(mutant: Mutant, fragments: Sequence[Function]) -> Mapping[Function, Function]:
    """Say what stands for what when a mutant is judged.

    A function that is read in fragments is cut anew; fragments that came out as before are left
    out, so that nothing is left of a change outside of what is read.
    """
    made = build(mutant)
    if not fragments:
        return {mutant.function: made}
    cut_anew = {fragment: CUTS[fragment].again(made) for fragment in fragments}
    forget([made])
    return {
        fragment: new
        for fragment, new in cut_anew.items()
        if ast.dump(read_source(new).node) != ast.dump(read_source(fragment).node)
    }


def forget(functions: Sequence[Function]) -> None:
    """Drop what is kept about functions that are not needed any more."""
    for function in functions:
        FRAGMENTS.pop(function, None)
        CUTS.pop(function, None)
