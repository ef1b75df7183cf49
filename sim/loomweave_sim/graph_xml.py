"""Reads GraphML. No document type is accepted, so no entity is ever expanded. Spec: SCN-7."""

import re
from pathlib import Path
from typing import Final, Never
from xml.parsers import expat

import msgspec

from loomweave.core.values import Value
from loomweave_sim.sourcegraph import (
    TYPE_UNNAMED,
    GraphBuilder,
    GraphFileError,
    SourceEdge,
    SourceNode,
    read_number,
    shown,
)

REFUSED: Final = {
    "hyperedge": "an edge between more than two nodes has no place here: split it into edges",
    "endpoint": "an endpoint belongs to a hyperedge, which has no place here",
}
FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_LABEL_BREAK: Final = re.compile(r"[:;,\s]+")


class Key(msgspec.Struct):
    """A declared attribute of nodes or edges; one without a name is passed over. Spec: SCN-7."""

    name: str | None
    type: str
    where: str
    default: str | None = None


class Open(msgspec.Struct):
    """A node or an edge whose end has not been read. Spec: SCN-7."""

    attributes: dict[str, str]
    line: int
    data: dict[str, str]


class _Reader:
    """Turns the parser's calls into nodes and edges."""

    def __init__(self, path: Path) -> None:
        self.builder = GraphBuilder(path)
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.buffer_text = True
        self.keys: dict[str, Key] = {}
        self.edges: list[tuple[Open, bool]] = []
        self.is_directed = True
        self.graphs = 0
        self.open: Open | None = None
        self.key: Key | None = None
        self.wanted: str | None = None
        self.pieces: list[str] = []
        self.depth = 0

    def fail(self, reason: str, line: int | None = None) -> Never:
        number = self.parser.CurrentLineNumber if line is None else line
        raise self.builder.error(f"line {number}", reason, "SCN-7")

    def refuse_doctype(self, *_: object) -> None:
        self.fail("a document type (<!DOCTYPE …>) is not accepted: remove it")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.depth += 1
        if self.depth == 1 and name != "graphml":
            self.fail(f"the outermost element is <{name}>: a GraphML file begins with <graphml>")
        if name in REFUSED:
            self.fail(REFUSED[name])
        if name == "graph":
            self.begin_graph(attributes)
        elif name in ("node", "edge"):
            if self.open is not None:
                self.fail(f"<{name}> stands inside another node or edge: close that one first")
            self.open = Open(attributes, self.parser.CurrentLineNumber, {})
        elif name == "key":
            self.declare(attributes)
        elif name in ("data", "default"):
            self.wanted = self.asked(attributes) if name == "data" else "default"
            self.pieces = []

    def begin_graph(self, attributes: dict[str, str]) -> None:
        self.graphs += 1
        if self.graphs > 1:
            self.fail("there is a second <graph>, or one inside a node: keep one graph a file")
        direction = attributes.get("edgedefault", "directed")
        if direction not in ("directed", "undirected"):
            self.fail(f"edgedefault is {shown(direction)}: write directed or undirected")
        self.is_directed = direction == "directed"

    def declare(self, attributes: dict[str, str]) -> None:
        if "id" not in attributes:
            self.fail("a <key> has no id: give it one")
        name = attributes.get("attr.name")
        self.key = Key(name, attributes.get("attr.type", "string"), attributes.get("for", "all"))
        self.keys[attributes["id"]] = self.key

    def asked(self, attributes: dict[str, str]) -> str | None:
        id = attributes.get("key", "")
        if id not in self.keys:
            self.fail(f"<data> names key {shown(id)}, which no <key> declares: declare it")
        return id

    def text(self, piece: str) -> None:
        if self.wanted is not None:
            self.pieces.append(piece)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        self.depth -= 1
        if name == "data" and self.wanted is not None:
            if self.open is not None:
                self.open.data[self.wanted] = "".join(self.pieces)
            self.wanted = None
        elif name == "default":
            if self.key is not None:
                self.key.default = "".join(self.pieces)
            self.wanted = None
        elif name == "key":
            self.key = None
        elif name == "node":
            self.end_node()
        elif name == "edge":
            assert self.open is not None
            self.edges.append((self.open, self.is_directed))
            self.open = None

    def end_node(self) -> None:
        node = self.open
        assert node is not None
        self.open = None
        id = node.attributes.get("id")
        if id is None:
            self.fail("a <node> has no id: give it one", node.line)
        found = self.values(node, "node")
        type = found.pop("type", TYPE_UNNAMED)
        labels = set(split_labels(node.attributes.get("labels")))
        labels.update(split_labels(found.pop("labels", None)))
        self.builder.add_node(
            SourceNode(id, self.as_type(type, node.line), tuple(sorted(labels)), found),
            f"line {node.line}",
        )

    def as_type(self, type: Value, line: int) -> str:
        if not isinstance(type, str):
            self.fail(f"a type is {shown(type)}: declare its key as string", line)
        return type

    def add_edges(self) -> None:
        for edge, is_directed in self.edges:
            place = f"line {edge.line}"
            ends = [edge.attributes.get(end) for end in ("source", "target")]
            source, target = ends
            if source is None or target is None:
                self.fail("an <edge> lacks its source or target: give it both", edge.line)
            flag = edge.attributes.get("directed")
            if flag is not None:
                is_directed = self.as_flag(flag, "directed", edge.line)
            found = self.values(edge, "edge")
            type = self.as_type(found.pop("type", TYPE_UNNAMED), edge.line)
            weight = found.pop("weight", None)
            self.builder.add_edge(
                SourceEdge(
                    source,
                    target,
                    type,
                    weight=None if weight is None else self.builder.weight(weight, place),
                    directed=is_directed,
                    properties=found,
                ),
                place,
            )

    def values(self, element: Open, kind: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for id, key in self.keys.items():
            text = element.data.get(id, key.default if key.where in (kind, "all") else None)
            if text is not None and key.name is not None:
                raw = self.typed(key, key.name, text, element.line)
                found[key.name] = self.builder.value(raw, key.name, f"line {element.line}")
        return dict(sorted(found.items()))

    def typed(self, key: Key, name: str, text: str, line: int) -> object:
        if key.type == "string":
            return text
        if key.type == "boolean":
            return self.as_flag(text.strip().lower(), name, line)
        number = read_number(text.strip())
        if key.type in ("int", "long") and isinstance(number, int):
            return number
        if key.type in ("float", "double") and number is not None:
            return float(number)
        if key.type not in ("int", "long", "float", "double"):
            kinds = "boolean, int, long, float, double, string"
            self.fail(f"attr.type {shown(key.type)} is unknown: use one of {kinds}", line)
        self.fail(f"{name} is {shown(text)}, which is no finite {key.type}: correct it", line)

    def as_flag(self, text: str, name: str, line: int) -> bool:
        if text not in FLAGS:
            self.fail(f"{name} is {shown(text)}: write true or false", line)
        return FLAGS[text]


def split_labels(labels: Value) -> list[str]:
    """Take a text such as `:Person:Author` apart. Spec: SCN-7."""
    text = labels if isinstance(labels, str) else ""
    return [label for label in _LABEL_BREAK.split(text) if label]


def read_graphml(path: Path, data: bytes) -> GraphBuilder:
    """Read a GraphML file. Spec: SCN-7."""
    reader = _Reader(path)
    try:
        reader.parser.Parse(data, True)
    except GraphFileError:
        raise
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        place = f"line {error.lineno}, column {error.offset + 1}"
        reason = f"not well-formed XML ({message}): correct it there"
        raise reader.builder.error(place, reason, "SCN-7") from None
    reader.add_edges()
    if not reader.graphs:
        raise reader.builder.error("", "there is no <graph>: a GraphML file needs one", "SCN-7")
    return reader.builder
