"""Shared Hypothesis strategies: one for each noun of the core."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from loomweave.core.entities import (
    CREATED,
    DELETED,
    ENDS,
    LABEL,
    TYPE,
    WEIGHT,
    Kind,
    edge_key,
    node_key,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.graph.store import Gate, Graph, absorb_rows, empty_graph
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Element, Rows
from loomweave.core.sync.frames import Batch
from loomweave.core.values import INT_MAX, INT_MIN, Link, Scalar, Value, ValueMap, normalise

# Where the tie order, JSON escapes and encodings of text turn: lone surrogates, the last unit
# below and the first above them, both ends of the astral planes, what JSON escapes and what not.
TURNING_UNITS = (
    '\x00\x08\t\n\x1f !"\\#$/a\x7f\x80\u07ff\u0800\u2028\u2029\ud7ff\ud800\udbff\udc00\udfff'
    "\ue000\ufffd\uffff\U00010000\U0001f600\U0010ffff"
)

# Where integers and floats change their form: heads of CBOR, doubles, ECMAScript's exponents.
TURNING_INTS = [
    sign * (1 << power) + step
    for power in (0, 8, 16, 32, 53, 63)
    for step in (-1, 0, 1)
    for sign in (1, -1)
]
TURNING_FLOATS = [
    0.0,
    1.0,
    1e-6,
    1e-7,
    9.5e-7,
    1e20,
    1e21,
    5e-324,
    0.1 + 0.2,
    65504.0,
    65505.0,
    6e-8,
]
TURNING_FLOATS += [
    2.0**53,
    2.0**63,
    2.0**64,
    1.7976931348623157e308,
    3.4028234663852886e38,
    1.5,
    100.0,
]


def texts(max_size: int = 8) -> SearchStrategy[str]:
    """Texts of every kind of character, lone surrogates, astral ones and NUL included."""
    any_character = st.one_of(st.sampled_from(TURNING_UNITS), st.characters())
    return st.text(any_character, max_size=max_size).map(_as_text)


def names(max_size: int = 8) -> SearchStrategy[str]:
    """Texts that UTF-8 can carry and that are not empty: ids, keys, field names but for NUL."""
    no_surrogate = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.text(no_surrogate, min_size=1, max_size=max_size)


def integers() -> SearchStrategy[int]:
    """Integers of all lengths."""
    turning = [number for number in TURNING_INTS if INT_MIN <= number <= INT_MAX]
    return st.one_of(st.integers(-30, 300), st.sampled_from(turning), st.integers(INT_MIN, INT_MAX))


def floats() -> SearchStrategy[float]:
    """Finite floats of all widths, never negative zero."""
    widths = [st.floats(allow_nan=False, allow_infinity=False, width=w) for w in (16, 32, 64)]
    whole = st.integers(-1000, 1000).map(float)
    turning = st.sampled_from([*TURNING_FLOATS, *(-number for number in TURNING_FLOATS)])
    return st.one_of(turning, whole, *widths).map(lambda number: number + 0.0)


def links() -> SearchStrategy[Link]:
    """Links to any id."""
    return texts().filter(bool).map(Link)


def scalars() -> SearchStrategy[Scalar]:
    """Values without parts."""
    bare = st.sampled_from([None, False, True])
    return st.one_of(bare, integers(), floats(), texts(), st.binary(max_size=8), links())


def value_maps(members: SearchStrategy[Value]) -> SearchStrategy[ValueMap]:
    """Maps of the given members, keys of every legal kind."""
    keys = st.one_of(st.sampled_from(["#", "$a", "$utf16", "a", "\uffff", "\U00010000"]), names(4))
    made = st.dictionaries(keys, members, max_size=4)
    return made.filter(lambda pairs: not _is_reserved(pairs)).map(ValueMap.of)


def values(max_leaves: int = 8) -> SearchStrategy[Value]:
    """Values of every kind, nested."""
    return st.recursive(
        scalars(),
        lambda inner: st.one_of(st.lists(inner, max_size=4).map(tuple), value_maps(inner)),
        max_leaves=max_leaves,
    )


CLOSE_VALUES: list[Value] = [None, False, True, 0, 1, 0.0, 1.0, -1, 2, 9, 10, 2**53, 2.0**53]
CLOSE_VALUES += ["", "1", "null", "a", "a!", "b", "\ud800", "\\ud800", "\uffff", "\U00010000"]
CLOSE_VALUES += [b"", b"a", Link("a"), Link("1"), (), (1,), (1.0,), (True,), ValueMap()]
CLOSE_VALUES += [ValueMap.of({"a": 1}), ValueMap.of({"a": 1.0})]
CLOSE_VALUES += [ValueMap.of({"a": (1,), "b": None})]


def close_values() -> SearchStrategy[Value]:
    """Few values that are easily taken for each other: for laws over two or three values."""
    return st.sampled_from(CLOSE_VALUES)


# Small pools, so that conflicts, ties and repetitions are the rule and not the exception.
NODE_IDS = ("n1", "n2", "n3")
EDGE_IDS = ("e1", "e2")
NODES = tuple(node_key(id) for id in NODE_IDS)
EDGES = tuple(edge_key(id) for id in EDGE_IDS)
WRITERS = (GUN_WRITER, b"one", b"two")
PROPERTIES = ("p", "q")
LABELS = ("red", "blue")
STAMP_STEP_NS = 1_000
FAR_NS = 1_000 * STAMP_STEP_NS
"""Above every stamp of the pools."""
_SHARED = (CREATED, DELETED, *(LABEL + label for label in LABELS), *PROPERTIES)
PLACES = tuple(
    (entity, field)
    for entity in (*NODES, *EDGES)
    for field in (*_SHARED, *((ENDS, WEIGHT, CREATED, ENDS) if entity in EDGES else (TYPE,)))
)
_ENDS: list[Value] = [
    (source, target, "knows" if source < target else "custom", source != target)
    for source in NODE_IDS
    for target in NODE_IDS
]
POOLS: dict[str, list[Value]] = {
    CREATED: [None],
    DELETED: [None],
    TYPE: ["person", "custom", "person", 7, None],
    WEIGHT: [1, 2.5, True, "heavy", None],
    ENDS: [
        *_ENDS, *_ENDS, None, (), ("n1",), ("n1", "n2", "knows", 1), ("", "n2", "t", True),
        ("n\x001", "n2", "t", True), "n1", ("n1", "n2", None, False),
    ],
    **{LABEL + label: [True, True, None] for label in LABELS},
}  # fmt: skip


def stamps() -> SearchStrategy[int]:
    """A few stamps on the grid and beside it."""
    return st.integers(0, 12).map(lambda number: number * STAMP_STEP_NS // 2)


def dots() -> SearchStrategy[tuple[bytes, int]]:
    """Dots of few writers; what comes from GUN has the one that it always has."""
    own = st.tuples(st.sampled_from(WRITERS[1:]), st.integers(1, 3))
    return st.one_of(st.just((GUN_WRITER, GUN_SEQ)), own)


def elements() -> SearchStrategy[Element]:
    """Elements that are often tied."""
    made = st.tuples(stamps(), close_values(), dots())
    return made.map(lambda parts: Element(parts[0], parts[1], *parts[2]))


def places() -> SearchStrategy[tuple[str, str]]:
    """Fields of the few entities that there are."""
    return st.sampled_from(PLACES)


def value_at(field: str, number: int) -> Value:
    """Choose what stands in a field: mostly what belongs there, now and then anything."""
    pool = POOLS.get(field, CLOSE_VALUES)
    return pool[number % len(pool)]


def field_rows() -> SearchStrategy[dict[str, dict[str, Value]]]:
    """Values by entity and field, as one batch writes them."""

    def grouped(drawn: list[tuple[tuple[str, str], int]]) -> dict[str, dict[str, Value]]:
        rows: dict[str, dict[str, Value]] = {}
        for (entity, field), number in drawn:
            rows.setdefault(entity, {})[field] = value_at(field, number)
        return rows

    pairs = st.tuples(places(), st.integers(0, 40))
    return st.lists(pairs, min_size=1, max_size=8).map(grouped)


def parts() -> SearchStrategy[Part]:
    """Batches without their envelope. Two with one dot may differ, as GUN's do."""
    made = st.tuples(dots(), stamps(), field_rows())
    return made.map(lambda drawn: Part(*drawn[0], drawn[1], drawn[2]))


