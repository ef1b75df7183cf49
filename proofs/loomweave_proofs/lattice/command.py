"""The command `loomweave-proofs check`: a user's lattice in a process of its own."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from loomweave_proofs.lattice.subject import BadLattice
from loomweave_proofs.lattice.verdict import Report, as_json, from_json

LIMIT_S: Final = 60.0
"""Longest time that a whole check takes."""
EXIT_PASS: Final = 0
EXIT_REFUTED: Final = 1
EXIT_BAD_INPUT: Final = 2


def run(options: argparse.Namespace) -> int:
    """Check what was named and print the verdicts; 0 stands, 1 refuted, 2 bad input.

    Spec: PRF-11, PRF-13.
    """
    try:
        report = check_apart(options.target, options.limit)
    except BadLattice as error:
        print(f"loomweave-proofs: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    if options.json:
        print(json.dumps(as_json(report), indent=2, sort_keys=True))
    else:
        print(report.text())
    return EXIT_PASS if report.passed else EXIT_REFUTED


def check_apart(target: str, limit_s: float = LIMIT_S) -> Report:
    """Check a lattice in another process, which is stopped when the time is over.

    Raises:
        BadLattice: it cannot be checked, or it did not end.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "outcome.json"
        command = [sys.executable, "-m", "loomweave_proofs.lattice.work", target, str(out)]
        try:
            ended = subprocess.run(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                timeout=limit_s,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except subprocess.TimeoutExpired:
            raise BadLattice(
                f"{target} did not end within {limit_s:g} s at: {_doing(out)}; see that every loop "
                "of it ends, or give --limit more"
            ) from None
        found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    if "bad" in found:
        raise BadLattice(found["bad"])
    if "report" not in found:
        last = ended.stderr.strip().split("\n")[-1] or f"exit code {ended.returncode}"
        raise BadLattice(
            f"{target} ended the process that checked it ({last}), at: {found.get('doing')}; "
            "a merge must return a state and do nothing else"
        )
    return from_json(found["report"])


def _doing(out: Path) -> str:
    try:
        return str(json.loads(out.read_text(encoding="utf-8"))["doing"])
    except (OSError, ValueError, KeyError):
        return "import"
