"""The world of a run: replicas, links between them, clients, virtual time. Spec: SCN-13, SCN-26.

Virtual time is SimPy's, in integer nanoseconds. Nothing in it is a process: whatever happens is
a callback of one timeout.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final

import msgspec
from blake3 import blake3

from loomweave.core.errors import Refusal
from loomweave.core.events import Refused, Rejected, Reply, Send
from loomweave.core.graph.merge import Part
from loomweave.core.replica.state import Config, graph_salt
from loomweave.core.sync.frames import Frame
from loomweave.wire.native import decode_frame, encode_frame
from loomweave_sim.chance import Chance
from loomweave_sim.framesize import FrameSizes
from loomweave_sim.hostclock import EPOCH_NS
from loomweave_sim.imports import as_parts
from loomweave_sim.link import Harm, Link
from loomweave_sim.node import IMPORT_REQUEST, Node
from loomweave_sim.quantities import SPAN_NS_MAX
from loomweave_sim.scenario import Scenario
from loomweave_sim.simjournal import SimJournal
from loomweave_sim.sourcegraph import SourceGraph
from loomweave_sim.stage import Callbacks, Due, Hooks, Host, VirtualTime
from loomweave_sim.system import System, shipped
from loomweave_sim.trace import NOBODY, Happening, Trace, detail
from loomweave_sim.workload import Action, Workload

GENESIS_NS: Final = EPOCH_NS - SPAN_NS_MAX
"""Stamp of everything imported: before whatever a wrong clock may show. Spec: SCN-9."""
RETRY_NS: Final = 200_000_000
"""After how long a client asks again when a replica was busy. Spec: SCN-27."""
RETRIES_MAX: Final = 50
"""How often a client asks again. Spec: SCN-27."""
BUSY_RULE: Final = "MCH-11"
BYTES_SAMPLE: Final = 100
"""Of so many messages, one is turned into bytes and back. Spec: SCN-26."""
FLIGHT_MIN: Final = 5_000
FLIGHT_PER_LINK: Final = 500
"""Most messages under way, in all and for each link; more are a storm. Spec: SCN-25."""


_SEND: Final = int(Happening.SEND)
_DELIVER: Final = int(Happening.DELIVER)
"""To look these up in their class for every message takes longer than to write the line."""


class Storm(Exception):
    """More messages are under way than any sound system would send. Spec: SCN-25."""


class Route(msgspec.Struct, frozen=True):
    """The way from one replica to another. Spec: SCN-13."""

    sender: Node
    receiver: Node
    to: int
    """The receiver's index."""
    link: Link


class Message(msgspec.Struct):
    """A copy of a message that is under way: the event of its arrival. Spec: SCN-13."""

    callbacks: Callbacks | None
    route: Route
    number: int
    size: int
    frame: Frame | Refusal
    """What the receiver will read: a refusal where the message was damaged."""
    _ok: ClassVar[bool] = True


