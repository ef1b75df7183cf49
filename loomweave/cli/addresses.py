"""What the subcommands that talk to a node share: its address, properties, printing."""

import argparse
import json
from typing import Final
from urllib.parse import urlsplit

NODE_URL: Final = "ws://127.0.0.1:7001"


def is_url(text: str) -> bool:
    """Tell whether a text is an address of a node."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def node_url(text: str) -> str:
    """Read the address of a node."""
    if not is_url(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as {NODE_URL}")
    return text


def add_node(parser: argparse.ArgumentParser) -> None:
    """Declare `--node`."""
    parser.add_argument(
        "--node", type=node_url, default=NODE_URL, metavar="URL", help=f"default {NODE_URL}"
    )


def property_of(text: str) -> tuple[str, object]:
    """Read NAME=VALUE; a value that is JSON is what it says, any other is a text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, such as born=1815")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def show(answer: object) -> None:
    """Print an answer as JSON."""
    print(json.dumps(answer, indent=2, ensure_ascii=False, sort_keys=True))
