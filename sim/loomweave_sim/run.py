"""Runs a scenario from its first instant to its verdicts. Spec: SCN-21, SCN-24, SCN-25."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from loomweave_sim.checkers import (
    Acknowledged,
    Bounds,
    Checker,
    Convergence,
    Dangling,
    Echo,
    Feed,
    Horizon,
    Maximum,
    Recovery,
    Requests,
    Twins,
)
from loomweave_sim.checkers.bounds import QUIET_NS
from loomweave_sim.injection import Injection
from loomweave_sim.occurrences import Occurrences
from loomweave_sim.outcome import Findings, result_of
from loomweave_sim.recorder import Recorder
from loomweave_sim.result import RunResult, Verdict
from loomweave_sim.sampling import Sampler
from loomweave_sim.scenario import Scenario
from loomweave_sim.scenariofile import ScenarioSource
from loomweave_sim.sourcegraph import SourceGraph
from loomweave_sim.system import System, shipped
from loomweave_sim.trace import Happening
from loomweave_sim.world import Storm, World

Progress = Callable[[str, int, int], None]
"""Called with the name of the phase, the virtual time and the time at which it must end."""

PHASES: Final = ("loading", "faults", "healing", "quiet", "judging")
"""What a run goes through, in order. Spec: SCN-21."""
_LOADING, _FAULTS, _HEALING, _QUIET, _JUDGING = PHASES
SLICE_NS: Final = 20_000_000
"""After how much virtual time progress is told anew. Spec: SCN-31."""


def run_scenario(
    scenario: Scenario | ScenarioSource,
    graph: SourceGraph,
    seed: int | None = None,
    progress: Progress | None = None,
    system: Callable[[int], System] = shipped,
) -> RunResult:
    """Run a scenario on a graph and judge it. Spec: SCN-21, SCN-25.

    Without a seed, the scenario's own is taken. `system` says what each replica runs: a broken
    variant goes here.
    """
    source = source_of(scenario) if isinstance(scenario, Scenario) else scenario
    seed = source.scenario.scenario.seed if seed is None else seed
    return Run(source, graph, seed, system, progress or (lambda *_: None)).execute()


def source_of(scenario: Scenario) -> ScenarioSource:
    """Wrap a scenario that was built in code and has no file. Spec: SCN-10."""
    return ScenarioSource("scenario", Path(), "", (), scenario)


COLLECT_EVERY: Final = 50_000
"""How many objects more there are before Python looks for garbage in circles."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Keep the collector away from what was loaded, and seldom let it look at the rest."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class Run:
    """One run of one scenario. Spec: SCN-21."""

    def __init__(
        self,
        source: ScenarioSource,
        graph: SourceGraph,
        seed: int,
        system: Callable[[int], System],
        progress: Progress,
        neighbours: Callable[[int], tuple[int, ...]] | None = None,
    ) -> None:
        self.source = source
        self.world = World(source.scenario, graph, seed, system, neighbours)
        self.injection = Injection(self.world)
        self.sampler = Sampler(self.world)
        self.recorder = Recorder()
        self.occurrences = Occurrences(self.recorder)
        self.convergence = Convergence()
        self.echo = Echo()
        self.checkers: tuple[Checker, ...] = (
            self.convergence,
            Acknowledged(self.recorder),
            Maximum(self.recorder),
            Requests(self.recorder),
            Horizon(),
            Dangling(),
            Bounds(),
            self.echo,
            Feed(),
            Recovery(),
            Twins(),
        )
        self._progress = progress
        for watcher in (self.recorder, self.occurrences, *self.checkers):
            self.world.hooks.add(watcher)

    def execute(self) -> RunResult:
        """Go through all phases and judge. Spec: SCN-21."""
        began_s = time.perf_counter()
        try:
            self.begin()
            with seldom_collecting():
                self.endure()
                self.heal()
                self.listen()
        except Storm:
            self.echo.blame(f"over {self.world.flight_max} messages were under way: it was stopped")
        return self.judge(began_s)

    def begin(self) -> None:
        """Start the replicas, load the graph, set the faults. Spec: SCN-21."""
        self._progress(_LOADING, 0, 0)
        self.world.note(Happening.PHASE, first=0)
        self.world.begin()
        self.injection.begin()

    def endure(self) -> None:
        """Let clients write and faults act, until the heal. Spec: SCN-21."""
        heals_ns = self.world.scenario.heals_at_ns()
        while (now_ns := self.world.env.now) < heals_ns:
            self._advance(_FAULTS, min(now_ns + self.sampler.every_ns, heals_ns), heals_ns)

    def heal(self) -> None:
        """End all faults; go on until all agree, or the bound is reached. Spec: SCN-21."""
        self.world.note(Happening.PHASE, first=1)
        self.injection.heal()
        end_ns = self.world.env.now + self.world.scenario.checks.converge_within
        while self.world.env.now < end_ns and self.convergence.converged_at_ns is None:
            until_ns = min(self.world.env.now + self.sampler.every_ns, end_ns)
            self._advance(_HEALING, until_ns, end_ns)
            if self.sampler.agrees:
                self.convergence.converged_at_ns = self.world.env.now

    def listen(self) -> None:
        """Let what is under way arrive, then watch for needless traffic. Spec: SCN-25."""
        if self.convergence.converged_at_ns is None:
            return
        end_ns = self.world.env.now + 2 * QUIET_NS
        self._advance(_QUIET, self.world.env.now + QUIET_NS, end_ns)
        self.world.note(Happening.PHASE, first=2)
        self.echo.quieten()
        self._advance(_QUIET, end_ns, end_ns)

    def judge(self, began_s: float) -> RunResult:
        """Let every checker judge, and write the run up. Spec: SCN-24, SCN-25."""
        ended_ns = self.world.env.now
        self._progress(_JUDGING, ended_ns, ended_ns)
        verdicts = [checker.judge(self.world) for checker in self.checkers]
        occurred = self.occurrences.finish(self.world)
        missing = [o.name for o in occurred if o.required and not o.count]
        findings = Findings(
            self.world,
            self.source,
            (*verdicts, occurrence_verdict(missing)),
            occurred,
            self.sampler,
            self.recorder,
            tuple(sorted(self.injection.spans, key=lambda span: (span.start_ns, span.kind))),
            self.convergence.converged_at_ns,
        )
        return result_of(findings, time.perf_counter() - began_s)

    def _advance(self, phase: str, until_ns: int, end_ns: int) -> None:
        env = self.world.env
        while env.now < until_ns:
            self._progress(phase, env.now, end_ns)
            env.pass_until(int(min(env.now + SLICE_NS, until_ns)))
        self.sampler.sample()
        self._progress(phase, until_ns, end_ns)


def occurrence_verdict(missing: list[str]) -> Verdict:
    """Judge whether the run met what it had to meet. Spec: SCN-22."""
    if not missing:
        return Verdict("occurrence", True, "Everything that had to happen did.")
    names = ", ".join(missing)
    reason = f"The run says nothing: {names} never happened; change the scenario or the seed."
    return Verdict("occurrence", False, reason)
