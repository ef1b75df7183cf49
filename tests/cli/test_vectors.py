"""`loomweave vectors check` as a command. Spec: GUN-13."""

from pathlib import Path

import pytest

from loomweave.cli import main

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "gun"


def test_our_files_pass(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(str(path) for path in FOLDER.glob("*.jsonl"))
    assert main(["vectors", "check", *files]) == 0
    shown = capsys.readouterr().out
    assert "ham.jsonl: 522 lines: 486 passed, 36 departed, 0 failed" in shown
    assert "keep-first: a stale or equal write from the future is ignored at once" in shown


def test_a_failure_is_status_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.jsonl"
    text = (FOLDER / "ham.jsonl").read_text()
    path.write_text(text.replace('"decision":"incoming"', '"decision":"ignore"', 1))
    assert main(["vectors", "check", str(path)]) == 1
    assert "1 failed" in capsys.readouterr().out


def test_bad_input_is_status_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"machine": 1}\n')
    assert main(["vectors", "check", str(path)]) == 2
    assert f"{path}:1: in_state is missing" in capsys.readouterr().err
