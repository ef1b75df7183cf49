"""What locks, fences and retries promise. Spec: chapter ACT."""

from loomweave.core.actors.lock import (
    Acquire,
    Fence,
    Held,
    Lock,
    Release,
    Renew,
    admit,
    is_holder,
    is_live,
)
from loomweave.core.actors.lock import Event as LockEvent
from loomweave.core.actors.lock import step as lock_step
from loomweave.core.actors.retry import (
    DELAY_FACTOR,
    Dead,
    Delivered,
    Event,
    Failed,
    Message,
    Policy,
    Queue,
    Running,
    Start,
    Succeeded,
    Waiting,
    dead_letters,
    new_message,
    next_delay,
    post,
    queue_step,
    revive,
    step,
)

# -- locks


def has_lease(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """Tell whether a lock is held by the caller, under the token, and has not expired.

    Spec: ACT-1, ACT-4.
    """
    if not isinstance(lock, Held):
        return False
    return (lock.holder, lock.token) == (caller, token) and lock.until_ns > mono_ns


def lease_ends(lock: Lock, mono_ns: int, later_ns: int) -> bool:
    """ACT-1: a lease that has expired does not come to life again. Spec: ACT-1."""
    return later_ns < mono_ns or is_live(lock, mono_ns) or not is_live(lock, later_ns)


def live_lease_is_not_given_away(lock: Lock, event: Acquire) -> bool:
    """ACT-2: given exactly where nobody has it, and then to the caller. Spec: ACT-2."""
    done = lock_step(lock, event)
    if is_live(lock, event.mono_ns):
        return done.token is None and done.lock == lock
    wanted = Held(lock.token + 1, event.caller, event.mono_ns + event.lease_ns)
    return done.token == wanted.token and done.lock == wanted


def tokens_only_grow(lock: Lock, event: LockEvent) -> bool:
    """ACT-3: the token grows by one when the lock is given away, and else stays. Spec: ACT-3."""
    done = lock_step(lock, event)
    is_given = isinstance(event, Acquire) and done.token is not None
    return done.lock.token == lock.token + (1 if is_given else 0)


def granted_is_held(lock: Lock, event: Acquire) -> bool:
    """ACT-3: what the caller gets is what the holder has. Spec: ACT-3."""
    done = lock_step(lock, event)
    if done.token is None or event.lease_ns <= 0:
        return True
    return has_lease(done.lock, event.caller, done.token, event.mono_ns)


def holder_is_who_has_the_lease(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """ACT-4: holder, token and time all count. Spec: ACT-4."""
    wanted = has_lease(lock, caller, token, mono_ns)
    is_found = is_holder(lock, caller, token, mono_ns) == wanted
    return is_found and (is_live(lock, mono_ns) or not wanted)


def only_the_holder_renews(lock: Lock, event: Renew) -> bool:
    """ACT-4: renewed exactly for the holder, and never for less. Spec: ACT-4."""
    done = lock_step(lock, event)
    is_own = has_lease(lock, event.caller, event.token, event.mono_ns)
    if not is_own or not isinstance(lock, Held):
        return done.token is None and done.lock == lock
    after = done.lock
    return (
        done.token == lock.token
        and isinstance(after, Held)
        and after.holder == lock.holder
        and after.until_ns == max(lock.until_ns, event.mono_ns + event.lease_ns)
    )


def only_the_holder_releases(lock: Lock, event: Release) -> bool:
    """ACT-4: afterwards nobody has it; a stranger changes nothing. Spec: ACT-4."""
    done = lock_step(lock, event)
    if not has_lease(lock, event.caller, event.token, event.mono_ns):
        return done.token is None and done.lock == lock
    return done.token == event.token and not is_live(done.lock, event.mono_ns)


def stale_token_is_refused(fence: Fence, newer: int, older: int) -> bool:
    """ACT-5: once a newer token went ahead, an older one does not. Spec: ACT-5."""
    passed = admit(fence, newer)
    return not passed.is_admitted or older >= newer or not admit(passed.fence, older).is_admitted


def refusal_is_for_ever(fence: Fence, stale: int, between: int) -> bool:
    """ACT-5: what is refused once is refused after anything else too. Spec: ACT-5."""
    if admit(fence, stale).is_admitted:
        return True
    return not admit(admit(fence, between).fence, stale).is_admitted


def present_token_passes(fence: Fence, token: int) -> bool:
    """ACT-5: the newest holder may write as often as it likes. Spec: ACT-5."""
    passed = admit(fence, token)
    return passed.is_admitted == (token >= fence.highest) and (
        not passed.is_admitted or admit(passed.fence, token) == passed
    )


def handing_over_shuts_the_former_out(lock: Lock, event: Acquire, fence: Fence) -> bool:
    """ACT-6: a write under the new token refuses that of the former holder. Spec: ACT-6."""
    done = lock_step(lock, event)
    if done.token is None or fence.highest > lock.token:
        return True
    passed = admit(fence, done.token)
    return passed.is_admitted and not admit(passed.fence, lock.token).is_admitted


# -- retries


def is_sound(message: Message, policy: Policy) -> bool:
    """Tell whether a message is one that can come about. Spec: ACT-8, ACT-9."""
    is_counted = 0 <= message.attempts <= max(policy.attempts_max, 0)
    if isinstance(message, Waiting | Running):
        is_bounded = 0 <= message.delay_ns <= max(policy.delay_ns_max, 0)
        return is_counted and is_bounded and (message.attempts >= 1 or isinstance(message, Waiting))
    return is_counted


def new_is_sound(mono_ns: int, policy: Policy) -> bool:
    """ACT-8: a new message was never tried, and may be at once. Spec: ACT-8."""
    made = new_message(mono_ns, policy)
    is_due = isinstance(made, Waiting) and made.due_ns == mono_ns
    return is_due and made.attempts == 0 and is_sound(made, policy)


def attempts_are_bounded(message: Message, event: Event, policy: Policy) -> bool:
    """ACT-8, ACT-9: counts and delays stay in their bounds. Spec: ACT-8, ACT-9."""
    return not is_sound(message, policy) or is_sound(step(message, event, policy), policy)


def attempts_count_starts(message: Message, event: Event, policy: Policy) -> bool:
    """ACT-8: an attempt counts when it starts, and at no other time. Spec: ACT-8."""
    after = step(message, event, policy)
    is_started = isinstance(message, Waiting) and isinstance(after, Running)
    return after.attempts == message.attempts + (1 if is_started else 0)


def start_waits_until_due(message: Waiting, mono_ns: int, policy: Policy) -> bool:
    """ACT-7: not before it is due, and not once too often. Spec: ACT-7, ACT-8."""
    after = step(message, Start(mono_ns), policy)
    if mono_ns < message.due_ns:
        return after == message
    if message.attempts >= policy.attempts_max:
        return after == Dead(message.attempts)
    return after == Running(message.attempts + 1, message.delay_ns)


def what_is_settled_stays(message: Message, event: Event, policy: Policy) -> bool:
    """ACT-7: no event moves what is delivered or dead. Spec: ACT-7."""
    if not isinstance(message, Delivered | Dead):
        return True
    return step(message, event, policy) == message


def attempt_ends(message: Running, event: Failed, policy: Policy) -> bool:
    """ACT-7, ACT-10: delivered, or waiting for its delay, or laid aside. Spec: ACT-7, ACT-10."""
    if step(message, Succeeded(), policy) != Delivered(message.attempts):
        return False
    after = step(message, event, policy)
    if event.is_final or message.attempts >= policy.attempts_max:
        return after == Dead(message.attempts)
    due_ns = event.mono_ns + message.delay_ns
    return after == Waiting(message.attempts, next_delay(message.delay_ns, policy), due_ns)


def delays_double(delay_ns: int, policy: Policy) -> bool:
    """ACT-9: never shorter, twice as long below the bound. Spec: ACT-9."""
    if not 0 <= delay_ns <= policy.delay_ns_max:
        return True
    found = next_delay(delay_ns, policy)
    doubled = delay_ns * DELAY_FACTOR
    return delay_ns <= found <= policy.delay_ns_max and (
        found == doubled or (found == policy.delay_ns_max and doubled > found)
    )


def reviving_is_for_the_dead(message: Message, mono_ns: int, policy: Policy) -> bool:
    """ACT-10: a dead letter begins anew; nothing else is touched. Spec: ACT-10."""
    after = revive(message, mono_ns, policy)
    return after == (new_message(mono_ns, policy) if isinstance(message, Dead) else message)


def nothing_leaves_a_queue(queue: Queue, name: bytes, event: Event, policy: Policy) -> bool:
    """ACT-11: a step keeps all ids, and changes one message. Spec: ACT-11."""
    after = queue_step(queue, name, event, policy)
    others = {other: message for other, message in queue.items() if other != name}
    return set(after) == set(queue) and all(after[other] == others[other] for other in others)


def posting_is_once(queue: Queue, name: bytes, mono_ns: int, policy: Policy) -> bool:
    """ACT-11: posting puts an id in, or changes nothing. Spec: ACT-11."""
    after = post(queue, name, mono_ns, policy)
    if name in queue:
        return after == queue
    return after == {**queue, name: new_message(mono_ns, policy)}


def dead_letters_are_the_dead(queue: Queue, name: bytes) -> bool:
    """ACT-10: listed exactly if it was laid aside. Spec: ACT-10."""
    return (name in dead_letters(queue)) == isinstance(queue.get(name), Dead)
