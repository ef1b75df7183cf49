"""The embedded replica: what its calls promise. Spec: MCH-12, MCH-7, GRF-12 to GRF-18, HAM-5."""

from collections.abc import Callable

import pytest

from loomweave import Change, ChangeKind, Deltas, EdgeType, NodeType, Replica, UsageError

SECOND_NS = 1_000_000_000
START_NS = 1_790_000_000 * SECOND_NS


class Wall:
    """A wall clock that tests turn, and that moves on a little whenever it is read."""

    def __init__(self, ahead_ns: int = 0) -> None:
        self.now_ns = START_NS + ahead_ns

    def __call__(self) -> int:
        self.now_ns += 10_000
        return self.now_ns


def chance(mark: int) -> Callable[[int], bytes]:
    """Give the same bytes each time."""
    return lambda size: bytes([mark]) * size


def pair() -> tuple[Replica, Replica]:
    wall = Wall()
    here = Replica("here", wall=wall, entropy=chance(1))
    return here, Replica("there", wall=wall, entropy=chance(2))


def test_deltas_bring_another_replica_to_the_same_state() -> None:
    here, there = pair()
    here.put_node("a", type="person", properties={"name": "Ada", "born": 1815}, labels=["Poet"])
    here.put_node("b", type="person")
    edge = here.put_edge("a", "b", "knows", weight=2, properties={"since": 1833})
    receipt = there.receive(here.deltas_since())
    assert [change.kind for change in receipt.changes] == [
        ChangeKind.NODE_CREATED,
        ChangeKind.NODE_CREATED,
        ChangeKind.EDGE_CREATED,
    ]
    assert not receipt.refusals
    assert there.root == here.root
    assert there.get("a") == here.get("a")
    assert there.get(edge, kind="edge") == here.get(edge, kind="edge")
    assert [node.id for node in there.neighbours("a", direction="out")] == ["b"]


def test_deltas_in_any_order_and_twice_change_nothing_more() -> None:
    here, there = pair()
    for turn in range(5):
        here.put_node(f"n{turn}", properties={"turn": turn})
        here.patch("n0", {"turn": turn})
    frames = here.deltas_since().frames
    there.receive(frames[::-1])
    assert there.root == here.root
    assert there.receive(frames).changes == ()


def test_a_cursor_goes_on_from_where_it_was() -> None:
    here, there = pair()
    here.put_node("a")
    first = here.deltas_since()
    here.put_node("b")
    second = here.deltas_since(first.cursor)
    assert len(second.frames) == 1
    there.receive(first)
    there.receive(second)
    assert there.root == here.root
    assert here.deltas_since(second.cursor).frames == ()


def test_a_cursor_from_nowhere_is_the_callers_error() -> None:
    here, _ = pair()
    with pytest.raises(UsageError, match=r"cursor 7: .* \[MCH-12\]"):
        here.deltas_since(7)


def test_an_old_cursor_gets_the_whole_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loomweave.runtime.replica.DELTA_LOG_MAX", 4)
    here, there = pair()
    for turn in range(20):
        here.put_node(f"n{turn}")
    there.receive(here.deltas_since(0))
    assert there.root == here.root


def test_what_a_replica_received_it_passes_on() -> None:
    here, there = pair()
    third = Replica("third", wall=Wall(), entropy=chance(3))
    here.put_node("a")
    there.receive(here.deltas_since())
    third.receive(there.deltas_since())
    assert third.root == here.root


def test_a_batch_is_all_or_nothing() -> None:
    here, _ = pair()
    with pytest.raises(UsageError), here.batch() as batch:
        batch.put_node("a")
        batch.put_edge("a", "nobody", "knows")
    assert here.get("a") is None
    with here.batch() as batch:
        batch.put_node("a")
        batch.put_node("b")
        batch.put_edge("a", "b", "knows", id="ab")
    assert len(here.deltas_since().frames) == 1
    assert here.get("ab", kind="edge") is not None


def test_a_batch_whose_block_raises_writes_nothing() -> None:
    here, _ = pair()
    with pytest.raises(ZeroDivisionError), here.batch() as batch:
        batch.put_node("a")
        raise ZeroDivisionError
    assert here.get("a") is None


def test_listeners_hear_own_and_remote_changes_until_they_leave() -> None:
    here, there = pair()
    heard: list[Change] = []
    leave = there.on_change(heard.append)
    there.put_node("own")
    here.put_node("remote", properties={"x": 1})
    there.receive(here.deltas_since())
    assert [(change.kind.value, change.id) for change in heard] == [
        ("node_created", "own"),
        ("node_created", "remote"),
    ]
    leave()
    there.delete("own")
    assert len(heard) == 2


def test_a_change_has_base_and_value() -> None:
    here, _ = pair()
    here.put_node("a", properties={"x": 1, "y": "same"})
    heard: list[Change] = []
    here.on_change(heard.append)
    here.put_node("a", properties={"x": 2, "y": "same"})
    (field,) = heard[0].fields
    assert (field.name, field.base, field.value) == ("x", 1, 2)
    here.put_node("a", properties={"x": 2})
    assert len(heard) == 1, "a put of what shows already is no change"


def test_replace_deletes_what_it_does_not_name() -> None:
    here, _ = pair()
    here.put_node("a", properties={"x": 1, "y": 2}, labels=["L", "M"])
    here.put_node("a", properties={"x": 1}, labels=["M"], replace=True)
    node = here.get("a")
    assert node is not None
    assert (node.properties, node.labels) == ({"x": 1}, ("M",))


