"""LoomWeave: a replicated, versioned property graph with a pure, proved core.

`Replica` is where programs begin. Names are loaded when they are first asked for, so that the
core can be imported without the runtime.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loomweave.core.errors import LoomWeaveError, Refusal, UsageError
    from loomweave.core.graph.changes import Change, ChangeKind
    from loomweave.core.graph.view import Edge, Node
    from loomweave.core.graph.vocabulary import EdgeType, NodeType
    from loomweave.core.values import Link, ValueMap
    from loomweave.runtime.client import Client, NodeUnreachable
    from loomweave.runtime.replica import Deltas, Receipt, Replica

_HOME = {
    "Change": "loomweave.core.graph.changes",
    "ChangeKind": "loomweave.core.graph.changes",
    "Client": "loomweave.runtime.client",
    "Deltas": "loomweave.runtime.replica",
    "Edge": "loomweave.core.graph.view",
    "EdgeType": "loomweave.core.graph.vocabulary",
    "Link": "loomweave.core.values",
    "LoomWeaveError": "loomweave.core.errors",
    "Node": "loomweave.core.graph.view",
    "NodeType": "loomweave.core.graph.vocabulary",
    "NodeUnreachable": "loomweave.runtime.client",
    "Receipt": "loomweave.runtime.replica",
    "Refusal": "loomweave.core.errors",
    "Replica": "loomweave.runtime.replica",
    "UsageError": "loomweave.core.errors",
    "ValueMap": "loomweave.core.values",
}

__all__ = [
    "Change",
    "ChangeKind",
    "Client",
    "Deltas",
    "Edge",
    "EdgeType",
    "Link",
    "LoomWeaveError",
    "Node",
    "NodeType",
    "NodeUnreachable",
    "Receipt",
    "Refusal",
    "Replica",
    "UsageError",
    "ValueMap",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home."""
    if name not in _HOME:
        raise AttributeError(f"module 'loomweave' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
