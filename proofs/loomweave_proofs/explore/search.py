"""The search: every state that can be reached, nearest first. Spec: PRF-21 to PRF-26."""

import time
from array import array
from collections.abc import Callable, Hashable
from typing import Final, Generic

from attrs import frozen

from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    S,
    Sometimes,
)
from loomweave_proofs.explore.outcome import (
    KINDS,
    Counterexample,
    Finding,
    Outcome,
    Status,
    Verdict,
    narrate,
)

PROGRESS_STATES: Final = 1_024
"""How many states are taken between two looks at the clock."""

TOLD_MAX: Final = 12
"""How many steps of a run that misses its goal are told."""


class UnsoundReduction(Exception):
    """A state in which names take part in an order was met under symmetry. Spec: PRF-26."""


@frozen
class Progress:
    """How far a search is. Spec: PRF-25."""

    model: str
    states: int
    transitions: int
    depth: int
    frontier: int
    seconds: float

    @property
    def states_per_s(self) -> int:
        """How many new states are met in a second."""
        return round(self.states / self.seconds) if self.seconds else 0


Report = Callable[[Progress], None]


class Search(Generic[S]):
    """One breadth-first search. Spec: PRF-21, PRF-25."""

    def __init__(
        self,
        model: Model[S],
        bounds: Bounds,
        is_reduced: bool = False,
        report: Report | None = None,
    ) -> None:
        if is_reduced and model.symmetry is None:
            raise ValueError(f"{model.name} declares no symmetry")
        self.model = model
        self.bounds = bounds
        self.is_reduced = is_reduced
        self.report = report
        self.seen: dict[Hashable, int] = {}
        self.parents = array("q")
        self.actions: list[Action | None] = []
        self.starts: list[S] = []
        self.frontier: list[tuple[int, S]] = []
        self.transitions = 0
        self.depth = 0
        self.deepest = 0
        self.bound = ""
        self.counterexample: Counterexample | None = None
        self.began_s = 0.0
        found = model.properties()
        self.always = [item for item in found if isinstance(item, Always)]
        self.each_step = [item for item in found if isinstance(item, EachStep)]
        self.sometimes = [item for item in found if isinstance(item, Sometimes)]
        self.eventually = [item for item in found if isinstance(item, Eventually)]
        self.all: tuple[Property[S], ...] = found
        self.runs = {goal.name: Runs(model, goal) for goal in self.eventually}
        self.tests = {item.name: 0 for item in found}
        assert len(self.tests) == len(found), f"{model.name}: two properties share a name"

    def run(self) -> Outcome:
        """Search until nothing is left, a bound is met, or a property fails. Spec: PRF-25."""
        self.began_s = time.monotonic()
        for number, start in enumerate(self.model.starts()):
            self.starts.append(start)
            self._meet(start, -1 - number, None)
        while self.frontier and not self.bound and self.counterexample is None:
            if self.depth >= self.bounds.depth:
                self.bound = f"depth {self.bounds.depth}"
                break
            level, self.frontier = self.frontier, []
            self.depth += 1
            self._expand(level)
        return self._outcome()

    def _expand(self, level: list[tuple[int, S]]) -> None:
        """Take every step from every state of one level."""
        model, each_step = self.model, self.each_step
        for count, (index, state) in enumerate(level):
            if not count % PROGRESS_STATES and self._is_over(len(level) - count):
                return
            for action in model.actions(state):
                after = model.apply(state, action)
                if after is None:
                    continue
                self.transitions += 1
                if each_step and not self._judge_step(index, state, action, after):
                    return
                self._meet(after, index, action)
                if self.counterexample is not None:
                    return
            if len(self.seen) >= self.bounds.states:
                self.bound = f"{self.bounds.states} states"
                return

    def _meet(self, state: S, parent: int, action: Action | None) -> None:
        """Enter a state that was not met before, and judge it."""
        key = self._key(state)
        seen = self.seen
        index = len(seen)
        if seen.setdefault(key, index) != index:
            return
        self.parents.append(parent)
        self.actions.append(action)
        self.frontier.append((index, state))
        self.deepest = self.depth
        self._judge(index, state)

    def _key(self, state: S) -> Hashable:
        symmetry = self.model.symmetry
        if not self.is_reduced or symmetry is None:
            return self.model.freeze(state)
        if not symmetry.is_sound(state):
            raise UnsoundReduction(
                f"{self.model.name}: names take part in an order of {self.model.show(state)}"
            )
        return symmetry.representative(state)

    def _is_over(self, waiting: int) -> bool:
        """Report progress; tell whether time is up."""
        seconds = time.monotonic() - self.began_s
        if self.report is not None:
            frontier = waiting + len(self.frontier)
            count = len(self.seen)
            self.report(
                Progress(self.model.name, count, self.transitions, self.depth, frontier, seconds)
            )
        if self.bounds.seconds is not None and seconds >= self.bounds.seconds:
            self.bound = f"{self.bounds.seconds:g} s"
        return bool(self.bound)

    def _judge(self, index: int, state: S) -> None:
        """Put every property of states to the test."""
        for item in self.always:
            if item.given is None or item.given(state):
                self.tests[item.name] += 1
                if not item.holds(state):
                    self._break(item.name, item.rule, index, [])
                    return
        for some in self.sometimes:
            if not self.tests[some.name] and some.reached(state):
                self.tests[some.name] = self.depth + 1
        for goal in self.eventually:
            if goal.given(state):
                self.tests[goal.name] += 1
                run = self.runs[goal.name].missing(state)
                if run is not None:
                    self._break(goal.name, goal.rule, index, [], run)
                    return

    def _judge_step(self, index: int, before: S, action: Action, after: S) -> bool:
        for item in self.each_step:
            if item.given is None or item.given(before, action, after):
                self.tests[item.name] += 1
                if not item.holds(before, action, after):
                    self._break(item.name, item.rule, index, [action])
                    return False
        return True

    def _break(
        self,
        name: str,
        rule: str,
        index: int,
        last: list[Action],
        run: list[Action] | None = None,
    ) -> None:
        """Keep the way to a property's failure; it is a shortest one. Spec: PRF-27."""
        path: list[Action] = []
        while index >= 0:
            action = self.actions[index]
            if action is not None:
                path.append(action)
            index = self.parents[index]
        start = -1 - index
        path = path[::-1] + last
        sentences, state = narrate(self.model, self.starts[start], path)
        if run is not None:
            more, state = narrate(self.model, state, run)
            sentences += ["From here on no more faults.", *more[1 : TOLD_MAX + 1]]
            if len(more) > TOLD_MAX + 1:
                sentences.append(f"And so on, {len(more) - TOLD_MAX - 1} steps more.")
        sentences.append(self.model.show(state))
        self.counterexample = Counterexample(
            self.model.name, name, rule, start, tuple(path), tuple(run or ()), tuple(sentences)
        )

    def _outcome(self) -> Outcome:
        status = Status.BOUNDED if self.bound else Status.EXHAUSTED
        model = self.model
        return Outcome(
            model.name,
            model.words,
            model.shipped,
            status if self.counterexample is None else Status.REFUTED,
            self.bound,
            len(self.seen),
            self.transitions,
            self.deepest,
            time.monotonic() - self.began_s,
            self.is_reduced,
            tuple(self._verdict(item) for item in self.all),
            self.counterexample,
        )

    def _verdict(self, item: Property[S]) -> Verdict:
        """Say what was found of a property. Spec: PRF-21 to PRF-24."""
        tests = self.tests[item.name]
        if self.counterexample is not None and self.counterexample.broken == item.name:
            finding = Finding.BROKEN
        elif isinstance(item, Sometimes):
            finding = Finding.REACHED if tests else Finding.UNREACHED
            tests = max(0, tests - 1)
        else:
            finding = Finding.HOLDS if tests else Finding.VACUOUS
        return Verdict(KINDS[type(item)], item.name, item.rule, finding, tests)


