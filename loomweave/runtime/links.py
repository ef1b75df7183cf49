"""Links to peers over WebSocket: native frames, one a binary message.

Spec: STO-5, STO-15, STO-17.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from loomweave.core.events import Connected, Disconnected, Received
from loomweave.core.sync.frames import Frame
from loomweave.runtime.perform import SECOND_NS, Driver
from loomweave.wire.native import FRAME_BYTES_MAX, decode_frame, encode_frames

DIAL_NS_MIN: Final = 100_000_000
DIAL_NS_MAX: Final = 10_000_000_000
"""Bounds of the time between two attempts to reach a peer. Spec: STO-17."""
QUEUE_BYTES_MAX: Final = 64 << 20
QUEUE_FRAMES_MAX: Final = 10_000
"""Most that may wait to be sent to one peer before its link is closed. Spec: STO-17."""
CLOSE_S: Final = 2.0
"""How long it may take to take leave of a peer. Spec: STO-16."""


class Outbox:
    """What waits to be sent over one link. Spec: STO-17."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_full = False
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._filled = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Add a frame; break the link of a peer that takes too little. Spec: STO-17."""
        if self.is_full:
            return
        self._waiting.append(data)
        self._size += len(data)
        self._filled.set()
        if self._size > QUEUE_BYTES_MAX or len(self._waiting) > QUEUE_FRAMES_MAX:
            self.is_full = True
            self._waiting.clear()
            self.connection.transport.abort()  # to take leave would mean to wait for it again

    async def drain_forever(self) -> None:
        """Send what waits, until the link ends."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                data = self._waiting.popleft()
                self._size -= len(data)
                await self.connection.send(data)


class Links:
    """All links of a node: those it dials and those it is dialled by. Spec: STO-5, STO-17.

    Args:
        say: writes a line for the operator.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._boxes: dict[str, Outbox] = {}
        self._numbers = count(1)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the links that are up."""
        return tuple(sorted(self._boxes))

    def send(self, peers: tuple[str, ...], frame: Frame) -> None:
        """Put a frame, encoded once, into the outbox of each peer. Spec: STO-5."""
        boxes = [self._boxes[peer] for peer in peers if peer in self._boxes]
        if boxes:
            for data in encode_frames(frame):
                for box in boxes:
                    box.put(data)

    async def accept(self, driver: Driver, connection: Connection) -> None:
        """Serve a link that a peer dialled. Spec: STO-17."""
        host, port = connection.remote_address[:2]
        await self._serve(driver, f"{host}:{port}#{next(self._numbers)}", connection)

    async def dial_forever(self, driver: Driver, url: str) -> None:
        """Keep a link to a peer, dialling again whenever it is lost. Spec: STO-17."""
        delay_ns, told = DIAL_NS_MIN, ""
        while True:
            try:
                async with connect(
                    url, max_size=FRAME_BYTES_MAX, compression=None, close_timeout=CLOSE_S
                ) as connection:
                    delay_ns, told = DIAL_NS_MIN, ""
                    await self._serve(driver, url, connection)
            except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed, TimeoutError) as error:
                reason = f"cannot reach {url}: {error or type(error).__name__}; trying on"
                if reason != told:
                    self._say(reason)
                told = reason
            await asyncio.sleep(delay_ns / SECOND_NS * random.uniform(0.5, 1.0))
            delay_ns = min(2 * delay_ns, DIAL_NS_MAX)

    async def _serve(self, driver: Driver, name: str, connection: Connection) -> None:
        """Tell the machine of a link, carry its frames, tell when it is lost. Spec: SYN-1."""
        box = self._boxes[name] = Outbox(connection)
        sending = asyncio.create_task(box.drain_forever())
        self._say(f"link up: {name}")
        driver.run(Connected, name)
        try:
            async for message in connection:
                data = message.encode() if isinstance(message, str) else message
                await driver.room()
                driver.run(Received, name, decode_frame(data))
        except ConnectionClosed:
            pass
        finally:
            sending.cancel()
            del self._boxes[name]
            self._say(f"link down: {name}" + (", it took too little" if box.is_full else ""))
            driver.run(Disconnected, name)
            await asyncio.gather(sending, return_exceptions=True)
