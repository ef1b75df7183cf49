"""The waiting room, and why replicas agree. Rules HAM-5 and HAM-6."""

from loomweave.core.clocks import is_due
from loomweave.core.graph.ham import (
    Due,
    Event,
    Offer,
    Register,
    Step,
    Verdict,
    offer,
    received,
    settle,
    step,
    verdict,
)
from loomweave.core.lattices.register import Element, element_le, field_join
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.ham import offer_that_forgets
from loomweave_proofs.theorems.register import field_le, order_without_dot

# -- broken twins


def offer_that_empties(register: Register, event: Offer) -> Step:
    """Keep the latest write of the future alone."""
    found = verdict(
        register.held, event.element, event.horizon_ns, event.wall_ns, event.skew_max_ns
    )
    match found:
        case Verdict.APPLIED:
            return Step(Register(event.element, register.waiting), found)
        case Verdict.DEFERRED:
            return Step(Register(register.held, frozenset({event.element})), found)
        case _:
            return Step(register, found)


def settle_blindly(register: Register, event: Due) -> Step:
    """Let a waiting write in whatever is held by now."""
    if event.element not in register.waiting or not is_due(
        event.element.stamp_ns, event.horizon_ns
    ):
        return Step(register, Verdict.DEFERRED)
    waiting = register.waiting - frozenset({event.element})
    return Step(Register(event.element, waiting), Verdict.APPLIED)


def settle_early(register: Register, event: Due) -> Step:
    """Act on a wake that came early."""
    if event.element not in register.waiting:
        return Step(register, Verdict.DEFERRED)
    waiting = register.waiting - frozenset({event.element})
    if register.held is not None and element_le(event.element, register.held):
        return Step(Register(register.held, waiting), Verdict.STALE)
    return Step(Register(event.element, waiting), Verdict.APPLIED)


def settle_without_leaving(register: Register, event: Due) -> Step:
    """Keep a settled write in the waiting room."""
    if event.element not in register.waiting or not is_due(
        event.element.stamp_ns, event.horizon_ns
    ):
        return Step(register, Verdict.DEFERRED)
    return Step(
        Register(field_join(register.held, event.element), register.waiting), Verdict.APPLIED
    )


def keep_the_first(a: Element | None, b: Element | None) -> Element | None:
    """Keep what is held, whatever waits."""
    return b if a is None else a


# -- hypotheses


def has_arrived_whole(register: Register, a: Offer) -> bool:
    """Tell that an offer is deferred, and was not waiting before."""
    found = verdict(register.held, a.element, a.horizon_ns, a.wall_ns, a.skew_max_ns)
    return found is Verdict.DEFERRED and a.element not in register.waiting


def becomes_due(register: Register, a: Offer, later_ns: int) -> bool:
    """Tell that an offer is deferred now and due at a later horizon."""
    return has_arrived_whole(register, a) and is_due(a.element.stamp_ns, later_ns)


def is_early(event: Due) -> bool:
    """Tell that a wake came before its write is due."""
    return not is_due(event.element.stamp_ns, event.horizon_ns)


def is_timely(register: Register, event: Due) -> bool:
    """Tell that a waiting write is due."""
    return event.element in register.waiting and is_due(event.element.stamp_ns, event.horizon_ns)


def accounts_for(seen: frozenset[Element], register: Register) -> bool:
    """Tell that all received is waiting or below what is held, and that nothing was invented."""
    return (
        all(
            element in register.waiting
            or (register.held is not None and element_le(element, register.held))
            for element in seen
        )
        and register.waiting <= seen
        and (register.held is None or register.held in seen)
    )


def takes_in(seen: frozenset[Element], register: Register, event: Offer) -> bool:
    """Tell that the register accounts for what was seen, and does not refuse the offer."""
    found = verdict(
        register.held, event.element, event.horizon_ns, event.wall_ns, event.skew_max_ns
    )
    return accounts_for(seen, register) and found is not Verdict.REFUSED


def both_quiet(seen: frozenset[Element], one: Register, two: Register) -> bool:
    """Tell that two registers received the same and wait for nothing."""
    return (
        accounts_for(seen, one) and accounts_for(seen, two) and not one.waiting and not two.waiting
    )


# -- the waiting room


