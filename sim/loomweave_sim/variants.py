"""Broken variants of the system, each of which a checker must notice. Spec: SCN-28.

Nothing here ships to users of the library: a variant wraps the shipped functions, or puts a
patched copy of one in its place while a step of a broken replica runs.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final, TypeVar

from attrs import evolve, frozen
from msgspec.structs import replace

from loomweave.core.entities import DELETED
from loomweave.core.events import (
    Delta,
    Effect,
    Event,
    Meta,
    Notify,
    Persist,
    Received,
    Record,
    Reply,
    Send,
)
from loomweave.core.graph import merge, store, view
from loomweave.core.graph.index import Index, reindex
from loomweave.core.graph.merge import NO_ROW, Merged, Part
from loomweave.core.lattices.register import Element, Row, Rows, wins_tie
from loomweave.core.machine import step
from loomweave.core.persistent import PMap
from loomweave.core.replica.recovery import recover
from loomweave.core.replica.state import Config, State
from loomweave.core.sync.frames import Batch, Frame
from loomweave.core.sync.frames import State as StateFrame
from loomweave.core.values import Value
from loomweave_sim.system import SHIPPED, System, shipped

T = TypeVar("T")
Patches = tuple[tuple[ModuleType, str, object], ...]
Answer = tuple[State, tuple[Effect, ...]]


@frozen
class Variant:
    """A system that is wrong on purpose. Spec: SCN-28."""

    name: str
    about: str
    caught_by: tuple[str, ...]
    """Checkers any of which must fail it."""
    system: Callable[[int], System]
    patches: Patches = ()
    """What is put in place of shipped functions for the whole run."""


@contextmanager
def patched(patches: Patches) -> Iterator[None]:
    """Put other functions in place of shipped ones for a while. Spec: SCN-28."""
    kept = [(module, name, getattr(module, name)) for module, name, _ in patches]
    for module, name, fake in patches:
        setattr(module, name, fake)
    try:
        yield
    finally:
        for module, name, true in kept:
            setattr(module, name, true)


def patched_step(*patches: tuple[ModuleType, str, object]) -> System:
    """Return a system whose every step and recovery meets the patched functions. Spec: SCN-28."""

    def broken_step(state: State, event: Event) -> Answer:
        with patched(patches):
            return step(state, event)

    def broken_recover(
        config: Config, records: Iterable[Record]
    ) -> tuple[State, tuple[Notify, ...]]:
        with patched(patches):
            return recover(config, records)

    return System(broken_step, broken_recover)


# ---- merging -----------------------------------------------------------------------------------


def last_arrival(held: PMap[str, Row], part: Part) -> Merged:
    """Let whatever arrives win, whenever it was written."""
    won: Rows = {
        entity: {
            field: Element(part.stamp_ns, value, part.writer, part.seq)
            for field, value in fields.items()
        }
        for entity, fields in part.rows.items()
    }
    return _merged(held, won)


def _merged(held: PMap[str, Row], won: Rows) -> Merged:
    before = {entity: held.get(entity, NO_ROW) for entity in won}
    return Merged({entity: before[entity] | row for entity, row in won.items()}, won, before)


def whole_entity(held: PMap[str, Row], part: Part) -> Merged:
    """Judge an entity by its newest field, and take all of its fields or none."""
    won: Rows = {}
    for entity, fields in part.rows.items():
        row = held.get(entity, NO_ROW)
        if all(part.stamp_ns > element.stamp_ns for element in row.values()):
            won[entity] = {
                field: Element(part.stamp_ns, value, part.writer, part.seq)
                for field, value in fields.items()
            }
    before = {entity: held.get(entity, NO_ROW) for entity in won}
    return Merged({entity: dict(row) for entity, row in won.items()}, won, before)


def code_point_tie(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Order texts by code point, as Python does, where the rule says UTF-16."""
    if isinstance(value, str) and isinstance(held.value, str) and value != held.value:
        return value > held.value
    return wins_tie(value, writer, seq, held)


