"""Recovery: records of a journal become a state again. Spec: MCH-8, MCH-9.

Deltas join, so doubled records do no harm. They are taken in the order in which they were kept,
which gives every entry of the change feed the number and the content that it had.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from loomweave.core.clocks import Clock, note_applied
from loomweave.core.errors import UsageError
from loomweave.core.events import Delta, Meta, Notify, Record, Vector
from loomweave.core.graph import store
from loomweave.core.graph.store import Gate
from loomweave.core.graph.waiting import layers
from loomweave.core.persistent import sorted_keys
from loomweave.core.replica.state import (
    Config,
    Identity,
    Journal,
    State,
    initial,
    meta_of,
)

UNLIMITED_NS: Final = 2**64
"""A skew limit that nothing exceeds: the journal holds only what was admitted once."""
SNAPSHOT_ENTITIES_MAX: Final = 1_000
"""Most entities in one record of a snapshot. Spec: MCH-8."""


class ForeignJournal(UsageError):
    """The journal belongs to another replica or another graph. Spec: MCH-8."""


def recover(config: Config, records: Iterable[Record]) -> tuple[State, tuple[Notify, ...]]:
    """Build the state from a journal, and the entries of the feed that it still holds. Spec: MCH-8.

    Raises:
        ForeignJournal: the journal was written for another replica or graph.
    """
    state = initial(config)
    feed: list[Notify] = []
    for record in records:
        match record:
            case Meta():
                state = _remember(state, record)
            case Delta():
                state, entry = _rejoin(state, record)
                if entry is not None and entry.number > (feed[-1].number if feed else 0):
                    feed.append(entry)
            case Vector(seen):
                contacts = state.contacts
                state = replace(state, contacts=replace(contacts, seen=contacts.seen.update(seen)))
    return state, tuple(feed)


def _remember(state: State, meta: Meta) -> State:
    """Take over a meta record: the last writer counts, and what only grows is joined.

    Spec: MCH-8.
    """
    if meta.replica != state.config.replica:
        reason = f"this journal is of replica {meta.replica!r}; use its name or another folder"
        raise ForeignJournal("MCH-8", state.config.replica, reason)
    if meta.salt != state.config.salt:
        reason = "this journal is of another graph; use the graph's name or another folder"
        raise ForeignJournal("MCH-8", state.config.replica, reason)
    clock = Clock(
        max(state.clock.horizon_ns, meta.horizon_ns),
        max(state.clock.issued_ns, meta.issued_ns),
        state.clock.applied_ns,
    )
    contacts, next_seq = state.contacts, meta.next_seq
    if meta.writer == state.identity.writer:
        next_seq = max(next_seq, state.journal.next_seq)
    if next_seq > contacts.seen.get(meta.writer, 0) + 1:
        contacts = replace(contacts, seen=contacts.seen.set(meta.writer, next_seq - 1))
    number = max(state.journal.number, meta.number)
    return replace(
        state,
        identity=Identity(meta.writer, meta.incarnation, b""),
        clock=clock,
        journal=Journal(0, 0, next_seq, number),
        contacts=contacts,
    )


def _rejoin(state: State, delta: Delta) -> tuple[State, Notify | None]:
    """Join a delta under the horizon that was kept with it. Spec: MCH-8, MCH-9."""
    horizon_ns = state.clock.horizon_ns
    settled = store.settle(state.graph, horizon_ns)
    before = {entity: state.graph.held.get(entity, {}) for entity in delta.rows}
    graph = settled.graph if settled is not None else state.graph
    gate = Gate(horizon_ns, horizon_ns, UNLIMITED_NS, "", bounded=False)
    absorbed = store.absorb_rows(graph, delta.rows, gate)
    clock = state.clock
    for newest_ns in (absorbed.newest_ns, settled.newest_ns if settled is not None else None):
        clock = note_applied(clock, newest_ns) if newest_ns is not None else clock
    state = replace(state, graph=absorbed.graph, clock=clock)
    if not delta.number:
        return state, None
    return state, Notify(delta.number, delta.rows, before, "", 0)


def snapshot(state: State) -> tuple[Record, ...]:
    """List records that give this state back: a journal that starts with them may forget the rest.

    Spec: MCH-8. Entries of the feed are not among them.
    """
    records: list[Record] = [meta_of(state)]
    entities = sorted_keys(state.graph.held)
    for at in range(0, len(entities), SNAPSHOT_ENTITIES_MAX):
        chunk = entities[at : at + SNAPSHOT_ENTITIES_MAX]
        records.append(Delta(0, {entity: state.graph.held[entity] for entity in chunk}))
    records += [Delta(0, rows) for rows in layers(state.graph.waiting)]
    records.append(Vector(dict(sorted(state.contacts.seen.items()))))
    return tuple(records)
