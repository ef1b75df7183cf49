"""The page of a run: one file that needs nothing else, and no network. Spec: SCN-30."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Final

from loomweave_sim.report import sections
from loomweave_sim.report.axis import Axis, axis_of, marks_row, thin, time_row
from loomweave_sim.report.charts import LOW, Panel, draw_panel, panels_of
from loomweave_sim.report.drawing import choose_drawn, draw_graph
from loomweave_sim.report.faults import fault_rows
from loomweave_sim.report.markup import Markup, join, tag
from loomweave_sim.report.words import NANOS, counted, number
from loomweave_sim.result import RunResult

HERE: Final = Path(__file__).parent
SAMPLES_SHOWN_MAX: Final = 40
"""Most rows of the table of samples. Spec: SCN-30."""
_VALUE_DECIMALS: Final = 3


def render_page(result: RunResult, folder: str = "") -> str:
    """Write the page of a result; equal results give equal pages. Spec: SCN-30.

    `folder` is where the page will lie: the command that replays the run names it.
    """
    axis = axis_of(result)
    panels = panels_of(result)
    body = join(
        sections.header(result, folder),
        sections.verdicts(result),
        sections.occurred(result),
        _story(result, axis, panels),
        sections.figures(result),
        _graph(result),
        sections.hosts(result),
        sections.trace(result),
        sections.about_run(result),
        tag("footer", "This page is one file: it loads nothing and asks nobody."),
    )
    return _document(
        f"{result.identity.scenario} · LoomWeave", body, _samples(result, axis, panels)
    )


def _document(title: str, body: Markup, samples: Markup) -> str:
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    page = tag("body", tag("main", body), samples, tag("script", Markup(script)))
    return f"<!doctype html>\n{tag('html', head, page, lang='en')}\n"


def _story(result: RunResult, axis: Axis, panels: list[Panel]) -> Markup:
    drawn: list[Markup] = []
    for place, panel in enumerate(panels):
        if panel.height == LOW and (not place or panels[place - 1].height != LOW):
            scale = f" 0 to {number(panel.top)} {panel.unit} each; amber foot: its clock is wrong"
            lead = join(tag("b", "Behind, each replica"), tag("span", scale))
            drawn.append(tag("p", lead, class_="group"))
        drawn.append(draw_panel(result, axis, panel, place))
    if not panels:
        drawn.append(tag("p", "Nothing was sampled in this run.", class_="note"))
    told = (
        "All charts and the faults below them share one axis. Shaded: links cut, or a replica dead."
    )
    story = tag(
        "div",
        marks_row(axis),
        *drawn,
        time_row(axis),
        tag("h3", "Faults", class_="group"),
        fault_rows(result.faults, axis),
        class_="story",
    )
    return sections.section(
        "time", "Over time", tag("p", told, class_="note"), story, _sample_table(result, panels)
    )


def _sample_table(result: RunResult, panels: list[Panel]) -> Markup | None:
    """Say the charts again as a table, for those who do not see them."""
    lines = [(panel, line) for panel in panels if panel.height != LOW for line in panel.lines]
    if not lines or not result.sampled_ns:
        return None
    step = -(-len(result.sampled_ns) // SAMPLES_SHOWN_MAX)
    head = ["Time, s"]
    for _, line in lines:
        head.append(line.name if head.count(line.name) == 0 else f"{line.name} bytes")
    rows = [
        [number(result.sampled_ns[place] / NANOS, 1)]
        + [number(line.values[place], 1) if place < len(line.values) else "" for _, line in lines]
        for place in range(0, len(result.sampled_ns), step)
    ]
    whole = sections.table(head, rows, "What the charts show")
    return tag("details", tag("summary", "The charts as a table"), whole)


def _graph(result: RunResult) -> Markup:
    graph = result.graph
    nodes, edges = choose_drawn(graph)
    told = (
        f"{counted(graph.node_count, 'node')} and {counted(graph.edge_count, 'edge')} at the end."
    )
    if len(nodes) < graph.node_count or len(edges) < graph.edge_count:
        told += f" Drawn: the {number(len(nodes))} best linked nodes"
        told += f" and the {number(len(edges))} heaviest edges among them."
    keys = [
        ("", "node, larger with more edges"),
        ("once", "one field of it was written concurrently"),
        ("contested", "several were"),
        ("ghost", "deleted, while edges still name it"),
        ("line", "such an edge: kept, not visible"),
    ]
    legend = [tag("span", tag("i", class_=f"dot {kind}"), words) for kind, words in keys]
    if not nodes:
        return sections.section("graph", "The graph", tag("p", told, class_="note"))
    return sections.section(
        "graph",
        "The graph",
        tag("p", told, class_="note"),
        tag("div", draw_graph(graph), class_="drawing"),
        tag("p", *legend, class_="legend"),
    )


def _samples(result: RunResult, axis: Axis, panels: list[Panel]) -> Markup:
    """Give the script the numbers that it reads out, as JSON that cannot end its element."""
    times = [
        round(at_ns / NANOS, _VALUE_DECIMALS)
        for at_ns, _ in thin(result.sampled_ns, [0] * len(result.sampled_ns))
    ]
    data = {
        "end": axis.end_ns / NANOS,
        "times": times,
        "panels": [
            [
                [
                    line.name,
                    [round(v, _VALUE_DECIMALS) for _, v in thin(result.sampled_ns, line.values)],
                ]
                for line in panel.lines
            ]
            for panel in panels
        ],
    }
    written = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return tag("script", Markup(written), type="application/json", id="samples")
