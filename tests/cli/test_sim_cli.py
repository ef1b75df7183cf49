"""The command `loomweave-sim`: what it prints, writes, refuses, and its exit status.

Spec: SCN-31, SCN-32.
"""

import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Final

import msgspec
import pytest

from loomweave_sim import cli
from loomweave_sim.cli import main
from loomweave_sim.result import RunResult, from_json, to_json
from loomweave_sim.scenariofile import shipped_scenarios
from loomweave_sim.telling import PlainProgress
from tests.repo.tree import ROOT

SMALL: Final = """\
[scenario]
about = "Two replicas for two seconds"
duration = "2s"
replicas = 2
graph = "web.csv"

[workload]
every = "100ms"

[checks]
converge_within = "20s"
"""
GRAPH: Final = "source,target,weight\nada,bob,3\nbob,cyd,1\ncyd,dee,2\n"
SECONDS_MAX: Final = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a fresh folder with a small scenario and its graph."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "web.csv").write_text(GRAPH, encoding="utf-8")
    return tmp_path


def stored(folder: Path, name: str = "small") -> Path:
    """Return where a run leaves its result."""
    return folder / "reports" / "scenarios" / name / "result.json"


def rewrite(path: Path, **changes: object) -> None:
    """Change some fields of a stored result."""
    result = msgspec.structs.replace(from_json(path.read_bytes()), **changes)
    path.write_bytes(to_json(result))


def identity(path: Path, **changes: object) -> None:
    """Change some fields of the identity in a stored result."""
    result = from_json(path.read_bytes())
    rewrite(path, identity=msgspec.structs.replace(result.identity, **changes))


# ---- list --------------------------------------------------------------------------------------


def test_list_names_every_scenario_and_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == shipped_scenarios()
    assert all(len(line.split()) > 3 for line in lines)


# ---- run ---------------------------------------------------------------------------------------


def test_run_ends_with_verdicts_figures_and_the_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "small.toml"]) == 0
    said = capsys.readouterr()
    result = from_json(stored(folder).read_bytes())
    for verdict in result.verdicts:
        assert verdict.checker in said.out
        assert verdict.reason in said.out
    assert "Messages sent" in said.out
    assert result.trace_hash in said.out
    page = Path("reports", "scenarios", "small", "index.html")
    assert said.out.rstrip().endswith(f"Page: {page}")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "clients write" in said.err
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "result.json"]


def test_run_takes_seed_nodes_settings_graph_and_folder(folder: Path) -> None:
    (folder / "other.csv").write_text("a,b\nb,c\n", encoding="utf-8")
    words = "run small.toml --seed 9 --nodes 3 --set network.loss=0.1 --graph other.csv --out there"
    assert main(words.split()) == 0
    result = from_json((folder / "there" / "result.json").read_bytes())
    assert result.identity.seed == 9
    assert len(result.hosts) == 3
    assert result.identity.overrides == ("network.loss=0.1", "scenario.replicas=3")
    assert result.identity.graph == "other.csv"
    assert result.identity.path == "small.toml"
    assert result.parameters["loss"] == "10 %"


def test_json_prints_the_result_and_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "small.toml", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)["trace_hash"] == from_json(said.out.encode()).trace_hash
    assert not (folder / "reports").exists()


def test_failed_check_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "small.toml", "--set", 'expect.occurred=["torn-tail"]']) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "torn-tail never happened" in said


def test_shipped_scenario_runs_by_name(folder: Path) -> None:
    assert main(["run", "calm", "--set", "scenario.duration=1s"]) == 0
    result = from_json(stored(folder, "calm").read_bytes())
    assert (result.identity.path, result.identity.graph) == ("calm", "les_miserables")


def test_scenario_of_the_folder_runs_by_name(folder: Path) -> None:
    """A name that does not come with the package is a file of the folder: SCN-31."""
    assert main(["run", "small", "--set", "scenario.duration=1s"]) == 0
    (folder / "calm.toml").write_text("not TOML", encoding="utf-8")
    assert main(["run", "calm", "--set", "scenario.duration=1s"]) == 0
    assert main(["replay", str(stored(folder))]) == 0


def test_large_run_is_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> RunResult:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_execute", stop)
    main(["run", "partition"])
    assert "million messages" not in capsys.readouterr().err
    main(["run", "partition", "--nodes", "50"])
    said = capsys.readouterr().err
    assert "million messages" in said and "network.topology=ring" in said


def test_lines_tell_how_far_a_run_is() -> None:
    """A line for each phase, and one whenever two seconds have passed: SCN-31."""
    stream, times_s = StringIO(), iter([0.0, 1.9, 2.1, 2.2, 5.0])
    progress = PlainProgress(stream, lambda: next(times_s))
    for phase, at_s in (("faults", 0), ("faults", 3), ("faults", 6), ("healing", 10)):
        progress(phase, at_s * 10**9, (10 if phase == "faults" else 30) * 10**9)
    progress("healing", 15 * 10**9, 30 * 10**9)
    lines = stream.getvalue().splitlines()
    assert [line.split("s  ")[1].split(" %")[0].strip() for line in lines] == ["0", "60", "0", "25"]


# ---- bad input ---------------------------------------------------------------------------------

