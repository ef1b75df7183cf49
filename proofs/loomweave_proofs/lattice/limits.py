"""A time limit on calls of code that is not ours."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

CALL_S: Final = 2.0
"""Longest time that one call may take."""


class Endless(BaseException):
    """A call did not end in time; no `except Exception` on the way may swallow it."""


@contextmanager
def limited(seconds: float = CALL_S) -> Iterator[None]:
    """Stop what runs inside after so long; in the main thread only, elsewhere nothing is limited.

    Raises:
        Endless: it did not end.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Endless

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call within the limit."""
    with limited():
        return function(*args, **kwargs)
