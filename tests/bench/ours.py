"""What is measured of ours: the kernel on decoded writes, and whole steps from bytes."""

from collections.abc import Sequence

from loomweave.core.entities import node_key
from loomweave.core.errors import Refusal
from loomweave.core.events import Connected, Foreign, Persist, Persisted, Received, Started
from loomweave.core.graph import store
from loomweave.core.graph.merge import Part, elements_of, merge_part, merge_rows, rows_join
from loomweave.core.graph.store import Gate
from loomweave.core.gun_stamps import quick_stamp
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Row, Rows
from loomweave.core.machine import step
from loomweave.core.persistent import PMap, empty, put_all
from loomweave.core.replica.state import Config, State, initial
from loomweave.core.sync.frames import PROTOCOL_VERSION, Batch, Hello
from loomweave.core.values import Value
from loomweave.wire.gun import decode_frame as decode_gun
from loomweave.wire.native import decode_frame, encode_frame
from tests.bench.workload import NOW_MS, Workload

NOW_NS = NOW_MS * 1_000_000
ACKNOWLEDGE_EVERY = 512
"""How many steps the driver lets pass before it says what is durable."""
WRITERS = 8

Held = PMap[str, Row]


def parts_of(workload: Workload) -> list[tuple[Part, ...]]:
    """Turn each frame into parts, one for each state in it."""
    found = []
    for frame in workload.frames:
        rows: dict[float, dict[str, dict[str, Value]]] = {}
        for soul, field, state, value in frame:
            assert value is None or isinstance(value, (bool, int, str)), "what is drawn is scalar"
            rows.setdefault(state, {}).setdefault(node_key(soul), {})[field] = value
        found.append(
            tuple(Part(GUN_WRITER, GUN_SEQ, quick_stamp(ms), row) for ms, row in rows.items())
        )
    return found


def batches_of(workload: Workload) -> list[bytes]:
    """Write each frame as one native batch: the same rows, one stamp, some writers in turn."""
    found = []
    for at, frame in enumerate(workload.frames):
        rows: dict[str, dict[str, Value]] = {}
        for soul, field, _, value in frame:
            assert value is None or isinstance(value, (bool, int, str)), "what is drawn is scalar"
            rows.setdefault(node_key(soul), {})[field] = value
        writer = b"%016d" % (at % WRITERS)
        part = Part(writer, at // WRITERS + 1, quick_stamp(frame[0][2]), rows)
        found.append(encode_frame(Batch(part, {})))
    return found


def greeted() -> State:
    """Start a replica that has one native peer besides the one who delivers."""
    state, _ = step(initial(Config("bench")), Started(0, 0, bytes(16)))
    for name in ("source", "other"):
        state, _ = step(state, Connected(NOW_NS, 0, name))
        config = state.config
        hello = Hello(PROTOCOL_VERSION, name, config.salt, config.branch, False)
        state, _ = step(state, Received(NOW_NS, 0, name, hello))
    return state


def rows_of(frames: Sequence[tuple[Part, ...]]) -> list[Rows]:
    """Spell the parts of each frame out as elements."""
    found = []
    for parts in frames:
        rows: Rows = {}
        for part in parts:
            rows = rows_join(rows, elements_of(part))
        found.append(rows)
    return found


def run_kernel(frames: Sequence[tuple[Part, ...]]) -> Held:
    """Merge decoded parts and publish a snapshot a frame."""
    held: Held = empty()
    for parts in frames:
        fresh: dict[str, Row] = {}
        for part in parts:
            fresh |= merge_part(held, part).fresh
        held = put_all(held, fresh)
    return held


def run_rows_kernel(frames: Sequence[Rows]) -> Held:
    """Merge decoded elements and publish a snapshot a frame."""
    held: Held = empty()
    for rows in frames:
        held = put_all(held, merge_rows(held, rows).fresh)
    return held


def run_decoding(frames: Sequence[bytes], is_gun: bool) -> None:
    """Only decode."""
    decode = decode_gun if is_gun else decode_frame
    for data in frames:
        decode(data)


def run_admission(frames: Sequence[bytes]) -> None:
    """Decode GUN's frames and take them into a graph: no state, journal, feed or forwarding."""
    graph = store.empty_graph()
    gate = Gate(NOW_NS, NOW_NS, 0, "gun")
    for data in frames:
        frame = decode_gun(data)
        assert not isinstance(frame, Refusal), frame
        if frame.put.parts:
            graph = store.absorb_parts(graph, frame.put.parts, gate).graph
        if frame.put.rows:
            graph = store.absorb_rows(graph, frame.put.rows, gate).graph


def run_gun_steps(frames: Sequence[bytes]) -> State:
    """Take GUN's frames in from bytes: decoding, dropping what was seen, the whole step."""
    state = greeted()
    seen: set[str] = set()
    for at, data in enumerate(frames):
        frame = decode_gun(data)
        assert not isinstance(frame, Refusal), frame
        if frame.id in seen:
            continue
        seen.add(frame.id)
        event = Foreign(NOW_NS, at, "gun", frame.put.parts, frame.put.rows)
        state = performed(state, step(state, event), at)
    return state


def run_native_steps(frames: Sequence[bytes]) -> State:
    """Take native frames in from bytes: decoding and the whole step."""
    state = greeted()
    for at, data in enumerate(frames):
        frame = decode_frame(data)
        state = performed(state, step(state, Received(NOW_NS, at, "source", frame)), at)
    return state


def performed(before: State, answer: tuple[State, tuple[object, ...]], at: int) -> State:
    """Look at the effects as a driver does, and acknowledge the journal now and then."""
    state, effects = answer
    lsn = 0
    for effect in effects:
        if type(effect) is Persist:
            lsn = effect.lsn
    if lsn and at % ACKNOWLEDGE_EVERY == 0:
        state, _ = step(state, Persisted(NOW_NS, at, lsn))
    return state
