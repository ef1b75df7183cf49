"""How a bare machine comes to a running suite: the interpreter, the targets, the order of tests."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, plant


def find_python(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the search for an interpreter in an environment that holds only what is given."""
    return subprocess.run(
        ["/bin/sh", ".ci/find-python"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_interpreter_asked_for_is_taken() -> None:
    # The base of this environment, since an environment may lack what makes another.
    python = os.path.realpath(sys.executable)
    run = find_python(PYTHON=python)
    assert (run.returncode, run.stdout.strip()) == (0, python)


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A folder whose `python3` is there but only complains, as version managers leave them."""
    path = tmp_path / "python3"
    path.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n", encoding="utf-8")
    path.chmod(0o755)
    return tmp_path


def test_unfit_interpreter_is_refused_with_a_sentence(stub: Path) -> None:
    run = find_python(PYTHON=str(stub / "python3"))
    assert run.returncode == 1
    assert "is not a Python 3.11, 3.12 or 3.13" in run.stderr


def test_stub_on_the_path_is_passed_over(stub: Path) -> None:
    run = find_python(PATH=str(stub), HOME=str(stub))
    assert (run.returncode, run.stdout) == (1, "")
    assert "LoomWeave needs Python 3.11, 3.12 or 3.13" in run.stderr


def test_integration_runs_the_suite_as_everybody_does() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec make test"


def check_test_folders(root: Path) -> list[str]:
    """Find folders of tests that a plain run would leave out."""
    with (root / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["pytest"]["ini_options"]["testpaths"]
    folders = {path.parent.relative_to(root).as_posix() for path in root.glob("tests/**/test_*.py")}
    return [
        f"{folder}: not in testpaths"
        for folder in sorted(folders)
        if not any(folder == path or folder.startswith(f"{path}/") for path in listed)
    ]


def test_every_folder_of_tests_is_run() -> None:
    assert check_test_folders(ROOT) == []


def test_forgotten_folder_is_caught(tmp_path: Path) -> None:
    project = '[tool.pytest.ini_options]\ntestpaths = ["tests/a"]\n'
    files = {"pyproject.toml": project, "tests/a/b/test_x.py": "", "tests/c/test_x.py": ""}
    assert check_test_folders(plant(tmp_path, files)) == ["tests/c: not in testpaths"]
