"""The glossary: one line a word, in order, no word twice, and none that nobody uses."""

import re
from pathlib import Path

from tests.repo.tree import ROOT, plant, sources

ENTRY = re.compile(r"^- \*\*([^*]+)\*\*: \S.*\.$")


def check_glossary(root: Path) -> list[str]:
    """Find malformed, misplaced, repeated and unused entries."""
    found = []
    texts = [module.text for module in sources(root)]
    texts += [path.read_text(encoding="utf-8") for path in sorted((root / "spec").rglob("*.md"))]
    used = "\n".join(texts).lower()
    words: list[str] = []
    for number, line in enumerate((root / "GLOSSARY.md").read_text("utf-8").splitlines(), 1):
        if not line.startswith("-"):
            continue
        here = f"GLOSSARY.md:{number}"
        match = ENTRY.match(line)
        if match is None:
            found.append(f"{here}: write `- **word**: one sentence.`")
            continue
        word = match[1]
        if words and word.lower() <= words[-1].lower():
            found.append(f"{here}: {word} does not follow {words[-1]}")
        if word.lower() not in used:
            found.append(f"{here}: neither spec nor code says {word}")
        words.append(word)
    return found


def test_glossary_is_in_order_and_in_use() -> None:
    assert check_glossary(ROOT) == []


def test_bad_entries_are_caught(tmp_path: Path) -> None:
    text = "# Words\n\n- **delta**: one.\n- **batch**: two.\n- **stamp** a time\n- **zzz**: x.\n"
    plant(tmp_path, {"GLOSSARY.md": text, "spec/10-a.md": "A delta, a batch, a stamp.\n"})
    assert check_glossary(tmp_path) == [
        "GLOSSARY.md:4: batch does not follow delta",
        "GLOSSARY.md:5: write `- **word**: one sentence.`",
        "GLOSSARY.md:6: neither spec nor code says zzz",
    ]
