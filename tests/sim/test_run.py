"""Runs: same seed, same trace; what a run must meet; what a result holds.

SCN-1, SCN-21 to SCN-24, SCN-27.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import loomweave_sim
from loomweave.core.events import Effect, Event, Refused, Rejected, Reply, Write
from loomweave.core.machine import step
from loomweave.core.replica.state import State
from loomweave_sim.run import PHASES, Run, run_scenario
from loomweave_sim.scenario import Occurrence
from loomweave_sim.stage import Host, Watcher
from loomweave_sim.system import System, shipped
from loomweave_sim.world import BUSY_RULE
from tests.sim.trial import trial

ROOT = Path(__file__).parents[2]
PINNED = "c225ae8f61ed5fa152e04573db0a0ea5858a633414e3a6239c443e94e3a984be"
"""Trace hash of the trial with seed 1: it changes when the system or the simulator behaves
differently, and then on purpose. SCN-1."""
PRINT_HASH = """
from loomweave_sim.run import run_scenario
from tests.sim.trial import trial
print(run_scenario(*trial(), seed=1).trace_hash)
"""


def test_trace_hash_is_the_same_under_other_string_hashes() -> None:
    paths = [str(ROOT), str(Path(loomweave_sim.__file__).parents[1])]
    found = set()
    for hash_seed in ("0", "4711"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(paths),
        }
        done = subprocess.run(
            [sys.executable, "-c", PRINT_HASH],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env=environment,
            text=True,
        )
        found.add(done.stdout.strip())
    assert found == {PINNED}


def test_seed_decides() -> None:
    source, graph = trial()
    first, second = (run_scenario(source, graph, seed) for seed in (5, 6))
    assert first.passed and second.passed
    assert first.trace_hash != second.trace_hash
    assert run_scenario(source, graph, 5).trace_hash == first.trace_hash


def test_run_that_meets_nothing_fails() -> None:
    source, graph = trial(
        [f'expect.occurred=["{Occurrence.DEFERRAL}", "{Occurrence.TIE}"]', "fault=[]"]
    )
    result = run_scenario(source, graph, 1)
    verdict = {verdict.checker: verdict for verdict in result.verdicts}["occurrence"]
    assert not result.passed and not verdict.passed
    assert Occurrence.DEFERRAL in verdict.reason


def test_run_that_has_no_time_to_converge_names_who_lacks_what() -> None:
    source, graph = trial(['checks.converge_within="100ms"'])
    result = run_scenario(source, graph, 1)
    verdict = {verdict.checker: verdict for verdict in result.verdicts}["convergence"]
    assert result.converged_at_ns is None and not verdict.passed
    assert any("lack" in line or "holds back" in line for line in verdict.evidence)


def test_result_holds_what_happened() -> None:
    """Everything but the wall time follows from the run: SCN-24."""
    source, graph = trial()
    seen: list[str] = []
    result = run_scenario(source, graph, progress=lambda phase, *_: seen.append(phase))
    assert list(dict.fromkeys(seen)) == list(PHASES)
    assert {series.name for series in result.series} >= {"roots", "lag", "waiting"}
    assert all(len(series.values) == len(result.sampled_ns) for series in result.series)
    assert len(result.faults) == len(source.scenario.fault)
    assert len({host.root for host in result.hosts}) == 1
    assert [host.starts for host in result.hosts] == [1, 1, 3]
    assert result.figure("requests acknowledged") > 100
    assert max(value for series in result.series if series.name == "lag" for value in series.values)


def test_busy_replica_is_asked_again() -> None:
    """A client comes back until it is served: SCN-27."""
    turned_away: list[int] = []

    def busy_at_first(state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
        if isinstance(event, Write) and event.request_id not in turned_away:
            turned_away.append(event.request_id)
            busy = Rejected(BUSY_RULE, "journal", "too much awaits durability")
            return state, (Reply(event.request_id, busy, state.journal.lsn),)
        return step(state, event)

    source, graph = trial(["fault=[]", "expect.occurred=[]", 'scenario.duration="5s"'])
    plain = run_scenario(source, graph, 1)
    result = run_scenario(source, graph, 1, system=lambda _: System(busy_at_first))
    assert result.passed, [verdict for verdict in result.verdicts if not verdict.passed]
    asked = plain.figure("requests acknowledged") + plain.figure("requests declined")
    again = result.figure("requests acknowledged") + result.figure("requests declined")
    assert len(turned_away) == asked and again == 2 * asked


def test_damaged_messages_are_refused_and_all_converge() -> None:
    """What harm is done to messages, nobody takes it for a write: SCN-13, WIR-3."""
    rules: Counter[str] = Counter()

    class Refusals(Watcher):
        def refused(self, node: Host, refused: Refused) -> None:
            rules[refused.refusal.rule[:3]] += 1

    harm = ["network.corruption=0.05", "network.truncation=0.05"]
    source, graph = trial([*harm, 'expect.occurred=["corrupted", "truncated"]'])
    run = Run(source, graph, 1, shipped, lambda *_: None)
    run.world.hooks.add(Refusals())
    result = run.execute()
    assert result.passed, [verdict for verdict in result.verdicts if not verdict.passed]
    assert rules["WIR"] > 50
