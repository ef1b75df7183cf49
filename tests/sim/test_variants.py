"""Each broken variant of the system is caught, and the shipped one passes. SCN-25, SCN-28."""

import pytest

from loomweave_sim.run import run_scenario
from loomweave_sim.variants import VARIANTS, Variant, patched
from tests.sim.trial import trial

SEEDS = (2, 3, 1)
"""Within so many seeds each variant is caught. SCN-28."""


def failed(variant: Variant, seed: int) -> set[str]:
    """Name the checkers that a variant fails."""
    source, graph = trial()
    with patched(variant.patches):
        result = run_scenario(source, graph, seed, system=variant.system)
    return {verdict.checker for verdict in result.verdicts if not verdict.passed}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_variant_is_caught(variant: Variant) -> None:
    found: set[str] = set()
    for seed in SEEDS:
        found |= failed(variant, seed)
        if found & set(variant.caught_by):
            return
    raise AssertionError(f"{variant.about}: only {sorted(found)} failed, not {variant.caught_by}")


@pytest.mark.parametrize("seed", SEEDS)
def test_shipped_system_passes(seed: int) -> None:
    source, graph = trial()
    result = run_scenario(source, graph, seed)
    assert result.passed, [v for v in result.verdicts if not v.passed]
    assert all(verdict.reason for verdict in result.verdicts)


def test_every_checker_has_a_variant() -> None:
    source, graph = trial()
    checkers = {verdict.checker for verdict in run_scenario(source, graph, 1).verdicts}
    caught = {name for variant in VARIANTS for name in variant.caught_by}
    assert checkers - caught == {"occurrence"}


def test_patches_are_taken_back() -> None:
    for variant in VARIANTS:
        before = [getattr(module, name) for module, name, _ in variant.patches]
        with patched(variant.patches):
            pass
        assert [getattr(module, name) for module, name, _ in variant.patches] == before
