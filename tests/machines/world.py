"""Replicas, a network that does what it likes, disks that lose what was not durable."""

from attrs import Factory, define

from loomweave.core.events import (
    Connected,
    Disconnected,
    Effect,
    Event,
    Foreign,
    Notify,
    Persist,
    Persisted,
    Received,
    Record,
    Refused,
    Reply,
    Send,
    Started,
    Wake,
    Write,
    Written,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation
from loomweave.core.graph.waiting import Waiting
from loomweave.core.lattices.register import Element
from loomweave.core.machine import step
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.replica.recovery import recover, snapshot
from loomweave.core.replica.state import Config, State, initial, root
from loomweave.core.sync.frames import Batch, Declined, Frame
from loomweave.core.sync.frames import State as StateFrame
from loomweave.laws import machine as laws
from loomweave.laws.ham import held_rows, same_rows
from tests.machines.twin import Impossible, Order, Place, Plan, Twin, order_of

START_NS = 1_000_000_000_000
TICK_NS = 1_000
SKEW_NS = 20 * TICK_NS
COMPARE_NS = 10 * TICK_NS


@define
class Host:
    """One replica with its disk, its clock and its twin."""

    name: str
    state: State
    twin: Twin = Factory(Twin)
    ahead_ns: int = 0
    """How wrong its wall clock is."""
    entries: list[tuple[int, tuple[Record, ...]]] = Factory(list)
    ends: list[int] = Factory(lambda: [0])
    """Numbers of the journal at which a step ended: where a disk may stop."""
    base: tuple[Record, ...] = ()
    base_number: int = 0
    pending: list[Send | Reply | Notify] = Factory(list)
    feed: dict[int, Notify] = Factory(dict)
    starts: int = 0


@define
class World:
    """Everything, moved on by the rules of the test."""

    hosts: dict[str, Host] = Factory(dict)
    links: set[tuple[str, str]] = Factory(set)
    flying: list[tuple[str, str, Frame]] = Factory(list)
    now_ns: int = 0
    requests: int = 0
    written: dict[tuple[bytes, int], dict[Place, Element]] = Factory(dict)
    """All batches that clients wrote."""
    acknowledged: list[tuple[bytes, int]] = Factory(list)
    rules_refused: set[str] = Factory(set)
    happened: set[str] = Factory(set)

    def boot(self, name: str) -> None:
        config = Config(name, skew_max_ns=SKEW_NS, compare_ns=COMPARE_NS)
        self.hosts[name] = Host(name, initial(config))
        self.start(self.hosts[name])

    def wall_ns(self, host: Host) -> int:
        return START_NS + self.now_ns + host.ahead_ns

    def start(self, host: Host) -> None:
        host.starts += 1
        entropy = f"{host.name}{host.starts}".encode().ljust(16, b".")
        self.do(host, Started(self.wall_ns(host), self.now_ns, entropy))

    # -- one step, judged

    def do(self, host: Host, event: Event) -> tuple[Effect, ...]:
        """Let a host take a step; hold the state, the effects and the twin against each other."""
        before = host.state
        host.state, effects = step(before, event)
        assert (fault := laws.effects_fault(before, effects)) is None, fault
        host.twin.times.append((event.wall_ns, before.journal.lsn + 1))
        self.teach(host, event, before, effects)
        for effect in effects:
            self.perform(host, effect)
        if host.state.journal.lsn != host.ends[-1]:
            host.ends.append(host.state.journal.lsn)
        self.check(host)
        return effects

    def teach(self, host: Host, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        """Tell the twin what the event brought."""
        lsn, wall_ns = host.state.journal.lsn, event.wall_ns
        told: list[dict[Place, Element]] = []
        match event:
            case Received(frame=Batch(part=part)) if event.peer in before.contacts.links:
                told.append(spelled(part))
            case Foreign(parts=parts):
                for part in parts:
                    told.append(spelled(part))
            case Received(frame=StateFrame(rows=held, early=early)):
                if event.peer in before.contacts.links:
                    told = [
                        {(e, f): element for e, row in rows_.items() for f, element in row.items()}
                        for rows_ in (held, early)
                    ]
        for elements in told:
            host.twin.take(elements, wall_ns, SKEW_NS, lsn)

    def perform(self, host: Host, effect: Effect) -> None:
        match effect:
            case Persist():
                host.entries.append((effect.lsn, effect.records))
            case Send() | Reply():
                host.pending.append(effect)
            case Notify():
                host.pending.append(effect)
                host.feed[effect.number] = effect
                if not effect.source and len(effect.won) > 1:
                    self.happened.add("batch")
            case Refused():
                self.rules_refused.add(effect.refusal.rule)
            case _:
                pass

    def check(self, host: Host) -> None:
        """The state is whole, and the twin holds and awaits the same."""
        state, twin = host.state, host.twin
        assert (fault := laws.whole_fault(state)) is None, fault
        assert state.clock.horizon_ns == twin.horizon_ns()
        assert same_rows(held_rows(state.graph), twin.held())
        assert {_place(waiting) for waiting in state.graph.waiting} == twin.waiting()
        if state.graph.waiting:
            self.happened.add("waiting")
        for writer, seq in state.contacts.seen.items():
            for number in range(1, seq + 1):
                self.check_seen(host, writer, number)

    def check_seen(self, host: Host, writer: bytes, number: int) -> None:
        """SYN-3: what the version vector says was received, is."""
        for place, element in self.written.get((writer, number), {}).items():
            known = (note.order for note in host.twin.notes if note.place == place)
            assert any(order >= order_of(element) for order in known), "seen, not received"

    # -- what may happen

    def write(self, host: Host, operation: Operation) -> None:
        wall_ns = self.wall_ns(host)
        host.twin.times.append((wall_ns, host.state.journal.lsn + 1))
        self.reach(host, wall_ns)
        try:
            planned = host.twin.plan(operation)
        except Impossible:
            planned = None
        self.requests += 1
        before = host.state
        host.state, effects = step(before, Write(wall_ns, self.now_ns, self.requests, (operation,)))
        assert (fault := laws.effects_fault(before, effects)) is None, fault
        replies = [effect for effect in effects if isinstance(effect, Reply)]
        assert [reply.request_id for reply in replies] == [self.requests]
        outcome = replies[0].outcome
        assert isinstance(outcome, Written) == (planned is not None), outcome
        if isinstance(outcome, Written) and planned:
            self.note_written(host, outcome, planned)
        for effect in effects:
            self.perform(host, effect)
        if host.state.journal.lsn != host.ends[-1]:
            host.ends.append(host.state.journal.lsn)
        self.check(host)

    def reach(self, host: Host, wall_ns: int) -> None:
        """CLK-4: a write lets in what its stamp would reach, before it is planned."""
        clock = host.state.clock
        applied = [e.stamp_ns for row in host.twin.held().values() for e in row.values()]
        least_ns = max(
            [clock.issued_ns + 1, clock.applied_ns + 1, wall_ns, *(n + 1 for n in applied)]
        )
        stamp_ns = -(-least_ns // 1000) * 1000
        for waiting_ns in sorted(note.element.stamp_ns for note in host.twin.notes):
            if host.twin.horizon_ns() < waiting_ns <= stamp_ns:
                host.twin.times.append((waiting_ns, host.state.journal.lsn + 1))
                self.happened.add("own stamp reaches a waiting one")
                stamp_ns = max(stamp_ns, -(-(waiting_ns + 1) // 1000) * 1000)

    def note_written(self, host: Host, outcome: Written, planned: Plan) -> None:
        lsn = host.state.journal.lsn
        assert outcome.seq > 0
        elements = {
            place: Element(outcome.stamp_ns, value, outcome.writer, outcome.seq)
            for place, value in planned.items()
        }
        self.written[outcome.writer, outcome.seq] = elements
        host.twin.times.append((outcome.stamp_ns, lsn))
        host.twin.take(elements, outcome.stamp_ns, 0, lsn)

    def flush(self, host: Host, steps: int = 0) -> None:
        """Make the journal durable, all but the last steps, and do what waited for it."""
        lsn = host.ends[max(0, len(host.ends) - 1 - steps)]
        lsn = max(lsn, host.state.journal.durable_lsn)
        if lsn > host.state.journal.durable_lsn:
            self.do(host, Persisted(self.wall_ns(host), self.now_ns, lsn))
        held_back: list[Send | Reply | Notify] = []
        for effect in host.pending:
            if held_back or effect.after_lsn > host.state.journal.durable_lsn:
                held_back.append(effect)
                continue
            self.release(host, effect)
        host.pending = held_back

    def release(self, host: Host, effect: Send | Reply | Notify) -> None:
        match effect:
            case Send(peers, frame):
                for peer in peers:
                    if (host.name, peer) in self.links:
                        self.flying.append((host.name, peer, frame))
                        self.happened.add(type(frame).__name__)
            case Reply(outcome=Written(writer=writer, seq=seq)) if seq:
                self.acknowledged.append((writer, seq))
            case _:
                pass

    def deliver(self, at: int, keep: bool = False) -> None:
        source, target, frame = self.flying[at] if keep else self.flying.pop(at)
        host = self.hosts[target]
        if isinstance(frame, Declined):
            self.happened.add("declined " + frame.refusal.rule)
        self.do(host, Received(self.wall_ns(host), self.now_ns, source, frame))

    def connect(self, a: str, b: str) -> None:
        if (a, b) in self.links:
            return
        self.links |= {(a, b), (b, a)}
        for name, peer in ((a, b), (b, a)):
            host = self.hosts[name]
            self.do(host, Connected(self.wall_ns(host), self.now_ns, peer))

    def disconnect(self, a: str, b: str, but: str = "") -> None:
        if (a, b) not in self.links:
            return
        self.links -= {(a, b), (b, a)}
        self.flying = [flight for flight in self.flying if {flight[0], flight[1]} != {a, b}]
        for name, peer in ((a, b), (b, a)):
            if name != but:
                host = self.hosts[name]
                self.do(host, Disconnected(self.wall_ns(host), self.now_ns, peer))

    def crash(self, host: Host) -> None:
        """Lose what is not durable, recover, and start again, without a peer."""
        durable = host.state.journal.durable_lsn
        for other in sorted(self.hosts):
            self.disconnect(host.name, other, but=host.name)
        if durable < host.state.journal.lsn:
            self.happened.add("loss")
        kept = [records for lsn, records in host.entries if lsn <= durable]
        records = [*host.base, *(record for entry in kept for record in entry)]
        host.twin.forget(durable)
        host.state, feed = recover(host.state.config, records)
        numbers = [entry.number for entry in feed]
        assert numbers == list(range(host.base_number + 1, host.state.journal.number + 1))
        for entry in feed:
            assert same_rows(entry.won, host.feed[entry.number].won)
            assert same_rows(entry.before, host.feed[entry.number].before)
        assert (fault := laws.whole_fault(host.state)) is None, fault
        assert host.state.clock.horizon_ns == host.twin.horizon_ns()
        host.feed = {n: entry for n, entry in host.feed.items() if n <= host.state.journal.number}
        self.reopen(host, tuple(records), host.base_number)

    def reopen(self, host: Host, base: tuple[Record, ...], base_number: int) -> None:
        """Number the journal anew, as a process does that opens it."""
        host.base, host.base_number = base, base_number
        host.entries, host.ends, host.pending = [], [0], []
        for note in host.twin.notes:
            note.lsn = 0
        host.twin.times = [(host.state.clock.horizon_ns, 0)]
        self.start(host)
        self.flush(host)

    def compact(self, host: Host) -> None:
        """Put a snapshot in the place of the journal, and stop and start the process."""
        self.flush(host)
        for other in sorted(self.hosts):
            self.disconnect(host.name, other, but=host.name)
        assert (fault := laws.snapshot_gives_back(host.state)) is None, fault
        records = snapshot(host.state)
        host.state, _ = recover(host.state.config, records)
        host.feed = {}
        self.reopen(host, records, host.state.journal.number)

    def wake(self, host: Host, key: str) -> None:
        self.do(host, Wake(self.wall_ns(host), self.now_ns, key))

    def foreign(self, host: Host, part: Part) -> None:
        """Let a gateway bring what nobody checked for sense."""
        self.do(host, Foreign(self.wall_ns(host), self.now_ns, "gateway", (part,), {}))

    # -- the end

    def settle(self) -> None:
        """Heal everything, let every stamp come due, and let all compare until they are equal."""
        for host in self.hosts.values():
            host.ahead_ns = 0
        self.now_ns += 100 * SKEW_NS
        names = sorted(self.hosts)
        for a in names:
            for b in names:
                if a < b:
                    self.connect(a, b)
        for _ in range(12 * len(names)):
            self.now_ns += 40_000 * COMPARE_NS * 100
            for host in self.hosts.values():
                self.wake(host, WAKE_DUE)
                self.wake(host, WAKE_COMPARE)
                self.flush(host)
            self.drain()
            if len({root(host.state) for host in self.hosts.values()}) == 1:
                return
        raise AssertionError("the replicas do not converge")

    def drain(self) -> None:
        for _ in range(1_000):
            if not self.flying:
                return
            self.deliver(0)
            for host in self.hosts.values():
                self.flush(host)
        raise AssertionError("the replicas do not come to rest")


def spelled(part: Part) -> dict[Place, Element]:
    """Spell a part out as elements by place."""
    return {
        (entity, field): Element(part.stamp_ns, value, part.writer, part.seq)
        for entity, row in part.rows.items()
        for field, value in row.items()
    }


def _place(waiting: Waiting) -> tuple[Place, Order]:
    return (waiting.entity, waiting.field), order_of(waiting.element)
