"""What a user's lattice consists of, read off a class or a function.

    class Tags:
        @staticmethod
        def join(a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
            return a | b

`join` is needed. `bottom`, `le`, `valid`, `samples` and `updates` may be given beside it. A record
class may write `join` as a method, `def join(self, other: "Tags") -> "Tags"`.
"""

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from loomweave_proofs.source import Function

SHAPE: Final = "@staticmethod def join(a: State, b: State) -> State"

PARTS: Final[Mapping[str, int]] = {"bottom": 0, "le": 2, "valid": 1, "samples": 0}
"""What may stand beside `join`, and how many arguments it takes."""


class BadLattice(Exception):
    """Something that cannot be checked; the message says what to do."""


@attrs.frozen(eq=False)
class Subject:
    """A lattice to be checked."""

    name: str
    place: str
    """File and line of its join."""
    state: object
    """Type of its states."""
    join: Function
    owner: object
    bottom: Callable[[], object] | None = None
    le: Function | None = None
    valid: Function | None = None
    samples: Callable[[], object] | None = None
    updates: Sequence[Function] = ()

    @property
    def is_function(self) -> bool:
        """Tell whether a bare function was given."""
        return self.owner is self.join


def read_subject(owner: object) -> Subject:
    """Read a lattice off a class, or off a function that joins. Spec: PRF-10.

    Raises:
        BadLattice: it is none; the message says what is missing.
    """
    if isinstance(owner, types.FunctionType):
        return Subject(owner.__name__, place_of(owner), state_of(owner, None), owner, owner)
    if not isinstance(owner, type):
        raise BadLattice(
            f"{owner!r} is neither a class nor a function; name a class with `{SHAPE}`"
        )
    join = part_of(owner, "join", 2)
    if join is None:
        raise BadLattice(f"{owner.__name__} has no join; write `{SHAPE}` in it")
    given = {name: part_of(owner, name, count) for name, count in PARTS.items()}
    return Subject(
        owner.__name__,
        place_of(join),
        state_of(join, owner),
        join,
        owner,
        given["bottom"],
        given["le"],
        given["valid"],
        given["samples"],
        updates_of(owner),
    )


def part_of(owner: type, name: str, count: int) -> Function | None:
    """Return a part of a lattice as a plain function; None where there is no such part."""
    found = inspect.getattr_static(owner, name, None)
    if found is None:
        return None
    if isinstance(found, staticmethod):
        found = found.__func__
    where = f"{owner.__name__}.{name}"
    if not isinstance(found, types.FunctionType):
        raise BadLattice(
            f"{where} is a {type(found).__name__}; write it as a static method of {count} arguments"
        )
    taken = len(inspect.signature(found).parameters)
    if taken != count:
        raise BadLattice(f"{where} takes {taken} arguments; it must take {count}")
    return found


def updates_of(owner: type) -> list[Function]:
    """Return the functions that change a state; `updates` lists them or their names."""
    found: list[Function] = []
    listed = getattr(owner, "updates", ())
    if isinstance(listed, str) or not isinstance(listed, tuple | list):
        raise BadLattice(f"{owner.__name__}.updates must be a tuple of functions or their names")
    for item in listed:
        function = getattr(owner, item, None) if isinstance(item, str) else item
        if isinstance(function, staticmethod):
            function = function.__func__
        if not isinstance(function, types.FunctionType):
            raise BadLattice(f"{owner.__name__}.updates names {item!r}, which is no function of it")
        found.append(function)
    return found


def state_of(join: Function, owner: type | None) -> object:
    """Return the type of the states, which the join's arguments have."""
    names = list(inspect.signature(join).parameters)
    if len(names) != 2:
        raise BadLattice(f"{join.__qualname__} takes {len(names)} arguments; a join takes two")
    hints = hints_of(join, owner)
    for name in names:
        if name not in hints:
            raise BadLattice(
                f"{join.__qualname__} has no type for {name}; write one, for it says which states "
                "to try"
            )
    if hints[names[0]] != hints[names[1]]:
        raise BadLattice(f"{join.__qualname__} joins two types; a lattice has one type of states")
    return hints[names[0]]


def hints_of(function: Function, owner: type | None) -> dict[str, object]:
    """Return the types of a function; the `self` of a method is of its class."""
    local = {} if owner is None else {owner.__name__: owner}
    try:
        hints = dict(typing.get_type_hints(function, localns=local))
    except Exception as error:  # an annotation is any expression
        raise BadLattice(f"the types of {function.__qualname__} cannot be read: {error}") from None
    first = next(iter(inspect.signature(function).parameters), None)
    if first == "self" and owner is not None:
        hints.setdefault(first, owner)
    return hints


def place_of(function: Function) -> str:
    """Return file and line of a function."""
    code = function.__code__
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}"
