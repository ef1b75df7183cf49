"""A second solver gives the same answers. PRF-9."""

import pytest

pytest.importorskip("cvc5")

from loomweave_proofs import kernels, second, solver, theorems
from loomweave_proofs.cli import main
from loomweave_proofs.runner import Workshop
from loomweave_proofs.theorem import LEDGER, Ledger
from tests.proofs.test_guards import THEORY, commutes, join

theorems.load()


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_second_solver_agrees(step: int) -> None:
    asked = list(LEDGER)[::step]
    found = second.opinions(asked, Workshop(kernels.THEORY).make_lifter)
    assert [item for item in found if not item.agrees] == []
    answers = [item.answer for item in found]
    assert answers.count("proved") > len(asked) / 4
    assert answers.count("refuted") > len(asked) / 30
    assert answers.count("gave up") <= len(asked) / 10


def test_disagreement_is_told() -> None:
    def arrival_commutes(a: int, b: int) -> bool:
        """The last arrival commutes."""
        return a == b

    ledger = Ledger()
    ledger.theorem("TOY-1", about=[join])(commutes)
    ledger.theorem("TOY-2", about=[join])(arrival_commutes)
    ledger.theorem("TOY-3", about=[join], refuted=True)(commutes)
    right, wrong, other = second.opinions(list(ledger), Workshop(THEORY).make_lifter)
    assert (right.answer, right.agrees) == ("proved", True)
    assert (wrong.answer, wrong.agrees) == ("refuted", False)
    assert (other.answer, other.agrees) == ("proved", False)
    assert "2 disagree" in second.summary([right, wrong, other])


def test_questions_are_exchanged() -> None:
    x = solver.constant("x", solver.INT)
    assert second.ask(solver.exchange([x > 1, x < 3])) == "sat"
    assert second.ask(solver.exchange([x > 1, x < 2])) == "unsat"


def test_command_asks_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--only", "CLK-4", "--second-solver"]) == 0
    assert "0 disagree" in capsys.readouterr().out
