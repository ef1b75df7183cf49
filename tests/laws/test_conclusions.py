"""No law is empty: every conclusion of every law is reached by the tests of the laws. PRF-6."""

from pathlib import Path

import pytest

from tests.laws.conclusions import Conclusions
from tests.laws.conftest import WATCHED

HERE = Path(__file__).parent


def test_every_conclusion_is_reached(request: pytest.FixtureRequest) -> None:
    run = {item.path.name for item in request.session.items if item.path.parent == HERE}
    options = request.config.option
    is_part = options.keyword or options.markexpr or any("::" in a for a in request.config.args)
    if is_part or run != {path.name for path in HERE.glob("test_*.py")}:
        pytest.skip("only all tests of the laws together reach all conclusions")
    assert len(WATCHED.places) > 50
    assert WATCHED.unreached() == []
