"""Loads a graph file of any known form. Spec: SCN-5.

The forms have readers of their own: `graph_csv`, `graph_xml`, `graph_json`.
"""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Final

from blake3 import blake3

from loomweave_sim.graph_csv import read_csv
from loomweave_sim.graph_json import read_json
from loomweave_sim.graph_xml import read_graphml
from loomweave_sim.sourcegraph import (
    FILE_BYTES_MAX,
    GraphBuilder,
    GraphFileError,
    SourceEdge,
    SourceGraph,
    SourceNode,
)

__all__ = [
    "DATA",
    "GraphFileError",
    "SourceEdge",
    "SourceGraph",
    "SourceNode",
    "load_graph",
    "shipped_graphs",
]

DATA: Final = Path(__file__).parent / "data"
"""Where the graphs lie that come with the package."""

_TEXT_FORMS: Final[dict[str, Callable[[Path, str], GraphBuilder]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".json": read_json,
}
_XML_FORMS: Final = (".graphml", ".xml")
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def shipped_graphs() -> list[str]:
    """List the names of the graphs that come with the package. Spec: SCN-5."""
    return sorted(path.stem for path in DATA.iterdir() if path.suffix in _TEXT_FORMS)


def load_graph(path: Path) -> SourceGraph:
    """Load a graph file; the end of its name says of which form it is. Spec: SCN-5.

    Raises:
        GraphFileError: the file cannot be read; it names the file, the place and the reason.
    """
    form = path.suffix.lower()
    if form not in _TEXT_FORMS and form not in _XML_FORMS:
        known = ", ".join((*_TEXT_FORMS, *_XML_FORMS))
        reason = f"the ending {form!r} names no known form: use one of {known}"
        raise GraphFileError(str(path), "", reason)
    data = _read(path)
    if form in _XML_FORMS:
        builder = read_graphml(path, data)
    else:
        builder = _TEXT_FORMS[form](path, _decode(path, data))
    return builder.finish(blake3(data).digest())


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            reason = f"it has {size} bytes, the limit is {FILE_BYTES_MAX}: split it"
            raise GraphFileError(str(path), "", reason)
        data = path.read_bytes()
    except OSError as error:
        reason = f"it cannot be read ({error.strerror}): check the path and its permissions"
        raise GraphFileError(str(path), "", reason) from None
    if not data.strip():
        raise GraphFileError(str(path), "", "the file is empty: write a graph into it")
    return data


def _decode(path: Path, data: bytes) -> str:
    if data.startswith(_MARKS):
        reason = "it is encoded in UTF-16: save it as UTF-8"
        raise GraphFileError(str(path), "line 1", reason)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = data[error.start]
        reason = f"byte 0x{found:02x} at offset {error.start} is not UTF-8: save the file as UTF-8"
        raise GraphFileError(str(path), f"line {line}", reason) from None
