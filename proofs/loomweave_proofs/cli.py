"""The command `loomweave-proofs`: run the ledger, list it, show one theorem."""

import argparse
import importlib.util
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loomweave_proofs import theorems
from loomweave_proofs.explore import command as explore
from loomweave_proofs.mutants import options as mutants
from loomweave_proofs.source import Function

EXIT_PASS: Final = 0
EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2
REPORT: Final = Path("reports") / "proofs.md"


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    main_parser = argparse.ArgumentParser(
        prog="loomweave-proofs",
        description="Prove theorems about the source that ships.",
    )
    commands = main_parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="judge every theorem and write the report")
    run.add_argument("--only", metavar="PATTERN", help="ids or rules, such as 'HAM-*'")
    run.add_argument("--json", action="store_true", help="print the result as JSON")
    run.add_argument(
        "--report",
        type=Path,
        default=None,
        metavar="FILE",
        help=f"where to write the page; {REPORT} unless --only or --json is given",
    )
    run.add_argument(
        "--second-solver", action="store_true", help="ask cvc5 about the same questions too"
    )
    listing = commands.add_parser("list", help="list the theorems")
    listing.add_argument("--only", metavar="PATTERN")
    show = commands.add_parser("show", help="show a theorem, its source and its verdict")
    show.add_argument("id", help="a theorem's id, or a rule such as HAM-2")
    mutants.add_arguments(
        commands.add_parser("mutants", help="change the kernels and see what the theorems notice")
    )
    explore.add_parser(commands)
    checking = commands.add_parser("check", help="check a merge of your own")
    checking.add_argument("target", help="module:Name or path/to/file.py:Name, with a `join` in it")
    checking.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    checking.add_argument("--limit", type=float, default=60.0, metavar="SECONDS")
    return main_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 is passed, 1 a failed check, 2 bad input."""
    options = parser().parse_args(arguments)
    if options.command == "explore":
        return explore.run(options)
    if importlib.util.find_spec("z3") is None:
        return bad_input("the prover needs z3: install loomweave-graph[proofs]")
    if options.command == "mutants":
        from loomweave_proofs.mutants import command

        return command.run(options)
    if options.command == "check":
        return command_check(options)
    theorems.load()
    if options.command == "run":
        found = command_run(options.only, options.json, options.report)
        return max(found, command_second(options)) if options.second_solver else found
    if options.command == "list":
        return command_list(options.only)
    return command_show(options.id)


def command_check(options: argparse.Namespace) -> int:
    """Check a user's lattice."""
    if importlib.util.find_spec("hypothesis") is None:
        return bad_input("the check needs Hypothesis: install loomweave-graph[proofs]")
    from loomweave_proofs.lattice import command

    return command.run(options)


def bad_input(message: str) -> int:
    """Tell what is wrong with what was asked."""
    print(f"loomweave-proofs: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


def command_run(pattern: str | None, is_json: bool, report_path: Path | None) -> int:
    """Judge theorems, print a table, write the page."""
    from loomweave_proofs import report, runner
    from loomweave_proofs.judge import Judgement
    from loomweave_proofs.theorem import LEDGER

    if not LEDGER.select(pattern):
        return bad_input(f"no theorem fits {pattern!r}; `loomweave-proofs list` names them all")

    def progress(at: int, count: int, judgement: Judgement) -> None:
        if is_json:
            return
        found = judgement.found if judgement.passed else "FAILED"
        print(
            f"{at:4}/{count} {judgement.theorem.id:58.58} {found:8} {judgement.time_ms:8.1f} ms",
            flush=True,
        )

    result = runner.run(LEDGER, pattern=pattern, progress=progress)
    target = report_path or (None if pattern or is_json else REPORT)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(report.page(result), encoding="utf-8")
    if is_json:
        print(json.dumps(report.as_json(result), indent=2, sort_keys=True))
    else:
        for fault in report.faults(result):
            print(f"FAILED {fault}")
        print(f"{report.summary(result)}; {result.time_ms / 1000:.1f} s")
        if target is not None:
            print(f"report: {target}")
    return EXIT_PASS if result.passed else EXIT_FAILED


def command_second(options: argparse.Namespace) -> int:
    """Ask the second solver about theorems; print where it disagrees."""
    from loomweave_proofs import kernels, runner, second
    from loomweave_proofs.theorem import LEDGER

    if not second.is_at_hand():
        return bad_input("the second solver is missing: install cvc5")
    workshop = runner.Workshop(kernels.THEORY)
    found = second.opinions(LEDGER.select(options.only), workshop.make_lifter)
    out = sys.stderr if options.json else sys.stdout
    for item in found:
        if not item.agrees:
            print(f"FAILED {item.theorem}: the second solver finds it {item.answer}", file=out)
    print(second.summary(found), file=out)
    return EXIT_PASS if all(item.agrees for item in found) else EXIT_FAILED


def command_list(pattern: str | None) -> int:
    """Print the ids and what they say."""
    from loomweave_proofs.theorem import LEDGER

    chosen = LEDGER.select(pattern)
    if not chosen:
        return bad_input(f"no theorem fits {pattern!r}")
    for theorem in chosen:
        print(f"{theorem.id:58} {theorem.expect.value:8} {theorem.words}")
    return EXIT_PASS


def command_show(id: str) -> int:
    """Print a rule, its theorems, their sources and what they are found to be."""
    from loomweave_proofs import kernels, report, runner
    from loomweave_proofs.judge import judge
    from loomweave_proofs.source import full_name
    from loomweave_proofs.theorem import LEDGER

    chosen = LEDGER.select(id)
    if not chosen:
        return bad_input(f"there is no theorem or rule {id!r}; `loomweave-proofs list` names them")
    workshop = runner.Workshop(kernels.THEORY)
    has_failed = False
    for theorem in chosen:
        judgement = judge(theorem, workshop.make_lifter)
        has_failed = has_failed or not judgement.passed
        print(f"{theorem.id}: {theorem.words}")
        print(rule_text(theorem.rule))
        parts = [theorem.statement, *([theorem.given] if theorem.given else []), *theorem.about]
        for function in parts:
            digest = workshop.base.lift(function, is_statement=True).source.digest
            print(f"\n# {full_name(function)}  (source {digest})")
            print(textwrap.dedent(source_text(function)).rstrip())
        print(f"\n{judgement.found}, {judgement.time_ms:.1f} ms, {judgement.sabotages} sabotages")
        if judgement.fault:
            print(f"FAILED {judgement.fault}")
        print(report.counter(judgement.counterexample).lstrip("\n"))
    return EXIT_FAILED if has_failed else EXIT_PASS


def source_text(function: Function) -> str:
    """Return the text of a function as it was imported."""
    from loomweave_proofs.source import read_source

    return read_source(function).text


def rule_text(rule: str) -> str:
    """Find a rule's text in the specification, where the repository is at hand."""
    for base in (Path.cwd(), Path(__file__).resolve().parents[2]):
        for chapter in sorted((base / "spec").glob("[0-9][0-9]-*.md")):
            for paragraph in chapter.read_text(encoding="utf-8").split("\n\n"):
                for item in paragraph.split("\n- "):
                    if item.lstrip("- ").startswith(f"**{rule}**"):
                        return " ".join(item.lstrip("- ").split())
    return f"{rule}: see the chapter in spec/"


if __name__ == "__main__":
    raise SystemExit(main())
