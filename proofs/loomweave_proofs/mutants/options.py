"""The options of `loomweave-proofs mutants`."""

import argparse
from pathlib import Path
from typing import Final

REPORT: Final = Path("reports") / "mutants.md"
PROCESSES: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument(
        "--only", default="", metavar="NAME", help="functions whose name holds this"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="judge N mutants, chosen by --seed")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--proofs-only", action="store_true", help="leave the laws and tests out")
    parser.add_argument("--processes", type=int, default=PROCESSES, metavar="N")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help=f"where to write the page; {REPORT} unless only some mutants are judged",
    )
