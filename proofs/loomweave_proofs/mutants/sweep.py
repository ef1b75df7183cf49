"""Judging many mutants, in this process or in several, and what the score comes to."""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import attrs

from loomweave_proofs import kernels, theorems
from loomweave_proofs.mutants import review
from loomweave_proofs.mutants.mutant import Mutant, mutants_of
from loomweave_proofs.mutants.review import Equivalent, Key
from loomweave_proofs.mutants.trial import Bench, Outcome, Trial
from loomweave_proofs.runner import Workshop
from loomweave_proofs.source import Function, full_name, read_source
from loomweave_proofs.theorem import LEDGER

BY_PROOFS_MIN: Final = 0.95
BY_ALL_MIN: Final = 0.98
FLAWLESS: Final = (
    "loomweave.core.graph.ham.",
    "loomweave.core.graph.merge.",
    "loomweave.core.lattices.",
    "loomweave.core.version.merge3.",
)
"""Joins, HAM and merges: every mutant of them must die by proofs."""
CHUNK: Final = 8
"""Mutants that a process is handed at a time."""

Progress = Callable[[int, int], None]


@attrs.frozen
class Subject:
    """One function of which mutants were made."""

    name: str
    file: str
    digest: str
    mutants: int


@attrs.frozen
class Sweep:
    """What became of all mutants that were asked for."""

    subjects: Sequence[Subject]
    trials: Sequence[Trial]
    existing: Sequence[Key]
    """All mutants of those functions, judged or not."""
    reviewed: Mapping[Key, Equivalent]
    tested: Mapping[Key, str] = attrs.field(factory=dict)
    """What the laws and tests said of those that no proof killed; nothing if they let it live."""

    def of(self, outcome: Outcome, prefix: str | tuple[str, ...] = "") -> list[Trial]:
        """List the trials with an outcome, of functions whose names begin so."""
        return [
            item
            for item in self.trials
            if item.outcome is outcome and item.function.startswith(prefix)
        ]

    def by_proofs(self, prefix: str | tuple[str, ...] = "") -> tuple[int, int]:
        """Count those killed by proofs, and all that could be."""
        killed = len(self.of(Outcome.KILLED, prefix))
        return killed, killed + len(self.of(Outcome.ALIVE, prefix))

    @property
    def unproved(self) -> list[Trial]:
        """List those that no proof killed: alive, or changed where no theorem reads."""
        return [*self.of(Outcome.ALIVE), *self.of(Outcome.UNREAD)]

    def by_all(self) -> tuple[int, int]:
        """Count those killed by proofs or tests, and all that could be."""
        killed, whole = self.by_proofs()
        tested = sum(bool(self.tested.get(item.key)) for item in self.unproved)
        return killed + tested, whole + len(self.of(Outcome.UNREAD))

    def faults(self) -> list[str]:
        """List everything that is not as it must be. Spec: PRF-7, PRF-8."""
        refuted = {
            item.key: f"{item.by or 'the solver'} tells it apart: {item.detail}"
            for item in self.trials
            if item.outcome in (Outcome.KILLED, Outcome.ALIVE)
        }
        equal = [item.key for item in self.of(Outcome.EQUIVALENT)]
        found = review.faults_of(self.reviewed, self.existing, equal, refuted)
        found += [f"{item.function}+{item.line}: no theorem notices {item.words} ({item.detail})"
                  for item in self.of(Outcome.ALIVE, FLAWLESS)]  # fmt: skip
        for what, least, (killed, whole) in (
            ("proofs alone", BY_PROOFS_MIN, self.by_proofs()),
            ("all checks", BY_ALL_MIN if self.tested else 0.0, self.by_all()),
        ):
            if killed < least * whole:
                found.append(f"{what} kill {killed} of {whole}, less than {least:.0%}")
        return found


def sweep(
    only: str = "",
    sample: int | None = None,
    seed: int = 0,
    processes: int = 1,
    progress: Progress = lambda done, count: None,
    names: Sequence[str] | None = None,
) -> Sweep:
    """Judge the mutants of the functions whose names hold `only`, or a sample of them.

    `names` chooses functions by their full names instead.
    """
    bench = new_bench()
    wanted = [
        item
        for item in bench.subjects()
        if (full_name(item) in names if names is not None else only in full_name(item))
    ]
    made = {function: mutants_of(function) for function in wanted}
    chosen = [(function, at) for function in wanted for at in range(len(made[function]))]
    if sample is not None and sample < len(chosen):
        chosen = sorted(
            random.Random(seed).sample(chosen, sample),
            key=lambda item: (full_name(item[0]), item[1]),
        )
    if processes > 1 and len(chosen) > CHUNK:
        trials = _in_processes(chosen, processes, progress)
    else:
        trials = []
        for function, at in chosen:
            trials.append(bench.judge(made[function][at]))
            progress(len(trials), len(chosen))
    existing = [mutant.key for mutants in made.values() for mutant in mutants]
    subjects = [subject_of(function, len(mutants)) for function, mutants in made.items()]
    return Sweep(subjects, trials, existing, review.load())


def new_bench() -> Bench:
    """Load the theorems about the shipped functions."""
    theorems.load()
    return Bench(LEDGER, Workshop(kernels.THEORY))


def subject_of(function: Function, mutants: int) -> Subject:
    """Describe a function as it was imported."""
    source = read_source(function)
    return Subject(source.name, source.file, source.digest, mutants)


def find(key: Key) -> Mutant:
    """Find the mutant of a key among those of its function.

    Raises:
        LookupError: there is none.
    """
    for function in new_bench().subjects():
        if full_name(function) == key[0]:
            for mutant in mutants_of(function):
                if mutant.key == key:
                    return mutant
    raise LookupError(f"there is no mutant {key[0]}+{key[1]}: {key[2]}  ->  {key[3]}")


# -- several processes

_bench: list[Bench] = []
_made: dict[str, list[Mutant]] = {}


def _start() -> None:
    _bench.append(new_bench())


def _judge(chunk: Sequence[tuple[str, int]]) -> list[Trial]:
    bench = _bench[0]
    if not _made:
        _made.update({full_name(item): mutants_of(item) for item in bench.subjects()})
    return [bench.judge(_made[name][at]) for name, at in chunk]


def _in_processes(
    chosen: Sequence[tuple[Function, int]], processes: int, progress: Progress
) -> list[Trial]:
    """Hand out chunks; what comes back is in the order of the mutants."""
    tasks = [(full_name(function), at) for function, at in chosen]
    chunks = [tasks[at : at + CHUNK] for at in range(0, len(tasks), CHUNK)]
    trials: list[Trial] = []
    with ProcessPoolExecutor(processes, get_context("spawn"), _start) as pool:
        for found in pool.map(_judge, chunks):
            trials += found
            progress(len(trials), len(tasks))
    return trials
