"""The reviewed equivalents: mutants that change the text of a function and nothing that it does.

Spec: PRF-8.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

FILE: Final = Path(__file__).with_name("equivalents.toml")

Key = tuple[str, int, str, str]
"""What names a mutant: function, line, the lines before and after."""


@attrs.frozen
class Equivalent:
    """One entry of the file: a mutant, and why it is no mistake."""

    function: str
    line: int
    before: str
    after: str
    why: str

    @property
    def key(self) -> Key:
        """Return what names the mutant."""
        return self.function, self.line, self.before, self.after


class ReviewError(Exception):
    """An entry that cannot be used; the message says which and why."""


def load(path: Path = FILE) -> Mapping[Key, Equivalent]:
    """Read the entries; each must be whole, give a reason and stand there once."""
    found: dict[Key, Equivalent] = {}
    for place, raw in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"], 1):
        try:
            entry = Equivalent(**raw)
        except TypeError as error:
            raise ReviewError(f"{path.name}: entry {place}: {error}") from None
        if len(entry.why.split()) < 4:
            raise ReviewError(f"{path.name}: entry {place}: say why it is equivalent")
        if entry.key in found:
            raise ReviewError(f"{path.name}: entry {place} stands there twice")
        found[entry.key] = entry
    return found


def faults_of(
    reviewed: Mapping[Key, Equivalent],
    existing: Sequence[Key],
    equivalent: Sequence[Key],
    refuted: Mapping[Key, str],
) -> list[str]:
    """Compare the entries with what is found.

    `existing` are all mutants of the functions that were looked at, `equivalent` those that the
    solver proves equal, `refuted` those that are something else, with what showed it.
    """
    looked_at = {key[0] for key in existing}
    known = set(existing)
    found = [
        f"{key[0]}+{key[1]}: an entry for a mutant that is no more: {key[2]}  ->  {key[3]}"
        for key in reviewed
        if key[0] in looked_at and key not in known
    ]
    found += [
        f"{key[0]}+{key[1]}: reviewed as equivalent, but {refuted[key]}"
        for key in reviewed
        if key in refuted
    ]
    found += [
        f"{key[0]}+{key[1]}: equivalent and not reviewed; add it to {FILE.name}: "
        f"{key[2]}  ->  {key[3]}"
        for key in equivalent
        if key not in reviewed
    ]
    return found
