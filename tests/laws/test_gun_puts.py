"""GUN's puts: two ways of reading with one answer, and back again. Spec: GUN-4 to GUN-11."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loomweave.core.entities import edge_key, node_key
from loomweave.core.errors import Refusal
from loomweave.core.events import Connected, Foreign, Notify, Persisted, Received, Send, Started
from loomweave.core.graph.merge import elements_of
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.machine import step
from loomweave.core.replica.state import Config, State, initial
from loomweave.core.sync.frames import PROTOCOL_VERSION, Hello
from loomweave.core.sync.frames import State as StateFrame
from loomweave.core.values import Link, Value, ValueMap
from loomweave.wire.gun import (
    GUN_FRAME_BYTES_MAX,
    GunFrame,
    decode_frame,
    read_frame,
    value_of_gun,
)
from loomweave.wire.gun_saying import encode_put, put_of_rows
from tests.strategies import names, texts

NOW_MS = 1_763_700_000_000
SOULS = st.one_of(
    names(3), st.sampled_from(["a", "", "_", "#", ".", "constructor", "\ud800", "n\0"])
)
FIELDS = st.one_of(
    names(3),
    st.sampled_from(["x", "y", "z", "", "#", "$created", "__proto__", "constructor", "a$"]),
)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-20, 20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([2**53 - 1, 2**53, -(2**53), 1e21, -0.0, 1e15, 123456789012345678]),
)
STATES = st.one_of(
    st.integers(NOW_MS, NOW_MS + 3),
    st.builds(lambda n: NOW_MS + n / 999, st.integers(0, 5)),
    st.sampled_from([0, 5, 5.25, -1.5, 2.0**42, 2.0**33, 2.0**43 - 1, 2.0**43, -(2.0**43), 1e300]),
)
ODD = st.sampled_from(["7", None, True, [], {}, {"#": ""}, {"#": 1}, {"#": "a", "x": 1}, [1]])


def plain_values() -> st.SearchStrategy[object]:
    """Values that GUN knows, and now and then one that it does not."""
    links = texts(3).filter(bool).map(lambda target: {"#": target})
    return st.one_of(NUMBERS, texts(), st.sampled_from([None, True, False]), links, ODD)


@st.composite
def nodes(draw: st.DrawFn, soul: str, odd: bool) -> object:
    """Draw a node, most often a good one."""
    fields = draw(st.lists(FIELDS if odd else names(2), max_size=3, unique=True))
    one = draw(st.one_of(st.none(), STATES))
    states = {f: one if one is not None else draw(STATES) for f in fields}
    values = {f: draw(plain_values()) for f in fields}
    meta: dict[str, object] = {"#": soul, ">": states}
    if odd and draw(st.booleans()):
        meta |= draw(st.sampled_from([{"#": "other"}, {">": None}, {"more": 1}, {">": {"y": 1}}]))
    if odd and draw(st.integers(0, 9)) == 0:
        return draw(ODD)
    return {"_": meta, **values}


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a frame."""
    odd = draw(st.booleans())
    souls = draw(st.lists(SOULS if odd else names(3), max_size=3, unique=True))
    frame = {"#": "id", "put": {soul: draw(nodes(soul, odd)) for soul in souls}}
    return json.dumps(frame, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def spelled(frame: GunFrame | Refusal) -> object:
    """Write out all that a frame says, kinds of values included."""
    if isinstance(frame, Refusal):
        return frame
    rows = dict(frame.put.rows)
    for part in frame.put.parts:
        assert rows.keys().isdisjoint(part.rows), "GUN-8: no entity stands in two places"
        rows |= elements_of(part)
    found = [
        (e, f, x.stamp_ns, repr(x.value), x.writer, x.seq)
        for e, r in rows.items()
        for f, x in r.items()
    ]
    return frame.id, sorted(found)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frames())
def test_both_ways_of_reading_agree(data: bytes) -> None:
    """GUN-10."""
    assert spelled(decode_frame(data)) == spelled(read_frame(data))


def frame_of(put: object) -> bytes:
    """Write a frame around a put."""
    return json.dumps({"#": "id", "put": put}).encode()


def node_of(state: object, **fields: object) -> dict[str, object]:
    """Write a node of soul `a` whose fields share a state."""
    return {"a": {"_": {"#": "a", ">": dict.fromkeys(fields, state)}, **fields}}


GOOD = {"_": {"#": "b", ">": {"x": NOW_MS}}, "x": 1}


@pytest.mark.parametrize(
    ("rule", "put"),
    [
        ("GUN-1", node_of("7", x=1)),
        ("GUN-1", node_of(1e300, x=1)),
        ("GUN-4", "text"),
        ("GUN-4", {"a": None}),
        ("GUN-4", {"a": {"x": 1}}),
        ("GUN-4", {"a": {"_": {"#": "b", ">": {}}}}),
        ("GUN-4", {"a": {"_": {"#": "a"}}}),
        ("GUN-4", {"a": {"_": {"#": "a", ">": {}}, "x": 1}}),
        ("GUN-4", {"#": 1, ".": 1}),
        ("GUN-5", node_of(NOW_MS, x=[1])),
        ("GUN-5", node_of(NOW_MS, x={"#": ""})),
        ("GUN-5", node_of(NOW_MS, x={"#": "b", ">": {}})),
        ("GUN-6", node_of(NOW_MS, **{"$created": 1})),
        ("GUN-6", node_of(NOW_MS, **{"": 1})),
        ("GUN-6", node_of(NOW_MS, __proto__=1)),
        ("GUN-6", node_of(NOW_MS, **{"f" * 1025: 1})),
        ("GUN-6", {"toString": {"_": {"#": "toString", ">": {}}}}),
    ],
)
def test_one_fault_refuses_the_whole_put(rule: str, put: object) -> None:
    """GUN-7: whatever stands before or after the fault."""
    refusal = decode_frame(frame_of(put))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == rule
    if isinstance(put, dict) and "#" not in put:
        for mixed in ({"b": GOOD, **put}, {**put, "b": GOOD}):
            refusal = decode_frame(frame_of(mixed))
            assert isinstance(refusal, Refusal)
            assert refusal.rule == rule


