"""Measures how fast the simulator runs. Spec: SCN-29.

The figures mean something only beside each other, from one machine and one run: nothing here
judges them.
"""

import time
from typing import Final

from attrs import frozen

from loomweave_sim.chance import PPM, SPREADS, Spread
from loomweave_sim.quantities import Share, Span
from loomweave_sim.run import Run, seldom_collecting, source_of
from loomweave_sim.scenario import DiskRule, Mix, Network, Scenario, Setup, Workload
from loomweave_sim.sourcegraph import SourceGraph, SourceNode
from loomweave_sim.system import shipped

SECOND_NS: Final = 1_000_000_000
ENTITIES: Final = 200
PROPERTIES: Final = 6
CHORD: Final = 11
"""How far along the ring the second pair of a replica's neighbours lies."""


@frozen
class Speed:
    """How fast one run was. Spec: SCN-29."""

    nodes: int
    writes: int
    delivered: int
    """Messages that arrived at a running replica."""
    changes: int
    """Entries of change feeds: deliveries and writes that changed a replica."""
    virtual_s: float
    cpu_s: float
    passed: bool

    @property
    def delivered_per_s(self) -> float:
        """Return the delivered messages a second of processor time."""
        return self.delivered / self.cpu_s

    @property
    def changes_per_s(self) -> float:
        """Return the changed rows a second of processor time."""
        return self.changes / self.cpu_s

    @property
    def times_real(self) -> float:
        """Return how many times faster than real time it ran."""
        return self.virtual_s / self.cpu_s


def circulant(count: int) -> tuple[tuple[int, ...], ...]:
    """Link each replica with four others: its neighbours on two rings."""
    steps = (1, -1, CHORD, -CHORD)
    return tuple(
        tuple(sorted({(place + step) % count for step in steps} - {place}))
        for place in range(count)
    )


def bench_scenario(
    nodes: int, every_ns: int, duration_ns: int, sync: Spread = SPREADS["ssd"]
) -> Scenario:
    """Write the scenario of a measurement: lossy links, wrong order, patches only."""
    share = Share(PPM // 20)
    return Scenario(
        scenario=Setup(about="bench", duration=Span(duration_ns), replicas=nodes),
        network=Network(
            latency=Spread((1_000_000, 8_000_000, 20_000_000, 61_000_000)),
            loss=share,
            duplication=share,
            reordering=share,
        ),
        disk=DiskRule(sync=sync),
        workload=Workload(
            every=Span(every_ns),
            hot=Share(0),
            properties=PROPERTIES,
            mix=Mix(
                patch_node=1,
                patch_edge=0,
                put_node=0,
                put_edge=0,
                delete_node=0,
                delete_edge=0,
                same_instant=0,
                delete_linked=0,
            ),
        ),
    )


def measure(
    nodes: int = 100,
    writes_per_s: float = 2.0,
    duration_s: float = 5.0,
    seed: int = 1,
    sync: Spread = SPREADS["ssd"],
) -> Speed:
    """Run replicas of degree 4 with immediate relay, online checkers and trace hash. Spec: SCN-29.

    `writes_per_s` is each replica's. The processor time covers the faulty part of the run, not
    the loading of the graph before it and the judging after it.
    """
    every_ns, duration_ns = int(SECOND_NS / writes_per_s), int(duration_s * SECOND_NS)
    scenario = bench_scenario(nodes, every_ns, duration_ns, sync)
    graph = SourceGraph(
        "bench", bytes(32), tuple(SourceNode(f"e{place}") for place in range(ENTITIES)), ()
    )
    near = circulant(nodes)
    source = source_of(scenario)
    run = Run(source, graph, seed, shipped, lambda *_: None, lambda place: near[place])
    run.sampler.every_ns = duration_ns  # curves are for pages; checkers look on by themselves
    run.begin()
    with seldom_collecting():
        began_s = time.process_time()
        run.endure()
        cpu_s = time.process_time() - began_s
    delivered = sum(link.counts.delivered for link in run.world.links.values())
    changes = sum(node.state.journal.number for node in run.world.nodes)
    run.sampler.every_ns = SECOND_NS
    run.heal()
    result = run.judge(0.0)
    return Speed(
        nodes=nodes,
        writes=run.recorder.acknowledged,
        delivered=delivered,
        changes=changes,
        virtual_s=duration_s,
        cpu_s=cpu_s,
        passed=result.passed,
    )