class World:
    """Everything of one run, at one instant of virtual time. Spec: SCN-26."""

    def __init__(
        self,
        scenario: Scenario,
        graph: SourceGraph,
        seed: int,
        system: Callable[[int], System] = shipped,
        neighbours: Callable[[int], tuple[int, ...]] | None = None,
    ) -> None:
        self.scenario = scenario
        self.graph = graph
        self.seed = seed
        self.env = VirtualTime(initial_time=0)
        self.trace = Trace()
        self.hooks = Hooks()
        self.sizes = FrameSizes()
        self.messages = 0
        self.in_flight = 0
        self.requests: dict[int, Action] = {}
        """Requests that were handed to a replica and not yet answered for good."""
        self.unreachable = 0
        """Requests that found no process running."""
        self._attempts: dict[int, int] = {}
        self._salt = graph_salt(graph.content.hex())
        count = scenario.scenario.replicas
        self._neighbours = neighbours or scenario.neighbours
        self.nodes = tuple(self._node(index, system(index)) for index in range(count))
        self._places = {node.name: node.index for node in self.nodes}
        self.links = self._links()
        self.flight_max = FLIGHT_MIN + FLIGHT_PER_LINK * len(self.links)
        nodes, links = self.nodes, self.links
        self._routes = [
            {nodes[j].name: Route(nodes[i], nodes[j], j, links[i, j]) for j in self._neighbours(i)}
            for i in range(count)
        ]
        self._arrival: Callbacks = (self._arrive,)

    def _node(self, index: int, system: System) -> Node:
        config = Config(f"n{index}", salt=self._salt, genesis_ns=GENESIS_NS)
        journal = SimJournal(Chance(self.seed, f"disk/{index}"), self.scenario.disk.sync)
        return Node(self, index, config, journal, system)

    def _links(self) -> dict[tuple[int, int], Link]:
        return {
            (i, j): Link(self.scenario.link_quality(i, j), Chance(self.seed, f"link/{i}/{j}"))
            for i in range(len(self.nodes))
            for j in self._neighbours(i)
        }

    # ---- beginning -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Start all replicas, load the graph into each, link them, let clients in. Spec: SCN-26."""
        parts: tuple[Part, ...] = tuple(as_parts(self.graph, GENESIS_NS))
        for node in self.nodes:
            node.start()
            node.load(parts)
        for hook in self.hooks.begin:
            hook(self)
        for node in self.nodes:
            for peer in sorted(self._routes[node.index]):
                node.connect(peer)
        self._next_action(Workload(self.scenario, self.graph, self.seed).actions())

    def at(self, time_ns: int, call: Callable[[Due], None], value: object = None) -> None:
        """Let something happen at an instant of virtual time. Spec: SCN-26."""
        self.env.call(time_ns - self.env.now, (call,), value)

    def note(
        self, kind: int, replica: int = NOBODY, other: int = NOBODY, first: int = 0, second: int = 0
    ) -> None:
        """Write a line of the trace. Spec: SCN-4."""
        self.trace.add(self.env.now, kind, replica, other, first, second)

    # ---- messages ------------------------------------------------------------------------------

    def send(self, node: Host, send: Send) -> None:
        """Put a frame onto the links to its receivers. Spec: SCN-13."""
        for hook in self.hooks.sent:
            hook(node, send)
        env, frame, sender = self.env, send.frame, node.index
        now_ns, put, arrival = env.now, env.put, self._arrival
        size = self.sizes.size(frame)
        routes = self._routes[sender]
        number = self.messages
        lines: list[int] = []
        for peer in send.peers:
            route = routes[peer]
            receiver, link = route.to, route.link
            number += 1
            lines += (now_ns, _SEND, sender, receiver, number, size)
            delays = link.send(now_ns, size)
            harm = link.harm() if link.does_harm else None
            if not delays:
                fate = Happening.CUT if link.is_cut else Happening.LOST
                lines += (now_ns, fate, sender, receiver, number, 0)
            elif harm is not None:
                lines += self._send_damaged(route, number, frame, harm, delays)
            else:
                for delay_ns in delays:
                    put(delay_ns, Message(arrival, route, number, size, frame))
                self.in_flight += len(delays)
        self.messages = number
        self.trace.extend(lines)
        if self.in_flight > self.flight_max:
            raise Storm

    def _send_damaged(
        self, route: Route, number: int, frame: Frame, harm: Harm, delays: Sequence[int]
    ) -> list[int]:
        """Let a message arrive as the refusal of its bytes; return the lines. Spec: SCN-13."""
        now_ns, sender, receiver = self.env.now, route.sender.index, route.to
        data = route.link.damage(encode_frame(frame), harm)
        lines = [now_ns, Happening.DAMAGED, sender, receiver, number, len(data)]
        read = decode_frame(data)
        assert isinstance(read, Refusal), "the checksum finds what a few bytes or an end do"
        for delay_ns in delays:
            self.env.put(delay_ns, Message(self._arrival, route, number, len(data), read))
        self.in_flight += len(delays)
        return lines

    def _arrive(self, message: Message) -> None:
        route, number, size = message.route, message.number, message.size
        sender, receiver = route.sender, route.receiver
        self.in_flight -= 1
        if not route.link.arrive(size):
            self.note(Happening.CUT, sender.index, route.to, number)
        elif not receiver.alive:
            self.note(Happening.ABSENT, sender.index, route.to, number)
        else:
            now_ns = self.env.now
            self.trace.extend((now_ns, _DELIVER, sender.index, route.to, number, size))
            frame = message.frame
            if number % BYTES_SAMPLE == 0 and not isinstance(frame, Refusal):
                frame = self.sizes.through_bytes(frame)
            receiver.receive(sender.name, frame)

    def refused(self, node: Host, refused: Refused) -> None:
        """Write down that a replica turned something away. Spec: MCH-2."""
        for hook in self.hooks.refused:
            hook(node, refused)
        other = self._places.get(refused.peer, NOBODY)
        rule = detail(refused.refusal.rule.encode().ljust(8, b"\0"))
        self.note(Happening.REFUSED, node.index, other, 0, rule)

    # ---- lives ---------------------------------------------------------------------------------

    def node_crashed(self, node: Host) -> None:
        """Let the neighbours of a dead process notice that its connections broke. Spec: SCN-19."""
        for peer in sorted(self._routes[node.index]):
            other = self.nodes[self._places[peer]]
            if other.alive:
                other.disconnect(node.name)

    def restart(self, node: Node) -> None:
        """Start a process again and link it with those who live. Spec: SCN-19."""
        node.start()
        for peer in sorted(self._routes[node.index]):
            other = self.nodes[self._places[peer]]
            if other.alive:
                node.connect(peer)
                other.connect(node.name)

    # ---- clients -------------------------------------------------------------------------------

    def _next_action(self, actions: Iterator[Action]) -> None:
        action = next(actions, None)
        if action is not None:
            self.at(action.at_ns, self._act, (action, actions))

    def _act(self, due: Due) -> None:
        action, actions = due.value
        self._next_action(actions)
        self._ask(action)

    def _ask(self, action: Action) -> None:
        node = self.nodes[action.replica]
        if not node.alive:
            self.unreachable += 1
            return
        mark = detail(blake3(repr(action.operations).encode()).digest())
        self.note(Happening.REQUEST, node.index, NOBODY, action.request, mark)
        self.requests[action.request] = action
        node.request(action.request, action.operations)

    def replied(self, node: Host, reply: Reply) -> None:
        """Give a client its answer; a busy replica is asked again later. Spec: SCN-27."""
        for hook in self.hooks.replied:
            hook(node, reply)
        outcome = reply.outcome
        declined = isinstance(outcome, Rejected)
        request = reply.request_id
        self.note(Happening.REPLY, node.index, NOBODY, request, 0 if declined else 1)
        if request == IMPORT_REQUEST:
            return
        action = self.requests.pop(request, None)
        if action is None or not isinstance(outcome, Rejected) or outcome.rule != BUSY_RULE:
            return
        tries = self._attempts.get(request, 0) + 1
        self._attempts[request] = tries
        if tries <= RETRIES_MAX:
            self.at(self.env.now + RETRY_NS, lambda _: self._ask(action))
