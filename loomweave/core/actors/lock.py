"""Leases and fencing tokens: one holder, and no stale one after it. Spec: ACT-1 to ACT-6.

A lease alone cannot keep a holder out whose clock stands still: it may go on writing when another
has the lease. The fence can: it stands at what is protected and refuses every older token.
"""

from typing import Final, assert_never

import msgspec

LEASE_NS: Final = 30_000_000_000
"""How long a lease lasts unless the caller says otherwise. Spec: ACT-1."""


class Free(msgspec.Struct, frozen=True, gc=False):
    """Nobody has the lock. Spec: ACT-1."""

    token: int
    """The last token that was given out."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """Somebody has the lock, or had it until it expired. Spec: ACT-1."""

    token: int
    holder: bytes
    until_ns: int


Lock = Free | Held


class Acquire(msgspec.Struct, frozen=True, gc=False):
    """Somebody wants the lock. Spec: ACT-2."""

    caller: bytes
    mono_ns: int
    lease_ns: int = LEASE_NS


class Renew(msgspec.Struct, frozen=True, gc=False):
    """The holder wants to keep the lock for longer. Spec: ACT-4."""

    caller: bytes
    token: int
    mono_ns: int
    lease_ns: int = LEASE_NS


class Release(msgspec.Struct, frozen=True, gc=False):
    """The holder needs the lock no more. Spec: ACT-4."""

    caller: bytes
    token: int
    mono_ns: int


Event = Acquire | Renew | Release


class Step(msgspec.Struct, frozen=True, gc=False):
    """The lock afterwards, and the caller's token; None is a no. Spec: ACT-1."""

    lock: Lock
    token: int | None


class Fence(msgspec.Struct, frozen=True, gc=False):
    """What stands before something protected. Spec: ACT-5."""

    highest: int
    """The greatest token that came by."""


class Admission(msgspec.Struct, frozen=True, gc=False):
    """The fence afterwards, and whether the write goes ahead. Spec: ACT-5."""

    fence: Fence
    is_admitted: bool


NEW_LOCK: Final = Free(0)
NEW_FENCE: Final = Fence(0)


def is_live(lock: Lock, mono_ns: int) -> bool:
    """Tell whether somebody has the lock now. Spec: ACT-1."""
    match lock:
        case Free():
            return False
        case Held():
            return mono_ns < lock.until_ns
        case _:
            assert_never(lock)


def is_holder(lock: Lock, caller: bytes, token: int, mono_ns: int) -> bool:
    """Tell whether somebody has the lock now, under this token. Spec: ACT-4."""
    match lock:
        case Free():
            return False
        case Held():
            return lock.holder == caller and lock.token == token and mono_ns < lock.until_ns
        case _:
            assert_never(lock)


def acquire(lock: Lock, event: Acquire) -> Step:
    """Give the lock away if nobody has it, with a token above all before. Spec: ACT-2, ACT-3."""
    if is_live(lock, event.mono_ns):
        return Step(lock, None)
    token = lock.token + 1
    return Step(Held(token, event.caller, event.mono_ns + event.lease_ns), token)


def renew(lock: Lock, event: Renew) -> Step:
    """Let the holder keep the lock for longer, never for less. Spec: ACT-4."""
    match lock:
        case Held() if is_holder(lock, event.caller, event.token, event.mono_ns):
            until_ns = max(lock.until_ns, event.mono_ns + event.lease_ns)
            return Step(Held(lock.token, lock.holder, until_ns), lock.token)
        case Free() | Held():
            return Step(lock, None)
        case _:
            assert_never(lock)


def release(lock: Lock, event: Release) -> Step:
    """Let the holder give the lock back. Spec: ACT-4."""
    if is_holder(lock, event.caller, event.token, event.mono_ns):
        return Step(Free(lock.token), event.token)
    return Step(lock, None)


def step(lock: Lock, event: Event) -> Step:
    """Advance a lock by one event. Spec: ACT-2, ACT-4."""
    match event:
        case Acquire():
            return acquire(lock, event)
        case Renew():
            return renew(lock, event)
        case Release():
            return release(lock, event)
        case _:
            assert_never(event)


def admit(fence: Fence, token: int) -> Admission:
    """Let a write pass if no newer token came by. Spec: ACT-5."""
    if token < fence.highest:
        return Admission(fence, False)
    return Admission(Fence(token), True)
