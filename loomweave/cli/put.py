"""`loomweave put`: create a node of the graph, or change its properties. Spec: GRF-12, WIR-16."""

import argparse

from loomweave.cli.addresses import add_node, property_of

HELP = "create a node of the graph or change its properties; null deletes one"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `put`."""
    parser.add_argument("id")
    parser.add_argument("properties", nargs="*", type=property_of, metavar="NAME=VALUE")
    parser.add_argument("--type", help="one of the shipped types or your own")
    parser.add_argument("--label", action="append", default=None, dest="labels", metavar="LABEL")
    add_node(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write and print the id once it is durable."""
    from loomweave.runtime.client import Client

    with Client(arguments.node) as client:
        print(
            client.put_node(
                arguments.id,
                type=arguments.type,
                properties=dict(arguments.properties),
                labels=arguments.labels,
            )
        )
    return 0
