"""`loomweave get`: print a node or an edge of the graph as JSON. Spec: GRF-4, GRF-6, WIR-16."""

import argparse
import sys

from loomweave.cli.addresses import add_node, show

HELP = "print a node or an edge of the graph, or with --neighbours the nodes around it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `get`."""
    parser.add_argument("id")
    parser.add_argument("--edge", action="store_true", help="the id is an edge's")
    parser.add_argument("--neighbours", action="store_true", help="print the nodes around it")
    add_node(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for; 1 where nothing shows under the id."""
    from loomweave.runtime.client import Client

    with Client(arguments.node) as client:
        if arguments.neighbours:
            show(client.ask("neighbours", id=arguments.id))
            return 0
        kind = "edge" if arguments.edge else "node"
        found = client.ask("get", id=arguments.id, kind=kind)
    if found is None:
        print(f"loomweave: no {kind} shows under {arguments.id!r}", file=sys.stderr)
        return 1
    show(found)
    return 0
