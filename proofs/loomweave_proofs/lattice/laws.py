"""The laws, as Python functions over the user's own: text that is both lifted and called."""

import ast
import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from loomweave_proofs.lattice.order import natural
from loomweave_proofs.lattice.subject import Subject, hints_of
from loomweave_proofs.source import FRAGMENTS, Function, Source

OWN_ORDER: Final = "join({a}, {b}) == {b}"
DECLARED: Final = "le({a}, {b})"


@attrs.frozen(eq=False)
class Law:
    """One statement about a lattice."""

    name: str
    words: str
    holds: Function
    """The statement; false for arguments that break it."""
    claim: str
    """What must hold, as an expression over its arguments."""
    arguments: Mapping[str, object]
    """Types of its arguments."""
    shows: Sequence[str]
    """Expressions whose values explain a counterexample."""
    note: str = ""
    preamble: str = ""
    """What a runnable snippet needs beside the functions of the lattice."""


def laws_of(subject: Subject) -> list[Law]:
    """List the laws that a lattice owes, by what it declares. Spec: PRF-10, PRF-12."""
    below = OWN_ORDER if subject.le is None else DECLARED
    ac, bc, ab = (below.format(a=a, b=b) for a, b in (("a", "c"), ("b", "c"), ("a", "b")))
    joined_c = below.format(a="join(a, b)", b="c")
    make = _Maker(subject)
    laws = [
        make("commutative", "ab", "join(a, b) == join(b, a)",
             "the order in which two replicas meet is irrelevant"),
        make("associative", "abc", "join(join(a, b), c) == join(a, join(b, c))",
             "it is irrelevant who met whom first"),
        make("idempotent", "a", "join(a, a) == a", "hearing a thing twice changes nothing"),
        make("least bound", "abc", f"not ({ac} and {bc}) or {joined_c}",
             "the join adds nothing of its own"),
        make("monotone", "abc",
             f"not ({ab}) or {below.format(a='join(a, c)', b='join(b, c)')}",
             "who knows more before a merge knows more after it"),
    ]  # fmt: skip
    bound = bound_law(subject, make)
    if bound is not None:
        laws.insert(3, bound)
    if subject.bottom is not None:
        laws.append(make("bottom", "a", "join(bottom(), a) == a and join(a, bottom()) == a",
                         "the empty state changes nothing"))  # fmt: skip
    if subject.valid is not None:
        laws.append(make("keeps valid", "ab", "valid(join(a, b))", "a merge leaves a valid state"))
    if subject.le is not None:
        laws += order_laws(make)
    laws += [update_law(subject, function, make) for function in subject.updates]
    return laws


def order_laws(make: "_Maker") -> list[Law]:
    """List what a declared order owes."""
    return [
        make("order", "abc",
             "le(a, a) and (not (le(a, b) and le(b, a)) or a == b)"
             " and (not (le(a, b) and le(b, c)) or le(a, c))",
             "`le` is reflexive, antisymmetric and transitive"),
        make("order of the join", "ab", "le(a, b) == (join(a, b) == b)",
             "`le` is the order that the join has"),
    ]  # fmt: skip


def bound_law(subject: Subject, make: "_Maker") -> Law | None:
    """Build the law that nothing is lost, by an order that does not come from the join."""
    words = "nothing is lost: the join is above both sides"
    if subject.le is not None:
        claim = "le(a, join(a, b)) and le(b, join(a, b))"
        return make("upper bound", "ab", claim, words, note="by `le`")
    found = natural(subject.state)
    if found is None:
        return None
    expression, order = found
    make.order(expression, subject.state)
    note = f"by {order}, which the type has; declare `le` if you mean another"
    claim = "natural(a, join(a, b)) and natural(b, join(a, b))"
    preamble = f"def natural(a, b):\n    return {expression}\n"
    law = make("upper bound", "ab", claim, words, note=note)
    return attrs.evolve(law, preamble=preamble)


def update_law(subject: Subject, function: Function, make: "_Maker") -> Law:
    """Build the law that an update only adds: its result is above the state it was made on."""
    owner = subject.owner if isinstance(subject.owner, type) else None
    hints = hints_of(function, owner)
    state, *rest = inspect.signature(function).parameters
    after = f"update({', '.join([state, *rest])})"
    below = OWN_ORDER if subject.le is None else DECLARED
    types_ = {state: subject.state, **{name: hints.get(name, object) for name in rest}}
    return make(
        f"update {function.__name__}", types_, below.format(a=state, b=after),
        "an update is not undone by the state that it was made on", {"update": function},
    )  # fmt: skip


class _Maker:
    """Makes laws of one lattice: functions with the user's own functions in reach."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        parts = {"join": subject.join, "le": subject.le, "valid": subject.valid}
        self._scope: dict[str, object] = {
            "bottom": subject.bottom,
            **{name: part for name, part in parts.items() if part is not None},
        }

    def order(self, expression: str, state: object) -> None:
        """Put an order of the states into reach, by the name `natural`."""
        made = function_of("natural", {"a": state, "b": state}, expression, self._scope)
        self._scope["natural"] = made

    def __call__(
        self,
        name: str,
        arguments: str | Mapping[str, object],
        claim: str,
        words: str,
        more: Mapping[str, object] | None = None,
        note: str = "",
    ) -> Law:
        """Make a law; `arguments` are letters for states, or names with their types."""
        if isinstance(arguments, str):
            arguments = dict.fromkeys(arguments, self._subject.state)
        states = [a for a, type_ in arguments.items() if type_ is self._subject.state]
        body = claim
        if self._subject.valid is not None:
            given = " and ".join(f"valid({letter})" for letter in states)
            body = f"not ({given}) or ({claim})"
        holds = function_of("law", arguments, body, {**self._scope, **(more or {})})
        return Law(name, words, holds, claim, arguments, sides_of(claim), note)


def sides_of(claim: str) -> list[str]:
    """List the parts of a claim that are worth showing: calls, in the order of writing."""
    node = ast.parse(claim, mode="eval").body
    calls = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
    shown = [ast.unparse(item) for item in calls if ast.unparse(item.func) in ("join", "update")]
    return list(dict.fromkeys(sorted(shown, key=len)))


def function_of(
    name: str, arguments: Mapping[str, object], expression: str, scope: Mapping[str, object]
) -> Function:
    """Make a function that returns a truth value; its text can be lifted."""
    text = f"def {name}({', '.join(arguments)}):\n    return {expression}\n"
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    space: dict[str, object] = dict(scope)
    exec(compile(text, f"<{name}>", "exec"), space)
    made = space[name]
    assert isinstance(made, types.FunctionType)
    made.__annotations__ = {**arguments, "return": bool}
    FRAGMENTS[made] = Source(made, name, f"<{name}>", 1, text, node)
    return made
