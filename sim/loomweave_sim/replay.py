"""Runs a stored result again and says what differs. Spec: SCN-32."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from loomweave.core.errors import UsageError
from loomweave_sim.graphfile import SourceGraph, load_graph, shipped_graphs
from loomweave_sim.result import RESULT_VERSION, Figure, RunResult, from_json
from loomweave_sim.scenariofile import ENDING, ScenarioSource, find_graph, read_scenario

UNDETERMINED: Final = frozenset({"identity", "versions", "wall_s", "figures", "version"})
"""Fields of a result that two runs of one identity need not share. Spec: SCN-24, SCN-32."""
BY_THE_CLOCK: Final = frozenset({"times real time", "deliveries a second"})
"""Figures that depend on how long the run took. Spec: SCN-24, SCN-32."""


class _Version(msgspec.Struct, frozen=True):
    """The one field that is read before the form of the others is known."""

    version: int


def read_result(path: Path) -> RunResult:
    """Read a `result.json`.

    Raises:
        UsageError: it cannot be read, is none, or is of another version of the form.

    Spec: SCN-24, SCN-32.
    """
    try:
        data = path.read_bytes()
        form = msgspec.json.decode(data, type=_Version).version
        if form != RESULT_VERSION:
            reason = (
                f"its form has version {form}, this program reads {RESULT_VERSION}: run it anew"
            )
            raise UsageError("SCN-32", str(path), reason)
        return from_json(data)
    except OSError as error:
        reason = f"it cannot be read ({error.strerror}): give the result.json of a run"
        raise UsageError("SCN-32", str(path), reason) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"it is no result ({error}): give the result.json of a run"
        raise UsageError("SCN-32", str(path), reason) from None


def stored_scenario(result: RunResult, path: Path) -> ScenarioSource:
    """Read the scenario that a result carries, with its overrides. Spec: SCN-32."""
    identity = result.identity
    if not identity.text:
        reason = "its scenario came from code, not from a file: replay it where it was made"
        raise UsageError("SCN-32", str(path), reason)
    name = Path(identity.path or identity.scenario).with_suffix(ENDING)
    return read_scenario(name, identity.text, identity.overrides)


def stored_graph(result: RunResult, path: Path, given: str | None) -> SourceGraph:
    """Load the graph of a result and see that it is the same, byte for byte. Spec: SCN-32."""
    identity = result.identity
    name = given or identity.graph
    found = find_graph(name, Path())
    beside = path.parent / name
    if given is None and name not in shipped_graphs() and not found.exists() and beside.exists():
        found = beside
    if given is None and not found.exists():
        reason = "the graph of this run is not here: go where it was run, or name it with --graph"
        raise UsageError("SCN-32", name, reason)
    graph = load_graph(found)
    if graph.content.hex() != identity.graph_hash:
        reason = (
            f"it is not the graph of this run, which had the hash {identity.graph_hash[:16]}…, "
            f"not {graph.content.hex()[:16]}…: give the file as it was with --graph"
        )
        raise UsageError("SCN-32", str(found), reason)
    # A file that was renamed is still the same graph, and is called what it was called.
    return msgspec.structs.replace(graph, name=Path(identity.graph).stem)


def find_differences(stored: RunResult, again: RunResult) -> Iterator[str]:
    """Tell in sentences what a replay does not share with what was stored. Spec: SCN-32."""
    moved = [
        f"{name} {stored.versions.get(name, 'unknown')} then, {version} now"
        for name, version in again.versions.items()
        if stored.versions.get(name) != version
    ]
    if stored.trace_hash != again.trace_hash:
        yield (
            f"The trace differs: {stored.trace_hash[:16]}… was stored, "
            f"{again.trace_hash[:16]}… came out."
        )
        if moved:
            yield f"The stored run was made elsewhere: {'; '.join(moved)}."
        return
    for name in RunResult.__struct_fields__:
        if name not in UNDETERMINED and getattr(stored, name) != getattr(again, name):
            yield f"The trace is the same, but what is stored as {name!r} is not what came out."
    if _determined(stored.figures) != _determined(again.figures):
        yield "The trace is the same, but what is stored as 'figures' is not what came out."


def _determined(figures: tuple[Figure, ...]) -> list[Figure]:
    return [figure for figure in figures if figure.name not in BY_THE_CLOCK]
