"""Replicas against plain dicts, under a network and disks that do what they like.

Spec: MCH-1, MCH-4, MCH-8, MCH-9, SYN-2 to SYN-9, HAM-2, HAM-5.
"""

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from loomweave.core.graph import view
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation, PutEdge, PutNode
from loomweave.core.lattices.register import GUN_SEQ, GUN_WRITER, Rows
from loomweave.core.replica.intake import WAKE_DUE
from loomweave.core.replica.local import WAKE_COMPARE
from loomweave.core.values import Value, plain
from loomweave.laws.ham import held_rows, is_below
from tests.machines.world import COMPARE_NS, SKEW_NS, TICK_NS, Host, World
from tests.strategies import field_rows, operations

NAMES = ("r1", "r2", "r3")
SOME = st.sampled_from(NAMES)
ANY = st.integers(0, 10_000)
OFTEN = st.sampled_from([True, True, True, False])
OFFSETS = st.sampled_from([0, 0, 1, 2, 15, 30, -1, -10, -25])
"""How wrong a clock may be, in ticks; the skew limit is 20."""


class Replicas(RuleBasedStateMachine):
    """Three replicas; every step of each is held against its twin."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def host(self, name: str) -> Host:
        return self.world.hosts[name]

    @initialize(offsets=st.tuples(OFFSETS, OFFSETS, OFFSETS))
    def boot(self, offsets: tuple[int, ...]) -> None:
        for name, ticks in zip(NAMES, offsets, strict=True):
            self.world.boot(name)
            self.host(name).ahead_ns = ticks * TICK_NS
        self.connect_all()
        self.world.write(self.host("r1"), PutNode("n1"))
        self.world.write(self.host("r1"), PutNode("n2"))
        self.world.write(self.host("r1"), PutEdge("n1", "n2", "knows", "e1"))
        self.flush_all()

    @rule()
    def connect_all(self) -> None:
        for a, b in (("r1", "r2"), ("r2", "r3"), ("r1", "r3")):
            self.world.connect(a, b)
        self.flush_all()
        self.world.drain()

    @rule()
    def flush_all(self) -> None:
        for name in NAMES:
            self.world.flush(self.host(name))

    @rule(name=SOME, operation=operations(), flush=OFTEN)
    def write(self, name: str, operation: Operation, flush: bool) -> None:
        self.world.write(self.host(name), operation)
        if flush:
            self.world.flush(self.host(name))

    @rule(name=SOME, asked=st.lists(operations(), min_size=2, max_size=4))
    def write_several(self, name: str, asked: list[Operation]) -> None:
        for operation in asked:
            self.world.write(self.host(name), operation)

    @rule(name=SOME, ticks=st.integers(-2, 25), rows=field_rows())
    def foreign(self, name: str, ticks: int, rows: dict[str, dict[str, Value]]) -> None:
        stamp_ns = self.world.wall_ns(self.host(name)) + ticks * TICK_NS
        part = Part(GUN_WRITER, GUN_SEQ, stamp_ns, rows)
        self.world.foreign(self.host(name), part)

    @rule(name=SOME, steps=st.integers(0, 2))
    def flush(self, name: str, steps: int) -> None:
        self.world.flush(self.host(name), steps)

    @precondition(lambda self: self.world.flying)
    @rule(at=ANY, fate=st.sampled_from(["deliver", "deliver", "deliver", "double", "lose"]))
    def network(self, at: int, fate: str) -> None:
        at %= len(self.world.flying)
        if fate == "lose":
            self.world.flying.pop(at)
        else:
            self.world.deliver(at, keep=fate == "double")

    @precondition(lambda self: len(self.world.flying) > 1)
    @rule(ats=st.lists(ANY, min_size=2, max_size=10))
    def deliver_much(self, ats: list[int]) -> None:
        for at in ats:
            if self.world.flying:
                self.world.deliver(at % len(self.world.flying))
        self.flush_all()

    @rule(name=SOME)
    def isolate(self, name: str) -> None:
        for other in NAMES:
            if other != name:
                self.world.disconnect(name, other)

    @rule(ticks=st.sampled_from([0, 1, 3, 10]))
    def time_passes(self, ticks: int) -> None:
        self.world.now_ns += ticks * TICK_NS + ticks // 3

    @rule(name=SOME, ticks=OFFSETS)
    def clock_steps(self, name: str, ticks: int) -> None:
        self.host(name).ahead_ns = ticks * TICK_NS

    @rule(name=SOME, key=st.sampled_from([WAKE_DUE, WAKE_COMPARE]), jump=st.booleans())
    def wake(self, name: str, key: str, jump: bool) -> None:
        if jump:
            self.world.now_ns += COMPARE_NS
        self.world.wake(self.host(name), key)
        self.world.flush(self.host(name))

    @rule(name=SOME, compacts=st.booleans(), back=OFTEN)
    def restart(self, name: str, compacts: bool, back: bool) -> None:
        if compacts:
            self.world.compact(self.host(name))
        else:
            self.world.crash(self.host(name))
        if back:
            self.connect_all()

    def teardown(self) -> None:
        if not self.world.hosts:
            return
        self.world.settle()
        written: Rows = {}
        for host in self.world.hosts.values():
            twin = host.twin
            nodes = {node.id: node.properties for node in view.all_nodes(host.state.graph)}
            shown = {
                id: {name: plain(value) for name, value in properties.items()}
                for id, properties in twin.nodes().items()
            }
            assert nodes == shown
            assert {edge.id for edge in view.all_edges(host.state.graph)} == set(twin.edges())
            written = held_rows(host.state.graph)
        for dot in self.world.acknowledged:
            rows: Rows = {}
            for (entity, field), element in self.world.written[dot].items():
                rows.setdefault(entity, {})[field] = element
            assert is_below(rows, written), "an acknowledged write is lost"
        assert self.world.rules_refused <= {"CLK-5", "SYN-1"}


TestReplicas = Replicas.TestCase
TestReplicas.settings = settings(
    settings(),
    max_examples=80 if settings().max_examples < 1_000 else 400,
    stateful_step_count=40,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
assert SKEW_NS > COMPARE_NS