@theorem("HAM-5", about=[step], sabotage={offer: offer_that_empties})
def others_keep_waiting(register: Register, event: Event, other: Element) -> bool:
    """An event moves its own write alone; whatever else waits goes on waiting."""
    after = step(register, event).register
    match event:
        case Offer(element):
            own = element
        case Due(element):
            own = element
    return other == own or (other in after.waiting) == (other in register.waiting)


@theorem("HAM-5", about=[settle], given=is_early, sabotage={settle: settle_early})
def early_wakes_change_nothing(register: Register, event: Due) -> bool:
    """A wake that comes before its time is not acted on."""
    return settle(register, event).register == register


@theorem("HAM-5", about=[settle], given=is_timely, sabotage={settle: settle_without_leaving})
def settled_writes_leave(register: Register, event: Due) -> bool:
    """A due write leaves the waiting room."""
    return event.element not in settle(register, event).register.waiting


@theorem("HAM-5", about=[settle], given=is_timely, sabotage={settle: settle_blindly})
def settling_makes_the_join(register: Register, event: Due) -> bool:
    """When a waiting write is let in, the join of it and of what is held is held."""
    after = settle(register, event).register
    return after.held == field_join(register.held, event.element)


@theorem("HAM-5", about=[settle], sabotage={settle: settle_blindly})
def settling_tells_what_it_did(register: Register, event: Due) -> bool:
    """A wake answers `deferred` where nothing was let in, `stale` where it was covered by then."""
    found = settle(register, event).verdict
    if not is_timely(register, event):
        return found is Verdict.DEFERRED
    is_covered = register.held is not None and element_le(event.element, register.held)
    return found is (Verdict.STALE if is_covered else Verdict.APPLIED)


@theorem("HAM-5", about=[step], given=becomes_due, sabotage={settle: settle_without_leaving})
def waiting_is_only_a_delay(register: Register, a: Offer, later_ns: int) -> bool:
    """Deferred now and let in later holds what an offer at that later time would hold."""
    parked = step(register, a).register
    one = step(parked, Due(a.element, later_ns)).register
    later = Offer(a.element, later_ns, a.wall_ns, a.skew_max_ns)
    return one == step(register, later).register


# -- convergence


@theorem("HAM-6", about=[step], given=takes_in, sabotage={offer: offer_that_forgets})
def offers_keep_the_account(seen: frozenset[Element], register: Register, event: Offer) -> bool:
    """After an offer everything received is waiting or below what is held."""
    return accounts_for(seen | {event.element}, step(register, event).register)


@theorem("HAM-6", about=[settle], given=accounts_for, sabotage={settle: settle_blindly})
def settling_keeps_the_account(seen: frozenset[Element], register: Register, event: Due) -> bool:
    """A wake keeps the account of what was received."""
    return accounts_for(seen, settle(register, event).register)


@theorem("HAM-6", about=[element_le], given=both_quiet, sabotage={element_le: order_without_dot})
def quiet_registers_agree(seen: frozenset[Element], one: Register, two: Register) -> bool:
    """Registers that received the same writes, in any order, hold the same once none waits."""
    return one.held == two.held


@theorem("HAM-6", about=[received], sabotage={field_join: keep_the_first})
def received_is_above_both(register: Register, element: Element) -> bool:
    """What was received is above what is held and above what waits."""
    joined = received(register, element)
    return field_le(register.held, joined) and field_le(element, joined)


# -- what must not hold


@theorem("HAM-6", about=[step], refuted=True)
def registers_agree_while_some_wait(
    register: Register, element: Element, early_ns: int, late_ns: int, skew_max_ns: int
) -> bool:
    """Registers that received the same hold the same at once: false while one still waits."""
    one = step(register, Offer(element, early_ns, early_ns, skew_max_ns))
    two = step(register, Offer(element, late_ns, late_ns, skew_max_ns))
    if Verdict.REFUSED in (one.verdict, two.verdict):
        return True
    return one.register.held == two.register.held


@theorem("HAM-5", about=[], refuted=True)
def forgetting_the_future_loses_nothing(register: Register, event: Offer) -> bool:
    """A deferred write may be dropped: false, nobody would offer it again."""
    after = offer_that_forgets(register, event)
    return (
        after.verdict is Verdict.REFUSED
        or event.element in after.register.waiting
        or field_le(event.element, after.register.held)
    )


@theorem("HAM-5", about=[], refuted=True)
def settling_blindly_goes_forward(register: Register, event: Due) -> bool:
    """A due write may replace what is held: false, something above it may have come meanwhile."""
    return field_le(register.held, settle_blindly(register, event).register.held)
