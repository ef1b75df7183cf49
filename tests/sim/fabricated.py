"""A result that no run made: small, complete, and the same every time."""

from typing import Final

import msgspec

from loomweave_sim.result import (
    FaultSpan,
    Figure,
    Host,
    Identity,
    Occurred,
    RunResult,
    Series,
    ShownEdge,
    ShownGraph,
    ShownNode,
    Verdict,
)

SECOND_NS: Final = 1_000_000_000
SAMPLES: Final = 50


def fabricate(**changes: object) -> RunResult:
    """Return a whole result, with some of its fields changed."""
    whole = RunResult(
        identity=Identity("storm", "storm", "[scenario]\n", ("network.loss=0.1",), 7, "web", "ab"),
        about="Everything that a page can show",
        passed=True,
        verdicts=(Verdict("convergence", True, "All roots were equal."),),
        occurred=(Occurred("conflict", 3, True), Occurred("loss", 0, False)),
        figures=(Figure("bytes sent", 123_456, "bytes"), Figure("greatest lag", 5, "elements")),
        trace_hash="c0ffee" * 10,
        trace_lines=1234,
        parameters={"replicas": "3", "topology": "mesh"},
        versions={"loomweave-graph": "0.1.0", "python": "3.11.7"},
        wall_s=1.5,
        heals_at_ns=30 * SECOND_NS,
        converged_at_ns=40 * SECOND_NS,
        ended_at_ns=50 * SECOND_NS,
        sampled_ns=tuple(place * SECOND_NS for place in range(SAMPLES)),
        series=_series(),
        faults=(
            FaultSpan(5 * SECOND_NS, 20 * SECOND_NS, "partition", (0, 1, 2), "n0 | n1 n2"),
            FaultSpan(28 * SECOND_NS, 29 * SECOND_NS, "crash", (2,), "n2 dies"),
            FaultSpan(0, 30 * SECOND_NS, "clock-offset", (1,), "clock of n1 is wrong"),
        ),
        hosts=(Host(0, "n0", "ab" * 32, 10, 0, 1, 1, 42, 2048),),
        graph=_graph(),
        trace_tail=("49.000000000 s  n0 → n1  sends message 9 of 80 bytes",),
    )
    return msgspec.structs.replace(whole, **changes)


def _series() -> tuple[Series, ...]:
    waves = tuple(place % 7 for place in range(SAMPLES))
    rates = tuple(place * 1.5 for place in range(SAMPLES))
    lags = [Series("lag", "elements", replica, waves) for replica in range(3)]
    waiting = [Series("waiting", "elements", replica, waves) for replica in range(3)]
    traffic = [
        Series(name, f"{name.partition('-')[0]}/s", None, rates)
        for name in (
            "messages-sent",
            "messages-delivered",
            "messages-dropped",
            "bytes-sent",
            "bytes-delivered",
        )
    ]
    roots = Series("roots", "", None, tuple(1 + wave % 3 for wave in waves))
    return (roots, *lags, *waiting, *traffic)


def _graph() -> ShownGraph:
    nodes = tuple(ShownNode(id, "custom", id, conflicts) for id, conflicts in NODES)
    edges = (
        ShownEdge("ada", "bob", "knows", 3, True, False),
        ShownEdge("bob", "cyd", "knows", None, False, False),
        ShownEdge("ada", "dee", "knows", 2.5, True, True),
        ShownEdge("cyd", "cyd", "knows", 1, True, False),
    )
    return ShownGraph(nodes, edges, len(nodes), len(edges) - 1)


NODES: Final = (("ada", 2), ("bob", 0), ("cyd", 1))
