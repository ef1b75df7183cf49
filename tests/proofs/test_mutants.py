"""The mutation score: a sample in every run, and a score that can fall. PRF-7, PRF-8."""

import ast
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from loomweave.core.lattices.register import element_join, element_le
from loomweave_proofs import kernels
from loomweave_proofs.cli import main
from loomweave_proofs.lift import Lifter
from loomweave_proofs.mutants import page, review, suite, sweep
from loomweave_proofs.mutants.edits import Edits
from loomweave_proofs.mutants.mutant import Mutant, build, mutants_of
from loomweave_proofs.mutants.trial import Bench, Outcome, Trial, difference
from loomweave_proofs.runner import Workshop
from loomweave_proofs.solver import Status
from loomweave_proofs.source import full_name, read_source
from loomweave_proofs.theorem import Ledger
from tests.proofs import toy
from tests.repo.tree import ROOT

SAMPLE = 90
CHANGED_MAX = 60
"""Most mutants that are judged of functions whose source the report does not know."""


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Load the shipped theorems once."""
    return sweep.new_bench()


def mutant_of(function: object, before: str, after: str) -> Mutant:
    """Find a mutant by a part of its lines."""
    found = [m for m in mutants_of(function) if before in m.before and after in m.after]
    assert found, f"no mutant turns {before} into {after}"
    return found[0]


# -- the sample


def test_sample_is_noticed() -> None:
    found = sweep.sweep(sample=SAMPLE, seed=3)
    killed, whole = found.by_proofs()
    assert whole > SAMPLE / 3
    assert killed >= sweep.BY_PROOFS_MIN * whole, [page.line_of(t) for t in found.unproved]
    assert found.of(Outcome.ALIVE, sweep.FLAWLESS) == []


def test_changed_functions_are_judged(bench: Bench) -> None:
    known = page.digests(ROOT / "reports/mutants.md")
    assert known, "make mutants writes the report"
    changed = [
        full_name(function)
        for function in bench.subjects()
        if known.get(full_name(function)) != read_source(function).digest
    ]
    found = sweep.sweep(names=changed, sample=CHANGED_MAX)
    assert found.of(Outcome.ALIVE) == []


def test_reviewed_mutants_are_there_and_equal(bench: Bench) -> None:
    reviewed = review.load()
    assert len(reviewed) > 20
    names = {key[0] for key in reviewed}
    made = {m.key: m for f in bench.subjects() if full_name(f) in names for m in mutants_of(f)}
    assert set(reviewed) <= set(made)
    for key in sorted(reviewed)[::4]:
        assert bench.judge(made[key]).outcome is Outcome.EQUIVALENT, key


# -- making mutants


def test_mutants_differ_and_run() -> None:
    made = mutants_of(toy.verdict)
    assert len({ast.unparse(m.node) for m in made}) == len(made) > 5
    assert len({m.key for m in made}) == len(made)
    assert ast.unparse(read_source(toy.verdict).node) not in {ast.unparse(m.node) for m in made}
    assert all(callable(build(m)) for m in made)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a < 3", {"comparison", "constant", "other argument"}),
        ("a < b and b < 3", {"connective", "condition dropped"}),
        ("not a", {"sign dropped"}),
        ("x | y", {"operator", "operand alone"}),
        ("min(a, b)", {"twin", "arguments swapped", "argument alone"}),
        ("a if a < b else b", {"branches swapped", "branch alone"}),
        ("frozenset({a})", {"set emptied"}),
    ],
)
def test_every_kind_of_change_is_made(text: str, kinds: set[str]) -> None:
    scope: dict[str, object] = {}
    lines = (
        f"def f(a: int, b: int, x: frozenset[int], y: frozenset[int]) -> object:\n return {text}"
    )
    exec(lines, scope)
    node = ast.parse(lines).body[0]
    assert isinstance(node, ast.FunctionDef)
    source = attrs.evolve(read_source(toy.verdict), function=scope["f"], node=node)
    edits = Edits(source)
    returned = node.body[0]
    found = {kind for inner in ast.walk(returned) for kind, _ in edits.of(inner)}
    assert kinds <= found


def test_union_becomes_intersection_and_difference() -> None:
    source = read_source(toy.verdict)
    node = ast.parse("a | b", mode="eval").body
    texts = {ast.unparse(new) for _, new in Edits(source).of(node)}
    assert texts == {"a & b", "a - b", "a", "b"}


# -- judging them


def test_shipped_bug_is_killed_and_confirmed(bench: Bench) -> None:
    found = bench.judge(mutant_of(element_join, "b if element_le", "a if element_le(a, b) else b"))
    assert found.outcome is Outcome.KILLED
    assert found.is_confirmed
    assert found.by.startswith("HAM-2/")


def test_mutant_of_a_loop_is_killed(bench: Bench) -> None:
    loop = next(f for f in bench.subjects() if f.__name__ == "merge_part")
    found = bench.judge(mutant_of(loop, "stamp_ns > old.stamp_ns", "stamp_ns >= old.stamp_ns"))
    assert (found.outcome, found.by[:5]) == (Outcome.KILLED, "HAM-8")


def test_ill_typed_mutant_is_not_counted(bench: Bench) -> None:
    tie = next(f for f in bench.subjects() if f.__name__ == "wins_tie")
    found = bench.judge(mutant_of(tie, "order_key(value) >", "return value > order_key"))
    assert found.outcome is Outcome.STILLBORN


def test_without_theorems_mutants_live() -> None:
    found = Bench(Ledger(), Workshop(kernels.THEORY)).judge(
        mutant_of(element_join, "b if element_le", "a if element_le(a, b) else b")
    )
    assert found.outcome is Outcome.ALIVE
    assert "differs at a=Element(" in found.detail


def test_difference_is_found_and_denied() -> None:
    lifter = Lifter(kernels.THEORY)
    shipped = lifter.lift(element_le)
    equal = build(mutant_of(element_le, "a.writer < b.writer", "a.writer <= b.writer"))
    other = build(mutant_of(element_le, "a.seq <= b.seq", "a.seq < b.seq"))
    assert difference(shipped, lifter.lift(equal)) == (Status.IMPOSSIBLE, "")
    assert difference(shipped, lifter.lift(other))[0] is Status.SATISFIABLE


# -- the score can fall


def trial(outcome: Outcome, name: str = "loomweave.core.clocks.f", after: str = "b") -> Trial:
    """Make a trial up."""
    return Trial(name, 1, "a", after, "kind", outcome, "X-1/x", "differs")


def score(
    *trials: Trial,
    reviewed: Mapping[review.Key, review.Equivalent] | None = None,
    tested: Mapping[review.Key, str] | None = None,
) -> sweep.Sweep:
    """Make a sweep of trials up."""
    keys = [item.key for item in trials]
    return sweep.Sweep([], list(trials), keys, reviewed or {}, tested or {})


def test_survivors_lower_the_score() -> None:
    killed = [trial(Outcome.KILLED, after=str(at)) for at in range(10)]
    assert score(*killed).faults() == []
    assert "less than 95%" in score(*killed, trial(Outcome.ALIVE)).faults()[0]


def test_one_survivor_in_a_join_is_too_many() -> None:
    killed = [trial(Outcome.KILLED, after=str(at)) for at in range(90)]
    alive = trial(Outcome.ALIVE, "loomweave.core.lattices.x.join")
    assert "no theorem notices" in score(*killed, alive).faults()[0]


def test_tests_count_for_all_checks() -> None:
    killed = [trial(Outcome.KILLED, after=str(at)) for at in range(30)]
    alive = trial(Outcome.ALIVE)
    assert score(*killed, alive, tested={alive.key: "tests/x.py::y"}).faults() == []
    assert "all checks kill 30 of 31" in score(*killed, alive, tested={alive.key: ""}).faults()[0]


def test_equivalents_must_be_reviewed_and_stay_equal() -> None:
    equal = trial(Outcome.EQUIVALENT)
    entry = review.Equivalent(*equal.key, "a sum has no order")
    assert "not reviewed" in score(equal).faults()[0]
    assert score(equal, reviewed={entry.key: entry}).faults() == []
    other = trial(Outcome.KILLED)
    assert "tells it apart" in score(other, reviewed={other.key: entry}).faults()[0]
    gone = score(other, reviewed={("loomweave.core.clocks.f", 9, "a", "b"): entry})
    assert "no more" in gone.faults()[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[equivalent]]\nfunction = "f"\n', "entry 1"),
        (
            '[[equivalent]]\nfunction = "f"\nline = 1\nbefore = "a"\nafter = "b"\nwhy = "so"\n',
            "say",
        ),
    ],
)
def test_bad_entries_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "equivalents.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(review.ReviewError, match=message):
        review.load(file)


# -- the command and the tests


def test_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mutants.md"
    options = ["mutants", "--only", "clocks.is_due", "--processes", "1", "--report", str(target)]
    assert main(options) == 0
    assert "killed by proofs alone 4 of 4" in capsys.readouterr().out
    assert list(page.digests(target)) == ["loomweave.core.clocks.is_due"]


def test_command_refuses_nonsense(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", "--only", "no_such_function"]) == 2
    assert main(["mutants", "--sample", "0"]) == 2
    assert "no function with a theorem" in capsys.readouterr().err


@pytest.mark.slow
def test_mutant_is_patched_in_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    key = mutant_of(element_join, "b if element_le", "a if element_le(a, b) else b").key
    monkeypatch.setattr(suite, "TESTS", ("tests/laws/test_ham.py",))
    found = suite.run_all([key], lambda done, count: None)
    assert found[key].startswith("tests/laws/test_ham.py::")
