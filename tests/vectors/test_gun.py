"""The shipped decision against answers of real GUN. Spec: GUN-12, GUN-13."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from loomweave.cli.gunjudge import DEPARTURES, Shipped
from loomweave.cli.vectors import BadFile, check, check_file, report
from loomweave.core.graph import store
from loomweave.core.graph.merge import Part, elements_of
from loomweave.core.graph.store import Absorbed, Gate, Graph
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.persistent import sorted_items
from loomweave.core.values import lexical_text
from loomweave.wire.gun import GunPut

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "gun"
PINNED = {
    "ham.jsonl": (486, {"reply": 2, "state": 17, "range": 10, "skew": 4, "keep-first": 3}),
    "graph.jsonl": (48, {"state": 2, "skew": 2, "malformed": 4}),
    "departures.jsonl": (
        11,
        {"reply": 1, "state": 1, "range": 1, "fine": 4, "skew": 2, "keep-first": 1}
        | {"clock": 1, "malformed": 6},
    ),
}


@pytest.mark.parametrize("name", PINNED)
def test_our_files(name: str) -> None:
    tally = check_file(FOLDER / name)
    assert tally.failures == ()
    assert (tally.passed, dict(tally.departed)) == PINNED[name]


def test_every_row_of_the_table_is_reached() -> None:
    """GUN-12: no departure is listed that no line shows."""
    found: Counter[str] = Counter()
    for name in PINNED:
        found += check_file(FOLDER / name).departed
    assert set(found) == set(DEPARTURES)


def changed(absorbed: Absorbed, graph: Graph) -> Absorbed:
    """Return what was absorbed with another graph afterwards."""
    return Absorbed(graph, absorbed.won, absorbed.before, absorbed.parked, absorbed.refusals, None)


def forced(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Write rows over whatever is held."""
    held = {e: {**graph.held.get(e, {}), **row} for e, row in rows.items()}
    after = Graph(graph.held.update(held), graph.waiting, graph.index, graph.unsummed)
    return Absorbed(after, rows, {}, {}, (), None)


