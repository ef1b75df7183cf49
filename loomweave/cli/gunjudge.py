"""Judging lines of GUN vectors by the shipped decision. Spec: GUN-12, GUN-13.

A line passes where we do what it says. Where we do not, the line must be what GUN does, what we do
must be what the rules promise, and the promise must stand in the closed table below.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from attrs import frozen

from loomweave.cli.gunlines import GraphLine, HamLine, Line
from loomweave.cli.gunpromise import Promised, Unit, fields_of, is_exact, promised_fault
from loomweave.cli.guntwin import (
    DEFER_MS_MAX,
    UNDEFINED,
    GunTwin,
    answer,
    state_of,
    to_number,
)
from loomweave.core.clocks import SKEW_MAX_NS
from loomweave.core.entities import node_key
from loomweave.core.errors import Refusal
from loomweave.core.graph import store
from loomweave.core.graph.merge import Part
from loomweave.core.graph.store import Absorbed, Gate, Graph
from loomweave.core.gun_stamps import ms_of_stamp, stamp_of_ratio
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Element, Rows
from loomweave.core.persistent import sorted_items
from loomweave.wire.gun import GunPut, read_put
from loomweave.wire.gun_saying import put_of_rows

DEPARTURES: Final = {
    "reply": "an answer to a read obeys the tie rule",
    "state": "a state that is not a finite number is refused",
    "range": "a state that no stamp can hold is refused",
    "fine": "a state finer than a nanosecond is taken as the nearest one",
    "skew": "a write beyond the skew limit is refused until later",
    "keep-first": "a stale or equal write from the future is ignored at once",
    "clock": "a put is judged by one reading of the clock",
    "malformed": "a put with a fault is refused whole",
}
"""The closed table of departures from GUN. Spec: GUN-12."""
SOUL: Final = "s"
FIELD: Final = "k"
SCALE: Final = 2**1074
"""Exact units in a nanosecond: every double is a whole number of them."""
NS_PER_MS: Final = 1_000_000


@frozen
class Shipped:
    """The functions that decide. A test hands in broken ones."""

    read: Callable[[object], GunPut | Refusal] = read_put
    parts: Callable[[Graph, tuple[Part, ...], Gate], Absorbed] = store.absorb_parts
    rows: Callable[[Graph, Rows, Gate], Absorbed] = store.absorb_rows
    settle: Callable[[Graph, int], Absorbed | None] = store.settle


NANOSECONDS: Final = Unit(
    lambda ms: stamp_of_ratio(*ms.as_integer_ratio()),
    lambda stamp: float(ms_of_stamp(stamp)),
    SKEW_MAX_NS,
)
EXACT: Final = Unit(
    lambda ms: int(Fraction(ms) * NS_PER_MS * SCALE),
    lambda stamp: float(Fraction(stamp, NS_PER_MS * SCALE)),
    SKEW_MAX_NS * SCALE,
)


@frozen
class Outcome:
    """What became of a line: passed, departed by a name of the table, or failed and why."""

    kind: str
    reason: str = ""


PASSED: Final = Outcome("passed")


class Peer:
    """One replica's graph under the shipped decision, with a clock that is told."""

    def __init__(self, shipped: Shipped, unit: Unit, machine: float) -> None:
        """Begin with an empty graph at a reading of the clock."""
        self.shipped = shipped
        self.unit = unit
        self.graph = store.empty_graph()
        self.now = unit.of(machine)
        self.refusals: list[Refusal] = []

    def advance(self, to: float) -> None:
        """Let time pass, and what is due become visible."""
        self.now = max(self.now, self.unit.of(to))
        settled = self.shipped.settle(self.graph, self.now)
        self.graph = self.graph if settled is None else settled.graph

    def put(self, raw: object) -> tuple[Absorbed, ...]:
        """Take a put in the way a gateway does; no result where it is refused."""
        put = self.shipped.read(raw)
        if isinstance(put, Refusal):
            self.refusals.append(put)
            return ()
        if self.unit is EXACT:
            put = GunPut((), exact_rows(put, raw))
        gate = Gate(self.now, self.now, self.unit.skew_max, "gun", bounded=False)
        found = []
        if put.parts:
            found.append(self.shipped.parts(self.graph, put.parts, gate))
            self.graph = found[-1].graph
        if put.rows:
            found.append(self.shipped.rows(self.graph, put.rows, gate))
            self.graph = found[-1].graph
        return tuple(found)

    def shown(self) -> dict[str, object]:
        """Return the visible graph in GUN's wire form, states as numbers of JavaScript."""
        rows = dict(sorted_items(self.graph.held))
        plain = {
            entity: {f: Element(0, e.value, e.writer, e.seq) for f, e in row.items()}
            for entity, row in rows.items()
        }
        put = put_of_rows(plain).put
        for soul, node in put.items():
            states = {f: self.unit.back(e.stamp_ns) for f, e in rows[node_key(soul)].items()}
            node["_"] = {"#": soul, ">": states}
        return dict(put)


