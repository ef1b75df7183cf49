"""Reads scenario files and says exactly what is wrong with them. Spec: SCN-10, SCN-12."""

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, get_args, get_origin

import msgspec

from loomweave_sim.faults import Fault, FaultBase
from loomweave_sim.graphfile import DATA, shipped_graphs
from loomweave_sim.keys import ScenarioError, Steps, override, steps_of, value_at, written
from loomweave_sim.quantities import nearest, read_quantity
from loomweave_sim.scenario import Scenario
from loomweave_sim.scenariorules import find_impossible, replicas_needed

SCENARIOS: Final = Path(__file__).parent / "scenarios"
"""Where the scenarios lie that come with the package."""
TEMPLATE: Final = DATA / "new_scenario.toml"
ENDING: Final = ".toml"
GRAPH_ENDINGS: Final = (".csv", ".json", ".graphml")

_MESSAGE: Final = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_TOML_PLACE: Final = re.compile(r"(.*) \((?:at line (\d+), column (\d+)|at end of document)\)")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_WORDS: Final = {
    "`array`": "a list",
    "`object`": "a table",
    "`str`": "a text",
    "`int`": "a whole number",
    "`bool`": "true or false",
}


class ScenarioSource(msgspec.Struct, frozen=True):
    """A scenario together with what it was read from, so that a result can tell. Spec: SCN-1."""

    name: str
    path: Path
    text: str
    overrides: tuple[str, ...]
    scenario: Scenario


def shipped_scenarios() -> list[str]:
    """List the names of the scenarios that come with the package. Spec: SCN-10."""
    return sorted(path.stem for path in SCENARIOS.glob(f"*{ENDING}"))


def find_scenario(name: str) -> Path:
    """Find a scenario by its name or by the path of its file. Spec: SCN-10, SCN-31.

    A name that does not come with the package is looked for in the current folder.
    """
    if name in shipped_scenarios():
        return SCENARIOS / f"{name}{ENDING}"
    if (beside := Path(f"{name}{ENDING}")).is_file():
        return beside
    path = Path(name)
    if path.suffix == ENDING or path.exists():
        return path
    known = nearest(name, shipped_scenarios())
    raise ScenarioError(name, "", f"there is no scenario of this name{known}; or give a .toml file")


def find_graph(name: str, near: Path) -> Path:
    """Find a graph by its name or its path, which starts from the folder `near`. Spec: SCN-10."""
    if name in shipped_graphs():
        return next(
            DATA / f"{name}{end}" for end in GRAPH_ENDINGS if (DATA / f"{name}{end}").exists()
        )
    path = near / name
    if path.suffix or path.exists():
        return path
    known = nearest(name, shipped_graphs())
    raise ScenarioError(name, "", f"there is no graph of this name{known}; or give a graph file")


