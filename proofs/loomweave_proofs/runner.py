"""Running a ledger: every theorem, every obligation, every kernel accounted for."""

import time
from collections.abc import Callable, Mapping, Sequence

import attrs

from loomweave_proofs import kernels
from loomweave_proofs.judge import Judgement, judge
from loomweave_proofs.lift import LiftedFunction, Lifter, Theory, open_obligations
from loomweave_proofs.source import Function, full_name
from loomweave_proofs.theorem import Expectation, Ledger, Theorem


@attrs.frozen
class Totality:
    """That one shipped function never raises."""

    name: str
    file: str
    digest: str
    """Hash of the source that was read."""
    obligations: int
    open: Sequence[str]
    """What could not be discharged: line and reason."""


@attrs.frozen
class Run:
    """What one run of the prover found."""

    judgements: Sequence[Judgement]
    totalities: Sequence[Totality]
    uncovered: Sequence[str]
    """Kernel functions that no theorem speaks of."""
    stale: Sequence[str]
    """Excuses for functions that are no more."""
    time_ms: float
    is_whole: bool
    """False where only some theorems were asked for."""

    @property
    def passed(self) -> bool:
        """Tell whether everything stands."""
        return not (
            any(not judgement.passed for judgement in self.judgements)
            or any(totality.open for totality in self.totalities)
            or self.uncovered
            or self.stale
        )


class Workshop:
    """Makes lifters; those without swaps or contracts share one reading of the sources."""

    def __init__(self, theory: Theory) -> None:
        self.theory = theory
        self.base = Lifter(theory)

    def make_lifter(
        self,
        *,
        swaps: Mapping[Function, Function] | None = None,
        contracts: Sequence[Function] = (),
    ) -> Lifter:
        """Return a lifter over the shared sorts."""
        if not swaps and not contracts:
            return self.base
        return Lifter(self.theory, swaps=swaps, contracts=contracts, base=self.base)


def run(
    ledger: Ledger,
    theory: Theory = kernels.THEORY,
    pattern: str | None = None,
    progress: Callable[[int, int, Judgement], None] = lambda at, count, judgement: None,
) -> Run:
    """Judge the theorems that fit the pattern, and the functions they speak of. Spec: PRF-5."""
    started = time.perf_counter()
    workshop = Workshop(theory)
    chosen = ledger.select(pattern)
    judgements: list[Judgement] = []
    for at, theorem in enumerate(chosen, 1):
        judgements.append(judge(theorem, workshop.make_lifter))
        progress(at, len(chosen), judgements[-1])
    proved = functions_about(chosen, workshop.base)
    is_whole = pattern is None
    covers = is_whole and theory is kernels.THEORY
    return Run(
        judgements,
        [totality(lifted) for lifted in proved],
        [*uncited(judgements), *missing_laws(ledger)]
        + (kernels.uncovered([lifted.source.function for lifted in proved]) if covers else []),
        kernels.stale_excuses() if covers else [],
        (time.perf_counter() - started) * 1000,
        is_whole,
    )


def functions_about(theorems: Sequence[Theorem], base: Lifter) -> list[LiftedFunction]:
    """List the shipped functions that proved theorems speak of, in order of their names."""
    named = {
        function
        for theorem in theorems
        if theorem.expect is Expectation.PROVED
        for function in theorem.about
    }
    lifted = base.all_lifted()
    found = [lifted[function] for function in named if function in lifted]
    return sorted(found, key=lambda item: item.source.name)


def uncited(judgements: Sequence[Judgement]) -> list[str]:
    """List theorems whose statement does not use what it is said to be about."""
    found: list[str] = []
    for judgement in judgements:
        for function in judgement.theorem.about:
            if judgement.calls and function not in judgement.calls:
                found.append(f"{judgement.theorem.id} does not call {full_name(function)}")
    return found


def missing_laws(ledger: Ledger) -> list[str]:
    """List laws that stand for a function in some theorem without being proved themselves.

    Laws that are proved of a function cannot contradict each other: the function satisfies them.
    """
    found: list[str] = []
    for theorem in ledger:
        for laws in theorem.through.values():
            for law in laws:
                proof = ledger.of(law)
                if proof is None or proof.expect is not Expectation.PROVED or proof.given:
                    found.append(f"{theorem.id} goes through {full_name(law)}, no plain theorem")
    return found


def totality(lifted: LiftedFunction) -> Totality:
    """Discharge what a function's reading left to prove."""
    left = [f"line {item.line}: {item.kind} ({why})" for item, why in open_obligations(lifted)]
    source = lifted.source
    return Totality(source.name, source.file, source.digest, len(lifted.obligations), left)
