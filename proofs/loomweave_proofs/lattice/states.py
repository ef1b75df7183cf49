"""States to try: strategies made from types, and a few small ones."""

import collections.abc
import enum
import types
import typing
from collections.abc import Mapping
from itertools import combinations, product
from typing import Any, TypeAlias

import immutables
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from loomweave_proofs.lattice.subject import BadLattice, Subject
from loomweave_proofs.records import record_fields
from loomweave_proofs.sorts import strip_hint, type_name

Strategy: TypeAlias = st.SearchStrategy[Any]
QUIET = tuple(HealthCheck)

TEXTS = st.one_of(st.sampled_from(["", "a", "b"]), st.text(max_size=3))
NUMBERS = st.one_of(st.integers(0, 3), st.integers(-100, 100), st.integers())


def strategy_of(subject: Subject) -> Strategy:
    """Return the strategy for the states of a lattice: its own, or one made from the type."""
    made: object = from_type(subject.state)
    if subject.samples is not None:
        made = subject.samples()
        if not isinstance(made, st.SearchStrategy):
            raise BadLattice(
                f"{subject.name}.samples returned a {type(made).__name__}; return a strategy of "
                "Hypothesis"
            )
    assert isinstance(made, st.SearchStrategy)
    return made if subject.valid is None else made.filter(subject.valid)


def from_type(hint: object) -> Strategy:
    """Make a strategy from a type: small members first, so that ties and overlaps are met."""
    plain = strip_hint(hint)
    if plain in SIMPLE:
        return SIMPLE[plain]
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(from_type(item) for item in sorted(arguments, key=_none_first)))
    if origin in (frozenset, set, collections.abc.Set):
        found = st.frozensets(from_type(arguments[0]), max_size=4)
        return found.map(set) if origin is set else found
    if origin in (dict, immutables.Map, collections.abc.Mapping):
        table = st.dictionaries(from_type(arguments[0]), from_type(arguments[1]), max_size=3)
        return table.map(immutables.Map) if origin is immutables.Map else table
    if origin is tuple and arguments and arguments[-1] is not ...:
        return st.tuples(*map(from_type, arguments))
    if origin in (tuple, list, collections.abc.Sequence):
        items = st.lists(from_type(arguments[0]), max_size=4)
        return items if origin is list else items.map(tuple)
    if isinstance(plain, type):
        return from_class(plain)
    return resolved(plain)


def from_class(cls: type) -> Strategy:
    """Make a strategy from a class: an enumeration, a record, or one that Hypothesis knows."""
    if issubclass(cls, enum.Enum):
        return st.sampled_from(list(cls))
    fields = record_fields(cls)
    if fields is None:
        return resolved(cls)
    return st.builds(cls, **{name: from_type(hint) for name, hint in fields.items()})


def resolved(hint: object) -> Strategy:
    """Ask Hypothesis for a strategy."""
    advice = f"no states of {type_name(hint)} can be made up; give `samples`, a static method that "
    if hint in (object, Any):
        raise BadLattice(f"{advice}returns a strategy of Hypothesis, or a type that says more")
    try:
        found: Strategy = st.from_type(hint)  # type: ignore[arg-type]
        found.validate()
    except (HypothesisException, TypeError):
        raise BadLattice(f"{advice}returns a strategy of Hypothesis") from None
    return found


def _none_first(hint: object) -> bool:
    return hint is not type(None)


SIMPLE: Mapping[object, Strategy] = {
    int: NUMBERS,
    bool: st.booleans(),
    str: TEXTS,
    bytes: st.binary(max_size=3),
    float: st.floats(allow_nan=False),
    None: st.none(),
    type(None): st.none(),
}


def draw(strategy: Strategy, count: int) -> list[object]:
    """Draw states, the same ones in each run."""
    found: list[object] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None,
              phases=[Phase.generate], suppress_health_check=QUIET)  # fmt: skip
    @given(strategy)
    def keep(value: object) -> None:
        found.append(value)

    keep()
    return found


def distinct(states: list[object], count: int) -> list[object]:
    """Pick the smallest different states, as far as their writing tells."""
    by_text = {literal(state): state for state in reversed(states)}
    return [by_text[text] for text in sorted(by_text, key=lambda text: (len(text), text))[:count]]


def few(hint: object) -> list[object]:
    """List a few small states of a type: those in which ties, overlaps and gaps are met.

    Nothing where the type is not one of those that are known here.
    """
    plain = strip_hint(hint)
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if plain in FEW:
        return list(FEW[plain])
    if origin in (typing.Union, types.UnionType):
        return [item for argument in sorted(arguments, key=_none_first) for item in few(argument)]
    if origin in (frozenset, set, collections.abc.Set):
        items = few(arguments[0])[:2]
        return [frozenset(part) for count in range(3) for part in combinations(items, count)]
    if origin in (dict, collections.abc.Mapping):
        keys, values = few(arguments[0])[:2], spread(few(arguments[1]), 3)
        found: list[object] = [{}, *({key: value} for key in keys for value in values)]
        return [*found, *(dict.fromkeys(keys, value) for value in values[1:])]
    if origin is tuple and arguments and arguments[-1] is not ...:
        return list(product(*(spread(few(item), 3) for item in arguments)))
    if isinstance(plain, type):
        return few_of_class(plain)
    return []


def few_of_class(cls: type) -> list[object]:
    """List a few members of an enumeration, or records of a few contents."""
    if issubclass(cls, enum.Enum):
        return [*cls][:3]
    fields = record_fields(cls)
    if fields is None:
        return []
    parts = [spread(few(hint), 3) for hint in fields.values()]
    return [cls(**dict(zip(fields, values, strict=True))) for values in product(*parts)]


FEW: Mapping[object, tuple[object, ...]] = {
    int: (0, 1, 2),
    bool: (False, True),
    str: ("a", "b"),
    bytes: (b"a", b"b"),
    float: (0.0, 1.0),
    None: (None,),
    type(None): (None,),
}


def spread(states: list[object], count: int) -> list[object]:
    """Pick so many of a list, from its beginning to its end."""
    if len(states) <= count:
        return states
    return [states[at * (len(states) - 1) // (count - 1)] for at in range(count)]


def literal(value: object) -> str:
    """Write a value as Python that makes it; sets and maps in one order."""
    match value:
        case enum.Enum():
            return f"{type(value).__name__}.{value.name}"
        case frozenset() | set():
            inner = ", ".join(sorted(map(literal, value)))
            if isinstance(value, frozenset):
                return f"frozenset({{{inner}}})" if value else "frozenset()"
            return f"{{{inner}}}" if value else "set()"
        case immutables.Map():
            return f"immutables.Map({literal(dict(value))})"
        case dict():
            pairs = sorted((literal(key), literal(item)) for key, item in value.items())
            return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
    fields = record_fields(type(value))
    if fields is not None:
        shown = ", ".join(f"{name}={literal(getattr(value, name))}" for name in fields)
        return f"{type(value).__name__}({shown})"
    if type(value) is tuple:
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def classes_in(value: object) -> set[type]:
    """List the classes that a literal names."""
    if isinstance(value, enum.Enum):
        return {type(value)}
    if isinstance(value, dict | immutables.Map):
        return set().union(*(classes_in(part) for pair in value.items() for part in pair))
    if isinstance(value, frozenset | set | list) or type(value) is tuple:
        return set().union(*map(classes_in, value))
    if record_fields(type(value)) is not None:
        parts = [getattr(value, name) for name in record_fields(type(value)) or ()]
        return {type(value)}.union(*map(classes_in, parts))
    return set()
