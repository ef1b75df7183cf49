"""The order that a type has by itself, for lattices that declare none.

Every commutative, associative and idempotent join is a join by its own order, `join(a, b) == b`,
also one that keeps what two replicas have in common and drops the rest. To catch that, the result
must be above both sides by an order that does not come from the join itself.
"""

import collections.abc
import itertools
import types
import typing

from loomweave_proofs.records import is_ordered, record_fields
from loomweave_proofs.sorts import strip_hint


def natural(hint: object, a: str = "a", b: str = "b") -> tuple[str, str] | None:
    """Return the order of a type: an expression over two others, and what it is in words.

    Whether later or greater texts, bytes and unordered records are more, nobody can guess; they
    have no order of their own here. Spec: PRF-12.
    """
    return _order(strip_hint(hint), a, b, itertools.count())


def _order(hint: object, a: str, b: str, numbers: "itertools.count[int]") -> tuple[str, str] | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (frozenset, set, collections.abc.Set) or hint in (frozenset, set):
        return f"{a} <= {b}", "inclusion of sets"
    if hint in (int, float):
        return f"{a} <= {b}", "the order of numbers"
    if hint is bool:
        return f"(not {a} or {b})", "no before yes"
    if origin in (dict, collections.abc.Mapping):
        key = f"k{next(numbers)}"
        found = _order(strip_hint(arguments[1]), f"{a}[{key}]", f"{b}[{key}]", numbers)
        if found is None:
            return f"all({key} in {b} for {key} in {a})", "inclusion of the keys of maps"
        return f"all({key} in {b} and {found[0]} for {key} in {a})", f"per key, {found[1]}"
    if origin in (typing.Union, types.UnionType) and type(None) in arguments:
        rest = [strip_hint(item) for item in arguments if item is not type(None)]
        found = _order(rest[0], a, b, numbers) if len(rest) == 1 else None
        if found is None:
            return f"({a} is None or {b} is not None)", "nothing before something"
        return (
            f"({a} is None or ({b} is not None and {found[0]}))",
            f"nothing before something, then {found[1]}",
        )
    if isinstance(hint, type) and record_fields(hint) is not None and is_ordered(hint):
        return f"{a} <= {b}", f"the order of {hint.__name__}"
    return None
