"""What every step of a replica must keep, whatever the event. Spec: PRF-21.

These are read off the state before, the effects and the state after; nothing here decides what
the machine should have done.
"""

from collections import Counter

from loomweave.core.entities import Kind
from loomweave.core.events import (
    Effect,
    Event,
    Notify,
    Persist,
    Received,
    Rejected,
    Reply,
    Send,
    Started,
    Write,
)
from loomweave.core.graph import index, view, waiting
from loomweave.core.graph.operations import Delete, PutNode
from loomweave.core.graph.store import Graph, received_row
from loomweave.core.lattices.register import Row, Rows, element_le
from loomweave.core.replica.state import State, root
from loomweave.core.sync import digest


def step_fault(
    before: State, event: Event, after: State, effects: tuple[Effect, ...]
) -> str | None:
    """Say which rule a step broke, or None."""
    return (
        time_fault(before, after)
        or growth_fault(before.graph, after.graph)
        or graph_fault(after)
        or order_fault(before, after, effects)
        or feed_fault(before, after, effects)
        or identity_fault(before, event, after)
        or admission_fault(before, event, after)
        or own_fault(before, event, after, effects)
    )


def time_fault(before: State, after: State) -> str | None:
    """Check that the horizon grows, and parts what is held from what waits."""
    horizon_ns = after.clock.horizon_ns
    if horizon_ns < before.clock.horizon_ns:
        return "CLK-2: the horizon ran back"
    if after.clock.issued_ns < before.clock.issued_ns:
        return "CLK-4: the last own stamp ran back"
    if after.graph.waiting and after.graph.waiting[0].element.stamp_ns <= horizon_ns:
        return "HAM-5: a due write waits"
    held = (element for row in after.graph.held.values() for element in row.values())
    if any(element.stamp_ns > horizon_ns for element in held):
        return "CLK-3: a write that is not due is held"
    return None


def growth_fault(before: Graph, after: Graph) -> str | None:
    """Check that nothing received is lost, and nothing held goes down."""
    early, late = waiting.rows_of(before.waiting), waiting.rows_of(after.waiting)
    for entity in sorted({*before.held, *early}):
        old, new = received_row(before, early, entity), received_row(after, late, entity)
        if not covers(new, old):
            return "HAM-6: something received is lost"
        if not covers(after.held.get(entity, {}), before.held.get(entity, {})):
            return "HAM-2: something held went down"
    return None


def covers(new: Row, old: Row) -> bool:
    """Tell whether every element of a row is at or below one of another."""
    return all(field in new and element_le(old[field], new[field]) for field in old)


def graph_fault(after: State) -> str | None:
    """Check what is derived from rows against a scan of them."""
    graph = after.graph
    if not index.same_index(graph.index, index.scan(graph.held)):
        return "GRF-9: an index differs from a scan"
    if root(after) != digest.root_of(digest.scan(graph, after.config.salt)):
        return "SYN-5: the digest differs from a scan"
    if not waiting.is_in_order(graph.waiting):
        return "HAM-5: the waiting room is out of order, or holds something twice"
    return None


def order_fault(before: State, after: State, effects: tuple[Effect, ...]) -> str | None:
    """Check that what is told waits for what was persisted before it."""
    lsn = before.journal.lsn
    for effect in effects:
        if isinstance(effect, Persist):
            lsn += 1
            if effect.lsn != lsn:
                return "MCH-4: a number of the journal is left out"
        elif isinstance(effect, Send | Reply | Notify) and effect.after_lsn < lsn:
            return "MCH-4: something is told before it is durable"
    if lsn != after.journal.lsn:
        return "MCH-4: a number of the journal was never persisted"
    return None


def feed_fault(before: State, after: State, effects: tuple[Effect, ...]) -> str | None:
    """Check that the feed has no gaps and tells what changed, and only that."""
    number = before.journal.number
    told: Rows = {}
    for effect in effects:
        if isinstance(effect, Notify):
            number += 1
            if effect.number != number:
                return "MCH-9: a number of the feed is left out"
            for entity, row in effect.won.items():
                told[entity] = told.get(entity, {}) | row
    if number != after.journal.number:
        return "MCH-9: an entry of the feed was never told"
    changed = {
        entity: fresh
        for entity in sorted({*before.graph.held, *after.graph.held})
        if (fresh := news(before.graph.held.get(entity, {}), after.graph.held.get(entity, {})))
    }
    return None if changed == told else "HAM-8: the feed does not tell what changed"


def news(old: Row, new: Row) -> Row:
    """List the elements of a row that another lacks."""
    return {field: new[field] for field in new if field not in old or old[field] != new[field]}


def identity_fault(before: State, event: Event, after: State) -> str | None:
    """Check that own batches are counted one by one within an incarnation."""
    old, new = before.identity, after.identity
    if isinstance(event, Started) or old.incarnation != new.incarnation:
        return None
    if after.journal.next_seq not in (before.journal.next_seq, before.journal.next_seq + 1):
        return "SYN-3: the number of own batches jumped"
    return None


def admission_fault(before: State, event: Event, after: State) -> str | None:
    """Check that a peer's elements lie within the skew limit and find their place in the room."""
    if not isinstance(event, Received):
        return None
    limit_ns = event.wall_ns + after.config.skew_max_ns
    waited = {(item.entity, item.field, item.element) for item in before.graph.waiting}
    for item in after.graph.waiting:
        if item.element.stamp_ns > limit_ns and (
            (item.entity, item.field, item.element) not in waited
        ):
            return "CLK-5: a write from beyond the skew limit waits"
    for entity in sorted(after.graph.held):
        fresh = news(before.graph.held.get(entity, {}), after.graph.held[entity])
        for field, element in fresh.items():
            if element.stamp_ns > limit_ns and (entity, field, element) not in waited:
                return "CLK-5: a write from beyond the skew limit is held"
    counts = Counter(item.entity for item in after.graph.waiting)
    if counts and max(counts.values()) > waiting.WAIT_ENTITY_MAX:
        return "HAM-9: too much waits for one entity"
    return None


def own_fault(before: State, event: Event, after: State, effects: tuple[Effect, ...]) -> str | None:
    """Check that an own write is above all that was held, and seen at once as it was asked for."""
    outcomes = [effect.outcome for effect in effects if isinstance(effect, Reply)]
    if not isinstance(event, Write):
        return None
    if len(outcomes) != 1:
        return "MCH-7: a request is not answered once"
    if isinstance(outcomes[0], Rejected):
        return None
    if outcomes[0].seq:
        stamps = [e.stamp_ns for row in before.graph.held.values() for e in row.values()]
        if outcomes[0].stamp_ns <= max(stamps, default=0):
            return "CLK-4: an own stamp is not above what was held"
    for operation in event.operations:
        if isinstance(operation, PutNode):
            node = view.find_node(after.graph, operation.id)
            if node is None or not operation.properties.items() <= node.properties.items():
                return "GRF-13: a put does not show"
        elif (
            isinstance(operation, Delete)
            and operation.kind is Kind.NODE
            and view.find_node(after.graph, operation.id) is not None
        ):
            return "GRF-15: what was deleted shows"
    return None
