"""The verdict and the waiting room. Rules HAM-3 to HAM-6.

Deferral is not part of the join: two offers commute at one time, and at two times only if the
clock did not go back. What survives is the invariant: everything received is either waiting or
below what is held, so replicas that received the same and wait for nothing hold the same.
"""

from loomweave.core.clocks import is_ahead, is_due
from loomweave.core.graph.ham import (
    Event,
    Offer,
    Register,
    Step,
    Verdict,
    offer,
    step,
    verdict,
)
from loomweave.core.lattices.register import Element, element_le, field_join
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems.register import field_le

# -- broken twins


def verdict_future_first(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> Verdict:
    """Look at the clock before looking at what is held."""
    if is_ahead(offered.stamp_ns, wall_ns, skew_max_ns):
        return Verdict.REFUSED
    if not is_due(offered.stamp_ns, horizon_ns):
        return Verdict.DEFERRED
    if held is not None and element_le(offered, held):
        return Verdict.SAME if element_le(held, offered) else Verdict.STALE
    return Verdict.APPLIED


def verdict_without_limit(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> Verdict:
    """Admit any future."""
    if held is not None and element_le(offered, held):
        return Verdict.SAME if element_le(held, offered) else Verdict.STALE
    return Verdict.APPLIED if is_due(offered.stamp_ns, horizon_ns) else Verdict.DEFERRED


def verdict_last_arrival(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> Verdict:
    """Let what arrives win every tie."""
    if held is not None and offered.stamp_ns < held.stamp_ns:
        return Verdict.STALE
    if is_ahead(offered.stamp_ns, wall_ns, skew_max_ns):
        return Verdict.REFUSED
    return Verdict.APPLIED if is_due(offered.stamp_ns, horizon_ns) else Verdict.DEFERRED


def offer_that_forgets(register: Register, event: Offer) -> Step:
    """Turn a write of the future away without keeping it."""
    found = verdict(
        register.held, event.element, event.horizon_ns, event.wall_ns, event.skew_max_ns
    )
    if found is Verdict.APPLIED:
        return Step(Register(event.element, register.waiting), found)
    return Step(register, found)


# -- hypotheses


def is_settled(held: Element | None, offered: Element) -> bool:
    """Tell that an offer is below what is held."""
    return held is not None and element_le(offered, held)


# -- the verdict


@theorem("HAM-3", about=[verdict], sabotage={verdict: verdict_last_arrival})
def same_is_exact(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The verdict is `same` exactly where the very element is held."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    return (found is Verdict.SAME) == (held == offered)


@theorem("HAM-3", about=[verdict], sabotage={verdict: verdict_future_first})
def stale_is_exact(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The verdict is `stale` exactly where another element above the offer is held."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    is_below = held is not None and element_le(offered, held) and held != offered
    return (found is Verdict.STALE) == is_below


@theorem("HAM-3", about=[verdict], sabotage={verdict: verdict_without_limit})
def refused_is_exact(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The verdict is `refused` exactly where the offer is news and too far ahead."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    is_news = held is None or not element_le(offered, held)
    is_far = is_ahead(offered.stamp_ns, wall_ns, skew_max_ns)
    return (found is Verdict.REFUSED) == (is_news and is_far)


@theorem("HAM-3", about=[verdict], sabotage={verdict: verdict_without_limit})
def deferred_is_exact(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The verdict is `deferred` exactly where the offer is news, near enough, and not yet due."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    is_news = held is None or not element_le(offered, held)
    is_near = not is_ahead(offered.stamp_ns, wall_ns, skew_max_ns)
    is_early_now = not is_due(offered.stamp_ns, horizon_ns)
    return (found is Verdict.DEFERRED) == (is_news and is_near and is_early_now)


@theorem("HAM-3", about=[verdict], sabotage={verdict: verdict_last_arrival})
def applied_is_exact(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The verdict is `applied` exactly where the offer is news, near enough, and due."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    is_news = held is None or not element_le(offered, held)
    is_near = not is_ahead(offered.stamp_ns, wall_ns, skew_max_ns)
    return (found is Verdict.APPLIED) == (
        is_news and is_near and is_due(offered.stamp_ns, horizon_ns)
    )


@theorem("HAM-4", about=[verdict], given=is_settled, sabotage={verdict: verdict_future_first})
def old_writes_never_wait(
    held: Element | None, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """What is below the held element is neither parked nor refused, wherever the clock is."""
    found = verdict(held, offered, horizon_ns, wall_ns, skew_max_ns)
    return found is Verdict.SAME or found is Verdict.STALE


@theorem("HAM-4", about=[step], sabotage={verdict: verdict_future_first})
def offering_again_changes_nothing(register: Register, event: Offer, wall_ns: int) -> bool:
    """A write that was applied once can be offered again at any reading of the clock."""
    after = step(register, event)
    if after.verdict is not Verdict.APPLIED:
        return True
    again = Offer(event.element, wall_ns, wall_ns, event.skew_max_ns)
    return step(after.register, again) == Step(after.register, Verdict.SAME)


@theorem("HAM-3", about=[step, offer], sabotage={verdict: verdict_last_arrival})
def held_never_goes_back(register: Register, event: Event) -> bool:
    """Whatever happens, what is held afterwards is not below what was held."""
    return field_le(register.held, step(register, event).register.held)


@theorem("HAM-3", about=[offer], sabotage={verdict: verdict_last_arrival})
def applied_offer_makes_the_join(register: Register, event: Offer) -> bool:
    """After an offer that was applied, the join of both is held."""
    after = offer(register, event)
    if after.verdict is not Verdict.APPLIED:
        return after.register.held == register.held
    return after.register.held == field_join(register.held, event.element)


@theorem("HAM-3", about=[step], sabotage={offer: offer_that_forgets})
def nothing_is_lost(register: Register, event: Offer) -> bool:
    """An offer that is not refused is waiting or below what is held afterwards."""
    after = step(register, event)
    return (
        after.verdict is Verdict.REFUSED
        or event.element in after.register.waiting
        or field_le(event.element, after.register.held)
    )


@theorem("HAM-3", about=[step], sabotage={verdict: verdict_last_arrival})
def offers_commute_at_one_time(
    register: Register,
    a: Element,
    b: Element,
    horizon_ns: int,
    wall_ns: int,
    skew_max_ns: int,
) -> bool:
    """Two offers under one reading of the clock leave the same register in either order."""
    one = step(register, Offer(a, horizon_ns, wall_ns, skew_max_ns)).register
    two = step(register, Offer(b, horizon_ns, wall_ns, skew_max_ns)).register
    return (
        step(one, Offer(b, horizon_ns, wall_ns, skew_max_ns)).register
        == step(two, Offer(a, horizon_ns, wall_ns, skew_max_ns)).register
    )


# -- what must not hold


@theorem("HAM-4", about=[element_le], refuted=True)
def future_may_be_tested_first(
    held: Element, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """The clock may be asked before what is held: false, one that went back parks old writes."""
    found = verdict_future_first(held, offered, horizon_ns, wall_ns, skew_max_ns)
    return found is not Verdict.DEFERRED or not element_le(offered, held)


@theorem("HAM-3", about=[step], refuted=True)
def offers_commute_at_two_times(
    register: Register, a: Element, b: Element, first_ns: int, second_ns: int, skew_max_ns: int
) -> bool:
    """Two offers commute at two readings of the clock: false, deferral is no part of the join."""
    one = step(register, Offer(a, first_ns, first_ns, skew_max_ns)).register
    two = step(register, Offer(b, first_ns, first_ns, skew_max_ns)).register
    return (
        step(one, Offer(b, second_ns, second_ns, skew_max_ns)).register.held
        == step(two, Offer(a, second_ns, second_ns, skew_max_ns)).register.held
    )


@theorem("HAM-3", about=[], refuted=True)
def last_arrival_goes_forward(
    held: Element, offered: Element, horizon_ns: int, wall_ns: int, skew_max_ns: int
) -> bool:
    """A tie may go to what arrives last: false, the held element can fall."""
    found = verdict_last_arrival(held, offered, horizon_ns, wall_ns, skew_max_ns)
    return found is not Verdict.APPLIED or element_le(held, offered)
