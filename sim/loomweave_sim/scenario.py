"""What a scenario says, as typed records. Spec: SCN-10, SCN-12, SCN-20, SCN-21.

`scenariofile` reads and validates the files; everything else takes these records.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, field

from loomweave_sim.chance import SEED_MAX, SPREADS, Spread
from loomweave_sim.faults import Fault, Index, LinkChange
from loomweave_sim.link import LinkQuality
from loomweave_sim.quantities import Share, Span

REPLICAS_MAX: Final = 1_000
"""Most replicas of a run. Spec: SCN-10."""
WEIGHT_MAX: Final = 1_000_000
"""Greatest weight in a mix. Spec: SCN-20."""

Topology: TypeAlias = Literal["mesh", "ring", "line", "star"]
Weight: TypeAlias = Annotated[int, Meta(ge=0, le=WEIGHT_MAX)]
Positive: TypeAlias = Annotated[int, Meta(ge=1, le=WEIGHT_MAX)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a scenario file. Spec: SCN-10."""


class Setup(Section, frozen=True, kw_only=True):
    """`[scenario]`: what the run is. Spec: SCN-10."""

    about: str
    """One sentence for lists and reports."""
    duration: Span
    """How long clients write and faults act; then the run heals. Spec: SCN-21."""
    seed: Annotated[int, Meta(ge=0, le=SEED_MAX)] = 1
    replicas: Annotated[int, Meta(ge=1, le=REPLICAS_MAX)] = 5
    graph: str = "les_miserables"
    """Name of a shipped graph, or path of a graph file, from the scenario file's folder."""


class Network(Section, frozen=True, kw_only=True):
    """`[network]`: who is linked with whom, and how links behave. Spec: SCN-13."""

    topology: Topology = "mesh"
    latency: Spread = SPREADS["lan"]
    loss: Share = Share(0)
    duplication: Share = Share(0)
    reordering: Share = Share(0)
    reordering_delay: Spread = SPREADS["lan"]
    corruption: Share = Share(0)
    truncation: Share = Share(0)

    def quality(self) -> LinkQuality:
        """Return the behaviour of a link for which nothing else is said. Spec: SCN-13."""
        return LinkQuality(
            self.latency,
            self.loss,
            self.duplication,
            self.reordering,
            self.reordering_delay,
            self.corruption,
            self.truncation,
        )


class DiskRule(Section, frozen=True, kw_only=True):
    """`[disk]`: how the simulated journals behave. Spec: SCN-15."""

    sync: Spread = SPREADS["ssd"]
    """How long it takes until written bytes are durable."""


class Mix(Section, frozen=True, kw_only=True):
    """`[workload.mix]`: how often each kind of operation comes, as weights. Spec: SCN-20."""

    patch_node: Weight = 40
    patch_edge: Weight = 25
    put_node: Weight = 6
    put_edge: Weight = 10
    delete_node: Weight = 1
    delete_edge: Weight = 3
    same_instant: Weight = 12
    delete_linked: Weight = 3


class Workload(Section, frozen=True, kw_only=True):
    """`[workload]`: what clients do. Spec: SCN-20."""

    start: Span = Span(0)
    until: Span | None = None
    """When clients stop; at the end of `duration` where absent."""
    every: Span = Span(200_000_000)
    """Mean time between two operations of one client."""
    writers: list[Index] = field(default_factory=list)
    """Replicas that have a client; all where the list is empty."""
    hot: Share = Share(300_000)
    """Share of operations that go to the hot entities."""
    hot_entities: Positive = 8
    properties: Positive = 4
    """How many properties of an entity clients choose from."""
    mix: Mix = Mix()


class Occurrence(StrEnum):
    """What a scenario may expect to have occurred. Spec: SCN-22."""

    CONFLICT = "conflict"
    """Two writes of one field, neither known to the other's writer."""
    TIE = "tie"
    """Two writes of one field with equal stamps and different values."""
    DEFERRAL = "deferral"
    """A write from the future was held back until it was due."""
    REFUSED = "refused"
    """A write too far in the future was refused."""
    DANGLING = "dangling"
    """An edge was kept whose end was deleted concurrently."""
    TORN_TAIL = "torn-tail"
    """Recovery cut off a record that was written in part."""
    RETRANSMISSION = "retransmission"
    """A message was sent again because its first copy did not get through."""
    LOSS = "loss"
    DUPLICATION = "duplication"
    REORDERING = "reordering"
    CORRUPTED = "corrupted"
    """Bytes of a message were changed on its way."""
    TRUNCATED = "truncated"
    """The end of a message was cut off on its way."""
    RECOVERY = "recovery"
    """A replica was given back by its journal after a crash."""
    FULL_ROOM = "full-room"
    """A waiting room was full, and the write was refused until later."""
    DECLINED = "declined"
    """A client asked for what the state does not permit."""
    UNREACHABLE = "unreachable"
    """A client found no process running."""


class Expect(Section, frozen=True, kw_only=True):
    """`[expect]`: what must have happened for the run to say anything. Spec: SCN-22."""

    occurred: list[Occurrence] = field(default_factory=list)


class Checks(Section, frozen=True, kw_only=True):
    """`[checks]`: bounds that the checkers judge by. Spec: SCN-23."""

    converge_within: Span = Span(180_000_000_000)
    """Longest time from the heal to equal roots."""
    waiting_max: Positive = 100_000
    """Most writes in any replica's waiting room."""
    queue_max: Positive = 100_000
    """Most records in any replica's queues."""


class Scenario(Section, frozen=True, kw_only=True):
    """A whole scenario. Spec: SCN-10."""

    scenario: Setup
    network: Network = Network()
    link: list[LinkChange] = field(default_factory=list)
    """How some links differ from the others; a later entry counts more. Spec: SCN-13."""
    disk: DiskRule = DiskRule()
    workload: Workload = Workload()
    fault: list[Fault] = field(default_factory=list)
    expect: Expect = Expect()
    checks: Checks = Checks()

    def heals_at_ns(self) -> int:
        """Return the virtual time at which faults end and clients stop. Spec: SCN-21."""
        return self.scenario.duration

    def link_quality(self, sender: int, receiver: int) -> LinkQuality:
        """Return how one directed link behaves, faults apart. Spec: SCN-13."""
        quality = self.network.quality()
        for rule in self.link:
            if rule.concerns(sender, receiver):
                quality = rule.changed(quality)
        return quality

    def neighbours(self, replica: int) -> tuple[int, ...]:
        """List the replicas that one is linked with, in order. Spec: SCN-13."""
        count = self.scenario.replicas
        match self.network.topology:
            case "mesh":
                near = set(range(count))
            case "ring":
                near = {(replica + 1) % count, (replica - 1) % count}
            case "line":
                near = {replica - 1, replica + 1} & set(range(count))
            case "star":
                near = set(range(count)) if replica == 0 else {0}
        return tuple(sorted(near - {replica}))
