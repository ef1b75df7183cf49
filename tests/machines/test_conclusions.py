"""No law of the machine is empty: every conclusion is reached by the tests here. PRF-6."""

import pytest

from tests.laws.conclusions import is_part_only
from tests.machines.conftest import WATCHED


def test_every_conclusion_is_reached(request: pytest.FixtureRequest) -> None:
    if is_part_only(request):
        pytest.skip("only all tests of the machines together reach all conclusions")
    assert WATCHED.places
    assert WATCHED.unreached() == []
