"""`loomweave status`: print how a node is. Spec: MCH-10, WIR-16."""

import argparse

from loomweave.cli.addresses import add_node, show

HELP = "print how a node is: peers, entities, journal, root of what it received"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `status`."""
    add_node(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print."""
    from loomweave.runtime.client import Client

    with Client(arguments.node) as client:
        show(client.status)
    return 0
