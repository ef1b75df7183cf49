"""Leases and fencing tokens. Rules ACT-1 to ACT-6."""

from loomweave.core.actors.lock import (
    NEW_FENCE,
    NEW_LOCK,
    Acquire,
    Admission,
    Event,
    Fence,
    Free,
    Held,
    Lock,
    Release,
    Renew,
    Step,
    acquire,
    admit,
    is_holder,
    is_live,
    release,
    renew,
    step,
)
from loomweave.laws import actors as laws
from loomweave_proofs.theorem import theorem

# -- broken twins


def live_at_the_end(lock: Lock, mono_ns: int) -> bool:
    """Let a lease live at its very end."""
    return is_live(lock, mono_ns - 1)


def live_for_ever(lock: Lock, mono_ns: int) -> bool:
    """Let a lease come to life again."""
    return isinstance(lock, Held) and lock.until_ns != mono_ns


def never_live(lock: Lock, mono_ns: int) -> bool:
    """Steal leases."""
    return False


def holder_by_name(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """Ask for no token."""
    return is_live(lock, mono_ns) and isinstance(lock, Held) and lock.holder == caller


def holder_by_token(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """Ask for no name."""
    return is_live(lock, mono_ns) and isinstance(lock, Held) and lock.token == token


def holder_once(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """Let a lease that has expired be used."""
    return isinstance(lock, Held) and lock.holder == caller and lock.token == token


def acquire_same_token(lock: Lock, event: Acquire) -> Step:
    """Give the lock away under the former token."""
    if is_live(lock, event.mono_ns):
        return Step(lock, None)
    return Step(Held(lock.token, event.caller, event.mono_ns + event.lease_ns), lock.token)


def acquire_stealing(lock: Lock, event: Acquire) -> Step:
    """Give the lock to whoever asks."""
    token = lock.token + 1
    return Step(Held(token, event.caller, event.mono_ns + event.lease_ns), token)


def acquire_for_none(lock: Lock, event: Acquire) -> Step:
    """Grant a lease that has expired already."""
    done = acquire(lock, event)
    return done if done.token is None else Step(Held(done.token, event.caller, 0), done.token)


def renew_shortening(lock: Lock, event: Renew) -> Step:
    """Let a renewal shorten the lease."""
    match lock:
        case Held() if is_holder(lock, event.caller, event.token, event.mono_ns):
            until_ns = event.mono_ns + event.lease_ns
            return Step(Held(lock.token, lock.holder, until_ns), lock.token)
        case Free() | Held():
            return Step(lock, None)


def renew_by_taking(lock: Lock, event: Renew) -> Step:
    """Give a free lock to whoever renews it."""
    return Step(Held(lock.token, event.caller, event.mono_ns + event.lease_ns), lock.token)


def release_forgetting(lock: Lock, event: Release) -> Step:
    """Forget the token with the lock."""
    if is_holder(lock, event.caller, event.token, event.mono_ns):
        return Step(Free(0), event.token)
    return Step(lock, None)


def release_for_anyone(lock: Lock, event: Release) -> Step:
    """Let a stranger give the lock back."""
    return Step(Free(lock.token), event.token)


def step_deaf(lock: Lock, event: Event) -> Step:
    """Listen to nothing."""
    return Step(lock, None)


def admit_all(fence: Fence, token: int) -> Admission:
    """Let everything pass."""
    return Admission(Fence(token), True)


def admit_standing(fence: Fence, token: int) -> Admission:
    """Leave the fence where it is."""
    return Admission(fence, token >= fence.highest)


def admit_falling(fence: Fence, token: int) -> Admission:
    """Let the fence follow every token."""
    return Admission(Fence(token), token >= fence.highest)


def admit_newer(fence: Fence, token: int) -> Admission:
    """Let a holder write once."""
    return admit(fence, token) if token != fence.highest else Admission(fence, False)


# -- the laws, as they ship

theorem("ACT-1", about=[is_live], sabotage={is_live: live_for_ever})(laws.lease_ends)
theorem("ACT-2", about=[step, acquire], sabotage={acquire: acquire_stealing})(
    laws.live_lease_is_not_given_away
)
theorem("ACT-3", about=[step], sabotage={release: release_forgetting})(laws.tokens_only_grow)
theorem("ACT-3", about=[step, acquire], sabotage={acquire: acquire_for_none})(laws.granted_is_held)
theorem("ACT-4", about=[is_holder, is_live], sabotage={is_holder: holder_by_name})(
    laws.holder_is_who_has_the_lease
)
theorem("ACT-4", about=[step, renew], sabotage={renew: renew_shortening})(
    laws.only_the_holder_renews
)
theorem("ACT-4", about=[step, release], sabotage={release: release_for_anyone})(
    laws.only_the_holder_releases
)
theorem("ACT-5", about=[admit], sabotage={admit: admit_standing})(laws.stale_token_is_refused)
theorem("ACT-5", about=[admit], sabotage={admit: admit_falling})(laws.refusal_is_for_ever)
theorem("ACT-5", about=[admit], sabotage={admit: admit_newer})(laws.present_token_passes)
theorem("ACT-6", about=[step, admit], sabotage={acquire: acquire_same_token})(
    laws.handing_over_shuts_the_former_out
)

# -- hypotheses


def is_taken(lock: Lock, mono_ns: int) -> bool:
    """Tell that somebody has the lock."""
    return is_live(lock, mono_ns)


def is_someone_elses(lock: Held, caller: bytes) -> bool:
    """Tell that the lock names another holder."""
    return lock.holder != caller


# -- each function, exactly


@theorem("ACT-1", about=[is_live], sabotage={is_live: live_at_the_end})
def live_is_exact(token: int, holder: bytes, until_ns: int, mono_ns: int) -> bool:
    """A lease lives before its end and not at it; a free lock is nobody's."""
    held = is_live(Held(token, holder, until_ns), mono_ns)
    return held == (until_ns > mono_ns) and not is_live(Free(token), mono_ns)


@theorem("ACT-4", about=[is_holder], sabotage={is_holder: holder_by_token})
def holder_is_exact(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """The holder has name and token of the lock, before its lease ends."""
    wanted = laws.has_lease(lock, caller, token, mono_ns)
    return is_holder(lock, caller, token, mono_ns) == wanted


@theorem("ACT-2", about=[acquire], sabotage={acquire: acquire_same_token})
def acquire_is_exact(lock: Lock, event: Acquire) -> bool:
    """A lock that nobody has goes to the caller, under the next token, for the lease's time."""
    found = acquire(lock, event)
    if is_live(lock, event.mono_ns):
        return found == Step(lock, None)
    held = Held(lock.token + 1, event.caller, event.mono_ns + event.lease_ns)
    return found == Step(held, lock.token + 1)


@theorem("ACT-4", about=[renew], sabotage={renew: renew_shortening})
def renew_is_exact(lock: Held, event: Renew) -> bool:
    """The holder's lease ends at the later of both ends; token and name stay."""
    found = renew(lock, event)
    if not laws.has_lease(lock, event.caller, event.token, event.mono_ns):
        return found == Step(lock, None)
    until_ns = event.mono_ns + event.lease_ns
    if until_ns < lock.until_ns:
        until_ns = lock.until_ns
    return found == Step(Held(lock.token, lock.holder, until_ns), lock.token)


@theorem("ACT-4", about=[renew], sabotage={renew: renew_by_taking})
def free_locks_are_not_renewed(token: int, event: Renew) -> bool:
    """A lock that was given back is not renewed, not even by who had it."""
    return renew(Free(token), event) == Step(Free(token), None)


@theorem("ACT-4", about=[release], sabotage={release: release_forgetting})
def release_is_exact(lock: Lock, event: Release) -> bool:
    """The holder's release frees the lock and keeps the token; any other changes nothing."""
    found = release(lock, event)
    if not laws.has_lease(lock, event.caller, event.token, event.mono_ns):
        return found == Step(lock, None)
    return found == Step(Free(lock.token), event.token)


@theorem("ACT-4", about=[step], sabotage={step: step_deaf})
def lock_events_are_what_they_say(lock: Lock, wanted: Acquire, kept: Renew, given: Release) -> bool:
    """A step acquires, renews or releases, as its event says."""
    return (
        step(lock, wanted) == acquire(lock, wanted)
        and step(lock, kept) == renew(lock, kept)
        and step(lock, given) == release(lock, given)
    )


@theorem("ACT-2", about=[step], given=is_taken, sabotage={acquire: acquire_stealing})
def nobody_gets_a_taken_lock(lock: Lock, event: Acquire, mono_ns: int) -> bool:
    """While a lease lives, nobody is given the lock, not even its holder."""
    return event.mono_ns > mono_ns or step(lock, event) == Step(lock, None)


@theorem("ACT-4", about=[step], given=is_someone_elses, sabotage={is_holder: holder_by_token})
def strangers_keep_and_free_nothing(lock: Held, caller: bytes, token: int, mono_ns: int) -> bool:
    """Whoever is not the holder neither renews nor releases, whatever token it shows."""
    renewed = step(lock, Renew(caller, token, mono_ns))
    return renewed == Step(lock, None) == step(lock, Release(caller, token, mono_ns))


@theorem("ACT-4", about=[step], sabotage={is_holder: holder_once})
def expired_leases_are_not_renewed(lock: Held, event: Renew) -> bool:
    """From the end of the lease on it is not renewed."""
    return event.mono_ns < lock.until_ns or step(lock, event) == Step(lock, None)


@theorem("ACT-3", about=[acquire], sabotage={acquire: acquire_same_token})
def next_holder_has_a_greater_token(lock: Lock, first: Acquire, second: Acquire) -> bool:
    """Of two that were given the lock the later has the greater token."""
    once = acquire(lock, first)
    twice = acquire(once.lock, second)
    return once.token is None or twice.token is None or once.token < twice.token


@theorem("ACT-3", about=[acquire, admit], sabotage={acquire: acquire_same_token})
def locks_and_fences_begin_together(caller: bytes, mono_ns: int, lease_ns: int) -> bool:
    """The first token is 1, and passes a new fence."""
    first = acquire(NEW_LOCK, Acquire(caller, mono_ns, lease_ns))
    return first.token == 1 and admit(NEW_FENCE, 1) == Admission(Fence(1), True)


@theorem("ACT-5", about=[admit], sabotage={admit: admit_all})
def admit_is_exact(highest: int, token: int) -> bool:
    """A token passes unless a greater one came by, and the fence stands at the greatest."""
    found = admit(Fence(highest), token)
    if highest <= token:
        return found == Admission(Fence(token), True)
    return found == Admission(Fence(highest), False)


@theorem("ACT-5", about=[admit], sabotage={admit: admit_falling})
def fences_never_fall(fence: Fence, token: int) -> bool:
    """A fence never stands lower than it stood."""
    return fence.highest <= admit(fence, token).fence.highest


# -- what must not hold


@theorem("ACT-6", about=[acquire, is_holder], refuted=True)
def leases_alone_keep_others_out(lock: Lock, event: Acquire, former: bytes, stuck_ns: int) -> bool:
    """A lease alone keeps the former holder out: false of one whose clock stood still."""
    done = acquire(lock, event)
    was_given = done.token is not None and event.lease_ns > 0
    return not was_given or not is_holder(lock, former, lock.token, stuck_ns)


@theorem("ACT-5", about=[], refuted=True)
def fences_may_stand_still(fence: Fence, newer: int, older: int) -> bool:
    """A fence may stand where it is: false, a stale token would pass after a newer one."""
    passed = admit_standing(fence, newer)
    stale = admit_standing(passed.fence, older)
    return not passed.is_admitted or older >= newer or not stale.is_admitted


@theorem("ACT-5", about=[admit], refuted=True)
def fences_admit_once(fence: Fence, token: int) -> bool:
    """A token passes once: false, its holder may write as often as it likes."""
    return not admit(admit(fence, token).fence, token).is_admitted


@theorem("ACT-3", about=[step], refuted=True)
def every_event_raises_the_token(lock: Lock, event: Event) -> bool:
    """Each event raises the token: false, nothing but giving the lock away does."""
    return step(lock, event).lock.token > lock.token


@theorem("ACT-4", about=[], refuted=True)
def renewals_may_set_the_end(lock: Held, event: Renew) -> bool:
    """A renewal may set the end anew: false, it would shorten a longer lease."""
    after = renew_shortening(lock, event).lock
    return isinstance(after, Held) and lock.until_ns <= after.until_ns