def batches() -> SearchStrategy[Batch]:
    """Batches of the default branch."""
    return parts().map(lambda part: Batch(part, {}))


def element_rows(max_size: int = 8) -> SearchStrategy[Rows]:
    """Elements of many stamps and dots, as frames of state carry them."""

    def grouped(drawn: list[tuple[tuple[str, str], int, int, tuple[bytes, int]]]) -> Rows:
        rows: Rows = {}
        for (entity, field), number, stamp_ns, dot in drawn:
            element = Element(stamp_ns, value_at(field, number), *dot)
            rows.setdefault(entity, {})[field] = element
        return rows

    made = st.tuples(places(), st.integers(0, 40), stamps(), dots())
    return st.lists(made, min_size=1, max_size=max_size).map(grouped)


def graphs() -> SearchStrategy[tuple[Graph, int]]:
    """Graphs that have received something, each with the horizon that it was received at."""

    def absorbed(drawn: tuple[list[Rows], int]) -> tuple[Graph, int]:
        graph = empty_graph()
        for rows in drawn[0]:
            gate = Gate(drawn[1], drawn[1], FAR_NS, "", bounded=False)
            graph = absorb_rows(graph, rows, gate).graph
        return graph, drawn[1]

    return st.tuples(st.lists(element_rows(12), max_size=2), stamps()).map(absorbed)


