"""What a model is: states, actions, and what must hold of them. Spec: PRF-20 to PRF-24.

A state is a small hashable value and an action a tuple of words and numbers, so that a path can be
written down and walked again.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from attrs import frozen

from loomweave_proofs.explore.sabotage import Constant

S = TypeVar("S")

Action = tuple[str | int, ...]
"""What may happen next: a verb and its arguments."""


@frozen
class Always(Generic[S]):
    """An invariant of states. Spec: PRF-21."""

    name: str
    rule: str
    holds: Callable[[S], bool]
    given: Callable[[S], bool] | None = None
    """Where it says anything; a run in which this was never so fails. Spec: PRF-24."""


@frozen
class EachStep(Generic[S]):
    """An invariant of steps: of the state before, the action and the state after. Spec: PRF-21."""

    name: str
    rule: str
    holds: Callable[[S, Action, S], bool]
    given: Callable[[S, Action, S], bool] | None = None


@frozen
class Sometimes(Generic[S]):
    """A state that must be reached, or the model shows nothing. Spec: PRF-22."""

    name: str
    rule: str
    reached: Callable[[S], bool]


@frozen
class Eventually(Generic[S]):
    """A goal that a fair run without further faults must reach. Spec: PRF-23."""

    name: str
    rule: str
    given: Callable[[S], bool]
    """The states from which the run starts."""
    goal: Callable[[S], bool]
    within: int
    """Most steps of the run."""


Property = Always[S] | EachStep[S] | Sometimes[S] | Eventually[S]


@frozen
class Symmetry(Generic[S]):
    """States that differ in names only, counted as one. Spec: PRF-26."""

    representative: Callable[[S], Hashable]
    """Gives equal answers for states that differ in names only."""
    is_sound: Callable[[S], bool]
    """Whether names play no part in any order of this state: no two stamps are equal, say."""


@frozen
class Bounds:
    """Where a search stops at the latest. Spec: PRF-25."""

    states: int = 1_000_000
    depth: int = 1_000
    seconds: float | None = None


class Model(Generic[S]):
    """A world to be searched. Spec: PRF-20.

    `apply` must be a function of its arguments alone. What it remembers of earlier calls may
    save work and change nothing.
    """

    name: str
    words: str
    """One sentence: what is searched for what."""
    shipped: tuple[str, ...]
    """Full names of the shipped functions that do the work. Spec: PRF-20."""
    symmetry: Symmetry[S] | None = None
    settings: tuple[Constant, ...] = ()
    """Limits of the core made small, so that a small world meets them."""

    def starts(self) -> Iterable[S]:
        """Give the states in which the world may begin."""
        raise NotImplementedError

    def actions(self, state: S) -> Iterable[Action]:
        """List what may happen in a state."""
        raise NotImplementedError

    def apply(self, state: S, action: Action) -> S | None:
        """Give the state after an action, or None where it cannot happen."""
        raise NotImplementedError

    def freeze(self, state: S) -> Hashable:
        """Give the key that equal states share; a state that is small is its own."""
        return state

    def fair(self, state: S) -> Action | None:
        """Choose the next action of a run without faults in which everybody gets a turn."""
        return None

    def tell(self, before: S, action: Action, after: S) -> str:
        """Say in one sentence what happened."""
        return " ".join(str(part) for part in action)

    def show(self, state: S) -> str:
        """Say in one sentence how things stand."""
        return str(state)

    def properties(self) -> tuple[Property[S], ...]:
        """List what must hold."""
        raise NotImplementedError
