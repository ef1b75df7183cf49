"""No law is empty: every conclusion of every law is reached by the tests of the laws. PRF-6."""

import types

import pytest

from tests.laws.conclusions import Conclusions, is_part_only
from tests.laws.conftest import WATCHED


def test_every_conclusion_is_reached(request: pytest.FixtureRequest) -> None:
    if is_part_only(request):
        pytest.skip("only all tests of the laws together reach all conclusions")
    assert len(WATCHED.places) > 50
    assert WATCHED.unreached() == []


def order_is_kept(a: int, b: int) -> bool:
    """ABC-1: what is less stays less."""
    return not a < b or a + 1 < b + 1


def all_are_small(numbers: list[int]) -> bool:
    """ABC-2: no number is large."""
    if not numbers:
        return True
    return all(number < 9 for number in numbers)


def copied(law: object) -> types.FunctionType:
    """Copy a law, so that the one in this module stays as it is."""
    assert isinstance(law, types.FunctionType)
    made = types.FunctionType(law.__code__, law.__globals__, law.__name__)
    made.__qualname__, made.__module__ = law.__qualname__, law.__module__
    return made


def test_vacuous_law_is_named() -> None:
    watched, law = Conclusions(), copied(order_is_kept)
    watched.watch([law])
    assert law(2, 1)
    assert [text.partition(": ")[2] for text in watched.unreached()] == ["a + 1 < b + 1"]
    assert law(1, 2)
    assert watched.unreached() == []


def test_law_over_nothing_is_named() -> None:
    watched, law = Conclusions(), copied(all_are_small)
    watched.watch([law])
    assert law([])
    assert len(watched.unreached()) == 2
    assert law([1])
    assert watched.unreached() == []
    assert not law([10])
