"""Clients: drawn from the graph and the seed, doing all that a scenario names. SCN-20."""

import os
import subprocess
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path

from loomweave.core.graph.operations import Delete, Patch, PutEdge, PutNode
from loomweave.core.values import normalise, utf16
from loomweave_sim.chance import Chance
from loomweave_sim.graphfile import DATA, load_graph
from loomweave_sim.scenario import Scenario
from loomweave_sim.scenariofile import read_scenario
from loomweave_sim.sourcegraph import SourceGraph, SourceNode
from loomweave_sim.workload import TEXT_STARTS, Action, Workload

GRAPH = load_graph(DATA / "les_miserables.csv")
BASE = '[scenario]\nabout = "x"\nduration = "60s"\n[workload]\nevery = "100ms"\n'


def scenario(*overrides: str) -> Scenario:
    """Make a scenario of one minute, five replicas and one operation each 100 ms."""
    return read_scenario(Path("x.toml"), BASE, overrides).scenario


def actions(*overrides: str, graph: SourceGraph = GRAPH, seed: int = 1) -> list[Action]:
    """List all actions of a scenario."""
    return list(Workload(scenario(*overrides), graph, seed).actions())


def only(kind: str) -> list[str]:
    """Write the overrides that leave one kind of operation."""
    kinds = scenario().workload.mix.__struct_fields__
    return [f"workload.mix.{other}={int(other == kind)}" for other in kinds]


def test_actions_come_in_order_and_in_number() -> None:
    found = actions()
    times = [action.at_ns for action in found]
    assert times == sorted(times)
    assert [action.request for action in found] == list(range(1, len(found) + 1))
    turns = Counter(action.replica for action in actions(*only("patch_node")))
    assert set(turns) == set(range(5))
    assert all(540 < count < 660 for count in turns.values()), turns


def test_start_until_and_writers_are_kept() -> None:
    found = actions("workload.start=5s", "workload.until=7s", "workload.writers=[3, 1, 3]")
    assert {action.replica for action in found} == {1, 3}
    assert all(5 * 10**9 <= action.at_ns < 7 * 10**9 for action in found)


def test_seed_decides() -> None:
    assert actions(seed=4) == actions(seed=4)
    assert actions(seed=4) != actions(seed=5)


def test_every_operation_comes_and_can_be_admitted() -> None:
    kinds: Counter[type] = Counter()
    for action in actions():
        for operation in action.operations:
            kinds[type(operation)] += 1
            if not isinstance(operation, Delete):
                for value in operation.properties.values():
                    normalise(value)
    assert set(kinds) == {Patch, PutNode, PutEdge, Delete}


def test_same_instant_is_the_same_property_at_one_time() -> None:
    for at_ns, group in groupby(actions(*only("same_instant")), key=lambda action: action.at_ns):
        together = list(group)
        patches = [action.operations[0] for action in together]
        assert len({action.replica for action in together}) == len(together) >= 2, at_ns
        assert len({patch.id for patch in patches}) == 1
        assert len({tuple(patch.properties) for patch in patches if isinstance(patch, Patch)}) == 1


def test_delete_linked_links_what_another_deletes() -> None:
    found = actions(*only("delete_linked"))
    for linking, deleting in zip(found[::2], found[1::2], strict=True):
        assert linking.at_ns == deleting.at_ns and linking.replica != deleting.replica
        edge, deletion = linking.operations[0], deleting.operations[0]
        assert isinstance(edge, PutEdge) and isinstance(deletion, Delete)
        assert edge.source == deletion.id


def test_hot_entities_are_hot() -> None:
    found = actions(*only("patch_node"), "workload.hot=0.5", "workload.hot_entities=2")
    counts = Counter(action.operations[0].id for action in found)
    assert 0.45 < sum(count for _, count in counts.most_common(2)) / len(found) < 0.6


def test_deleted_nodes_come_back() -> None:
    """Else a long run would empty the graph."""
    created = [
        operation.id
        for action in actions()
        for operation in action.operations
        if isinstance(operation, PutNode)
    ]
    known = {node.id for node in GRAPH.nodes}
    assert any(id in known for id in created)
    assert any(id not in known for id in created)


def test_any_graph_will_do() -> None:
    """SCN-20: also one node without properties and edges, and names come from the file first."""
    alone = SourceGraph("alone", b"", (SourceNode("only"),), ())
    assert actions(graph=alone)
    named = SourceGraph("n", b"", (SourceNode("only", properties={"zeal": 1, "age": 2}),), ())
    found = actions(*only("patch_node"), "workload.properties=3", graph=named)
    names = {
        name for a in found for p in a.operations if isinstance(p, Patch) for name in p.properties
    }
    assert names == {"age", "zeal", "status"}


def test_one_client_alone() -> None:
    found = actions("scenario.replicas=1")
    assert {action.replica for action in found} == {0}


def test_texts_on_which_orders_disagree() -> None:
    """Else a replica that breaks ties by code point would never be found out."""
    by_units = sorted(TEXT_STARTS, key=utf16)
    assert by_units != sorted(TEXT_STARTS)


PRINT_HASH = """
from blake3 import blake3
from tests.sim.test_workload import actions
from loomweave_sim.chance import Chance
print(blake3(repr(actions()).encode()).hexdigest(), Chance(1, "x").sample(range(99), 9))
"""


def test_hash_seed_of_strings_has_no_say() -> None:
    """SCN-1: two processes with different seeds of Python's string hashes agree."""
    told = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [sys.executable, "-c", PRINT_HASH]
        told.add(subprocess.check_output(command, env=environment, text=True))
    assert len(told) == 1
    assert str(Chance(1, "x").sample(range(99), 9)) in told.pop()
