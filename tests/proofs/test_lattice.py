"""Your own merge: what is proved, tried out, refuted or refused. PRF-10 to PRF-13."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import loomweave_proofs
from loomweave_proofs.cli import main
from loomweave_proofs.examples.average import Average
from loomweave_proofs.examples.counter import Counter
from loomweave_proofs.examples.overlap import Tags as Overlap
from loomweave_proofs.lattice import partition
from loomweave_proofs.lattice.command import check_apart
from loomweave_proofs.lattice.order import natural
from loomweave_proofs.lattice.states import few, from_type, literal
from loomweave_proofs.lattice.subject import BadLattice
from loomweave_proofs.lattice.target import find
from loomweave_proofs.lattice.verdict import Report, as_json, from_json
from loomweave_proofs.lattice.worlds import States, explore
from loomweave_proofs.testing import lattice_laws
from tests.proofs import merges


def statuses(report: Report) -> dict[str, str]:
    """Give what became of each law."""
    return {item.law: item.status.value for item in report.verdicts}


def run_snippet(text: str) -> subprocess.CompletedProcess[str]:
    """Run a snippet in a fresh interpreter."""
    command = [sys.executable, "-c", text]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


# -- the three examples

test_counter = lattice_laws(Counter, proved=True)


def test_right_one_is_proved() -> None:
    report = loomweave_proofs.check(Counter)
    found = statuses(report)
    assert report.passed
    assert found.pop("small worlds") == found.pop("partition") == "tested"
    assert set(found.values()) == {"proved"}
    assert "update increase" in found


def test_mean_is_not_associative() -> None:
    report = loomweave_proofs.check(Average)
    found = statuses(report)
    assert found["commutative"] == found["idempotent"] == "proved"
    assert found["associative"] == "refuted"
    assert found["small worlds"] == found["partition"] == "refuted"
    ended = run_snippet(report.of("associative").snippet)
    assert "AssertionError" in ended.stderr
    assert "join(a, join(b, c)) = " in ended.stdout


def test_meet_has_the_laws_and_loses_data() -> None:
    report = loomweave_proofs.check(Overlap)
    found = statuses(report)
    assert {found[law] for law in ("commutative", "associative", "idempotent")} == {"proved"}
    assert found["upper bound"] == found["update add"] == "refuted"
    assert found["small worlds"] == found["partition"] == "refuted"
    assert "declare `le`" in report.of("upper bound").detail
    assert "AssertionError" in run_snippet(report.of("upper bound").snippet).stderr
    assert "AssertionError" in run_snippet(report.of("small worlds").snippet).stderr


# -- other merges


@pytest.mark.parametrize("lattice", [merges.Latest, merges.Earliest, merges.Nested, merges.Even])
def test_right_merges_are_proved(lattice: type) -> None:
    found = statuses(loomweave_proofs.check(lattice))
    found.pop("small worlds"), found.pop("partition")
    assert set(found.values()) == {"proved"}


def test_unread_merge_is_tried_out() -> None:
    report = loomweave_proofs.check(merges.Loop)
    assert report.passed
    assert set(statuses(report).values()) == {"tested"}
    assert "merges.py:" in report.notes[0]
    assert "the statement For" in report.notes[0]
    assert "because" in report.text()


def test_ties_come_apart() -> None:
    report = loomweave_proofs.check(merges.LatestOrMine)
    found = statuses(report)
    assert found["commutative"] == found["small worlds"] == found["partition"] == "refuted"
    assert found["upper bound"] == "not judged"
    assert "disagree" in report.of("small worlds").detail
    assert "LatestOrMine(stamp=0, value=''" in report.of("commutative").detail


def test_order_of_the_type_may_be_another() -> None:
    report = loomweave_proofs.check(merges.earliest)
    assert statuses(report)["upper bound"] == "refuted"
    assert "the order of numbers" in report.of("upper bound").detail


def test_records_need_a_declared_order() -> None:
    report = loomweave_proofs.check(merges.Tags)
    assert report.passed
    assert statuses(report)["upper bound"] == "not judged"
    assert statuses(report)["update remove"] == "proved"


def test_raising_is_shown_once() -> None:
    report = loomweave_proofs.check(merges.Raises)
    assert "raises KeyError" in report.of("never raises").detail
    assert "KeyError" in run_snippet(report.of("never raises").snippet).stderr
    assert report.of("commutative").snippet == ""


def test_what_is_no_state_is_refuted() -> None:
    found = statuses(loomweave_proofs.check(merges.NoState))
    assert found["idempotent"] == found["small worlds"] == found["partition"] == "refuted"


def test_changed_arguments_are_noticed() -> None:
    report = loomweave_proofs.check(merges.Mutates)
    assert "leaves its arguments alone" in report.of("never raises").detail
    assert "AssertionError" in run_snippet(report.of("never raises").snippet).stderr


def test_own_states_are_used() -> None:
    report = loomweave_proofs.check(merges.Purse)
    assert report.passed
    assert statuses(report)["commutative"] == "tested"
    assert "Money" in report.notes[0]


def test_enumerations_are_written_as_python() -> None:
    report = loomweave_proofs.check(merges.First)
    assert "a=Colour.RED, b=Colour.BLUE" in report.of("commutative").detail
    assert "AssertionError" in run_snippet(report.of("commutative").snippet).stderr


def test_report_survives_the_way_to_another_process() -> None:
    report = loomweave_proofs.check(merges.First)
    assert from_json(json.loads(json.dumps(as_json(report)))) == report


# -- the command


def test_command_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "loomweave_proofs.examples.overlap:Tags", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is False
    assert {item["law"]: item["status"] for item in found["verdicts"]}["upper bound"] == "refuted"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("no_such_module:Name", "there is no module no_such_module"),
        ("tests.proofs.merges", "write module:Name"),
        ("nowhere.py:Name", "there is no file nowhere.py"),
        ("tests.proofs.merges:Nobody", "with a join there are: Latest"),
        ("tests.proofs.merges:NoJoin", "has no join; write"),
        ("tests.proofs.merges:NoTypes", "has no type for a"),
        ("tests.proofs.merges:ForClass", "write it as a static method"),
        ("tests.proofs.merges:Anything", "give `samples`"),
        ("tests.proofs.merges:enum", "neither a class nor a function"),
        ("tests.proofs.merges:Endless", "did not end within 2 s for a="),
    ],
)
def test_bad_input_gets_a_sentence(target: str, sentence: str) -> None:
    with pytest.raises(BadLattice) as caught:
        loomweave_proofs.check(find(target))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_command_survives_what_ends_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "tests.proofs.merges:Shuts"]) == 2
    shown = capsys.readouterr().err
    assert "ended the process" in shown
    assert len(shown.strip().split("\n")) == 1


def test_time_is_limited() -> None:
    with pytest.raises(BadLattice, match="did not end within"):
        check_apart("tests.proofs.merges:Slow", limit_s=1.5)


def test_file_is_checked_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "class Sum:\n    @staticmethod\n    def join(a: int, b: int) -> int:\n"
    text = f"{head}        return a + b\n"
    (tmp_path / "my_sum.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "my_sum.py:Sum"]) == 1
    shown = capsys.readouterr().out
    assert 'runpy.run_path("my_sum.py")' in shown
    assert "idempotent         refuted     a=1" in shown


def test_broken_file_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken_merge.py").write_text("def join(", encoding="utf-8")
    assert main(["check", f"{tmp_path}/broken_merge.py:X"]) == 2
    assert "SyntaxError" in capsys.readouterr().err


# -- its parts


@pytest.mark.parametrize(
    ("hint", "below", "not_below"),
    [
        (frozenset[int], (frozenset({1}), frozenset({1, 2})), (frozenset({3}), frozenset({1}))),
        (dict[str, int], ({"a": 1}, {"a": 2, "b": 0}), ({"a": 3}, {"a": 2})),
        (int | None, (None, 0), (0, None)),
        (bool, (False, True), (True, False)),
    ],
)
def test_orders_of_types(
    hint: object, below: tuple[object, object], not_below: tuple[object, object]
) -> None:
    found = natural(hint)
    assert found is not None
    assert eval(found[0], {"a": below[0], "b": below[1]})
    assert not eval(found[0], {"a": not_below[0], "b": not_below[1]})


@pytest.mark.parametrize("hint", [str, bytes, merges.Tags, tuple[int, str]])
def test_some_types_have_no_order(hint: object) -> None:
    assert natural(hint) is None


def test_small_worlds_are_counted_whole() -> None:
    def union(a: object, b: object) -> object:
        assert isinstance(a, frozenset) and isinstance(b, frozenset)
        return a | b

    found = explore(States(union, lambda a, b: union(a, b) == b), few(frozenset[int]))
    assert found.is_whole
    assert found.begins == 20
    assert found.story is None


def test_network_is_not_kind() -> None:
    def greater(a: object, b: object) -> object:
        assert isinstance(a, int) and isinstance(b, int)
        return max(a, b)

    states = States(greater, lambda a, b: a <= b)  # type: ignore[operator]
    one, two = (partition.run(states, list(range(9)), 1) for _ in range(2))
    assert one == two
    assert not one.wrong
    assert one.agreed_after_ns is not None
    assert min(one.cut, one.lost, one.duplicated, one.reordered) > 10


def test_states_are_written_in_one_way() -> None:
    assert literal({"b": frozenset({2, 1}), "a": frozenset()}) == (
        "{'a': frozenset(), 'b': frozenset({1, 2})}"
    )
    assert literal((1,)) == "(1,)"
    assert literal(merges.Latest(1, "x")) == "Latest(stamp=1, value='x')"


def test_states_of_nested_types_are_made() -> None:
    assert len(few(merges.Tags)) == 9
    from_type(dict[str, tuple[int, ...]]).validate()
