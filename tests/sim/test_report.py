"""The page of a result: well-formed, complete, harmless, and equal for equal results.

Spec: SCN-30.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from loomweave_sim.report import render_page
from loomweave_sim.report.axis import axis_of, round_up, thin
from loomweave_sim.report.charts import panels_of
from loomweave_sim.report.drawing import (
    EDGES_DRAWN_MAX,
    FIELD,
    NODES_DRAWN_MAX,
    choose_drawn,
    draw_graph,
)
from loomweave_sim.report.layout import lay_out
from loomweave_sim.report.markup import Markup, tag
from loomweave_sim.report.page import HERE
from loomweave_sim.report.words import measured, number, seconds, size
from loomweave_sim.result import RunResult, Series, ShownEdge, ShownGraph, ShownNode, Verdict
from tests.sim.fabricated import SECOND_NS, fabricate

VOID: Final = {"meta", "br"}
SECTIONS: Final = (
    "verdicts",
    "occurred",
    "time",
    "figures",
    "graph",
    "replicas",
    "trace",
    "parameters",
)
HOSTILE: Final = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\x00\ud800"


class Outline(HTMLParser):
    """Checks that elements are nested, and takes note of them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.mistakes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> at {self.getpos()}")


def outline(page: str) -> Outline:
    """Read a page."""
    read = Outline()
    read.feed(page)
    read.close()
    return read


def hostile() -> RunResult:
    """Return a result in which everything that users name is an attack."""
    whole = fabricate()
    bad = HOSTILE
    graph = ShownGraph(
        (ShownNode(bad, bad, bad, 1), ShownNode("b", bad, bad, 0)),
        (ShownEdge(bad, "b", bad, 1, True, False), ShownEdge(bad, f"{bad}2", bad, 1, True, True)),
        2,
        1,
    )
    return fabricate(
        identity=whole.identity.__class__(bad, bad, bad, (bad,), 1, bad, bad),
        about=bad,
        verdicts=(Verdict(bad, False, bad, (bad,)),),
        parameters={bad: bad},
        graph=graph,
        trace_tail=(bad,),
        series=(*whole.series, Series(bad, bad, None, (1,) * 50)),
    )


def test_page_is_well_formed() -> None:
    read = outline(render_page(fabricate()))
    assert read.mistakes == []
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))


def test_svg_is_well_formed_xml() -> None:
    page = render_page(hostile())
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) > 8
    for drawing in drawings:
        ElementTree.fromstring(drawing)


@pytest.mark.parametrize("id", SECTIONS)
def test_each_section_is_there(id: str) -> None:
    assert id in outline(render_page(fabricate())).ids


def test_page_says_what_was_run_and_how_to_repeat_it() -> None:
    page = render_page(fabricate(), "reports/storm")
    for words in (
        "<h1>storm</h1>",
        "Passed",
        "loomweave-sim replay reports/storm/result.json",
        "loomweave-sim run storm --graph web --seed 7 --set network.loss=0.1",
        "All roots were equal.",
        "Bytes sent",
        "123.5\u202fkB",
        "n0 | n1 n2",
        "sends message 9",
        "c0ffee" * 10,
    ):
        assert words in page


def test_failure_is_told_with_its_evidence() -> None:
    failed = Verdict("dangling", False, "An edge hung in the air.", ("edge-9 at n2",))
    page = render_page(fabricate(passed=False, verdicts=(failed,), converged_at_ns=None))
    assert "Failed" in page
    assert "1 of 1 checkers failed: dangling." in page
    assert "An edge hung in the air." in page
    assert "edge-9 at n2" in page
    assert "The replicas never agreed." in page


def test_nothing_that_users_name_becomes_markup() -> None:
    plain = outline(render_page(fabricate()))
    page = render_page(hostile())
    read = outline(page)
    assert read.mistakes == []
    assert read.tags.count("script") == plain.tags.count("script") == 2
    assert "img" not in read.tags
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert "\x00" not in page
    page.encode()  # a lone surrogate would not pass


def test_page_reaches_for_nothing() -> None:
    page = render_page(fabricate())
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}
    read = outline(page)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name in ("src", "href", "srcset")]
    assert "@import" not in page
    assert ("content", "default-src 'none'") in [
        (name, value.partition(";")[0]) for name, value in read.attributes
    ]
    assert not re.search(r"url\((?!#)", page)


def test_equal_results_give_equal_pages() -> None:
    assert render_page(fabricate()) == render_page(fabricate())


