"""Retries: a message is tried so often, then it is laid aside, never lost. Spec: ACT-7 to ACT-10.

Delays double. Each is computed from the one before, so that no power has to be taken.
"""

from collections.abc import Mapping
from typing import Final, assert_never

import msgspec

ATTEMPTS_MAX: Final = 5
"""How often a message is tried. Spec: ACT-8."""
DELAY_NS: Final = 500_000_000
"""How long to wait after the first failure. Spec: ACT-9."""
DELAY_NS_MAX: Final = 60_000_000_000
"""Longest delay. Spec: ACT-9."""
DELAY_FACTOR: Final = 2
"""By what each delay is longer than the one before. Spec: ACT-9."""


class Policy(msgspec.Struct, frozen=True, gc=False):
    """How often and how soon to try again. Spec: ACT-8, ACT-9."""

    attempts_max: int = ATTEMPTS_MAX
    delay_ns: int = DELAY_NS
    delay_ns_max: int = DELAY_NS_MAX


DEFAULT_POLICY: Final = Policy()


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """It may be tried from an instant on. Spec: ACT-7."""

    attempts: int
    delay_ns: int
    """How long to wait if the next attempt fails."""
    due_ns: int


class Running(msgspec.Struct, frozen=True, gc=False):
    """It is being tried. Spec: ACT-7."""

    attempts: int
    """This one included."""
    delay_ns: int


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """It is done. Spec: ACT-7."""

    attempts: int


class Dead(msgspec.Struct, frozen=True, gc=False):
    """It was laid aside, for somebody to look at. Spec: ACT-10."""

    attempts: int


Message = Waiting | Running | Delivered | Dead
Queue = Mapping[bytes, Message]
"""Messages by id."""


class Start(msgspec.Struct, frozen=True, gc=False):
    """Somebody would try it now. Spec: ACT-8."""

    mono_ns: int


class Succeeded(msgspec.Struct, frozen=True, gc=False):
    """The attempt succeeded. Spec: ACT-7."""


class Failed(msgspec.Struct, frozen=True, gc=False):
    """The attempt failed, or whoever made it is gone. Spec: ACT-8."""

    mono_ns: int
    is_final: bool
    """Whether another attempt would be of no use."""


Event = Start | Succeeded | Failed


def first_delay(policy: Policy) -> int:
    """Return the delay after the first failure. Spec: ACT-9."""
    return min(max(policy.delay_ns, 0), max(policy.delay_ns_max, 0))


def next_delay(delay_ns: int, policy: Policy) -> int:
    """Return the delay after this one. Spec: ACT-9."""
    return min(delay_ns * DELAY_FACTOR, max(policy.delay_ns_max, 0))


def new_message(mono_ns: int, policy: Policy) -> Message:
    """Return a message that was never tried. Spec: ACT-7."""
    return Waiting(0, first_delay(policy), mono_ns)


def start(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Try a message that is due, unless it was tried often enough. Spec: ACT-8."""
    match message:
        case Waiting():
            if mono_ns < message.due_ns:
                return message
            if message.attempts >= policy.attempts_max:
                return Dead(message.attempts)
            return Running(message.attempts + 1, message.delay_ns)
        case Running() | Delivered() | Dead():
            return message
        case _:
            assert_never(message)


def succeed(message: Message) -> Message:
    """Note that the attempt succeeded. Spec: ACT-7."""
    match message:
        case Running():
            return Delivered(message.attempts)
        case Waiting() | Delivered() | Dead():
            return message
        case _:
            assert_never(message)


def fail(message: Message, event: Failed, policy: Policy) -> Message:
    """Note that the attempt failed: wait for the next one, or lay the message aside.

    Spec: ACT-8, ACT-9, ACT-10.
    """
    match message:
        case Running():
            if event.is_final or message.attempts >= policy.attempts_max:
                return Dead(message.attempts)
            due_ns = event.mono_ns + message.delay_ns
            return Waiting(message.attempts, next_delay(message.delay_ns, policy), due_ns)
        case Waiting() | Delivered() | Dead():
            return message
        case _:
            assert_never(message)


def step(message: Message, event: Event, policy: Policy) -> Message:
    """Advance a message by one event. Spec: ACT-7, ACT-8."""
    match event:
        case Start():
            return start(message, event.mono_ns, policy)
        case Succeeded():
            return succeed(message)
        case Failed():
            return fail(message, event, policy)
        case _:
            assert_never(event)


def revive(message: Message, mono_ns: int, policy: Policy) -> Message:
    """Take a message that was laid aside up again, as if it were new. Spec: ACT-10."""
    match message:
        case Dead():
            return new_message(mono_ns, policy)
        case Waiting() | Running() | Delivered():
            return message
        case _:
            assert_never(message)


# -- many messages


def post(queue: Queue, name: bytes, mono_ns: int, policy: Policy) -> Queue:
    """Put a message into a queue; one of that id is there once. Spec: ACT-11."""
    if name in queue:
        return queue
    return {**queue, name: new_message(mono_ns, policy)}


def queue_step(queue: Queue, name: bytes, event: Event, policy: Policy) -> Queue:
    """Advance one message of a queue. Spec: ACT-11."""
    message = queue.get(name)
    if message is None:
        return queue
    return {**queue, name: step(message, event, policy)}


def dead_letters(queue: Queue) -> frozenset[bytes]:
    """List the messages that were laid aside. Spec: ACT-10."""
    return frozenset(name for name in queue if isinstance(queue[name], Dead))
