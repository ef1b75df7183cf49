"""`make bench`: measure, print the table, write reports/performance.md."""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import crdts, realgun, report
from tests.bench.contenders import Measured, contenders
from tests.bench.simulator import SimulatorLine, simulator_lines
from tests.bench.workload import grouped, single

REPORT = Path(__file__).parents[2] / "reports" / "performance.md"
ROUNDS = 7


def measure(rounds: int, console: Console) -> tuple[dict[str, Measured], list[str]]:
    """Measure every contender on every workload, in turns."""
    gun = realgun.install()
    notes = [f"Real GUN is not measured: {gun}."] if isinstance(gun, str) else []
    libraries = {name: crdts.found(name) for name in ("pycrdt", "loro")}
    notes += [f"{name} is not installed." for name, found in libraries.items() if found is None]
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for workload in (single(), grouped("shared"), grouped("own")):
            console.print(f"{workload.name}: {workload.fields:,} fields")
            measured = contenders(workload, Path(name), gun, libraries)
            for _ in range(rounds):
                measured.round()
            found[workload.shape] = measured
    return found, notes


def show(found: dict[str, Measured], lines: list[SimulatorLine], console: Console) -> None:
    """Print the figures."""
    table = Table("what", "figure", "measured", "verdict")
    for row in report.figure_rows(found) + report.simulator_rows(lines):
        table.add_row(*[cell.strip("*") for cell in row])
    console.print(table)


def main() -> int:
    """Run the measurement. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times that all take turns")
    parser.add_argument("--no-simulator", action="store_true", help="leave the simulator out")
    parser.add_argument("--thousand", action="store_true", help="with 1,000 simulated nodes")
    arguments = parser.parse_args()
    console = Console()
    found, notes = measure(arguments.rounds, console)
    lines = []
    if not arguments.no_simulator:
        console.print("simulator")
        lines = simulator_lines(arguments.thousand)
    show(found, lines, console)
    REPORT.parent.mkdir(exist_ok=True)
    page = report.page(found, lines, arguments.rounds, notes)
    REPORT.write_text(page, encoding="utf-8")
    console.print(f"written to reports/{REPORT.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
