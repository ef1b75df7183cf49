"""Sync: hello, batches, version vectors, digests, reconciliation, silence. Spec: chapter SYN."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loomweave.core.entities import node_key
from loomweave.core.events import Connected, Received, Send, Started, Wake
from loomweave.core.graph import store
from loomweave.core.graph.merge import Part
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.machine import step
from loomweave.core.replica import intake, reconcile, session
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.replica.state import Config, State, initial, root
from loomweave.core.sync import digest
from loomweave.core.sync.frames import PROTOCOL_VERSION, Batch, Hello
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws import machine as machine_laws
from loomweave.laws import sync as laws
from tests.strategies import FAR_NS, batches, element_rows, parts, stamps

MONO_NS = 2_000_000_000


def replica(name: str, *peers: str) -> State:
    """A replica that has started at instant 0 and was greeted by these peers."""
    config = Config(name)
    state, _ = step(initial(config), Started(0, 0, name.encode().ljust(16, b".")))
    for peer in peers:
        state, _ = step(state, Connected(0, 0, peer))
        hello = Hello(PROTOCOL_VERSION, peer, config.salt, config.branch, answer=False)
        state, _ = step(state, Received(0, 0, peer, hello))
    return state


def fed(name: str, peer: str, told: list[Rows | Batch], wall_ns: int) -> State:
    """A replica that was told these batches and elements by somebody else."""
    state = replica(name, peer, "other")
    for piece in told:
        frame = piece if isinstance(piece, Batch) else StateFrame(piece, {})
        state, _ = step(state, Received(wall_ns, 0, "other", frame))
    return state


TOLD = st.lists(st.one_of(element_rows(), batches()), max_size=4)


@given(TOLD, TOLD, stamps(), stamps())
@settings(max_examples=60)
def test_comparison_completes(
    a: list[Rows | Batch], b: list[Rows | Batch], one_ns: int, two_ns: int
) -> None:
    """SYN-5 to SYN-7: whatever each was told, held or waiting, one comparison makes them equal."""
    one, two = fed("one", "two", a, one_ns), fed("two", "one", b, two_ns)
    fault = laws.comparison_completes(one, two, max(one_ns, two_ns), MONO_NS)
    assert fault is None, fault


@given(TOLD, batches(), stamps(), stamps())
@settings(max_examples=60)
def test_batches_go_on_only_as_news(
    told: list[Rows | Batch], batch: Batch, before_ns: int, wall_ns: int
) -> None:
    """SYN-2, SYN-9: and a repetition is silent."""
    state = fed("one", "two", told, before_ns)
    assert laws.forwards_only_news(state, "other", batch, wall_ns)
    assert laws.repetition_is_silent(state, "other", batch, wall_ns)
    after, _ = step(state, Received(wall_ns, 0, "other", batch))
    assert (fault := machine_laws.whole_fault(after)) is None, fault
    assert (fault := machine_laws.snapshot_gives_back(after)) is None, fault


@given(st.lists(parts(), min_size=1, max_size=4), st.data())
@settings(max_examples=60)
def test_the_way_does_not_matter(made: list[Part], data: st.DataObject) -> None:
    """SYN-2, SYN-3: batches in any order, doubled, or cut into frames of state: one root."""
    unique = [Part(b"w%d" % n, 1, part.stamp_ns, part.rows) for n, part in enumerate(made)]
    straight = fed("one", "two", [Batch(part, {}) for part in unique], FAR_NS)
    state = replica("one", "two", "other")
    order = data.draw(st.permutations([*unique, *unique]))
    for part in order:
        wall_ns = data.draw(stamps())
        frame: Batch | StateFrame = Batch(part, {})
        if data.draw(st.booleans()):
            rows = {
                entity: {
                    field: Element(part.stamp_ns, value, part.writer, part.seq)
                    for field, value in row.items()
                }
                for entity, row in part.rows.items()
            }
            frame = StateFrame({}, rows)
        state, _ = step(state, Received(wall_ns, 0, "two", frame))
    assert root(state) == root(straight)
    state, _ = step(state, Wake(FAR_NS, 0, "due"))
    assert machine_laws.recovery_fault(state, straight) is None or state.graph.waiting == ()
    assert sorted(state.graph.held) == sorted(straight.graph.held)
    for entity in sorted(state.graph.held):
        assert state.graph.held[entity] == straight.graph.held[entity]


@given(element_rows(), element_rows())
def test_roots_are_of_elements(a: Rows, b: Rows) -> None:
    """SYN-5: equal roots for equal elements, other roots for others, stamps and dots included."""
    one, two = fed("one", "x", [a], FAR_NS), fed("two", "y", [b], FAR_NS)
    held = [{e: dict(s.graph.held[e]) for e in sorted(s.graph.held)} for s in (one, two)]
    assert (root(one) == root(two)) == (held[0] == held[1])


def test_leaves_tell_kinds_apart() -> None:
    """SYN-5, ENC-1: values that Python takes for equal have other leaves."""
    elements = [Element(1, value, b"w", 1) for value in (1, 1.0, True, (1,), (1.0,), "1", b"1")]
    leaves = {digest.leaf_of("e", {"p": element}) for element in elements}
    leaves |= {
        digest.leaf_of("e", {"p": e}) for e in (Element(2, 1, b"w", 1), Element(1, 1, b"", 1))
    }
    assert len(leaves) == 9
    assert digest.leaf_of("f", {"p": elements[0]}) not in leaves


def test_buckets_hang_on_the_salt() -> None:
    """SYN-5: outsiders cannot tell which entities share a bucket."""
    keys = [node_key(str(n)) for n in range(50)]
    one, two = ([digest.bucket_of(key, salt) for key in keys] for salt in (b"a" * 16, b"b" * 16))
    assert one != two
    assert len(set(one)) > 30


def test_frames_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """SYN-6, SYN-7: many small frames do what one large would have done."""
    monkeypatch.setattr(reconcile, "LEAVES_MAX", 3)
    monkeypatch.setattr(reconcile, "STATE_FIELDS_MAX", 2)
    rows = {
        node_key(str(n)): {f: Element(5, n, b"w", 1) for f in ("p", "q", "r")[: n % 3 + 1]}
        for n in range(40)
    }
    one, two = fed("one", "two", [rows], 10), fed("two", "one", [], 10)
    for a, b in ((one, two), (two, one)):
        assert laws.comparison_completes(a, b, 10, MONO_NS) is None
    frames = list(reconcile.state_frames(one, sorted(rows)))
    assert len(frames) > 13
    assert all(sum(map(len, frame.rows.values())) <= 3 for frame in frames)


def test_equal_replicas_only_compare() -> None:
    """SYN-9: nothing but digests is said where nothing differs."""
    one, two = fed("one", "two", [], 10), fed("two", "one", [], 10)
    said = []
    for turn in (0, 1):
        at_ns = MONO_NS * (turn + 1)
        one, effects = step(one, Wake(10, at_ns, WAKE_COMPARE))
        said += laws.sent("one", "two", effects)
    assert len(said) == 1
    assert laws.is_idle_talk(said[0][2])
    assert laws.answers(two, "one", said[0][2], 10) == []


# -- broken variants: each must break a law ------------------------------------------------------

SEARCH = settings(phases=[Phase.generate], max_examples=150, database=None)


@SEARCH
@given(TOLD, batches(), stamps())
def echo_law(told: list[Rows | Batch], batch: Batch, wall_ns: int) -> None:
    state = fed("one", "two", told, wall_ns)
    assert laws.forwards_only_news(state, "other", batch, wall_ns)
    assert laws.repetition_is_silent(state, "other", batch, wall_ns)


@SEARCH
@given(TOLD, TOLD, stamps())
def digest_law(a: list[Rows | Batch], b: list[Rows | Batch], wall_ns: int) -> None:
    one, two = fed("one", "two", a, wall_ns), fed("two", "one", b, 0)
    assert machine_laws.is_whole(one)
    assert laws.comparison_completes(one, two, wall_ns, MONO_NS) is None
    assert machine_laws.snapshot_gives_back(two) is None


def everything(state: State, source: str, batch: Batch, wall_ns: int) -> intake.Step:
    """Pass on whatever comes."""
    state, effects = TAKE(state, source, batch, wall_ns)
    return state, (*effects, *intake.forward(state, batch, source))


def to_all(state: State, frame: Batch, source: str) -> tuple[Send, ...]:
    """Send a batch back to where it came from as well."""
    return (Send(state.contacts.links, frame, state.journal.lsn),)


def held_alone(graph: store.Graph, waiting: Rows, entity: str) -> dict[str, Element]:
    """Leave what waits out of the digest."""
    return graph.held.get(entity, {})


def unmarked(unsummed: object, entities: tuple[str, ...]) -> object:
    """Forget which entities the digest must mend."""
    return unsummed


def unheard(state: State, *_: object) -> intake.Step:
    """Leave a want unanswered."""
    return state, ()


TAKE = session.take_batch


@pytest.mark.parametrize(
    ("place", "name", "broken", "law"),
    [
        ("loomweave.core.machine", "take_batch", everything, echo_law),
        ("loomweave.core.replica.session", "forward", to_all, echo_law),
        ("loomweave.core.sync.digest", "received_row", held_alone, digest_law),
        ("loomweave.core.graph.store", "mark", unmarked, digest_law),
        ("loomweave.core.machine", "answer_want", unheard, digest_law),
    ],
    ids=["everything", "to_all", "held_alone", "unmarked", "wants unheard"],
)
def test_broken_variants_are_caught(
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    name: str,
    broken: Callable[..., object],
    law: Callable[[], None],
) -> None:
    """SYN-2, SYN-5: a law that no mistake can break says nothing."""
    monkeypatch.setattr(f"{place}.{name}", broken)
    with pytest.raises(AssertionError):
        law()
