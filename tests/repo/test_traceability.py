"""Each rule of the spec is followed by code and held to by a law or a test."""

from pathlib import Path

import pytest

from tests.repo import traceability
from tests.repo.tree import ROOT, plant


def test_there_are_rules() -> None:
    """An empty spec would satisfy every check below."""
    assert len(traceability.definitions(ROOT)) > 50


def test_definitions_are_unique_and_in_their_chapter() -> None:
    assert traceability.check_definitions(ROOT) == []


def test_each_rule_is_cited_by_code_and_by_law_or_test() -> None:
    assert traceability.check_coverage(ROOT) == []


def test_each_cited_rule_exists() -> None:
    assert traceability.check_citations(ROOT) == []


def test_chapters_stand_in_the_readers_table() -> None:
    text = (ROOT / "spec/README.md").read_text(encoding="utf-8")
    rows = {rule.chapter: rule.id[:3] for rule in traceability.definitions(ROOT)}
    missing = [name for name, prefix in rows.items() if f"({name}) | {prefix} |" not in text]
    assert missing == []


def test_committed_table_is_fresh() -> None:
    """Whoever changes a rule or who cites it runs `make traceability`."""
    committed = (ROOT / traceability.REPORT).read_text(encoding="utf-8").splitlines()
    fresh = traceability.render(ROOT).splitlines()
    stale = [f"-{line}" for line in committed if line not in set(fresh)]
    stale += [f"+{line}" for line in fresh if line not in set(committed)]
    assert stale == [], "run `make traceability`"
    assert committed == fresh, "run `make traceability`"


CHAPTER = "**ZZZ-1** (first). One.\n\n- **ZZZ-2** (second). Two, unlike ZZZ-1.\n"
TRACED = {
    "spec/10-z.md": CHAPTER,
    "loomweave/core/z.py": 'def one():\n    """Do one. Spec: ZZZ-1, ZZZ-2."""\n',
    "loomweave/laws/z.py": 'def law():\n    """ZZZ-1: always."""\n',
    "tests/test_z.py": "def test_two():\n    assert True  # ZZZ-2\n",
}


def test_sound_tree_passes(tmp_path: Path) -> None:
    plant(tmp_path, TRACED)
    assert traceability.check_definitions(tmp_path) == []
    assert traceability.check_coverage(tmp_path) == []
    assert traceability.check_citations(tmp_path) == []


BROKEN = [
    ("spec/10-z.md", CHAPTER + "**ZZZ-1** (again). One.\n", "stands in"),
    ("spec/10-z.md", CHAPTER + "**YYY-1** (other). One.\n", "in a chapter of ZZZ rules"),
    ("spec/10-z.md", CHAPTER.replace(" (first)", ""), "has no short name"),
    ("loomweave/core/z.py", '"""Spec: ZZZ-1."""\n', "ZZZ-2 is cited by no code"),
    ("tests/test_z.py", "", "ZZZ-2 is cited by no law and no test"),
    ("tests/test_z.py", "# ZZZ-2, ZZZ-9\n", "ZZZ-9 is not a rule"),
    ("spec/10-z.md", CHAPTER + "As ZZZ-8 says.\n", "ZZZ-8 is not a rule"),
]


@pytest.mark.parametrize(("path", "text", "finding"), BROKEN)
def test_broken_tree_is_caught(tmp_path: Path, path: str, text: str, finding: str) -> None:
    plant(tmp_path, TRACED | {path: text})
    findings = [
        *traceability.check_definitions(tmp_path),
        *traceability.check_coverage(tmp_path),
        *traceability.check_citations(tmp_path),
    ]
    assert any(finding in line for line in findings), findings


def test_run_of_rules_cites_each() -> None:
    line = "Spec: ZZZ-2 to ZZZ-4, ZZZ-9; YYY-1 to ZZZ-2."
    found = ["ZZZ-2", "ZZZ-3", "ZZZ-4", "ZZZ-9", "YYY-1", "ZZZ-2"]
    assert list(traceability.rules_in(line)) == found


def test_theorem_alone_is_not_code(tmp_path: Path) -> None:
    """What is proved must also ship."""
    theorem = "proofs/loomweave_proofs/theorems/z.py"
    plant(tmp_path, TRACED | {"loomweave/core/z.py": "", theorem: "# ZZZ-1, ZZZ-2\n"})
    assert len(traceability.check_coverage(tmp_path)) == 2


def test_table_names_the_places(tmp_path: Path) -> None:
    plant(tmp_path, TRACED)
    table = traceability.render(tmp_path)
    assert "| ZZZ-1 | first | core.z.one | laws.z.law |  |  |  |" in table
    assert "| ZZZ-2 | second | core.z.one |  |  | test_z.test_two |  |" in table
