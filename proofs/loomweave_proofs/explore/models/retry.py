"""Messages, workers that crash, and letters laid aside. Spec: ACT-7 to ACT-11."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from loomweave.core.actors import retry as kernel
from loomweave.core.actors.retry import (
    Dead,
    Delivered,
    Event,
    Failed,
    Message,
    Policy,
    Running,
    Start,
    Succeeded,
    Waiting,
)
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.sabotage import Change, Sabotage

WITHIN: Final = 60
POLICY: Final = Policy(attempts_max=3, delay_ns=1, delay_ns_max=3)


class Letter(NamedTuple):
    """A message as the queue has it, and what was counted of it from outside."""

    message: Message | None
    """None before it is posted."""
    tries: int
    """How often somebody tried since it was posted or taken up."""
    revivals: int


class World(NamedTuple):
    """All messages, and the time."""

    letters: tuple[Letter, ...]
    now: int


class Retry(Model[World]):
    """What is posted is delivered, on its way, or laid aside: never none of them. Spec: ACT-11."""

    name = "retry"
    words = "messages are tried by workers that fail and crash, and are laid aside and taken up"
    shipped = (
        "loomweave.core.actors.retry.queue_step",
        "loomweave.core.actors.retry.step",
        "loomweave.core.actors.retry.start",
        "loomweave.core.actors.retry.succeed",
        "loomweave.core.actors.retry.fail",
        "loomweave.core.actors.retry.post",
        "loomweave.core.actors.retry.revive",
        "loomweave.core.actors.retry.dead_letters",
    )

    def __init__(self, messages: int = 2, ticks: int = 7, revivals: int = 1) -> None:
        self.messages, self.ticks, self.revivals = messages, ticks, revivals
        self.advance = lru_cache(None)(self._advance)

    def _advance(self, messages: tuple[Message | None, ...], at: int, event: Event) -> Message:
        """Advance one message of the queue; the others must come out as they went in."""
        queue = {bytes([n]): item for n, item in enumerate(messages) if item is not None}
        after = kernel.queue_step(queue, bytes([at]), event, POLICY)
        assert {**after, bytes([at]): None} == {**queue, bytes([at]): None}
        return after[bytes([at])]

    def starts(self) -> Iterator[World]:
        """Nothing is posted."""
        yield World((Letter(None, 0, 0),) * self.messages, 0)

    def actions(self, world: World) -> Iterator[Action]:
        """Any event may come at any time, whether it fits or not."""
        for at, letter in enumerate(world.letters):
            yield ("post", at)
            if letter.message is None:
                continue
            yield from ((verb, at) for verb in ("start", "succeed", "fail", "refuse"))
            if letter.revivals < self.revivals:
                yield ("revive", at)
        if world.now < self.ticks:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("tick",):
                return world._replace(now=world.now + 1)
            case (str(verb), int(at)):
                letter = self._changed(world, verb, at)
                letters = (*world.letters[:at], letter, *world.letters[at + 1 :])
                return world._replace(letters=letters)
            case _:
                return None

    def _changed(self, world: World, verb: str, at: int) -> Letter:
        """Give a letter after an event."""
        letter = world.letters[at]
        old = letter.message
        messages = tuple(item.message for item in world.letters)
        if verb == "post":
            queue = {bytes([n]): item for n, item in enumerate(messages) if item is not None}
            return letter._replace(
                message=kernel.post(queue, bytes([at]), world.now, POLICY)[bytes([at])]
            )
        assert old is not None
        if verb == "revive":
            message = kernel.revive(old, world.now, POLICY)
            is_up = message != old
            tries = 0 if is_up else letter.tries
            return Letter(message, tries, letter.revivals + is_up)
        events: dict[str, Event] = {
            "start": Start(world.now),
            "succeed": Succeeded(),
            "fail": Failed(world.now, False),
            "refuse": Failed(world.now, True),
        }
        message = self.advance(messages, at, events[verb])
        is_try = isinstance(message, Running) and not isinstance(old, Running)
        return letter._replace(message=message, tries=letter.tries + is_try)

    def fair(self, world: World) -> Action | None:
        """Start what is due, fail what runs: the worst that may happen to a message."""
        for at, letter in enumerate(world.letters):
            if letter.message is None:
                return ("post", at)
            if isinstance(letter.message, Running):
                return ("fail", at)
            if isinstance(letter.message, Waiting) and letter.message.due_ns <= world.now:
                return ("start", at)
        return ("tick",)

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of messages."""
        return (
            Always("a message is tried so often at most", "ACT-8", self.is_limited),
            Always("the queue counts attempts as they are made", "ACT-8", self.is_counted),
            Always("no delay is longer than the longest", "ACT-9", self.is_soon),
            EachStep("a posted message stays in the queue", "ACT-11", self.is_conserved),
            EachStep("what is delivered stays so", "ACT-7", self.is_final),
            EachStep("no attempt begins too early", "ACT-9", self.is_due),
            EachStep("what is laid aside is listed", "ACT-10", self.is_listed),
            Eventually(
                "each is delivered or laid aside", "ACT-7", self.is_any, self.is_ended, WITHIN
            ),
            Sometimes("a message is laid aside after all attempts", "ACT-10", self.is_worn),
            Sometimes("one taken up again is delivered", "ACT-10", self.is_saved),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def is_limited(self, world: World) -> bool:
        """Check the number of tries, counted from outside."""
        return all(letter.tries <= POLICY.attempts_max for letter in world.letters)

    def is_counted(self, world: World) -> bool:
        """Check the number that the message carries."""
        return all(
            letter.message is None or letter.message.attempts == letter.tries
            for letter in world.letters
        )

    def is_soon(self, world: World) -> bool:
        """Check when waiting messages are due."""
        return all(
            letter.message.due_ns - world.now <= POLICY.delay_ns_max
            for letter in world.letters
            if isinstance(letter.message, Waiting)
        )

    def is_conserved(self, before: World, action: Action, after: World) -> bool:
        """Check that no message is gone, and that only the one concerned has changed."""
        return all(
            (old.message is None or new.message is not None) and (old == new or action[1:] == (at,))
            for at, (old, new) in enumerate(zip(before.letters, after.letters, strict=True))
        )

    def is_final(self, before: World, action: Action, after: World) -> bool:
        """Check that a delivered message does not change."""
        return all(
            old == new
            for old, new in zip(before.letters, after.letters, strict=True)
            if isinstance(old.message, Delivered)
        )

    def is_due(self, before: World, action: Action, after: World) -> bool:
        """Check that a message that is not due is not started."""
        return all(
            not (isinstance(old.message, Waiting) and isinstance(new.message, Running))
            or old.message.due_ns <= before.now
            for old, new in zip(before.letters, after.letters, strict=True)
        )

    def is_listed(self, before: World, action: Action, after: World) -> bool:
        """Check the list of dead letters."""
        letters = after.letters
        queue = {bytes([n]): x.message for n, x in enumerate(letters) if x.message is not None}
        dead = {bytes([n]) for n, x in enumerate(letters) if isinstance(x.message, Dead)}
        return kernel.dead_letters(queue) == dead

    def is_ended(self, world: World) -> bool:
        """Tell whether nothing is under way."""
        return all(isinstance(letter.message, Delivered | Dead) for letter in world.letters)

    def is_worn(self, world: World) -> bool:
        """Tell whether a message was tried as often as may be, and is dead."""
        return any(
            isinstance(letter.message, Dead) and letter.tries == POLICY.attempts_max
            for letter in world.letters
        )

    def is_saved(self, world: World) -> bool:
        """Tell whether a message was delivered after it had been laid aside."""
        return any(isinstance(x.message, Delivered) and x.revivals for x in world.letters)


ENTRY: Final = Entry(
    Retry,
    Bounds(states=80_000),
    (
        Sabotage(
            "once more than allowed",
            "a message is laid aside one attempt too late",
            "a message is tried so often at most",
            (
                Change(
                    "loomweave.core.actors.retry.fail",
                    "message.attempts >= policy.attempts_max",
                    "message.attempts > policy.attempts_max",
                ),
                Change(
                    "loomweave.core.actors.retry.start",
                    "message.attempts >= policy.attempts_max",
                    "message.attempts > policy.attempts_max",
                ),
            ),
        ),
        Sabotage(
            "a late failure undoes",
            "a failure that is told late takes a delivered message up again",
            "what is delivered stays so",
            (
                Change(
                    "loomweave.core.actors.retry.fail",
                    "case Waiting() | Delivered() | Dead():\n            return message",
                    "case Delivered():\n            return Waiting(1, 1, event.mono_ns)\n"
                    "        case Waiting() | Dead():\n            return message",
                ),
            ),
        ),
        Sabotage(
            "without a limit to delays",
            "each delay is twice the last",
            "no delay is longer than the longest",
            (
                Change(
                    "loomweave.core.actors.retry.next_delay",
                    "min(delay_ns * DELAY_FACTOR, max(policy.delay_ns_max, 0))",
                    "delay_ns * DELAY_FACTOR * DELAY_FACTOR",
                ),
            ),
        ),
    ),
)
