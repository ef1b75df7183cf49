"""From each rule of the spec to what follows, promises, proves and tests it.

`python -m tests.repo.traceability` writes the table to `reports/traceability.md`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tests.repo.tree import PACKAGES, ROOT, Module, sources, suite

RULE: Final = re.compile(r"\b([A-Z]{3})-(\d+)\b(?: to \1-(\d+)\b)?")
"""One rule, or a run of them: `HAM-3 to HAM-5`."""
DEFINITION: Final = re.compile(
    r"^(?:[-*] |\d+\. )?\*\*(?P<id>[A-Z]{3}-\d+)\*\*\s*(?:\((?P<title>[^)]*)\))?"
)
REPORT: Final = "reports/traceability.md"

Role = Literal["code", "law", "theorem", "test", "scenario"]
ROLES: Final[tuple[Role, ...]] = ("code", "law", "theorem", "test", "scenario")


class Rule(NamedTuple):
    """A rule as its chapter defines it."""

    id: str
    title: str
    chapter: str
    line: int


class Citation(NamedTuple):
    """One place that names a rule, and the part it plays."""

    rule: str
    role: Role
    place: str
    line: str


def rule_order(rule: str) -> tuple[str, int]:
    """Return what sorts rules by chapter, then by number."""
    prefix, _, number = rule.partition("-")
    return prefix, int(number)


def rules_in(line: str) -> Iterator[str]:
    """Yield each rule that a line names; a run names all between its ends."""
    for match in RULE.finditer(line):
        first = int(match[2])
        for number in range(first, int(match[3] or first) + 1):
            yield f"{match[1]}-{number}"


def chapters(root: Path) -> list[Path]:
    """List the chapters of the spec in reading order."""
    return sorted((root / "spec").glob("[0-9][0-9]-*.md"))


def definitions(root: Path) -> list[Rule]:
    """List every definition of a rule, in reading order."""
    found = []
    for path in chapters(root):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := DEFINITION.match(line):
                title = match["title"] or ""
                found.append(Rule(match["id"], title, path.name, number))
    return found


def role_of(path: str) -> Role:
    """Return the part that a file plays for the rules it names."""
    if path.startswith("tests/"):
        return "test"
    if path.startswith("loomweave/laws/"):
        return "law"
    if path.startswith(f"{PACKAGES['loomweave_proofs']}/theorems/"):
        return "theorem"
    return "code"


def named_spans(module: Module) -> list[tuple[int, int, str]]:
    """List (first line, last line, dotted name) of all definitions, outer ones first."""
    spans = []
    stack: list[tuple[str, ast.AST]] = [("", module.tree)]
    while stack:
        prefix, node = stack.pop()
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}.{child.name}" if prefix else child.name
                spans.append((child.lineno, child.end_lineno or child.lineno, name))
            stack.append((name, child))
    return sorted(spans, key=lambda span: (span[0], -span[1]))


def citations_in(module: Module) -> Iterator[Citation]:
    """Yield each mention of a rule in a Python file, with the innermost definition around it."""
    role = role_of(module.path)
    home = module.name.removeprefix("loomweave.").removeprefix("tests.")
    spans = named_spans(module)
    for number, line in enumerate(module.text.splitlines(), 1):
        for rule in rules_in(line):
            around = [name for first, last, name in spans if first <= number <= last]
            place = f"{home}.{around[-1]}" if around else home
            yield Citation(rule, role, place, f"{module.path}:{number}")


def citations(root: Path) -> list[Citation]:
    """List each mention of a rule in code, laws, theorems, tests and scenarios."""
    found = [cite for module in sources(root) + suite(root) for cite in citations_in(module)]
    for path in sorted((root / PACKAGES["loomweave_sim"] / "scenarios").glob("*.toml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for rule in rules_in(line):
                where = f"{path.relative_to(root).as_posix()}:{number}"
                found.append(Citation(rule, "scenario", path.stem, where))
    return found


def by_rule(cites: list[Citation]) -> Mapping[str, Mapping[Role, list[str]]]:
    """Group the places by rule and role, each named once, in order."""
    table: dict[str, dict[Role, list[str]]] = defaultdict(lambda: defaultdict(list))
    for cite in cites:
        places = table[cite.rule][cite.role]
        if cite.place not in places:
            places.append(cite.place)
    return table


def check_definitions(root: Path) -> list[str]:
    """Find rules defined twice, and chapters whose rules do not share one prefix."""
    found = []
    seen: dict[str, Rule] = {}
    prefixes: dict[str, str] = {}
    for rule in definitions(root):
        here = f"spec/{rule.chapter}:{rule.line}"
        if rule.id in seen:
            found.append(f"{here}: {rule.id} stands in {seen[rule.id].chapter} already")
        seen[rule.id] = rule
        prefix = rule.id[:3]
        if prefixes.setdefault(rule.chapter, prefix) != prefix:
            found.append(f"{here}: {rule.id} in a chapter of {prefixes[rule.chapter]} rules")
        if not rule.title:
            found.append(f"{here}: {rule.id} has no short name in brackets")
    return found


def check_coverage(root: Path) -> list[str]:
    """Find rules that no code cites, or that neither a law nor a test cites."""
    found = []
    table = by_rule(citations(root))
    for rule in definitions(root):
        places = table.get(rule.id, {})
        here = f"spec/{rule.chapter}:{rule.line}: {rule.id}"
        if not places.get("code"):
            found.append(f"{here} is cited by no code")
        if not places.get("law") and not places.get("test"):
            found.append(f"{here} is cited by no law and no test")
    return found


def check_citations(root: Path) -> list[str]:
    """Find mentions of rules that no chapter defines, in code and in the spec itself."""
    known = {rule.id for rule in definitions(root)}
    prefixes = {rule[:3] for rule in known}
    cites = [(cite.rule, cite.line) for cite in citations(root)]
    for path in sorted((root / "spec").rglob("*.md")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{path.relative_to(root).as_posix()}:{number}"
            cites += [(rule, where) for rule in rules_in(line)]
    return [
        f"{where}: {rule} is not a rule of the spec"
        for rule, where in cites
        if rule[:3] in prefixes and rule not in known
    ]


def render(root: Path) -> str:
    """Return the whole table as Markdown."""
    rules = sorted(definitions(root), key=lambda rule: (rule.chapter, rule_order(rule.id)))
    table = by_rule(citations(root))
    lines = [
        "# Traceability",
        "",
        "Made by `make traceability`. Each rule of `spec/`, and where it is followed, promised,",
        "proved, tested and put under faults.",
        "",
        f"{len(rules)} rules, {sum(bool(table.get(rule.id, {}).get('law')) for rule in rules)} with"
        f" a law, {sum(bool(table.get(rule.id, {}).get('theorem')) for rule in rules)} with a"
        " theorem.",
        "",
        "| rule | title | code | law | theorem | test | scenario |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in rules:
        places = table.get(rule.id, {})
        cells = ["<br>".join(places.get(role, [])) for role in ROLES]
        lines.append("| " + " | ".join([rule.id, rule.title, *cells]) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the report; tell what is missing. Returns the exit status."""
    (ROOT / REPORT).parent.mkdir(exist_ok=True)
    (ROOT / REPORT).write_text(render(ROOT), encoding="utf-8")
    findings = check_definitions(ROOT) + check_citations(ROOT) + check_coverage(ROOT)
    print("\n".join([*findings, f"{len(definitions(ROOT))} rules written to {REPORT}"]))
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
