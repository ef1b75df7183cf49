"""The whole ledger of theorems about the shipped kernels. PRF-1, PRF-5."""

import re

import pytest

from loomweave.core import values
from loomweave_proofs import kernels, report, runner, theorems
from loomweave_proofs.concrete import to_term
from loomweave_proofs.runner import Run
from loomweave_proofs.solver import to_int
from loomweave_proofs.theorem import LEDGER, Expectation, Theorem
from loomweave_proofs.theorems import semilattice

theorems.load()
PROVED = [item for item in LEDGER if item.expect is Expectation.PROVED]
REFUTED = [item for item in LEDGER if item.expect is Expectation.REFUTED]


@pytest.fixture(scope="module")
def run() -> Run:
    """Judge everything once."""
    return runner.run(LEDGER)


def test_everything_stands(run: Run) -> None:
    assert report.faults(run) == []
    assert run.passed
    assert len(run.judgements) == len(LEDGER)


def test_there_are_enough() -> None:
    assert len(PROVED) >= 500
    assert 4 * len(REFUTED) >= len(PROVED)
    chapters = {item.chapter for item in LEDGER}
    assert chapters >= {"CLK", "HAM", "GRF", "GUN", "LAT", "MRG", "VER", "SYN", "TRU", "ACT"}


def test_every_proof_is_sabotaged(run: Run) -> None:
    proved = [item for item in run.judgements if item.theorem.expect is Expectation.PROVED]
    assert [item.theorem.id for item in proved if not item.sabotages] == []


def test_every_lattice_has_all_laws() -> None:
    """What is stated once of lattices is entered for each, under its own words."""
    ids = {item.id for item in LEDGER}
    for name in ("LAT-4/maximum", "LAT-10/observed-set", "LAT-15/multi-value", "SYN-16/vector"):
        for law in (*semilattice.LAWS, *semilattice.FALSE_LAWS):
            assert f"{name}-{law.statement.__name__.replace('_', '-')}" in ids
    assert not any("{contents}" in item.words for item in LEDGER)


def test_laws_are_quoted_without_their_rules() -> None:
    item = next(item for item in LEDGER if item.id == "SYN-11/probe-decides")
    assert item.words == "it closes, opens anew, or leaves its place to another."


@pytest.mark.parametrize("item", REFUTED, ids=lambda item: item.id)
def test_refuted_statements_come_with_an_example(run: Run, item: Theorem) -> None:
    found = next(one for one in run.judgements if one.theorem is item)
    assert found.counterexample


def test_every_kernel_function_never_raises(run: Run) -> None:
    names = {item.name for item in run.totalities}
    assert "loomweave.core.lattices.register.element_join" in names
    assert "loomweave.core.graph.ham.step" in names
    assert sum(item.obligations for item in run.totalities) > 30
    assert all(re.fullmatch(r"[0-9a-f]{32}", item.digest) for item in run.totalities)


def test_page_differs_in_times_only(run: Run) -> None:
    def timeless(page: str) -> str:
        return re.sub(r"\d+\.\d( s\.| \|)", "", page)

    first, again = (report.page(runner.run(LEDGER, pattern="HAM-[12]")) for _ in range(2))
    assert timeless(first) == timeless(again)
    assert all(f"| {item.id} |" in report.page(run) for item in LEDGER)


def test_numbers_of_values_keep_their_order() -> None:
    """What stands for values in proofs is ordered as they are."""
    found = [None, False, True, 1, 1.0, 10, 9, -1, 0.5, "", "a", "é", b"a", (), (1,), {"k": None}]
    shape = kernels.VALUE
    by_number = sorted(found, key=lambda raw: to_int(to_term(raw, shape)))
    by_order = sorted(found, key=lambda raw: values.order_key(values.normalise(raw)))
    assert [repr(raw) for raw in by_number] == [repr(raw) for raw in by_order]
    assert len({to_int(to_term(raw, shape)) for raw in found}) == len(found)


def test_values_for_numbers_keep_their_order() -> None:
    numbers = [-7, -1, 0, 3, 4]
    found = kernels.value_choice(numbers)
    keys = [values.order_key(values.normalise(value)) for value in found]
    assert keys == sorted(keys)
    assert found[2] is None
