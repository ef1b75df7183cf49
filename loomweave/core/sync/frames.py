"""Frames: what replicas say to each other, as records. Spec: SYN-1 to SYN-9; bytes: chapter WIR."""

from typing import Final

import msgspec

from loomweave.core.errors import Refusal
from loomweave.core.graph.merge import Part
from loomweave.core.lattices.register import Rows

PROTOCOL_VERSION: Final = 1
"""Version of the frames. Spec: SYN-1."""
MAIN: Final = "main"
"""The branch that batches belong to unless they say otherwise. Spec: SYN-2."""


class Hello(msgspec.Struct, frozen=True, gc=False):
    """Who speaks and of which graph. Spec: SYN-1."""

    version: int
    replica: str
    salt: bytes
    """Names the graph: another salt is another graph."""
    branch: str
    answer: bool
    """Whether a hello is wanted in return."""


class Batch(msgspec.Struct, frozen=True, gc=False):
    """The unit of exchange: what one writer wrote at one stamp. Spec: SYN-2."""

    part: Part
    context: dict[bytes, int]
    """What the writer had seen, as the difference from its previous batch. Spec: SYN-3."""
    branch: str = MAIN
    proof: bytes | None = None
    """A signature over the content, for the trust chapter to come."""
    raw: bytes | None = None
    """The bytes it arrived in, which are forwarded as they are. Spec: WIR-6."""


class Digest(msgspec.Struct, frozen=True, gc=False):
    """One hash of everything received. Spec: SYN-5."""

    root: bytes
    seen_id: bytes
    """Hash of the version vector, so that equal replicas can tell whether to compare those."""


class Agreed(msgspec.Struct, frozen=True, gc=False):
    """Roots are equal, and this is what I had seen. Spec: SYN-4."""

    seen: dict[bytes, int]


class Buckets(msgspec.Struct, frozen=True, gc=False):
    """Roots differ, and these are my sums, bucket by bucket. Spec: SYN-6."""

    sums: bytes


class Leaves(msgspec.Struct, frozen=True, gc=False):
    """In these buckets we differ, and these are my entities there. Spec: SYN-6."""

    buckets: tuple[int, ...]
    leaves: dict[str, bytes]


class State(msgspec.Struct, frozen=True, gc=False):
    """Elements that you lack, as far as I can tell. Spec: SYN-7."""

    rows: Rows
    early: Rows
    """Elements that wait at the sender; they may stand beside due ones of the same field."""


class Want(msgspec.Struct, frozen=True, gc=False):
    """Send me what you have of these entities. Spec: SYN-7."""

    entities: tuple[str, ...]


class Declined(msgspec.Struct, frozen=True, gc=False):
    """I did not take what you sent, and why. Spec: SYN-8."""

    refusal: Refusal
    writer: bytes = b""
    """Whose write it was, where it was one batch."""


Frame = Hello | Batch | Digest | Agreed | Buckets | Leaves | State | Want | Declined
