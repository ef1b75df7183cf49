"""`loomweave link`: create an edge of the graph, or change it. Spec: GRF-7, GRF-12, WIR-16."""

import argparse

from loomweave.cli.addresses import add_node, property_of

HELP = "create an edge between two nodes of the graph"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `link`."""
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("properties", nargs="*", type=property_of, metavar="NAME=VALUE")
    parser.add_argument("--type", default="custom")
    parser.add_argument("--id", help="default: one is made")
    parser.add_argument("--weight", type=float)
    parser.add_argument("--undirected", action="store_true")
    add_node(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write and print the edge's id once it is durable."""
    from loomweave.runtime.client import Client

    with Client(arguments.node) as client:
        print(
            client.put_edge(
                arguments.source,
                arguments.target,
                arguments.type,
                id=arguments.id,
                directed=not arguments.undirected,
                weight=arguments.weight,
                properties=dict(arguments.properties),
            )
        )
    return 0