def test_script_reads_what_the_panels_show() -> None:
    result = fabricate()
    page = render_page(result)
    found = re.search(r'<script type="application/json" id="samples">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    panels = panels_of(result)
    assert [[name for name, _ in panel] for panel in data["panels"]] == [
        [line.name for line in panel.lines] for panel in panels
    ]
    assert all(len(line) == len(data["times"]) for panel in data["panels"] for _, line in panel)
    assert page.count("data-panel=") == len(panels)


def test_unknown_series_get_a_panel() -> None:
    extra = Series("queue-length", "records", None, (1, 2, 3))
    panels = panels_of(fabricate(series=(extra,), sampled_ns=(0, 1, 2)))
    assert [panel.title for panel in panels] == ["Queue length"]


@pytest.mark.parametrize(
    "changes",
    [
        {"series": (), "sampled_ns": ()},
        {"series": (Series("roots", "", None, ()),), "sampled_ns": ()},
        {"faults": ()},
        {"graph": ShownGraph((), (), 0, 0)},
        {"hosts": (), "figures": (), "verdicts": (), "occurred": (), "trace_tail": ()},
        {"ended_at_ns": 0, "heals_at_ns": 0, "converged_at_ns": None, "sampled_ns": (0,)},
    ],
)
def test_what_is_empty_leaves_the_page_whole(changes: dict[str, object]) -> None:
    read = outline(render_page(fabricate(**changes)))
    assert read.mistakes == []
    assert set(SECTIONS) <= set(read.ids)
    assert "nan" not in render_page(fabricate(**changes)).lower().split()


def test_large_graph_is_capped_and_says_so() -> None:
    count = NODES_DRAWN_MAX + 60
    nodes = tuple(ShownNode(f"v{place:04}", "custom", "", 0) for place in range(count))
    edges = tuple(
        ShownEdge(f"v{place:04}", f"v{place * 7 % count:04}", "t", place, False, False)
        for place in range(count)
    )
    graph = ShownGraph(nodes, edges * 6, 5000, 9000)
    drawn, lines = choose_drawn(graph)
    assert len(drawn) == NODES_DRAWN_MAX
    assert len(lines) <= EDGES_DRAWN_MAX
    page = render_page(fabricate(graph=graph))
    assert f"Drawn: the {NODES_DRAWN_MAX} best linked nodes" in page
    assert page.count("<circle") == NODES_DRAWN_MAX


def test_hidden_edges_bring_their_deleted_ends() -> None:
    drawing = draw_graph(fabricate().graph)
    assert "dee: deleted" in drawing
    assert 'class="hidden"' in drawing


def test_layout_keeps_to_its_field_and_parts_its_discs() -> None:
    radii = [5.0] * 40
    edges = [(place, place * 3 % 40, 1.0) for place in range(40)]
    places = lay_out(edges, radii, (FIELD[0], FIELD[1]))
    assert places == lay_out(edges, radii, (FIELD[0], FIELD[1]))
    assert all(0 <= x <= FIELD[0] and 0 <= y <= FIELD[1] for x, y in places)
    apart = [
        (one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2
        for number, one in enumerate(places)
        for two in places[:number]
    ]
    assert min(apart) > 10.0**2


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_layout_of_few_nodes(count: int) -> None:
    assert len(lay_out([], [4.0] * count, (100.0, 50.0))) == count


def test_axis_ends_with_the_run_and_has_round_ticks() -> None:
    axis = axis_of(fabricate())
    assert axis.end_ns == 50 * SECOND_NS
    assert [tick // SECOND_NS for tick in axis.ticks()] == [0, 10, 20, 30, 40, 50]
    assert axis.percent(25 * SECOND_NS) == "50.00%"


@pytest.mark.parametrize(
    ("value", "rounded"), [(0, 1.0), (0.7, 0.8), (1, 1.0), (9, 10.0), (101, 150.0), (2974, 3000.0)]
)
def test_round_up(value: float, rounded: float) -> None:
    assert round_up(value) == pytest.approx(rounded)


def test_thinning_keeps_every_peak() -> None:
    values = [0] * 5000
    values[4321] = 99
    points = thin(range(5000), values)
    assert len(points) <= 600
    assert max(value for _, value in points) == 99


def test_words_for_numbers() -> None:
    assert number(1234567) == "1\u202f234\u202f567"
    assert number(-2.50) == "\N{MINUS SIGN}2.5"
    assert size(999) == "999\u202fB"
    assert size(1_500_000) == "1.5\u202fMB"
    assert measured(3, "s") == "3\u202fs"
    assert seconds(1_500_000_000) == "1.5\u202fs"


def test_tag_escapes_all_but_markup() -> None:
    assert tag("b", "<i>", Markup("<br>"), title='"&') == (
        '<b title="&quot;&amp;">&lt;i&gt;<br></b>'
    )
    assert tag("option", selected=True, disabled=False, class_=None) == "<option selected></option>"


def test_style_and_script_ship_with_the_package() -> None:
    assert {path.name for path in Path(HERE).iterdir()} >= {"page.css", "page.js"}
