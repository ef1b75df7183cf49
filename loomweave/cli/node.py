"""`loomweave node`: run a replica with a journal, links and clients. Spec: STO-16 to STO-19."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from loomweave.cli.addresses import is_url
from loomweave.core.entities import name_fault

HELP = "run a replica that keeps its data in a folder and syncs with peers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `node`."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the data"
    )
    parser.add_argument(
        "--listen",
        type=listen_address,
        default=("127.0.0.1", 7001),
        metavar="HOST:PORT",
        help="where peers and clients reach it (default 127.0.0.1:7001; port 0 takes a free one)",
    )
    parser.add_argument(
        "--peer",
        type=peer_url,
        action="append",
        default=[],
        metavar="URL",
        help="a peer to stay linked with, such as ws://127.0.0.1:7002; may be given again",
    )
    parser.add_argument(
        "--name",
        type=replica_name,
        help="name of the replica, unique in its graph (default: the name of the folder)",
    )
    parser.add_argument(
        "--graph", type=replica_name, default="default", help="name of the graph (default: default)"
    )
    parser.add_argument(
        "--salvage",
        action="store_true",
        help="go on with what can be read of a damaged journal; the rest is put aside",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run a node until it is interrupted."""
    from loomweave.runtime.node import Node, Plan

    folder: Path = arguments.data
    name = arguments.name or folder.resolve().name
    host, port = arguments.listen
    plan = Plan(folder, host, port, tuple(arguments.peer), name, arguments.graph, arguments.salvage)

    async def live() -> None:
        await Node(plan, say).run()

    try:
        asyncio.run(live())
    except OSError as error:
        say(f"stopped, for the journal in {folder} cannot be written: {error}")
        say("nothing was confirmed that is not on disk; make room and start again")
        return 1
    return 0


def say(line: str) -> None:
    """Write a line for the operator."""
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


def listen_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdecimal() and int(port) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:7001")
    return host.strip("[]") or "127.0.0.1", int(port)


def peer_url(text: str) -> str:
    """Read the address of a peer."""
    if not is_url(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as ws://127.0.0.1:7002")
    return urlsplit(text).geturl()


def replica_name(text: str) -> str:
    """Read a name."""
    if (fault := name_fault(text)) is not None:
        raise argparse.ArgumentTypeError(f"{text!r}: {fault}")
    return text
