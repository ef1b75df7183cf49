"""The circuit breaker. Rules SYN-10 to SYN-12."""

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
    Step,
    Success,
    abandon,
    attempt,
    fail,
    new_breaker,
    step,
    succeed,
)
from loomweave.laws import breaker as laws
from loomweave_proofs.theorem import theorem

# -- broken twins


def fail_early(breaker: Breaker, mono_ns: int, limits: Limits) -> Breaker:
    """Open one failure early."""
    return fail(breaker, mono_ns, Limits(limits.failures_max - 1, limits.reset_ns))


def fail_late(breaker: Breaker, mono_ns: int, limits: Limits) -> Breaker:
    """Open one failure late."""
    return fail(breaker, mono_ns, Limits(limits.failures_max + 1, limits.reset_ns))


def fail_in_one_era(breaker: Breaker, mono_ns: int, limits: Limits) -> Breaker:
    """Open without a new era."""
    return Breaker(breaker.era, fail(breaker, mono_ns, limits).mode)


def attempt_late(breaker: Breaker, mono_ns: int) -> Step:
    """Stay open at the very end."""
    return attempt(breaker, mono_ns - 1)


def attempt_freely(breaker: Breaker, mono_ns: int) -> Step:
    """Let many probe at once."""
    match breaker.mode:
        case HalfOpen():
            return Step(breaker, True)
        case Closed() | Open():
            return attempt(breaker, mono_ns)


def attempt_never(breaker: Breaker, mono_ns: int) -> Step:
    """Let nothing through."""
    return Step(breaker, False)


def succeed_remembering(breaker: Breaker) -> Breaker:
    """Keep the count of failures."""
    return breaker


def abandon_nothing(breaker: Breaker) -> Breaker:
    """Wait for ever for a probe that nobody makes."""
    return breaker


def abandon_by_failing(breaker: Breaker) -> Breaker:
    """Count what nobody knows as a failure."""
    match breaker.mode:
        case Closed(failures=failures):
            return Breaker(breaker.era, Closed(failures + 1))
        case Open() | HalfOpen():
            return abandon(breaker)


def closing_always(breaker: Breaker) -> Breaker:
    """Close on any good news."""
    return Breaker(breaker.era, Closed(0))


def attempt_while_open(breaker: Breaker, mono_ns: int) -> Step:
    """Let an attempt through before the time is over."""
    return Step(breaker, True)


def fail_back(breaker: Breaker, mono_ns: int, limits: Limits) -> Breaker:
    """Count eras downwards."""
    return Breaker(breaker.era - 1, fail(breaker, mono_ns, limits).mode)


def born_open() -> Breaker:
    """Begin without trust."""
    return Breaker(0, Open(0))


def step_deaf(breaker: Breaker, event: Event, limits: Limits) -> Step:
    """Listen to nothing."""
    return Step(breaker, False)


def step_of_any_era(breaker: Breaker, event: Event, limits: Limits) -> Step:
    """Listen to whatever is told, however late."""
    match event:
        case Attempt():
            return attempt(breaker, event.mono_ns)
        case Success():
            return Step(succeed(breaker), False)
        case Failure():
            return Step(fail(breaker, event.mono_ns, limits), False)
        case Abandoned():
            return Step(abandon(breaker), False)


# -- the laws, as they ship


theorem("SYN-10", about=[step, fail], sabotage={fail: fail_late})(laws.count_stays_below_the_limit)
theorem("SYN-10", about=[step, fail], sabotage={fail: fail_early})(laws.last_failure_opens)
theorem("SYN-10", about=[step, succeed], sabotage={succeed: succeed_remembering})(
    laws.success_forgets
)
theorem("SYN-10", about=[step, attempt], sabotage={attempt: attempt_late})(
    laws.only_an_attempt_is_let_through
)
theorem("SYN-11", about=[step, attempt], sabotage={attempt: attempt_freely})(
    laws.there_is_one_probe
)
theorem("SYN-11", about=[step, abandon], sabotage={abandon: abandon_nothing})(laws.probe_decides)
theorem("SYN-12", about=[step], sabotage={step: step_of_any_era})(laws.stragglers_change_nothing)
theorem("SYN-12", about=[step], sabotage={fail: fail_in_one_era})(
    laws.eras_name_openings_and_probes
)

