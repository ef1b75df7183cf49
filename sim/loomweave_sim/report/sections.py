"""The parts of a report that are words and tables. Spec: SCN-30."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Final

from loomweave_sim.report.markup import Attribute, Child, Markup, join, tag
from loomweave_sim.report.words import measured, named, number, seconds, short, size, titled
from loomweave_sim.result import EVIDENCE_MAX, Figure, Host, Identity, RunResult, Verdict

TRACE_SHOWN_MAX: Final = 200
"""Most lines of the trace on a page. Spec: SCN-30."""


def section(id: str, title: str, *parts: Child) -> Markup:
    """Write one section with its title. Spec: SCN-30."""
    heading = tag("h2", title, id=f"{id}-title")
    return tag("section", heading, *parts, id=id, aria_labelledby=f"{id}-title")


def header(result: RunResult, folder: str) -> Markup:
    """Write what was run and how it ended. Spec: SCN-30."""
    identity = result.identity
    facts = {
        "Seed": str(identity.seed),
        "Graph": identity.graph,
        "Virtual time": seconds(result.ended_at_ns),
        "Took": f"{result.wall_s:.1f} s",
        "Trace": f"{number(result.trace_lines)} lines",
        "Trace hash": short(result.trace_hash),
    }
    pairs = [tag("div", tag("dt", key), tag("dd", value)) for key, value in facts.items()]
    return tag(
        "header",
        tag("div", "LoomWeave · scenario run", class_="kicker"),
        tag("h1", identity.scenario),
        tag("p", result.about, class_="lead"),
        _outcome(result),
        tag("dl", *pairs, class_="facts"),
        _again(identity, folder),
    )


def _outcome(result: RunResult) -> Markup:
    word = "Passed" if result.passed else "Failed"
    return tag(
        "div",
        mark(result.passed),
        tag("div", tag("strong", word), tag("p", outcome_sentence(result))),
        class_=f"verdict {word.lower()}",
        role="status",
    )


def outcome_sentence(result: RunResult) -> str:
    """Say in plain words how a run ended. Spec: SCN-30."""
    failed = [verdict.checker for verdict in result.verdicts if not verdict.passed]
    missing = [each.name for each in result.occurred if each.required and not each.count]
    parts = []
    if failed:
        parts.append(f"{len(failed)} of {len(result.verdicts)} checkers failed: {_list(failed)}.")
    else:
        parts.append(f"All {len(result.verdicts)} checkers held.")
    if missing:
        parts.append(f"Expected, but it never occurred: {_list(missing)}.")
    if result.converged_at_ns is not None:
        took = seconds(max(0, result.converged_at_ns - result.heals_at_ns))
        parts.append(f"Replicas agreed in everything {took} after the heal.")
    else:
        parts.append("The replicas never agreed.")
    return " ".join(parts)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def mark(passed: bool) -> Markup:
    """Draw a tick or a cross. Spec: SCN-30."""
    path = "M5 12.5l4.6 4.6L19 7.5" if passed else "M7 7l10 10M17 7L7 17"
    stroke: dict[str, Attribute] = {
        "stroke": "currentColor",
        "stroke_width": 2.6,
        "stroke_linecap": "round",
    }
    return tag(
        "svg",
        tag("path", d=path, fill="none", stroke_linejoin="round", **stroke),
        viewBox="0 0 24 24",
        role="img",
        aria_label="passed" if passed else "failed",
        class_="ok" if passed else "no",
    )


def _again(identity: Identity, folder: str) -> Markup:
    """Write the commands that repeat the run, from where it was run. Spec: SCN-30, SCN-32."""
    stored = f"{folder}/result.json" if folder else "result.json"
    ways = {
        "Replay": shlex.join(["loomweave-sim", "replay", stored]),
        "Run anew": run_command(identity),
    }
    rows = [join(tag("dt", way), tag("dd", tag("code", words))) for way, words in ways.items()]
    return tag("dl", *rows, class_="again")


def run_command(identity: Identity) -> str:
    """Write the command that made a run. Spec: SCN-31."""
    words = ["loomweave-sim", "run", identity.path or identity.scenario]
    words += ["--graph", identity.graph, "--seed", str(identity.seed)]
    for setting in identity.overrides:
        words += ["--set", setting]
    return shlex.join(words)


def verdicts(result: RunResult) -> Markup:
    """List what each checker found. Spec: SCN-30."""
    rows = [_verdict(verdict) for verdict in result.verdicts]
    return section("verdicts", "Verdicts", tag("ul", *rows, class_="checks"))


def _verdict(verdict: Verdict) -> Markup:
    evidence = verdict.evidence[:EVIDENCE_MAX]
    lines = tag("pre", "\n".join(evidence)) if evidence else None
    name = tag("b", titled(verdict.checker))
    return tag("li", mark(verdict.passed), name, tag("span", verdict.reason), lines)


def occurred(result: RunResult) -> Markup:
    """List what happened, and what should have. Spec: SCN-22, SCN-30."""
    chips = []
    for each in result.occurred:
        kind = "none" if not each.count else None
        if each.required:
            kind = "need" if each.count else "miss"
        count = tag("b", f"{number(each.count)}\N{MULTIPLICATION SIGN}")
        chips.append(tag("li", each.name.replace("-", " "), " ", count, class_=kind))
    note = "A run that did not meet what it is about proves nothing; ticked ones were required."
    return section(
        "occurred",
        "What occurred",
        tag("p", note, class_="note"),
        tag("ul", *chips, class_="chips"),
    )


def figures(result: RunResult) -> Markup:
    """List the measured numbers with their units. Spec: SCN-24, SCN-30."""
    rows = [
        tag("div", tag("dt", titled(each.name)), tag("dd", figure_value(each)))
        for each in result.figures
    ]
    return section("figures", "Figures", tag("dl", *rows, class_="figures"))


def figure_value(figure: Figure) -> str:
    """Write a figure's value, without a unit that its name has said. Spec: SCN-30."""
    is_said = figure.unit != "bytes" and figure.unit in figure.name
    return measured(figure.value, "" if is_said else figure.unit)


