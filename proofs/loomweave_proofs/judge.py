"""Judging one theorem: prove or refute it, and distrust both.

A proof counts only if its hypothesis can hold, is needed, and if its sabotage is refuted. A
refutation counts only if calling the real functions with the counterexample shows it. An unknown
is a failure.
"""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from loomweave_proofs import solver
from loomweave_proofs.concrete import Example, NoObject, domain, holds_table, shrunk
from loomweave_proofs.lift import LiftedFunction, Lifter, Unliftable
from loomweave_proofs.operations import Obligation
from loomweave_proofs.solver import Model, Status, Term
from loomweave_proofs.sorts import Lifted, NoSort
from loomweave_proofs.source import Function, rebind
from loomweave_proofs.theorem import Expectation, Theorem

SMALL_BUDGET_MS: Final = 500
"""Longest search for a small example; whatever takes longer is asked about in general."""


@attrs.frozen
class Judgement:
    """What became of one theorem."""

    theorem: Theorem = attrs.field(eq=False)
    found: str
    """proved, refuted, or unknown."""
    fault: str
    """Why it does not count, or nothing."""
    counterexample: str
    """Arguments for which the statement is false, as Python writes them."""
    sabotages: int
    """How many sabotages were refuted."""
    time_ms: float
    calls: Sequence[Function] = attrs.field(eq=False)
    """Functions that the statement or its hypothesis speaks of."""

    @property
    def passed(self) -> bool:
        """Tell whether it is as expected and stands up to all guards."""
        return not self.fault


@attrs.frozen(eq=False)
class Question:
    """A statement over symbols, ready for the solver."""

    lifted: LiftedFunction
    axioms: Sequence[Term]
    hypothesis: Term
    goal: Term
    calls: Sequence[Function]

    def refutation(self, with_hypothesis: bool = True) -> list[Term]:
        """Build what holds together exactly where the statement fails."""
        under = [self.hypothesis] if with_hypothesis else []
        return [*self.axioms, *under, solver.neg(solver.pointwise(self.goal))]


class Fault(Exception):
    """Why a theorem does not count."""


def judge(theorem: Theorem, make_lifter: Callable[..., Lifter]) -> Judgement:
    """Judge one theorem. Spec: PRF-3.

    `make_lifter` makes a lifter; it takes `swaps` and `contracts`.
    """
    started = time.perf_counter()
    found, example, refuted, fault = "unknown", "", 0, ""
    calls: Sequence[Function] = ()
    try:
        lifter = make_lifter(contracts=tuple(theorem.through))
        question = ask_about(theorem, lifter)
        calls = question.calls
        found, example = decide(theorem, question, theorem.statement, theorem.given)
        guard(theorem, question, lifter, found)
        for shipped, broken in theorem.sabotage.items():
            refute_sabotage(theorem, make_lifter, {shipped: broken})
            refuted += 1
    except (Fault, Unliftable, NoSort, NoObject) as error:
        fault = str(error)
    spent_ms = (time.perf_counter() - started) * 1000
    return Judgement(theorem, found, fault, example, refuted, spent_ms, calls)


def ask_about(theorem: Theorem, lifter: Lifter) -> Question:
    """Lift a theorem's statement, its hypothesis, and the contracts it goes through."""
    lifted = lifter.lift(theorem.statement, is_statement=True)
    axioms = [axiom_of(law, lifter) for laws in theorem.through.values() for law in laws]
    for symbol in lifted.parameters.values():
        axioms += domain(symbol.term, symbol.shape)
    hypothesis, calls = solver.TRUE, [*lifted.calls]
    if theorem.given is not None:
        given = lifter.lift(theorem.given, is_statement=True)
        terms = []
        for name, wanted in given.parameters.items():
            parameter = lifted.parameters.get(name)
            if parameter is None or parameter.shape is not wanted.shape:
                raise Fault(f"the hypothesis asks for {name}, which the statement does not have")
            terms.append(parameter.term)
        hypothesis = given.apply(*terms)
        calls += given.calls
    return Question(lifted, axioms, hypothesis, lifted.result.term, calls)


def axiom_of(law: Function, lifter: Lifter) -> Term:
    """State a law for all arguments."""
    lifted = lifter.lift(law, is_statement=True)
    symbols = [parameter.term for parameter in lifted.parameters.values()]
    return solver.for_all(symbols, lifted.result.term)


def decide(
    theorem: Theorem, question: Question, statement: Function, given: Function | None
) -> tuple[str, str]:
    """Ask for a counterexample; replay one that is found."""
    status, arguments, reason = Status.SATISFIABLE, None, ""
    if theorem.expect is Expectation.REFUTED:
        arguments = small_example(question)
    if arguments is None:
        status, model, reason = solver.ask(question.refutation())
    if status is Status.UNKNOWN:
        raise Fault(f"the solver gave up: {reason}")
    if status is Status.IMPOSSIBLE:
        return "proved", ""
    if arguments is None:
        arguments = small_example(question) or read_example(model, question)
    shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    if not replays(statement, given, arguments):
        if theorem.expect is Expectation.REFUTED or theorem.through:
            raise Fault(f"Python does not confirm the counterexample {shown}")
        shown += "  (Python does not confirm it)"
    return "refuted", shown


