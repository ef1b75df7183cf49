"""A bug that is put in on purpose, outside the core: every layer must find it. PRF-14.

The canary asks for the writer before the value where stamps tie: replicas still agree, so only who
knows the rule can tell. It lives in the theorems' broken twins and is never shipped.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings

from loomweave.core.graph import merge
from loomweave.core.lattices.register import Element, wins_tie
from loomweave.core.values import Value
from loomweave.laws import ham
from loomweave_proofs import check, kernels, theorems
from loomweave_proofs.explore.model import Bounds
from loomweave_proofs.explore.models import find
from loomweave_proofs.explore.sabotage import Change, Sabotage
from loomweave_proofs.judge import Fault, refute_sabotage
from loomweave_proofs.lattice.verdict import Status
from loomweave_proofs.runner import Workshop
from loomweave_proofs.source import Function
from loomweave_proofs.theorem import LEDGER, Expectation
from loomweave_proofs.theorems.register import tie_by_code
from loomweave_sim.run import run_scenario
from loomweave_sim.system import shipped
from loomweave_sim.variants import everywhere, patched_step
from tests.sim.trial import trial
from tests.strategies import elements

NO_SHRINKING = (Phase.explicit, Phase.generate)
SEEDS = (2, 3)


def by_writer(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Ask the writer before the value."""
    return bool(tie_by_code(value, writer, seq, held))


def test_laws_find_the_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=600, phases=NO_SHRINKING)
    @given(elements(), elements())
    def sampled(a: Element, b: Element) -> None:
        assert ham.tie_rule_is_the_order(a, b)

    sampled()
    monkeypatch.setattr(ham, "wins_tie", by_writer)
    with pytest.raises(AssertionError):
        sampled()


def test_proofs_find_the_canary() -> None:
    swaps: Mapping[Function, Function] = {wins_tie: tie_by_code}
    found = noticing(swaps)
    assert "HAM-1/tie-rule-is-the-order" in found
    assert {"HAM-8/part-loop-decides-as-the-kernel"} <= found
    assert noticing({wins_tie: wins_tie}) == set()


def noticing(swaps: Mapping[Function, Function]) -> set[str]:
    """Name the theorems of the register that are false of other functions."""
    theorems.load()
    make_lifter = Workshop(kernels.THEORY).make_lifter
    found: set[str] = set()
    for theorem in LEDGER.select("HAM-[18]/*"):
        if theorem.expect is Expectation.PROVED:
            try:
                refute_sabotage(theorem, make_lifter, swaps)
                found.add(theorem.id)
            except Fault:
                continue
    return found


def test_simulation_finds_the_canary() -> None:
    broken = everywhere(patched_step((merge, "wins_tie", by_writer)))
    source, graph = trial()
    failed = {
        verdict.checker
        for seed in SEEDS
        for verdict in run_scenario(source, graph, seed, system=broken).verdicts
        if not verdict.passed
    }
    assert "maximum" in failed
    assert run_scenario(source, graph, SEEDS[0], system=shipped).passed


VALUE_FIRST = """
    if not is_same(value, held.value):
        return order_key(value) > order_key(held.value)
    if writer != held.writer:
        return writer > held.writer
    return seq > held.seq
"""
WRITER_FIRST = """
    if writer != held.writer:
        return writer > held.writer
    if seq != held.seq:
        return seq > held.seq
    return order_key(value) > order_key(held.value)
"""


def test_explorer_finds_the_canary() -> None:
    change = Change("loomweave.core.lattices.register.wins_tie", VALUE_FIRST, WRITER_FIRST)
    model, canary = find("feed"), Sabotage("canary", "the writer decides ties", "", (change,))
    few = Bounds(states=2_000)
    found = model.run_sabotaged(canary, few)
    assert found.counterexample is not None
    assert found.counterexample.story
    assert model.run(few).counterexample is None


def test_check_of_ones_own_merge_finds_it() -> None:
    found = check(ByWriter)
    assert found.of("order of the join").status is Status.REFUTED
    assert found.of("upper bound").status is Status.REFUTED
    assert check(ByValue).passed


class Write(NamedTuple):
    """A write whose stamp ties."""

    value: int
    writer: str


class ByValue:
    """The rule: the value decides, then the writer."""

    @staticmethod
    def join(a: Write, b: Write) -> Write:
        """Take the greater write."""
        if a.value != b.value:
            return a if a.value > b.value else b
        return a if a.writer > b.writer else b

    @staticmethod
    def le(a: Write, b: Write) -> bool:
        """Order by value, then by writer."""
        return a.value < b.value or (a.value == b.value and a.writer <= b.writer)


class ByWriter(ByValue):
    """The canary."""

    @staticmethod
    def join(a: Write, b: Write) -> Write:
        """Take the write of the greater writer."""
        if a.writer != b.writer:
            return a if a.writer > b.writer else b
        return a if a.value > b.value else b
