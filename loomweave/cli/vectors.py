"""`loomweave vectors check`: the shipped decision against the answers of real GUN. Spec: GUN-13."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from attrs import field, frozen

from loomweave.cli.gunjudge import DEPARTURES, Outcome, Shipped, judge
from loomweave.cli.gunlines import BadLine, read_line

HELP: Final = "check the core against answers of real GUN"
FAILURES_SHOWN_MAX: Final = 10
PROGRESS_LINES: Final = 2_000
EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2


class BadFile(Exception):
    """A file that cannot be checked; the text says which line and why."""


@frozen
class Tally:
    """How the lines of one file came out."""

    path: str
    passed: int
    departed: Counter[str]
    failures: tuple[tuple[int, str], ...] = field(repr=False)
    """Line number and reason."""

    @property
    def lines(self) -> int:
        """Count all lines."""
        return self.passed + self.departed.total() + len(self.failures)


def check_file(path: Path, shipped: Shipped | None = None, progress: TextIO | None = None) -> Tally:
    """Judge every line of a file; raise BadFile where it holds none, or one not of the form."""
    shipped = shipped if shipped is not None else Shipped()
    passed = 0
    departed: Counter[str] = Counter()
    failures = []
    for number, outcome in judged(path, shipped):
        if outcome.kind == "passed":
            passed += 1
        elif outcome.kind == "departed":
            departed[outcome.reason] += 1
        else:
            failures.append((number, outcome.reason))
        if progress is not None and number % PROGRESS_LINES == 0:
            print(f"\r{path}: {number} lines", end="", file=progress, flush=True)
    if progress is not None:
        print("\r\x1b[K", end="", file=progress, flush=True)
    tally = Tally(str(path), passed, departed, tuple(failures))
    if tally.lines == 0:
        raise BadFile(f"{path} holds no case; name a file with a line of JSON for each")
    return tally


def judged(path: Path, shipped: Shipped) -> Iterator[tuple[int, Outcome]]:
    """Yield the number and the outcome of each line that is not blank."""
    try:
        with path.open("rb") as lines:
            for number, data in enumerate(lines, 1):
                if data.strip():
                    yield number, judge(read_line(data.decode()), shipped)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}; name a file of JSON lines") from None
    except UnicodeDecodeError as error:
        where = f"{path}:{number}: byte {error.start + 1} of the line is not UTF-8"
        raise BadFile(f"{where}; save the file as UTF-8") from None
    except BadLine as error:
        raise BadFile(f"{path}:{number}: {error}; mend the line or take it out") from None


def report(tally: Tally) -> str:
    """Write how a file came out."""
    departed = tally.departed.total()
    lines = [
        f"{tally.path}: {tally.lines} lines: {tally.passed} passed, {departed} departed, "
        f"{len(tally.failures)} failed"
    ]
    for name, sentence in DEPARTURES.items():
        if tally.departed[name]:
            lines.append(f"  departed {tally.departed[name]:6}  {name}: {sentence}")
    for number, reason in tally.failures[:FAILURES_SHOWN_MAX]:
        lines.append(f"  failed   line {number}: {reason}")
    if (more := len(tally.failures) - FAILURES_SHOWN_MAX) > 0:
        lines.append(f"  failed   and {more} more")
    return "\n".join(lines)


def check(paths: Sequence[str]) -> int:
    """Check files and print how they came out; answer the exit status. Spec: GUN-13."""
    progress = sys.stderr if sys.stderr.isatty() else None
    failed = False
    for path in paths:
        try:
            tally = check_file(Path(path), progress=progress)
        except BadFile as error:
            print(f"loomweave: {error}", file=sys.stderr)
            return EXIT_BAD_INPUT
        print(report(tally), flush=True)
        failed = failed or bool(tally.failures)
    return EXIT_FAILED if failed else 0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    commands = parser.add_subparsers(dest="vectors_command", metavar="check", required=True)
    command = commands.add_parser("check", help="judge every line of vectors files")
    command.add_argument("files", nargs="+", metavar="FILE", help="JSON lines, as GUN answered")


def run(args: argparse.Namespace) -> int:
    """Run `loomweave vectors check` and answer the exit status."""
    return check(args.files)
