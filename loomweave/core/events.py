"""Events that enter the machine, effects that leave it, records that it keeps. Spec: chapter MCH.

Every event carries both clocks of its node. Effects are in the order in which they must happen;
those with `after_lsn` happen only once the journal is durable up to that number.
"""

from typing import Final, Literal

import msgspec

from loomweave.core.errors import Refusal
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation
from loomweave.core.lattices.register import Row, Rows
from loomweave.core.sync.frames import Frame

ENTROPY_BYTES: Final = 16
"""How much chance a start takes: an incarnation, and one to spare. Spec: MCH-6."""


class Started(msgspec.Struct, frozen=True, gc=False):
    """The node runs; its journal has been recovered. Spec: MCH-6."""

    wall_ns: int
    mono_ns: int
    entropy: bytes
    """`ENTROPY_BYTES` random bytes."""
    renew: bool = False
    """Whether to take a new incarnation, as after a restore from a backup. Spec: MCH-6."""


class Connected(msgspec.Struct, frozen=True, gc=False):
    """Frames can be sent to this peer from now on. Spec: SYN-1."""

    wall_ns: int
    mono_ns: int
    peer: str


class Disconnected(msgspec.Struct, frozen=True, gc=False):
    """This peer cannot be reached any more. Spec: SYN-1."""

    wall_ns: int
    mono_ns: int
    peer: str


class Received(msgspec.Struct, frozen=True, gc=False):
    """A frame arrived, or bytes that were none (their `Refusal`). Spec: SYN-8."""

    wall_ns: int
    mono_ns: int
    peer: str
    frame: Frame | Refusal


class Write(msgspec.Struct, frozen=True, gc=False):
    """A client asks for changes, all or none. Spec: MCH-7."""

    wall_ns: int
    mono_ns: int
    request_id: int
    operations: tuple[Operation, ...]


class Import(msgspec.Struct, frozen=True, gc=False):
    """A client loads the parts of a file. Spec: GRF-17."""

    wall_ns: int
    mono_ns: int
    request_id: int
    parts: tuple[Part, ...]


class Foreign(msgspec.Struct, frozen=True, gc=False):
    """A gateway read writes of another protocol, which knows neither batches nor contexts.

    Spec: GUN-11. No entity stands twice among parts and rows.
    """

    wall_ns: int
    mono_ns: int
    peer: str
    parts: tuple[Part, ...]
    rows: Rows


class Wake(msgspec.Struct, frozen=True, gc=False):
    """The instant asked for by `WakeAt` has come. Spec: MCH-5."""

    wall_ns: int
    mono_ns: int
    key: str


class Persisted(msgspec.Struct, frozen=True, gc=False):
    """The journal is durable up to and including this number. Spec: MCH-4."""

    wall_ns: int
    mono_ns: int
    lsn: int


Event = Started | Connected | Disconnected | Received | Foreign | Write | Import | Wake | Persisted


class Meta(msgspec.Struct, frozen=True, gc=False):
    """What a replica must remember besides elements. Spec: MCH-8."""

    replica: str
    writer: bytes
    incarnation: bytes
    next_seq: int
    horizon_ns: int
    issued_ns: int
    number: int
    """Last number of the change feed."""
    salt: bytes


class Delta(msgspec.Struct, frozen=True, gc=False):
    """Elements to be joined at recovery. Spec: MCH-8."""

    number: int
    """Their number in the change feed, 0 for elements that wait."""
    rows: Rows


class Vector(msgspec.Struct, frozen=True, gc=False):
    """What was seen of each writer; written with a snapshot. Spec: MCH-8, SYN-3."""

    seen: dict[bytes, int]


Record = Meta | Delta | Vector


class Send(msgspec.Struct, frozen=True, gc=False):
    """Send a frame to each of these peers. Spec: MCH-4."""

    peers: tuple[str, ...]
    frame: Frame
    after_lsn: int


class WakeAt(msgspec.Struct, frozen=True, gc=False):
    """Wake me when this clock reads `at_ns`; a later one with the same key replaces it.

    Spec: MCH-5.
    """

    key: str
    clock: Literal["wall", "mono"]
    at_ns: int


class Persist(msgspec.Struct, frozen=True, gc=False):
    """Make these records durable, all or none, in order of numbers. Spec: MCH-4."""

    lsn: int
    records: tuple[Record, ...]


class Written(msgspec.Struct, frozen=True, gc=False):
    """The changes are made. Spec: MCH-7."""

    ids: tuple[str, ...]
    """The entity of each operation."""
    writer: bytes
    seq: int
    """0 where nothing had to be written."""
    stamp_ns: int


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """The changes are not made, and why. Spec: MCH-7."""

    rule: str
    subject: str
    reason: str


class Reply(msgspec.Struct, frozen=True, gc=False):
    """Answer a request. Spec: MCH-7."""

    request_id: int
    outcome: Written | Rejected
    after_lsn: int


class Notify(msgspec.Struct, frozen=True, gc=False):
    """Tell the consumer of the change feed. Spec: MCH-9."""

    number: int
    won: Rows
    """Elements that are held now and were not before."""
    before: dict[str, Row]
    """The rows as they were, of the entities in `won`."""
    source: str
    """The peer that delivered it, empty for an own write or one that came due."""
    after_lsn: int


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Report what was not taken, from whom and why. Spec: MCH-2."""

    peer: str
    refusal: Refusal


Effect = Send | WakeAt | Persist | Reply | Notify | Refused
