"""The models at the suite's bounds, and the faults that each must find. Spec: PRF-20, PRF-28."""

import importlib
import sys
from functools import cache
from types import CodeType, FrameType, FunctionType

import pytest

from loomweave_proofs.explore.model import Bounds, Sometimes
from loomweave_proofs.explore.models import ENTRIES, find
from loomweave_proofs.explore.outcome import Outcome, Status
from loomweave_proofs.explore.registry import is_caught

NAMES = [entry.name for entry in ENTRIES]
SABOTAGES = [(entry.name, sabotage.name) for entry in ENTRIES for sabotage in entry.sabotages]
STATES_MIN = 1_000_000
MODELS_MIN = 12


@cache
def searched(name: str) -> Outcome:
    """Search a model once, for all tests here."""
    return find(name).run()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_model_holds(name: str) -> None:
    outcome = searched(name)
    assert outcome.counterexample is None, outcome.counterexample.story
    assert outcome.passed, outcome.faults


@pytest.mark.slow
def test_models_are_many_and_large() -> None:
    outcomes = [searched(name) for name in NAMES]
    assert len(outcomes) >= MODELS_MIN
    assert sum(outcome.states for outcome in outcomes) >= STATES_MIN
    assert sum(outcome.status is Status.EXHAUSTED for outcome in outcomes) >= MODELS_MIN // 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sabotage"), SABOTAGES)
def test_sabotage_is_caught(name: str, sabotage: str) -> None:
    entry = find(name)
    chosen = next(item for item in entry.sabotages if item.name == sabotage)
    outcome = entry.run_sabotaged(chosen)
    assert is_caught(chosen, outcome), outcome.counterexample or outcome.status
    assert outcome.counterexample is not None
    assert len(outcome.counterexample.sentences) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_model_is_whole(name: str) -> None:
    entry = find(name)
    model = entry.build()
    assert entry.sabotages, "a model that cannot fail shows nothing"
    names = [item.name for item in model.properties()]
    assert any(isinstance(item, Sometimes) for item in model.properties())
    assert {sabotage.breaks for sabotage in entry.sabotages} <= set(names)
    outcome = entry.run(Bounds(states=300))
    assert outcome.counterexample is None, outcome.counterexample.story


@pytest.mark.parametrize("name", NAMES)
def test_shipped_functions_do_the_work(name: str) -> None:
    entry = find(name)
    wanted: dict[CodeType, str] = {}
    for full_name in entry.make.shipped:
        module, _, function = full_name.rpartition(".")
        found = getattr(importlib.import_module(module), function)
        assert module.startswith("loomweave.core") and isinstance(found, FunctionType)
        wanted[found.__code__] = full_name

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            wanted.pop(frame.f_code, None)

    for states in (200, 1_000, 6_000):
        sys.setprofile(note)
        try:
            entry.run(Bounds(states=states))
        finally:
            sys.setprofile(None)
        if not wanted:
            return
    assert not wanted, f"never called: {sorted(wanted.values())}"
