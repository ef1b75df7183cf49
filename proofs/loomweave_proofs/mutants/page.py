"""The page of the mutation score."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from loomweave_proofs.mutants.sweep import FLAWLESS, Sweep
from loomweave_proofs.mutants.trial import Outcome, Trial

INTRODUCTION: Final = (
    "# Mutants",
    "",
    "Written by `loomweave-proofs mutants`. Each mutant is one change in the source of a shipped",
    "function. It is killed where a theorem turns out otherwise than it should with the mutant in",
    "the function's place, or where the mutant may raise. Stillborn ones are not typed or not in",
    "the subset; unread ones change a part of a loop that no theorem reads, so that only the laws",
    "and tests can notice them. Equivalent ones are proved equal for all arguments, and reviewed",
    "in `proofs/loomweave_proofs/mutants/equivalents.toml`.",
    "",
)

_DIGEST = re.compile(r"^\| `([\w.]+)` \| `([0-9a-f]{32})` \|", re.MULTILINE)


def share(killed: int, whole: int) -> str:
    """Write a share as numbers and percent."""
    return f"{killed} of {whole} ({killed / whole:.1%})" if whole else "none to kill"


def summary(sweep: Sweep) -> str:
    """Say in one line what the score is."""
    counts = [
        f"{len(sweep.of(outcome))} {outcome.value}"
        for outcome in (Outcome.STILLBORN, Outcome.EQUIVALENT, Outcome.UNREAD)
    ]
    parts = [
        f"{len(sweep.trials)} mutants: {', '.join(counts)}",
        f"killed by proofs alone {share(*sweep.by_proofs())}",
        f"on joins, HAM and merges {share(*sweep.by_proofs(FLAWLESS))}",
    ]
    if sweep.tested or not sweep.unproved:
        parts.append(f"by all checks {share(*sweep.by_all())}")
    return "; ".join(parts)


def page(sweep: Sweep) -> str:
    """Write a sweep as a page; two sweeps of one source are the same page."""
    confirmed = sum(item.is_confirmed for item in sweep.trials)
    faults = sweep.faults()
    lines = [
        *INTRODUCTION,
        f"{summary(sweep)}. Of the killed, {confirmed} were confirmed by calling the mutant.",
        "",
    ]
    if faults:
        lines += ["**Not everything stands.**", "", *[f"- {fault}" for fault in faults], ""]
    lines += ["## Functions", "", *functions(sweep), "", "## What killed them", "", *killers(sweep)]
    lines += ["", "## Alive after the proofs", "", *alive(sweep), "", "## Equivalent", ""]
    for item in sweep.of(Outcome.EQUIVALENT):
        entry = sweep.reviewed.get(item.key)
        why = "not reviewed" if entry is None else entry.why
        lines.append(f"- `{item.function}`, line {item.line}: `{item.words}`. {why}")
    return "\n".join([*lines, ""])


def functions(sweep: Sweep) -> list[str]:
    """Write one line for each function."""
    lines = [
        "| function | source hash | mutants | killed | equivalent | stillborn | unread | alive |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for subject in sweep.subjects:
        counts = Counter(item.outcome for item in sweep.trials if item.function == subject.name)
        lines.append(
            f"| `{subject.name}` | `{subject.digest}` | {counts.total()} | "
            f"{counts[Outcome.KILLED]} | {counts[Outcome.EQUIVALENT]} | "
            f"{counts[Outcome.STILLBORN]} | {counts[Outcome.UNREAD]} | {counts[Outcome.ALIVE]} |"
        )
    return lines


def killers(sweep: Sweep) -> list[str]:
    """Count which theorem was the first to kill how many."""
    counts = Counter(item.by for item in sweep.of(Outcome.KILLED))
    lines = ["| theorem | mutants killed first |", "|---|--:|"]
    return lines + [f"| {name} | {count} |" for name, count in sorted(counts.items())]


def alive(sweep: Sweep) -> list[str]:
    """List what no proof killed, with the arguments at which it differs, and what noticed it."""
    found: list[str] = []
    for item in sweep.unproved:
        found.append(f"- {line_of(item)}")
        if item.key in sweep.tested:
            found.append(f"  Tests: {sweep.tested[item.key] or '**none notices it**'}.")
    return found or ["None."]


def line_of(item: Trial) -> str:
    """Write a mutant on one line."""
    where = f"`{item.function}`, line {item.line}: `{item.words}`."
    return where + (f" It {item.detail}." if item.detail else "")


def digests(path: Path) -> Mapping[str, str]:
    """Read from a page which source of each function was judged; nothing where there is none."""
    if not path.exists():
        return {}
    return dict(_DIGEST.findall(path.read_text(encoding="utf-8")))
