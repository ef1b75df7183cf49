"""The README's example runs, its commands exist, its links lead somewhere."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.repo.tree import ROOT, plant

COMMAND_SECONDS_MAX: Final = 60
LINK: Final = re.compile(r"\[[^\]]*\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)")
PAGES: Final = ("*.md", "spec/**/*.md", "sim/**/*.md", "proofs/**/*.md", "reports/*.md")


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def readme(root: Path) -> str:
    """Return the text of the README."""
    return (root / "README.md").read_text(encoding="utf-8")


def run_python(
    program: str, *arguments: str, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a program text in a fresh interpreter that sees the three packages."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={"PYTHONPATH": ":".join(map(str, (ROOT, ROOT / "sim", ROOT / "proofs")))},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
        check=False,
    )


def make_targets(root: Path) -> set[str]:
    """Return the targets of the Makefile."""
    text = (root / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", text, re.MULTILINE))


def check_make_commands(root: Path) -> list[str]:
    """Find `make` targets that the pages name and the Makefile lacks."""
    targets = make_targets(root)
    found = []
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (root / name).read_text(encoding="utf-8")
        code = [*re.findall(r"`([^`\n]+)`", text), *"\n".join(blocks(text, "sh")).splitlines()]
        for span in code:
            match = re.match(r"make ([a-z]+)", span)
            if match and match[1] not in targets:
                found.append(f"{name}: make {match[1]} is not in the Makefile")
    return found


def check_links(root: Path) -> list[str]:
    """Find links between pages that lead nowhere."""
    found = []
    for path in sorted({path for pattern in PAGES for path in root.glob(pattern)}):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                found.append(f"{path.relative_to(root).as_posix()}: {target} does not exist")
    return found


def script_calls(text: str) -> list[tuple[str, str]]:
    """Return the (script, subcommand) pairs that the shell blocks of a page call."""
    calls = []
    for line in "\n".join(blocks(text, "sh")).splitlines():
        if match := re.match(r"(?:\.venv/bin/)?(loomweave[a-z-]*) ([a-z]+)", line):
            calls.append((match[1], match[2]))
    return calls


def sim_calls(text: str) -> list[list[str]]:
    """Return the arguments of each call of the simulator in the shell blocks of a page."""
    lines = "\n".join(blocks(text, "sh")).splitlines()
    calls = [shlex.split(line, comments=True) for line in lines]
    return [call[1:] for call in calls if call and call[0].endswith("loomweave-sim")]


def call(script: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of the project in a folder."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        scripts = tomllib.load(file)["project"]["scripts"]
    module, _, name = scripts[script].partition(":")
    program = f"import sys; from {module} import {name}; sys.exit({name}())"
    return run_python(program, *arguments, folder=folder)


def help_of(script: str, subcommand: str) -> subprocess.CompletedProcess[str]:
    """Ask a command of the project for help on one of its subcommands."""
    return call(script, subcommand, "--help")


def test_example_runs() -> None:
    examples = blocks(readme(ROOT), "python")
    assert len(examples) == 1
    assert examples[0].count("\n") <= 15
    run = run_python(examples[0])
    assert (run.returncode, run.stderr) == (0, "")


def test_make_commands_exist() -> None:
    assert {"help", "setup", "sim", "test", "proofs", "bench", "check"} <= make_targets(ROOT)
    assert check_make_commands(ROOT) == []


@pytest.mark.parametrize(("script", "subcommand"), script_calls(readme(ROOT)))
def test_command_exists(script: str, subcommand: str) -> None:
    run = help_of(script, subcommand)
    assert run.returncode == 0, run.stderr
    assert subcommand in run.stdout


def test_commands_are_found_in_the_readme() -> None:
    scripts = {script for script, _ in script_calls(readme(ROOT))}
    assert scripts == {"loomweave", "loomweave-sim", "loomweave-proofs"}


def test_simulator_does_what_the_readme_says(tmp_path: Path) -> None:
    """In a folder of one's own, one command after the other, for each builds on those before."""
    (tmp_path / "my-edges.csv").write_text("source,target\nada,bob\nbob,cyd\ncyd,dee\n", "utf-8")
    calls = sim_calls(readme(ROOT))
    assert [arguments[0] for arguments in calls] == ["list", "run", "replay", "new"]
    for arguments in calls:
        run = call("loomweave-sim", *arguments, folder=tmp_path)
        assert run.returncode == 0, (arguments, run.stdout, run.stderr)
        assert run.stdout
    assert next(tmp_path.glob("reports/scenarios/*/index.html")).stat().st_size > 0
    written = next(tmp_path.glob("*.toml"))
    assert call("loomweave-sim", "new", written.stem, folder=tmp_path).returncode == 2


def test_unknown_subcommand_is_caught() -> None:
    assert help_of("loomweave-sim", "unheardof").returncode != 0


def test_links_lead_somewhere() -> None:
    assert check_links(ROOT) == []


def test_broken_page_is_caught(tmp_path: Path) -> None:
    page = (
        "See [it](gone.md), [here](README.md), [far](https://example.org).\n`make cake`, `make x`\n"
    )
    plant(tmp_path, {"README.md": page, "CONTRIBUTING.md": "", "Makefile": "x: ## x\n"})
    assert check_links(tmp_path) == ["README.md: gone.md does not exist"]
    assert check_make_commands(tmp_path) == ["README.md: make cake is not in the Makefile"]
