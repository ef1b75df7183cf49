"""Admission of batches is the verdict of their elements. Rules HAM-3, HAM-4, HAM-6, HAM-7."""

from loomweave.core.clocks import is_ahead, is_due
from loomweave.core.graph.ham import Verdict, verdict
from loomweave.core.graph.store import Gate, Graph, admitted_ns, received_row
from loomweave.core.graph.waiting import undominated
from loomweave.core.lattices.register import Element, Row, Rows, element_le, field_join
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.register import order_backwards

# -- broken twins


def admitted_by_horizon(gate: Gate) -> int:
    """Forget the skew limit: a clock that was set back keeps admitting the future."""
    return gate.horizon_ns


def admitted_by_wall(gate: Gate) -> int:
    """Forget the horizon: what was due stops being due when the clock is set back."""
    return gate.wall_ns


def verdict_that_guesses(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> Verdict:
    """Judge each field by its number too."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    is_odd = offered.seq % 2 == 1
    return Verdict.DEFERRED if found is Verdict.APPLIED and is_odd else found


def undominated_by_stamp(held: Row, fields: Row) -> Row:
    """Compare stamps alone."""
    return {
        field: element
        for field, element in fields.items()
        if field not in held or element.stamp_ns > held[field].stamp_ns
    }


def received_if_held(graph: Graph, waiting: Rows, entity: str) -> Row:
    """Let what is held hide what waits."""
    held = graph.held.get(entity)
    if held is not None:
        return held
    return waiting.get(entity, {})


# -- theorems


@theorem("HAM-3", about=[admitted_ns], sabotage={admitted_ns: admitted_by_horizon})
def gate_is_due_and_near(stamp_ns: int, gate: Gate) -> bool:
    """What passes the gate is exactly what is due and not beyond the skew limit."""
    passes = is_due(stamp_ns, admitted_ns(gate))
    is_near = not is_ahead(stamp_ns, gate.wall_ns, gate.skew_max_ns)
    return passes == (is_due(stamp_ns, gate.horizon_ns) and is_near)


@theorem(
    "HAM-7", about=[admitted_ns, verdict, element_le], sabotage={admitted_ns: admitted_by_wall}
)
def gate_and_order_are_the_verdict(held: Element | None, offered: Element, gate: Gate) -> bool:
    """Passing the gate and beating what is held is what the verdict calls `applied`."""
    found = verdict(held, offered, gate.horizon_ns, gate.wall_ns, gate.skew_max_ns)
    is_news = held is None or not element_le(offered, held)
    passes = is_due(offered.stamp_ns, admitted_ns(gate))
    return (found is Verdict.APPLIED) == (passes and is_news)


@theorem("HAM-7", about=[verdict], sabotage={verdict: verdict_that_guesses})
def one_stamp_has_one_fate(
    one: Element | None, two: Element | None, a: Element, b: Element, gate: Gate
) -> bool:
    """Of a batch's fields, what is news is all applied, or all waits, or all is refused."""
    if a.stamp_ns != b.stamp_ns:
        return True
    covered = (Verdict.SAME, Verdict.STALE)
    first = verdict(one, a, gate.horizon_ns, gate.wall_ns, gate.skew_max_ns)
    second = verdict(two, b, gate.horizon_ns, gate.wall_ns, gate.skew_max_ns)
    is_news = (one is None or not element_le(a, one)) and (two is None or not element_le(b, two))
    return first == second if is_news else first in covered or second in covered


@theorem("HAM-4", about=[undominated], sabotage={undominated: undominated_by_stamp})
def undominated_is_the_news(held: Row, fields: Row, field: str) -> bool:
    """What may wait is exactly what the held row does not cover, unchanged."""
    found, offered, old = undominated(held, fields).get(field), fields.get(field), held.get(field)
    if offered is not None and (old is None or not element_le(offered, old)):
        return found == offered
    return found is None


@theorem("HAM-4", about=[undominated], sabotage={element_le: order_backwards})
def newer_writes_reach_the_room(held: Row, fields: Row, field: str) -> bool:
    """A newer write is never dropped on the way to the waiting room."""
    old, offered = held.get(field), fields.get(field)
    if old is None or offered is None or offered.stamp_ns <= old.stamp_ns:
        return True
    return field in undominated(held, fields)


@theorem("HAM-6", about=[received_row], sabotage={received_row: received_if_held})
def received_row_is_held_and_waiting(graph: Graph, waiting: Rows, entity: str, field: str) -> bool:
    """What was received of a field is the join of what is held and what waits."""
    held = graph.held.get(entity)
    due = None if held is None else held.get(field)
    row = waiting.get(entity)
    early = None if row is None else row.get(field)
    return received_row(graph, waiting, entity).get(field) == field_join(due, early)


# -- what must not hold


@theorem("HAM-3", about=[], refuted=True)
def horizon_alone_may_admit(stamp_ns: int, gate: Gate) -> bool:
    """The horizon alone may admit: false, after a clock was set back the limit is the wall's."""
    passes = is_due(stamp_ns, admitted_by_horizon(gate))
    return not passes or not is_ahead(stamp_ns, gate.wall_ns, gate.skew_max_ns)
