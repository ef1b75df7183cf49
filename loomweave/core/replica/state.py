"""The state of one replica. Spec: MCH-1, MCH-6, MCH-8."""

from typing import Final

import msgspec
from attrs import field, frozen

from loomweave.core.clocks import SKEW_MAX_NS, Clock
from loomweave.core.encoding import hash_bytes
from loomweave.core.errors import Refusal, UsageError
from loomweave.core.events import Meta
from loomweave.core.graph.store import Graph, empty_graph
from loomweave.core.persistent import PMap
from loomweave.core.sync.digest import Summary, empty_summary, root_of, summarise
from loomweave.core.sync.frames import MAIN

SALT_BYTES: Final = 16
WRITER_BYTES: Final = 16
INCARNATION_BYTES: Final = 8
COMPARE_NS: Final = 1_000_000_000
"""How often a replica compares digests with one of its peers. Spec: SYN-5."""
JOURNAL_PENDING_MAX: Final = 10_000
"""Most journal entries that may await durability before writes are turned away. Spec: MCH-11."""
QUIET_NS: Final = 1_000_000_000
QUIET_NS_MAX: Final = 32_000_000_000
"""Bounds of how long a peer that declined is left alone. Spec: SYN-8."""


def graph_salt(name: str) -> bytes:
    """Derive the salt of a graph that is known by its name alone. Spec: SYN-1."""
    return hash_bytes(b"graph name", name.encode())[:SALT_BYTES]


def _check_salt(_: object, __: object, salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise UsageError("SYN-1", "salt", f"a salt takes {SALT_BYTES} bytes, not {len(salt)}")


@frozen
class Config:
    """What a replica is told at its start. Spec: MCH-1."""

    replica: str
    """Name of the replica; unique in its graph."""
    salt: bytes = field(factory=lambda: graph_salt("default"), validator=_check_salt)
    branch: str = MAIN
    genesis_ns: int = 0
    """Stamp of everything imported: before any write. Spec: GRF-17."""
    skew_max_ns: int = SKEW_MAX_NS
    compare_ns: int = COMPARE_NS


class Identity(msgspec.Struct, frozen=True, gc=False):
    """Under which name a replica writes. Spec: MCH-6."""

    writer: bytes
    incarnation: bytes
    spare: bytes
    """Chance that the next incarnation is made from, should one be needed."""


class Journal(msgspec.Struct, frozen=True, gc=False):
    """Numbers that only grow. Spec: MCH-4, MCH-8, MCH-9."""

    lsn: int
    """Last number handed to the journal."""
    durable_lsn: int
    next_seq: int
    number: int
    """Last number of the change feed."""


class Peer(msgspec.Struct, frozen=True, gc=False):
    """What is known of a connected peer. Spec: SYN-1, SYN-8."""

    greeted: bool
    quiet_until_ns: int
    """Monotonic time before which it is offered nothing, for it declined."""
    quiet_ns: int
    distrusts_clock: bool
    """Whether it declined a write of ours for its stamp. Spec: CLK-6."""


class Contacts(msgspec.Struct, frozen=True, gc=False):
    """Peers, and what was seen of writers. Spec: SYN-1, SYN-3."""

    peers: PMap[str, Peer]
    links: tuple[str, ...]
    """Names of greeted peers, in order: those who get what is new."""
    turn: int
    """How many digests were sent; chooses the next peer to compare with."""
    compare_at_ns: int
    """Monotonic time of the next comparison. Spec: SYN-5."""
    seen: PMap[bytes, int]
    """Of each writer, the number up to which every batch was received. Spec: SYN-3."""
    news: PMap[bytes, int]
    """Entries of `seen` that changed since our last batch."""


class State(msgspec.Struct, frozen=True, gc=False):
    """A replica, whole. Spec: MCH-1."""

    config: Config
    identity: Identity
    clock: Clock
    graph: Graph
    summary: Summary
    journal: Journal
    contacts: Contacts


@frozen
class Status:
    """What an operator wants to know of a replica. Spec: MCH-10."""

    replica: str
    writer: bytes
    peers_connected: int
    peers_greeted: int
    entities: int
    waiting: int
    horizon_ns: int
    lsn: int
    durable_lsn: int
    feed_number: int
    clock_suspect: bool
    """Whether some peer declined our writes because of their stamps. Spec: CLK-6."""


def initial(config: Config) -> State:
    """Return the state before anything was recovered or started. Spec: MCH-1."""
    return State(
        config,
        Identity(b"", b"", b""),
        Clock(0, 0, config.genesis_ns),
        empty_graph(),
        empty_summary(),
        Journal(0, 0, 1, 0),
        Contacts(PMap(), (), 0, 0, PMap(), PMap()),
    )


def meta_of(state: State) -> Meta:
    """Build the record of what must be remembered besides elements. Spec: MCH-8."""
    return Meta(
        state.config.replica,
        state.identity.writer,
        state.identity.incarnation,
        state.journal.next_seq,
        state.clock.horizon_ns,
        state.clock.issued_ns,
        state.journal.number,
        state.config.salt,
    )


def status_of(state: State) -> Status:
    """Report how a replica is. Spec: MCH-10."""
    peers = state.contacts.peers
    return Status(
        replica=state.config.replica,
        writer=state.identity.writer,
        peers_connected=len(peers),
        peers_greeted=len(state.contacts.links),
        entities=len(state.graph.held),
        waiting=len(state.graph.waiting),
        horizon_ns=state.clock.horizon_ns,
        lsn=state.journal.lsn,
        durable_lsn=state.journal.durable_lsn,
        feed_number=state.journal.number,
        clock_suspect=any(peer.distrusts_clock for peer in peers.values()),
    )


def with_digest(state: State) -> State:
    """Bring the digest up to date. Spec: SYN-5."""
    if state.graph.unsummed is None:
        return state
    graph, summary = summarise(state.graph, state.summary, state.config.salt)
    return msgspec.structs.replace(state, graph=graph, summary=summary)


def is_journal_behind(state: State) -> bool:
    """Tell whether so much awaits durability that nothing more is taken in. Spec: MCH-11."""
    return state.journal.lsn - state.journal.durable_lsn >= JOURNAL_PENDING_MAX


def behind(wall_ns: int) -> Refusal:
    """Turn a peer away because the journal is behind. Spec: MCH-11."""
    return Refusal("MCH-11", "our journal is behind; offer it again", retry_at_ns=wall_ns)


def root(state: State) -> bytes:
    """Compute the root of everything that a replica has received. Spec: SYN-5."""
    return root_of(with_digest(state).summary)