class Runs(Generic[S]):
    """Runs without faults, and how far from its goal each state of them is. Spec: PRF-23."""

    def __init__(self, model: Model[S], goal: Eventually[S]) -> None:
        self.model = model
        self.goal = goal
        self.distances: dict[Hashable, int] = {}

    def missing(self, state: S) -> list[Action] | None:
        """Run from a state; give the run if it misses the goal, else None. Spec: PRF-23.

        What is fair depends on the state alone, so a state that was met before is not run again.
        """
        model, distances, within = self.model, self.distances, self.goal.within
        run: list[Action] = []
        keys: list[Hashable] = []
        while True:
            key = model.freeze(state)
            known = distances.get(key)
            if known is None and self.goal.goal(state):
                known = distances[key] = 0
            if known is not None:
                break
            keys.append(key)
            action = model.fair(state)
            after = None if action is None else model.apply(state, action)
            if action is None or after is None or len(run) >= within:
                return run
            run.append(action)
            state = after
        for steps, key in enumerate(reversed(keys), known + 1):
            distances[key] = steps
        return None if len(keys) + known <= within else run


def explore(
    model: Model[S],
    bounds: Bounds | None = None,
    is_reduced: bool = False,
    report: Report | None = None,
) -> Outcome:
    """Search a model's states, nearest first. Spec: PRF-25."""
    return Search(model, bounds or Bounds(), is_reduced, report).run()
