"""The system under test, as the functions that a replica runs. Spec: SCN-26.

A run takes the shipped functions; a broken variant takes others in their place, at some replicas
or at all, and the checkers must notice.
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from loomweave.core.events import Effect, Event, Notify, Record
from loomweave.core.machine import step
from loomweave.core.replica.recovery import recover
from loomweave.core.replica.state import Config, State

Stepper = Callable[[State, Event], tuple[State, tuple[Effect, ...]]]
Recoverer = Callable[[Config, Iterable[Record]], tuple[State, tuple[Notify, ...]]]


@frozen
class System:
    """What one replica runs. Spec: SCN-26."""

    step: Stepper = step
    recover: Recoverer = recover
    waits_for_disk: bool = True
    """Whether its driver holds effects back until the journal is durable. Spec: MCH-4."""


SHIPPED = System()
"""The system as it ships."""


def shipped(replica: int) -> System:
    """Return the shipped system for any replica. Spec: SCN-26."""
    return SHIPPED
