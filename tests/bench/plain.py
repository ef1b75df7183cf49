"""The ceiling of interpreted code: dicts changed in place, float states, no dots, no checks."""

from collections.abc import Sequence
from typing import Any

import msgspec

Graph = dict[str, dict[str, tuple[float, object]]]


def run_plain(frames: Sequence[bytes]) -> Graph:
    """Merge GUN's frames from bytes with nothing but the rule for numbers."""
    graph: Graph = {}
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for data in frames:
        for soul, node in decode(data)["put"].items():
            states = node.pop("_")[">"]
            row = graph.get(soul)
            if row is None:
                row = graph[soul] = {}
            for field, value in node.items():
                state = states[field]
                old = row.get(field)
                if old is None or state > old[0] or (state == old[0] and str(value) > str(old[1])):
                    row[field] = (state, value)
    return graph


Decoded = list[list[tuple[str, str, float, object]]]


def run_plain_kernel(frames: Decoded) -> Graph:
    """Merge decoded writes with nothing but the rule for numbers."""
    graph: Graph = {}
    for frame in frames:
        for soul, field, state, value in frame:
            row = graph.get(soul)
            if row is None:
                row = graph[soul] = {}
            old = row.get(field)
            if old is None or state > old[0] or (state == old[0] and str(value) > str(old[1])):
                row[field] = (state, value)
    return graph
