"""One simulated replica: the machine, and the driver that performs its effects. Spec: SCN-26.

The driver does what a real one does: it holds back what must wait for the disk, keeps one timer
for each key, and resumes the consumer of the change feed from its cursor.
"""

from collections import deque
from typing import Final

import msgspec

from loomweave.core.errors import Refusal
from loomweave.core.events import (
    ENTROPY_BYTES,
    Connected,
    Disconnected,
    Effect,
    Event,
    Import,
    Notify,
    Persist,
    Persisted,
    Received,
    Refused,
    Reply,
    Send,
    Started,
    Wake,
    WakeAt,
    Write,
)
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation
from loomweave.core.replica.state import Config, State
from loomweave.core.sync.frames import Frame
from loomweave_sim.chance import Chance
from loomweave_sim.hostclock import HostClock
from loomweave_sim.simjournal import SimJournal
from loomweave_sim.stage import Callbacks, Due, Stage
from loomweave_sim.system import System
from loomweave_sim.trace import DETAIL_MASK, NOBODY, Happening

IMPORT_REQUEST = 0
"""The request under which every replica loads the graph file; clients count from 1."""

Waiting = Send | Reply | Notify

_PERSIST: Final = int(Happening.PERSIST)
_DURABLE: Final = int(Happening.DURABLE)
_NOTIFY: Final = int(Happening.NOTIFY)
"""To look these up in their class for every change takes longer than to write the line."""


class Timer(msgspec.Struct, frozen=True, gc=False):
    """A wake that was asked for. Spec: MCH-5."""

    clock: str
    at_ns: int
    turn: int
    """Tells it from earlier timers of its key, which may still ring."""


