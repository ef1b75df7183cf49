"""Mutants before the laws and tests: each runs in a process of its own, patched in.

The code of the shipped function is replaced, so that every module which has imported it meets the
mutant. Tests that fail without any mutant say nothing and are left out.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from loomweave_proofs.mutants import sweep
from loomweave_proofs.mutants.mutant import build
from loomweave_proofs.mutants.review import Key

ROOT: Final = Path(__file__).resolve().parents[3]
TESTS: Final = ("tests/laws", "tests/machines", "tests/vectors")
LIMIT_S: Final = 300.0
"""Longest time the tests may take on one mutant; one that makes them endless is noticed."""

EXIT_PASSED: Final = 0
EXIT_FAILED: Final = 1


class NoTests(Exception):
    """The laws and tests cannot be run here; the message says why."""


def run_all(keys: Sequence[Key], progress: Callable[[int, int], None]) -> Mapping[Key, str]:
    """Run the laws and tests on mutants; tell which test noticed each, or nothing."""
    if not keys:
        return {}
    if not all((ROOT / name).exists() for name in TESTS):
        raise NoTests("the tests are not at hand: run this in a clone of the repository")
    failing = failures_of(_pytest(None, []))
    found: dict[Key, str] = {}
    for at, key in enumerate(keys, 1):
        result = _pytest(key, ["-x", *(f"--deselect={name}" for name in failing)])
        failures = failures_of(result)
        found[key] = failures[0] if failures else ""
        progress(at, len(keys))
    return found


def failures_of(result: subprocess.CompletedProcess[str] | None) -> list[str]:
    """List the tests that failed; a run that was stopped or broke down is named as such."""
    if result is None:
        return ["the tests did not end"]
    if result.returncode == EXIT_PASSED:
        return []
    found = re.findall(r"^(?:FAILED|ERROR) (\S+)", result.stdout, re.MULTILINE)
    if result.returncode == EXIT_FAILED or found:
        return found
    raise NoTests(f"the tests broke down:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")


def _pytest(key: Key | None, options: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
    command = [sys.executable, "-m", __name__, json.dumps(key), *TESTS, *options]
    try:
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def main(arguments: Sequence[str]) -> int:
    """Patch a mutant in and run the tests; the first argument is its key."""
    import pytest

    raw = json.loads(arguments[0])
    if raw is not None:
        name, line, before, after = raw
        mutant = sweep.find((name, line, before, after))
        mutant.function.__code__ = build(mutant).__code__
    return int(pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", *arguments[1:]]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
