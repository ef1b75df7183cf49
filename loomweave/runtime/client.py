"""A client of a running node, for programs that are no replica themselves. Spec: WIR-16.

The calls are those of the embedded `Replica`; a write returns once it is durable at the node.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect

from loomweave.core.entities import NAMESPACE
from loomweave.core.errors import LoomWeaveError, UsageError
from loomweave.core.graph.operations import Operation
from loomweave.core.graph.view import Edge, Node
from loomweave.core.values import normalise
from loomweave.runtime.clients import from_json, operation_json
from loomweave.runtime.writing import Draft, Operations

CLIENT_PATH = "/client"


class NodeUnreachable(LoomWeaveError):
    """No node answers under this address, or it went away. Spec: WIR-16.

    A write that was not answered may have been made or not; writing it again does no harm.
    """


class Client(Operations):
    """A connection to a node. Not for several threads at once. Spec: WIR-16.

    Args:
        url: the node's address, such as `ws://127.0.0.1:7001`.
        timeout_s: how long to wait for an answer.

    Raises:
        NodeUnreachable: nobody answers there.
    """

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._last_request = 0
        try:
            opened = connect(
                url.rstrip("/") + CLIENT_PATH,
                open_timeout=timeout_s,
                max_size=None,
                compression=None,
            )
            self._connection = opened.__enter__()  # left by `close`
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise NodeUnreachable(f"no node answers at {url}: {error}") from None

    def ask(self, verb: str, **arguments: object) -> object:
        """Ask a node for something and return its answer. Spec: WIR-16.

        Raises:
            UsageError: the node turned the request down; the error says why.
            NodeUnreachable: the node went away before it answered.
        """
        self._last_request += 1
        request = {"request": self._last_request, "do": verb, **arguments}
        try:
            self._connection.send(json.dumps(request))
            answer = json.loads(self._connection.recv(self._timeout_s))
        except (OSError, ConnectionClosed, TimeoutError) as error:
            self._connection.close()
            reason = str(error) or "no answer in time"
            raise NodeUnreachable(f"{self.url} went away: {reason}") from None
        if (wrong := answer.get("error")) is not None:
            raise UsageError(wrong["rule"], wrong["subject"], wrong["reason"])
        return answer["ok"]

    def get(self, id: str, *, kind: str = "node", namespace: str = NAMESPACE) -> Node | Edge | None:
        """Read a node, or with `kind="edge"` an edge; None where none shows. Spec: GRF-4, GRF-6."""
        return entity_from(self.ask("get", id=id, kind=kind, namespace=namespace))

    def neighbours(
        self,
        id: str,
        *,
        direction: str = "both",
        edge_type: str | None = None,
        namespace: str = NAMESPACE,
    ) -> tuple[Node, ...]:
        """List the nodes joined to a node by visible edges, in order of their ids. Spec: GRF-9."""
        found = self.ask(
            "neighbours", id=id, direction=direction, edge_type=edge_type, namespace=namespace
        )
        return tuple(node for node in _entities(found) if isinstance(node, Node))

    def nodes(self) -> tuple[Node, ...]:
        """List all nodes, in order of their ids. Spec: GRF-9."""
        return tuple(node for node in _entities(self.ask("nodes")) if isinstance(node, Node))

    def edges(self) -> tuple[Edge, ...]:
        """List all visible edges, in order of their ids. Spec: GRF-6."""
        return tuple(edge for edge in _entities(self.ask("edges")) if isinstance(edge, Edge))

    @contextmanager
    def batch(self) -> Iterator[Draft]:
        """Gather writes and make them all at once, or none if one is refused. Spec: HAM-7."""
        draft = Draft()
        yield draft
        if draft.operations:
            self._write(tuple(draft.operations))

    @property
    def status(self) -> dict[str, object]:
        """Report how the node is, with the root of what it received. Spec: MCH-10, SYN-5."""
        status = self.ask("status")
        assert isinstance(status, dict)
        return status

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _do(self, operation: Operation) -> str:
        return self._write((operation,))[0]

    def _write(self, operations: tuple[Operation, ...]) -> list[str]:
        written = self.ask("batch", operations=[operation_json(part) for part in operations])
        assert isinstance(written, dict)
        return list(written["ids"])


def entity_from(shown: object) -> Node | Edge | None:
    """Read a node or an edge out of an answer. Spec: WIR-16."""
    if not isinstance(shown, dict):
        return None
    fields = dict(shown)
    fields["labels"] = tuple(fields["labels"])
    properties = from_json(fields["properties"])
    assert isinstance(properties, dict)
    fields["properties"] = {name: normalise(value) for name, value in properties.items()}
    return Edge(**fields) if "source" in fields else Node(**fields)


def _entities(shown: object) -> list[Node | Edge]:
    assert isinstance(shown, list)
    found = (entity_from(part) for part in shown)
    return [entity for entity in found if entity is not None]