def last_arrival_wins(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Decide by nothing at all."""
    return forced(graph, rows, gate)


def whole_nodes(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Forget the fields of a node that a put does not name."""
    found = store.absorb_rows(graph, rows, gate)
    if not found.won:
        return found
    held = found.graph.held.update(found.won)
    return changed(found, Graph(held, found.graph.waiting, found.graph.index, None))


def ties_by_code_point(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Compare texts as Python does."""
    found = store.absorb_rows(graph, rows, gate)
    wrong: Rows = {}
    for entity, row in rows.items():
        for field, new in row.items():
            old = graph.held.get(entity, {}).get(field)
            if old is None or old.stamp_ns != new.stamp_ns or new.stamp_ns > gate.horizon_ns:
                continue
            is_above = lexical_text(new.value) > lexical_text(old.value)
            if is_above != (field in found.won.get(entity, {})):
                wrong.setdefault(entity, {})[field] = new if is_above else old
    if not wrong:
        return found
    return forced(graph, wrong, gate) if len(wrong) == len(rows) else found


def nothing_waits(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Take the future in at once."""
    return store.absorb_rows(graph, rows, Gate(2**200, 2**200, 0, "", bounded=False))


def nothing_is_too_far(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Let any future wait."""
    return store.absorb_rows(graph, rows, evolve_gate(gate, 2**200))


def a_little_is_too_far(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Refuse a millisecond too much."""
    return store.absorb_rows(graph, rows, evolve_gate(gate, gate.skew_max_ns // 60_000 * 59_999))


def evolve_gate(gate: Gate, skew_max: int) -> Gate:
    """Return a gate with another skew limit."""
    return Gate(gate.horizon_ns, gate.wall_ns, skew_max, gate.peer, gate.bounded)


def equal_wins(graph: Graph, rows: Rows, gate: Gate) -> Absorbed:
    """Skip the tie rule, as GUN does with answers."""
    found = store.absorb_rows(graph, rows, gate)
    due = all(e.stamp_ns <= gate.horizon_ns for row in rows.values() for e in row.values())
    at_tie = all(
        (old := graph.held.get(entity, {}).get(field)) is not None and old.stamp_ns == e.stamp_ns
        for entity, row in rows.items()
        for field, e in row.items()
    )
    return forced(graph, rows, gate) if due and at_tie else found


Broken = Callable[[Graph, Rows, Gate], Absorbed]


def as_parts(rows: Broken) -> Callable[[Graph, tuple[Part, ...], Gate], Absorbed]:
    """Give parts to a broken decision about rows."""

    def parts(graph: Graph, given: tuple[Part, ...], gate: Gate) -> Absorbed:
        return rows(graph, {e: r for part in given for e, r in elements_of(part).items()}, gate)

    return parts


@pytest.mark.parametrize(
    "broken",
    [
        last_arrival_wins,
        whole_nodes,
        ties_by_code_point,
        nothing_waits,
        nothing_is_too_far,
        a_little_is_too_far,
        equal_wins,
    ],
)
def test_broken_decision_is_caught(broken: Broken) -> None:
    """GUN-13: the check fails for a decision that is not ours."""
    shipped = Shipped(rows=broken, parts=as_parts(broken))
    assert sum(len(check_file(FOLDER / name, shipped).failures) for name in PINNED) > 0


def test_unbroken_decision_of_the_same_make_passes() -> None:
    """The detour over rows alone fails nothing."""
    shipped = Shipped(parts=as_parts(store.absorb_rows))
    assert [check_file(FOLDER / name, shipped).failures for name in PINNED] == [()] * len(PINNED)


def test_deferral_that_is_forgotten_is_caught() -> None:
    """GUN-13: what waits must come due."""
    shipped = evolve(Shipped(), settle=lambda graph, horizon: None)
    assert check_file(FOLDER / "departures.jsonl", shipped).failures


def test_reader_that_skips_faults_is_caught() -> None:
    """GUN-13: a reader that takes the good half of a put departs from GUN-7."""

    def lenient(raw: object) -> GunPut:
        return GunPut((), {})

    shipped = evolve(Shipped(), read=lenient)
    assert check_file(FOLDER / "graph.jsonl", shipped).failures


def tampered() -> list[tuple[str, str, object]]:
    """Name lines and what to change in them."""
    return [
        ("ham.jsonl", "decision", "ignore"),
        ("ham.jsonl", "label", "historical"),
        ("ham.jsonl", "after", None),
        ("graph.jsonl", "pending", 7),
        ("graph.jsonl", "graph", {}),
        ("departures.jsonl", "graph", {}),
    ]


@pytest.mark.parametrize(("name", "key", "value"), tampered())
def test_tampered_lines_fail(tmp_path: Path, name: str, key: str, value: object) -> None:
    """GUN-13: each line in which something was changed fails, departed ones too."""
    lines = [json.loads(text) for text in (FOLDER / name).read_bytes().split(b"\n") if text]
    changed = [{**line, key: value} for line in lines if key in line and line[key] != value]
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in changed))
    ignored = sum(key == "label" and line["decision"] != "ignore" for line in changed)
    assert len(check_file(path).failures) == len(changed) - ignored


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "one JSON object"),
        ("{}", "machine is missing"),
        ('{"machine": NaN}', "outside JSON"),
        ('{"machine": 1, "messages": 5, "graph": {}, "errors": [], "pending": 0}', "a list"),
        ('{"machine": "1", "messages": [], "graph": {}, "errors": [], "pending": 0}', "finite"),
        (
            '{"machine": 1, "in_state": 1, "in_value": {"$js": "what"}, "has_current": false,'
            ' "decision": "incoming"}',
            "unknown tag",
        ),
        (
            '{"machine": 1, "in_state": 1, "in_value": 1, "has_current": 1, "decision": "defer"}',
            "has_current",
        ),
    ],
)
def test_bad_line_is_named(
    tmp_path: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """GUN-13: exit status 2, with file, line and reason."""
    path = tmp_path / "bad.jsonl"
    path.write_text((FOLDER / "graph.jsonl").read_text() + text + "\n")
    with pytest.raises(BadFile, match=f":57: .*{reason}"):
        check_file(path)
    assert check([str(path)]) == 2
    assert f"{path}:57: " in capsys.readouterr().err


def test_exit_statuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GUN-13: 0, 1 for a failure, 2 for a file that is not there."""
    good = FOLDER / "graph.jsonl"
    bad = tmp_path / "wrong.jsonl"
    bad.write_text(good.read_text().replace('"pending":0', '"pending":1'))
    assert check([str(good)]) == 0
    assert "48 passed, 8 departed, 0 failed" in capsys.readouterr().out
    assert check([str(good), str(bad)]) == 1
    assert "and " in report(check_file(bad))
    assert check([str(tmp_path / "none.jsonl")]) == 2


def test_one_writer_of_all_that_came() -> None:
    """GUN-8: whatever a put writes has the least dot."""
    put = Shipped().read({"a": {"_": {"#": "a", ">": {"x": 1.0, "y": 2.0}}, "x": 1.0, "y": 1.0}})
    assert isinstance(put, GunPut)
    row = put.rows["graph\0node\0a"]
    assert row == {"x": Element(1_000_000, 1, b"", 0), "y": Element(2_000_000, 1, b"", 0)}
    absorbed = store.absorb_rows(store.empty_graph(), put.rows, Gate(2**60, 2**60, 0, "gun"))
    assert dict(sorted_items(absorbed.graph.held)) == put.rows
