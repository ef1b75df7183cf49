"""An import: a graph file as the batches that every replica makes of it alike. Spec: SCN-9.

Writer, sequence numbers, stamp and edge ids follow from the file alone, so loading it twice, or
at every replica, changes nothing.
"""

from collections.abc import Iterator
from typing import Final

from loomweave.core.encoding import hash_bytes
from loomweave.core.entities import CREATED, ENDS, LABEL, TYPE, WEIGHT, edge_key, node_key
from loomweave.core.graph.merge import Part
from loomweave.core.values import Value, normalise
from loomweave_sim.sourcegraph import SourceEdge, SourceGraph, SourceNode

IMPORT_FIELDS_MAX: Final = 500
"""Most fields in one batch of an import, an entity more or less. Spec: SCN-9."""


def import_writer(graph: SourceGraph) -> bytes:
    """Return the writer of an import, drawn from the bytes of the file. Spec: SCN-9."""
    return hash_bytes(b"import writer", graph.content)


def import_edge_id(edge: SourceEdge) -> str:
    """Return the id of an imported edge, drawn from what it connects. Spec: SCN-9."""
    parts = (edge.source, edge.target, edge.type, str(edge.ordinal))
    return "i-" + hash_bytes(b"import edge", *(part.encode() for part in parts))[:12].hex()


def as_parts(graph: SourceGraph, genesis_ns: int) -> Iterator[Part]:
    """Make the batches of an import: nodes first, then edges, all of one stamp. Spec: SCN-9."""
    writer = import_writer(graph)
    rows: dict[str, dict[str, Value]] = {}
    seq = fields = 0
    for key, row in _rows(graph):
        rows[key] = row
        fields += len(row)
        if fields >= IMPORT_FIELDS_MAX:
            seq += 1
            yield Part(writer, seq, genesis_ns, rows)
            rows, fields = {}, 0
    if rows:
        yield Part(writer, seq + 1, genesis_ns, rows)


def _rows(graph: SourceGraph) -> Iterator[tuple[str, dict[str, Value]]]:
    for node in graph.nodes:
        yield node_key(node.id), node_row(node)
    for edge in graph.edges:
        yield edge_key(import_edge_id(edge)), edge_row(edge)


def node_row(node: SourceNode) -> dict[str, Value]:
    """Return the fields of an imported node. Spec: SCN-9."""
    labels: dict[str, Value] = {LABEL + label: True for label in node.labels}
    return {CREATED: None, TYPE: node.type, **labels, **node.properties}


def edge_row(edge: SourceEdge) -> dict[str, Value]:
    """Return the fields of an imported edge. Spec: SCN-9."""
    row: dict[str, Value] = {
        CREATED: None,
        ENDS: (edge.source, edge.target, edge.type, edge.directed),
    }
    if edge.weight is not None:
        row[WEIGHT] = normalise(edge.weight)
    return {**row, **edge.properties}
