"""A node: one replica with its journal, its links and its clients, in one process.

Spec: STO-10, STO-16 to STO-19.
"""

import asyncio
import ipaddress
import os
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from loomweave.core.errors import LoomWeaveError
from loomweave.core.events import Refused
from loomweave.core.replica.recovery import recover
from loomweave.core.replica.state import Config, graph_salt, status_of
from loomweave.runtime.client import CLIENT_PATH
from loomweave.runtime.clients import REQUEST_BYTES_MAX, answer
from loomweave.runtime.journal import Journal
from loomweave.runtime.links import CLOSE_S, Links
from loomweave.runtime.perform import SECOND_NS, Driver
from loomweave.storage.journal import FileStore
from loomweave.wire.native import FRAME_BYTES_MAX

REQUESTS_MAX: Final = 1_000
"""How many requests of one client are worked on at a time. Spec: WIR-16."""
STATUS_NS: Final = 30_000_000_000
"""How often at most a node reports how it is. Spec: STO-19."""


class CannotListen(LoomWeaveError):
    """The address cannot be listened on; the sentence says why. Spec: STO-18."""


@frozen
class Plan:
    """What a node is told at its start. Spec: STO-18."""

    folder: Path
    host: str
    port: int
    peers: tuple[str, ...]
    name: str
    graph: str
    salvage: bool = False


class HostClock:
    """The clocks of this computer. Spec: STO-1."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def wall_ns(self) -> int:
        """Read the wall clock."""
        return time.time_ns()

    def mono_ns(self) -> int:
        """Read the monotonic clock, which starts at 0 with the process."""
        return time.monotonic_ns() - self._start_ns


class HostEntropy:
    """The chance that the operating system gathers. Spec: STO-2."""

    def draw(self, size: int) -> bytes:
        """Draw random bytes."""
        return os.urandom(size)


class Node:
    """A replica that runs until it is told to stop. Spec: STO-16.

    Raises:
        StorageError: the folder cannot be used.
        DamagedJournal: its journal is not what was written.
        ForeignJournal: the folder belongs to another replica or graph.
    """

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.journal = Journal(FileStore(plan.folder), plan.salvage)
        self._say = say
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._refusals = 0
        self._rules_said: set[str] = set()
        try:
            # Whose journal it is, is asked first: a foreign one stays as it is.
            state, _ = recover(Config(plan.name, graph_salt(plan.graph)), self.journal.read())
            self.journal.mend()
        except BaseException:
            self.journal.close()
            raise
        if self.journal.put_aside:
            say(f"the end of the journal was not whole; it was put into {self.journal.put_aside}")
        self.links = Links(say)
        self.driver = Driver(state, HostClock(), self.journal, self.links)
        self.driver.on_refused = self._count

    def _count(self, refused: Refused) -> None:
        refusal = refused.refusal
        if refusal.rule not in self._rules_said:
            self._rules_said.add(refusal.rule)
            self._say(f"refused from {refused.peer}: {refusal.reason} [{refusal.rule}]")
        self._refusals += 1

    def stop(self) -> None:
        """Ask the node to end. Spec: STO-16."""
        self._stop.set()

    async def run(self) -> None:
        """Run until told to stop, by a call or a signal. Spec: STO-16.

        Raises:
            CannotListen: the address is taken or not ours.
            OSError: the journal could not be written.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        loop.set_exception_handler(lambda _, context: self._fail(context.get("exception")))
        try:
            self.driver.start(HostEntropy(), renew=self.journal.was_salvaged)
            server = await self._listen()
            writing = self._guard(self.driver.commit_forever())
            self._greet(server)
            tasks = [
                self._guard(self.links.dial_forever(self.driver, url)) for url in self.plan.peers
            ]
            tasks.append(self._guard(self._report_forever()))
            await self._stop.wait()
            await self._end(server, writing, tasks)
        finally:
            self.journal.close()
        if self._failure is not None:
            raise self._failure

    def _guard(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run something whose failure ends the node."""
        task = asyncio.create_task(work)

        def look(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled() and ended.exception() is not None:
                self._fail(ended.exception())

        task.add_done_callback(look)
        return task

    def _fail(self, error: BaseException | None) -> None:
        if self._failure is None and error is not None:
            self._failure = error
        self._stop.set()

    async def _listen(self) -> Server:
        try:
            return await serve(
                self._receive,
                self.plan.host,
                self.plan.port,
                origins=[None],
                max_size=max(FRAME_BYTES_MAX, REQUEST_BYTES_MAX),
                compression=None,
                close_timeout=CLOSE_S,
            )
        except OSError as error:
            where = f"{self.plan.host}:{self.plan.port}"
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CannotListen(
                f"cannot listen on {where}: {reason}; choose another address with --listen"
            ) from None

    def _greet(self, server: Server) -> None:
        plan = self.plan
        port = next(iter(server.sockets)).getsockname()[1]
        self._say(f"{plan.name} of graph {plan.graph!r} listens on ws://{plan.host}:{port}")
        if not is_loopback(plan.host):
            self._say(
                "whoever reaches this address can read and write the graph: peers and "
                "clients are not yet asked who they are"
            )

    async def _receive(self, connection: ServerConnection) -> None:
        """Serve whoever dialled: a client or a peer. Spec: STO-17, WIR-16."""
        assert connection.request is not None, "the handshake came before"
        path = connection.request.path
        try:
            if path == CLIENT_PATH:
                await self._serve_client(connection)
            elif path == "/":
                await self.links.accept(self.driver, connection)
            else:
                await connection.close(1008, f"there is nothing at {path}")
        except (OSError, ConnectionClosed):
            pass
        except Exception as error:
            self._fail(error)

    async def _serve_client(self, connection: ServerConnection) -> None:
        places = asyncio.Semaphore(REQUESTS_MAX)
        tasks: set[asyncio.Task[None]] = set()

        async def serve_one(text: str | bytes) -> None:
            try:
                await connection.send(await answer(self.driver, text))
            except ConnectionClosed:
                pass
            finally:
                places.release()

        async for text in connection:
            await places.acquire()
            task = self._guard(serve_one(text))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def _report_forever(self) -> None:
        """Write a line now and then, if there is anything new. Spec: STO-19."""
        last = ""
        while True:
            await asyncio.sleep(STATUS_NS / SECOND_NS)
            status = status_of(self.driver.state)
            line = (
                f"{status.entities} entities, {status.peers_greeted} peers, journal at "
                f"{status.durable_lsn}, {status.waiting} waiting, {self._refusals} refused"
            )
            if status.clock_suspect:
                line += "; peers say that our clock runs ahead"
            if line != last:
                self._say(line)
            last = line

    async def _end(
        self, server: Server, writing: asyncio.Task[None], tasks: list[asyncio.Task[None]]
    ) -> None:
        """Let nobody in any more, write what was asked for, take leave. Spec: STO-16."""
        for task in tasks:
            task.cancel()
        self.driver.close()
        if self._failure is None:
            await asyncio.gather(writing, return_exceptions=True)
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 2 * CLOSE_S)
        writing.cancel()
        await asyncio.gather(writing, *tasks, return_exceptions=True)
        if self._failure is None:
            self._say("stopped; everything is on disk")


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this computer alone. Spec: STO-18."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
