"""One replica inside a world: the shipped machine, each different step of it taken once.

Spec: PRF-20, MCH-1. The machine is a function of state and event, so a step that was taken before
is looked up. Each step that is taken is held against the rules that every step must keep.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from loomweave.core import machine
from loomweave.core.encoding import hash_bytes
from loomweave.core.events import (
    ENTROPY_BYTES,
    Connected,
    Disconnected,
    Effect,
    Event,
    Foreign,
    Import,
    Notify,
    Persist,
    Persisted,
    Received,
    Record,
    Refused,
    Rejected,
    Reply,
    Send,
    Started,
    Wake,
    Write,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation
from loomweave.core.replica import recovery
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.replica.state import Config, State, initial, root
from loomweave.core.sync.frames import Frame
from loomweave_proofs.explore.interning import Table, packed
from loomweave_proofs.explore.rules import step_fault

T = TypeVar("T")

TURNS: Final = 12
"""Comparisons go round among at most four peers; their count matters modulo this."""
GATEWAY: Final = "gateway"
"""The peer under whose name writes of another protocol come."""
DOWN: Final = 0
"""The number of the state of a replica that does not run."""


class Item(NamedTuple):
    """One effect, small."""

    kind: str
    """`send`, `persist`, `reply`, `notify` or `refused`."""
    peer: str
    word: str
    """Kind of the frame, or the rule of a refusal."""
    number: int
    """Of the frame, the records or the entry; the seq of a reply."""


class Consequence(NamedTuple):
    """A replica after an event, and what it asks for."""

    state: int
    items: tuple[Item, ...]
    fault: str
    """The rule that the step broke, or nothing."""


class Lens(NamedTuple):
    """What of a state is looked at besides what it holds and whom it knows."""

    feed: bool = False
    """Whether numbers of the feed tell states apart."""
    lsn: bool = False
    """Whether it matters how much awaits durability."""


PLAIN: Final = Lens()
"""What most worlds look at."""


def state_key(state: State, lens: Lens) -> bytes:
    """Write down what of a state decides on all that follows. Spec: PRF-20.

    Numbers that only count (lsn, turns, time since the start) are written relative to one another.
    """
    contacts, journal, identity = state.contacts, state.journal, state.identity
    peers = [
        (name, peer.greeted, max(0, peer.quiet_until_ns - contacts.compare_at_ns), peer.quiet_ns,
         peer.distrusts_clock)
        for name, peer in sorted(contacts.peers.items())
    ]  # fmt: skip
    return packed(
        (
            (state.config.replica, journal.next_seq),
            (identity.writer, identity.incarnation, identity.spare),
            (state.clock.horizon_ns, state.clock.issued_ns, state.clock.applied_ns),
            state.graph.held,
            state.graph.waiting,
            root(state),
            (peers, contacts.links, contacts.turn % TURNS),
            (contacts.seen, contacts.news),
            journal.lsn - journal.durable_lsn if lens.lsn else 0,
            journal.number if lens.feed else 0,
        )
    )


class Replicas:
    """The replicas of one world, by numbers."""

    def __init__(
        self,
        configs: Sequence[Config],
        requests: dict[str, tuple[tuple[Operation, ...], ...]],
        imports: tuple[Part, ...] = (),
        lens: Lens = PLAIN,
    ) -> None:
        self.configs = {config.replica: config for config in configs}
        self.requests = requests
        self.imports = imports
        self.lens = lens
        self.states: Table[State] = Table(lambda state: state_key(state, lens))
        self.frames: Table[Frame] = Table(packed)
        self.records: Table[tuple[Record, ...]] = Table(packed)
        self.entries: Table[Notify] = Table(lambda entry: packed((entry.number, entry.won)))
        self.journals: Table[tuple[int, ...]] = Table(packed)
        self.roots: dict[int, bytes] = {}
        self._steps: dict[tuple[int, tuple[str | int, ...]], Consequence] = {}
        self._recovered: dict[tuple[str, int], tuple[int, tuple[int, ...]]] = {}

    def enter(self, state: State) -> int:
        """Give the number of a state of a replica."""
        number = self.states.enter(state)
        if number not in self.roots:
            self.roots[number] = root(state)
        return number

    def first(self, name: str) -> int:
        """Give a replica's state before it starts."""
        return self.enter(initial(self.configs[name]))

    def step(self, number: int, key: tuple[str | int, ...]) -> Consequence:
        """Take a step of the shipped machine, or look it up. Spec: MCH-1."""
        found = self._steps.get((number, key))
        if found is None:
            found = self._take(number, key)
            self._steps[(number, key)] = found
        return found

    def _take(self, number: int, key: tuple[str | int, ...]) -> Consequence:
        before = self.states[number]
        event = self._event(before, key)
        try:
            after, effects = machine.step(before, event)
        except Exception as error:
            fault = f"MCH-1: the step raised {type(error).__name__}: {error}"
            return Consequence(number, (), fault)
        fault = step_fault(before, event, after, effects) or ""
        return Consequence(self.enter(after), self._items(effects), fault)

    def _event(self, state: State, key: tuple[str | int, ...]) -> Event:
        """Make the event that a key stands for. Its time is the world's; the process began at 0."""
        config = state.config
        mono_ns = max(0, state.contacts.compare_at_ns - config.compare_ns)
        match key:
            case ("frame", int(wall_ns), str(peer), int(frame)):
                return Received(wall_ns, mono_ns, peer, self.frames[frame])
            case ("write", int(wall_ns), int(at)):
                return Write(wall_ns, mono_ns, at, self.requests[config.replica][at])
            case ("import", int(wall_ns)):
                return Import(wall_ns, mono_ns, 0, self.imports)
            case ("read", int(wall_ns), int(at)):
                return Foreign(wall_ns, mono_ns, GATEWAY, (self.imports[at],), {})
            case ("compare", int(wall_ns)):
                return Wake(wall_ns, state.contacts.compare_at_ns, WAKE_COMPARE)
            case ("due", int(wall_ns)):
                return Wake(wall_ns, mono_ns, WAKE_DUE)
            case ("connected", int(wall_ns), str(peer)):
                return Connected(wall_ns, mono_ns, peer)
            case ("disconnected", int(wall_ns), str(peer)):
                return Disconnected(wall_ns, mono_ns, peer)
            case ("persisted", int(wall_ns), int(behind)):
                return Persisted(wall_ns, mono_ns, state.journal.lsn - behind)
            case ("started", int(wall_ns), int(life), int(renew)):
                entropy = hash_bytes(b"entropy", config.replica.encode(), bytes([life]))
                return Started(wall_ns, 0, entropy[:ENTROPY_BYTES], renew=bool(renew))
            case _:
                raise AssertionError(f"no event {key}")

    def _items(self, effects: tuple[Effect, ...]) -> tuple[Item, ...]:
        items: list[Item] = []
        for effect in effects:
            match effect:
                case Send(peers, frame):
                    number, word = self.frames.enter(frame), type(frame).__name__
                    items += [Item("send", peer, word, number) for peer in peers]
                case Persist(_, records):
                    items.append(Item("persist", "", "", self.records.enter(records)))
                case Reply(_, outcome):
                    is_no = isinstance(outcome, Rejected)
                    seq = 0 if isinstance(outcome, Rejected) else outcome.seq
                    items.append(Item("reply", "", "no" if is_no else "yes", seq))
                case Notify():
                    items.append(Item("notify", "", "", self.entries.enter(effect)))
                case Refused(peer, refusal):
                    items.append(Item("refused", peer, refusal.rule, 0))
        return tuple(items)

    def append(self, journal: int, records: int) -> int:
        """Give the journal with one entry more."""
        kept = self.journals[journal] if journal else ()
        return self.journals.enter((*kept, records))

    def recover(self, name: str, journal: int) -> tuple[int, tuple[int, ...]]:
        """Recover a replica from a journal: its state, and the entries of the feed. Spec: MCH-8."""
        found = self._recovered.get((name, journal))
        if found is None:
            kept = self.journals[journal] if journal else ()
            records = [record for entry in kept for record in self.records[entry]]
            state, feed = recovery.recover(self.configs[name], records)
            entries = tuple(self.entries.enter(entry) for entry in feed)
            found = self.enter(state), entries
            self._recovered[(name, journal)] = found
        return found

    def remembered(self, function: Callable[[State], T]) -> Callable[[int], T]:
        """Make a function of states one of numbers that computes each answer once."""
        answers: dict[int, T] = {}

        def answer(number: int) -> T:
            if number not in answers:
                answers[number] = function(self.states[number])
            return answers[number]

        return answer
