"""The command `loomweave-proofs explore`: search models for as long as one likes. Spec: PRF-29."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loomweave_proofs.explore.model import Bounds
from loomweave_proofs.explore.pages import Trial, page, summary
from loomweave_proofs.explore.registry import Entry, is_caught
from loomweave_proofs.explore.search import Progress

if TYPE_CHECKING:
    from loomweave_proofs.explore.outcome import Outcome

EXIT_PASS: Final = 0
EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2
REPORT: Final = Path("reports") / "models.md"
LINE_S: Final = 1.0
"""How long a line of progress stands at least."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe the command as a part of another one."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "explore", help="search the states of small worlds around the shipped functions"
    )
    return describe(parser)


def describe(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the arguments of the command to a parser."""
    parser.add_argument("models", nargs="*", metavar="MODEL", help="which models; all if none")
    parser.add_argument("--states", type=int, metavar="N", help="most states of one model")
    parser.add_argument("--depth", type=int, metavar="D", help="most steps from the start")
    parser.add_argument("--seconds", type=float, metavar="S", help="longest time for one model")
    parser.add_argument("--list", action="store_true", help="list the models and stop")
    parser.add_argument(
        "--sabotage", action="store_true", help="put in each fault that a model must catch, too"
    )
    parser.add_argument(
        "--report",
        type=Path,
        nargs="?",
        const=REPORT,
        metavar="FILE",
        help=f"write the page of evidence ({REPORT}); implies --sabotage",
    )
    parser.add_argument(
        "--tests", type=Path, metavar="FOLDER", help="where to write a counterexample as a test"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Search the models that were asked for; 0 is passed, 1 a failed check, 2 bad input."""
    from loomweave_proofs.explore.models import ENTRIES

    known = {entry.name: entry for entry in ENTRIES}
    unknown = [name for name in options.models if name not in known]
    if unknown:
        return bad_input(f"there is no model {unknown[0]!r}; there are {', '.join(known)}")
    for name in ("states", "depth", "seconds"):
        if getattr(options, name) is not None and getattr(options, name) <= 0:
            return bad_input(f"--{name} is a number above 0; leave it out for the suite's bound")
    chosen = [known[name] for name in options.models] or list(ENTRIES)
    if options.list:
        for entry in chosen:
            print(f"{entry.name:12} {entry.make.words}")
        return EXIT_PASS
    return search_all(chosen, options)


def bad_input(message: str) -> int:
    """Tell what is wrong with what was asked."""
    print(f"loomweave-proofs explore: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


def bounds_of(entry: Entry, options: argparse.Namespace) -> Bounds:
    """Choose the bounds: those that were asked for, else the suite's.

    Whoever gives a time or a depth alone wants no other bound. Spec: PRF-25.
    """
    if options.states is None and options.depth is None and options.seconds is None:
        return entry.suite
    return Bounds(
        options.states if options.states is not None else sys.maxsize,
        options.depth if options.depth is not None else sys.maxsize,
        options.seconds,
    )


def search_all(chosen: Sequence[Entry], options: argparse.Namespace) -> int:
    """Search each model, print what is found, write the page and the tests."""
    outcomes: list[Outcome] = []
    trials: list[Trial] = []
    for entry in chosen:
        outcome = entry.run(bounds_of(entry, options), progress_line())
        outcomes.append(outcome)
        show(outcome)
        if options.tests is not None:
            write_test(outcome, options.tests)
        if options.sabotage or options.report is not None:
            trials += sabotage_all(entry)
    print(f"{summary(outcomes, trials)}.")
    if options.report is not None:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(page(outcomes, trials), encoding="utf-8")
        print(f"report: {options.report}")
    has_passed = all(o.passed for o in outcomes) and all(trial.is_caught for trial in trials)
    return EXIT_PASS if has_passed else EXIT_FAILED


def show(outcome: "Outcome") -> None:
    """Print what was found of one model."""
    rate = round(outcome.states / outcome.seconds) if outcome.seconds else 0
    end = outcome.status.value + (f" at {outcome.bound}" if outcome.bound else "")
    print(
        f"{outcome.model:12} {outcome.states:>9,} states {outcome.transitions:>11,} transitions "
        f"depth {outcome.depth:>3}  {outcome.seconds:6.1f} s {rate:>7,}/s  {end}",
        flush=True,
    )
    for fault in outcome.faults:
        print(f"FAILED {fault}")
    if outcome.counterexample is not None:
        print(outcome.counterexample.story)


def sabotage_all(entry: Entry) -> list[Trial]:
    """Put in each fault of a model; print those that are missed. Spec: PRF-28."""
    trials = []
    for sabotage in entry.sabotages:
        outcome = entry.run_sabotaged(sabotage)
        trial = Trial(entry.name, sabotage, outcome, is_caught(sabotage, outcome))
        trials.append(trial)
        if not trial.is_caught:
            print(f"FAILED {entry.name}: the sabotage {sabotage.name!r} was not caught")
    return trials


def write_test(outcome: "Outcome", folder: Path) -> None:
    """Write a counterexample as a test that can be run. Spec: PRF-27."""
    from loomweave_proofs.explore.crasher import file_name, file_text

    if outcome.counterexample is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(outcome.counterexample)}.py"
    path.write_text(file_text(outcome.counterexample), encoding="utf-8")
    print(f"test: {path}")


def progress_line() -> Callable[[Progress], None]:
    """Make a reporter that keeps one line of the terminal up to date. Spec: PRF-29."""
    shown_s = [0.0]

    def report(progress: Progress) -> None:
        if not sys.stderr.isatty() or progress.seconds < shown_s[0] + LINE_S:
            return
        shown_s[0] = progress.seconds
        print(
            f"\r{progress.model:12} {progress.states:>9,} states {progress.states_per_s:>7,}/s "
            f"depth {progress.depth:>3} frontier {progress.frontier:>9,}",
            end="\r",
            file=sys.stderr,
            flush=True,
        )

    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command by itself: `python -m loomweave_proofs.explore`."""
    parser = describe(
        argparse.ArgumentParser(
            prog="python -m loomweave_proofs.explore",
            description="Search the states of small worlds around the shipped functions.",
        )
    )
    return run(parser.parse_args(arguments))
