"""What the command line shows: progress while a run goes on, its outcome at the end.

Spec: SCN-31.
"""

import sys
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from loomweave_sim.report.sections import figure_value, outcome_sentence
from loomweave_sim.report.words import NANOS, printable, titled
from loomweave_sim.result import RunResult, Verdict

PLAIN_WIDTH: Final = 160
"""Width of what goes to a file or a pipe, in columns."""
EVIDENCE_SHOWN_MAX: Final = 8
"""Most lines of evidence of one checker on a terminal. Spec: SCN-31."""
LINE_EVERY_S: Final = 2.0
"""After how long a line says again how far a run is. Spec: SCN-31."""
_PHASE_WORDS: Final = {
    "loading": "every replica loads the graph",
    "faults": "clients write, faults act",
    "healing": "healed; replicas catch up",
    "quiet": "all agree; nothing more may be sent",
    "judging": "checkers judge",
}


def console_of(stream: TextIO) -> Console:
    """Return a console that takes texts as they are."""
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def plain(words: str) -> str:
    """Make a text fit for any terminal: no controls, no spaces that a narrow encoding lacks."""
    return printable(words).replace("\N{NARROW NO-BREAK SPACE}", " ")


def say_error(sentence: str) -> None:
    """Say on standard error what is wrong, in one sentence. Spec: SCN-31."""
    print(f"loomweave-sim: {plain(sentence)}", file=sys.stderr)


def never_fail_to_write(*streams: TextIO) -> None:
    """Let signs that a stream's encoding lacks come out as question marks. Spec: SCN-31."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


class Silence:
    """Shows nothing of a run."""

    def __enter__(self) -> "Silence":
        """Begin to show nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""

    def __call__(self, phase: str, now_ns: int, end_ns: int) -> None:
        """Let a moment of the run pass."""


class PlainProgress(Silence):
    """Shows a line for each phase of a run and every 2 s: for files and pipes. Spec: SCN-31."""

    def __init__(self, stream: TextIO, read_s: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._read_s = read_s
        self._phase = ""
        self._began_ns = 0
        self._told_s = 0.0

    def __call__(self, phase: str, now_ns: int, end_ns: int) -> None:
        """Write a line if a phase begins, or if the last line is a while ago."""
        read_s = self._read_s()
        if phase == self._phase and read_s - self._told_s < LINE_EVERY_S:
            return
        if phase != self._phase:
            self._phase, self._began_ns = phase, now_ns
        self._told_s = read_s
        at = f"{now_ns / NANOS:7.1f} s"
        if end_ns > self._began_ns:
            share = 100 * (now_ns - self._began_ns) // (end_ns - self._began_ns)
            at += f" of {end_ns / NANOS:.1f} s  {share:3d} %"
        print(f"{at}  {_PHASE_WORDS.get(phase, phase)}", file=self._stream, flush=True)


class BarProgress(Silence):
    """Shows a bar for each phase of a run: for terminals. Spec: SCN-31."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<36}", markup=False),
            BarColumn(32),
            TextColumn("{task.fields[at]:>18}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task: TaskID | None = None
        self._phase = ""
        self._end_ns = 0

    def __enter__(self) -> "BarProgress":
        """Show the first bar."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they are."""
        self._finish()
        self._bars.stop()

    def __call__(self, phase: str, now_ns: int, end_ns: int) -> None:
        """Move the bar of a phase, after finishing the one before."""
        if phase != self._phase or self._task is None:
            self._finish()
            self._phase = phase
            words = _PHASE_WORDS.get(phase, phase)
            self._task = self._bars.add_task(words, total=None, at="")
            self._began_ns = now_ns
        total_ns = max(1, end_ns - self._began_ns)
        at = f"{now_ns / NANOS:.1f} s virtual"
        done_ns = now_ns - self._began_ns
        self._bars.update(self._task, total=total_ns, completed=done_ns, at=at)

    def _finish(self) -> None:
        """Fill a bar whose phase ended before it had to, as healing does."""
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=1)


def progress_on(stream: TextIO) -> Silence:
    """Choose how progress is shown on a stream. Spec: SCN-31."""
    return BarProgress(console_of(stream)) if stream.isatty() else PlainProgress(stream)


def tell_outcome(result: RunResult, page: Path | None, stream: TextIO) -> None:
    """Show verdicts, what occurred, figures, and where the page is. Spec: SCN-31."""
    console = console_of(stream)
    console.print()
    console.print(_verdicts(result.verdicts, stream))
    console.print()
    console.print(_figures(result))
    console.print()
    seen = [f"{each.name} {each.count}" for each in result.occurred if each.count]
    if seen:
        console.print(f"Occurred: {plain(', '.join(seen))}")
    console.print(f"Trace: {result.trace_lines} lines, hash {result.trace_hash}")
    word, style = ("PASSED", "bold green") if result.passed else ("FAILED", "bold red")
    sentence = f": {plain(outcome_sentence(result))}"
    console.print(Text.assemble((word, style), sentence))
    if page is not None:
        console.print(f"Page: {page}", soft_wrap=True)


def mark_of(passed: bool, stream: TextIO) -> Text:
    """Return a tick or a cross, or a word where the stream can write neither."""
    can_draw = "utf" in (getattr(stream, "encoding", None) or "").lower()
    drawn, word = ("✓", "ok") if passed else ("✗", "FAILED")
    return Text(drawn if can_draw else word, style="bold green" if passed else "bold red")


def _verdicts(verdicts: tuple[Verdict, ...], stream: TextIO) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for verdict in verdicts:
        name = Text(plain(verdict.checker), style="bold")
        table.add_row(mark_of(verdict.passed, stream), name, Text(plain(verdict.reason)))
        if not verdict.passed:
            for line in verdict.evidence[:EVIDENCE_SHOWN_MAX]:
                table.add_row("", "", Text(plain(line), style="dim"))
    return table


def _figures(result: RunResult) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for figure in result.figures:
        value = plain(figure_value(figure))
        table.add_row(Text(plain(titled(figure.name))), Text(value))
    return table


def tell_replay(differences: list[str], again: RunResult, stream: TextIO) -> None:
    """Say whether a replay gave what was stored. Spec: SCN-32."""
    console = console_of(stream)
    if not differences:
        words = Text(f" The same trace, {again.trace_lines} lines: {again.trace_hash}")
        console.print(mark_of(True, stream).append_text(words))
    for sentence in differences:
        console.print(mark_of(False, stream).append_text(Text(f" {plain(sentence)}")))


def tell_scenarios(rows: list[tuple[str, str]], stream: TextIO) -> None:
    """List scenarios by name. Spec: SCN-31."""
    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, about in rows:
        table.add_row(Text(name, style="bold"), Text(plain(about)))
    console_of(stream).print(table)