BAD: Final[list[tuple[str, tuple[str, ...]]]] = [
    ("", ("required",)),
    ("fly", ("invalid choice", "fly")),
    ("run", ("SCENARIO",)),
    ("run small.toml --what", ("unrecognized", "--what")),
    ("run calmm", ("calmm", "did you mean 'calm'")),
    ("run gone.toml", ("gone.toml", "cannot be read")),
    ("run small.toml --seed -1", ("--seed", "'-1'", "from 0")),
    ("run small.toml --seed x", ("--seed", "'x'")),
    ("run small.toml --nodes 0", ("--nodes", "from 1")),
    ("run partition --nodes 3", ("--nodes 3: too few for this scenario", "it needs 5")),
    (
        "run partition --set scenario.duration=5s",
        ("--set scenario.duration=5s: this does not fit workload.until",),
    ),
    ("new partition", ("partition", "comes with the package", "another name")),
    ("run small.toml --set network.los=1", ("--set", "network.los", "did you mean 'loss'")),
    ("run small.toml --set network.loss=2", ("--set", "network.loss", "between 0 and 1")),
    ("run small.toml --set loss", ("--set", "key=value")),
    ("run small.toml --graph none.csv", ("none.csv", "cannot be read")),
    ("run small.toml --graph bad.csv", ("bad.csv", "line 2", "weight")),
    ("run small.toml --graph small.toml", ("small.toml", ".toml", "use one of")),
    ("run small.toml --out web.csv", ("web.csv", "--out")),
    ("run broken.toml", ("broken.toml", "line 1")),
    ("run unknown.toml", ("unknown.toml", "scenario.colour", "no such key")),
    ("replay gone.json", ("gone.json", "cannot be read")),
    ("replay web.csv", ("web.csv", "no result")),
    ("replay old.json", ("old.json", "version 0", "run it anew")),
    ("new Not/A/Name", ("Not/A/Name", "small letters")),
    ("new small", ("small.toml", "already")),
]


@pytest.mark.parametrize(("words", "told"), BAD, ids=[words or "nothing" for words, _ in BAD])
def test_bad_input_is_one_sentence_and_status_2(
    words: str, told: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.csv").write_text("source,target,weight\na,b,heavy\n", encoding="utf-8")
    (folder / "broken.toml").write_text("[scenario\n", encoding="utf-8")
    (folder / "unknown.toml").write_text(
        SMALL.replace("replicas = 2", 'colour = "red"'), encoding="utf-8"
    )
    (folder / "old.json").write_text('{"version": 0}', encoding="utf-8")
    assert main(words.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = [line for line in said.err.splitlines() if line.startswith("loomweave-sim")]
    assert len(lines) == 1
    assert "Traceback" not in said.err
    for piece in told:
        assert piece in lines[0]


# ---- replay ------------------------------------------------------------------------------------


def test_replay_gives_the_same_trace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "small.toml", "--seed", "5", "--set", "network.loss=0.2"]) == 0
    (folder / "small.toml").unlink()  # a result carries its scenario
    capsys.readouterr()
    assert main(["replay", str(stored(folder))]) == 0
    assert "The same trace" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"trace_hash": "0" * 64}, "The trace differs"),
        ({"passed": False}, "'passed'"),
        ({"figures": ()}, "'figures'"),
        ({"verdicts": ()}, "'verdicts'"),
    ],
)
def test_replay_of_a_changed_result_fails(
    changes: dict[str, object], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "small.toml"])
    rewrite(stored(folder), **changes)
    capsys.readouterr()
    assert main(["replay", str(stored(folder))]) == 1
    assert told in capsys.readouterr().out


def test_replay_with_another_seed_fails_and_says_what_differs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "small.toml"])
    identity(stored(folder), seed=77)
    rewrite(stored(folder), versions={"loomweave-graph": "0.0.1"})
    capsys.readouterr()
    assert main(["replay", str(stored(folder))]) == 1
    said = capsys.readouterr().out
    assert "The trace differs" in said
    assert "loomweave-graph 0.0.1 then" in said


def test_replay_refuses_another_graph(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "small.toml"])
    (folder / "web.csv").write_text(GRAPH + "dee,eve,1\n", encoding="utf-8")
    assert main(["replay", str(stored(folder))]) == 2
    assert "web.csv: it is not the graph of this run" in capsys.readouterr().err
    (folder / "kept.csv").write_text(GRAPH, encoding="utf-8")
    assert main(["replay", str(stored(folder)), "--graph", "kept.csv"]) == 0


def test_replay_finds_the_graph_beside_the_result_or_asks_for_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "small.toml"])
    (folder / "web.csv").rename(folder / "moved.csv")
    assert main(["replay", str(stored(folder))]) == 2
    assert "web.csv: the graph of this run is not here" in capsys.readouterr().err
    (folder / "moved.csv").rename(stored(folder).with_name("web.csv"))
    assert main(["replay", str(stored(folder))]) == 0


def test_replay_of_a_run_from_code_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "small.toml"])
    identity(stored(folder), text="")
    assert main(["replay", str(stored(folder))]) == 2
    assert "came from code" in capsys.readouterr().err


# ---- new ---------------------------------------------------------------------------------------


def test_new_scenario_runs_as_it_is_and_is_not_overwritten(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "slow-links"]) == 0
    assert "loomweave-sim run slow-links.toml" in capsys.readouterr().out
    text = (folder / "slow-links.toml").read_text(encoding="utf-8")
    assert text.count("#") > 20
    assert main(["new", "slow-links.toml"]) == 2
    assert (folder / "slow-links.toml").read_text(encoding="utf-8") == text
    assert main(["run", "slow-links.toml"]) == 0


# ---- the process -------------------------------------------------------------------------------


def test_interrupt_is_status_130(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the signal was lost")

    monkeypatch.setattr(cli, "_execute", stop)
    assert main(["run", "small.toml"]) == 130
    assert capsys.readouterr().err == "loomweave-sim: interrupted; nothing was written\n"
    assert not (folder / "reports").exists()


def test_runs_from_a_bare_checkout() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "sim"), "list"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "partition" in done.stdout


def test_marks_are_words_where_the_stream_has_no_signs(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "sim"), "run", "small.toml"],
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ok  convergence" in done.stdout


def test_help_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "replay" in capsys.readouterr().out