TOO_LONG = b" " * (GUN_FRAME_BYTES_MAX + 1)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"#": 1}', b'{"put": NaN}', b"\xff", b"[" * 100_000, TOO_LONG],
    ids=range(8),
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    """GUN-10."""
    refusal = decode_frame(data)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "GUN-10"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (1.0, 1),
        (-0.0, 0),
        (2.0**53 - 1, 2**53 - 1),
        (2.0**53, 2.0**53),
        (2**53 + 1, 2.0**53),
        (1.5, 1.5),
        (True, True),
        ({"#": "a"}, Link("a")),
        ("\ud83d\ude00", "\U0001f600"),
    ],
)
def test_values_arrive(raw: object, value: Value) -> None:
    """GUN-5."""
    found = value_of_gun(raw)
    assert (type(found), found) == (type(value), value)


def test_nodes_of_one_state_share_a_part() -> None:
    """GUN-8."""
    put = {**node_of(NOW_MS, x=1, y="s"), "b": GOOD}
    put["c"] = {"_": {"#": "c", ">": {"x": 5.5, "y": 6}}, "x": None, "y": {"#": "a"}}
    frame = decode_frame(frame_of(put))
    assert isinstance(frame, GunFrame)
    (part,) = frame.put.parts
    assert (part.writer, part.seq, part.stamp_ns) == (b"", 0, NOW_MS * 1_000_000)
    assert part.rows == {node_key("a"): {"x": 1, "y": "s"}, node_key("b"): {"x": 1}}
    assert frame.put.rows == {
        node_key("c"): {
            "x": Element(5_500_000, None, b"", 0),
            "y": Element(6_000_000, Link("a"), b"", 0),
        }
    }


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frames())
def test_a_put_comes_back(data: bytes) -> None:
    """GUN-9: what was read is written, and read again as the same."""
    frame = decode_frame(data)
    if isinstance(frame, Refusal):
        return
    rows: Rows = dict(frame.put.rows)
    for part in frame.put.parts:
        rows |= elements_of(part)
    said = put_of_rows(rows)
    assert said.unsaid == ()
    assert spelled(decode_frame(encode_put(said, "id"))) == spelled(frame)


def test_what_gun_cannot_hold_is_kept_and_named() -> None:
    """GUN-9."""
    values: dict[str, Value] = {"good": 1, "$type": "t", "long": 2**60, "bytes": b"b", "list": (1,)}
    values |= {"map": ValueMap(), "_": 1, "__proto__": 1}
    row = {field: Element(NOW_MS * 1_000_000, value, b"w", 1) for field, value in values.items()}
    row["late"] = Element(2**63 - 1, 1, b"w", 1)
    rows = {
        node_key("a"): row,
        edge_key("e"): {"x": row["good"]},
        node_key("valueOf"): {"x": row["good"]},
    }
    said = put_of_rows(rows)
    assert said.put == {"a": {"_": {"#": "a", ">": {"good": NOW_MS}}, "good": 1}}
    assert len(said.unsaid) == len(row) - 1 + 2


def greeted() -> State:
    """Start a replica with one native peer."""
    state = initial(Config("r"))
    wall_ns = NOW_MS * 1_000_000
    state, _ = step(state, Started(wall_ns, 0, bytes(16)))
    state, _ = step(state, Connected(wall_ns, 0, "native"))
    hello = Hello(PROTOCOL_VERSION, "native", state.config.salt, state.config.branch, False)
    state, _ = step(state, Received(wall_ns, 0, "native", hello))
    return state


def test_a_put_enters_in_one_event() -> None:
    """GUN-11: by the admission of everything, and only what won is passed on."""
    state = greeted()
    wall_ns = NOW_MS * 1_000_000
    put = {
        **node_of(NOW_MS - 5, x=1),
        "b": GOOD,
        "c": {"_": {"#": "c", ">": {"x": 1, "y": 2}}, "x": 1, "y": 2},
    }
    put["d"] = {"_": {"#": "d", ">": {"x": NOW_MS + 1_000}}, "x": 1}
    put["e"] = {"_": {"#": "e", ">": {"x": NOW_MS + 99_000}}, "x": 1}
    frame = decode_frame(frame_of(put))
    assert isinstance(frame, GunFrame)
    event = Foreign(wall_ns, 0, "gun", frame.put.parts, frame.put.rows)
    state, effects = step(state, event)
    won = [e.won for e in effects if isinstance(e, Notify)]
    assert sorted(key for rows in won for key in rows) == [node_key(s) for s in "abc"]
    assert [w.entity for w in state.graph.waiting] == [node_key("d")]
    assert [type(e).__name__ for e in effects].count("Refused") == 1
    sends = [e for e in effects if isinstance(e, Send)]
    assert all(isinstance(send.frame, StateFrame) and send.peers == ("native",) for send in sends)
    state, _ = step(state, Persisted(wall_ns, 0, state.journal.lsn))
    again = step(state, event)[1]
    assert [type(effect).__name__ for effect in again] == ["Refused"], "nothing else is new"