def load_scenario(path: Path, overrides: Sequence[str] = ()) -> ScenarioSource:
    """Read a scenario file, put the overrides over it, and validate the whole.

    Raises:
        ScenarioError: what cannot be read or run; it names the file and the key.

    Spec: SCN-10, SCN-12.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = f"it cannot be read ({error.strerror}): check the path and its permissions"
        raise ScenarioError(str(path), "", reason) from None
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8: save the file as UTF-8"
        raise ScenarioError(str(path), "", reason) from None
    return read_scenario(path, text, overrides)


def read_scenario(path: Path, text: str, overrides: Sequence[str] = ()) -> ScenarioSource:
    """Do what `load_scenario` does with a text; `path` only names it. Spec: SCN-10, SCN-12."""
    document = _parse(str(path), text)
    changed = [override(document, setting) for setting in overrides]
    reading = _Reading(str(path), document, tuple(changed))
    scenario = reading.convert()
    for key, reason in find_impossible(scenario):
        raise _blamed(reading.error(key, reason), scenario, overrides, changed)
    return ScenarioSource(path.stem, path, text, tuple(overrides), scenario)


_COUNT: Final[Steps] = ("scenario", "replicas")
_BOUNDS: Final[tuple[Steps, ...]] = (("scenario", "duration"), ("workload", "until"))
"""What makes times impossible that stand elsewhere."""


def _blamed(
    error: ScenarioError, scenario: Scenario, overrides: Sequence[str], changed: Sequence[Steps]
) -> ScenarioError:
    """Name the override that makes a key of the file impossible. Spec: SCN-12."""
    given = dict(zip(changed, overrides, strict=True))
    needed, count = replicas_needed(scenario), scenario.scenario.replicas
    if error.file == "--set":
        return error
    if needed > count:
        causes: tuple[Steps, ...] = (_COUNT,)
        reason = f"too few for this scenario: {error.key} and others name replicas that do not "
        reason += f"exist then (they count from 0); it needs {needed}"
    else:
        causes, reason = _BOUNDS, f"this does not fit {error.key} of the file: {error.reason}"
    for cause in causes:
        if cause in given:
            return ScenarioError(f"--set {given[cause]}", "", reason)
    return error


def new_scenario(name: str) -> str:
    """Write the text of a new scenario, with every section explained. Spec: SCN-10."""
    if not _NAME.fullmatch(name):
        reason = "a scenario's name has small letters, digits, - and _, such as slow-links"
        raise ScenarioError(name, "", reason)
    if name in shipped_scenarios():
        reason = "a scenario of this name comes with the package: choose another name"
        raise ScenarioError(name, "", reason)
    return TEMPLATE.read_text(encoding="utf-8").replace("NAME", name)


def _parse(file: str, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        message = found[1] if found else str(error)
        place = f"line {found[2]}, column {found[3]}" if found and found[2] else "its end"
        raise ScenarioError(file, place, f"not TOML ({message}): correct it there") from None


class _Reading:
    """One document on its way to being a scenario, and the errors on that way."""

    def __init__(self, file: str, document: dict[str, object], changed: tuple[Steps, ...]) -> None:
        self._file = file
        self._document = document
        self._changed = changed

    def convert(self) -> Scenario:
        try:
            return msgspec.convert(self._document, Scenario, dec_hook=read_quantity)
        except msgspec.ValidationError as error:
            found = _MESSAGE.fullmatch(str(error))
            assert found is not None
            raise self._translated(found[1], steps_of(found[2] or "")) from None

    def error(self, key: str, reason: str) -> ScenarioError:
        steps = steps_of(key)
        is_changed = any(
            path[: len(steps)] == steps or steps[: len(path)] == path for path in self._changed
        )
        return ScenarioError("--set" if is_changed else self._file, key, reason)

    def _translated(self, message: str, steps: Steps) -> ScenarioError:
        if unknown := _UNKNOWN.fullmatch(message):
            known = known_keys(self._document, steps)
            key = written((*steps, unknown[1]))
            return self.error(key, f"there is no such key here{nearest(unknown[1], known)}")
        if missing := _MISSING.fullmatch(message):
            key = written((*steps, missing[1]))
            return self.error(key, "this key must be given: add it")
        found = value_at(self._document, steps)
        if message.startswith("Invalid"):
            known = known_words(self._document, steps)
            return self.error(written(steps), f"{found!r} is none{nearest(str(found), known)}")
        if message.startswith("Expected"):
            reason = f"{_shown(found)} does not fit: write {_plain(message)}"
            return self.error(written(steps), reason)
        return self.error(written(steps), message)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _plain(message: str) -> str:
    wanted = message.removeprefix("Expected ").partition(", got ")[0]
    wanted = " or ".join(part for part in wanted.split(" | ") if part != "null")
    for word, plain in _WORDS.items():
        wanted = wanted.replace(word, plain)
    return wanted


def _type_at(document: object, steps: Steps) -> object:
    """Find the type that the scenario expects at a place; a fault's follows from its kind."""
    kind: object = Scenario
    for depth, step in enumerate(steps):
        if isinstance(step, int):
            kind = get_args(kind)[0]
            if kind == Fault:
                kind = _fault_type(value_at(document, steps[: depth + 1]))
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
            kind = fields.get(str(step), FaultBase)
        while get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
    return kind


def _fault_type(fault: object) -> type[FaultBase]:
    name = fault.get("kind") if isinstance(fault, dict) else None
    kinds: tuple[type[FaultBase], ...] = get_args(Fault)
    for kind in kinds:
        if tag_of(kind) == name:
            return kind
    return FaultBase


def tag_of(kind: type[FaultBase]) -> str:
    """Return the name of a kind of fault, as scenario files write it. Spec: SCN-16."""
    return str(kind.__struct_config__.tag)


def known_keys(document: object, steps: Steps) -> tuple[str, ...]:
    """List the keys that a table may have. Spec: SCN-10."""
    kind = _type_at(document, steps)
    assert isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    tag = ("kind",) if issubclass(kind, FaultBase) else ()
    return (*tag, *(field.encode_name for field in msgspec.structs.fields(kind)))


def known_words(document: object, steps: Steps) -> tuple[str, ...]:
    """List the words that a key may hold. Spec: SCN-10."""
    if steps[-1] == "kind":
        return tuple(tag_of(kind) for kind in get_args(Fault))
    kind = _type_at(document, steps)
    words = get_args(kind) or list(kind)  # type: ignore[call-overload]
    return tuple(str(word) for word in words)