def exact_rows(put: GunPut, raw: object) -> Rows:
    """Give what a put writes its exact states instead of stamps."""
    states = {(soul, field): state for soul, field, state, _ in fields_of(raw)}
    rows: Rows = {}
    values = [(e, f, v) for part in put.parts for e, fs in part.rows.items() for f, v in fs.items()]
    values += [(e, f, element.value) for e, row in put.rows.items() for f, element in row.items()]
    for entity, field, value in values:
        state = states[entity.rpartition("\0")[2], field]
        assert isinstance(state, float), "it was judged a state"
        element = Element(EXACT.of(state), value, GUN_WRITER, GUN_SEQ)
        rows.setdefault(entity, {})[field] = element
    return rows


def same(a: object, b: object) -> bool:
    """Tell whether two values of JavaScript are one: kinds apart, -0 as 0, NaN as itself."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if is_numeric(a) and is_numeric(b):
        return a == b or (a != a and b != b)
    return type(a) is type(b) and a == b


def is_numeric(raw: object) -> bool:
    """Tell whether a value is one of JavaScript's numbers."""
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)


def judge(line: Line, shipped: Shipped) -> Outcome:
    """Judge a line. Spec: GUN-13."""
    if isinstance(line, HamLine):
        return judge_numbers(line, shipped, judge_ham, ham_states(line))
    return judge_numbers(line, shipped, judge_graph, graph_states(line))


def judge_numbers(
    line: Line,
    shipped: Shipped,
    judge_in: Callable[[Line, Shipped, Unit], Outcome],
    states: list[object],
) -> Outcome:
    """Judge in nanoseconds; where those are too coarse for a state, also in exact units."""
    if all(is_exact(state) for state in states):
        return judge_in(line, shipped, NANOSECONDS)
    found = judge_in(line, shipped, EXACT)
    if found.kind == "failed":
        return found
    coarse = judge_in(line, shipped, NANOSECONDS)
    return found if coarse == found else Outcome("departed", "fine")


def ham_states(line: HamLine) -> list[object]:
    """List the numbers of a line that become stamps."""
    return [line.machine, line.in_state, line.cur_state]


def graph_states(line: GraphLine) -> list[object]:
    """List the numbers of a line that become stamps."""
    clocks: list[object] = [line.machine, line.until, *(message.at for message in line.messages)]
    return clocks + [state for m in line.messages for _, _, state, _ in fields_of(m.put)]


def node_put(state: object, value: object) -> dict[str, object]:
    """Write a put of one field."""
    states = {} if state is UNDEFINED else {FIELD: state}
    return {SOUL: {"_": {"#": SOUL, ">": states}, FIELD: value}}


def judge_ham(line: Line, shipped: Shipped, unit: Unit) -> Outcome:
    """Judge a line about one field. Spec: GUN-13."""
    assert isinstance(line, HamLine)
    known = line.cur_value if line.has_current is True else UNDEFINED
    was = state_of(line.cur_state) if line.has_current is True else float("-inf")
    gun = answer(line.machine, line.in_state, line.in_value, was, known, line.reply)
    if (fault := ham_line_fault(line, gun)) is not None:
        return Outcome("failed", f"GUN does otherwise: {fault}")
    if line.has_current is True and (name := promised_fault(node_put(was, known))) is not None:
        return Outcome("departed", name)  # what cannot be held cannot be decided about
    ours, held = decide(line, shipped, unit)
    promise = Promised(line.machine, unit)
    if line.has_current is True:
        promise.hold(SOUL, FIELD, was, known)
    name = promise.put(node_put(line.in_state, line.in_value))
    if ours != promise.decision:
        return Outcome("failed", f"decided {ours}, promised is {promise.decision}")
    if not same(held, promise.field(SOUL, FIELD)):
        return Outcome("failed", f"holds {held!r} afterwards")
    if ours == gun:
        return PASSED
    if name is None and line.reply and gun == "incoming" and ours == "ignore":
        name = "reply"
    if name not in DEPARTURES:
        return Outcome("failed", f"decided {ours} where GUN does {gun}")
    return Outcome("departed", name)