# -- hypotheses


def is_undecided(breaker: Breaker) -> bool:
    """Tell that no attempt is under way whose outcome counts."""
    mode = breaker.mode
    return isinstance(mode, Open) or (isinstance(mode, HalfOpen) and not mode.probing)


def is_open_until(breaker: Breaker, mono_ns: int) -> bool:
    """Tell that a breaker is open at an instant."""
    return isinstance(breaker.mode, Open) and mono_ns < breaker.mode.until_ns


# -- each function, exactly


@theorem("SYN-10", about=[new_breaker], sabotage={new_breaker: born_open})
def breakers_begin_closed(mono_ns: int, limits: Limits) -> bool:
    """A new breaker is closed, has counted nothing and lets an attempt through."""
    made = new_breaker()
    is_free = step(made, Attempt(mono_ns), limits) == Step(made, True)
    return made == Breaker(0, Closed(0)) and is_free


@theorem("SYN-10", about=[attempt], sabotage={attempt: attempt_never})
def closed_breakers_let_through(era: int, failures: int, mono_ns: int) -> bool:
    """While a breaker is closed every attempt goes ahead and changes nothing."""
    closed = Breaker(era, Closed(failures))
    return attempt(closed, mono_ns) == Step(closed, True)


@theorem("SYN-11", about=[attempt], sabotage={attempt: attempt_late})
def attempts_on_open_breakers_are_exact(era: int, until_ns: int, mono_ns: int) -> bool:
    """Before its end an open breaker lets nothing through; from then on one probe, in a new era."""
    opened = Breaker(era, Open(until_ns))
    if mono_ns < until_ns:
        return attempt(opened, mono_ns) == Step(opened, False)
    return attempt(opened, mono_ns) == Step(Breaker(era + 1, HalfOpen(True)), True)


@theorem("SYN-11", about=[attempt], sabotage={attempt: attempt_freely})
def attempts_on_half_open_breakers_are_exact(era: int, probing: bool, mono_ns: int) -> bool:
    """A half-open breaker lets one probe through, under a new era, if there is none."""
    half = Breaker(era, HalfOpen(probing))
    if probing:
        return attempt(half, mono_ns) == Step(half, False)
    return attempt(half, mono_ns) == Step(Breaker(era + 1, HalfOpen(True)), True)


@theorem("SYN-10", about=[fail], sabotage={fail: fail_early})
def breakers_open_exactly_at_the_limit(
    era: int, failures: int, mono_ns: int, failures_max: int, reset_ns: int
) -> bool:
    """A closed breaker opens with the failure that makes the limit full, for the reset time."""
    after = fail(Breaker(era, Closed(failures)), mono_ns, Limits(failures_max, reset_ns))
    is_full = failures_max <= failures + 1
    opened = Breaker(era + 1, Open(mono_ns + reset_ns))
    return after == (opened if is_full else Breaker(era, Closed(failures + 1)))


@theorem("SYN-11", about=[succeed, fail, abandon], sabotage={fail: fail_in_one_era})
def probes_decide_exactly(era: int, mono_ns: int, limits: Limits) -> bool:
    """A probe that succeeds closes, one that fails opens anew, one given up makes room."""
    probing = Breaker(era, HalfOpen(True))
    return (
        succeed(probing) == Breaker(era, Closed(0))
        and fail(probing, mono_ns, limits) == Breaker(era + 1, Open(mono_ns + limits.reset_ns))
        and abandon(probing) == Breaker(era, HalfOpen(False))
    )


