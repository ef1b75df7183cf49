"""The replica that programs embed: the machine on a driver in memory. Spec: MCH-1, MCH-12.

Everything is kept in memory, so every write is as durable as the process. The calls are those
that the node with a journal answers as well.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from attrs import field, frozen

from loomweave.core.entities import NAMESPACE, Kind
from loomweave.core.errors import Refusal, UsageError
from loomweave.core.events import (
    ENTROPY_BYTES,
    Connected,
    Event,
    Notify,
    Persist,
    Persisted,
    Received,
    Refused,
    Rejected,
    Reply,
    Send,
    Started,
    Write,
    Written,
)
from loomweave.core.graph import view
from loomweave.core.graph.changes import Change, describe
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.graph.view import CUSTOM, Edge, Node
from loomweave.core.machine import step
from loomweave.core.replica.reconcile import state_frames
from loomweave.core.replica.state import Config, Status, graph_salt, initial, root, status_of
from loomweave.core.sync.frames import PROTOCOL_VERSION, Batch, Hello
from loomweave.core.sync.frames import State as StateFrame
from loomweave.wire.native import decode_frame, encode_frames

DELTA_LOG_MAX = 10_000
"""Most frames kept for `deltas_since`; for older ones the whole state is given. Spec: MCH-12."""
OUT = "deltas out"
IN = "deltas in"


@frozen
class Deltas:
    """What a replica received since a cursor, as frames to hand to another. Spec: MCH-12."""

    cursor: int
    """Give this to the next `deltas_since` to go on from here."""
    frames: tuple[bytes, ...]


@frozen
class Receipt:
    """What became of received deltas. Spec: MCH-12."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    """What was not taken and why; those with `retry_at_ns` may be received again later."""


class Operations:
    """The calls that write, shared by a replica and a batch."""

    def _do(self, operation: Operation) -> str:
        raise NotImplementedError

    def put_node(
        self,
        id: str,
        *,
        type: str | None = None,
        properties: dict[str, object] | None = None,
        labels: Iterable[str] | None = None,
        replace: bool = False,
        namespace: str = NAMESPACE,
    ) -> str:
        """Create a node, or patch the living one, and return its id. Spec: GRF-12, GRF-13.

        Raises:
            UsageError: a name or a value that a rule forbids.
        """
        named = tuple(labels) if labels is not None else None
        return self._do(PutNode(id, type, dict(properties or {}), named, replace, namespace))

    def put_edge(
        self,
        source: str,
        target: str,
        type: str = CUSTOM,
        *,
        id: str | None = None,
        directed: bool = True,
        weight: float | int | None = None,
        properties: dict[str, object] | None = None,
        labels: Iterable[str] | None = None,
        replace: bool = False,
        namespace: str = NAMESPACE,
    ) -> str:
        """Create an edge between living nodes, or patch it, and return its id. Spec: GRF-7, GRF-12.

        Raises:
            UsageError: an end that does not exist, ends that differ from those at its creation,
                a weight that is no finite number.
        """
        return self._do(
            PutEdge(
                source=source,
                target=target,
                type=type,
                id=id,
                directed=directed,
                weight=weight,
                properties=dict(properties or {}),
                labels=tuple(labels) if labels is not None else None,
                replace=replace,
                namespace=namespace,
            )
        )

    def patch(
        self,
        id: str,
        properties: dict[str, object] | None = None,
        *,
        kind: str = "node",
        weight: float | int | None = None,
        add_labels: Iterable[str] = (),
        drop_labels: Iterable[str] = (),
        namespace: str = NAMESPACE,
    ) -> str:
        """Change fields of a living entity; None deletes a property. Spec: GRF-14.

        Raises:
            UsageError: nothing lives under this id.
        """
        return self._do(
            Patch(
                _kind(kind),
                id,
                dict(properties or {}),
                weight,
                tuple(add_labels),
                tuple(drop_labels),
                namespace,
            )
        )

    def delete(self, id: str, *, kind: str = "node", namespace: str = NAMESPACE) -> str:
        """Delete a living entity; edges at a deleted node do not show any more. Spec: GRF-15.

        Raises:
            UsageError: nothing lives under this id.
        """
        return self._do(Delete(_kind(kind), id, namespace))


def _kind(kind: str) -> Kind:
    if kind not in (Kind.NODE, Kind.EDGE):
        raise UsageError("GRF-1", repr(kind), "an entity to write is a 'node' or an 'edge'")
    return Kind(kind)


class Draft(Operations):
    """Operations that will be made at once. Spec: HAM-7."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def _do(self, operation: Operation) -> str:
        self.operations.append(operation)
        return getattr(operation, "id", None) or ""