def tie_for_the_newcomer(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Let a reply win every tie."""
    return True


def lenient_reply(state: State, event: Event) -> Answer:
    """Skip the tie rule where a frame answers a question of ours."""
    if isinstance(event, Received) and isinstance(event.frame, StateFrame):
        with patched(((merge, "wins_tie", tie_for_the_newcomer),)):
            return step(state, event)
    return step(state, event)


# ---- recovery ----------------------------------------------------------------------------------


def forgetful(config: Config, records: Iterable[Record]) -> tuple[State, tuple[Notify, ...]]:
    """Recover without the writes that waited."""
    kept = [r for r in records if not (isinstance(r, Delta) and r.number == 0)]
    return recover(config, kept)


def without_disk(config: Config, records: Iterable[Record]) -> tuple[State, tuple[Notify, ...]]:
    """Recover who the replica is, and leave what it held on the disk, unread."""
    return recover(config, [record for record in records if isinstance(record, Meta)])


def renumbered(config: Config, records: Iterable[Record]) -> tuple[State, tuple[Notify, ...]]:
    """Count the change feed from the beginning again."""
    state, feed = recover(config, records)
    return replace(state, journal=replace(state.journal, number=0)), feed


# ---- talking -----------------------------------------------------------------------------------


def silent_about_deletes(state: State, event: Event) -> Answer:
    """Send everything but deletions."""
    state, effects = step(state, event)
    return state, tuple(
        replace(effect, frame=_undeleted(effect.frame)) if isinstance(effect, Send) else effect
        for effect in effects
    )


def echoing(state: State, event: Event) -> Answer:
    """Pass on every batch that arrives, whether it brought anything new or not."""
    state, effects = step(state, event)
    if isinstance(event, Received) and isinstance(event.frame, Batch):
        told = any(isinstance(e, Send) and isinstance(e.frame, Batch) for e in effects)
        peers = tuple(peer for peer in state.contacts.links if peer != event.peer)
        if peers and not told:
            effects = (*effects, Send(peers, event.frame, state.journal.lsn))
    return state, effects


def _undeleted(frame: Frame) -> Frame:
    """Take deletions out of a frame."""
    if isinstance(frame, Batch):
        rows = {entity: _bare(row) for entity, row in frame.part.rows.items() if _bare(row)}
        return replace(frame, part=replace(frame.part, rows=rows), raw=None)
    if isinstance(frame, StateFrame):
        kept = {entity: _bare(row) for entity, row in frame.rows.items() if _bare(row)}
        early = {entity: _bare(row) for entity, row in frame.early.items() if _bare(row)}
        return StateFrame(kept, early)
    return frame


def _bare(row: dict[str, T]) -> dict[str, T]:
    return {field: content for field, content in row.items() if field != DELETED}


def ends_ignored(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    source_deleted_ns: int | None,
    target_deleted_ns: int | None,
) -> bool:
    """Show an edge whatever became of its ends."""
    return edge_alive


def always_due(stamp_ns: int, horizon_ns: int) -> bool:
    """Take every write for due."""
    return True


def writing_tenfold(state: State, event: Event) -> Answer:
    """Hand every entry to the journal ten times."""
    state, effects = step(state, event)
    written = tuple(effect for effect in effects if isinstance(effect, Persist))
    return state, (*written * 9, *effects)


def index_kept(index: Index, won: Rows, before: Rows, fresh: Rows) -> Index:
    """Forget to mend the index when something is deleted."""
    if any(DELETED in row for row in won.values()):
        return index
    return reindex(index, won, before, fresh)


def answering_twice(state: State, event: Event) -> Answer:
    """Answer every request, and then once more."""
    state, effects = step(state, event)
    return state, (*effects, *(effect for effect in effects if isinstance(effect, Reply)))


def everywhere(system: System) -> Callable[[int], System]:
    """Let all replicas run the same system. Spec: SCN-28."""
    return lambda replica: system


def at_odd(system: System) -> Callable[[int], System]:
    """Let every second replica run another system than shipped. Spec: SCN-28."""
    return lambda replica: system if replica % 2 else SHIPPED


VARIANTS: Final[tuple[Variant, ...]] = (
    Variant(
        "last-arrival-wins",
        "whatever arrives last wins, whenever it was written",
        ("maximum", "convergence"),
        everywhere(patched_step((store, "merge_part", last_arrival))),
    ),
    Variant(
        "whole-entity",
        "an entity is judged as a whole, not field by field",
        ("acknowledged",),
        everywhere(patched_step((store, "merge_part", whole_entity))),
    ),
    Variant(
        "code-point-tie",
        "every second replica breaks ties by code point",
        ("maximum", "convergence"),
        at_odd(patched_step((merge, "wins_tie", code_point_tie))),
    ),
    Variant(
        "lenient-reply",
        "the tie rule is skipped for what was asked for (GUN's D1)",
        ("maximum", "convergence", "feed"),
        everywhere(System(lenient_reply)),
    ),
    Variant(
        "forgotten-deferral",
        "what waits is forgotten in a crash",
        ("recovery",),
        everywhere(System(recover=forgetful)),
    ),
    Variant(
        "no-disk-merge",
        "a restart does not merge with the disk (GUN's D8)",
        ("recovery",),
        everywhere(System(recover=without_disk)),
    ),
    Variant(
        "renumbered-feed",
        "the change feed counts from the beginning after a crash",
        ("feed",),
        everywhere(System(recover=renumbered)),
    ),
    Variant(
        "silent-deletes",
        "deletions are not announced",
        ("convergence",),
        everywhere(System(silent_about_deletes)),
    ),
    Variant(
        "hasty-answers",
        "clients are answered before the disk is",
        ("acknowledged",),
        everywhere(evolve(SHIPPED, waits_for_disk=False)),
    ),
    Variant(
        "echo",
        "whatever arrives is passed on, new or not",
        ("echo",),
        everywhere(System(echoing)),
    ),
    Variant(
        "answering-twice",
        "each request is answered twice",
        ("requests",),
        everywhere(System(answering_twice)),
    ),
    Variant(
        "always-due",
        "writes from the future are shown at once",
        ("horizon",),
        everywhere(patched_step((store, "is_due", always_due))),
    ),
    Variant(
        "tenfold-journal",
        "every entry goes to the journal ten times",
        ("bounds",),
        everywhere(System(writing_tenfold)),
    ),
    Variant(
        "stale-index",
        "the index is not mended when something is deleted",
        ("twins",),
        everywhere(patched_step((store, "reindex", index_kept))),
    ),
    Variant(
        "edges-without-ends",
        "an edge shows whatever became of its ends",
        ("dangling",),
        shipped,
        ((view, "is_edge_shown", ends_ignored),),
    ),
)
"""All variants; between them they break what each checker looks for. Spec: SCN-28."""
