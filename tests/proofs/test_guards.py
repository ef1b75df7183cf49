"""A proof must be able to fail: each guard of the prover is shown to fire. PRF-3 to PRF-6."""

from collections.abc import Callable

import pytest

from loomweave_proofs import judge as judging
from loomweave_proofs import runner, solver
from loomweave_proofs.hotloops import cut_body, cut_condition
from loomweave_proofs.judge import Judgement, judge
from loomweave_proofs.lift import Lifter, Theory, Unliftable
from loomweave_proofs.opaques import TEXT
from loomweave_proofs.solver import Status
from loomweave_proofs.theorem import Ledger, Theorem
from tests.proofs.toy import Cell, Register, Verdict, offer, step, verdict

THEORY = Theory(opaques=((str, TEXT),))


def join(a: Cell, b: Cell) -> Cell:
    """Take the greater cell."""
    return b if a <= b else a


def join_by_arrival(a: Cell, b: Cell) -> Cell:
    """Take the last."""
    return b


def join_lesser(a: Cell, b: Cell) -> Cell:
    """Take the lesser cell: a meet."""
    return join_by_arrival(b, a) if a <= b else b


def below(a: Cell, b: Cell) -> bool:
    """Order the cells."""
    return a <= b


def impossible(a: Cell, b: Cell) -> bool:
    """Hold for nothing."""
    return a < b and b < a


def judged(statement: Callable[..., bool], about: object = join, **options: object) -> Judgement:
    """Judge one statement in a ledger of its own."""
    ledger = Ledger()
    ledger.theorem("TOY-1", about=[about], **options)(statement)  # type: ignore[arg-type]
    return judge(next(iter(ledger)), runner.Workshop(THEORY).make_lifter)


def commutes(a: Cell, b: Cell) -> bool:
    """The join is commutative."""
    return join(a, b) == join(b, a)


def bounds(a: Cell, b: Cell) -> bool:
    """The join is above both."""
    return a <= join(a, b) and b <= join(a, b)


def test_true_statement_is_proved() -> None:
    found = judged(commutes, sabotage={join: join_by_arrival})
    assert (found.found, found.fault, found.sabotages) == ("proved", "", 1)


def test_false_statement_fails_with_a_replayed_counterexample() -> None:
    def arrival_commutes(a: Cell, b: Cell) -> bool:
        """The last arrival commutes."""
        return join_by_arrival(a, b) == join_by_arrival(b, a)

    found = judged(arrival_commutes, join_by_arrival)
    assert found.found == "refuted"
    assert "expected to be proved" in found.fault
    assert "Cell(" in found.counterexample
    assert "does not confirm" not in found.counterexample
    assert judged(arrival_commutes, join_by_arrival, refuted=True).passed


def test_meet_has_the_laws_and_fails_the_upper_bound() -> None:
    def meet_commutes(a: Cell, b: Cell) -> bool:
        """The meet is commutative."""
        return join_lesser(a, b) == join_lesser(b, a)

    assert judged(meet_commutes, join_lesser).passed
    assert judged(bounds, sabotage={join: join_lesser}).sabotages == 1


def test_true_statement_that_should_be_false_fails() -> None:
    assert "expected to be refuted" in judged(commutes, refuted=True).fault


def test_sabotage_that_nobody_notices_fails() -> None:
    found = judged(commutes, sabotage={join: join_lesser})
    assert "join_lesser is not noticed" in found.fault


def test_sabotage_reaches_deep_calls() -> None:
    def keeps(register: Register, cell: Cell, now: int) -> bool:
        """An offer never lowers what is held."""
        after = offer(register, cell, now).held
        return register.held is None or (after is not None and register.held <= after)

    def verdict_take(held: Cell | None, cell: Cell, now: int) -> Verdict:
        """Take everything."""
        return Verdict.TAKE

    assert judged(keeps, offer, sabotage={verdict: verdict_take}).passed


def test_vacuous_hypothesis_fails() -> None:
    def anything(a: Cell, b: Cell) -> bool:
        """From nothing follows everything."""
        return join(a, b) == a and join(a, b) == b

    assert "vacuous" in judged(anything, given=impossible).fault


def test_idle_hypothesis_fails() -> None:
    assert "idle" in judged(commutes, given=below).fault


def test_needed_hypothesis_passes() -> None:
    def greater_wins(a: Cell, b: Cell) -> bool:
        """The greater one wins."""
        return join(a, b) == b

    assert judged(greater_wins, given=below).passed
    assert not judged(greater_wins).passed


def test_unknown_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fermat(x: int, y: int, z: int, n: int) -> bool:
        """No solver finishes this."""
        return x * x * x + y * y * y != z * z * z or x * y * z == 0 or n == n + 1

    ask = solver.ask
    monkeypatch.setattr(solver, "ask", lambda terms: ask(terms, budget_ms=20))
    found = judged(fermat)
    assert found.found == "unknown"
    assert "gave up" in found.fault


def test_statement_that_may_raise_fails() -> None:
    def unwraps(a: Cell | None, b: Cell) -> bool:
        """The statement itself unwraps None."""
        return join(a, b) == join(a, b)  # type: ignore[arg-type]

    assert "may raise" in judged(unwraps).fault


