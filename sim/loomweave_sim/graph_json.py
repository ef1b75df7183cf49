"""Reads JSON node-link files. Spec: SCN-8."""

import json
from pathlib import Path
from typing import Final, Never

from loomweave.core.values import Value
from loomweave_sim.sourcegraph import TYPE_UNNAMED, GraphBuilder, SourceEdge, SourceNode, shown

NODE_WORDS: Final = frozenset({"id", "type", "labels"})
"""Keys of a node that are not properties. Spec: SCN-8."""
EDGE_WORDS: Final = frozenset({"source", "target", "type", "weight", "directed", "key"})
"""Keys of an edge that are not properties. Spec: SCN-8."""


class _NotFinite(ValueError):
    """The file holds NaN or Infinity, which are no JSON."""


def read_json(path: Path, text: str) -> GraphBuilder:
    """Read a node-link file: `nodes`, and `links` or `edges`. Spec: SCN-8."""
    builder = GraphBuilder(path)
    document = _document(builder, text)
    nodes = _list(builder, document, "nodes")
    name = "links" if "links" in document else "edges"
    if name not in document:
        reason = "there is neither a list 'links' nor a list 'edges': add one, empty if need be"
        raise builder.error("", reason, "SCN-8")
    is_directed = _flag(builder, document, "directed", "", False)
    for index, node in enumerate(nodes):
        _add_node(builder, node, f"nodes[{index}]")
    for index, edge in enumerate(_list(builder, document, name)):
        _add_edge(builder, edge, f"{name}[{index}]", is_directed)
    return builder


def _document(builder: GraphBuilder, text: str) -> dict[str, object]:
    try:
        document: object = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise builder.error(place, f"not JSON ({error.msg}): correct it there", "SCN-8") from None
    except _NotFinite as error:
        reason = f"{error} is not JSON: write a finite number or leave it out"
        line = text.count("\n", 0, max(text.find(str(error)), 0)) + 1
        raise builder.error(f"line {line}", reason, "SCN-8") from None
    except (RecursionError, ValueError) as error:
        reason = (
            f"the file cannot be read ({error}): is it nested too deeply, or a number too long?"
        )
        raise builder.error("", reason, "SCN-8") from None
    if not isinstance(document, dict):
        reason = "a node-link file is an object with 'nodes' and 'links': wrap the list in one"
        raise builder.error("", reason, "SCN-8")
    return document


def _refuse_constant(name: str) -> Never:
    raise _NotFinite(name)


def _list(builder: GraphBuilder, document: dict[str, object], name: str) -> list[object]:
    found = document.get(name)
    if not isinstance(found, list):
        raise builder.error(name, f"there is no list {name!r}: add it to the object", "SCN-8")
    return found


def _add_node(builder: GraphBuilder, raw: object, place: str) -> None:
    node = _object(builder, raw, place)
    labels = node.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        reason = f"labels are {shown(labels)}: write a list of texts"
        raise builder.error(place, reason, "SCN-8")
    properties = _properties(builder, node, NODE_WORDS, place)
    type = _text(builder, node, "type", place)
    id = _id(builder, node, "id", place)
    builder.add_node(SourceNode(id, type, tuple(sorted(set(labels))), properties), place)


def _add_edge(builder: GraphBuilder, raw: object, place: str, is_directed: bool) -> None:
    edge = _object(builder, raw, place)
    weight = edge.get("weight")
    builder.add_edge(
        SourceEdge(
            _id(builder, edge, "source", place),
            _id(builder, edge, "target", place),
            _text(builder, edge, "type", place),
            weight=None if weight is None else builder.weight(weight, place),
            directed=_flag(builder, edge, "directed", place, is_directed),
            properties=_properties(builder, edge, EDGE_WORDS, place),
        ),
        place,
    )


def _object(builder: GraphBuilder, raw: object, place: str) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise builder.error(place, f"{shown(raw)} is not an object: write {{…}}", "SCN-8")
    return raw


def _id(builder: GraphBuilder, raw: dict[str, object], name: str, place: str) -> str:
    id = raw.get(name)
    if type(id) is int:
        return str(id)
    if not isinstance(id, str):
        reason = f"{name!r} is {shown(id)}: a node is named by a text or a whole number"
        raise builder.error(place, reason, "SCN-8")
    return id


def _text(builder: GraphBuilder, raw: dict[str, object], name: str, place: str) -> str:
    text = raw.get(name, TYPE_UNNAMED)
    if not isinstance(text, str):
        raise builder.error(place, f"{name!r} is {shown(text)}: write a text", "SCN-8")
    return text


def _flag(
    builder: GraphBuilder, raw: dict[str, object], name: str, place: str, absent: bool
) -> bool:
    flag = raw.get(name, absent)
    if not isinstance(flag, bool):
        raise builder.error(place, f"{name!r} is {shown(flag)}: write true or false", "SCN-8")
    return flag


def _properties(
    builder: GraphBuilder, raw: dict[str, object], words: frozenset[str], place: str
) -> dict[str, Value]:
    names = sorted(name for name in raw if name not in words and raw[name] is not None)
    return {name: builder.value(raw[name], name, place) for name in names}
