"""What every driver owes the machine, written once. Spec: STO-10 to STO-16, MCH-4, MCH-5, MCH-7.

A *rig* is a driver in the hands of a test: one replica whose machine is a script, whose disk can be
held, whose time can be let pass, whose process can be killed. `CHECKS` lists what is asked of it;
each check fails with a sentence. The scripted machine answers each event with effects of the
test's choosing, so a check says exactly what it is about.

To plug a driver in, write a class with the methods of `Rig` and give a function that makes a fresh
one to `run`; see `test_asyncio.py`.
"""

from collections.abc import Callable
from typing import Final, Protocol

from loomweave.core.errors import Refusal
from loomweave.core.events import (
    Delta,
    Effect,
    Event,
    Meta,
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
    WakeAt,
    Write,
    Written,
)
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.replica.state import State
from loomweave.core.sync.frames import Agreed

SECOND_NS: Final = 1_000_000_000
Stepper = Callable[[State, Event], tuple[State, tuple[Effect, ...]]]
Happening = tuple[str, object]
"""What the world sees: ("send", (peer, mark)), ("reply", request), ("notify", number), ("refused",
rule)."""


class Rig(Protocol):
    """A driver in the hands of a test."""

    peers: tuple[str, ...]
    """Names of at least two peers that a `Send` may go to."""
    seen: list[Happening]
    """What was performed, in order; the rig writes it, at the moment of performing."""

    def begin(self, step: Stepper) -> tuple[Record, ...]:
        """Start a process on the disk as it is; return the records that recovery found."""

    def receive(self, mark: int) -> None:
        """Let the frame `frame(mark)` arrive from the first peer."""

    def request(self) -> int:
        """Let a client write (no operations), and return the number of its request."""

    def hold_disk(self) -> None:
        """Let nothing become durable from now on."""

    def free_disk(self) -> None:
        """Let the disk go on."""

    def pass_ns(self, span_ns: int) -> None:
        """Let time pass on both clocks, and do all that comes up meanwhile."""

    def step_wall(self, by_ns: int) -> None:
        """Set the wall clock forward or back."""

    def crash(self) -> None:
        """Kill the process: what is not durable is lost, and nothing more is told."""

    def close(self) -> None:
        """Let go of everything, at the end of a test."""


def frame(mark: int) -> Agreed:
    """Make a frame that can be told from others."""
    return Agreed({b"mark": mark})


def records(mark: int) -> tuple[Record, ...]:
    """Make the records of one `Persist`: two of them, for all or none."""
    meta = Meta("contract", b"w", b"i" * 8, mark + 1, mark, mark, mark, b"s" * 16)
    return meta, Delta(mark, rows(mark))


def rows(mark: int) -> Rows:
    """Make one element that can be told from others."""
    return {"graph\x00node\x00n": {"x": Element(mark, mark, b"w", mark)}}


