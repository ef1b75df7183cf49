"""What a search found: verdicts, counts, and the shortest story against a property.

Spec: PRF-21 to PRF-25.
"""

from enum import Enum
from typing import Final

from attrs import frozen

from loomweave_proofs.explore.model import Action, Always, EachStep, Eventually, Model, S, Sometimes

KINDS: Final[dict[type, str]] = {
    Always: "always",
    EachStep: "each step",
    Sometimes: "sometimes",
    Eventually: "eventually",
}


class Status(Enum):
    """How a search ended. Spec: PRF-25."""

    EXHAUSTED = "exhausted"
    """No state is left unseen."""
    BOUNDED = "bounded"
    """A bound was met first: nothing is said of what lies behind it."""
    REFUTED = "refuted"
    """A property fails; the search stopped there."""


class Finding(Enum):
    """What was found of one property. Spec: PRF-21 to PRF-24."""

    HOLDS = "holds"
    REACHED = "reached"
    BROKEN = "broken"
    UNREACHED = "never reached"
    VACUOUS = "never tested"


PASSING: Final = frozenset({Finding.HOLDS, Finding.REACHED})


@frozen
class Verdict:
    """One property and what was found of it. Spec: PRF-21 to PRF-24."""

    kind: str
    name: str
    rule: str
    finding: Finding
    tests: int
    """How often it was put to the test, or the depth at which it was reached."""


@frozen
class Counterexample:
    """A shortest way to break a property. Spec: PRF-27."""

    model: str
    broken: str
    """Name of the property."""
    rule: str
    start: int
    actions: tuple[Action, ...]
    fair: tuple[Action, ...]
    """For a goal that is never reached: the run without faults that misses it."""
    sentences: tuple[str, ...]

    @property
    def story(self) -> str:
        """The way there, one numbered sentence an action. Spec: PRF-27."""
        heads = [f'{self.model}: "{self.broken}" does not hold [{self.rule}]']
        numbered = [f"{number:3}. {text}" for number, text in enumerate(self.sentences[:-1])]
        return "\n".join([*heads, *numbered, f"     So it ends: {self.sentences[-1]}"])


@frozen
class Outcome:
    """The result of one search. Spec: PRF-25."""

    model: str
    words: str
    shipped: tuple[str, ...]
    status: Status
    bound: str
    """The bound that was met, or nothing."""
    states: int
    transitions: int
    depth: int
    seconds: float
    is_reduced: bool
    verdicts: tuple[Verdict, ...]
    counterexample: Counterexample | None

    @property
    def passed(self) -> bool:
        """Whether every property was tested and holds. Spec: PRF-24."""
        return all(verdict.finding in PASSING for verdict in self.verdicts)

    @property
    def faults(self) -> tuple[str, ...]:
        """One sentence for each property that does not stand."""
        return tuple(
            f"{self.model}: {verdict.kind} {verdict.name!r} {verdict.finding.value}"
            for verdict in self.verdicts
            if verdict.finding not in PASSING
        )


def narrate(model: Model[S], start: S, path: list[Action]) -> tuple[list[str], S]:
    """Walk a path and tell each step of it; give the state in which it ends. Spec: PRF-27."""
    sentences = [f"At first: {model.show(start)}"]
    state = start
    for action in path:
        after = model.apply(state, action)
        assert after is not None, f"{model.name}: {action} was possible when it was found"
        sentences.append(model.tell(state, action, after))
        state = after
    return sentences, state
