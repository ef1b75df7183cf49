"""The replica that programs embed: the machine on a driver in memory. Spec: MCH-1, MCH-12.

Everything is kept in memory, so every write is as durable as the process. The calls are those
that the node with a journal answers as well.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, overload

from attrs import evolve, field, frozen

from loomweave.core.entities import NAMESPACE, Kind, check_name
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
from loomweave.core.graph.operations import Operation
from loomweave.core.graph.view import Edge, Node
from loomweave.core.machine import step
from loomweave.core.replica.reconcile import state_frames
from loomweave.core.replica.state import Config, Status, graph_salt, initial, root, status_of
from loomweave.core.sync.frames import PROTOCOL_VERSION, Batch, Hello
from loomweave.core.sync.frames import State as StateFrame
from loomweave.runtime.writing import Draft, KindName, Operations, kind_given
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
    salt: bytes
    """Names the graph that they are of. Spec: SYN-1."""


@frozen
class Receipt:
    """What became of received deltas. Spec: MCH-12."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    """What was not taken and why; those with `retry_at_ns` may be received again later."""


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
    """One replica of a graph, in the memory of this process. Not for several threads at once.

    For a replica that keeps a journal run `loomweave node` and talk to it with `Client`, which
    has the same calls.

    Args:
        name: the replica's name; no two replicas of a graph may share one.
        graph: the graph's name; replicas of different graphs do not sync.
        wall: reads the wall clock, whole nanoseconds since 1970.
        entropy: gives that many random bytes.

    Raises:
        UsageError: a name that cannot be one.
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
        self._state = initial(Config(check_name(name), graph_salt(check_name(graph))))
        self._draft: Draft | None = None
        self._listeners: list[Callable[[Change], None]] = []
        self._log: list[bytes] = []
        self._log_start = 0
        self._request_id = 0
        self._step(Started(wall(), self._clocks.mono(), entropy(ENTROPY_BYTES)))
        for peer in (OUT, IN):
            self._step(Connected(wall(), self._clocks.mono(), peer))
            hello = Hello(PROTOCOL_VERSION, peer, graph_salt(graph), "main", answer=False)
            self._step(Received(wall(), self._clocks.mono(), peer, hello))

    @overload
    def get(
        self, id: str, *, kind: Literal["node"] = "node", namespace: str = NAMESPACE
    ) -> Node | None: ...

    @overload
    def get(self, id: str, *, kind: Literal["edge"], namespace: str = NAMESPACE) -> Edge | None: ...

    def get(
        self, id: str, *, kind: KindName = "node", namespace: str = NAMESPACE
    ) -> Node | Edge | None:
        """Read a node, or with `kind="edge"` an edge; None where none shows. Spec: GRF-4, GRF-6."""
        self._look()
        find = view.find_edge if kind_given(kind) is Kind.EDGE else view.find_node
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

            with replica.batch() as batch:
                batch.put_node("a")
                batch.put_node("b")

        The writes are those made on what the block is given. Nothing is written when it raises.

        Raises:
            UsageError: a write that a rule forbids; a write on the replica itself, or another
                batch, inside the block.
        """
        self._refuse_inside_batch()
        draft = self._draft = Draft()
        try:
            yield draft
        finally:
            self._draft = None
        if draft.operations:
            self._write(tuple(draft.operations))

    def on_change(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every change from now on, own ones included. Spec: MCH-9, GRF-18.

        It is called once the change is made; what it raises goes through to whoever wrote.

        Returns:
            a function that ends it.
        """
        if not callable(listener):
            raise UsageError("MCH-9", repr(listener), "a listener is a function of one change")
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def deltas_since(self, cursor: int = 0) -> Deltas:
        """Return what this replica received since a cursor; 0 for all. Spec: MCH-12."""
        end = self._log_start + len(self._log)
        if type(cursor) is not int or not 0 <= cursor <= end:
            reason = f"a cursor lies between 0 and {end}, as an earlier answer gave it"
            raise UsageError("MCH-12", f"cursor {cursor}", reason)
        if cursor >= self._log_start:
            return Deltas(
                end, tuple(self._log[cursor - self._log_start :]), self._state.config.salt
            )
        graph = self._state.graph
        entities = sorted({*graph.held, *(waiting.entity for waiting in graph.waiting)})
        frames = state_frames(self._state, entities)
        pieces = tuple(piece for frame in frames for piece in encode_frames(frame))
        return Deltas(end, pieces, self._state.config.salt)

    def receive(self, deltas: Deltas | Iterable[bytes]) -> Receipt:
        """Take in what another replica's `deltas_since` gave. Spec: MCH-12, HAM-3.

        In any order, as often as one likes. What is refused is told, and never raises.
        """
        if isinstance(deltas, Deltas) and deltas.salt != self._state.config.salt:
            reason = "these are deltas of another graph; import converts"
            return Receipt((), (Refusal("SYN-1", reason, "deltas"),))
        if isinstance(deltas, str | bytes) or not isinstance(deltas, Deltas | Iterable):
            reason = "give what deltas_since returned, or a list of its frames"
            raise UsageError("MCH-12", "receive", reason)
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
        """Report how the replica is; it has no peers of its own. Spec: MCH-10."""
        return evolve(status_of(self._state), peers_connected=0, peers_greeted=0)

    def _do(self, operation: Operation) -> str:
        self._refuse_inside_batch()
        return self._write((operation,)).ids[0]

    def _refuse_inside_batch(self) -> None:
        if self._draft is not None:
            reason = "a batch is open: write on what `with replica.batch() as batch` gave"
            raise UsageError("HAM-7", "batch", reason)

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