class Node:
    """One replica and what it runs on. Spec: SCN-26."""

    __slots__ = (
        "_env",
        "_held",
        "_on_ring",
        "_on_synced",
        "_syncing",
        "_timers",
        "_turn",
        "alive",
        "chance",
        "clock",
        "config",
        "consumer_cursor",
        "doomed",
        "durable_lsn",
        "index",
        "issued_max_ns",
        "journal",
        "life",
        "name",
        "state",
        "step",
        "system",
        "torn",
        "wall_max_ns",
        "world",
    )

    def __init__(
        self, world: Stage, index: int, config: Config, journal: SimJournal, system: System
    ) -> None:
        self.world = world
        self._env = world.env
        self.index = index
        self.name = config.replica
        self.config = config
        self.system = system
        self.step = system.step
        self.clock = HostClock()
        self.journal = journal
        self.chance = Chance(world.seed, f"entropy/{index}")
        self.state, _ = system.recover(config, ())
        self.alive = False
        self.life = 0
        self.durable_lsn = 0
        self.doomed = False
        self.torn = False
        self.consumer_cursor = 0
        self.wall_max_ns = 0
        """The greatest reading of its wall clock that the machine was ever given."""
        self.issued_max_ns = 0
        """The greatest stamp that it was ever told to have issued."""
        self._held: deque[Waiting] = deque()
        self._syncing = False
        self._timers: dict[str, Timer] = {}
        self._turn = 0
        self._on_ring: Callbacks = (self._ring,)
        self._on_synced: Callbacks = (self._synced,)

    @property
    def held_count(self) -> int:
        """Return how many effects wait for the disk."""
        return len(self._held)

    def now(self) -> tuple[int, int]:
        """Read both clocks; the wall reading is remembered. Spec: SCN-14."""
        readings = self.clock.read(self._env.now)
        if readings[0] > self.wall_max_ns:
            self.wall_max_ns = readings[0]
        return readings

    # ---- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin a process: recover, start the machine, resume the consumer. Spec: SCN-19, MCH-6."""
        world = self.world
        self.clock.restart(world.env.now)
        found = self.journal.recover()
        if found.cut_bytes:
            world.note(Happening.TORN, self.index, NOBODY, found.kept_bytes, found.cut_bytes)
        self.life += 1
        world.note(Happening.START, self.index, NOBODY, self.life, found.kept_bytes)
        self.state, feed = self.system.recover(self.config, found.records)
        self.alive = True
        self.durable_lsn = 0
        for hook in world.hooks.recovered:
            hook(self, found)
        entropy = self.chance.draw_bytes(ENTROPY_BYTES)
        self.run(Started(*self.now(), entropy))
        for entry in feed:
            if entry.number > self.consumer_cursor:
                self._tell(entry)

    def load(self, parts: tuple[Part, ...]) -> None:
        """Load the graph file. Spec: SCN-9."""
        self.run(Import(*self.now(), IMPORT_REQUEST, parts))

    def crash(self, torn: bool) -> None:
        """Let the process die: nothing stays but what the disk holds. Spec: SCN-19."""
        world = self.world
        for hook in world.hooks.crashing:
            hook(self)
        loss = self.journal.crash(torn)
        world.note(Happening.CRASH, self.index, NOBODY, loss.kept, loss.lost)
        self.alive = self.doomed = self._syncing = False
        self._held.clear()
        self._timers.clear()
        world.node_crashed(self)

    # ---- events --------------------------------------------------------------------------------

    def connect(self, peer: str) -> None:
        """Tell the machine that a peer can be reached. Spec: SYN-1."""
        self.run(Connected(*self.now(), peer))

    def disconnect(self, peer: str) -> None:
        """Tell the machine that a peer cannot be reached any more. Spec: SYN-1."""
        self.run(Disconnected(*self.now(), peer))

    def request(self, request: int, operations: tuple[Operation, ...]) -> None:
        """Hand a client's request to the machine. Spec: MCH-7."""
        self.run(Write(*self.now(), request, operations))

    def receive(self, peer: str, frame: Frame | Refusal) -> None:
        """Hand a frame that arrived to the machine. Spec: SYN-8."""
        wall_ns, mono_ns = self.clock.read(self._env.now)
        if wall_ns > self.wall_max_ns:
            self.wall_max_ns = wall_ns
        before = self.state
        event = Received(wall_ns, mono_ns, peer, frame)
        self.state, effects = self.step(before, event)
        if effects:
            self._perform_all(event, before, effects)

    def run(self, event: Event) -> None:
        """Let the machine take a step and perform what it asks for. Spec: MCH-1."""
        before = self.state
        self.state, effects = self.step(before, event)
        if effects:
            self._perform_all(event, before, effects)

    def _perform_all(self, event: Event, before: State, effects: tuple[Effect, ...]) -> None:
        hooks = self.world.hooks
        for look in hooks.stepped:
            look(self, event, before, effects)
        if isinstance(event, (Write, Import)):
            for watch in hooks.asked:
                watch(self, event, before, effects)
        perform = self.perform
        for effect in effects:
            perform(effect)
            if not self.alive:
                return

    # ---- effects -------------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Perform one effect, or hold it back until the disk is ready for it. Spec: MCH-4."""
        if isinstance(effect, Persist):
            self._persist(effect)
            return
        if isinstance(effect, WakeAt):
            self._arm(effect)
            return
        if isinstance(effect, Refused):
            self.world.refused(self, effect)
            return
        if isinstance(effect, Notify):
            for hook in self.world.hooks.shown:
                hook(self, effect)
        held = self._held
        if (held or effect.after_lsn > self.durable_lsn) and self.system.waits_for_disk:
            held.append(effect)
        else:
            self._release(effect)

    def _release(self, effect: Waiting) -> None:
        if isinstance(effect, Send):
            self.world.send(self, effect)
        elif isinstance(effect, Notify):
            self._tell(effect)
        else:
            self.world.replied(self, effect)

    def _tell(self, entry: Notify) -> None:
        """Let the consumer take an entry and keep its cursor with it. Spec: MCH-9."""
        world, number = self.world, entry.number
        row = next(iter(entry.won.values()))
        mark = next(iter(row.values())).stamp_ns & DETAIL_MASK
        world.trace.extend((self._env.now, _NOTIFY, self.index, NOBODY, number, mark))
        for hook in world.hooks.notified:
            hook(self, entry)
        if number > self.consumer_cursor:
            self.consumer_cursor = number

    def _persist(self, effect: Persist) -> None:
        lsn, records = effect.lsn, effect.records
        self.journal.append(lsn, records)
        line = (self._env.now, _PERSIST, self.index, NOBODY, lsn, len(records))
        self.world.trace.extend(line)
        if self.doomed:
            self.crash(self.torn)
        elif not self._syncing:
            self._sync()

    def _sync(self) -> None:
        """Make durable what is written; later entries wait for the next sync. Spec: SCN-15."""
        self._syncing = True
        delay_ns, count, lsn = self.journal.begin_sync()
        self._env.call(delay_ns, self._on_synced, (self.life, count, lsn))

    def _synced(self, due: Due) -> None:
        life, count, lsn = due.value
        if life != self.life or not self.alive:
            return
        self.journal.finish_sync(count)
        self._syncing = False
        self.durable_lsn = lsn
        self.world.trace.extend((self._env.now, _DURABLE, self.index, NOBODY, lsn, 0))
        wall_ns, mono_ns = self.now()
        self.run(Persisted(wall_ns, mono_ns, lsn))
        held, release = self._held, self._release
        while held and held[0].after_lsn <= self.durable_lsn:
            release(held.popleft())
        if self.journal.loose and not self._syncing and self.alive:
            self._sync()

    # ---- timers --------------------------------------------------------------------------------

    def _arm(self, effect: WakeAt) -> None:
        timer = self._timers.get(effect.key)
        if timer is not None and timer.at_ns == effect.at_ns and timer.clock == effect.clock:
            return
        self._turn += 1
        self._timers[effect.key] = Timer(effect.clock, effect.at_ns, self._turn)
        self._set(effect.key)

    def _set(self, key: str) -> None:
        timer = self._timers[key]
        now_ns = self.world.env.now
        if timer.clock == "mono":
            at_ns: int | None = self.clock.when_mono(timer.at_ns, now_ns)
        else:
            at_ns = self.clock.when_wall(timer.at_ns, now_ns)
        if at_ns is not None:
            self._env.call(at_ns - now_ns, self._on_ring, (key, timer))

    def _ring(self, due: Due) -> None:
        key, timer = due.value
        assert isinstance(timer, Timer)
        if self._timers.get(key) is not timer:
            return
        del self._timers[key]
        clock = 1 if timer.clock == "wall" else 0
        self.world.note(Happening.WAKE, self.index, NOBODY, timer.at_ns, clock)
        self.run(Wake(*self.now(), key))

    def clock_changed(self) -> None:
        """Set the timers of the wall clock anew, for it was changed. Spec: SCN-14."""
        for key in sorted(self._timers):
            timer = self._timers[key]
            if timer.clock == "wall":
                self._turn += 1
                self._timers[key] = Timer(timer.clock, timer.at_ns, self._turn)
                self._set(key)
