"""What a circuit breaker promises. Spec: SYN-10, SYN-11, SYN-12."""

from loomweave.core.sync.breaker import (
    Abandoned,
    Attempt,
    Breaker,
    Closed,
    Event,
    Failure,
    HalfOpen,
    Limits,
    Open,
    Success,
    step,
)


def is_sound(breaker: Breaker, limits: Limits) -> bool:
    """Tell whether the count is one that a closed breaker can have. Spec: SYN-10."""
    mode = breaker.mode
    return not isinstance(mode, Closed) or 0 <= mode.failures < limits.failures_max


def count_stays_below_the_limit(breaker: Breaker, event: Event, limits: Limits) -> bool:
    """SYN-10: a breaker that has reached the limit is not closed. Spec: SYN-10."""
    if limits.failures_max < 1 or not is_sound(breaker, limits):
        return True
    return is_sound(step(breaker, event, limits).breaker, limits)


def last_failure_opens(era: int, failures: int, mono_ns: int, limits: Limits) -> bool:
    """SYN-10: at the limit it opens, below it counts. Spec: SYN-10."""
    after = step(Breaker(era, Closed(failures)), Failure(era, mono_ns), limits).breaker
    if failures + 1 < limits.failures_max:
        return after == Breaker(era, Closed(failures + 1))
    return after == Breaker(era + 1, Open(mono_ns + limits.reset_ns))


def success_forgets(era: int, failures: int, limits: Limits) -> bool:
    """SYN-10: failures count in a row only. Spec: SYN-10."""
    after = step(Breaker(era, Closed(failures)), Success(era), limits).breaker
    return after == Breaker(era, Closed(0))


def only_an_attempt_is_let_through(breaker: Breaker, event: Event, limits: Limits) -> bool:
    """SYN-10: closed always, open from the reset on, half-open if nobody probes. Spec: SYN-10."""
    is_allowed = step(breaker, event, limits).is_allowed
    if not isinstance(event, Attempt):
        return not is_allowed
    match breaker.mode:
        case Closed():
            return is_allowed
        case Open(until_ns=until_ns):
            return is_allowed == (event.mono_ns >= until_ns)
        case HalfOpen(probing=probing):
            return is_allowed == (not probing)


def there_is_one_probe(breaker: Breaker, first: Attempt, second: Attempt, limits: Limits) -> bool:
    """SYN-11: what goes ahead while not closed is a probe, and the next is held back.

    Spec: SYN-11.
    """
    once = step(breaker, first, limits)
    if isinstance(breaker.mode, Closed) or not once.is_allowed:
        return once.breaker == breaker
    twice = step(once.breaker, second, limits)
    is_probe = once.breaker == Breaker(breaker.era + 1, HalfOpen(True))
    return is_probe and not twice.is_allowed and twice.breaker == once.breaker


def probe_decides(era: int, mono_ns: int, limits: Limits) -> bool:
    """SYN-11: it closes, opens anew, or leaves its place to another. Spec: SYN-11."""
    probing = Breaker(era, HalfOpen(True))
    reopened = Breaker(era + 1, Open(mono_ns + limits.reset_ns))
    return (
        step(probing, Success(era), limits).breaker == Breaker(era, Closed(0))
        and step(probing, Failure(era, mono_ns), limits).breaker == reopened
        and step(probing, Abandoned(era), limits).breaker == Breaker(era, HalfOpen(False))
    )


def stragglers_change_nothing(breaker: Breaker, event: Event, limits: Limits) -> bool:
    """SYN-12: an outcome of another era is ignored. Spec: SYN-12."""
    if isinstance(event, Attempt) or event.era == breaker.era:
        return True
    return step(breaker, event, limits).breaker == breaker


def eras_name_openings_and_probes(breaker: Breaker, event: Event, limits: Limits) -> bool:
    """SYN-12: the era grows by one with an opening or a probe, else it stays. Spec: SYN-12."""
    after = step(breaker, event, limits).breaker
    is_opening = isinstance(after.mode, Open) and after != breaker
    is_probe = isinstance(after.mode, HalfOpen) and after.mode.probing and after != breaker
    return after.era == breaker.era + (1 if is_opening or is_probe else 0)
