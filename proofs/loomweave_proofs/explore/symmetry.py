"""Whether counting states that differ in names as one loses nothing. Spec: PRF-26."""

from collections.abc import Hashable
from typing import Final

from attrs import frozen

from loomweave_proofs.explore.model import Always, Bounds, Model, Property, S, Sometimes
from loomweave_proofs.explore.outcome import Outcome, Status
from loomweave_proofs.explore.search import Search

COMPARED: Final = (Always, Sometimes)


@frozen
class Comparison:
    """A search with and without reduction, side by side. Spec: PRF-26."""

    full: Outcome
    reduced: Outcome
    fault: str
    """What differs, or nothing."""

    @property
    def factor(self) -> float:
        """How many states the reduction saves."""
        return self.full.states / self.reduced.states


class _Keeping(Search[S]):
    """A search that also keeps the representatives of all states it met."""

    def __init__(self, model: Model[S], bounds: Bounds) -> None:
        super().__init__(model, bounds)
        self.representatives: dict[Hashable, tuple[bool, ...]] = {}
        self.fault = ""

    def _judge(self, index: int, state: S) -> None:
        super()._judge(index, state)
        symmetry = self.model.symmetry
        assert symmetry is not None
        answers = tuple(_answer(item, state) for item in self.all if isinstance(item, COMPARED))
        key = symmetry.representative(state)
        if self.representatives.setdefault(key, answers) != answers:
            self.fault = f"a property tells apart what counts as one: {self.model.show(state)}"


def _answer(item: Property[S], state: S) -> bool:
    if isinstance(item, Always):
        return item.holds(state)
    return isinstance(item, Sometimes) and item.reached(state)


def compare(model: Model[S], bounds: Bounds) -> Comparison:
    """Search a small configuration with and without reduction. Spec: PRF-26.

    Sound means: both searches come to an end, they find the same of every property, every
    representative is met by both, and no property tells apart what counts as one.
    """
    full = _Keeping(model, bounds)
    unreduced = full.run()
    search = Search(model, bounds, is_reduced=True)
    reduced = search.run()
    fault = ""
    if Status.BOUNDED in (unreduced.status, reduced.status):
        fault = "a bound was met; compare a smaller configuration"
    elif full.fault:
        fault = full.fault
    elif _findings(unreduced) != _findings(reduced):
        fault = "the verdicts differ"
    elif unreduced.counterexample is None and set(search.seen) != set(full.representatives):
        fault = "the sets of representatives differ"
    return Comparison(unreduced, reduced, fault)


def _findings(outcome: Outcome) -> list[tuple[str, str]]:
    return [(verdict.name, verdict.finding.value) for verdict in outcome.verdicts]
