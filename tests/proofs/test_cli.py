"""The command: exit codes, tables, JSON, the page."""

import json
from pathlib import Path

import pytest

from loomweave_proofs.cli import main


def test_run_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "reports" / "proofs.md"
    assert main(["run", "--only", "CLK-*", "--report", str(target)]) == 0
    shown = capsys.readouterr().out
    assert "CLK-4/stamps-grow" in shown
    assert "0 failed" in shown
    assert "| CLK-4/stamps-grow |" in target.read_text(encoding="utf-8")


def test_part_of_the_ledger_leaves_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--only", "CLK-3"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_run_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--only", "HAM-1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    refuted = [item for item in found["theorems"] if item["found"] == "refuted"]
    assert all(item["counterexample"] for item in refuted)


def test_list_names_theorems(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--only", "HAM-2"]) == 0
    shown = capsys.readouterr().out
    assert "HAM-2/join-is-commutative" in shown
    assert "CLK" not in shown


def test_show_gives_rule_source_and_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "HAM-2/join-is-commutative"]) == 0
    shown = capsys.readouterr().out
    assert "**HAM-2**" in shown
    assert "def element_join(" in shown
    assert "proved" in shown


def test_show_finds_theorems_by_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "CLK-3"]) == 0
    shown = capsys.readouterr().out
    assert "CLK-3/due-stays-due" in shown
    assert "counterexample:" in shown


@pytest.mark.parametrize(
    "arguments", [["run", "--only", "XYZ-*"], ["list", "--only", "XYZ"], ["show", "XYZ-1"]]
)
def test_unknown_names_are_bad_input(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "XYZ" in capsys.readouterr().err


def test_unknown_option_is_bad_input() -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["run", "--quick"])
    assert leaving.value.code == 2
