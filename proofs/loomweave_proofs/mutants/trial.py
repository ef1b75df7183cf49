"""One mutant before the theorems: killed, equivalent, stillborn or alive.

A mutant is killed where the suite of proofs would fail with it in place of the shipped function: a
theorem turns out otherwise than it should, or the mutant may raise. Where every theorem stands, the
solver is asked whether the mutant differs at all; if so, it says where.
"""

import enum
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from loomweave_proofs import solver
from loomweave_proofs.concrete import Example, NoObject
from loomweave_proofs.hotloops import CUTS
from loomweave_proofs.judge import Fault, Question, ask_about, read_example, replays, still_open
from loomweave_proofs.lift import LiftedFunction, Lifter, Unliftable, open_obligations
from loomweave_proofs.mutants.mutant import Mutant, forget, swaps_of
from loomweave_proofs.operations import same
from loomweave_proofs.runner import Workshop
from loomweave_proofs.solver import Status
from loomweave_proofs.sorts import NoSort
from loomweave_proofs.source import Function, rebind
from loomweave_proofs.theorem import Expectation, Ledger, Theorem

BUDGET_S: Final = 20.0
"""Longest time one mutant is judged; what takes longer counts as alive."""

Swaps = Mapping[Function, Function]


class Outcome(enum.Enum):
    """What becomes of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    """The solver proves that it never differs."""
    ALIVE = "alive"
    UNREAD = "unread"
    """It changes a part of a loop that no theorem reads: only tests can notice it."""
    STILLBORN = "stillborn"
    """Not typed, or not of the subset: nothing to judge."""


@attrs.frozen
class Trial:
    """What became of one mutant, as plain data that a process can hand to another."""

    function: str
    line: int
    before: str
    after: str
    kind: str
    outcome: Outcome
    by: str = ""
    """The theorem that noticed it, or what else settled it."""
    detail: str = ""
    is_confirmed: bool = False
    """Calling the mutant showed what the solver said."""
    time_ms: float = 0.0

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Return what names the mutant, in any run."""
        return self.function, self.line, self.before, self.after

    @property
    def words(self) -> str:
        """Write the change on one line."""
        before, after = (" / ".join(text.split("\n")) for text in (self.before, self.after))
        return f"{before}  ->  {after}"


@attrs.frozen
class Finding:
    """How a theorem, or the totality of a function, noticed a mutant."""

    by: str
    detail: str
    is_confirmed: bool
    is_unknown: bool = False
    """The solver gave up, which fails a run of the proofs; it depends on the time at hand."""


class Bench:
    """Holds a ledger ready to judge mutants of the functions that it speaks of."""

    def __init__(self, ledger: Ledger, workshop: Workshop) -> None:
        self.workshop = workshop
        self.theorems = list(ledger)
        self._calls = {item.id: self._called(item) for item in self.theorems}

    def _called(self, theorem: Theorem) -> frozenset[Function]:
        """List what a theorem speaks of, its hypothesis and broken twins left out."""
        question = ask_about(theorem, self.workshop.make_lifter(contracts=tuple(theorem.through)))
        return frozenset(question.calls)

    def subjects(self) -> list[Function]:
        """List the shipped functions that proved theorems are about, in order of their names."""
        about = {
            origin(function)
            for theorem in self.theorems
            if theorem.expect is Expectation.PROVED
            for function in theorem.about
        }
        return sorted(about, key=lambda item: (item.__module__, item.__qualname__))

    def fragments_of(self, function: Function) -> list[Function]:
        """List what theorems cut out of a function."""
        about = {item for theorem in self.theorems for item in theorem.about}
        found = [item for item in about if item in CUTS and CUTS[item].function is function]
        return sorted(found, key=lambda item: item.__qualname__)

    def judges_of(self, functions: Sequence[Function]) -> list[Theorem]:
        """List the theorems that speak of functions; those about them come first."""
        about = [item for item in self.theorems if any(f in item.about for f in functions)]
        others = [
            item
            for item in self.theorems
            if item not in about and any(f in self._calls[item.id] for f in functions)
        ]
        return [*about, *others]

    def judge(self, mutant: Mutant) -> Trial:
        """Judge a mutant by proofs alone. Spec: PRF-7, PRF-8."""
        started = time.perf_counter()
        swaps: Swaps = {}
        outcome, found = Outcome.STILLBORN, Finding("", "", False)
        try:
            swaps = swaps_of(mutant, self.fragments_of(mutant.function))
            if swaps:
                outcome, found = self._settle(swaps, started + BUDGET_S)
            else:
                outcome = Outcome.UNREAD
        except (Unliftable, NoSort, solver.Mismatch, SyntaxError) as error:
            found = Finding("refused by the lifter", str(error), False)
        finally:
            forget(list(swaps.values()))
        name, line, before, after = mutant.key
        spent_ms = (time.perf_counter() - started) * 1000
        return Trial(
            name, line, before, after, mutant.kind, outcome, found.by, found.detail,
            found.is_confirmed, spent_ms,
        )  # fmt: skip

    def _settle(self, swaps: Swaps, until_s: float) -> tuple[Outcome, Finding]:
        fresh = Lifter(self.workshop.theory, sorts=self.workshop.base.sorts)
        lifted = {shipped: fresh.lift(made) for shipped, made in swaps.items()}
        lifter = self.workshop.make_lifter(swaps=swaps)
        unknown: Finding | None = None
        for theorem in self.judges_of(list(swaps)):
            if time.perf_counter() > until_s:
                late = Finding("", "could not be judged in time", False)
                return (Outcome.ALIVE, late) if unknown is None else (Outcome.KILLED, unknown)
            if any(function in theorem.through for function in swaps):
                continue
            if theorem.through:
                lifter_here = self.workshop.make_lifter(swaps=swaps, contracts=[*theorem.through])
            else:
                lifter_here = lifter
            found = notice(theorem, swaps, lifter_here)
            if found is not None and not found.is_unknown:
                return Outcome.KILLED, found
            if found is not None and unknown is None:
                unknown = found
                raising = may_raise(lifted.values())
                if raising is not None:
                    return Outcome.KILLED, raising
        raising = may_raise(lifted.values())
        if raising is not None:
            return Outcome.KILLED, raising
        outcome, last = self._compare(lifted)
        if outcome is Outcome.ALIVE and unknown is not None:
            return Outcome.KILLED, unknown
        return outcome, last

    def _compare(self, lifted: Mapping[Function, LiftedFunction]) -> tuple[Outcome, Finding]:
        """Ask whether the mutants differ from what they stand for."""
        for shipped, mutant in lifted.items():
            status, where = difference(self.workshop.base.lift(shipped), mutant)
            if status is not Status.IMPOSSIBLE:
                return Outcome.ALIVE, Finding("", where, False)
        return Outcome.EQUIVALENT, Finding("equal for all arguments", "", False)


