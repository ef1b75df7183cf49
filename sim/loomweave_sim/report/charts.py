"""Charts over virtual time: what was sampled, panel by panel. Spec: SCN-30."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from loomweave_sim.report.axis import WIDTH, Axis, grid, round_up, thin
from loomweave_sim.report.faults import bands
from loomweave_sim.report.markup import Markup, join, tag
from loomweave_sim.report.words import measured, named, titled
from loomweave_sim.result import RunResult, Series

LANES_MAX: Final = 16
"""Most replicas that get a plot of their own. Spec: SCN-30."""
TALL: Final = 92.0
LOW: Final = 34.0
"""Heights of the two kinds of plots, in their own units, which are pixels."""


class Line(msgspec.Struct, frozen=True):
    """One quantity in a plot."""

    name: str
    colour: str
    values: tuple[int | float, ...]
    filled: bool = False
    steps: bool = False


class Panel(msgspec.Struct, frozen=True):
    """One plot with its title. Spec: SCN-30."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    top: float
    """Value at the upper rim."""
    height: float = TALL
    replica: int | None = None


def panels_of(result: RunResult) -> list[Panel]:
    """Choose the plots that a result fills, in the order of reading. Spec: SCN-30."""
    found = {(series.name, series.replica): series for series in result.series}
    names = list(dict.fromkeys(series.name for series in result.series))
    panels = [_roots(found), _behind(result, found), *_lanes(result, found)]
    panels += [_waiting(found, result), _messages(found), _bytes(found)]
    panels += [_other(found, result, name) for name in names if name not in _KNOWN]
    return [
        panel for panel in panels if panel is not None and any(line.values for line in panel.lines)
    ]


_KNOWN: Final = frozenset(
    """roots lag waiting messages-sent messages-delivered messages-dropped bytes-sent
    bytes-delivered""".split()
)
Found = dict[tuple[str, int | None], Series]


def _panel(title: str, unit: str, *lines: Line) -> Panel | None:
    if not lines:
        return None
    most = max((value for line in lines for value in line.values), default=0)
    return Panel(title, unit, lines, round_up(most))


def _roots(found: Found) -> Panel | None:
    series = found.get(("roots", None))
    if series is None:
        return None
    line = Line("distinct roots", "a", series.values, filled=True, steps=True)
    most = max(series.values, default=1)
    return Panel("Distinct roots: 1 means that all replicas agree", "", (line,), max(2, most))


def _total(result: RunResult, found: Found, name: str) -> tuple[int | float, ...]:
    """Sum a quantity over the replicas, unless the run itself did."""
    if (whole := found.get((name, None))) is not None:
        return whole.values
    each = [series.values for (known, _), series in found.items() if known == name]
    return tuple(sum(values) for values in zip(*each, strict=False))


def _unit(found: Found, name: str) -> str:
    return next((series.unit for (known, _), series in found.items() if known == name), "")


def _behind(result: RunResult, found: Found) -> Panel | None:
    values = _total(result, found, "lag")
    unit = _unit(found, "lag")
    return _panel("Behind, all replicas together", unit, Line("behind", "b", values, filled=True))


def _lanes(result: RunResult, found: Found) -> list[Panel]:
    """Give each replica a plot of how far it is behind, all of one scale."""
    replicas = sorted(r for name, r in found if name == "lag" and r is not None)[:LANES_MAX]
    lags = {replica: found["lag", replica] for replica in replicas}
    top = round_up(max((v for series in lags.values() for v in series.values), default=0))
    return [
        Panel(
            named(replica),
            series.unit,
            (Line("behind", "b", series.values, filled=True),),
            top,
            LOW,
            replica,
        )
        for replica, series in lags.items()
    ]


def _waiting(found: Found, result: RunResult) -> Panel | None:
    values = _total(result, found, "waiting")
    unit = _unit(found, "waiting")
    line = Line("waiting", "c", values, filled=True)
    return _panel("Waiting rooms: writes from the future, held back", unit, line)


def _messages(found: Found) -> Panel | None:
    colours = (("sent", "a"), ("delivered", "d"), ("dropped", "e"))
    return _group(found, "Messages", "messages", colours)


def _bytes(found: Found) -> Panel | None:
    return _group(found, "Bytes", "bytes", (("sent", "a"), ("delivered", "d")))


def _group(found: Found, title: str, prefix: str, parts: Iterable[tuple[str, str]]) -> Panel | None:
    lines = []
    for part, colour in parts:
        series = found.get((f"{prefix}-{part}", None))
        if series is not None:
            lines.append(Line(part, colour, series.values, filled=part == "delivered"))
    return _panel(title, _unit(found, f"{prefix}-sent"), *lines)


def _other(found: Found, result: RunResult, name: str) -> Panel | None:
    """Show a quantity that this page has no words for."""
    line = Line(name, "a", _total(result, found, name))
    return _panel(titled(name), _unit(found, name), line)


def draw_panel(result: RunResult, axis: Axis, panel: Panel, place: int) -> Markup:
    """Draw one panel: caption, scale, plot. Spec: SCN-30."""
    peak = max((value for line in panel.lines for value in line.values), default=0)
    told = f"{panel.title}; at most {measured(peak, panel.unit)}"
    plot = tag(
        "svg",
        tag("title", told),
        bands(result, axis, panel.height, panel.replica),
        grid(axis, panel.height),
        *(_draw_line(result, axis, panel, line) for line in panel.lines),
        viewBox=f"0 0 {WIDTH:g} {panel.height:g}",
        preserveAspectRatio="none",
        role="img",
        aria_label=told,
        height=f"{panel.height:g}",
    )
    scale = tag("div", *_scale(panel), class_="scale", aria_hidden="true")
    return tag(
        "figure",
        tag("figcaption", *_caption(panel, peak)),
        scale,
        tag("div", plot, class_="plot", data_panel=place),
        class_="panel low" if panel.height == LOW else "panel",
    )


def _caption(panel: Panel, peak: float) -> list[Markup]:
    caption = [tag("b", panel.title)]
    if len(panel.lines) > 1:
        caption += [tag("span", line.name, class_=f"key {line.colour}") for line in panel.lines]
    caption.append(tag("span", f"peak {measured(peak, panel.unit)}", class_="peak"))
    caption.append(tag("output", aria_hidden="true"))
    return caption


def _scale(panel: Panel) -> list[Markup]:
    unit = panel.unit if panel.unit.startswith("bytes") else ""
    top = measured(panel.top, unit.removesuffix("/s"))
    if panel.height == LOW:
        return [tag("span", top, style="top:0")]
    return [
        tag("span", top, style="top:0"),
        tag("span", "0", style="top:100%"),
    ]


def _draw_line(result: RunResult, axis: Axis, panel: Panel, line: Line) -> Markup:
    points = thin(result.sampled_ns, line.values)
    if not points:
        return Markup()
    placed = [
        (axis.x(at_ns), round(panel.height * (1 - min(1.0, value / panel.top)), 1))
        for at_ns, value in points
    ]
    path = _path(placed, line.steps)
    drawn = []
    if line.filled:
        rim = f"{path}V{panel.height:g}H{placed[0][0]:g}Z"
        drawn.append(tag("path", d=rim, class_=f"area {line.colour}"))
    drawn.append(tag("path", d=path, class_=f"line {line.colour}"))
    return join(*drawn)


def _path(points: Sequence[tuple[float, float]], steps: bool) -> str:
    x, y = points[0]
    moves = [f"M{x:g} {y:g}"]
    for x, y in points[1:]:
        moves.append(f"H{x:g}V{y:g}" if steps else f"L{x:g} {y:g}")
    return "".join(moves)