def test_a_write_from_a_fast_clock_shows_once_it_is_due() -> None:
    wall = Wall()
    fast = Replica("fast", wall=Wall(30 * SECOND_NS), entropy=chance(1))
    slow = Replica("slow", wall=wall, entropy=chance(2))
    fast.put_node("a")
    assert slow.receive(fast.deltas_since()).changes == ()
    assert slow.get("a") is None
    assert slow.root == fast.root, "received is received, seen or not"
    wall.now_ns += 31 * SECOND_NS
    assert slow.get("a") is not None


def test_a_write_from_far_ahead_is_refused_and_may_come_again() -> None:
    wall = Wall()
    wild = Replica("wild", wall=Wall(90 * SECOND_NS), entropy=chance(1))
    tame = Replica("tame", wall=wall, entropy=chance(2))
    wild.put_node("a")
    (refusal,) = tame.receive(wild.deltas_since()).refusals
    assert refusal.rule == "CLK-5"
    assert refusal.retry_at_ns is not None
    wall.now_ns = refusal.retry_at_ns
    assert tame.receive(wild.deltas_since()).refusals == ()
    assert tame.root == wild.root


def test_garbage_is_refused_with_a_reason() -> None:
    here, _ = pair()
    (refusal,) = here.receive([b"not a frame"]).refusals
    assert refusal.rule.startswith("WIR-")
    assert refusal.reason


def test_deltas_of_another_graph_are_refused() -> None:
    one, two = Replica("r", graph="one"), Replica("s", graph="two")
    one.put_node("a")
    (refusal,) = two.receive(one.deltas_since()).refusals
    assert refusal.rule == "SYN-1"
    assert two.get("a") is None


def test_the_vocabulary_can_be_used() -> None:
    here, _ = pair()
    here.put_node("a", type=NodeType.AGENT)
    here.put_node("b")
    edge = here.put_edge("a", "b", EdgeType.OWNS, weight=3)
    found, owns = here.get("a"), here.get(edge, kind="edge")
    assert found is not None and owns is not None
    assert (type(found.type), found.type, type(owns.type), owns.type) == (
        str,
        "agent",
        str,
        "owns",
    )


def test_a_weight_can_be_taken_away() -> None:
    here, _ = pair()
    here.put_node("a")
    here.put_edge("a", "a", id="e", weight=3)
    here.patch("e", kind="edge", drop_weight=True)
    edge = here.get("e", kind="edge")
    assert edge is not None and edge.weight is None
    here.put_edge("a", "a", id="e", weight=3)
    here.put_edge("a", "a", id="e", replace=True)
    edge = here.get("e", kind="edge")
    assert edge is not None and edge.weight is None


def test_properties_read_back_as_they_were_written() -> None:
    here, _ = pair()
    written = {"d": {"k": [1, {"x": 2}]}, "l": [1, 2.0, None, True], "b": b"x"}
    here.put_node("a", properties=written)
    node = here.get("a")
    assert node is not None and node.properties == written


def test_a_write_beside_an_open_batch_is_the_callers_error() -> None:
    here, _ = pair()
    with pytest.raises(UsageError, match="a batch is open"), here.batch():
        here.put_node("a")
    assert here.get("a") is None
    here.put_node("a")


def test_what_a_listener_raises_comes_after_the_write() -> None:
    here, _ = pair()

    def fail(_: Change) -> None:
        raise ZeroDivisionError

    here.on_change(fail)
    with pytest.raises(ZeroDivisionError):
        here.put_node("a")
    assert here.get("a") is not None


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda r: r.patch("ghost", {"x": 1}), "GRF-14"),
        (lambda r: r.delete("ghost"), "GRF-15"),
        (lambda r: r.put_edge("a", "ghost"), "GRF-7"),
        (lambda r: r.put_node(""), "GRF-2"),
        (lambda r: r.put_node("x\x00y"), "GRF-2"),
        (lambda r: r.put_node("a", properties={"$x": 1}), "GRF-3"),
        (lambda r: r.put_node("a", properties={"x": float("nan")}), "VAL-4"),
        (lambda r: r.put_edge("a", "a", weight=float("inf")), "VAL-4"),
        (lambda r: r.put_edge("a", "a", weight="heavy"), "GRF-7"),
        (lambda r: r.delete("a", kind="ref"), "GRF-1"),
        (lambda r: r.neighbours("a", direction="up"), "GRF-9"),
        (lambda r: r.put_node("a", labels="Person"), "GRF-3"),
        (lambda r: r.put_node("a", properties=[1]), "GRF-12"),
        (lambda r: r.receive(b"junk"), "MCH-12"),
        (lambda r: r.receive(None), "MCH-12"),
        (lambda r: r.deltas_since("x"), "MCH-12"),
        (lambda r: r.on_change(3), "MCH-9"),
        (lambda r: Replica(""), "GRF-2"),
        (lambda r: Replica(3), "GRF-2"),  # type: ignore[arg-type]
    ],
)
def test_callers_errors_name_the_rule_and_write_nothing(
    call: Callable[[Replica], object], rule: str
) -> None:
    here, _ = pair()
    here.put_node("a")
    before = here.root
    with pytest.raises(UsageError) as error:
        call(here)
    assert error.value.rule == rule
    assert here.root == before


def test_status_counts() -> None:
    here, _ = pair()
    here.put_node("a")
    status = here.status
    assert (status.replica, status.entities, status.lsn) == ("here", 1, status.durable_lsn)
    assert not status.clock_suspect


def test_deltas_are_plain_values() -> None:
    here, _ = pair()
    assert here.deltas_since() == Deltas(0, (), here.deltas_since().salt)
