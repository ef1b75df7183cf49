"""The final graph as a picture. Spec: SCN-30."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from loomweave_sim.report.layout import lay_out
from loomweave_sim.report.markup import Attribute, Markup, tag
from loomweave_sim.report.words import counted, number
from loomweave_sim.result import ShownEdge, ShownGraph, ShownNode

NODES_DRAWN_MAX: Final = 250
"""Most nodes of a picture: those with most edges. Spec: SCN-30."""
EDGES_DRAWN_MAX: Final = 1500
"""Most edges of a picture: the heaviest. Spec: SCN-30."""
FIELD: Final = (1000.0, 660.0)
"""Width and height of the picture, in its own units."""
WIDE_FONT: Final = 12.5
NARROW_FONT: Final = 27.0
"""Height of labels where the picture is shown at full width, and where it is shown small."""
LABEL_CHARS_MAX: Final = 22

_LETTER: Final = 0.56  # mean width of a letter, as a share of the font's height
_RADIUS_MIN, _RADIUS_MAX = 4.0, 15.0
_STROKE_MIN, _STROKE_MAX = 0.7, 4.0
_GHOST_RADIUS = 5.5
_HIDDEN_PULL = 0.15


class Disc(NamedTuple):
    """A node as it is drawn."""

    node: ShownNode
    degree: int
    x: float
    y: float
    radius: float


class Box(NamedTuple):
    """The room that a label or a disc takes."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether two boxes overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def draw_graph(graph: ShownGraph) -> Markup:
    """Draw a graph as one SVG element: edges, discs, labels. Spec: SCN-30."""
    nodes, edges = choose_drawn(graph)
    discs = _place(nodes, edges)
    by_id = {disc.node.id: disc for disc in discs}
    heaviest = max((_weight(edge) for edge in edges), default=1.0)
    lines = [_edge(edge, by_id[edge.source], by_id[edge.target], heaviest) for edge in edges]
    by_size = sorted(discs, key=lambda disc: (-disc.degree, disc.node.id))
    told = f"{counted(len(nodes), 'node')} and {counted(len(edges), 'edge')}"
    return tag(
        "svg",
        tag("title", f"The final graph: {told}"),
        tag("defs", _arrow()),
        tag("g", *lines, class_="edges"),
        tag("g", *(_disc(disc) for disc in by_size), class_="nodes"),
        tag("g", *_labels(by_size, WIDE_FONT), class_="labels wide", aria_hidden="true"),
        tag("g", *_labels(by_size, NARROW_FONT), class_="labels narrow", aria_hidden="true"),
        viewBox=f"0 0 {FIELD[0]:g} {FIELD[1]:g}",
        role="img",
        aria_label=f"The final graph, drawn: {told}",
        xmlns="http://www.w3.org/2000/svg",
    )


def choose_drawn(graph: ShownGraph) -> tuple[list[ShownNode], list[ShownEdge]]:
    """Choose what is drawn: nodes with most edges, then the heaviest edges. Spec: SCN-30."""
    degrees: dict[str, int] = {}
    for edge in graph.edges:
        for end in (edge.source, edge.target):
            degrees[end] = degrees.get(end, 0) + 1
    ranked = sorted(graph.nodes, key=lambda node: (-degrees.get(node.id, 0), node.id))
    nodes = ranked[:NODES_DRAWN_MAX]
    known = {node.id for node in nodes}
    absent = {end for edge in graph.edges if edge.hidden for end in (edge.source, edge.target)}
    missing = sorted(absent - {node.id for node in graph.nodes})
    ghosts = missing[: NODES_DRAWN_MAX - len(nodes)]
    nodes += [ShownNode(id, GHOST, id, 0) for id in ghosts]
    known.update(ghosts)
    inside = [edge for edge in graph.edges if edge.source in known and edge.target in known]
    inside.sort(key=lambda edge: (-_weight(edge), edge.source, edge.target, edge.type))
    return sorted(nodes, key=lambda node: node.id), inside[:EDGES_DRAWN_MAX]


GHOST: Final = "\x00deleted"
"""Type of a node that is drawn only because a hidden edge still names it; no file can hold it."""


def _weight(edge: ShownEdge) -> float:
    return abs(float(edge.weight)) if edge.weight is not None else 1.0


