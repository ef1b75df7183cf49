"""What is shipped: one wheel, three import names, every data file, and honest dependencies."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.repo.tree import PACKAGES, ROOT, plant, shared_files, sources

IMPORTED_AS = {"attrs": "attrs attr", "z3-solver": "z3"}
"""Import names of the distributions that are not imported under their own name."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel with the installed backend, without network, and list what is in it."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def build(root: Path, target: Path) -> list[str]:
    """Build a wheel of the tree at `root` and return the names of its files."""
    program = "import sys, hatchling.build as b; b.build_wheel(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", program, str(target)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def check_names(names: list[str]) -> list[str]:
    """Find top-level names of a wheel that are missing or too many."""
    tops = {name.partition("/")[0] for name in names}
    packages = {top for top in tops if not top.endswith(".dist-info")}
    wrong = packages.symmetric_difference(PACKAGES)
    return [f"{top}: {'unexpected' if top in packages else 'missing'}" for top in sorted(wrong)]


def check_contents(files: list[str], names: list[str]) -> list[str]:
    """Find files of the shipped folders that the wheel lacks, and others that it has."""
    expected = {
        f"{package}{file.removeprefix(folder)}"
        for package, folder in PACKAGES.items()
        for file in files
        if file.startswith(f"{folder}/")
    }
    shipped = {name for name in names if ".dist-info/" not in name}
    wrong = sorted(expected.symmetric_difference(shipped))
    return [f"{name}: {'missing' if name in expected else 'unexpected'}" for name in wrong]


def test_wheel_holds_three_import_names(wheel: list[str]) -> None:
    assert check_names(wheel) == []


def test_wheel_holds_the_sources_and_their_data(wheel: list[str]) -> None:
    assert check_contents(shared_files(ROOT), wheel) == []
    assert "loomweave_sim/scenarios/partition.toml" in wheel
    assert any(name.startswith("loomweave_sim/") and name.endswith(".csv") for name in wheel)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)


def test_wheel_with_stray_or_lost_parts_is_caught() -> None:
    names = ["loomweave/__init__.py", "sim/x.py", "loomweave_sim/a.py", "l.dist-info/METADATA"]
    assert check_names(names) == ["loomweave_proofs: missing", "sim: unexpected"]
    files = ["loomweave/__init__.py", "sim/loomweave_sim/data/a.csv", "tests/test_a.py"]
    assert check_contents(files, names) == [
        "loomweave_sim/a.py: unexpected",
        "loomweave_sim/data/a.csv: missing",
        "sim/x.py: unexpected",
    ]


def distribution(requirement: str) -> str:
    """Return the name that a requirement asks for."""
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]


def declared(root: Path) -> dict[str, set[str]]:
    """Return for each shipped package the import names that its requirements bring."""
    with (root / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "loomweave": project["dependencies"],
        "loomweave_sim": project["dependencies"] + extras["sim"],
        "loomweave_proofs": project["dependencies"] + extras["proofs"],
    }
    return {
        package: {
            name
            for wish in map(distribution, requirements)
            for name in IMPORTED_AS.get(wish, wish).split()
        }
        for package, requirements in wanted.items()
    }


OPTIONAL = {"loomweave_proofs": {"cvc5", "pytest"}}
"""What a package uses where it is there: the second solver, and the user's own test suite."""


def check_dependencies(root: Path) -> list[str]:
    """Find imports of shipped code that no requirement of its package brings."""
    found = []
    for package, names in declared(root).items():
        known = names | OPTIONAL.get(package, set()) | set(sys.stdlib_module_names) | set(PACKAGES)
        for module in sources(root, package):
            for node in ast.walk(module.tree):
                targets = []
                if isinstance(node, ast.Import):
                    targets = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    targets = [node.module or ""]
                for target in targets:
                    if target.partition(".")[0] not in known:
                        found.append(f"{module.path}:1: {target} is not among the requirements")
    return found


def test_each_import_is_a_declared_requirement() -> None:
    assert check_dependencies(ROOT) == []


def test_undeclared_import_is_caught(tmp_path: Path) -> None:
    project = (
        '[project]\ndependencies = ["attrs>=1"]\n'
        '[project.optional-dependencies]\nsim = ["simpy>=4"]\nproofs = ["z3-solver"]\n'
    )
    plant(
        tmp_path,
        {
            "pyproject.toml": project,
            "loomweave/a.py": "import attr, simpy, json\n",
            "sim/loomweave_sim/b.py": "import simpy\nfrom loomweave import a\n",
            "proofs/loomweave_proofs/c.py": "import z3\nfrom scipy import stats\n",
        },
    )
    assert check_dependencies(tmp_path) == [
        "loomweave/a.py:1: simpy is not among the requirements",
        "proofs/loomweave_proofs/c.py:1: scipy is not among the requirements",
    ]


def test_commands_are_installed_under_their_names() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        scripts = tomllib.load(file)["project"]["scripts"]
    assert scripts == {
        "loomweave": "loomweave.cli:main",
        "loomweave-graph": "loomweave.cli:main",
        "loomweave-sim": "loomweave_sim.cli:main",
        "loomweave-proofs": "loomweave_proofs.cli:main",
    }