@theorem(
    "SYN-11", about=[succeed, fail, abandon], given=is_undecided, sabotage={succeed: closing_always}
)
def outcomes_without_an_attempt_change_nothing(
    breaker: Breaker, mono_ns: int, limits: Limits
) -> bool:
    """Where nobody tries, whatever is told changes nothing."""
    after = fail(breaker, mono_ns, limits)
    return succeed(breaker) == breaker and after == breaker and abandon(breaker) == breaker


@theorem("SYN-10", about=[abandon], sabotage={abandon: abandon_by_failing})
def giving_up_is_no_failure(era: int, failures: int) -> bool:
    """An attempt of a closed breaker that nobody knows the end of is not counted."""
    closed = Breaker(era, Closed(failures))
    return abandon(closed) == closed


@theorem("SYN-12", about=[step], sabotage={step: step_of_any_era})
def outcomes_count_in_their_era(breaker: Breaker, era: int, mono_ns: int, limits: Limits) -> bool:
    """An outcome is noted exactly where it is told under the present era."""
    is_now = era == breaker.era
    success = step(breaker, Success(era), limits)
    failure = step(breaker, Failure(era, mono_ns), limits)
    abandoned = step(breaker, Abandoned(era), limits)
    return (
        success == Step(succeed(breaker) if is_now else breaker, False)
        and failure == Step(fail(breaker, mono_ns, limits) if is_now else breaker, False)
        and abandoned == Step(abandon(breaker) if is_now else breaker, False)
    )


@theorem("SYN-10", about=[step], sabotage={step: step_deaf})
def attempts_are_attempts(breaker: Breaker, mono_ns: int, limits: Limits) -> bool:
    """An attempt is decided on whatever the era and the limits are."""
    return step(breaker, Attempt(mono_ns), limits) == attempt(breaker, mono_ns)


@theorem("SYN-11", about=[step], given=is_open_until, sabotage={attempt: attempt_while_open})
def open_breakers_stay_open(breaker: Breaker, event: Event, mono_ns: int, limits: Limits) -> bool:
    """Until its end nothing moves an open breaker, whatever is told."""
    if isinstance(event, Attempt) and event.mono_ns > mono_ns:
        return True
    return step(breaker, event, limits) == Step(breaker, False)


@theorem("SYN-12", about=[step], sabotage={fail: fail_back})
def eras_never_run_back(breaker: Breaker, event: Event, limits: Limits) -> bool:
    """The number of the era never falls."""
    return breaker.era <= step(breaker, event, limits).breaker.era


# -- what must not hold


@theorem("SYN-10", about=[step], refuted=True)
def breakers_close_by_themselves(breaker: Breaker, mono_ns: int, limits: Limits) -> bool:
    """After its time an open breaker is closed: false, it waits for a probe."""
    after = step(breaker, Attempt(mono_ns), limits)
    return not after.is_allowed or isinstance(after.breaker.mode, Closed)


@theorem("SYN-12", about=[], refuted=True)
def late_answers_do_no_harm(breaker: Breaker, era: int, limits: Limits) -> bool:
    """An answer may count in any era: false, a straggler would close what a probe should."""
    after = step_of_any_era(breaker, Success(era), limits).breaker
    return era == breaker.era or after == breaker


@theorem("SYN-10", about=[fail], refuted=True)
def one_failure_never_opens(era: int, mono_ns: int, limits: Limits) -> bool:
    """The first failure leaves a breaker closed: false where the limit is one."""
    return isinstance(fail(Breaker(era, Closed(0)), mono_ns, limits).mode, Closed)


@theorem("SYN-11", about=[attempt], refuted=True)
def probes_go_ahead_together(breaker: Breaker, first_ns: int, second_ns: int) -> bool:
    """Whoever asks after the first probe goes ahead too: false, one attempt decides."""
    once = attempt(breaker, first_ns)
    return not once.is_allowed or attempt(once.breaker, second_ns).is_allowed
