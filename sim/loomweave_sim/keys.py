"""Keys of a scenario file as paths, and values put over it from outside. Spec: SCN-10, SCN-12."""

import re
import tomllib
from decimal import Decimal
from typing import Final, TypeAlias

from loomweave.core.errors import UsageError

Steps: TypeAlias = tuple[str | int, ...]
"""A key taken apart: names of tables, places in lists."""

_STEP: Final = re.compile(r"([A-Za-z0-9_-]+)|\[(\d+)\]|\.")


class ScenarioError(UsageError):
    """A scenario file that cannot be run. Spec: SCN-10.

    `file` names it (or says `--set`), `key` the place in it (`fault[2].until`), `reason` says what
    is wrong and what to write.
    """

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__("SCN-10", f"{file}, {key}" if key else file, reason)
        self.file = file
        self.key = key


def value_at(document: object, steps: Steps) -> object:
    """Look up what stands at a place of a document; None where nothing does. Spec: SCN-12."""
    for step in steps:
        if isinstance(document, dict) and isinstance(step, str):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int):
            document = document[step]
    return document


def override(document: dict[str, object], setting: str) -> Steps:
    """Put one `key=value` into the document; return the key's path. Spec: SCN-12."""
    key, sign, text = setting.partition("=")
    steps = steps_of(key.strip())
    if not sign or not steps:
        reason = "write key=value, such as network.loss=0.1 or fault[0].until=20s"
        raise ScenarioError("--set", setting, reason)
    here: object = document
    for depth, step in enumerate(steps[:-1]):
        here = _enter(here, step, written(steps[: depth + 1]))
    last = steps[-1]
    _enter(here, last, written(steps))
    value = _read_value(text.strip())
    # `_enter` has shown that the container and the step fit.
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list):
        here[int(last)] = value
    return steps


def _enter(here: object, step: str | int, key: str) -> object:
    """Go one step into the document, making tables on the way, as TOML itself does."""
    if isinstance(here, dict) and isinstance(step, str):
        return here.setdefault(step, {})
    if isinstance(here, list) and isinstance(step, int):
        if step < len(here):
            return here[step]
        reason = f"there are only {len(here)} entries, counted from 0: choose one of them"
        raise ScenarioError("--set", key, reason)
    reason = "there is nothing of this name inside: name the entries of a list as fault[0]"
    raise ScenarioError("--set", key, reason)


def _read_value(text: str) -> object:
    """Read a value as TOML would, or take it as a text without quotes."""
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def steps_of(key: str) -> Steps:
    """Take a key such as `fault[2].until` apart; empty where it is none. Spec: SCN-12."""
    steps: list[str | int] = []
    position = 0
    while position < len(key):
        found = _STEP.match(key, position)
        if found is None:
            return ()
        if found[1]:
            steps.append(found[1])
        elif found[2]:
            steps.append(int(found[2]))
        position = found.end()
    return tuple(steps)


def written(steps: Steps) -> str:
    """Write steps as the key they make. Spec: SCN-12."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
