"""Short functions, short modules, short lines, and no drawer for odds and ends."""

import ast
from pathlib import Path

from tests.repo.tree import ROOT, FunctionNode, functions, plant, sources, suite

FUNCTION_LINES_MAX = 40
MODULE_LINES_MAX = 400
LINE_COLUMNS_MAX = 100
DRAWERS = {"common", "helper", "helpers", "misc", "util", "utils"}


def body_lines(function: FunctionNode) -> int:
    """Count the lines of a function from its `def`, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    match function.body[0]:
        case ast.Expr(value=ast.Constant(value=str())) as docstring:
            return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)
        case _:
            return lines


def check_sizes(root: Path) -> list[str]:
    """Find what is too long, and modules named for nothing."""
    found = []
    for module in sources(root) + suite(root):
        lines = module.text.splitlines()
        if len(lines) > MODULE_LINES_MAX:
            found.append(f"{module.path}:1: {len(lines)} lines; the limit is {MODULE_LINES_MAX}")
        if Path(module.path).stem in DRAWERS:
            found.append(f"{module.path}:1: name the module for what it does")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                found.append(f"{module.path}:{number}: {len(line)} columns")
        for name, function in functions(module.tree):
            if (size := body_lines(function)) > FUNCTION_LINES_MAX:
                found.append(f"{module.path}:{function.lineno}: {name} has {size} lines")
    return found


def test_tree_is_cut_small() -> None:
    assert check_sizes(ROOT) == []


def test_what_is_too_long_is_caught(tmp_path: Path) -> None:
    body = "    x = 1\n" * FUNCTION_LINES_MAX
    plant(
        tmp_path,
        {
            "loomweave/core/a.py": f"class A:\n    def f():\n{body.replace('    x', '        x')}",
            "loomweave/core/b.py": "x = 1\n" * (MODULE_LINES_MAX + 1),
            "sim/loomweave_sim/c.py": f"# {'-' * LINE_COLUMNS_MAX}\n",
            "tests/utils.py": "",
        },
    )
    assert check_sizes(tmp_path) == [
        "loomweave/core/a.py:2: A.f has 41 lines",
        "loomweave/core/b.py:1: 401 lines; the limit is 400",
        "sim/loomweave_sim/c.py:1: 102 columns",
        "tests/utils.py:1: name the module for what it does",
    ]


def test_docstring_does_not_count(tmp_path: Path) -> None:
    body = "    x = 1\n" * (FUNCTION_LINES_MAX - 1)
    text = f'def f():\n    """Do it.\n\n    At length.\n    """\n{body}'
    plant(tmp_path, {"loomweave/core/a.py": text})
    assert check_sizes(tmp_path) == []
