"""The command line: `loomweave`, `loomweave-graph` and `python -m loomweave`. Spec: STO-18.

Each subcommand is a module with `HELP`, `configure(parser)` and `run(arguments) -> exit status`;
to add one, list it in `COMMANDS`.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Protocol

from loomweave.core.errors import LoomWeaveError

DISTRIBUTION: Final = "loomweave-graph"
COMMANDS: Final[dict[str, str]] = {
    "node": "loomweave.cli.node",
    "put": "loomweave.cli.put",
    "link": "loomweave.cli.link",
    "delete": "loomweave.cli.delete",
    "get": "loomweave.cli.get",
    "status": "loomweave.cli.status",
    "vectors": "loomweave.cli.vectors",
}
"""Subcommands and the modules that carry them out."""
PASSED: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2


class Command(Protocol):
    """What the module of a subcommand offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit status."""


def distribution() -> str:
    """Name the distribution and its version."""
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"


def build_parser() -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    """Build the parser and load the subcommands."""
    parser = argparse.ArgumentParser(
        prog="loomweave", description="A replicated, versioned property graph."
    )
    parser.add_argument("--version", action="version", version=distribution())
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands: dict[str, Command] = {}
    for name, module in COMMANDS.items():
        command: Command = import_module(module)
        commands[name] = command
        command.configure(choices.add_parser(name, help=command.HELP, description=command.HELP))
    return parser, commands


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 passed, 1 failed, 2 bad input."""
    parser, commands = build_parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else BAD_INPUT
    try:
        return commands[arguments.command].run(arguments)
    except LoomWeaveError as error:
        print(f"loomweave: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        return 130
