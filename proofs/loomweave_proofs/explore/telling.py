"""Worlds in words: what happened, and how things stand. Spec: PRF-27."""

from collections.abc import Mapping
from typing import Final

from loomweave.core.events import Delta, Record
from loomweave.core.lattices.register import Row
from loomweave.core.replica.state import State
from loomweave.core.sync.frames import Agreed, Batch, Declined, Frame, Leaves, Want
from loomweave.core.sync.frames import State as StateFrame
from loomweave_proofs.explore.local import Replicas
from loomweave_proofs.explore.model import Action
from loomweave_proofs.explore.world import BASE_NS, Plan, World

VERBS: Final = {
    "write": "{0} makes its next write",
    "compare": "{0} compares digests",
    "round": "Everybody compares digests",
    "import": "{0} imports the file",
    "read": "{0} reads write {1} of another protocol",
    "tick": "Time moves on by one tick",
    "crash": "{0} crashes; {1} of the entries that awaited its disk are there",
    "restart": "{0} recovers from its journal and starts",
    "restore": "{0} is put back to an old backup and starts",
    "sync": "The disk of {0} takes one more entry",
    "cut": "The link between {0} and {1} is cut",
    "join": "{0} finds that it can reach {1}",
    "lose": "{0} finds that it cannot reach {1}",
}
CARRIED: Final = {"deliver": "gets", "drop": "never gets", "double": "gets, and will get again,"}


def describe(replicas: Replicas, plan: Plan, before: World, action: Action, after: World) -> str:
    """Say what happened in one sentence. Spec: PRF-27."""
    verb, *rest = action
    if verb in CARRIED:
        to, by, kind, nth = rest
        places = sorted({item for item in before.net if item[:3] == (to, by, kind)})
        frame = replicas.frames[places[int(nth)][3]]
        text = f"{to} {CARRIED[str(verb)]} from {by}: {frame_text(frame)}"
    else:
        text = VERBS.get(str(verb), f"{verb} {{0}}").format(*rest, "", "")
    new = list(after.net)
    for item in before.net:
        if item in new:
            new.remove(item)
    sent = "; ".join(
        f"{by} sends {to} {frame_text(replicas.frames[number])}" for to, by, _, number in new
    )
    fault = after.fault if after.fault != before.fault else ""
    return text + (f" -> {sent}" if sent else "") + (f" BROKEN {fault}" if fault else "") + "."


def frame_text(frame: Frame | object) -> str:
    """Say what a frame is."""
    match frame:
        case Batch(part):
            fields = ", ".join(
                f"{name_of(entity)}.{field} = {value!r}"
                for entity, row in part.rows.items()
                for field, value in row.items()
            )
            return f"batch {part.seq} stamped {stamp_text(part.stamp_ns)} ({fields})"
        case StateFrame(rows, early):
            return f"state {rows_text(rows)}" + (f" and early {rows_text(early)}" if early else "")
        case Want(entities):
            return f"want of {', '.join(map(name_of, entities))}"
        case Leaves(buckets, leaves):
            return f"leaves of {len(buckets)} buckets ({', '.join(map(name_of, leaves))})"
        case Agreed(seen):
            return f"agreed, seen {sorted(seen.values())}"
        case Declined(refusal):
            return f"declined by {refusal.rule}"
        case _:
            return type(frame).__name__.lower()


def name_of(entity: str) -> str:
    """Give the last part of an entity's key."""
    return entity.rsplit("\x00", 1)[-1]


def stamp_text(stamp_ns: int) -> str:
    """Write a stamp as what it is ahead of the time at first."""
    return f"{stamp_ns - BASE_NS:+d} ns" if stamp_ns else "0"


def rows_text(rows: Mapping[str, Row]) -> str:
    """Write rows with their stamps."""
    fields = (
        f"{name_of(entity)}.{field} = {element.value!r} at {stamp_text(element.stamp_ns)}"
        for entity in sorted(rows)
        for field, element in sorted(rows[entity].items())
    )
    return "{" + ", ".join(fields) + "}"


def state_text(state: State) -> str:
    """Say what a replica holds and what waits there."""
    waiting = ", ".join(
        f"{name_of(item.entity)}.{item.field} = {item.element.value!r}"
        f" at {stamp_text(item.element.stamp_ns)}"
        for item in state.graph.waiting
    )
    return rows_text(state.graph.held) + (f", waiting {{{waiting}}}" if waiting else "")


def records_text(records: tuple[Record, ...]) -> str:
    """Say what an entry of the journal holds."""
    return ", ".join(
        f"entry {record.number}" if isinstance(record, Delta) else type(record).__name__.lower()
        for record in records
    )
