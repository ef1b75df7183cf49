"""One replica on a desk, event by event, and what it is told."""

from collections.abc import Iterable

from msgspec.structs import replace

from loomweave.core.entities import Kind, node_key
from loomweave.core.errors import Refusal
from loomweave.core.events import (
    Connected,
    Effect,
    Event,
    Notify,
    Persist,
    Received,
    Record,
    Refused,
    Rejected,
    Reply,
    Send,
    Started,
    Wake,
    Write,
    Written,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Delete, Operation, PutEdge, PutNode
from loomweave.core.machine import step
from loomweave.core.replica.recovery import recover
from loomweave.core.replica.state import (
    Config,
    State,
    graph_salt,
    initial,
)
from loomweave.core.sync.frames import (
    PROTOCOL_VERSION,
    Agreed,
    Batch,
    Frame,
    Hello,
)
from loomweave.laws import machine as laws

WALL_NS = 1_000_000_000_000_000
SECOND_NS = 1_000_000_000
KEY = node_key("a")
SALT = graph_salt("default")
ENTROPY = b"incarnatspare..."


class Desk:
    """One replica on a desk; every step of it is judged."""

    def __init__(self, name: str = "me", *peers: str, config: Config | None = None) -> None:
        self.config = config or Config(name)
        self.state = initial(self.config)
        self.wall_ns = WALL_NS
        self.mono_ns = 0
        self.records: list[tuple[Record, ...]] = []
        self.do(Started(self.wall_ns, 0, ENTROPY))
        for peer in peers:
            self.do(Connected(self.wall_ns, self.mono_ns, peer))
            self.hear(peer, hello(peer))

    def do(self, event: Event) -> tuple[Effect, ...]:
        before = self.state
        self.state, effects = step(before, event)
        assert (fault := laws.effects_fault(before, effects)) is None, fault
        assert (fault := laws.whole_fault(self.state)) is None, fault
        self.records += [effect.records for effect in effects if isinstance(effect, Persist)]
        return effects

    def hear(self, peer: str, frame: Frame | Refusal) -> tuple[Effect, ...]:
        return self.do(Received(self.wall_ns, self.mono_ns, peer, frame))

    def write(self, *operations: Operation) -> Written | Rejected:
        effects = self.do(Write(self.wall_ns, self.mono_ns, 1, operations))
        reply = effects[-1]
        assert isinstance(reply, Reply)
        return reply.outcome

    def wake(self, key: str) -> tuple[Effect, ...]:
        return self.do(Wake(self.wall_ns, self.mono_ns, key))

    def held(self, field: str, entity: str = KEY) -> object:
        element = self.state.graph.held.get(entity, {}).get(field)
        return None if element is None else element.value

    def again(self, entries: int | None = None) -> tuple[State, tuple[Notify, ...]]:
        """Recover from the first so many entries of the journal."""
        kept = self.records[:entries]
        return recover(self.config, [record for entry in kept for record in entry])


def hello(replica: str = "peer", **changes: object) -> Hello:
    plain = Hello(PROTOCOL_VERSION, replica, SALT, "main", answer=False)
    return replace(plain, **changes)


def batch(seq: int, value: int = 0, stamp_ns: int = WALL_NS, writer: bytes = b"w") -> Batch:
    return Batch(Part(writer, seq, stamp_ns, {KEY: {"p": value}}), {})


def frames(effects: Iterable[Effect]) -> list[tuple[tuple[str, ...], Frame]]:
    return [(effect.peers, effect.frame) for effect in effects if isinstance(effect, Send)]


def refusals(effects: Iterable[Effect]) -> list[Refusal]:
    return [effect.refusal for effect in effects if isinstance(effect, Refused)]


def busy_desk() -> tuple[Desk, list[State], list[Notify]]:
    """A replica with a life: its state after each entry of the journal, and its feed."""
    desk = Desk("me", "a")
    states, feed = [desk.state], []
    events: list[Event] = [
        Write(WALL_NS, 0, 1, (PutNode("a", "person", {"p": 1}), PutNode("b"))),
        Write(WALL_NS, 0, 2, (PutEdge("a", "b", "knows", "e"),)),
        Received(WALL_NS, 0, "a", batch(1, 1, WALL_NS + 20_000)),
        Received(WALL_NS, 0, "a", batch(2, 2, WALL_NS + 40_000)),
        Received(WALL_NS + 5, 0, "a", batch(1, 7, WALL_NS + 4, b"v")),
        Write(WALL_NS + 20_000, 0, 3, (Delete(Kind.NODE, "b"),)),
        Received(WALL_NS, 0, "a", Agreed({desk.state.identity.writer: 50})),
        Write(WALL_NS + 30_000, 0, 4, (PutNode("b", properties={"q": 1}),)),
    ]
    for event in events:
        before = desk.state
        for effect in desk.do(event):
            if isinstance(effect, Notify):
                feed.append(effect)
        assert desk.state.journal.lsn > before.journal.lsn
        states.append(desk.state)
    return desk, states, feed
