"""The page of evidence about models: what was searched, how far, and what was found.

Spec: PRF-25, PRF-28.
"""

from collections.abc import Sequence

from attrs import frozen

from loomweave_proofs.explore.outcome import Outcome, Status
from loomweave_proofs.explore.sabotage import Sabotage


@frozen
class Trial:
    """A sabotage, and what the search made of it. Spec: PRF-28."""

    model: str
    sabotage: Sabotage
    outcome: Outcome
    is_caught: bool


def summary(outcomes: Sequence[Outcome], trials: Sequence[Trial]) -> str:
    """Say in one line how a run went."""
    states = sum(outcome.states for outcome in outcomes)
    ends = {status: sum(o.status is status for o in outcomes) for status in Status}
    caught = sum(trial.is_caught for trial in trials)
    return (
        f"{len(outcomes)} models, {states:,} different states: {ends[Status.EXHAUSTED]} exhausted, "
        f"{ends[Status.BOUNDED]} bounded, {ends[Status.REFUTED]} refuted; "
        f"{caught} of {len(trials)} sabotages caught"
    )


def page(outcomes: Sequence[Outcome], trials: Sequence[Trial]) -> str:
    """Write a run as a page; two runs within the same bounds differ in nothing."""
    lines = [
        "# Models",
        "",
        "Written by `loomweave-proofs explore --report`. Each model is a small world around",
        "shipped functions, searched breadth first. *Exhausted*: no reachable state is unseen.",
        "*Bounded*: the search stopped at the bound that is named, and says nothing of what",
        "lies behind it. A state is counted once; under symmetry, states that differ in names",
        "only are one state.",
        "",
        f"{summary(outcomes, trials)}.",
        "",
        "| model | what happens there | states | transitions | depth | end |",
        "|---|---|--:|--:|--:|---|",
        *(_row(outcome) for outcome in outcomes),
        "",
    ]
    for outcome in outcomes:
        lines += _section(outcome, [trial for trial in trials if trial.model == outcome.model])
    return "\n".join(lines)


def _row(outcome: Outcome) -> str:
    end = outcome.status.value + (f" at {outcome.bound}" if outcome.bound else "")
    states = f"{outcome.states:,}" + (" (symmetry)" if outcome.is_reduced else "")
    return (
        f"| {outcome.model} | {outcome.words} | {states} | {outcome.transitions:,} "
        f"| {outcome.depth} | {end} |"
    )


def _section(outcome: Outcome, trials: Sequence[Trial]) -> list[str]:
    """Write what was found of one model."""
    lines = [
        f"## {outcome.model}",
        "",
        f"Shipped: {', '.join(f'`{name}`' for name in outcome.shipped)}.",
        "",
        "| property | rule | found | tests |",
        "|---|---|---|--:|",
    ]
    for one in outcome.verdicts:
        is_depth = one.kind == "sometimes"
        tests = f"at depth {one.tests}" if is_depth else f"{one.tests:,}"
        lines.append(f"| {one.kind}: {one.name} | {one.rule} | {one.finding.value} | {tests} |")
    lines.append("")
    if outcome.counterexample is not None:
        lines += ["```text", outcome.counterexample.story, "```", ""]
    if trials:
        lines += ["| sabotage | breaks | found in |", "|---|---|---|"]
        lines += [_trial_row(trial) for trial in trials]
        lines.append("")
    return lines


def _trial_row(trial: Trial) -> str:
    found = trial.outcome.counterexample
    steps = f"{len(found.actions)} steps, {trial.outcome.states:,} states" if found else "nothing"
    found_in = steps if trial.is_caught else f"**missed** ({steps})"
    return f"| {trial.sabotage.words} | {trial.sabotage.breaks} | {found_in} |"