def test_counterexample_that_python_denies_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def arrival_commutes(a: Cell, b: Cell) -> bool:
        """The last arrival commutes."""
        return join_by_arrival(a, b) == join_by_arrival(b, a)

    monkeypatch.setattr(judging, "replays", lambda *_: False)
    found = judged(arrival_commutes, join_by_arrival, refuted=True)
    assert "Python does not confirm" in found.fault


def test_contracts_carry_the_proof() -> None:
    def thrice(a: Cell, b: Cell) -> bool:
        """Three joins in two orders agree."""
        return join(join(a, b), a) == join(a, join(b, a))

    assert judged(thrice, through={join: (commutes,)}).passed
    assert not judged(thrice, through={join: ()}).passed


def test_contract_without_a_proof_is_named() -> None:
    ledger = Ledger()
    ledger.theorem("TOY-1", about=[join], through={join: (bounds,)})(commutes)
    assert runner.missing_laws(ledger) != []
    ledger.theorem("TOY-2", about=[join])(bounds)
    assert runner.missing_laws(ledger) == []


def test_theorem_that_ignores_its_subject_is_named() -> None:
    found = judged(commutes, about=verdict)
    assert runner.uncited([found]) == ["TOY-1/commutes does not call tests.proofs.toy.verdict"]


def test_uncovered_kernels_are_named() -> None:
    ledger = Ledger()
    found = runner.run(ledger)
    assert "loomweave.core.lattices.register.element_join" in found.uncovered
    assert not found.passed


def test_open_obligation_fails_the_run() -> None:
    def unwrapping(a: Cell | None) -> int:
        """Unwrap None."""
        return a.stamp  # type: ignore[union-attr]

    def fine(a: Cell) -> bool:
        """Call it with a cell alone."""
        return unwrapping(a) == a.stamp

    globals()["unwrapping"] = unwrapping
    try:
        ledger = Ledger()
        ledger.theorem("TOY-1", about=[unwrapping])(fine)
        found = runner.run(ledger, THEORY)
    finally:
        del globals()["unwrapping"]
    assert found.judgements[0].fault != "" or found.totalities[0].open != ()


def test_two_theorems_of_one_name_are_refused() -> None:
    ledger = Ledger()
    ledger.theorem("TOY-1", about=[join])(commutes)
    with pytest.raises(ValueError, match="two theorems"):
        ledger.theorem("TOY-1", about=[join])(commutes)


def merge(cells: dict[str, Cell], more: dict[str, Cell], limit: int) -> dict[str, Cell]:
    """Join maps of cells in a hot loop."""
    winners: dict[str, Cell] = {}
    for name, cell in more.items():
        old = cells.get(name)
        if cell.stamp > limit:
            continue
        if old is None or cell > old:
            winners[name] = cell
    return winners


LOCALS = {
    "cells": dict[str, Cell],
    "winners": dict[str, Cell],
    "name": str,
    "cell": Cell,
    "limit": int,
}
cut_decision = cut_condition(merge, {"old": Cell | None, "cell": Cell}, at=1)
cut_turn = cut_body(merge, LOCALS, "winners")


def decision_is_the_join(old: Cell, cell: Cell) -> bool:
    """The loop takes a cell exactly where the join does."""
    return cut_decision(old, cell) == (join(old, cell) == cell and old != cell)


def turn_is_the_join(
    cells: dict[str, Cell], winners: dict[str, Cell], name: str, cell: Cell, limit: int
) -> bool:
    """A turn of the loop puts the winner in its place."""
    found: dict[str, Cell] = cut_turn(cells, winners, name, cell, limit)
    old = cells.get(name)
    wins = cell.stamp <= limit and (old is None or not cell <= old)
    return found.get(name) == (cell if wins else winners.get(name))


def test_hot_loop_is_cut_out_and_proved() -> None:
    assert judged(decision_is_the_join, cut_decision).passed
    assert judged(turn_is_the_join, cut_turn).passed
    with pytest.raises(Unliftable, match="loop 1 of 1"):
        cut_body(merge, LOCALS, "winners", at=1)
    with pytest.raises(Unliftable, match="condition 2 of 2"):
        cut_condition(merge, LOCALS, at=2)


def test_cut_out_text_runs_like_the_loop() -> None:
    cell = Cell(2, "m")
    assert cut_turn({}, {}, "x", cell, 3) == merge({}, {"x": cell}, 3)
    assert cut_turn({}, {}, "x", cell, 1) == merge({}, {"x": cell}, 1)
    assert cut_turn({"x": cell}, {}, "x", cell, 3) == {}


def test_budget_is_kept() -> None:
    x, y, z = (solver.constant(name, solver.INT) for name in "xyz")
    hard = [x * x * x + y * y * y == z * z * z + 114, x > 5, y > 5]
    assert solver.ask(hard, budget_ms=10)[0] is Status.UNKNOWN


def test_functions_are_hashed_as_imported() -> None:
    lifted = Lifter(THEORY).lift(step)
    assert lifted.source.text.startswith("def step(")
    assert len(lifted.source.digest) == 32
    assert offer in lifted.calls
    assert verdict in lifted.calls


def test_theorem_is_plain_python() -> None:
    ledger = Ledger()
    ledger.theorem("TOY-1", about=[join])(commutes)
    found: Theorem | None = ledger.of(commutes)
    assert found is not None
    assert found.words == "The join is commutative."
    assert commutes(Cell(1), Cell(2))
