"""A number that the spec states beside a constant's name is the number of the code."""

from pathlib import Path

import pytest

from tests.repo.bounds import check_bounds, stated
from tests.repo.tree import ROOT, plant


def test_spec_and_code_state_the_same_numbers() -> None:
    assert check_bounds(ROOT) == []


def test_most_constants_of_the_spec_state_a_number() -> None:
    """A pattern that finds nothing would satisfy the check above."""
    found = stated(ROOT)
    assert len([name for _, name, value in found if value is not None]) > 60
    values = {name: value for _, name, value in found if value is not None}
    assert values["WAIT_PEER_MAX"] == 1024
    assert values["SKEW_MAX_NS"] == 60 * 10**9
    assert values["FAILURES_MAX"] == 5
    assert values["SEQ_MAX"] == 2**63 - 1
    assert values["REPLICAS_MAX"] == 1000


SPEC = """**ZZZ-1** (one). At most `WAIT_MAX` (1,024) wait, for `DELAY_NS` (0.5 s) each. Of 7
things, a frame has 16 MiB (`FRAME_BYTES_MAX`) and 10,000 fields
(`FIELDS_MAX`).
"""
CODE = """WAIT_MAX: Final = 1 << 10
SECOND_NS = 1_000_000_000
DELAY_NS = SECOND_NS // 2
FRAME_BYTES_MAX: Final = 16 << 20
FIELDS_MAX: Final = 10_000
"""


def findings(root: Path, spec: str, code: str, **more: str) -> list[str]:
    """Check a small tree."""
    files = {f"loomweave/{name}.py": text for name, text in more.items()}
    plant(root, {"spec/10-z.md": spec, "loomweave/core/z.py": code} | files)
    return check_bounds(root)


def test_sound_tree_passes(tmp_path: Path) -> None:
    assert findings(tmp_path, SPEC, CODE, other="LOCAL_MAX = 3\n", more="LOCAL_MAX = 4\n") == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("1 << 10", "1 << 11", "WAIT_MAX is 1024 here and 2048 in loomweave/core/z.py:1"),
        ("1 << 10", "'much'", "WAIT_MAX is 1024 here and None"),
        ("// 2", "// 4", "DELAY_NS is 500000000 here and 250000000"),
        ("16 << 20", "16", "FRAME_BYTES_MAX is 16777216 here and 16"),
        ("FIELDS_MAX", "FIELDS_MOST", "FIELDS_MAX is defined nowhere"),
    ],
)
def test_another_number_is_caught(tmp_path: Path, old: str, new: str, name: str) -> None:
    found = findings(tmp_path, SPEC, CODE.replace(old, new))
    assert len(found) == 1
    assert name in found[0]


def test_a_second_home_is_caught(tmp_path: Path) -> None:
    found = findings(tmp_path, SPEC, CODE, twin="WAIT_MAX = 1024\n")
    places = "loomweave/core/z.py:1, loomweave/twin.py:1"
    assert found == [f"spec/10-z.md:1: WAIT_MAX is defined {places}; give it one home"]


def test_the_simulator_may_use_a_name_again(tmp_path: Path) -> None:
    plant(tmp_path, {"sim/loomweave_sim/z.py": "WAIT_MAX = 5\n"})
    assert findings(tmp_path, SPEC, CODE) == []