def table(head: Iterable[str], rows: Iterable[Iterable[Child]], caption: str) -> Markup:
    """Write a table whose first column names its rows. Spec: SCN-30."""
    titles = list(head)
    body = []
    for row in rows:
        first, *rest = row
        cells = [tag("td", cell, class_="n") for cell in rest]
        body.append(tag("tr", tag("th", first, scope="row"), *cells))
    heads = [
        tag("th", title, scope="col", class_="n" if place else None)
        for place, title in enumerate(titles)
    ]
    whole = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body), aria_label=caption)
    return tag("div", whole, class_="scroll", tabindex=0, role="region", aria_label=caption)


def hosts(result: RunResult) -> Markup:
    """Show each replica at the end of the run. Spec: SCN-30."""
    head = ("Replica", "Root", "Entities", "Tombstones", "Waiting", "Feed", "Journal", "Starts")
    rows = [_host(host) for host in result.hosts]
    return section("replicas", "Replicas at the end", table(head, rows, "Replicas at the end"))


def _host(host: Host) -> list[Child]:
    return [
        host.name or named(host.replica),
        tag("span", short(host.root), class_="mono"),
        number(host.entities),
        number(host.tombstones),
        number(host.waiting),
        number(host.feed),
        size(host.journal_bytes),
        number(host.starts),
    ]


def trace(result: RunResult) -> Markup:
    """Show the last lines of the trace. Spec: SCN-4, SCN-30."""
    lines = result.trace_tail[-TRACE_SHOWN_MAX:]
    told = f"The last {number(len(lines))} of {number(result.trace_lines)} lines."
    whole = tag("p", "Hash of all lines: ", tag("code", result.trace_hash))
    shown = tag("pre", "\n".join(lines), tabindex=0) if lines else None
    unfold = tag("details", tag("summary", told), shown) if lines else None
    return section("trace", "Trace", whole, unfold)


def about_run(result: RunResult) -> Markup:
    """Tell the parameters, the versions, and the scenario file itself. Spec: SCN-30."""
    scenario = result.identity.text
    unfold = None
    if scenario:
        unfold = tag("details", tag("summary", "The scenario file"), tag("pre", scenario))
    overrides = {"overrides": ", ".join(result.identity.overrides)}
    chosen = {**result.parameters, **(overrides if result.identity.overrides else {})}
    versions = {**result.versions, "graph hash": result.identity.graph_hash}
    return section(
        "parameters", "Parameters and versions", _pairs(chosen), _pairs(versions), unfold
    )


def _pairs(words: Mapping[str, str]) -> Markup:
    rows = [join(tag("dt", titled(key)), tag("dd", value)) for key, value in words.items()]
    return tag("dl", *rows, class_="pairs")
