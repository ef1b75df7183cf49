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


BAD = [
    (b"", "PATH holds no case; name a file"),
    (b"\n \n", "PATH holds no case; name a file"),
    (b'{"machine": 1}\n', "PATH:1: in_state is missing; mend the line"),
    (b"\n{", "PATH:2: not JSON: "),
    (b"\n[]\n", "PATH:2: a line is one JSON object; mend the line"),
    (b'{"\xff"}\n', "PATH:1: byte 3 of the line is not UTF-8; save the file as UTF-8"),
    (None, "PATH: Is a directory; name a file of JSON lines"),
]


@pytest.mark.parametrize(("data", "says"), BAD, ids=lambda given: repr(given)[:20])
def test_bad_input_is_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, says: str
) -> None:
    """What is wrong, where, and what to do; in the voice of every other command."""
    path = tmp_path / "bad.jsonl"
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)
    assert main(["vectors", "check", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("loomweave: " + says.replace("PATH", str(path)))
    assert shown.out == ""


def test_a_missing_file_is_status_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gone.jsonl"
    assert main(["vectors", "check", str(path)]) == 2
    assert f"loomweave: {path}: No such file" in capsys.readouterr().err
