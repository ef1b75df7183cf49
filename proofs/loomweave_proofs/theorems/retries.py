"""Retries: a message is tried so often, then laid aside, never lost. Rules ACT-7 to ACT-11."""

from loomweave.core.actors.retry import (
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
    fail,
    first_delay,
    new_message,
    next_delay,
    post,
    queue_step,
    revive,
    start,
    step,
    succeed,
)
from loomweave.laws import actors as laws
from loomweave_proofs.theorem import theorem

# -- broken twins


def first_delay_unbounded(policy: Policy) -> int:
    """Forget the bound of the first delay."""
    return policy.delay_ns


def no_delay(policy: Policy) -> int:
    """Wait for nothing."""
    return 0


def next_delay_unbounded(delay_ns: int, policy: Policy) -> int:
    """Double without end."""
    return delay_ns * 2


def next_delay_same(delay_ns: int, policy: Policy) -> int:
    """Wait no longer than before."""
    return delay_ns


def new_message_later(mono_ns: int, policy: Policy) -> Message:
    """Let a new message wait."""
    return Waiting(0, first_delay(policy), mono_ns + first_delay(policy))


def start_early(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Start one instant before it is due."""
    return start(message, mono_ns + 1, policy)


def start_at_the_end(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Start one instant after it is due."""
    return start(message, mono_ns - 1, policy)


def start_once_more(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Try once too often."""
    return start(
        message, mono_ns, Policy(policy.attempts_max + 1, policy.delay_ns, policy.delay_ns_max)
    )


def start_uncounted(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Count no attempt."""
    found = start(message, mono_ns, policy)
    if isinstance(found, Running) and isinstance(message, Waiting):
        return Running(message.attempts, found.delay_ns)
    return found


def start_anything(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Try what is settled."""
    return Running(message.attempts + 1, 0)


def succeed_anyway(message: Message) -> Message:
    """Deliver what nobody tried."""
    return Delivered(message.attempts)


def fail_for_ever(message: Message, event: Failed, policy: Policy) -> Message:
    """Lay nothing aside."""
    match message:
        case Running():
            due_ns = event.mono_ns + message.delay_ns
            return Waiting(message.attempts, next_delay(message.delay_ns, policy), due_ns)
        case Waiting() | Delivered() | Dead():
            return message


def fail_at_once(message: Message, event: Failed, policy: Policy) -> Message:
    """Give everything up at the first failure."""
    return Dead(message.attempts)


def step_deaf(message: Message, event: Event, policy: Policy) -> Message:
    """Listen to nothing."""
    return message


def revive_all(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Begin anew with everything."""
    return new_message(mono_ns, policy)


def post_again(queue: Queue, name: bytes, mono_ns: int, policy: Policy) -> Queue:
    """Begin anew with a message that is there."""
    return {**queue, name: new_message(mono_ns, policy)}


def queue_step_alone(queue: Queue, name: bytes, event: Event, policy: Policy) -> Queue:
    """Forget all other messages."""
    message = queue.get(name)
    return queue if message is None else {name: step(message, event, policy)}


def letters_all(queue: Queue) -> frozenset[bytes]:
    """List every message."""
    return frozenset(name for name in queue)


# -- the laws, as they ship

theorem("ACT-8", about=[new_message], sabotage={new_message: new_message_later})(laws.new_is_sound)
theorem("ACT-8", about=[step], sabotage={start: start_once_more})(laws.attempts_are_bounded)
theorem("ACT-8", about=[step, start], sabotage={start: start_uncounted})(laws.attempts_count_starts)
theorem("ACT-7", about=[step, start], sabotage={start: start_early})(laws.start_waits_until_due)
theorem("ACT-7", about=[step], sabotage={fail: fail_at_once})(laws.what_is_settled_stays)
theorem("ACT-7", about=[step, succeed, fail], sabotage={fail: fail_for_ever})(laws.attempt_ends)
theorem("ACT-9", about=[next_delay], sabotage={next_delay: next_delay_unbounded})(
    laws.delays_double
)
theorem("ACT-10", about=[revive], sabotage={revive: revive_all})(laws.reviving_is_for_the_dead)
theorem("ACT-11", about=[queue_step], sabotage={queue_step: queue_step_alone})(
    laws.nothing_leaves_a_queue
)
theorem("ACT-11", about=[post], sabotage={post: post_again})(laws.posting_is_once)
theorem("ACT-10", about=[dead_letters], sabotage={dead_letters: letters_all})(
    laws.dead_letters_are_the_dead
)

# -- hypotheses


def is_bounded(delay_ns: int, policy: Policy) -> bool:
    """Tell that a delay is one that a message can have."""
    return 0 <= delay_ns <= policy.delay_ns_max


def is_sensible(policy: Policy) -> bool:
    """Tell that a policy has a delay within its bound."""
    return 0 <= policy.delay_ns <= policy.delay_ns_max


# -- each function, exactly


@theorem("ACT-9", about=[first_delay], given=is_sensible, sabotage={first_delay: no_delay})
def first_delay_is_the_policys(policy: Policy) -> bool:
    """The first delay of a sensible policy is the one that it names."""
    return first_delay(policy) == policy.delay_ns


@theorem("ACT-9", about=[first_delay], sabotage={first_delay: first_delay_unbounded})
def first_delay_is_exact(policy: Policy) -> bool:
    """The first delay is the policy's, not below zero and not above its bound."""
    longest_ns = policy.delay_ns_max if policy.delay_ns_max > 0 else 0
    delay_ns = policy.delay_ns if policy.delay_ns > 0 else 0
    return first_delay(policy) == (longest_ns if longest_ns < delay_ns else delay_ns)


@theorem("ACT-9", about=[next_delay], sabotage={next_delay: next_delay_same})
def next_delay_is_exact(delay_ns: int, policy: Policy) -> bool:
    """Each delay is twice the one before, cut off exactly at the bound."""
    longest_ns = policy.delay_ns_max if policy.delay_ns_max > 0 else 0
    doubled_ns = delay_ns + delay_ns
    return next_delay(delay_ns, policy) == (longest_ns if longest_ns < doubled_ns else doubled_ns)


@theorem("ACT-9", about=[next_delay], given=is_bounded, sabotage={next_delay: next_delay_unbounded})
def delays_stay_bounded(delay_ns: int, policy: Policy) -> bool:
    """A delay that is within the bound is followed by one that is, and is not shorter."""
    return delay_ns <= next_delay(delay_ns, policy) <= policy.delay_ns_max


@theorem("ACT-7", about=[new_message], sabotage={new_message: new_message_later})
def new_message_is_exact(mono_ns: int, policy: Policy) -> bool:
    """A new message was never tried, may be at once, and has the first delay before it."""
    return new_message(mono_ns, policy) == Waiting(0, first_delay(policy), mono_ns)


@theorem("ACT-8", about=[start], sabotage={start: start_at_the_end})
def start_is_exact(attempts: int, delay_ns: int, due_ns: int, mono_ns: int, policy: Policy) -> bool:
    """From its very due time on a message is tried, unless it was tried often enough."""
    waiting = Waiting(attempts, delay_ns, due_ns)
    found = start(waiting, mono_ns, policy)
    if due_ns > mono_ns:
        return found == waiting
    if attempts < policy.attempts_max:
        return found == Running(attempts + 1, delay_ns)
    return found == Dead(attempts)


@theorem("ACT-7", about=[start], sabotage={start: start_anything})
def starts_are_for_the_waiting(message: Message, mono_ns: int, policy: Policy) -> bool:
    """What is running, delivered or dead is not started."""
    return isinstance(message, Waiting) or start(message, mono_ns, policy) == message


@theorem("ACT-7", about=[succeed], sabotage={succeed: succeed_anyway})
def succeed_is_exact(message: Message) -> bool:
    """An attempt that succeeds delivers; whatever is not being tried stays as it is."""
    found = succeed(message)
    return found == (Delivered(message.attempts) if isinstance(message, Running) else message)


@theorem("ACT-8", about=[fail], sabotage={fail: fail_for_ever})
def fail_is_exact(attempts: int, delay_ns: int, event: Failed, policy: Policy) -> bool:
    """The last attempt, or one that failed for good, lays aside; any other waits its delay."""
    found = fail(Running(attempts, delay_ns), event, policy)
    if event.is_final or policy.attempts_max <= attempts:
        return found == Dead(attempts)
    due_ns = event.mono_ns + delay_ns
    return found == Waiting(attempts, next_delay(delay_ns, policy), due_ns)


@theorem("ACT-7", about=[fail], sabotage={fail: fail_at_once})
def failures_are_of_the_running(message: Message, event: Failed, policy: Policy) -> bool:
    """A failure of what is not being tried changes nothing."""
    return isinstance(message, Running) or fail(message, event, policy) == message


@theorem("ACT-7", about=[step], sabotage={step: step_deaf})
def message_events_are_what_they_say(
    message: Message, mono_ns: int, event: Failed, policy: Policy
) -> bool:
    """A step starts, succeeds or fails, as its event says."""
    return (
        step(message, Start(mono_ns), policy) == start(message, mono_ns, policy)
        and step(message, Succeeded(), policy) == succeed(message)
        and step(message, event, policy) == fail(message, event, policy)
    )


@theorem("ACT-10", about=[revive], sabotage={revive: revive_all})
def revive_is_exact(message: Message, mono_ns: int, policy: Policy) -> bool:
    """A dead message begins anew, as if it had just been posted; any other stays."""
    found = revive(message, mono_ns, policy)
    if isinstance(message, Dead):
        return found == Waiting(0, first_delay(policy), mono_ns)
    return found == message


@theorem("ACT-11", about=[post], sabotage={post: post_again})
def post_is_exact(queue: Queue, name: bytes, mono_ns: int, policy: Policy, other: bytes) -> bool:
    """Posting puts a new message in under its id, if there is none, and moves no other."""
    held = queue.get(other)
    wanted = new_message(mono_ns, policy) if held is None and other == name else held
    return post(queue, name, mono_ns, policy).get(other) == wanted


@theorem("ACT-11", about=[queue_step], sabotage={queue_step: queue_step_alone})
def queue_step_is_exact(
    queue: Queue, name: bytes, event: Event, policy: Policy, other: bytes
) -> bool:
    """A step moves the message of that id, if there is one, and no other."""
    held = queue.get(other)
    wanted = step(held, event, policy) if held is not None and other == name else held
    return queue_step(queue, name, event, policy).get(other) == wanted


@theorem("ACT-10", about=[dead_letters], sabotage={dead_letters: letters_all})
def dead_letters_are_exact(queue: Queue, name: bytes) -> bool:
    """Listed are exactly the messages that were laid aside."""
    held = queue.get(name)
    return (name in dead_letters(queue)) == (held is not None and isinstance(held, Dead))


# -- what must not hold


@theorem("ACT-8", about=[step], refuted=True)
def messages_are_tried_for_ever(message: Message, event: Event, policy: Policy) -> bool:
    """No message is ever laid aside: false after the last attempt."""
    return isinstance(message, Dead) or not isinstance(step(message, event, policy), Dead)


@theorem("ACT-9", about=[], refuted=True)
def doubling_needs_no_bound(delay_ns: int, policy: Policy) -> bool:
    """Doubling stays within the bound by itself: false."""
    is_within = 0 <= delay_ns <= policy.delay_ns_max
    return not is_within or next_delay_unbounded(delay_ns, policy) <= policy.delay_ns_max


@theorem("ACT-11", about=[], refuted=True)
def posting_again_may_begin_anew(queue: Queue, name: bytes, mono_ns: int, policy: Policy) -> bool:
    """To post again may begin anew: false, what was delivered would be tried again."""
    held = queue.get(name)
    return held is None or post_again(queue, name, mono_ns, policy).get(name) == held


@theorem("ACT-7", about=[succeed], refuted=True)
def success_is_for_anything(message: Message) -> bool:
    """Good news delivers whatever it is told of: false of what nobody tries."""
    return isinstance(succeed(message), Delivered)
