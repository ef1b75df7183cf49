"""The asyncio driver in the hands of a test: virtual time, a disk of memory, a deaf network."""

import asyncio
import selectors
from collections.abc import Callable, Iterable
from typing import Any

from loomweave.core.events import Notify, Received, Record, Refused
from loomweave.core.replica.state import Config, initial
from loomweave.core.sync.frames import Agreed, Frame
from loomweave.runtime.journal import Journal
from loomweave.runtime.perform import Driver
from tests.drivers.contract import SECOND_NS, Happening, Stepper, frame

START_NS = 1_790_000_000 * SECOND_NS


class _Jumping(selectors.SelectSelector):
    """Instead of waiting, lets virtual time jump to when the wait would end."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.now_ns += max(round(timeout * SECOND_NS), 1)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which nothing takes time but sleeping, and that takes none."""

    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        """Read the loop's clock."""
        return self.jumping.now_ns / SECOND_NS


class Disk:
    """A disk of memory: what was synced stays, the rest goes with the process."""

    def __init__(self) -> None:
        self.data = b""

    def read(self) -> bytes:
        """Read everything."""
        return self.data

    def append(self, data: bytes) -> None:
        """Add bytes."""
        self.data += data

    def truncate(self, size: int) -> None:
        """Cut off."""
        self.data = self.data[:size]

    def replace(self, pieces: Iterable[bytes]) -> None:
        """Put other bytes in the place of all."""
        self.data = b"".join(pieces)

    def put_aside(self, data: bytes, kind: str) -> str:
        """Keep bytes nowhere."""
        return kind

    def close(self) -> None:
        """Let go of nothing."""


class AsyncioRig:
    """One process after the other on one disk, under the asyncio driver."""

    peers: tuple[str, ...] = ("p1", "p2")

    def __init__(self, driver: Callable[..., Driver] = Driver) -> None:
        self.seen: list[Happening] = []
        self.loop = VirtualLoop()
        self.disk = Disk()
        self._make = driver
        self._gate = asyncio.Event()
        self._gate.set()
        self._wall_ahead_ns = START_NS
        self._mono_start_ns = 0
        self._requests = 0

    # The ports of the driver.

    def wall_ns(self) -> int:
        """Read the wall clock, which the test sets."""
        return self.loop.jumping.now_ns + self._wall_ahead_ns

    def mono_ns(self) -> int:
        """Read the monotonic clock."""
        return self.loop.jumping.now_ns - self._mono_start_ns

    def draw(self, size: int) -> bytes:
        """Draw bytes that are as good as random here."""
        return bytes(range(size))

    def send(self, peers: tuple[str, ...], sent: Frame) -> None:
        """Note a frame that is sent."""
        assert isinstance(sent, Agreed)
        self.seen += [("send", (peer, sent.seen[b"mark"])) for peer in peers]

    async def _when_free(self, work: Callable[[], None]) -> None:
        await self._gate.wait()
        await asyncio.sleep(0.001)
        await self._gate.wait()
        work()

    # What tests do.

    def begin(self, step: Stepper) -> tuple[Record, ...]:
        """Start a process on the disk as it is."""
        self._mono_start_ns = self.loop.jumping.now_ns
        journal = Journal(self.disk)
        found = journal.recover()

        async def start() -> None:
            make: Any = self._make
            self.driver = make(
                initial(Config("contract")), self, journal, self, step, self._when_free
            )
            self.driver.on_notify = self._notified
            self.driver.on_refused = self._refused
            self.driver.start(self)
            self._writing = asyncio.ensure_future(self.driver.commit_forever())

        self.loop.run_until_complete(start())
        return found

    def _notified(self, entry: Notify) -> None:
        self.seen.append(("notify", entry.number))

    def _refused(self, refused: Refused) -> None:
        self.seen.append(("refused", refused.refusal.rule))

    def receive(self, mark: int) -> None:
        """Let a frame arrive."""
        self._call(lambda: self.driver.run(Received, self.peers[0], frame(mark)))

    def request(self) -> int:
        """Let a client write."""
        self._requests += 1
        number = self._requests

        async def ask() -> None:
            await self.driver.request(())
            self.seen.append(("reply", number))

        self._call(lambda: asyncio.ensure_future(ask()))
        return number

    def hold_disk(self) -> None:
        """Let nothing become durable."""
        self._gate.clear()

    def free_disk(self) -> None:
        """Let the disk go on."""
        self._call(self._gate.set)

    def pass_ns(self, span_ns: int) -> None:
        """Let time pass."""
        self.loop.run_until_complete(asyncio.sleep(span_ns / SECOND_NS))

    def step_wall(self, by_ns: int) -> None:
        """Set the wall clock."""
        self._wall_ahead_ns += by_ns

    def crash(self) -> None:
        """Kill the process: all its tasks and timers end where they are."""

        async def die() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.loop.run_until_complete(die())
        for wake in list(self.driver._timers.values()):
            wake[1].cancel()

    def close(self) -> None:
        """End all tasks and the loop."""
        self.crash()
        self.loop.close()

    def _call(self, work: Callable[[], object]) -> None:
        async def go() -> None:
            work()
            await asyncio.sleep(0)

        self.loop.run_until_complete(go())
