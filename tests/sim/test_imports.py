"""An import follows from the file alone, and the core takes it as it stands. SCN-9."""

from pathlib import Path

from loomweave.core.entities import split_key
from loomweave.core.graph.life import ends_of, is_row_alive
from loomweave.core.graph.merge import elements_of, merge_part, merge_rows, rows_join
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.persistent import PMap, empty, put_all
from loomweave_sim.graphfile import DATA, load_graph
from loomweave_sim.imports import IMPORT_FIELDS_MAX, as_parts, import_edge_id, import_writer

GRAPH = load_graph(DATA / "les_miserables.csv")
GENESIS_NS = 10**18


def imported() -> Rows:
    """Join all parts of the import."""
    rows: Rows = {}
    for part in as_parts(GRAPH, GENESIS_NS):
        rows = rows_join(rows, elements_of(part))
    return rows


def test_parts_hold_each_entity_once() -> None:
    parts = list(as_parts(GRAPH, GENESIS_NS))
    keys = [key for part in parts for key in part.rows]
    assert len(keys) == len(set(keys)) == 77 + 254
    assert [part.seq for part in parts] == list(range(1, len(parts) + 1))
    assert {(part.writer, part.stamp_ns) for part in parts} == {(import_writer(GRAPH), GENESIS_NS)}
    sizes = [sum(len(row) for row in part.rows.values()) for part in parts]
    assert len(sizes) > 1
    assert all(IMPORT_FIELDS_MAX <= size < IMPORT_FIELDS_MAX + 10 for size in sizes[:-1])


def test_imported_entities_live() -> None:
    rows = imported()
    assert all(is_row_alive(row) for row in rows.values())
    nodes = {split_key(key).id for key in rows if split_key(key).kind == "node"}
    assert nodes == {node.id for node in GRAPH.nodes}
    for key, row in rows.items():
        if split_key(key).kind == "edge":
            ends = ends_of(row)
            assert ends is not None and {ends[0], ends[1]} <= nodes


def test_import_twice_changes_nothing() -> None:
    for part in as_parts(GRAPH, GENESIS_NS):
        held: PMap[str, Row] = put_all(empty(), merge_part(empty(), part).fresh)
        assert merge_part(held, part).won == {}
        assert merge_rows(held, elements_of(part)).won == {}


def test_another_file_has_another_writer(tmp_path: Path) -> None:
    """SCN-9: also where it says the same; the dots of two files must never meet."""
    path = tmp_path / "les_miserables.csv"
    path.write_bytes((DATA / "les_miserables.csv").read_bytes() + b"\n")
    other = load_graph(path)
    assert (other.nodes, other.edges) == (GRAPH.nodes, GRAPH.edges)
    assert import_writer(other) != import_writer(GRAPH)
    assert [import_edge_id(edge) for edge in other.edges] == [
        import_edge_id(edge) for edge in GRAPH.edges
    ]


def test_equal_edges_have_ids_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text("a,b\na,b\nb,a\na,bb\naa,b\n")
    edges = load_graph(path).edges
    assert len({import_edge_id(edge) for edge in edges}) == 5


def test_edge_ids_are_pinned() -> None:
    assert import_edge_id(GRAPH.edges[0]) == "i-5e9a64352f25272675f483da"
