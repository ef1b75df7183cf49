"""`loomweave delete`: delete a node or an edge of the graph. Spec: GRF-15, WIR-16."""

import argparse

from loomweave.cli.addresses import add_node

HELP = "delete a node or an edge of the graph"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `delete`."""
    parser.add_argument("id")
    parser.add_argument("--edge", action="store_true", help="the id is an edge's")
    add_node(parser)


def run(arguments: argparse.Namespace) -> int:
    """Delete, and print the id once it is durable."""
    from loomweave.runtime.client import Client

    with Client(arguments.node) as client:
        print(client.delete(arguments.id, kind="edge" if arguments.edge else "node"))
    return 0
