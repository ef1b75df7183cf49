"""Writes up a finished run. Spec: SCN-24."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from attrs import frozen

from loomweave.core.entities import Kind
from loomweave.core.graph import view
from loomweave.core.replica.state import root
from loomweave_sim.chance import PPM
from loomweave_sim.node import Node
from loomweave_sim.quantities import show_span
from loomweave_sim.recorder import Recorder
from loomweave_sim.result import (
    RESULT_VERSION,
    FaultSpan,
    Figure,
    Host,
    Identity,
    Occurred,
    RunResult,
    ShownEdge,
    ShownGraph,
    ShownNode,
    Verdict,
)
from loomweave_sim.sampling import Sampler, traffic
from loomweave_sim.scenariofile import ScenarioSource
from loomweave_sim.trace import render_lines
from loomweave_sim.world import World

SHOWN_NODES_MAX: Final = 400
SHOWN_EDGES_MAX: Final = 1_200
TAIL_SHOWN: Final = 200
"""How much of the graph and of the trace a result holds. Spec: SCN-24."""
DISTRIBUTION: Final = "loomweave-graph"


@frozen
class Findings:
    """What a run found out."""

    world: World
    source: ScenarioSource
    verdicts: tuple[Verdict, ...]
    occurred: tuple[Occurred, ...]
    sampler: Sampler
    recorder: Recorder
    faults: tuple[FaultSpan, ...]
    converged_at_ns: int | None


def result_of(findings: Findings, wall_s: float) -> RunResult:
    """Write a run up. Spec: SCN-24."""
    world = findings.world
    return RunResult(
        identity=_identity(findings),
        about=world.scenario.scenario.about,
        passed=all(verdict.passed for verdict in findings.verdicts),
        verdicts=findings.verdicts,
        occurred=findings.occurred,
        figures=_figures(findings, wall_s),
        trace_hash=world.trace.hash(),
        trace_lines=world.trace.lines,
        parameters=_parameters(world),
        versions=_versions(),
        wall_s=round(wall_s, 3),
        heals_at_ns=int(world.scenario.heals_at_ns()),
        converged_at_ns=findings.converged_at_ns,
        ended_at_ns=world.env.now,
        sampled_ns=tuple(findings.sampler.sampled_ns),
        series=findings.sampler.series(),
        faults=findings.faults,
        hosts=tuple(_host(node) for node in world.nodes),
        graph=shown_graph(world.nodes[0], findings.recorder),
        trace_tail=tuple(render_lines(world.trace.tail(TAIL_SHOWN))),
    )


def _identity(findings: Findings) -> Identity:
    source, world = findings.source, findings.world
    return Identity(
        scenario=source.name,
        path=source.path.name,
        text=source.text,
        overrides=source.overrides,
        seed=world.seed,
        graph=world.graph.name,
        graph_hash=world.graph.content.hex(),
    )


def _versions() -> dict[str, str]:
    try:
        own = version(DISTRIBUTION)
    except PackageNotFoundError:
        own = "source"
    return {
        DISTRIBUTION: own,
        "python": platform.python_version(),
        "platform": platform.system(),
        "result": str(RESULT_VERSION),
    }


def _parameters(world: World) -> dict[str, str]:
    scenario = world.scenario
    network, latency = scenario.network, scenario.network.latency
    return {
        "replicas": str(scenario.scenario.replicas),
        "topology": network.topology,
        "latency": f"{show_span(latency[0])} to {show_span(latency[-1])}",
        "loss": f"{network.loss * 100 / PPM:g} %",
        "duplication": f"{network.duplication * 100 / PPM:g} %",
        "corruption": f"{network.corruption * 100 / PPM:g} %",
        "truncation": f"{network.truncation * 100 / PPM:g} %",
        "reordering": f"{network.reordering * 100 / PPM:g} %",
        "duration": show_span(scenario.scenario.duration),
        "graph": f"{world.graph.name}: {len(world.graph.nodes)} nodes, "
        f"{len(world.graph.edges)} edges",
        "faults": str(len(scenario.fault)),
        "one operation of a client": f"every {show_span(scenario.workload.every)}",
        "must converge within": show_span(scenario.checks.converge_within),
    }


def _figures(findings: Findings, wall_s: float) -> tuple[Figure, ...]:
    world, sampler, recorder = findings.world, findings.sampler, findings.recorder
    sums = traffic(world)
    virtual_s = world.env.now / 1e9
    requests = max(1, recorder.acknowledged)
    figures = [
        Figure("virtual time", round(virtual_s, 3), "s"),
        Figure("requests acknowledged", recorder.acknowledged, "requests"),
        Figure("requests declined", recorder.declined, "requests"),
        Figure("fields in conflict", len(recorder.oracle.conflicts), "fields"),
        Figure("messages sent", sums["messages-sent"], "messages"),
        Figure("messages delivered", sums["messages-delivered"], "messages"),
        Figure("messages dropped", sums["messages-dropped"], "messages"),
        Figure("bytes sent", sums["bytes-sent"], "bytes"),
        Figure("messages a request", round(sums["messages-sent"] / requests, 2), "messages"),
        Figure("bytes a request", round(sums["bytes-sent"] / requests), "bytes"),
        Figure("most roots at once", sampler.roots_max, "roots"),
        Figure("greatest lag", sampler.lag_max, "elements"),
        Figure("journal bytes", sum(node.journal.size() for node in world.nodes), "bytes"),
        Figure("trace lines", world.trace.lines, "lines"),
        Figure("times real time", round(virtual_s / wall_s, 1), "x"),
        Figure("deliveries a second", round(sums["messages-delivered"] / wall_s), "messages/s"),
    ]
    if findings.converged_at_ns is not None:
        took_ns = findings.converged_at_ns - world.scenario.heals_at_ns()
        figures.insert(1, Figure("converged after the heal", round(took_ns / 1e9, 3), "s"))
    return tuple(figures)


def _host(node: Node) -> Host:
    graph = node.state.graph
    return Host(
        replica=node.index,
        name=node.name,
        root=root(node.state).hex(),
        entities=len(graph.held),
        waiting=len(graph.waiting),
        tombstones=view.tombstones(graph),
        starts=node.life,
        feed=node.state.journal.number,
        journal_bytes=node.journal.size(),
    )


def shown_graph(node: Node, recorder: Recorder) -> ShownGraph:
    """Draw up the graph that a replica shows, as far as there is room. Spec: SCN-24."""
    graph = node.state.graph
    nodes, edges, hidden = view.all_nodes(graph), view.all_edges(graph), view.dangling(graph)
    conflicts: dict[str, int] = {}
    for entity, _ in recorder.oracle.conflicts:
        conflicts[entity] = conflicts.get(entity, 0) + 1
    listed = {found.id for found in nodes[:SHOWN_NODES_MAX]}
    shown = tuple(
        ShownNode(
            found.id,
            found.type,
            _label(found),
            conflicts.get(f"{found.namespace}\x00{Kind.NODE.value}\x00{found.id}", 0),
        )
        for found in nodes[:SHOWN_NODES_MAX]
    )
    drawn = [_edge(e, False) for e in edges if e.source in listed and e.target in listed]
    kept = [_edge(e, True) for e in hidden if e.source in listed or e.target in listed]
    return ShownGraph(shown, tuple((drawn + kept)[:SHOWN_EDGES_MAX]), len(nodes), len(edges))


def _edge(edge: view.Edge, hidden: bool) -> ShownEdge:
    return ShownEdge(edge.source, edge.target, edge.type, edge.weight, edge.directed, hidden)


def _label(node: view.Node) -> str:
    name = node.properties.get("name", node.id)
    return name if isinstance(name, str) else node.id
