"""The numbers that the spec states beside a constant's name, and the constants of the code.

Three forms are read: a name and then its value, `WAIT_PEER_MAX` (1,024); both in one bracket,
(`FORMAT_VERSION`, 1); a value and then its name, at most 16 MiB (`FRAME_BYTES_MAX`). A name that
stands in the spec without a number must exist.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from tests.repo.tree import sources

NAME: Final = r"`(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)`"
UNITS: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "MiB": 2**20, "GiB": 2**30}
NUMBER: Final = re.compile(
    r"(?<![\w.-])(?P<digits>\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+(?:\.\d+)?)"
    rf"(?:\^(?P<power>\d+)(?:-(?P<less>\d+))?)?(?:\s(?P<unit>{'|'.join(UNITS)})\b)?"
)
FORWARD: Final = re.compile(NAME + r"(?:th)?\s\((?P<value>\d[^)]*)\)")
BESIDE: Final = re.compile(r"\(" + NAME + r", (?P<value>\d[^)]*)\)")
BACKWARD: Final = re.compile(r"(?:\(|, )" + NAME + r"\)")
ANY_NAME: Final = re.compile(r"`(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`")
OPERATIONS: Final[dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Pow: lambda a, b: Fraction(a**b),
    ast.LShift: lambda a, b: a * 2 ** int(b),
}


class Stated(NamedTuple):
    """A constant that a chapter names, and the number that it gives, if any."""

    where: str
    name: str
    value: Fraction | None


def number_in(match: re.Match[str], name: str) -> Fraction:
    """Return what a number means for a constant whose name ends in its unit."""
    value = Fraction(re.sub("[, ]", "", match["digits"]))
    if match["power"]:
        value = Fraction(value ** int(match["power"])) - int(match["less"] or 0)
    if (unit := match["unit"]) is None:
        return value
    value *= UNITS[unit]
    return value / 10**9 if name.endswith("_S") else value


def stated_in(text: str, path: str) -> Iterator[Stated]:
    """Yield each constant of a chapter; a number before a name stands in the same sentence."""
    valued: dict[int, tuple[str, Fraction | None]] = {}
    for match in [*FORWARD.finditer(text), *BESIDE.finditer(text)]:
        number = NUMBER.match(match["value"])
        assert number is not None, match[0]
        valued[match.start("name")] = match["name"], number_in(number, match["name"])
    done = 0
    for match in BACKWARD.finditer(text):
        sentence = re.split(r"[.;:]\s|\n\n", text[done : match.start()])[-1]
        numbers = list(NUMBER.finditer(sentence))
        last = number_in(numbers[-1], match["name"]) if numbers else None
        valued[match.start("name")] = match["name"], last
        done = match.end()
    for match in ANY_NAME.finditer(text):
        valued.setdefault(match.start("name"), (match["name"], None))
    for start, (name, value) in sorted(valued.items()):
        yield Stated(f"{path}:{text.count(chr(10), 0, start) + 1}", name, value)


def stated(root: Path) -> list[Stated]:
    """List the constants that the chapters name."""
    found: list[Stated] = []
    for path in sorted((root / "spec").glob("*.md")):
        where = path.relative_to(root).as_posix()
        found += stated_in(path.read_text(encoding="utf-8"), where)
    return found


def constants(root: Path) -> dict[str, list[tuple[str, ast.expr]]]:
    """Return each constant with every place that defines it and what it is there.

    What `loomweave` defines, the simulator and the proofs may call something of their own.
    """
    own = constants_of(root, "loomweave")
    return constants_of(root, "loomweave_sim", "loomweave_proofs") | own


def constants_of(root: Path, *packages: str) -> dict[str, list[tuple[str, ast.expr]]]:
    """Return the constants of some packages."""
    found: dict[str, list[tuple[str, ast.expr]]] = {}
    for module in sources(root, *packages):
        for statement in module.tree.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    found.setdefault(name, []).append((f"{module.path}:{statement.lineno}", value))
    return found


def evaluate(node: ast.expr, known: dict[str, list[tuple[str, ast.expr]]]) -> Fraction | None:
    """Work out a constant's arithmetic; None for what is not a number."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return Fraction(str(value))
        case ast.Name(id=name) if len(known.get(name, ())) == 1:
            return evaluate(known[name][0][1], known)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value_ = evaluate(operand, known)
            return None if value_ is None else -value_
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            a, b = evaluate(left, known), evaluate(right, known)
            return None if a is None or b is None else OPERATIONS[type(op)](a, b)
        case _:
            return None


def check_bounds(root: Path) -> list[str]:
    """Find constants of the spec that the code lacks, defines twice or gives another value."""
    found = []
    known = constants(root)
    for where, name, value in stated(root):
        homes = known.get(name, [])
        if len(homes) != 1:
            places = ", ".join(place for place, _ in homes) or "nowhere"
            found.append(f"{where}: {name} is defined {places}; give it one home")
        elif value is not None and (is_now := evaluate(homes[0][1], known)) != value:
            found.append(f"{where}: {name} is {value} here and {is_now} in {homes[0][0]}")
    return found
