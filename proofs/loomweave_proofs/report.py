"""The page of evidence: what was proved of which source, and what was assumed."""

from collections.abc import Sequence

from loomweave_proofs import kernels, solver
from loomweave_proofs.runner import Run
from loomweave_proofs.theorem import Expectation


def summary(run: Run) -> str:
    """Say in one line how a run went."""
    proved = sum(item.found == "proved" and item.passed for item in run.judgements)
    refuted = sum(item.found == "refuted" and item.passed for item in run.judgements)
    failed = sum(not item.passed for item in run.judgements)
    sabotages = sum(item.sabotages for item in run.judgements)
    obligations = sum(item.obligations for item in run.totalities)
    left = sum(len(item.open) for item in run.totalities)
    return (
        f"{proved} theorems proved, {refuted} refuted as they should be, {failed} failed; "
        f"{sabotages} sabotages noticed; {obligations} obligations of "
        f"{len(run.totalities)} functions, {left} open"
    )


def faults(run: Run) -> list[str]:
    """List everything that does not stand."""
    found = [f"{item.theorem.id}: {item.fault}" + counter(item.counterexample)
             for item in run.judgements if not item.passed]  # fmt: skip
    for item in run.totalities:
        found += [f"{item.name} may raise at {place}" for place in item.open]
    found += [f"not covered: {name}" for name in run.uncovered]
    found += [f"excused but gone: {name}" for name in run.stale]
    return found


def counter(example: str) -> str:
    """Show a counterexample, if there is one."""
    return f"\n    counterexample: {example}" if example else ""


def page(run: Run) -> str:
    """Write a run as a page; two runs differ in times only."""
    lines = [
        "# Proofs",
        "",
        "Written by `loomweave-proofs run`. Each theorem is a Python function over shipped ones;",
        "both are read from their imported source, and judged by the solver for all arguments.",
        "",
        f"{summary(run)}. Solver: {solver.version()}. Time: {run.time_ms / 1000:.1f} s.",
        "",
        *(["**Not everything stands.**", "", *[f"- {fault}" for fault in faults(run)], ""]
          if not run.passed else []),
    ]  # fmt: skip
    lines += ["## Theorems", ""]
    lines += table_of(run, Expectation.PROVED)
    lines += ["", "## Refuted, as they should be", ""]
    lines += [
        "Each counterexample was confirmed by calling the functions with it.",
        "",
        *table_of(run, Expectation.REFUTED),
    ]
    lines += ["", "## Functions that never raise", ""]
    lines += ["| function | file | source hash | obligations | open |", "|---|---|---|--:|--:|"]
    lines += [
        f"| `{item.name}` | {item.file} | `{item.digest}` | {item.obligations} | {len(item.open)} |"
        for item in run.totalities
    ]
    lines += ["", "## Sampled only", ""]
    lines += [f"- `{name}`: {why}" for name, why in sorted(kernels.SAMPLED_ONLY.items())]
    lines += [
        "",
        "## Assumed",
        "",
        "Sampled in tests/proofs, not proved.",
        "",
        *[f"- {text}" for text in kernels.ASSUMED],
        "",
    ]
    return "\n".join(lines)


def table_of(run: Run, expect: Expectation) -> Sequence[str]:
    """Write the judgements of one expectation as a table."""
    lines = ["| theorem | statement | found | sabotages noticed | ms |", "|---|---|---|--:|--:|"]
    for item in run.judgements:
        if item.theorem.expect is expect:
            found = item.found if item.passed else f"FAILED ({item.fault})"
            words = item.theorem.words.replace("|", "\\|")
            lines.append(
                f"| {item.theorem.id} | {words} | {found} | {item.sabotages} | {item.time_ms:.1f} |"
            )
    return lines


def as_json(run: Run) -> dict[str, object]:
    """Give a run as plain data."""
    return {
        "passed": run.passed,
        "solver": solver.version(),
        "time_ms": round(run.time_ms, 1),
        "theorems": [
            {
                "id": item.theorem.id,
                "rule": item.theorem.rule,
                "statement": item.theorem.words,
                "expected": item.theorem.expect.value,
                "found": item.found,
                "passed": item.passed,
                "fault": item.fault,
                "counterexample": item.counterexample,
                "sabotages": item.sabotages,
                "time_ms": round(item.time_ms, 1),
            }
            for item in run.judgements
        ],
        "functions": [
            {"name": item.name, "file": item.file, "source": item.digest,
             "obligations": item.obligations, "open": list(item.open)}
            for item in run.totalities
        ],
        "faults": faults(run),
    }  # fmt: skip
