"""The explorer on worlds whose states can be counted by hand. Spec: PRF-20 to PRF-29."""

import argparse
from collections.abc import Hashable, Iterator
from pathlib import Path

import pytest

from loomweave.core.lattices import register
from loomweave.core.lattices.register import Element, element_le
from loomweave_proofs.explore import command
from loomweave_proofs.explore.crasher import broken_by, file_text
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    Sometimes,
    Symmetry,
)
from loomweave_proofs.explore.models import ENTRIES, find
from loomweave_proofs.explore.models.ham import Ham
from loomweave_proofs.explore.models.lease import Lease
from loomweave_proofs.explore.outcome import Finding, Outcome, Status
from loomweave_proofs.explore.sabotage import Change, Constant, StaleSabotage, applied
from loomweave_proofs.explore.search import Progress, UnsoundReduction, explore
from loomweave_proofs.explore.symmetry import compare

Pair = tuple[int, int]
JUG_SMALL, JUG_LARGE = 3, 5


class Jugs(Model[Pair]):
    """Two jugs of 3 and 5 and a tap: 16 of the 24 fillings can be reached, 4 in six steps."""

    name = "jugs"
    words = "two jugs and a tap"
    shipped = ()

    def __init__(self, *properties: Property[Pair]) -> None:
        self.found = properties

    def starts(self) -> Iterator[Pair]:
        yield 0, 0

    def actions(self, state: Pair) -> Iterator[Action]:
        for verb in ("fill", "empty", "pour"):
            yield (verb, 0)
            yield (verb, 1)

    def apply(self, state: Pair, action: Action) -> Pair | None:
        small, large = state
        match action:
            case ("fill", 0):
                return JUG_SMALL, large
            case ("fill", 1):
                return small, JUG_LARGE
            case ("empty", 0):
                return 0, large
            case ("empty", 1):
                return small, 0
            case ("pour", 0):
                poured = min(small, JUG_LARGE - large)
                return small - poured, large + poured
            case ("pour", 1):
                poured = min(large, JUG_SMALL - small)
                return small + poured, large - poured
            case _:
                return None

    def fair(self, state: Pair) -> Action | None:
        return ("empty", 0) if state[0] else ("empty", 1) if state[1] else None

    def show(self, state: Pair) -> str:
        return f"{state[0]} and {state[1]}"

    def properties(self) -> tuple[Property[Pair], ...]:
        return self.found


def is_four(state: Pair) -> bool:
    """Tell whether the large jug holds four."""
    return state[1] == 4


def is_small(state: Pair) -> bool:
    """Tell whether nothing is overfull."""
    return state[0] <= JUG_SMALL and state[1] <= JUG_LARGE


BOUNDED = Always[Pair]("nothing is overfull", "PRF-21", is_small)
NEVER_FOUR = Always[Pair]("never four", "PRF-21", lambda state: not is_four(state))


def finding(outcome: Outcome, name: str) -> Finding:
    """Return what was found of a property."""
    return next(verdict.finding for verdict in outcome.verdicts if verdict.name == name)


def test_every_state_is_met_once() -> None:
    outcome = explore(Jugs(BOUNDED))
    assert (outcome.status, outcome.states) == (Status.EXHAUSTED, 16)
    assert outcome.transitions == 16 * 6
    assert outcome.depth == 7
    assert outcome.passed


def test_counterexample_is_a_shortest_one() -> None:
    outcome = explore(Jugs(BOUNDED, NEVER_FOUR))
    assert outcome.status is Status.REFUTED
    assert finding(outcome, "never four") is Finding.BROKEN
    assert outcome.counterexample is not None
    assert len(outcome.counterexample.actions) == 6
    assert outcome.counterexample.story == (
        'jugs: "never four" does not hold [PRF-21]\n'
        "  0. At first: 0 and 0\n"
        "  1. fill 1\n"
        "  2. pour 1\n"
        "  3. empty 0\n"
        "  4. pour 1\n"
        "  5. fill 1\n"
        "  6. pour 1\n"
        "     So it ends: 3 and 4"
    )


def test_invariant_of_steps_sees_both_sides() -> None:
    law = EachStep[Pair](
        "pouring loses nothing",
        "PRF-21",
        lambda before, action, after: sum(before) == sum(after),
        lambda before, action, after: action[0] == "pour",
    )
    assert explore(Jugs(law)).passed
    wrong = EachStep[Pair](
        "nothing is lost", "PRF-21", lambda before, action, after: sum(before) <= sum(after)
    )
    outcome = explore(Jugs(wrong))
    assert outcome.counterexample is not None
    assert [action[0] for action in outcome.counterexample.actions] == ["fill", "empty"]


