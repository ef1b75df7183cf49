"""The models there are, at what bounds the suite runs them, and what sabotages each must catch.

Spec: PRF-20, PRF-25, PRF-28.
"""

from typing import Any

from attrs import field, frozen

from loomweave_proofs.explore.crasher import broken_by
from loomweave_proofs.explore.model import Action, Bounds, Model
from loomweave_proofs.explore.outcome import Outcome, Status
from loomweave_proofs.explore.sabotage import Sabotage, applied
from loomweave_proofs.explore.search import Report, explore


@frozen
class Entry:
    """A model that can be asked for by name. Spec: PRF-20."""

    make: type[Model[Any]]
    """Makes the model anew: what it remembers must not outlive a sabotage."""
    suite: Bounds
    """Bounds in the suite; a command may set others."""
    sabotages: tuple[Sabotage, ...]
    options: dict[str, object] = field(factory=dict)
    is_reduced: bool = False

    @property
    def name(self) -> str:
        """The model's name."""
        return self.make.name

    def build(self, **options: object) -> Model[Any]:
        """Make the model, with some of its options changed."""
        return self.make(**{**self.options, **options})

    def run(self, bounds: Bounds | None = None, report: Report | None = None) -> Outcome:
        """Search the model as it ships. Spec: PRF-25."""
        with applied(self.make.settings):
            return explore(self.build(), bounds or self.suite, self.is_reduced, report)

    def replay(self, name: str, actions: list[Action], start: int = 0) -> str | None:
        """Walk a path against the shipped functions; say how it breaks a property. Spec: PRF-27."""
        with applied(self.make.settings):
            return broken_by(self.build(), name, actions, start)

    def run_sabotaged(self, sabotage: Sabotage, bounds: Bounds | None = None) -> Outcome:
        """Search the model with a fault put in. Spec: PRF-28."""
        with applied((*self.make.settings, *sabotage.changes)):
            return explore(self.build(**sabotage.options), bounds or self.suite, self.is_reduced)


def is_caught(sabotage: Sabotage, outcome: Outcome) -> bool:
    """Tell whether a search found what a sabotage broke. Spec: PRF-28."""
    found = outcome.counterexample
    return (
        outcome.status is Status.REFUTED and found is not None and (found.broken == sabotage.breaks)
    )
