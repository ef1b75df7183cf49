"""Checking a user's lattice: prove what can be read, try out the rest, let replicas meet."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from loomweave_proofs.lattice import limits, partition, sampling
from loomweave_proofs.lattice.laws import Law, function_of, laws_of
from loomweave_proofs.lattice.limits import Endless
from loomweave_proofs.lattice.order import natural
from loomweave_proofs.lattice.proving import Prover
from loomweave_proofs.lattice.sampling import breaks, try_out
from loomweave_proofs.lattice.snippet import Writer, fails
from loomweave_proofs.lattice.states import (
    Strategy,
    distinct,
    draw,
    few,
    literal,
    spread,
    strategy_of,
)
from loomweave_proofs.lattice.subject import BadLattice, Subject, read_subject
from loomweave_proofs.lattice.verdict import Report, Status, Verdict
from loomweave_proofs.lattice.worlds import SEEDS_MAX, Exploration, States, Story, explore
from loomweave_proofs.sorts import type_name

SEEDS: Final = (1, 2, 3)
"""Seeds of the partition scenario."""
WRITES: Final = 40
CONFIRMED_EXAMPLES: Final = 60
"""On so many arguments Python is asked about a law that is proved: the reader may err too."""
Progress = Callable[[str], None]


def check(
    lattice: object,
    path: Path | None = None,
    progress: Progress = lambda doing: None,
    examples: int = sampling.EXAMPLES,
) -> Report:
    """Check a lattice: a class with a `join`, or a function that joins. Spec: PRF-10, PRF-11.

    Raises:
        BadLattice: it cannot be checked; the message says what to do.
    """
    started = time.perf_counter()
    subject = read_subject(lattice)
    checker = Checker(subject, path, progress, examples)
    try:
        verdicts = checker.run()
    except Endless as error:
        why = str(error) or f"it did not end within {limits.CALL_S:g} s; see that every loop ends"
        raise BadLattice(f"{subject.name}: {why}") from None
    spent_ms = (time.perf_counter() - started) * 1000
    name = subject.state.__name__ if isinstance(subject.state, type) else type_name(subject.state)
    state = str(subject.state) if "[" in str(subject.state) else name
    return Report(subject.name, subject.place, state, verdicts, checker.notes, spent_ms)


class Checker:
    """Goes through the laws of one lattice."""

    def __init__(
        self, subject: Subject, path: Path | None, progress: Progress, examples: int
    ) -> None:
        self.subject, self.progress, self.examples = subject, progress, examples
        self.writer = Writer(subject, path)
        self.prover = Prover(subject)
        self.strategy: Strategy = strategy_of(subject)
        self.laws = laws_of(subject)
        self.notes: list[str] = []
        self.raises = False
        """One snippet that shows it is enough."""

    def run(self) -> list[Verdict]:
        """Judge everything; the reasons why something was not proved become notes."""
        verdicts = [self.totality(), *(self.law(law) for law in self.laws)]
        if all(law.name != "upper bound" for law in self.laws):
            verdicts.insert(4, self.unbounded())
        seeds = self.small_states()
        states = States(self.subject.join, self.below())
        self.progress("small worlds")
        verdicts.append(self.world(explore(states, seeds)))
        self.progress("partition")
        verdicts.append(self.partition(seeds))
        return verdicts

    def law(self, law: Law) -> Verdict:
        """Prove a law, or try it out."""
        self.progress(law.name)
        proof = self.prover.prove(law)
        count = CONFIRMED_EXAMPLES if proof.is_proved else self.examples
        trial = try_out(law, self.subject, self.strategy, count)
        if trial.arguments is not None:
            return self.refuted(law, trial.arguments, trial.raised)
        if proof.arguments is not None:
            raised = breaks(law, proof.arguments)
            if raised is not None:
                return self.refuted(law, proof.arguments, raised)
            self.note(f"{law.name}: the solver's counterexample is none when Python runs it")
        if proof.is_proved:
            return Verdict(law.name, law.words, Status.PROVED, law.note)
        self.note(proof.note)
        detail = "; ".join(filter(None, [f"{trial.count} examples", law.note]))
        return Verdict(law.name, law.words, Status.TESTED, detail)

    def refuted(self, law: Law, arguments: Mapping[str, object], raised: str) -> Verdict:
        """Write a law off, with the snippet that shows it."""
        snippet = self.writer.law(law, arguments, raised)
        is_known = bool(raised) and self.raises
        self.raises = self.raises or bool(raised)
        shown = ", ".join(f"{name}={literal(value)}" for name, value in arguments.items())
        if not fails(snippet, self.subject):
            snippet = (
                "# This did not fail when it was run again: the merge answers differently from\n"
                f"# call to call, or its states cannot be written as Python.\n{snippet}"
            )
        detail = "; ".join(filter(None, [shown, raised and f"raises {raised}", law.note]))
        return Verdict(law.name, law.words, Status.REFUTED, detail, "" if is_known else snippet)

    def totality(self) -> Verdict:
        """Prove that nothing raises, or try it out; arguments must stay as they are."""
        name, words = "never raises", "a merge that raises stops its replica"
        self.progress(name)
        subject = self.subject
        holds = function_of(
            "law", {"a": subject.state, "b": subject.state}, "leaves(join, a, b)",
            {"join": subject.join, "leaves": leaves_alone},
        )  # fmt: skip
        law = Law(name, words, holds, "join(a, b)",
                  {"a": subject.state, "b": subject.state}, [])  # fmt: skip
        trial = try_out(law, subject, self.strategy, self.examples)
        if trial.arguments is not None:
            if not trial.raised:
                law = attrs.evolve(law, claim=UNTOUCHED, words=ALONE, note=ALONE)
            return self.refuted(law, trial.arguments, trial.raised)
        proof = self.prover.prove_totality()
        if proof.is_proved:
            return Verdict(name, words, Status.PROVED)
        self.note(proof.note)
        return Verdict(name, words, Status.TESTED, f"{trial.count} examples")

    def unbounded(self) -> Verdict:
        """Say that nobody knows what would be lost."""
        detail = "declare `le`: by its own order a merge that drops data looks right too"
        if self.subject.updates:
            detail = "declare `le`; the updates are judged by the join's own order"
        words = "nothing is lost: the join is above both sides"
        return Verdict("upper bound", words, Status.NOT_JUDGED, detail)

    def note(self, text: str) -> None:
        """Keep a reason, once."""
        if text and text not in self.notes and not text.startswith("<"):
            self.notes.append(text)

    # -- replicas

    def small_states(self) -> list[object]:
        """Pick a few small states; the empty one is among them where it is declared."""
        subject = self.subject
        found = [] if subject.samples is not None else few(subject.state)
        if subject.valid is not None:
            found = [state for state in found if subject.valid(state)]
        if len(found) < 2:
            found = distinct(draw(self.strategy, self.examples), 4 * SEEDS_MAX)
        if subject.bottom is not None:
            found = [limits.call(subject.bottom), *found]
        return spread(found, SEEDS_MAX)

    def below(self) -> Callable[[object, object], bool]:
        """Return the order by which something counts as lost."""
        subject = self.subject
        if subject.le is not None:
            declared: Callable[[object, object], bool] = subject.le
            return declared
        found = natural(subject.state)
        if found is not None:
            types_ = {"a": subject.state, "b": subject.state}
            made: Callable[[object, object], bool] = function_of("natural", types_, found[0], {})
            return made
        return lambda a, b: bool(subject.join(a, b) == b)

    def world(self, found: Exploration) -> Verdict:
        """Judge the small worlds."""
        name, words = "small worlds", "three replicas agree and lose nothing, however they meet"
        extent = "all" if found.is_whole else "the first"
        detail = f"{extent} {found.worlds} worlds from {found.begins} beginnings"
        if found.story is None:
            return Verdict(name, words, Status.TESTED, detail)
        return Verdict(name, words, Status.REFUTED, found.story.wrong, self.story(found.story))

    def story(self, story: Story) -> str:
        """Write a story as a snippet."""
        values = [*story.begin, *(state for _, state in story.hearings)]
        lines = [*self.writer.opening(["join"], values), ""]
        lines.append(f"held = [{', '.join(map(literal, story.begin))}]")
        lines += [
            f"held[{replica}] = join(held[{replica}], {literal(state)})"
            for replica, state in story.hearings
        ]
        lines += ["print(held)", f"# {story.wrong}"]
        if not story.is_loss:
            return "\n".join([*lines, "assert held[0] == held[1] == held[2]", ""])
        lines.append(f"begun = {literal(story.lost)}")
        if self.subject.le is not None:
            claim = f"{self.subject.name}.le(begun, held[0])"
        else:
            found = natural(self.subject.state, "begun", "held[0]")
            claim = "join(begun, held[0]) == held[0]" if found is None else found[0]
        return "\n".join([*lines, f"assert {claim}", ""])

    def partition(self, seeds: Sequence[object]) -> Verdict:
        """Run the partition scenario; under the first seed with few small writes, which tie."""
        name, words = "partition", "replicas agree and lose nothing after the network heals"
        if not partition.is_at_hand():
            detail = "install loomweave-graph[sim] for this scenario"
            return Verdict(name, words, Status.NOT_JUDGED, detail)
        drawn = distinct(draw(self.strategy, self.examples), WRITES)
        outcomes: Sequence[partition.Outcome] = []
        try:
            for seed in SEEDS:
                states = States(self.subject.join, self.below())
                writes = seeds if seed == SEEDS[0] else drawn
                found = partition.run(states, writes, seed)
                if found.wrong:
                    snippet = (
                        f"# seed {seed}: {found.writes} writes, {found.messages} messages; "
                        "the snippets above are the smallest cases\n"
                    )
                    return Verdict(name, words, Status.REFUTED, found.wrong, snippet)
                outcomes = [*outcomes, found]
        except partition.TooSlow:
            detail = "its merge is too slow for this scenario"
            return Verdict(name, words, Status.NOT_JUDGED, detail)
        return Verdict(name, words, Status.TESTED, totals(outcomes))


ALONE: Final = "a merge leaves its arguments alone"
UNTOUCHED: Final = "(before := repr((a, b)), join(a, b), repr((a, b)))[2] == before"


def leaves_alone(join: Callable[[object, object], object], a: object, b: object) -> bool:
    """Tell whether a join leaves its arguments as they are."""
    before = literal(a), literal(b)
    join(a, b)
    return (literal(a), literal(b)) == before


def totals(outcomes: Sequence[partition.Outcome]) -> str:
    """Sum runs up: what befell the network must be seen to have happened."""
    messages = sum(item.messages for item in outcomes)
    return (
        f"{len(outcomes)} seeds, {sum(item.writes for item in outcomes)} writes, "
        f"{messages} messages: {sum(item.cut for item in outcomes)} cut, "
        f"{sum(item.lost for item in outcomes)} lost, "
        f"{sum(item.duplicated for item in outcomes)} doubled, "
        f"{sum(item.reordered for item in outcomes)} reordered"
    )
