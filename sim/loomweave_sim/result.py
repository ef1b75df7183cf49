"""What a finished run leaves behind: the records of `result.json`. Spec: SCN-1, SCN-24.

Everything but the wall time follows from the identity of the run. The page and the command line
read these records alone, so a stored result can be shown again without running anything.
"""

from typing import Final

import msgspec

RESULT_VERSION: Final = 1
"""Version of the form of `result.json`. Spec: SCN-24."""
EVIDENCE_MAX: Final = 40
"""Most lines of evidence that a checker keeps, and that a page shows. Spec: SCN-30."""


class Verdict(msgspec.Struct, frozen=True):
    """What one checker found. Spec: SCN-25."""

    checker: str
    passed: bool
    reason: str
    """One sentence: what was checked and held, or what was violated, where and by whom."""
    evidence: tuple[str, ...] = ()
    """Lines for people that show the violation, the first few of them."""


class Occurred(msgspec.Struct, frozen=True):
    """How often something happened that a scenario may expect. Spec: SCN-22."""

    name: str
    count: int
    required: bool


class Figure(msgspec.Struct, frozen=True):
    """One measured number. Spec: SCN-24."""

    name: str
    value: int | float
    unit: str
    """`s`, `ms`, `bytes`, `messages`, `x`, …; empty for a mere count."""


class Series(msgspec.Struct, frozen=True):
    """One quantity over virtual time: `values[i]` at `RunResult.sampled_ns[i]`. Spec: SCN-24."""

    name: str
    """`roots`, `lag`, `waiting`, `messages-sent`, `messages-delivered`, `messages-dropped`,
    `bytes-sent`, `bytes-delivered`."""
    unit: str
    replica: int | None
    """The replica it is about, None for the whole run."""
    values: tuple[int | float, ...]


class FaultSpan(msgspec.Struct, frozen=True):
    """One fault on the timeline, as it really began and ended. Spec: SCN-16, SCN-24."""

    start_ns: int
    end_ns: int
    kind: str
    """As in the scenario file: `partition`, `cut`, `degrade`, `clock-offset`, `crash`, …"""
    replicas: tuple[int, ...]
    """Those concerned; empty where it is all of them."""
    words: str
    """What it did, in a few words for people."""


class ShownNode(msgspec.Struct, frozen=True):
    """A node of the final graph, to be drawn. Spec: SCN-24."""

    id: str
    type: str
    label: str
    conflicts: int
    """How many of its fields were ever written concurrently."""


class ShownEdge(msgspec.Struct, frozen=True):
    """An edge of the final graph, to be drawn. Spec: SCN-24."""

    source: str
    target: str
    type: str
    weight: int | float | None
    directed: bool
    hidden: bool
    """Whether it is kept but not visible, for an end of it was deleted. Spec: GRF-8."""


class ShownGraph(msgspec.Struct, frozen=True):
    """The final graph as replica 0 shows it, capped. Spec: SCN-24."""

    nodes: tuple[ShownNode, ...]
    edges: tuple[ShownEdge, ...]
    node_count: int
    """How many there are, whether listed or not."""
    edge_count: int


class Host(msgspec.Struct, frozen=True):
    """One replica at the end of the run. Spec: SCN-24."""

    replica: int
    name: str
    root: str
    """In hexadecimal."""
    entities: int
    waiting: int
    tombstones: int
    starts: int
    """How many times its process was started."""
    feed: int
    """Last number of its change feed."""
    journal_bytes: int


class Identity(msgspec.Struct, frozen=True):
    """What determines a run: give it to `replay`. Spec: SCN-1."""

    scenario: str
    """Its name."""
    path: str
    """Where the scenario file lay, as given; empty where it came from code."""
    text: str
    """The scenario file itself; empty where the scenario came from code."""
    overrides: tuple[str, ...]
    seed: int
    graph: str
    """Name or path of the graph file."""
    graph_hash: str


class RunResult(msgspec.Struct, frozen=True):
    """A finished run. Spec: SCN-24."""

    identity: Identity
    about: str
    passed: bool
    verdicts: tuple[Verdict, ...]
    occurred: tuple[Occurred, ...]
    figures: tuple[Figure, ...]
    trace_hash: str
    trace_lines: int
    parameters: dict[str, str]
    """What people want to know of the scenario, in words: replicas, topology, latency, loss …"""
    versions: dict[str, str]
    """`loomweave`, `python`, `platform`, `result`."""
    wall_s: float
    """How long the run took by the clock of the machine: the one thing not determined."""
    heals_at_ns: int
    converged_at_ns: int | None
    """When all roots were seen equal after the heal, None if never."""
    ended_at_ns: int
    sampled_ns: tuple[int, ...]
    series: tuple[Series, ...]
    faults: tuple[FaultSpan, ...]
    hosts: tuple[Host, ...]
    graph: ShownGraph
    trace_tail: tuple[str, ...]
    """The last lines of the trace, for people."""
    version: int = RESULT_VERSION

    def figure(self, name: str) -> int | float:
        """Return one figure's value by its name; KeyError where there is none."""
        for figure in self.figures:
            if figure.name == name:
                return figure.value
        raise KeyError(name)


def to_json(result: RunResult) -> bytes:
    """Write a result as the bytes of `result.json`, indented. Spec: SCN-24."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def from_json(data: bytes) -> RunResult:
    """Read a result; raises `msgspec.DecodeError` where the bytes are none. Spec: SCN-24."""
    return msgspec.json.decode(data, type=RunResult)