def small_example(question: Question) -> Mapping[str, object] | None:
    """Find a counterexample whose sets and maps have few members, where there are any at all."""
    few, model = small_model(question, question.refutation())
    return None if model is None else read_symbols(model, question, few)


def small_model(question: Question, asked: Sequence[Term]) -> tuple[Sequence[Lifted], Model | None]:
    """Find a model among small sets and maps; return the symbols that it is of.

    To look there first is quicker than to ask about all sets, where a solver may give up.
    """
    symbols = list(question.lifted.parameters.values())
    if not any(holds_table(symbol.shape) for symbol in symbols):
        return symbols, None
    few, put = shrunk(symbols, asked)
    return few, solver.ask(put, SMALL_BUDGET_MS)[1]


def ask_small_first(question: Question, asked: Sequence[Term]) -> tuple[Status, Model | None, str]:
    """Ask about small sets and maps, and only if nothing is found there about all."""
    _, model = small_model(question, asked)
    return solver.ask(asked) if model is None else (Status.SATISFIABLE, model, "")


def read_example(model: Model, question: Question) -> Mapping[str, object]:
    """Turn a model into Python arguments."""
    return read_symbols(model, question, list(question.lifted.parameters.values()))


def read_symbols(
    model: Model, question: Question, symbols: Sequence[Lifted]
) -> Mapping[str, object]:
    """Turn what a model says of some symbols into Python arguments."""
    example = Example(model, symbols, question.refutation())
    found = [example.read(symbol.term, symbol.shape) for symbol in symbols]
    return dict(zip(question.lifted.parameters, found, strict=True))


def replays(statement: Function, given: Function | None, arguments: Mapping[str, object]) -> bool:
    """Tell whether calling the real functions shows that the statement is false. Spec: PRF-4."""
    if given is not None:
        names = inspect.signature(given).parameters
        if not given(**{name: arguments[name] for name in names}):
            return False
    return statement(**arguments) is False


def guard(theorem: Theorem, question: Question, lifter: Lifter, found: str) -> None:
    """Refuse a verdict that is empty, idle, or not the one expected. Spec: PRF-3, PRF-6."""
    if theorem.given is not None:
        status, _, reason = ask_small_first(question, [*question.axioms, question.hypothesis])
        if status is Status.IMPOSSIBLE:
            raise Fault("vacuous: nothing satisfies its hypothesis")
        if status is Status.UNKNOWN:
            raise Fault(f"the solver gave up on the hypothesis: {reason}")
    if found != theorem.expect.value:
        raise Fault(f"expected to be {theorem.expect.value}, found {found}")
    if theorem.given is not None and found == "proved":
        status, _, _ = ask_small_first(question, question.refutation(with_hypothesis=False))
        free = attrs.evolve(question, hypothesis=solver.TRUE)
        if status is Status.IMPOSSIBLE and not still_open(free):
            raise Fault("idle: it holds without its hypothesis")
    left = still_open(question)
    if left:
        raise Fault(f"the statement itself may raise: {left[0].kind} (line {left[0].line})")


def still_open(question: Question) -> list[Obligation]:
    """List what keeps the statement itself from being total under its hypothesis."""
    found = []
    for item in question.lifted.obligations:
        terms = [*question.axioms, question.hypothesis, item.path, solver.neg(item.condition)]
        if solver.ask(terms)[0] is not Status.IMPOSSIBLE:
            found.append(item)
    return found


def refute_sabotage(
    theorem: Theorem,
    make_lifter: Callable[..., Lifter],
    swaps: Mapping[Function, Function],
) -> None:
    """Show that the statement is false of broken functions, by a replayed counterexample."""
    names = ", ".join(broken.__name__ for broken in swaps.values())
    question = ask_about(attrs.evolve(theorem, through={}), make_lifter(swaps=swaps))
    arguments = small_example(question)
    if arguments is None:
        status, model, reason = solver.ask(question.refutation())
        if status is Status.IMPOSSIBLE:
            raise Fault(f"its sabotage {names} is not noticed")
        if status is Status.UNKNOWN:
            raise Fault(f"the solver gave up on its sabotage {names}: {reason}")
        arguments = read_example(model, question)
    statement = rebind(theorem.statement, swaps)
    given = None if theorem.given is None else rebind(theorem.given, swaps)
    if not replays(statement, given, arguments):
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise Fault(f"Python does not confirm that {names} fails at {shown}")
