"""A second solver's opinion: the same questions, in the exchange format, to cvc5.

Spec: PRF-9. What one solver gets wrong another seldom gets wrong in the same way. Questions that
use what the exchange format lacks (sets and maps as computed arrays) are not put; how many were is
part of the answer.
"""

import importlib.util
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from loomweave_proofs import solver
from loomweave_proofs.judge import ask_about
from loomweave_proofs.lift import Lifter
from loomweave_proofs.theorem import Expectation, Theorem

BUDGET_MS: Final = 2_000
UNSPEAKABLE: Final = re.compile(
    r"\((lambda|_ map|_ as-array)|\b(union|intersection|setminus|subset)\b"
)
"""Signs of what cvc5 does not read, or reads otherwise."""


@attrs.frozen
class Opinion:
    """What the second solver says about one theorem."""

    theorem: str
    answer: str
    """proved, refuted, gave up, or not asked."""
    agrees: bool
    """Whether it is as expected; what was not asked or not answered contradicts nothing."""


def is_at_hand() -> bool:
    """Tell whether the second solver is installed."""
    return importlib.util.find_spec("cvc5") is not None


def version() -> str:
    """Return its name and version."""
    import cvc5

    return f"cvc5 {cvc5.__version__}"


def opinions(theorems: Sequence[Theorem], make_lifter: Callable[..., Lifter]) -> list[Opinion]:
    """Ask the second solver about theorems."""
    return [opinion(item, make_lifter) for item in theorems]


def opinion(theorem: Theorem, make_lifter: Callable[..., Lifter]) -> Opinion:
    """Ask the second solver about one theorem."""
    question = ask_about(theorem, make_lifter(contracts=tuple(theorem.through)))
    text = solver.exchange(question.refutation())
    if UNSPEAKABLE.search(text):
        return Opinion(theorem.id, "not asked", True)
    answer = ask(text)
    found = {"unsat": "proved", "sat": "refuted"}.get(answer, "gave up")
    wrong = "refuted" if theorem.expect is Expectation.PROVED else "proved"
    return Opinion(theorem.id, found, found != wrong)


def summary(found: Sequence[Opinion]) -> str:
    """Say in one line what the second solver said."""
    counts = Counter(item.answer for item in found)
    said = ", ".join(f"{count} {answer}" for answer, count in sorted(counts.items()))
    return f"{version()}: {said}; {sum(not item.agrees for item in found)} disagree"


def ask(text: str) -> str:
    """Ask cvc5 whether a script's assertions can hold together: sat, unsat or unknown."""
    import cvc5

    asked = cvc5.Solver()
    asked.setOption("tlimit-per", str(BUDGET_MS))
    asked.setOption("arrays-exp", "true")
    asked.setLogic("ALL")
    parser = cvc5.InputParser(asked)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(asked, symbols)
    found = asked.checkSat()
    return "sat" if found.isSat() else "unsat" if found.isUnsat() else "unknown"
