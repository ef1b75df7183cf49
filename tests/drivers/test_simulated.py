"""The simulator's driver keeps the same contract as the asyncio one.

Spec: STO-10 to STO-15, SCN-26.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from loomweave.core.events import Notify, Record, Refused, Reply, Send
from loomweave.core.replica.state import Config, initial
from loomweave.core.sync.frames import Agreed
from loomweave_sim.chance import SPREADS, Chance
from loomweave_sim.node import Node
from loomweave_sim.simjournal import SimJournal
from loomweave_sim.stage import Hooks, Host, VirtualTime, Watcher
from loomweave_sim.system import System
from loomweave_sim.trace import Trace
from tests.drivers import contract
from tests.drivers.contract import CHECKS, SECOND_NS, Check, Happening, Stepper, frame, name_of

HELD_NS = 1_000 * SECOND_NS
"""How long a sync takes on a disk that is held; `free_disk` waits for it."""


class HeldJournal(SimJournal):
    """A journal whose disk a test can hold."""

    is_held = False

    def begin_sync(self) -> tuple[int, int, int]:
        """Begin a sync, a very long one while the disk is held."""
        delay_ns, count, lsn = super().begin_sync()
        return (HELD_NS if self.is_held else delay_ns), count, lsn


class Notes(Watcher):
    """Writes down what the driver brings about."""

    def __init__(self, rig: "SimulatedRig") -> None:
        self.rig = rig

    def notified(self, node: Host, entry: Notify) -> None:
        """Note an entry of the feed."""
        self.rig.seen.append(("notify", entry.number))

    def recovered(self, node: Host, found: Any) -> None:
        """Note what recovery found."""
        self.rig.found = tuple(found.records)


class SimulatedRig:
    """One simulated replica on a stage that has nothing but time."""

    peers: tuple[str, ...] = ("p1", "p2")

    def __init__(self, waits_for_disk: bool = True) -> None:
        self.seen: list[Happening] = []
        self.found: tuple[Record, ...] = ()
        self.env = VirtualTime()
        self.journal = HeldJournal(Chance(7, "disk"), SPREADS["lan"])
        self._waits = waits_for_disk
        self._requests = 0
        hooks = Hooks()
        hooks.add(Notes(self))
        stage: Any = SimpleNamespace(
            env=self.env,
            seed=7,
            hooks=hooks,
            trace=Trace(),
            note=lambda *line: None,
            send=self._sent,
            replied=self._replied,
            refused=self._refused,
            node_crashed=lambda node: None,
        )
        self.stage = stage
        self.node = self._node(System())

    def _node(self, system: System) -> Node:
        node = Node(self.stage, 0, Config("contract"), self.journal, system)
        if hasattr(self, "node"):
            node.clock, node.life = self.node.clock, self.node.life
        return node

    def _sent(self, node: Node, send: Send) -> None:
        assert isinstance(send.frame, Agreed)
        self.seen += [("send", (peer, send.frame.seen[b"mark"])) for peer in send.peers]

    def _replied(self, node: Node, reply: Reply) -> None:
        self.seen.append(("reply", reply.request_id))

    def _refused(self, node: Node, refused: Refused) -> None:
        self.seen.append(("refused", refused.refusal.rule))

    def begin(self, step: Stepper) -> tuple[Record, ...]:
        """Start a process on the disk as it is."""
        system = System(step, lambda config, records: (initial(config), ()), self._waits)
        self.node = self._node(system)
        self.node.start()
        return self.found

    def receive(self, mark: int) -> None:
        """Let a frame arrive."""
        self.node.receive(self.peers[0], frame(mark))

    def request(self) -> int:
        """Let a client write."""
        self._requests += 1
        self.node.request(self._requests, ())
        return self._requests

    def hold_disk(self) -> None:
        """Let nothing become durable."""
        self.journal.is_held = True

    def free_disk(self) -> None:
        """Let the disk go on."""
        self.journal.is_held = False
        self.pass_ns(HELD_NS)

    def pass_ns(self, span_ns: int) -> None:
        """Let virtual time pass."""
        self.env.run(until=self.env.now + span_ns)

    def step_wall(self, by_ns: int) -> None:
        """Set the wall clock."""
        self.node.clock.step(int(self.env.now), by_ns)
        self.node.clock_changed()

    def crash(self) -> None:
        """Kill the process."""
        self.node.crash(torn=False)

    def close(self) -> None:
        """Let go of nothing."""


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_driver_keeps_the_contract(check: Check) -> None:
    check(SimulatedRig())


@pytest.mark.parametrize(
    "check",
    [contract.nothing_is_told_before_it_is_durable, contract.what_is_durable_survives_a_crash],
    ids=name_of,
)
def test_driver_that_does_not_wait_is_caught(check: Check) -> None:
    with pytest.raises(AssertionError):
        check(SimulatedRig(waits_for_disk=False))
