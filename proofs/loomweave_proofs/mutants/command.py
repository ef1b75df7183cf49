"""The command `loomweave-proofs mutants`."""

import argparse
import sys
from typing import Final

import attrs

from loomweave_proofs.mutants import page, suite
from loomweave_proofs.mutants.options import REPORT
from loomweave_proofs.mutants.sweep import Progress, Sweep, sweep
from loomweave_proofs.mutants.trial import Outcome

EXIT_PASS: Final = 0
EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2


def run(options: argparse.Namespace) -> int:
    """Judge the mutants, print what stands out, write the page."""
    if options.sample is not None and options.sample < 1:
        return _bad_input("--sample needs a number above 0")
    found = sweep(
        options.only, options.sample, options.seed, options.processes, _progress("by proofs")
    )
    if not found.trials:
        return _bad_input(
            f"no function with a theorem is called {options.only!r}; "
            "`loomweave-proofs list` shows the theorems"
        )
    if not options.proofs_only:
        keys = [item.key for item in found.unproved]
        try:
            tested = suite.run_all(keys, _progress("by laws and tests"))
            found = attrs.evolve(found, tested=tested)
        except suite.NoTests as error:
            print(f"not tested: {error}")
    _tell(found)
    is_whole = not options.only and options.sample is None
    target = options.report or (REPORT if is_whole else None)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.page(found), encoding="utf-8")
        print(f"report: {target}")
    return EXIT_FAILED if found.faults() else EXIT_PASS


def _tell(found: Sweep) -> None:
    for item in found.of(Outcome.ALIVE):
        noticed = found.tested.get(item.key, "")
        print(f"alive   {page.line_of(item)}" + (f" Noticed by {noticed}." if noticed else ""))
    for fault in found.faults():
        print(f"FAILED  {fault}")
    print(page.summary(found))


def _progress(what: str) -> Progress:
    def tell(done: int, count: int) -> None:
        if sys.stderr.isatty() or done == count:
            end = "\n" if done == count else ""
            print(f"\r{what}: {done} of {count}", end=end, file=sys.stderr, flush=True)

    return tell


def _bad_input(message: str) -> int:
    print(f"loomweave-proofs: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT
