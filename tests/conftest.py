"""Profiles of Hypothesis, and what each part of the suite costs.

The suite is the same in every run; the profile `deep` searches further.
"""

import os
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, Phase, settings

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "suite", derandomize=True, deadline=None, max_examples=100, suppress_health_check=QUIET
)
settings.register_profile(
    "deep",
    derandomize=False,
    deadline=None,
    max_examples=2_000,
    suppress_health_check=QUIET,
    phases=tuple(Phase),
)
settings.load_profile(os.environ.get("LOOMWEAVE_HYPOTHESIS", "suite"))

PARTS = {
    "tests/laws": "laws",
    "tests/machines": "laws",
    "tests/vectors": "laws",
    "tests/proofs/test_models": "explorer",
    "tests/proofs/test_explorer": "explorer",
    "tests/proofs/test_mutants": "mutants",
    "tests/proofs": "proofs",
    "tests/sim/test_page": "processes and browser",
    "tests/sim": "simulation",
    "tests/cli": "processes and browser",
    "tests/drivers": "processes and browser",
    "tests/repo": "repository",
}
"""Where a test lies, and the part that its time counts for; the first prefix that fits."""

spent_s: defaultdict[str, float] = defaultdict(float)


def part_of(node: str) -> str:
    """Name the part of a test."""
    return next((part for place, part in PARTS.items() if node.startswith(place)), "other")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what a test and what is set up for it takes."""
    spent_s[part_of(report.nodeid)] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the time of each part, the dearest first."""
    terminalreporter.section("time of each part")
    for seconds, part in sorted(((s, p) for p, s in spent_s.items()), reverse=True):
        terminalreporter.write_line(f"{seconds:7.1f} s  {part}")