def _place(nodes: Sequence[ShownNode], edges: Sequence[ShownEdge]) -> list[Disc]:
    index = {node.id: place for place, node in enumerate(nodes)}
    degrees = [0] * len(nodes)
    for edge in edges:
        if not edge.hidden:
            degrees[index[edge.source]] += 1
            degrees[index[edge.target]] += 1
    most = max(degrees, default=0) or 1
    shrink = 1.0 if len(nodes) <= 120 else 0.7
    span = _RADIUS_MAX - _RADIUS_MIN
    radii = [shrink * (_RADIUS_MIN + span * (degree / most) ** 0.5) for degree in degrees]
    ghosts = [place for place, node in enumerate(nodes) if node.type == GHOST]
    for place in ghosts:
        radii[place] = max(radii[place], _GHOST_RADIUS)
    pairs = [
        (index[edge.source], index[edge.target], _HIDDEN_PULL if edge.hidden else 1.0)
        for edge in edges
    ]
    margin = 26.0  # room at the rim for labels
    inner = (FIELD[0] - 2 * margin, FIELD[1] - 2 * margin)
    places = lay_out(pairs, radii, inner)
    return [
        Disc(node, degree, round(x + margin, 1), round(y + margin, 1), round(radius, 1))
        for node, degree, (x, y), radius in zip(nodes, degrees, places, radii, strict=True)
    ]


def _arrow() -> Markup:
    point = tag("path", d="M0 0L7 3.5L0 7z", class_="arrow")
    shape: dict[str, Attribute] = {
        "viewBox": "0 0 7 7",
        "refX": 6.5,
        "refY": 3.5,
        "markerUnits": "userSpaceOnUse",
    }
    return tag("marker", point, id="to", markerWidth=8, markerHeight=8, orient="auto", **shape)


def _edge(edge: ShownEdge, source: Disc, target: Disc, heaviest: float) -> Markup:
    apart_x, apart_y = target.x - source.x, target.y - source.y
    length = (apart_x * apart_x + apart_y * apart_y) ** 0.5 or 1.0
    back = (target.radius + 1.5) / length if edge.directed else 0.0
    share = (_weight(edge) / heaviest) ** 0.5 if heaviest else 0.0
    weight = "" if edge.weight is None else f", weight {number(edge.weight)}"
    arrow = "→" if edge.directed else "–"
    fate = ", hidden: an end was deleted" if edge.hidden else ""
    return tag(
        "line",
        tag("title", f"{edge.source} {arrow} {edge.target}: {edge.type}{weight}{fate}"),
        x1=source.x,
        y1=source.y,
        x2=round(target.x - apart_x * back, 1),
        y2=round(target.y - apart_y * back, 1),
        stroke_width=round(_STROKE_MIN + (_STROKE_MAX - _STROKE_MIN) * share, 1),
        class_="hidden" if edge.hidden else None,
        marker_end="url(#to)" if edge.directed else None,
    )


def _disc(disc: Disc) -> Markup:
    node = disc.node
    told = f"{_named(node)}: {node.type}, {counted(disc.degree, 'edge')}"
    kind = None
    if node.type == GHOST:
        told, kind = f"{node.id}: deleted, but a hidden edge names it", "ghost"
    elif node.conflicts:
        told += f", {counted(node.conflicts, 'field')} written concurrently"
        kind = "contested once" if node.conflicts == 1 else "contested"
    return tag("circle", tag("title", told), cx=disc.x, cy=disc.y, r=disc.radius, class_=kind)


def _named(node: ShownNode) -> str:
    name = node.label or node.id
    return name if len(name) <= LABEL_CHARS_MAX else f"{name[: LABEL_CHARS_MAX - 1]}…"


def _labels(discs: Sequence[Disc], font: float) -> list[Markup]:
    """Write labels where there is room, the most linked nodes first; the others go without."""
    taken = [_around(disc) for disc in discs]
    labels = []
    for disc in discs:
        name = _named(disc.node)
        for anchor, x, y, box in _spots(disc, len(name) * font * _LETTER, font):
            inside = box.left >= 0 and box.top >= 0 and box.right <= FIELD[0]
            if not inside or box.bottom > FIELD[1]:
                continue
            if any(box.meets(other) for other in taken):
                continue
            taken.append(box)
            place: dict[str, Attribute] = {
                "x": round(x, 1),
                "y": round(y, 1),
                "text_anchor": anchor,
            }
            labels.append(tag("text", name, font_size=font, **place))
            break
    return labels


def _around(disc: Disc) -> Box:
    reach = disc.radius * 0.9
    return Box(disc.x - reach, disc.y - reach, disc.x + reach, disc.y + reach)


def _spots(disc: Disc, width: float, font: float) -> list[tuple[str, float, float, Box]]:
    """List where a label may stand: to the right, to the left, above, below."""
    gap, x, y = disc.radius + 3, disc.x, disc.y
    half, drop = font / 2, font * 0.35  # from the middle of a line to its base
    spots = [
        ("start", x + gap, y + drop, Box(x + gap, y - half, x + gap + width, y + half)),
        ("end", x - gap, y + drop, Box(x - gap - width, y - half, x - gap, y + half)),
    ]
    for middle in (y - gap - half, y + gap + half):
        box = Box(x - width / 2, middle - half, x + width / 2, middle + half)
        spots.append(("middle", x, middle + drop, box))
    return spots
