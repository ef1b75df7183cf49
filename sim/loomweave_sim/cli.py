"""The command `loomweave-sim`: list, run, replay, new. Spec: SCN-31, SCN-32.

Exit status: 0 where all checks passed, 1 where one failed, 2 for bad input, 130 when interrupted.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from loomweave.core.errors import UsageError
from loomweave_sim.chance import SEED_MAX
from loomweave_sim.graphfile import SourceGraph, load_graph
from loomweave_sim.keys import ScenarioError
from loomweave_sim.output import write_output
from loomweave_sim.replay import find_differences, read_result, stored_graph, stored_scenario
from loomweave_sim.result import RunResult, to_json
from loomweave_sim.scenario import REPLICAS_MAX
from loomweave_sim.scenariofile import (
    ENDING,
    ScenarioSource,
    find_graph,
    find_scenario,
    load_scenario,
    new_scenario,
    shipped_scenarios,
)
from loomweave_sim.scenariorules import large_run
from loomweave_sim.telling import (
    Silence,
    never_fail_to_write,
    progress_on,
    say_error,
    tell_outcome,
    tell_replay,
    tell_scenarios,
)

PASSED: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
REPORTS: Final = Path("reports", "scenarios")
"""Where pages go unless `--out` says otherwise, from the current folder. Spec: SCN-31."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as all other errors do."""

    def error(self, message: str) -> NoReturn:
        raise UsageError("SCN-31", self.prog, f"{message}; see {self.prog} --help")


def main(argv: list[str] | None = None) -> int:
    """Run the command with these arguments and return its exit status. Spec: SCN-31."""
    never_fail_to_write(sys.stdout, sys.stderr)
    try:
        options = _parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except UsageError as error:
        say_error(str(error))
        return BAD_INPUT
    except KeyboardInterrupt:
        say_error("interrupted; nothing was written")
        return INTERRUPTED
    except SystemExit as done:  # argparse has shown its help
        return int(done.code or 0)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="loomweave-sim",
        description="Run replicas of a graph under faults, and judge them.",
        epilog="Exit status: 0 all checks passed, 1 one failed, 2 bad input.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands.add_parser("run", help="run a scenario, write its page and result.json"))
    listing = commands.add_parser("list", help="list the scenarios that come with the package")
    listing.set_defaults(command=_list)
    again = commands.add_parser("replay", help="run a result.json again; same trace or say why not")
    again.add_argument("result", metavar="RESULT.json", type=Path)
    again.add_argument("--graph", metavar="FILE", help="the graph file, if it has moved")
    again.set_defaults(command=_replay)
    new = commands.add_parser("new", help="write a commented scenario that runs as it is")
    new.add_argument("name", metavar="NAME", help="small letters, digits, - and _")
    new.set_defaults(command=_new)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("scenario", metavar="SCENARIO", help="a name of `list`, or a .toml file")
    run.add_argument("--graph", metavar="FILE", help="CSV edge list, GraphML or JSON node-link")
    run.add_argument("--seed", metavar="N", type=_number("--seed", 0, SEED_MAX))
    run.add_argument("--nodes", metavar="N", type=_number("--nodes", 1, REPLICAS_MAX),
                     help="how many replicas")  # fmt: skip
    run.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="settings",
                     help="put a value over the file's, such as network.loss=0.1")  # fmt: skip
    run.add_argument("--json", action="store_true", help="print result.json and nothing else")
    run.add_argument("--out", metavar="DIR", type=Path,
                     help=f"folder for the page (default: {REPORTS.as_posix()}/NAME)")  # fmt: skip
    run.set_defaults(command=_run)


def _number(option: str, low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            reason = f"{text!r} does not fit: write a whole number from {low} to {high}"
            raise UsageError("SCN-31", option, reason)
        return value

    return read


def _list(options: argparse.Namespace) -> int:
    names = shipped_scenarios()
    rows = [(name, load_scenario(find_scenario(name)).scenario.scenario.about) for name in names]
    tell_scenarios(rows, sys.stdout)
    return PASSED


def _run(options: argparse.Namespace) -> int:
    settings = list(options.settings)
    if options.nodes is not None:
        settings.append(f"scenario.replicas={options.nodes}")
    source = _load(find_scenario(options.scenario), settings, options.nodes)
    graph_path = _graph_path(source, options.graph)
    graph = load_graph(graph_path)
    progress = Silence() if options.json else progress_on(sys.stderr)
    if not options.json and (warning := large_run(source.scenario)):
        say_error(warning)
    result = _execute(source, graph, options.seed, progress)
    result = _identified(result, options.scenario, _graph_name(source, options.graph, graph_path))
    page = None
    if options.out is not None or not options.json:
        page = write_output(result, options.out or REPORTS / source.name)
    if options.json:
        sys.stdout.write(to_json(result).decode())
    else:
        tell_outcome(result, page, sys.stdout)
    return PASSED if result.passed else FAILED


def _load(path: Path, settings: list[str], nodes: int | None) -> ScenarioSource:
    """Load a scenario; an error that is due to `--nodes` names it. Spec: SCN-12."""
    try:
        return load_scenario(path, settings)
    except ScenarioError as error:
        if nodes is not None and error.file == f"--set {settings[-1]}":
            raise ScenarioError(f"--nodes {nodes}", error.key, error.reason) from None
        raise


def _graph_path(source: ScenarioSource, given: str | None) -> Path:
    if given is not None:
        return find_graph(given, Path())
    return find_graph(source.scenario.scenario.graph, source.path.parent)


def _graph_name(source: ScenarioSource, given: str | None, path: Path) -> str:
    """Return what finds the graph again: the name of a shipped one, or a path."""
    name = given or source.scenario.scenario.graph
    return str(path) if Path(name).suffix else name


def _identified(result: RunResult, scenario: str, graph: str) -> RunResult:
    """Put into a result what the user named, so that it can be found again. Spec: SCN-24."""
    identity = msgspec.structs.replace(result.identity, path=scenario, graph=graph)
    return msgspec.structs.replace(result, identity=identity)


def _execute(
    source: ScenarioSource, graph: SourceGraph, seed: int | None, progress: Silence
) -> RunResult:
    try:
        from loomweave_sim.run import run_scenario
    except ModuleNotFoundError as error:
        reason = f"{error.name} is missing: install the extra loomweave-graph[sim]"
        raise UsageError("SCN-31", "the simulator", reason) from None
    with progress:
        return run_scenario(source, graph, seed, progress)


def _replay(options: argparse.Namespace) -> int:
    stored = read_result(options.result)
    source = stored_scenario(stored, options.result)
    graph = stored_graph(stored, options.result, options.graph)
    again = _execute(source, graph, stored.identity.seed, progress_on(sys.stderr))
    tell_outcome(again, None, sys.stdout)
    differences = list(find_differences(stored, again))
    tell_replay(differences, again, sys.stdout)
    return PASSED if again.passed and not differences else FAILED


def _new(options: argparse.Namespace) -> int:
    name = options.name.removesuffix(ENDING)
    text = new_scenario(name)
    path = Path(f"{name}{ENDING}")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        reason = "it is there already and stays as it is: choose another name, or remove it"
        raise UsageError("SCN-31", str(path), reason) from None
    except OSError as error:
        reason = f"it cannot be written ({error.strerror}): go to a folder where you may write"
        raise UsageError("SCN-31", str(path), reason) from None
    print(f"Wrote {path}. Run it with: loomweave-sim run {path}")
    return PASSED