@frozen
class _Clocks:
    wall: Callable[[], int] = time.time_ns
    mono: Callable[[], int] = time.monotonic_ns


@frozen
class _Outcome:
    """What one event told, gathered for the call that brought it about."""

    replies: list[Written | Rejected] = field(factory=list)
    changes: list[Change] = field(factory=list)
    refusals: list[Refusal] = field(factory=list)


class Replica(Operations):
    """One replica of a graph, in this process. Not for several threads at once.

    Args:
        name: the replica's name; no two replicas of a graph may share one.
        graph: the graph's name; replicas of different graphs do not sync.
        wall: reads the wall clock, nanoseconds since 1970.
        entropy: gives that many random bytes.
    """

    def __init__(
        self,
        name: str,
        *,
        graph: str = "default",
        wall: Callable[[], int] = time.time_ns,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._clocks = _Clocks(wall)
        self._state = initial(Config(name, graph_salt(graph)))
        self._listeners: list[Callable[[Change], None]] = []
        self._log: list[bytes] = []
        self._log_start = 0
        self._request_id = 0
        self._step(Started(wall(), self._clocks.mono(), entropy(ENTROPY_BYTES)))
        for peer in (OUT, IN):
            self._step(Connected(wall(), self._clocks.mono(), peer))
            hello = Hello(PROTOCOL_VERSION, peer, graph_salt(graph), "main", answer=False)
            self._step(Received(wall(), self._clocks.mono(), peer, hello))

    def get(self, id: str, *, kind: str = "node", namespace: str = NAMESPACE) -> Node | Edge | None:
        """Read a node, or with `kind="edge"` an edge; None where none shows. Spec: GRF-4, GRF-6."""
        self._look()
        find = view.find_edge if _kind(kind) is Kind.EDGE else view.find_node
        return find(self._state.graph, id, namespace)

    def neighbours(
        self,
        id: str,
        *,
        direction: str = "both",
        edge_type: str | None = None,
        namespace: str = NAMESPACE,
    ) -> tuple[Node, ...]:
        """List the nodes joined to a node by visible edges, in order of their ids. Spec: GRF-9."""
        if direction not in ("out", "in", "both"):
            raise UsageError("GRF-9", repr(direction), "a direction is 'out', 'in' or 'both'")
        self._look()
        return view.neighbours(self._state.graph, id, direction, edge_type, namespace)

    def nodes(self, *, type: str | None = None, label: str | None = None) -> tuple[Node, ...]:
        """List nodes, all or those of a type or with a label, in order of ids. Spec: GRF-9."""
        self._look()
        graph = self._state.graph
        if type is not None:
            found = view.nodes_by_type(graph, type)
        elif label is not None:
            found = view.nodes_by_label(graph, label)
        else:
            found = view.all_nodes(graph)
        return tuple(node for node in found if label is None or label in node.labels)

    def edges(self, *, type: str | None = None) -> tuple[Edge, ...]:
        """List visible edges, all or those of a type, in order of ids. Spec: GRF-6, GRF-9."""
        self._look()
        graph = self._state.graph
        return tuple(view.all_edges(graph) if type is None else view.edges_by_type(graph, type))

    def dangling(self) -> tuple[Edge, ...]:
        """List the edges that live but do not show because of their ends. Spec: GRF-8."""
        self._look()
        return tuple(view.dangling(self._state.graph))

    @contextmanager
    def batch(self) -> Iterator[Draft]:
        """Gather writes and make them all at once, or none if one is refused. Spec: HAM-7, GRF-12.

        Nothing is written when the block raises.
        """
        draft = Draft()
        yield draft
        if draft.operations:
            self._write(tuple(draft.operations))

    def on_change(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every change from now on, own ones included. Spec: MCH-9, GRF-18.

        Returns:
            a function that ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def deltas_since(self, cursor: int = 0) -> Deltas:
        """Return what this replica received since a cursor; 0 for all. Spec: MCH-12."""
        end = self._log_start + len(self._log)
        if not 0 <= cursor <= end:
            reason = f"a cursor lies between 0 and {end}, as an earlier answer gave it"
            raise UsageError("MCH-12", f"cursor {cursor}", reason)
        if cursor >= self._log_start:
            return Deltas(end, tuple(self._log[cursor - self._log_start :]))
        graph = self._state.graph
        entities = sorted({*graph.held, *(waiting.entity for waiting in graph.waiting)})
        frames = state_frames(self._state, entities)
        return Deltas(end, tuple(data for frame in frames for data in encode_frames(frame)))

    def receive(self, deltas: Deltas | Iterable[bytes]) -> Receipt:
        """Take in what another replica's `deltas_since` gave. Spec: MCH-12, HAM-3.

        In any order, as often as one likes. What is refused is told, and never raises.
        """
        frames = deltas.frames if isinstance(deltas, Deltas) else deltas
        changes: list[Change] = []
        refusals: list[Refusal] = []
        for data in frames:
            now = self._clocks.wall(), self._clocks.mono()
            outcome = self._step(Received(*now, IN, decode_frame(data)))
            changes += outcome.changes
            refusals += outcome.refusals
        return Receipt(tuple(changes), tuple(refusals))

    @property
    def root(self) -> bytes:
        """Return the hash of everything received: equal roots, equal replicas. Spec: SYN-5."""
        return root(self._state)

    @property
    def status(self) -> Status:
        """Report how the replica is. Spec: MCH-10."""
        return status_of(self._state)

    def _do(self, operation: Operation) -> str:
        return self._write((operation,)).ids[0]

    def _write(self, operations: tuple[Operation, ...]) -> Written:
        self._request_id += 1
        now = self._clocks.wall(), self._clocks.mono()
        outcome = self._step(Write(*now, self._request_id, operations))
        answer = outcome.replies[-1]
        if isinstance(answer, Rejected):
            raise UsageError(answer.rule, answer.subject, answer.reason)
        return answer

    def _look(self) -> None:
        """Let time pass before reading, so that what has come due shows. Spec: HAM-5."""
        now = self._clocks.wall(), self._clocks.mono()
        self._step(Persisted(*now, self._state.journal.lsn))

    def _step(self, event: Event) -> _Outcome:
        """Step the machine and perform what it asks for; memory is durable at once. Spec: MCH-4."""
        self._state, effects = step(self._state, event)
        outcome = _Outcome()
        for effect in effects:
            match effect:
                case Reply(_, answer, _):
                    outcome.replies.append(answer)
                case Notify(_, won, before, _, _):
                    outcome.changes.extend(describe(won, before))
                case Refused(_, refusal):
                    outcome.refusals.append(refusal)
                case Send(peers, frame, _) if OUT in peers:
                    if isinstance(frame, Batch | StateFrame):
                        self._log += encode_frames(frame)
                case Persist(lsn, _):
                    self._step(Persisted(event.wall_ns, event.mono_ns, lsn))
        if len(self._log) > DELTA_LOG_MAX:
            excess = len(self._log) - DELTA_LOG_MAX // 2
            del self._log[:excess]
            self._log_start += excess
        for change in outcome.changes:
            for listener in tuple(self._listeners):
                listener(change)
        return outcome
