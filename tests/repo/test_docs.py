"""Every module and every public name of the shipped packages says what it is for."""

import ast
from pathlib import Path

from tests.repo.tree import ROOT, Module, plant, sources, suite


def undocumented(module: Module, node: ast.AST, prefix: str) -> list[str]:
    """Find the public classes, functions and methods below `node` that have no docstring."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If | ast.Try):
            found += undocumented(module, child, prefix)
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if child.name.startswith("_") or is_overload(child):
            continue
        name = f"{prefix}{child.name}"
        if not ast.get_docstring(child):
            found.append(f"{module.path}:{child.lineno}: {name} has no docstring")
        if isinstance(child, ast.ClassDef):
            found += undocumented(module, child, f"{name}.")
    return found


def is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Say whether a function is a typing overload: its implementation carries the words."""
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)


def check_docs(root: Path) -> list[str]:
    """Find modules without a docstring, tests included, and undocumented public names."""
    found = []
    for module in sources(root) + suite(root):
        if not ast.get_docstring(module.tree):
            found.append(f"{module.path}:1: the module has no docstring")
    for module in sources(root):
        found += undocumented(module, module.tree, "")
    return found


def test_tree_is_documented() -> None:
    assert check_docs(ROOT) == []


def test_missing_words_are_caught(tmp_path: Path) -> None:
    text = (
        '"""A module."""\n'
        "def told():\n    'Tell.'\n    def inner(): pass\n"
        "def untold(): pass\n"
        "def _private(): pass\n"
        "class Told:\n    'A class.'\n    def __init__(self): pass\n    def untold(self): pass\n"
    )
    plant(tmp_path, {"loomweave/core/a.py": text, "tests/test_a.py": "x = 1\n"})
    assert check_docs(tmp_path) == [
        "tests/test_a.py:1: the module has no docstring",
        "loomweave/core/a.py:5: untold has no docstring",
        "loomweave/core/a.py:10: Told.untold has no docstring",
    ]
