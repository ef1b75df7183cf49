"""What the repository's checkers share: where the sources are, and how they are read.

A checker is a function from the root of a tree to a list of findings, one sentence each that
begins with `path:line`. It takes the root as an argument so that its own test can hand it a
small tree that is wrong on purpose.
"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = {
    "loomweave": "loomweave",
    "loomweave_sim": "sim/loomweave_sim",
    "loomweave_proofs": "proofs/loomweave_proofs",
}
"""Import name of each shipped package, and its folder."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One Python file, read and parsed."""

    name: str
    path: str
    text: str
    tree: ast.Module


def read(root: Path, path: Path, base: Path) -> Module:
    """Read and parse one file; its import name is counted from `base`."""
    parts = path.relative_to(base).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(name, path.relative_to(root).as_posix(), text, ast.parse(text))


def sources(root: Path, *packages: str) -> list[Module]:
    """List the modules of the named packages, or of all that are shipped."""
    found = []
    for package in packages or PACKAGES:
        folder = root / PACKAGES[package]
        found += [read(root, path, folder.parent) for path in sorted(folder.rglob("*.py"))]
    return found


def suite(root: Path) -> list[Module]:
    """List the modules of the test suite."""
    return [read(root, path, root) for path in sorted((root / "tests").rglob("*.py"))]


def functions(tree: ast.Module) -> Iterator[tuple[str, FunctionNode]]:
    """Yield each function with its dotted name, nested ones included."""
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, FunctionNode):
                name = f"{prefix}{child.name}."
                yield name[:-1], child
            elif isinstance(child, ast.ClassDef):
                name = f"{prefix}{child.name}."
            stack.append((name, child))


def shared_files(root: Path) -> list[str]:
    """List the files that are, or are about to be, part of the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        names = {name for name in listing.stdout.split("\0") if name and (root / name).is_file()}
        return sorted(names)
    files = (path for path in root.rglob("*") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in files)


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a small tree for a checker's own test; every shipped package exists in it."""
    for folder in PACKAGES.values():
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
