"""The command line of a node: what it says to those who err. Spec: STO-6, STO-18, WIR-16."""

import json
import re
from pathlib import Path

import pytest

from loomweave.cli import COMMANDS, main
from loomweave.storage.journal import FileStore
from tests.drivers.processes import NodeProcess, free_port


def test_version_names_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.match(r"loomweave-graph [\d(]", capsys.readouterr().out)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "required: COMMAND"),
        (["node"], "--data"),
        (["node", "--data", "d", "--listen", "7001"], "'7001' is not HOST:PORT"),
        (["node", "--data", "d", "--listen", "localhost:x"], "is not HOST:PORT"),
        (["node", "--data", "d", "--listen", "localhost:99999"], "is not HOST:PORT"),
        (["node", "--data", "d", "--peer", "localhost:7002"], "is no address such as ws://"),
        (["node", "--data", "d", "--peer", "http://h:1"], "is no address such as ws://"),
        (["node", "--data", "d", "--name", ""], "a name may not be empty"),
        (["put", "ada", "born"], "'born' is not NAME=VALUE"),
        (["status", "--node", "nowhere"], "is no address such as ws://"),
    ],
)
def test_bad_words_are_named(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--node", f"ws://127.0.0.1:{free_port()}"]) == 2
    assert "no node answers at ws://127.0.0.1" in capsys.readouterr().err


def test_folder_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = FileStore(tmp_path)
    assert main(["node", "--data", str(tmp_path), "--listen", "127.0.0.1:0"]) == 2
    assert "is in use by another process" in capsys.readouterr().err
    store.close()


@pytest.mark.slow
def test_a_node_is_used_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = NodeProcess(tmp_path / "n", free_port())
    node.start()
    try:
        node.client().close()
        at = ["--node", node.url]
        assert main(["put", "ada", "born=1815", "name=Ada", "--label", "Poet", *at]) == 0
        assert main(["put", "charles", *at]) == 0
        assert main(["link", "ada", "charles", "--type", "knows", "--id", "met", *at]) == 0
        assert capsys.readouterr().out.split() == ["ada", "charles", "met"]
        assert main(["get", "ada", *at]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert (shown["properties"], shown["labels"]) == ({"born": 1815, "name": "Ada"}, ["Poet"])
        assert main(["delete", "met", "--edge", *at]) == 0
        assert main(["get", "met", "--edge", *at]) == 1
        assert main(["link", "ada", "nobody", *at]) == 2
        assert "[GRF-7]" in capsys.readouterr().err
        other = ["--listen", node.url.removeprefix("ws://")]
        assert main(["node", "--data", str(tmp_path / "m"), *other]) == 2
        assert "choose another address with --listen" in capsys.readouterr().err
        assert node.stop() == 0
        assert main(["node", "--data", str(node.folder), "--name", "z", *other]) == 2
        assert "this journal is of replica 'n'" in capsys.readouterr().err
    finally:
        node.end()
    assert re.search(r"n of graph 'default' listens on ws://127\.0\.0\.1:\d+", node.story())
    assert "stopped; everything is on disk" in node.story()