def test_what_is_never_reached_or_tested_fails() -> None:
    never = Sometimes[Pair]("nine", "PRF-22", lambda state: sum(state) == 9)
    empty = Always[Pair]("nines are odd", "PRF-24", is_small, lambda state: sum(state) == 9)
    idle = EachStep[Pair](
        "drinking", "PRF-24", lambda a, b, c: True, lambda a, action, c: action[0] == "drink"
    )
    lazy = Eventually[Pair]("nine ends", "PRF-24", lambda state: sum(state) == 9, is_small, 3)
    reached = Sometimes[Pair]("four", "PRF-22", is_four)
    outcome = explore(Jugs(never, empty, idle, lazy, reached))
    assert outcome.status is Status.EXHAUSTED
    assert not outcome.passed
    assert finding(outcome, "nine") is Finding.UNREACHED
    assert {finding(outcome, name) for name in ("nines are odd", "drinking", "nine ends")} == {
        Finding.VACUOUS
    }
    assert finding(outcome, "four") is Finding.REACHED
    assert len(outcome.faults) == 4


@pytest.mark.parametrize(
    ("bounds", "bound"),
    [
        (Bounds(states=10), "10 states"),
        (Bounds(depth=3), "depth 3"),
        (Bounds(seconds=0.0), "0 s"),
    ],
)
def test_a_bound_is_never_called_exhausted(bounds: Bounds, bound: str) -> None:
    outcome = explore(Jugs(BOUNDED), bounds)
    assert (outcome.status, outcome.bound) == (Status.BOUNDED, bound)
    assert outcome.states < 16


def test_goal_is_reached_by_a_fair_run() -> None:
    def is_any(state: Pair) -> bool:
        return True

    goal = Eventually[Pair]("both get empty", "PRF-23", is_any, lambda state: not any(state), 2)
    assert explore(Jugs(goal)).passed
    hasty = Eventually[Pair]("at once", "PRF-23", is_any, lambda state: not any(state), 1)
    outcome = explore(Jugs(hasty))
    assert outcome.counterexample is not None
    assert sum(map(len, (outcome.counterexample.actions, outcome.counterexample.fair))) > 2
    assert "From here on no more faults." in outcome.counterexample.story
    stuck = Eventually[Pair]("four remains", "PRF-23", is_any, is_four, 9)
    found = explore(Jugs(stuck)).counterexample
    assert found is not None and found.actions == ()


class Workers(Model[tuple[int, ...]]):
    """Workers that are idle, busy or done; names say nothing, unless `is_ranked`."""

    name = "workers"
    words = "three workers"
    shipped = ()

    def __init__(self, count: int = 3, is_ranked: bool = False, is_forgetful: bool = False) -> None:
        self.count = count
        self.is_ranked = is_ranked

        def representative(state: tuple[int, ...]) -> Hashable:
            return (len(state),) if is_forgetful else tuple(sorted(state))

        self.symmetry = Symmetry(representative, lambda state: not is_ranked or state[0] < 2)

    def starts(self) -> Iterator[tuple[int, ...]]:
        yield (0,) * self.count

    def actions(self, state: tuple[int, ...]) -> Iterator[Action]:
        yield from (("work", at) for at in range(self.count))

    def apply(self, state: tuple[int, ...], action: Action) -> tuple[int, ...] | None:
        at = int(action[1])
        return None if state[at] == 2 else (*state[:at], state[at] + 1, *state[at + 1 :])

    def properties(self) -> tuple[Property[tuple[int, ...]], ...]:
        return (
            Always("few are busy", "PRF-21", lambda state: state.count(1) <= self.count),
            Sometimes("all are done", "PRF-22", lambda state: set(state) == {2}),
        )


def test_symmetry_counts_names_out() -> None:
    found = compare(Workers(), Bounds())
    assert found.fault == ""
    assert (found.full.states, found.reduced.states) == (27, 10)
    assert found.factor == 2.7


def test_unsound_symmetry_is_noticed() -> None:
    assert "tells apart" in compare(Workers(is_forgetful=True), Bounds()).fault
    with pytest.raises(UnsoundReduction, match="names take part"):
        explore(Workers(is_ranked=True), is_reduced=True)
    assert "a bound was met" in compare(Workers(), Bounds(states=12)).fault
    with pytest.raises(ValueError, match="declares no symmetry"):
        explore(Jugs(BOUNDED), is_reduced=True)