def ham_line_fault(line: HamLine, gun: str) -> str | None:
    """Say where a line is not what GUN does, or None."""
    if line.decision != gun:
        return f"{gun}, not {line.decision}"
    number = to_number(line.in_state)
    if gun == "defer" and not same(line.defer_ms, min(number - line.machine, DEFER_MS_MAX)):
        return f"defer_ms is {min(number - line.machine, DEFER_MS_MAX)}"
    if gun == "ignore" and line.label and line.label != ham_label(line):
        return f"label {ham_label(line)}, not {line.label}"
    after = line.after
    if gun != "incoming":
        was_there = line.has_current is True and line.cur_value is not UNDEFINED
        if not was_there:
            return None if after is None else "nothing is there afterwards"
        return after_fault(after, line.cur_value, kept_state(line.cur_state))
    held = kept_state(line.cur_state) if line.has_current is True else UNDEFINED
    state = line.in_state if isinstance(line.in_state, float) else held
    return after_fault(after, line.in_value, state)


def kept_state(state: object) -> object:
    """Return what GUN remembers of a state: only numbers."""
    return state if isinstance(state, float) else UNDEFINED


def after_fault(after: object, value: object, state: object) -> str | None:
    """Say where a line's last part is not what GUN holds afterwards, or None."""
    if isinstance(after, dict) and same(after["value"], value) and same(after["state"], state):
        return None
    return f"{value!r} at {state!r} is there afterwards"


def ham_label(line: HamLine) -> str:
    """Say why GUN ignores a write."""
    was = state_of(line.cur_state) if line.has_current is True else float("-inf")
    if to_number(line.in_state) < was:
        return "historical"
    return "same" if same(line.in_value, line.cur_value) else "current"


def decide(line: HamLine, shipped: Shipped, unit: Unit) -> tuple[str, object]:
    """Let the shipped code decide, and say what it did and what is held then."""
    peer = Peer(shipped, unit, line.machine)
    if line.has_current is True:
        peer.now = max(peer.now, unit.of(state_of(line.cur_state)))
        peer.put(node_put(line.cur_state, line.cur_value))
        peer.now = unit.of(line.machine)
    elif line.has_current == "node":
        peer.now = max(peer.now, unit.of(1.0))
        peer.put({SOUL: {"_": {"#": SOUL, ">": {"other": 1.0}}, "other": 0.0}})
        peer.now = unit.of(line.machine)
    assert not peer.refusals, "what is there already is good"
    absorbed = peer.put(node_put(line.in_state, line.in_value))
    node = peer.shown().get(SOUL, {})
    assert isinstance(node, dict)
    held = (node[FIELD], node["_"][">"][FIELD]) if FIELD in node else None
    return named(peer, absorbed), list(held) if held else None


def named(peer: Peer, absorbed: tuple[Absorbed, ...]) -> str:
    """Name what the shipped decision did, in GUN's words and two of ours."""
    if peer.refusals:
        return "error"
    if any(found.refusals for found in absorbed):
        refusal = absorbed[0].refusals[0]
        is_later = refusal.rule == "CLK-5" and refusal.retry_at_ns is not None
        return "refuse" if is_later else f"refused by {refusal.rule}"
    if any(found.won for found in absorbed):
        return "incoming"
    return "defer" if any(found.parked for found in absorbed) else "ignore"


def judge_graph(line: Line, shipped: Shipped, unit: Unit) -> Outcome:
    """Judge a line about a sequence of puts. Spec: GUN-13."""
    assert isinstance(line, GraphLine)
    twin, promise = GunTwin(line.machine), Promised(line.machine, unit)
    peer = Peer(shipped, unit, line.machine)
    names: list[str] = []
    errors: list[bool] = []
    refused: list[bool] = []
    for message in line.messages:
        for one in (twin, promise, peer):
            if message.at is not None:
                one.advance(message.at)
        errors.append(twin.put(message.put))
        name = promise.put(message.put)
        names += [name] if name else []
        peer.put(message.put)
        refused.append(len(peer.refusals) > sum(refused))
        if refused[-1] != promise.refused:
            return Outcome("failed", f"message {len(errors)}: refusal {refused[-1]}")
    for one in (twin, promise, peer):
        if line.until is not None:
            one.advance(line.until)
    ours = (peer.shown(), len(peer.graph.waiting))
    if not same(ours[0], promise.graph()) or ours[1] != promise.pending():
        return Outcome("failed", f"the graph is {ours[0]!r}, {ours[1]} pending")
    is_line_ours = same(ours[0], line.graph) and ours[1] == line.pending
    if is_line_ours and refused == list(line.errors):
        return PASSED
    if not same(line.graph, twin.graph) or line.pending != len(twin.timers):
        return Outcome("failed", f"GUN does otherwise: {twin.graph!r}, {len(twin.timers)} pending")
    if errors != list(line.errors):
        return Outcome("failed", f"GUN does otherwise: errors {errors}")
    names += ["clock"] if twin.crept else []
    if not names:
        return Outcome("failed", f"no departure explains the graph {ours[0]!r}, {ours[1]} pending")
    return Outcome("departed", names[0])