def may_raise(functions: Iterable[LiftedFunction]) -> Finding | None:
    """Tell where functions may raise; None where they cannot."""
    for item in functions:
        left = open_obligations(item)
        if left:
            detail = f"line {left[0][0].line}: {left[0][0].kind}"
            return Finding("it never raises", detail, False)
    return None


def origin(function: Function) -> Function:
    """Return the shipped function that a fragment was cut out of; others are their own."""
    return CUTS[function].function if function in CUTS else function


def notice(theorem: Theorem, swaps: Swaps, lifter: Lifter) -> Finding | None:
    """Tell how a theorem fails with other functions in place of shipped ones; None if it stands."""
    try:
        question = ask_about(theorem, lifter)
    except Fault as fault:
        return Finding(theorem.id, str(fault), False)
    status, model, reason = solver.ask(question.refutation())
    if status is Status.UNKNOWN:
        return Finding(theorem.id, f"the solver gave up: {reason}", False, True)
    if theorem.expect is Expectation.REFUTED:
        if status is Status.IMPOSSIBLE:
            return Finding(theorem.id, "what must not hold is proved", False)
        return None
    if status is Status.SATISFIABLE:
        return refuted(theorem, swaps, question, model)
    if theorem.given is not None and solver.ask([*question.axioms, question.hypothesis])[0] is (
        Status.IMPOSSIBLE
    ):
        return Finding(theorem.id, "nothing satisfies its hypothesis", False)
    left = still_open(question)
    return Finding(theorem.id, f"it may raise: {left[0].kind}", False) if left else None


def refuted(theorem: Theorem, swaps: Swaps, question: Question, model: solver.Model) -> Finding:
    """Describe a counterexample, and confirm it by calling the mutant."""
    try:
        arguments = read_example(model, question)
    except NoObject as error:
        return Finding(theorem.id, str(error), False)
    shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    statement = rebind(theorem.statement, swaps)
    given = None if theorem.given is None else rebind(theorem.given, swaps)
    try:
        return Finding(theorem.id, shown, replays(statement, given, arguments))
    except Exception as error:  # a mutant may raise anything, and that confirms it too
        return Finding(theorem.id, f"{type(error).__name__} at {shown}", True)


def difference(shipped: LiftedFunction, mutant: LiftedFunction) -> tuple[Status, str]:
    """Ask for arguments at which two functions differ, both being asked what they may be asked."""
    symbols = list(shipped.parameters.values())
    other = mutant.apply(*[symbol.term for symbol in symbols])
    goal = solver.pointwise(same(shipped.result.term, other, shipped.result.shape))
    asked = [shipped.assumed, solver.neg(goal)]
    status, model, reason = solver.ask(asked)
    if status is Status.UNKNOWN:
        return status, f"it is not known whether it differs: {reason}"
    if status is Status.IMPOSSIBLE:
        return status, ""
    try:
        example = Example(model, symbols, asked)
        shown = ", ".join(
            f"{name}={example.read(symbol.term, symbol.shape)!r}"
            for name, symbol in shipped.parameters.items()
        )
    except NoObject as error:
        shown = str(error)
    return status, f"differs at {shown}"
