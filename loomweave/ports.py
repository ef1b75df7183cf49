"""The contracts of what lies outside: clock, entropy, storage, network. Spec: STO-1 to STO-5.

Drivers stand between these and the machine. A port never calls back; whoever drives asks it.
"""

from collections.abc import Iterable
from typing import Protocol

from loomweave.core.sync.frames import Frame


class Clock(Protocol):
    """Two readings of time, in integer nanoseconds. Spec: STO-1."""

    def wall_ns(self) -> int:
        """Read the wall clock, since 1970. It may be wrong, and it may step either way."""

    def mono_ns(self) -> int:
        """Read the monotonic clock. It starts at 0 with the process and never runs back."""


class Entropy(Protocol):
    """Chance that nobody else can know. Spec: STO-2."""

    def draw(self, size: int) -> bytes:
        """Draw that many random bytes; no two calls, processes or hosts get the same."""


class Storage(Protocol):
    """The bytes of one replica's journal. Spec: STO-3, STO-4, STO-6.

    It knows nothing of what they mean. Calls block until they are done, so a driver that must not
    block makes them in a thread, one at a time.
    """

    def read(self) -> bytes:
        """Read everything that it holds."""

    def append(self, data: bytes) -> None:
        """Add bytes at the end. On return a loss of power is harmless; before, a part may stay.

        Raises:
            OSError: it is not known what is durable; the replica must stop.
        """

    def truncate(self, size: int) -> None:
        """Keep only so many bytes from the beginning."""

    def replace(self, pieces: Iterable[bytes]) -> None:
        """Put other bytes in the place of all, at once or not at all, also when power is lost."""

    def put_aside(self, data: bytes, kind: str) -> str:
        """Keep bytes somewhere else, for people, and tell where."""

    def close(self) -> None:
        """Let go of files and locks. Nothing is written."""


class Network(Protocol):
    """A way to peers, who may be gone. Spec: STO-5."""

    def send(self, peers: tuple[str, ...], frame: Frame) -> None:
        """Send a frame to each of these, or lose it; frames to one peer keep their order.

        Never blocks. When a peer takes less than it is sent, its link is given up and made
        anew; what was lost is found by comparison.
        """
