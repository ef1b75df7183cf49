"""The page that a measurement writes: figures first, then rates, then where the time goes."""

import os
import platform
from typing import Final

from attrs import frozen

from tests.bench import contenders as who
from tests.bench.contenders import Measured
from tests.bench.simulator import SimulatorLine

REACHED: Final = "met"
MISSED: Final = "**missed**"
ABSENT: Final = "not measured"

RATES: Final = ("contender", "k fields/s", "ns a field", "x gun, text", "x gun, objects")
WHERE: Final = (
    "ns a field",
    "GUN: decode",
    "admit, merge, index",
    "rest of the step",
    "native: decode",
    "step",
)


@frozen
class Figure:
    """A ratio that the design promises."""

    what: str
    shape: str
    ours: str
    theirs: str
    least: float


FIGURES: Final = (
    Figure("kernel, one field", "single", who.KERNEL, who.GUN_OBJECTS, 4.0),
    Figure("kernel, one field", "single", who.KERNEL, who.PYCRDT, 2.0),
    Figure("kernel, grouped", "shared", who.KERNEL, who.GUN_OBJECTS, 4.0),
    Figure("kernel, grouped", "shared", who.KERNEL, who.PYCRDT, 2.0),
    Figure("step from GUN's JSON, one field", "single", who.GUN_STEP, who.GUN_TEXT, 2.0),
    Figure("step from GUN's JSON, a node has one state", "shared", who.GUN_STEP, who.GUN_TEXT, 3.5),
    Figure("step from GUN's JSON, each field its state", "own", who.GUN_STEP, who.GUN_TEXT, 2.0),
    Figure("step from native frames, one field", "single", who.NATIVE_STEP, who.GUN_TEXT, 3.5),
    Figure("step from native frames, grouped", "shared", who.NATIVE_STEP, who.GUN_TEXT, 3.5),
    Figure("step from native frames, grouped", "shared", who.NATIVE_STEP, who.LORO, 1.2),
)
"""The lines of the design about HAM."""


def figure_rows(found: dict[str, Measured]) -> list[tuple[str, ...]]:
    """Hold each figure against what was measured."""
    rows: list[tuple[str, ...]] = []
    for figure in FIGURES:
        measured = found[figure.shape]
        mine, theirs = measured.rate(figure.ours), measured.rate(figure.theirs)
        ratio = mine / theirs if theirs else 0.0
        verdict = ABSENT if not theirs else REACHED if ratio >= figure.least else MISSED
        shown = f"{ratio:.1f} x" if theirs else "-"
        rival = figure.theirs.partition(",")[0]
        rows.append((figure.what, f"at least {figure.least:g} x {rival}", shown, verdict))
    return rows


def simulator_rows(lines: list[SimulatorLine]) -> list[tuple[str, ...]]:
    """Hold the simulator's figures against what was measured."""
    return [
        (
            f"simulator, {line.name}",
            f"at least {line.figure:,.0f} {line.unit}",
            f"{line.measured:,.0f}",
            REACHED if line.measured >= line.figure else MISSED,
        )
        for line in lines
    ]


def rate_rows(measured: Measured) -> list[tuple[str, ...]]:
    """List every contender on a workload, the fastest first."""
    text, objects = measured.rate(who.GUN_TEXT), measured.rate(who.GUN_OBJECTS)
    rows: list[tuple[str, ...]] = []
    for name in sorted(measured.times_s, key=measured.rate, reverse=True):
        rate = measured.rate(name)
        ratios = [f"{rate / other:.1f}" if other else "-" for other in (text, objects)]
        rows.append((name, f"{rate / 1_000:,.0f}", f"{1e9 / rate:,.0f}", *ratios))
    return rows


def where_rows(found: dict[str, Measured]) -> list[tuple[str, ...]]:
    """Split the whole step into its stretches, in nanoseconds a field."""
    rows: list[tuple[str, ...]] = []
    for measured in found.values():

        def cost(name: str, measured: Measured = measured) -> float:
            return 1e9 / measured.rate(name)

        decode, admitted, whole = cost(who.GUN_DECODE), cost(who.ADMISSION), cost(who.GUN_STEP)
        native = cost(who.NATIVE_DECODE)
        rows.append(
            (
                measured.workload.name,
                f"{decode:,.0f}",
                f"{max(0.0, admitted - decode):,.0f}",
                f"{max(0.0, whole - admitted):,.0f}",
                f"{native:,.0f}",
                f"{max(0.0, cost(who.NATIVE_STEP) - native):,.0f}",
            )
        )
    return rows


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Write a Markdown table."""
    lines = [" | ".join(("", *head, "")).strip(), "|" + "---|" * len(head)]
    return lines + [" | ".join(("", *row, "")).strip() for row in rows]


def machine() -> str:
    """Name what the measurement ran on."""
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"


def page(
    found: dict[str, Measured], lines: list[SimulatorLine], rounds: int, notes: list[str]
) -> str:
    """Write the whole page."""
    text = ["# Performance", "", "Made by `make bench`. Ratios of processor time, from one run in"]
    text += [f"which all took turns: medians of {rounds} rounds. {machine()}.", ""]
    text += [f"- {note}" for note in notes]
    text += [""] if notes else []
    rows = figure_rows(found) + simulator_rows(lines)
    text += ["## Figures", "", *table(("what", "figure", "measured", "verdict"), rows), ""]
    missed = sum(row[-1] == MISSED for row in rows)
    text += [f"{len(rows)} figures, {missed} missed.", "", *where_text(found)]
    for measured in found.values():
        count = len(measured.workload.frames)
        text += [f"## {measured.workload.name.capitalize()}", ""]
        text += [f"{measured.workload.fields:,} fields in {count:,} frames.", ""]
        text += [*table(RATES, rate_rows(measured)), ""]
    return "\n".join(text + EXPLAINED) + "\n"


def where_text(found: dict[str, Measured]) -> list[str]:
    """Say where the time of a step goes."""
    return [
        "## Where the time goes",
        "",
        *table(WHERE, where_rows(found)),
        "",
        "A frame of one field costs what a frame costs: a step makes records of the new state, of",
        "the journal entry and of the feed entry, marks the digest, mends the index and addresses",
        "what won to the other peers, in some twenty calls. The merge alone is the line *ours,",
        "kernel*.",
        "",
    ]


EXPLAINED: Final = [
    "## What is compared",
    "",
    "- *gun* is the published package in a process of its own, storage and network off; its",
    "  times leave out start and the check that everything arrived. Its graph and ours were",
    "  compared before the first round: same fields, states and values.",
    "- *kernel*: writes are decoded already; merge and a new snapshot, nothing else.",
    "- *whole step*: from bytes to effects, what was seen dropped first, with journal records,",
    "  change feed, index, digest marks and forwarding to another peer.",
    "- *dict loop*: dicts changed in place, float states, no dots, no checks, no change list:",
    "  what interpreted Python can do at most.",
    "- *pycrdt*, *loro*: one document's updates, a transaction or commit for each frame, applied",
    "  to a new document in order. They need not judge stale writes.",
    "- Native frames hold the same entities, fields and values, one stamp for a frame.",
]
