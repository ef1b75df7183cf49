"""The circuit breaker: who fails too often is left alone, then tried once. Spec: SYN-10 to SYN-12.

Each attempt is let through under the number of an era, and what came of it is told under the same
number. So an answer that is late by a whole era cannot close or open anything.
"""

from typing import Final, assert_never

import msgspec

FAILURES_MAX: Final = 5
"""So many failures in a row open a breaker. Spec: SYN-10."""
RESET_NS: Final = 30_000_000_000
"""How long an open breaker lets nothing through. Spec: SYN-10."""


class Limits(msgspec.Struct, frozen=True, gc=False):
    """When a breaker opens, and for how long. Spec: SYN-10."""

    failures_max: int = FAILURES_MAX
    reset_ns: int = RESET_NS


DEFAULT_LIMITS: Final = Limits()


class Closed(msgspec.Struct, frozen=True, gc=False):
    """All attempts are let through. Spec: SYN-10."""

    failures: int
    """How many of the last attempts failed in a row."""


class Open(msgspec.Struct, frozen=True, gc=False):
    """Nothing is let through. Spec: SYN-10."""

    until_ns: int


class HalfOpen(msgspec.Struct, frozen=True, gc=False):
    """One attempt decides. Spec: SYN-11."""

    probing: bool
    """Whether that attempt is under way."""


Mode = Closed | Open | HalfOpen


class Breaker(msgspec.Struct, frozen=True, gc=False):
    """A breaker: one for each peer. Spec: SYN-12."""

    era: int
    """Grows with each opening and with each probe."""
    mode: Mode


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """Somebody wants to try. Spec: SYN-10."""

    mono_ns: int


class Success(msgspec.Struct, frozen=True, gc=False):
    """An attempt of this era succeeded. Spec: SYN-12."""

    era: int


class Failure(msgspec.Struct, frozen=True, gc=False):
    """An attempt of this era failed. Spec: SYN-12."""

    era: int
    mono_ns: int


class Abandoned(msgspec.Struct, frozen=True, gc=False):
    """Nobody will know what came of an attempt of this era. Spec: SYN-11."""

    era: int


Event = Attempt | Success | Failure | Abandoned


class Step(msgspec.Struct, frozen=True, gc=False):
    """The breaker afterwards, and whether an attempt may go ahead, under its era. Spec: SYN-10."""

    breaker: Breaker
    is_allowed: bool


def new_breaker() -> Breaker:
    """Return a breaker that nothing has happened to. Spec: SYN-10."""
    return Breaker(0, Closed(0))


def attempt(breaker: Breaker, mono_ns: int) -> Step:
    """Decide on an attempt. Spec: SYN-10, SYN-11."""
    match breaker.mode:
        case Closed():
            return Step(breaker, True)
        case Open(until_ns=until_ns):
            if mono_ns < until_ns:
                return Step(breaker, False)
            return Step(Breaker(breaker.era + 1, HalfOpen(True)), True)
        case HalfOpen(probing=probing):
            if probing:
                return Step(breaker, False)
            return Step(Breaker(breaker.era + 1, HalfOpen(True)), True)
        case _:
            assert_never(breaker.mode)


def succeed(breaker: Breaker) -> Breaker:
    """Note that an attempt of the present era succeeded. Spec: SYN-10, SYN-11."""
    match breaker.mode:
        case Closed():
            return Breaker(breaker.era, Closed(0))
        case HalfOpen(probing=True):
            return Breaker(breaker.era, Closed(0))
        case Open() | HalfOpen():
            return breaker
        case _:
            assert_never(breaker.mode)


def fail(breaker: Breaker, mono_ns: int, limits: Limits) -> Breaker:
    """Note that an attempt of the present era failed. Spec: SYN-10, SYN-11."""
    opened = Breaker(breaker.era + 1, Open(mono_ns + limits.reset_ns))
    match breaker.mode:
        case Closed(failures=failures):
            if failures + 1 >= limits.failures_max:
                return opened
            return Breaker(breaker.era, Closed(failures + 1))
        case HalfOpen(probing=True):
            return opened
        case Open() | HalfOpen():
            return breaker
        case _:
            assert_never(breaker.mode)


def abandon(breaker: Breaker) -> Breaker:
    """Note that nobody will know what came of an attempt: another may probe. Spec: SYN-11."""
    match breaker.mode:
        case HalfOpen(probing=True):
            return Breaker(breaker.era, HalfOpen(False))
        case Closed() | Open() | HalfOpen():
            return breaker
        case _:
            assert_never(breaker.mode)


def step(breaker: Breaker, event: Event, limits: Limits) -> Step:
    """Advance a breaker by one event. Spec: SYN-10, SYN-11, SYN-12."""
    match event:
        case Attempt():
            return attempt(breaker, event.mono_ns)
        case Success():
            return Step(succeed(breaker) if event.era == breaker.era else breaker, False)
        case Failure():
            is_now = event.era == breaker.era
            return Step(fail(breaker, event.mono_ns, limits) if is_now else breaker, False)
        case Abandoned():
            return Step(abandon(breaker) if event.era == breaker.era else breaker, False)
        case _:
            assert_never(event)