@pytest.mark.parametrize(
    "model",
    [
        Ham(writes=((1, "a"), (2, "b")), offsets=(0, 0, 0), ticks=2),
        Ham(writes=((2, "a"), (2, "b")), offsets=(1, 1), ticks=2, skew=0),
        Lease(callers=3, ticks=2, flights=1),
        Lease(callers=2, ticks=3, flights=2),
    ],
    ids=["ham-3", "ham-2", "lease-3", "lease-2"],
)
def test_symmetry_of_shipped_models_loses_nothing(model: Model[object]) -> None:
    found = compare(model, Bounds())
    assert found.fault == ""
    assert found.factor > 1.5


def test_two_searches_find_the_same() -> None:
    entry = find("replicas")
    first, second = (entry.run(Bounds(states=2_000)) for _ in range(2))
    assert (first.states, first.transitions) == (second.states, second.transitions)
    assert first.verdicts == second.verdicts


def test_progress_is_told() -> None:
    seen: list[Progress] = []
    explore(Jugs(BOUNDED), report=seen.append)
    assert [progress.depth for progress in seen] == list(range(1, 9))
    assert seen[0].frontier == 1 and seen[-1].states == 16


def test_change_is_made_and_undone() -> None:
    low, high = Element(1, "a", b"w", 1), Element(2, "a", b"w", 2)
    change = Change(
        "loomweave.core.lattices.register.element_le",
        "a.stamp_ns < b.stamp_ns",
        "a.stamp_ns > b.stamp_ns",
    )
    with applied((change,)):
        assert register.element_le(high, low)
        assert not register.element_le(low, high)
    assert register.element_le is element_le and element_le(low, high)


@pytest.mark.parametrize(
    "change",
    [
        Change("loomweave.core.lattices.register.element_le", "no such fragment", ""),
        Change("loomweave.core.lattices.register.gone", "", ""),
        Change("loomweave.core.lattices.register.GUN_SEQ", "", ""),
        Constant("loomweave.core.lattices.register.GONE", 1),
    ],
)
def test_stale_sabotage_is_an_error(change: Change | Constant) -> None:
    with pytest.raises(StaleSabotage), applied((change,)):
        pass


def test_counterexample_becomes_a_test_that_fails_and_then_passes(tmp_path: Path) -> None:
    entry = find("ham")
    sabotage = next(item for item in entry.sabotages if item.changes)
    outcome = entry.run_sabotaged(sabotage)
    assert outcome.counterexample is not None
    space: dict[str, object] = {}
    exec(compile(file_text(outcome.counterexample), str(tmp_path / "t.py"), "exec"), space)
    test = next(value for name, value in space.items() if name.startswith("test_"))
    assert callable(test)
    test()
    with applied(sabotage.changes), pytest.raises(AssertionError, match="At first"):
        test()


def test_path_is_walked_again_for_each_kind_of_property() -> None:
    jugs = Jugs(NEVER_FOUR)
    path: list[Action] = [("fill", 1), ("pour", 1), ("empty", 0), ("pour", 1), ("fill", 1)]
    assert broken_by(jugs, "never four", path) is None
    assert "pour 1" in (broken_by(jugs, "never four", [*path, ("pour", 1)]) or "")
    assert broken_by(jugs, "never four", [("drink", 1)]) is None
    with pytest.raises(ValueError, match="no property"):
        broken_by(jugs, "always five", path)


def test_command_tells_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nonsense"]) == command.EXIT_BAD_INPUT
    assert "there is no model 'nonsense'" in capsys.readouterr().err
    assert command.main(["ham", "--states", "0"]) == command.EXIT_BAD_INPUT
    assert "above 0" in capsys.readouterr().err


def test_command_searches_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "reports" / "models.md"
    assert command.main(["compaction", "--report", str(page)]) == command.EXIT_PASS
    assert "1 models, 1,474 different states: 1 exhausted" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "| compaction |" in text and "3 of 3 sabotages caught" in text
    assert command.main(["replicas", "--states", "40"]) == command.EXIT_FAILED
    assert "never reached" in capsys.readouterr().out
    assert command.main(["--list"]) == command.EXIT_PASS
    assert len(capsys.readouterr().out.splitlines()) == len(ENTRIES)


def test_command_is_a_part_of_another() -> None:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(dest="command"))
    options = parser.parse_args(["explore", "ham", "--seconds", "2"])
    assert command.bounds_of(find("ham"), options).seconds == 2.0
    assert command.bounds_of(find("ham"), parser.parse_args(["explore"])) == find("ham").suite
