"""The persistent map behind every outer table of a state. Spec: MCH-3.

`immutables.Map` is wrapped here so that it can be replaced in one place. Two habits keep it safe:
it is never compared for equality (that scans everything) and never iterated for meaning (its
order follows the process's string hashes); `sorted_keys` and `sorted_items` are the ways out.
"""

from collections.abc import Mapping
from typing import TypeVar

from immutables import Map

V = TypeVar("V")

PMap = Map
"""A persistent map; `update`, `set` and `delete` return a new one that shares what is unchanged."""


def empty() -> Map[str, V]:
    """Return a map that holds nothing."""
    return Map()


def put_all(table: Map[str, V], fresh: Mapping[str, V]) -> Map[str, V]:
    """Return `table` with every entry of `fresh` put into it."""
    return table.update(fresh) if fresh else table


def sorted_keys(table: Map[str, V]) -> list[str]:
    """List the keys in code point order, the one order that every process agrees on."""
    return sorted(table)


def sorted_items(table: Map[str, V]) -> list[tuple[str, V]]:
    """List the entries in code point order of their keys."""
    return [(key, table[key]) for key in sorted(table)]
