"""The ledger of theorems: each one is a Python function that says what must hold.

    @theorem("HAM-2", about=[element_join], sabotage={element_join: join_without_dot})
    def join_is_commutative(a: Element, b: Element) -> bool:
        \"\"\"Two elements join to the same one in either order.\"\"\"
        return element_join(a, b) == element_join(b, a)

The function is lifted like the code it speaks of, so it can be proved for all arguments; and it is
plain Python, so a counterexample is shown to be one by calling it.
"""

import enum
import fnmatch
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import attrs

from loomweave_proofs.source import Function

F = TypeVar("F", bound=Callable[..., bool])
CITED: Final = re.compile(r"^[A-Z]{3}-[0-9]+: | Spec: [A-Z0-9, -]+\.$")
"""How a law's docstring begins and ends."""


class Expectation(enum.Enum):
    """What a theorem is meant to turn out to be."""

    PROVED = "proved"
    REFUTED = "refuted"


@attrs.frozen(eq=False)
class Theorem:
    """One statement, and how it is to be judged. Spec: PRF-3, PRF-14."""

    id: str
    rule: str
    statement: Function
    about: Sequence[Function]
    """Shipped functions that it says something of."""
    given: Function | None
    """A predicate on some of its arguments, under which it is stated."""
    expect: Expectation
    sabotage: Mapping[Function, Function]
    """Put in place of the shipped functions, these must make the statement false."""
    through: Mapping[Function, Sequence[Function]]
    """Functions that are known here by proved statements about them alone."""

    @property
    def words(self) -> str:
        """Return the statement in words, without the rules that a law cites around it."""
        text = " ".join((self.statement.__doc__ or "").split())
        return CITED.sub("", text)

    @property
    def chapter(self) -> str:
        """Return the chapter of the rule."""
        return self.rule.partition("-")[0]


class Ledger:
    """Theorems in the order in which they were written."""

    def __init__(self) -> None:
        self._theorems: dict[str, Theorem] = {}

    def __iter__(self) -> Iterator[Theorem]:
        return iter(self._theorems.values())

    def __len__(self) -> int:
        return len(self._theorems)

    def theorem(
        self,
        rule: str,
        *,
        about: Sequence[object],
        given: Callable[..., bool] | None = None,
        refuted: bool = False,
        sabotage: Mapping[object, object] | None = None,
        through: Mapping[object, Sequence[object]] | None = None,
    ) -> Callable[[F], F]:
        """Enter the decorated statement under a rule; its id is the rule and its name."""

        def enter(statement: F) -> F:
            plain = plain_function(statement)
            id = f"{rule}/{plain.__name__.replace('_', '-')}"
            if id in self._theorems:
                raise ValueError(f"two theorems are called {id}; give one another name")
            if not plain.__doc__:
                raise ValueError(f"{id} says nothing in words; write its docstring")
            self._theorems[id] = Theorem(
                id,
                rule,
                plain,
                [plain_function(function) for function in about],
                None if given is None else plain_function(given),
                Expectation.REFUTED if refuted else Expectation.PROVED,
                {plain_function(a): plain_function(b) for a, b in (sabotage or {}).items()},
                {plain_function(function): [plain_function(law) for law in laws]
                 for function, laws in (through or {}).items()},
            )  # fmt: skip
            return statement

        return enter

    def select(self, pattern: str | None = None) -> list[Theorem]:
        """List theorems whose id or rule fits a pattern with `*`; all where there is none."""
        if pattern is None:
            return list(self)
        return [
            theorem
            for theorem in self
            if fnmatch.fnmatchcase(theorem.id, pattern)
            or fnmatch.fnmatchcase(theorem.rule, pattern)
        ]

    def of(self, statement: Function) -> Theorem | None:
        """Find the theorem that a function states."""
        for theorem in self:
            if theorem.statement is statement:
                return theorem
        return None


def plain_function(function: object) -> Function:
    """Return a function as such; anything else cannot be read."""
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"{function!r} is not a plain function; the prover reads nothing else")
    return function


LEDGER = Ledger()
theorem = LEDGER.theorem