class Script:
    """A machine that notes its events and does as it is told."""

    def __init__(self, react: Callable[["Script", Event], tuple[Effect, ...]]) -> None:
        self.events: list[Event] = []
        self.react = react
        self.lsn = 0

    def step(self, state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
        """Note the event and answer with the effects of the test."""
        self.events.append(event)
        return state, self.react(self, event)

    def persist(self) -> Persist:
        """Make the next `Persist`."""
        self.lsn += 1
        return Persist(self.lsn, records(self.lsn))

    def of(self, kind: type[Event]) -> list[Event]:
        """List the events of one kind."""
        return [event for event in self.events if type(event) is kind]


def told(rig: Rig, mark: int, after_lsn: int) -> tuple[Effect, ...]:
    """Make one effect of each kind that may have to wait, to be told apart by `mark`."""
    number = 1_000 + mark
    return (
        Send((rig.peers[0],), frame(mark), after_lsn),
        Notify(number, rows(mark), {}, "", after_lsn),
        Send((rig.peers[1],), frame(mark), after_lsn),
    )


def seen_of(rig: Rig, mark: int) -> list[Happening]:
    """List what `told` brings about."""
    return [
        ("send", (rig.peers[0], mark)),
        ("notify", 1_000 + mark),
        ("send", (rig.peers[1], mark)),
    ]


def mark_of(event: Event) -> int:
    """Read the mark of a frame that arrived."""
    assert isinstance(event, Received) and isinstance(event.frame, Agreed)
    return event.frame.seen[b"mark"]


def settle(rig: Rig) -> None:
    """Let what is under way come to its end."""
    rig.pass_ns(2 * SECOND_NS)


def effects_keep_their_order(rig: Rig) -> None:
    """Effects are performed in their order, where nothing waits as where all wait. Spec: STO-12."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, Received):
            return ()
        mark = mark_of(event)
        return (*told(rig, mark, 0), script.persist(), *told(rig, mark + 1, script.lsn))

    script = Script(react)
    rig.begin(script.step)
    rig.seen.clear()
    for mark in (10, 20, 30):
        rig.receive(mark)
    settle(rig)
    wanted = [seen for mark in (10, 11, 20, 21, 30, 31) for seen in seen_of(rig, mark)]
    assert sorted(map(repr, rig.seen)) == sorted(map(repr, wanted)), "each effect once"
    assert rig.seen == wanted, "effects are performed in their order"


def nothing_is_told_before_it_is_durable(rig: Rig) -> None:
    """`Send`, `Reply`, `Notify` wait for the disk; `Refused` and reading do not. Spec: STO-12."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if isinstance(event, Received):
            refused = Refused(rig.peers[0], Refusal("SYN-8", "for the contract"))
            return (script.persist(), *told(rig, mark_of(event), script.lsn), refused)
        if isinstance(event, Write):
            persist = script.persist()
            answer = Written((), b"w", 1, event.wall_ns)
            return persist, Reply(event.request_id, answer, script.lsn)
        return ()

    rig.begin(Script(react).step)
    settle(rig)
    rig.seen.clear()
    rig.hold_disk()
    rig.receive(1)
    request = rig.request()
    settle(rig)
    assert rig.seen == [("refused", "SYN-8")], f"told before it was durable: {rig.seen}"
    rig.free_disk()
    settle(rig)
    assert rig.seen[1:] == [*seen_of(rig, 1), ("reply", request)], "told once it is durable"


def persisted_is_cumulative_and_true(rig: Rig) -> None:
    """`Persisted` grows, covers everything, and never runs ahead. Spec: STO-12, STO-8."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        return (script.persist(),) if isinstance(event, Received) else ()

    script = Script(react)
    rig.begin(script.step)
    rig.hold_disk()
    for mark in range(1, 8):
        rig.receive(mark)
    settle(rig)
    assert not script.of(Persisted), "said to be durable while the disk was held"
    rig.free_disk()
    settle(rig)
    numbers = [event.lsn for event in script.of(Persisted) if isinstance(event, Persisted)]
    assert numbers and numbers == sorted(set(numbers)), f"numbers only grow: {numbers}"
    assert numbers[-1] == 7, f"everything becomes durable: {numbers}"
    rig.crash()
    found = rig.begin(script.step)
    assert list(found) == [part for mark in range(1, 8) for part in records(mark)]


def every_request_is_answered_once(rig: Rig) -> None:
    """Each request gets its own answer, whatever else goes on. Spec: STO-14."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, Write):
            return ()
        persists = (script.persist(),) if event.request_id % 2 else ()
        return (*persists, Reply(event.request_id, Written((), b"w", 0, 0), script.lsn))

    rig.begin(Script(react).step)
    rig.seen.clear()
    numbers = [rig.request() for _ in range(6)]
    settle(rig)
    assert len(set(numbers)) == 6, "each request has a number of its own"
    assert rig.seen == [("reply", number) for number in numbers], f"answers: {rig.seen}"


def one_wake_a_key(rig: Rig) -> None:
    """A later `WakeAt` replaces the one of its key, and of no other key. Spec: STO-13."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, Started):
            return ()
        now_ns = event.mono_ns
        return (
            WakeAt("compare", "mono", now_ns + 1 * SECOND_NS),
            WakeAt("due", "mono", now_ns + 2 * SECOND_NS),
            WakeAt("compare", "mono", now_ns + 4 * SECOND_NS),
        )

    script = Script(react)
    rig.begin(script.step)
    start_ns = script.events[0].mono_ns
    rig.pass_ns(3 * SECOND_NS)
    keys = [event.key for event in script.of(Wake) if isinstance(event, Wake)]
    assert keys == ["due"], f"woken after 3 s: {keys}"
    rig.pass_ns(3 * SECOND_NS)
    wakes = [event for event in script.of(Wake) if isinstance(event, Wake)]
    assert [wake.key for wake in wakes] == ["due", "compare"], "each key once"
    assert wakes[0].mono_ns >= start_ns + 2 * SECOND_NS, "woken too early"
    assert wakes[1].mono_ns >= start_ns + 4 * SECOND_NS, "woken too early"


def a_wake_asked_for_again_comes_again(rig: Rig) -> None:
    """A machine that asks again when it is woken is woken again. Spec: STO-13, MCH-5."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if isinstance(event, Started) or len(script.of(Wake)) < 3:
            return (WakeAt("compare", "mono", event.mono_ns + SECOND_NS),)
        return ()

    script = Script(react)
    rig.begin(script.step)
    rig.pass_ns(10 * SECOND_NS)
    assert len(script.of(Wake)) == 3, f"woken {len(script.of(Wake))} times, asked for 3"


def a_wake_in_the_past_comes_at_once(rig: Rig) -> None:
    """An instant that has passed is reached. Spec: STO-13."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if isinstance(event, Received):
            return (
                WakeAt("due", "wall", event.wall_ns - SECOND_NS),
                WakeAt("compare", "mono", event.mono_ns),
            )
        return ()

    script = Script(react)
    rig.begin(script.step)
    rig.pass_ns(2 * SECOND_NS)
    rig.receive(1)
    rig.pass_ns(SECOND_NS // 10)
    assert len(script.of(Wake)) == 2


def a_wake_by_the_wall_follows_the_wall(rig: Rig) -> None:
    """When the wall clock is set back the wake comes later, set forward soon. Spec: STO-13."""

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if isinstance(event, Received):
            return (WakeAt("due", "wall", event.wall_ns + 5 * SECOND_NS),)
        return ()

    script = Script(react)
    rig.begin(script.step)
    rig.receive(1)
    rig.pass_ns(SECOND_NS // 100)
    asked_ns = script.of(Received)[0].wall_ns
    rig.step_wall(-20 * SECOND_NS)
    rig.pass_ns(10 * SECOND_NS)
    assert not script.of(Wake), "woken by a clock that did not read the instant"
    rig.step_wall(+30 * SECOND_NS)
    rig.pass_ns(SECOND_NS + SECOND_NS // 10)
    assert len(script.of(Wake)) == 1, "not woken within a second of the wall clock's step"
    (wake,) = script.of(Wake)
    assert wake.wall_ns >= asked_ns + 5 * SECOND_NS


def what_is_durable_survives_a_crash(rig: Rig) -> None:
    """A crash keeps what was durable, of the rest whole entries at most, and tells nothing more.

    Spec: STO-4, STO-12, STO-14.
    """

    def react(script: Script, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, Received):
            return ()
        return (script.persist(), *told(rig, mark_of(event), script.lsn))

    script = Script(react)
    rig.begin(script.step)
    for mark in (1, 2, 3):
        rig.receive(mark)
    settle(rig)
    rig.seen.clear()
    rig.hold_disk()
    for mark in (4, 5):
        rig.receive(mark)
    rig.pass_ns(SECOND_NS // 100)
    rig.crash()
    rig.free_disk()
    settle(rig)
    assert rig.seen == [], f"a dead process told {rig.seen}"
    found = list(rig.begin(Script(react).step))
    whole = [[part for mark in range(1, last + 1) for part in records(mark)] for last in (3, 4, 5)]
    assert found in whole, "recovery gives back what was durable, and nothing by halves"


def events_carry_both_clocks(rig: Rig) -> None:
    """The first event is `Started`; the monotonic clock never runs back. Spec: STO-10, STO-1."""
    script = Script(lambda script, event: ())
    rig.begin(script.step)
    rig.pass_ns(SECOND_NS)
    rig.receive(1)
    rig.step_wall(-3 * SECOND_NS)
    rig.receive(2)
    rig.pass_ns(SECOND_NS)
    rig.receive(3)
    rig.pass_ns(SECOND_NS // 10)
    first = script.events[0]
    assert isinstance(first, Started) and len(first.entropy) == 16
    mono = [event.mono_ns for event in script.events]
    assert mono == sorted(mono) and mono[-1] >= mono[0] + 2 * SECOND_NS
    walls = [event.wall_ns for event in script.of(Received)]
    assert walls[1] < walls[0], "the wall clock is read anew for each event, as wrong as it is"


Check = Callable[[Rig], None]
CHECKS: Final[tuple[Check, ...]] = (
    effects_keep_their_order,
    nothing_is_told_before_it_is_durable,
    persisted_is_cumulative_and_true,
    every_request_is_answered_once,
    one_wake_a_key,
    a_wake_asked_for_again_comes_again,
    a_wake_in_the_past_comes_at_once,
    a_wake_by_the_wall_follows_the_wall,
    what_is_durable_survives_a_crash,
    events_carry_both_clocks,
)


def name_of(check: Check) -> str:
    """Name a check for the report of a test run."""
    return check.__name__
