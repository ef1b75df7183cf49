"""The timeline of faults: one row for each, and bands behind the charts. Spec: SCN-30."""

from collections.abc import Sequence
from typing import Final

from loomweave_sim.report.axis import Axis
from loomweave_sim.report.markup import Attribute, Markup, join, tag
from loomweave_sim.report.words import named, seconds, titled
from loomweave_sim.result import FaultSpan, RunResult

FAMILIES: Final = {"partition": "cut", "cut": "cut", "degrade": "link", "crash": "crash"}
"""Which colour a kind of fault has; all others are faults of clocks. Spec: SCN-30."""
ROWS_MAX: Final = 60
"""Most faults that get a row. Spec: SCN-30."""
_FOOT: Final = 3.0
_RIGHT: Final = 0.5  # behind this share of the axis, words stand before a row's bar


def family(fault: FaultSpan) -> str:
    """Return the colour class of a fault."""
    return FAMILIES.get(fault.kind, "clock")


def bands(result: RunResult, axis: Axis, height: float, replica: int | None) -> Markup:
    """Shade in a plot the times of faults: those of one replica, or all. Spec: SCN-30.

    A wrong clock shades only the foot of its own replica's plot, for it is often wrong always.
    """
    rectangles = []
    for fault in result.faults[:ROWS_MAX]:
        kind = family(fault)
        if replica is None and kind == "clock":
            continue
        if replica is not None and fault.replicas and replica not in fault.replicas:
            continue
        top = height - _FOOT if kind == "clock" else 0.0
        left, right = axis.x(fault.start_ns), axis.x(fault.end_ns)
        wide = max(1.0, round(right - left, 1))
        shape: dict[str, Attribute] = {"x": left, "width": wide, "y": top, "height": height - top}
        rectangles.append(tag("rect", class_=kind, **shape))
    return tag("g", *rectangles, class_="bands")


def fault_rows(faults: Sequence[FaultSpan], axis: Axis) -> Markup:
    """Draw a row for each fault, on the axis of the charts. Spec: SCN-30."""
    if not faults:
        return tag("p", "No faults: every link, clock and process behaved.", class_="note")
    rows = [_row(fault, axis) for fault in faults[:ROWS_MAX]]
    left_out = len(faults) - len(rows)
    note = tag("p", f"{left_out} more faults are not shown.", class_="note") if left_out else None
    return join(tag("ol", *rows, class_="faults"), note)


def _row(fault: FaultSpan, axis: Axis) -> Markup:
    start, end = axis.percent(fault.start_ns), axis.percent(fault.end_ns)
    width = f"max(3px, {(axis.share(fault.end_ns) - axis.share(fault.start_ns)) * 100:.2f}%)"
    span = f"{seconds(fault.start_ns)} to {seconds(fault.end_ns)}"
    words = tag(
        "span",
        tag("b", titled(fault.kind)),
        f" {_where(fault)}",
        tag("small", span),
        class_="words",
    )
    is_late = axis.share(fault.start_ns) > _RIGHT
    place = f"right:calc(100% - {end})" if is_late else f"left:{start}"
    bar = tag("i", class_=f"bar {family(fault)}", style=f"left:{start};width:{width}")
    label = tag("span", words, class_="held", style=place)
    return tag("li", bar, label, class_="late" if is_late else None)


def _where(fault: FaultSpan) -> str:
    if fault.words:
        return fault.words
    return ", ".join(named(replica) for replica in fault.replicas) or "all replicas"
