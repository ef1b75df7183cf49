"""The pinned dependencies: complete, hashed, and silent about where they come from."""

import re
import tomllib
from pathlib import Path

from tests.repo.tree import ROOT, plant

PINNED = re.compile(r"^([a-z0-9.-]+)==[^ ]+( ;[^\\]+)? \\$")
HASHED = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pinned_names(text: str) -> set[str]:
    """Return the names that a pin file fixes."""
    return {match[1] for line in text.splitlines() if (match := PINNED.match(line))}


def check_pins(root: Path) -> list[str]:
    """Find lines that are neither a pin with hashes nor a comment, and pins without a hash."""
    found = []
    for path in sorted((root / "requirements").glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            here = f"requirements/{path.name}:{number}"
            if PINNED.match(line):
                if number == len(lines) or not HASHED.match(lines[number]):
                    found.append(f"{here}: no hash")
            elif not HASHED.match(line) and line.strip() and not line.lstrip().startswith("#"):
                found.append(f"{here}: not a pin")
    return found


def required(root: Path, *extras: str) -> set[str]:
    """Return the names of the distributions that the project and its extras ask for."""
    with (root / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = list(project["project"]["dependencies"]) + project["build-system"]["requires"]
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    names = {re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0] for requirement in wanted}
    return names - {project["project"]["name"]}


def test_pins_are_hashed_and_name_no_source() -> None:
    assert check_pins(ROOT) == []


def test_pins_cover_what_is_required() -> None:
    develop = pinned_names((ROOT / "requirements/develop.txt").read_text(encoding="utf-8"))
    bench = pinned_names((ROOT / "requirements/bench.txt").read_text(encoding="utf-8"))
    assert required(ROOT, "sim", "proofs", "test") - develop == set()
    assert required(ROOT, "bench") - bench - develop == set()


def test_loose_lines_are_caught(tmp_path: Path) -> None:
    pin = f"attrs==26.1.0 \\\n    --hash=sha256:{'0' * 64}\n    # via here\n"
    plant(tmp_path, {"requirements/good.txt": f"# made\n{pin}"})
    assert check_pins(tmp_path) == []
    bad = "--index-url somewhere\nattrs==26.1.0\nrich==15.0.0 \\\n    # via here\nrich>=15\n"
    plant(tmp_path, {"requirements/bad.txt": bad})
    assert check_pins(tmp_path) == [
        "requirements/bad.txt:1: not a pin",
        "requirements/bad.txt:2: not a pin",
        "requirements/bad.txt:3: no hash",
        "requirements/bad.txt:5: not a pin",
    ]
