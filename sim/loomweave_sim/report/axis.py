"""The one axis of time that all charts share, and the scales beside them. Spec: SCN-30."""

from collections.abc import Sequence
from typing import Final

import msgspec

from loomweave_sim.report.markup import Markup, join, tag
from loomweave_sim.report.words import NANOS, number, seconds
from loomweave_sim.result import RunResult

WIDTH: Final = 1000.0
"""Width of every plot in its own units; the page stretches it."""
POINTS_MAX: Final = 600
"""Most points of a line; of more, each bin shows its greatest. Spec: SCN-30."""
TICKS_MAX: Final = 8

_STEPS: Final = (1, 1.5, 2, 3, 4, 5, 6, 8)
_ROUND_STEPS: Final = (1, 2, 5)


class Axis(msgspec.Struct, frozen=True):
    """Virtual time from 0 to the end of the run, and the two instants that matter. Spec: SCN-30."""

    end_ns: int
    heals_at_ns: int
    converged_at_ns: int | None

    def share(self, at_ns: int) -> float:
        """Return how far along the axis an instant lies, from 0 to 1."""
        return min(1.0, max(0.0, at_ns / self.end_ns))

    def x(self, at_ns: int) -> float:
        """Return an instant's place in a plot."""
        return round(self.share(at_ns) * WIDTH, 1)

    def percent(self, at_ns: int) -> str:
        """Return an instant's place as CSS writes it."""
        return f"{self.share(at_ns) * 100:.2f}%"

    def ticks(self) -> list[int]:
        """List the instants that get a label, in nanoseconds: round ones."""
        step_ns = int(round_up(self.end_ns / NANOS / TICKS_MAX, _ROUND_STEPS) * NANOS)
        return list(range(0, self.end_ns + 1, max(1, step_ns)))


def axis_of(result: RunResult) -> Axis:
    """Return the axis of a result. Spec: SCN-30."""
    end_ns = max(1, result.ended_at_ns, result.heals_at_ns, *result.sampled_ns)
    return Axis(end_ns, result.heals_at_ns, result.converged_at_ns)


def round_up(value: float, steps: Sequence[float] = _STEPS) -> float:
    """Return the least round number that is not below a value: a step times a power of ten."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 < value:
        power *= 10
    return next((step * power for step in steps if step * power >= value), 10 * power)


def thin(times: Sequence[int], values: Sequence[float]) -> list[tuple[int, float]]:
    """Keep so many points as a plot can show, the greatest of each bin. Spec: SCN-30."""
    points = list(zip(times, values, strict=False))
    bins = -(-len(points) // POINTS_MAX) or 1
    return [
        (points[start][0], max(value for _, value in points[start : start + bins]))
        for start in range(0, len(points), bins)
    ]


def grid(axis: Axis, height: float) -> Markup:
    """Draw the lines behind a plot: time's ticks, the heal, the moment of convergence."""
    lines = [_upright(axis.x(at_ns), height, "tick") for at_ns in axis.ticks()[1:]]
    lines += [tag("line", x1=0, x2=WIDTH, y1=y, y2=y, class_="tick") for y in (0.5, height / 2)]
    lines.append(tag("line", x1=0, x2=WIDTH, y1=height, y2=height, class_="base"))
    lines.append(_upright(axis.x(axis.heals_at_ns), height, "heal"))
    if axis.converged_at_ns is not None:
        lines.append(_upright(axis.x(axis.converged_at_ns), height, "equal"))
    return tag("g", *lines, class_="grid")


def _upright(x: float, height: float, kind: str) -> Markup:
    return tag("line", x1=x, x2=x, y1=0, y2=height, class_=kind)


def time_row(axis: Axis) -> Markup:
    """Write the labels of the axis. Spec: SCN-30."""
    labels = [
        tag("span", f"{number(at_ns / NANOS, 3)}", style=f"left:{axis.percent(at_ns)}")
        for at_ns in axis.ticks()
    ]
    return tag("div", *labels, tag("i", "virtual time, s"), class_="times", aria_hidden="true")


def marks_row(axis: Axis) -> Markup:
    """Name the heal and the moment of convergence, above the plots. Spec: SCN-30."""
    marks = [_mark(axis, axis.heals_at_ns, "heal", "heal")]
    if axis.converged_at_ns is not None:
        marks.append(_mark(axis, axis.converged_at_ns, "equal", "converged"))
    return tag("div", *marks, class_="marks")


def _mark(axis: Axis, at_ns: int, kind: str, words: str) -> Markup:
    side = " before" if kind == "heal" or axis.share(at_ns) > 0.8 else ""
    return tag(
        "span",
        join(words, " ", tag("b", seconds(at_ns))),
        class_=f"mark {kind}{side}",
        style=f"left:{axis.percent(at_ns)}",
    )
