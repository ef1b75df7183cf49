"""A graph as a file tells it, before any replica has it. Spec: SCN-5."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from loomweave.core.entities import RESERVED, name_fault
from loomweave.core.errors import UsageError
from loomweave.core.values import INT_MAX, INT_MIN, InvalidValue, Value, normalise

TYPE_UNNAMED: Final = "custom"
"""Type of a node or an edge whose file names none. Spec: SCN-5."""
FILE_BYTES_MAX: Final = 1 << 30
"""Largest graph file: 1 GiB. Spec: SCN-5."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SHOWN_MAX: Final = 60


class GraphFileError(UsageError):
    """A graph file that cannot be read. Spec: SCN-5.

    `file` names it, `place` says where in it (`line 12`, `nodes[3]`) and is empty where the whole
    file is meant; `reason` says what is wrong and what to do.
    """

    def __init__(self, file: str, place: str, reason: str, rule: str = "SCN-5") -> None:
        super().__init__(rule, f"{file}, {place}" if place else file, reason)
        self.file = file
        self.place = place


class SourceNode(msgspec.Struct, frozen=True):
    """A node as a file tells it. Spec: SCN-5."""

    id: str
    type: str = TYPE_UNNAMED
    labels: tuple[str, ...] = ()
    properties: Mapping[str, Value] = {}


class SourceEdge(msgspec.Struct, frozen=True):
    """An edge as a file tells it. Spec: SCN-5.

    `ordinal` counts those of equal source, target and type, from 0, in the order of the file.
    """

    source: str
    target: str
    type: str = TYPE_UNNAMED
    ordinal: int = 0
    weight: int | float | None = None
    directed: bool = True
    properties: Mapping[str, Value] = {}


class SourceGraph(msgspec.Struct, frozen=True):
    """A whole graph: nodes sorted by id, edges by source, target, type, ordinal. Spec: SCN-5."""

    name: str
    content: bytes
    """Hash of the file's bytes; the writer of an import is drawn from it. Spec: SCN-9."""
    nodes: tuple[SourceNode, ...]
    edges: tuple[SourceEdge, ...]


class GraphBuilder:
    """Collects what a reader finds, refusing what no graph can hold. Spec: SCN-5."""

    __slots__ = ("_counts", "_edges", "_nodes", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes: dict[str, SourceNode] = {}
        self._edges: list[SourceEdge] = []
        self._counts: dict[tuple[str, str, str], int] = {}

    def error(self, place: str, reason: str, rule: str = "SCN-5") -> GraphFileError:
        """Return the error that says what is wrong at a place of this file."""
        return GraphFileError(str(self._path), place, reason, rule)

    def has_node(self, id: str) -> bool:
        """Tell whether a node of this id was added."""
        return id in self._nodes

    def add_node(self, node: SourceNode, place: str) -> None:
        """Add a node that the file declares. Spec: SCN-5."""
        if node.id in self._nodes:
            reason = f"node id {shown(node.id)} stands twice: give each node an id of its own"
            raise self.error(place, reason)
        if (fault := name_fault(node.id)) is not None:
            raise self.error(place, f"node id {shown(node.id)} cannot be one: {fault}")
        for label in (node.type, *node.labels):
            self._check_name(label, "a type or label", place)
        self._nodes[node.id] = node

    def mention_node(self, id: str, place: str) -> None:
        """Add a node that the file only mentions, unless it is known. Spec: SCN-5."""
        if id not in self._nodes:
            self.add_node(SourceNode(id), place)

    def add_edge(self, edge: SourceEdge, place: str) -> None:
        """Add an edge between two nodes that were added before. Spec: SCN-5."""
        for id in (edge.source, edge.target):
            if id not in self._nodes:
                reason = f"an edge names node {shown(id)}, which the file does not declare: add it"
                raise self.error(place, reason)
        key = (edge.source, edge.target, edge.type)
        ordinal = self._counts.get(key, 0)
        if not ordinal:
            self._check_name(edge.type, "an edge type", place)
        self._counts[key] = ordinal + 1
        self._edges.append(msgspec.structs.replace(edge, ordinal=ordinal) if ordinal else edge)

    def finish(self, content: bytes) -> SourceGraph:
        """Return the graph, sorted. Spec: SCN-5."""
        if not self._nodes:
            raise self.error("", "the file holds no node: a graph needs one at least")
        nodes = tuple(self._nodes[id] for id in sorted(self._nodes))
        edges = tuple(sorted(self._edges, key=_edge_order))
        return SourceGraph(self._path.stem, content, nodes, edges)

    def value(self, raw: object, name: str, place: str) -> Value:
        """Return a property's value, or say why it cannot be one. Spec: SCN-5."""
        if not name or name.startswith(RESERVED) or name_fault(name) is not None:
            reason = f"{shown(name)} cannot name a property: it is empty, too long or starts with $"
            raise self.error(place, reason)
        try:
            return normalise(raw)
        except InvalidValue as invalid:
            reason = f"property {shown(name)} holds what is no value: {invalid.reason}"
            raise self.error(place, reason) from None

    def weight(self, raw: object, place: str) -> int | float:
        """Return an edge's weight, or say why it cannot be one. Spec: SCN-5."""
        weight = read_number(raw) if isinstance(raw, str) else raw
        if type(weight) is int and INT_MIN <= weight <= INT_MAX:
            return weight
        if type(weight) is float and math.isfinite(weight):
            return weight
        reason = (
            f"weight {shown(raw)} is no finite number that 64 bits can hold: "
            "write one such as 3 or 0.5, or leave it out"
        )
        raise self.error(place, reason)

    def _check_name(self, text: str, what: str, place: str) -> None:
        if (fault := name_fault(text)) is not None:
            raise self.error(place, f"{shown(text)} cannot be {what}: {fault}")


def _edge_order(edge: SourceEdge) -> tuple[str, str, str, int]:
    return edge.source, edge.target, edge.type, edge.ordinal


def read_number(text: str) -> int | float | None:
    """Read a decimal number as people write it, or None; no spaces, no NaN. Spec: SCN-5."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return None


def shown(raw: object) -> str:
    """Show a piece of a file in an error, shortened."""
    text = repr(raw)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
