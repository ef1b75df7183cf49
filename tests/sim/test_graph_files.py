"""Graph files: what they mean, and what is said when they mean nothing. SCN-5 to SCN-8."""

import json
from pathlib import Path

import pytest

from loomweave.core.values import ValueMap
from loomweave_sim.graphfile import DATA, SourceGraph, load_graph, shipped_graphs
from loomweave_sim.sourcegraph import GraphFileError, SourceEdge, SourceNode


def load(folder: Path, name: str, content: str | bytes) -> SourceGraph:
    """Write a file and load it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_graph(path)


def ends(graph: SourceGraph) -> list[tuple[str, str]]:
    """List the ends of all edges."""
    return [(edge.source, edge.target) for edge in graph.edges]


def ids(graph: SourceGraph) -> list[str]:
    """List the ids of all nodes."""
    return [node.id for node in graph.nodes]


def test_shipped_graph_is_knuths() -> None:
    """77 characters, 254 pairs, 820 appearances, as in jean.dat; nobody stands alone."""
    assert "les_miserables" in shipped_graphs()
    graph = load_graph(DATA / "les_miserables.csv")
    assert (len(graph.nodes), len(graph.edges)) == (77, 254)
    weights = [edge.weight for edge in graph.edges if isinstance(edge.weight, int)]
    assert sum(weights) == 820
    assert max(weights) == 31
    assert not any(edge.directed for edge in graph.edges)
    assert len({frozenset(pair) for pair in ends(graph)}) == 254
    assert {id for pair in ends(graph) for id in pair} == set(ids(graph))


def test_csv_with_header(tmp_path: Path) -> None:
    text = (
        "# a comment\n\nTarget;From;weight;type;directed;since;ok;note\n"
        'b;a;0.5;knows;true;1815;TRUE;"x; ""y"""\n'
        "b;a;;knows;;;;\n"
        "lonely;;;;;;;\n"
        ";c;;;;1.5;no;1e999\n"
    )
    graph = load(tmp_path, "g.csv", text.replace("lonely;;", ";lonely;"))
    assert ids(graph) == ["a", "b", "c", "lonely"]
    assert graph.edges == (
        SourceEdge("a", "b", "knows", 0, 0.5, True, {"since": 1815, "ok": True, "note": 'x; "y"'}),
        SourceEdge("a", "b", "knows", 1, None, False, {}),
    )


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("a,b\n", SourceEdge("a", "b", directed=False)),
        ("a\tb\t-3\n", SourceEdge("a", "b", weight=-3, directed=False)),
        ("a,b,knows\n", SourceEdge("a", "b", "knows", directed=False)),
        ("a,b,2,knows\n", SourceEdge("a", "b", "knows", weight=2, directed=False)),
        ("a,b,,knows\n", SourceEdge("a", "b", "knows", directed=False)),
        ("source,target,type\na,b,Directed\n", SourceEdge("a", "b")),
        ("source,target,type\na,b,Undirected\n", SourceEdge("a", "b", directed=False)),
        ("src,dst\r\na,b\r\n", SourceEdge("a", "b", directed=False)),
        ("\ufeffa,b\n", SourceEdge("a", "b", directed=False)),
        ('"a\n#1",b\n', SourceEdge("a\n#1", "b", directed=False)),
        ("a\u2028x,b\n", SourceEdge("a\u2028x", "b", directed=False)),
    ],
)
def test_csv_forms(tmp_path: Path, text: str, edge: SourceEdge) -> None:
    assert load(tmp_path, "g.csv", text).edges == (edge,)


def test_graph_is_sorted_whatever_the_file(tmp_path: Path) -> None:
    """SCN-5: and equal edges keep the order in which they stand."""
    graph = load(tmp_path, "g.csv", "c,a,1\nb,a,2\nc,a,3\nb,a,4\n")
    assert ids(graph) == ["a", "b", "c"]
    found = [(edge.source, edge.ordinal, edge.weight) for edge in graph.edges]
    assert found == [("b", 0, 2), ("b", 1, 4), ("c", 0, 1), ("c", 1, 3)]


GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="type" attr.type="string"><default>fact</default></key>
  <key id="d1" for="node" attr.name="age" attr.type="int"/>
  <key id="d2" for="edge" attr.name="weight" attr.type="double"/>
  <key id="d3" for="all" attr.name="ok" attr.type="boolean"/>
  <key id="d4" for="node" yfiles.type="nodegraphics"/>
  <graph edgedefault="undirected">
    <desc>ignored</desc>
    <node id="b" labels=":X:Y"><data key="d0">agent</data><data key="d1"> 7 </data></node>
    <edge source="a" target="b" directed="true"><data key="d2">2.5</data></edge>
    <edge id="e1" source="b" target="a"><data key="d3">true</data></edge>
    <node id="a"><data key="d4"><shape>round</shape></data></node>
  </graph>
</graphml>
"""


def test_graphml(tmp_path: Path) -> None:
    graph = load(tmp_path, "g.graphml", GRAPHML)
    assert graph.nodes == (
        SourceNode("a", "fact"),
        SourceNode("b", "agent", ("X", "Y"), {"age": 7}),
    )
    assert graph.edges == (
        SourceEdge("a", "b", weight=2.5, directed=True),
        SourceEdge("b", "a", directed=False, properties={"ok": True}),
    )


def test_graphml_in_another_encoding(tmp_path: Path) -> None:
    text = GRAPHML.replace("UTF-8", "ISO-8859-1").replace('"a"', '"é"')
    assert "é" in ids(load(tmp_path, "g.xml", text.encode("latin-1")))


def test_json_node_link(tmp_path: Path) -> None:
    document = {
        "directed": True,
        "multigraph": True,
        "graph": {"name": "passed over"},
        "nodes": [
            {"id": 1, "type": "agent", "labels": ["y", "x", "x"], "tags": [1, {"a": None}]},
            {"id": "b", "gone": None},
        ],
        "links": [
            {"source": 1, "target": "b", "key": 0, "weight": 3, "type": "knows", "since": 1815},
            {"source": "b", "target": 1, "directed": False, "weight": None},
        ],
    }
    graph = load(tmp_path, "g.json", json.dumps(document))
    tags = (1, ValueMap((("a", None),)))
    assert graph.nodes == (
        SourceNode("1", "agent", ("x", "y"), {"tags": tags}),
        SourceNode("b"),
    )
    assert graph.edges == (
        SourceEdge("1", "b", "knows", 0, 3, True, {"since": 1815}),
        SourceEdge("b", "1", directed=False),
    )
    document["edges"] = document.pop("links")
    assert load(tmp_path, "h.json", json.dumps(document)).edges == graph.edges


def graphml(inside: str, keys: str = "") -> str:
    """Wrap elements into a GraphML file; they stand in line 2."""
    return f"<graphml>{keys}<graph>\n{inside}</graph></graphml>"


def linked(nodes: str, links: str = "[]") -> str:
    """Wrap lists into a node-link file."""
    return f'{{"nodes": {nodes}, "links": {links}}}'


KEY_INT = '<key id="k" for="node" attr.name="n" attr.type="int"/>'
BAD_FILES: list[tuple[str, str | bytes, str, str]] = [
    ("g.txt", "a,b", "", "ending '.txt' names no known form: use one of .csv"),
    ("g.csv", "", "", "the file is empty"),
    ("g.csv", " \n\n", "", "the file is empty"),
    ("g.csv", "# only\n", "", "the file holds no row"),
    ("g.csv", "source,target\n", "", "the file holds no node"),
    ("g.csv", "a,b\xff".encode("latin-1"), "line 1", "byte 0xff at offset 3 is not UTF-8"),
    ("g.csv", "a,b\nb,\xe9\n".encode("latin-1"), "line 2", "save the file as UTF-8"),
    ("g.csv", "a,b\n".encode("utf-16"), "line 1", "encoded in UTF-16: save it as UTF-8"),
    ("g.csv", "source,weight\na,1\n", "line 1", "the header names no target column"),
    ("g.csv", "\n# x\nto,x\na,1\n", "line 3", "the header names no source column"),
    ("g.csv", "source,target,x,X\na,b,1,2\n", "line 1", "column 'X' stands twice"),
    ("g.csv", "source,target,$x\na,b,1\n", "line 1", "'$x' cannot name a property"),
    ("g.csv", "source,target,\na,b,1\n", "line 1", "'' cannot name a property"),
    ("g.csv", "a,b,x\na,b,c,d\n", "line 2", "4 columns where 3 are expected"),
    ("g.csv", "a\n", "line 1", "a file without a header has 2 to 4 columns"),
    ("g.csv", "a,b,1\n# c\n\na,b,heavy\n", "line 4", "weight 'heavy' is no finite number"),
    ("g.csv", "a,b,1\na,b,nan\n", "line 2", "weight 'nan' is no finite number"),
    ("g.csv", "a,b,NaN\n", "line 1", "weight 'NaN' is no finite number"),
    ("g.csv", "a,b,1\na,b,1e999\n", "line 2", "weight '1e999' is no finite number"),
    ("g.csv", "a,b,1\na,b,18446744073709551616\n", "line 2", "that 64 bits can hold"),
    ("g.csv", "a,b,1\na,b,1_0\n", "line 2", "weight '1_0' is no finite number"),
    ("g.csv", 'a,b\n"c,d\ne,f\n', "line 2", "a quote is opened and never closed"),
    ("g.csv", 'a,b\n"c"d,e\n', "line 2", "not a CSV line"),
    ("g.csv", "a,b\n,c\n", "line 2", "the source is empty"),
    ("g.csv", "a,b\nx\x00y,c\n", "line 2", "cannot be one: a name may not hold U+0000"),
    ("g.csv", "a," + "b" * 1025 + "\n", "line 1", "a name may take 1024 bytes"),
    ("g.csv", "source,target,directed\na,b,maybe\n", "line 2", "directed is 'maybe'"),
    ("g.csv", f'a,b\n"{"x" * (2**20 + 1)}",b\n', "line 2", "more than 1048576 characters"),
    ("g.graphml", "<graphml>\n<graph></graphml>", "line 2, column 10", "not well-formed XML"),
    ("g.graphml", "<!DOCTYPE x [<!ENTITY a 'b'>]>\n<graphml/>", "line 1", "(<!DOCTYPE …>) is not"),
    ("g.graphml", "<svg/>", "line 1", "the outermost element is <svg>"),
    ("g.graphml", "<graphml/>", "", "there is no <graph>"),
    ("g.graphml", graphml(""), "", "the file holds no node"),
    ("g.graphml", "<graphml><graph edgedefault='no'/></graphml>", "line 1", "edgedefault is 'no'"),
    ("g.graphml", graphml("<node/>"), "line 2", "a <node> has no id"),
    ("g.graphml", graphml("<node id='a'/>\n<node id='a'/>"), "line 3", "'a' stands twice"),
    ("g.graphml", graphml("<node id='a'/><edge source='a'/>"), "line 2", "lacks its source or"),
    ("g.graphml", graphml("<edge source='a' target='b'/>"), "line 2", "names node 'a'"),
    ("g.graphml", graphml("<node id='a'><graph/></node>"), "line 2", "a second <graph>"),
    ("g.graphml", graphml("<node id='a'><node id='b'/></node>"), "line 2", "inside another node"),
    ("g.graphml", graphml("<hyperedge/>"), "line 2", "an edge between more than two nodes"),
    ("g.graphml", graphml("", "<key for='node'/>"), "line 1", "a <key> has no id"),
    ("g.graphml", graphml("<node id='a'><data key='x'/></node>"), "line 2", "key 'x', which no"),
    (
        "g.graphml",
        graphml("<node id='a'><data key='k'>1.5</data></node>", KEY_INT),
        "line 2",
        "n is '1.5', which is no finite int",
    ),
    (
        "g.graphml",
        graphml("<node id='a'><data key='k'>x</data></node>", KEY_INT.replace("int", "boolean")),
        "line 2",
        "n is 'x': write true or false",
    ),
    (
        "g.graphml",
        graphml("<node id='a'><data key='k'>1</data></node>", KEY_INT.replace("int", "date")),
        "line 2",
        "attr.type 'date' is unknown",
    ),
    (
        "g.graphml",
        graphml("<node id='a'><data key='k'>1</data></node>", KEY_INT.replace('"n"', '"type"')),
        "line 2",
        "a type is 1: declare its key as string",
    ),
    ("g.json", "{\n  nodes}", "line 2, column 3", "not JSON"),
    ("g.json", "[]", "", "a node-link file is an object"),
    ("g.json", "{}", "nodes", "there is no list 'nodes'"),
    ("g.json", '{"nodes": []}', "", "neither a list 'links' nor a list 'edges'"),
    ("g.json", '{"nodes": [], "links": 3}', "links", "there is no list 'links'"),
    ("g.json", '{"nodes": [], "links": [], "directed": 1}', "", "'directed' is 1"),
    ("g.json", linked("[]"), "", "the file holds no node"),
    ("g.json", linked("[3]"), "nodes[0]", "3 is not an object"),
    ("g.json", linked('[{"id": "a"}, {"id": "a"}]'), "nodes[1]", "'a' stands twice"),
    ("g.json", linked('[{"id": "1"}, {"id": 1}]'), "nodes[1]", "'1' stands twice"),
    ("g.json", linked('[{"id": true}]'), "nodes[0]", "named by a text or a whole number"),
    ("g.json", linked('[{"id": ""}]'), "nodes[0]", "a name may not be empty"),
    ("g.json", linked('[{"id": "a", "type": 3}]'), "nodes[0]", "'type' is 3"),
    ("g.json", linked('[{"id": "a", "type": ""}]'), "nodes[0]", "cannot be a type or label"),
    ("g.json", linked('[{"id": "a", "labels": "x"}]'), "nodes[0]", "labels are 'x'"),
    ("g.json", linked('[{"id": "a", "$x": 1}]'), "nodes[0]", "'$x' cannot name a property"),
    ("g.json", linked('[{"id": "a", "x": {"$y": 1}}]'), "nodes[0]", "property 'x' holds what is"),
    ("g.json", linked('[{"id": "a", "x": 1e999}]'), "nodes[0]", "property 'x' holds what is"),
    ("g.json", linked('[{"id": "a",\n"x": NaN}]'), "line 2", "NaN is not JSON"),
    ("g.json", linked("[]", '[{"source": "a"}]'), "links[0]", "'target' is None"),
    ("g.json", linked("[]", '[{"source": "a", "target": "b"}]'), "links[0]", "names node 'a'"),
    (
        "g.json",
        linked('[{"id": "a"}]', '[{"source": "a", "target": "a", "weight": "x"}]'),
        "links[0]",
        "weight 'x' is no finite number",
    ),
    (
        "g.json",
        linked('[{"id": "a"}]', '[{"source": "a", "target": "a", "weight": true}]'),
        "links[0]",
        "weight True is no finite number",
    ),
    (
        "g.json",
        linked('[{"id": "a"}]', '[{"source": "a", "target": "a", "type": ""}]'),
        "links[0]",
        "'' cannot be an edge type",
    ),
    ("g.json", "[" * 100_000, "", "nested too deeply"),
    ("g.json", linked("[" + "9" * 5000 + "]"), "", "a number too long"),
]


@pytest.mark.parametrize(("name", "content", "place", "reason"), BAD_FILES)
def test_bad_file_is_named_with_place_and_reason(
    tmp_path: Path, name: str, content: str | bytes, place: str, reason: str
) -> None:
    with pytest.raises(GraphFileError) as caught:
        load(tmp_path, name, content)
    error = caught.value
    assert reason in error.reason
    assert error.place == place
    assert str(tmp_path / name) in str(error) and place in str(error)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphFileError, match=r"it cannot be read \(No such file"):
        load_graph(tmp_path / "none.csv")


def test_too_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loomweave_sim.graphfile.FILE_BYTES_MAX", 3)
    with pytest.raises(GraphFileError, match="it has 4 bytes, the limit is 3"):
        load(tmp_path, "g.csv", "a,b\n")


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    """SCN-7: neither from inside nor from another file."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    text = f'<!DOCTYPE g SYSTEM "{secret}"><graphml><graph><node id="a"/></graph></graphml>'
    with pytest.raises(GraphFileError, match="document type"):
        load(tmp_path, "g.graphml", text)


def test_large_file_loads(tmp_path: Path) -> None:
    lines = [f"n{i % 5000},n{i * 7919 % 5000},{i % 9}" for i in range(50_000)]
    graph = load(tmp_path, "g.csv", "\n".join(lines))
    assert (len(graph.nodes), len(graph.edges)) == (5000, 50_000)