def operations() -> SearchStrategy[Operation]:
    """What clients ask for, on the same small pools."""
    node_ids, edge_ids = st.sampled_from(NODE_IDS), st.sampled_from(EDGE_IDS)
    values_of: SearchStrategy[object] = st.sampled_from([None, 0, 1, 1.0, True, "x", [1, {"a": 2}]])
    properties = st.dictionaries(st.sampled_from(PROPERTIES), values_of, max_size=2)
    some_labels = st.lists(st.sampled_from(LABELS), unique=True, max_size=2).map(tuple)
    maybe_labels = st.one_of(st.none(), some_labels)
    types = st.sampled_from([None, "person", "custom"])
    put_node = st.builds(PutNode, node_ids, types, properties, maybe_labels, st.booleans())
    put_edge = st.builds(
        PutEdge, node_ids, node_ids, st.sampled_from(["knows", "custom"]), edge_ids,
        st.booleans(), st.sampled_from([None, 1, 2.5]), properties, maybe_labels, st.booleans(),
    )  # fmt: skip
    patch = st.one_of(
        st.builds(
            Patch, st.just(Kind.NODE), node_ids, properties,
            add_labels=some_labels, drop_labels=some_labels,
        ),
        st.builds(
            Patch, st.just(Kind.EDGE), edge_ids, properties, st.sampled_from([None, 3]),
            some_labels, some_labels,
        ),
    )  # fmt: skip
    delete = st.one_of(
        st.builds(Delete, st.just(Kind.NODE), node_ids),
        st.builds(Delete, st.just(Kind.EDGE), edge_ids),
    )
    return st.one_of(put_node, put_node, put_edge, patch, delete)


def _as_text(text: str) -> str:
    admitted = normalise(text)
    assert isinstance(admitted, str)
    return admitted


def _is_reserved(pairs: dict[str, Value]) -> bool:
    return len(pairs) == 1 and all(key == "#" or key.startswith("$") for key in pairs)
