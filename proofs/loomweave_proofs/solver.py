"""The only module that touches Z3: a typed face on an untyped library.

Terms and sorts are Z3 objects; everything else in the package sees them through these functions.
The seed and the budget are fixed, so that a run is repeatable and an endless search is a failure.
"""

import enum
import itertools
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import z3

Term: TypeAlias = Any
"""A Z3 expression."""
Sort: TypeAlias = Any
"""A Z3 sort."""
Model: TypeAlias = Any
"""An assignment that satisfies what was asked."""

Mismatch: Final = z3.Z3Exception
"""Raised where terms of different sorts are put together."""

BUDGET_MS: Final = 2_000
"""Longest time one question may take; what takes longer is unknown, and unknown is a failure."""
SEED: Final = 7

_numbers = itertools.count()

TRUE: Final[Term] = z3.BoolVal(True)
FALSE: Final[Term] = z3.BoolVal(False)
INT: Final[Sort] = z3.IntSort()
BOOL: Final[Sort] = z3.BoolSort()


class Status(enum.Enum):
    """What the solver says about a set of assertions."""

    SATISFIABLE = "satisfiable"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


def version() -> str:
    """Return the solver's name and version, for reports."""
    return f"Z3 {z3.get_version_string()}"


def ask(assertions: Sequence[Term], budget_ms: int = BUDGET_MS) -> tuple[Status, Model | None, str]:
    """Ask whether the assertions can hold together; give a model where they can.

    A second engine is asked where the first gives up; each has the budget.
    """
    reason = ""
    for make in (z3.Solver, z3.SimpleSolver):
        solver = make()
        solver.set("timeout", budget_ms)
        solver.set("random_seed", SEED)
        solver.add(*assertions)
        answer = solver.check()
        if answer == z3.sat:
            return Status.SATISFIABLE, solver.model(), ""
        if answer == z3.unsat:
            return Status.IMPOSSIBLE, None, ""
        reason = str(solver.reason_unknown())
    return Status.UNKNOWN, None, reason


def exchange(assertions: Sequence[Term]) -> str:
    """Write assertions as a script in SMT-LIB, for another solver; it asks nothing yet."""
    holder = z3.Solver()
    holder.add(*assertions)
    text: str = holder.to_smt2()
    return text.replace("(check-sat)", "")


def integer(value: int) -> Term:
    """Build an integer constant."""
    return z3.IntVal(value)


def boolean(value: bool) -> Term:
    """Build a truth value."""
    return TRUE if value else FALSE


def constant(name: str, sort: Sort) -> Term:
    """Build a symbol of the sort."""
    return z3.Const(name, sort)


def fresh(sort: Sort, hint: str) -> Term:
    """Build a symbol that occurs nowhere else."""
    return z3.FreshConst(sort, hint)


def function(name: str, *sorts: Sort) -> Term:
    """Build an uninterpreted function; the last sort is its result's."""
    return z3.Function(name, *sorts)


def conj(*terms: Term) -> Term:
    """Build the conjunction; constants are folded away."""
    kept = [term for term in terms if not z3.is_true(term)]
    if any(z3.is_false(term) for term in kept):
        return FALSE
    return kept[0] if len(kept) == 1 else z3.And(*kept) if kept else TRUE


def disj(*terms: Term) -> Term:
    """Build the disjunction; constants are folded away."""
    kept = [term for term in terms if not z3.is_false(term)]
    if any(z3.is_true(term) for term in kept):
        return TRUE
    return kept[0] if len(kept) == 1 else z3.Or(*kept) if kept else FALSE


def neg(term: Term) -> Term:
    """Build the negation."""
    if z3.is_true(term):
        return FALSE
    return TRUE if z3.is_false(term) else z3.Not(term)


def implies(left: Term, right: Term) -> Term:
    """Build an implication."""
    return z3.Implies(left, right)


def ite(condition: Term, then: Term, other: Term) -> Term:
    """Build a conditional term."""
    if z3.is_true(condition):
        return then
    return other if z3.is_false(condition) else z3.If(condition, then, other)


def is_false(term: Term) -> bool:
    """Tell whether the term is literally false."""
    return bool(z3.is_false(term))


def is_true(term: Term) -> bool:
    """Tell whether the term is literally true."""
    return bool(z3.is_true(term))


def for_all(symbols: Sequence[Term], body: Term) -> Term:
    """Quantify a statement over symbols."""
    return z3.ForAll(list(symbols), body) if symbols else body


def exists(symbols: Sequence[Term], body: Term) -> Term:
    """State that some value of the symbols makes the body hold."""
    return z3.Exists(list(symbols), body)


def array(key: Sort, value: Sort) -> Sort:
    """Build the sort of total functions from key to value."""
    return z3.ArraySort(key, value)


def everywhere(key: Sort, value: Term) -> Term:
    """Build the array that is `value` at each key."""
    return z3.K(key, value)


def select(table: Term, key: Term) -> Term:
    """Read an array."""
    return z3.Select(table, key)


def store(table: Term, key: Term, value: Term) -> Term:
    """Change an array at one key."""
    return z3.Store(table, key, value)


def tabulate(key: Term, body: Term) -> Term:
    """Build the array that maps the symbol `key` to `body`."""
    return z3.Lambda([key], body)


def union(left: Term, right: Term) -> Term:
    """Build the union of two sets, arrays into truth values."""
    return z3.SetUnion(left, right)


def intersection(left: Term, right: Term) -> Term:
    """Build the intersection of two sets."""
    return z3.SetIntersect(left, right)


def difference(left: Term, right: Term) -> Term:
    """Build the set of what is in `left` only."""
    return z3.SetDifference(left, right)


def subset(left: Term, right: Term) -> Term:
    """State that all of `left` is in `right`."""
    return z3.IsSubset(left, right)


def substitute(term: Term, pairs: Sequence[tuple[Term, Term]]) -> Term:
    """Replace symbols by terms."""
    return z3.substitute(term, *pairs)


def simplify(term: Term) -> Term:
    """Reduce a term as far as rewriting goes."""
    return z3.simplify(term)


def evaluate(model: Model, term: Term) -> Term:
    """Evaluate a term in a model; what the model leaves open is chosen."""
    return model.eval(term, model_completion=True)


def to_int(term: Term) -> int:
    """Read an integer constant."""
    return int(term.as_long())


def datatype(name: str, constructors: Sequence[tuple[str, Sequence[tuple[str, Sort]]]]) -> Sort:
    """Build an algebraic sort from (constructor, fields) pairs; its name is made unique.

    A bar in a name would end it where assertions are exchanged.
    """
    at = next(_numbers)
    draft = z3.Datatype(f"{name}#{at}".replace("|", "or"))
    for constructor, fields in constructors:
        plain = [(field.replace("|", "or"), sort) for field, sort in fields]
        draft.declare(f"{constructor}#{at}".replace("|", "or"), *plain)
    return draft.create()


def constructor(sort: Sort, at: int) -> Term:
    """Return the constructor at a position; a function, or a constant if it has no fields."""
    made = sort.constructor(at)
    return made() if made.arity() == 0 else made


def recognizer(sort: Sort, at: int) -> Term:
    """Return the predicate that tells whether a term was built by the constructor at `at`."""
    return sort.recognizer(at)


def accessor(sort: Sort, at: int, field: int) -> Term:
    """Return the function that reads a field of the constructor at `at`."""
    return sort.accessor(at, field)


def arguments(term: Term) -> list[Term]:
    """List what a constructor term was built from."""
    return list(term.children())


def is_number(term: Term) -> bool:
    """Tell whether a term is an integer constant."""
    return bool(z3.is_int_value(term))


def ground_within(model: Model, terms: Sequence[Term]) -> list[Term]:
    """Collect the constant values that occur in the model or in the terms."""
    parts = list(terms)
    for declaration in model.decls():
        parts.extend(_parts_of(model[declaration]))
    return [term for term in _atoms(parts) if is_number(term) or _is_constructed(term)]


def numbers_in(terms: Sequence[Term]) -> list[Term]:
    """Collect the integer constants that terms name."""
    return [term for term in _atoms(terms) if is_number(term)]


def _atoms(terms: Sequence[Term]) -> list[Term]:
    """Collect numerals and built values at any depth.

    Goes through Z3's own handles: a Python object for each subterm would take most of the time.
    """
    context = z3.main_ctx().ref()
    found: list[Term] = []
    seen: set[int] = set()
    stack = [term.as_ast() for term in terms]
    while stack:
        part = stack.pop()
        number = z3.Z3_get_ast_id(context, part)
        if number in seen:
            continue
        seen.add(number)
        kind = z3.Z3_get_ast_kind(context, part)
        if kind == z3.Z3_QUANTIFIER_AST:
            stack.append(z3.Z3_get_quantifier_body(context, part))
        elif kind == z3.Z3_NUMERAL_AST:
            found.append(part)
        elif kind == z3.Z3_APP_AST:
            made_by = z3.Z3_get_decl_kind(context, z3.Z3_get_app_decl(context, part))
            if made_by == z3.Z3_OP_DT_CONSTRUCTOR:
                found.append(part)
            count = z3.Z3_get_app_num_args(context, part)
            stack.extend(z3.Z3_get_app_arg(context, part, at) for at in range(count))
    return [z3.z3._to_expr_ref(part, z3.main_ctx()) for part in found]


def _is_constructed(term: Term) -> bool:
    if not z3.is_app(term) or term.decl().kind() != z3.Z3_OP_DT_CONSTRUCTOR:
        return False
    stack = list(term.children())
    while stack:
        part = stack.pop()
        if z3.is_var(part) or z3.is_quantifier(part):
            return False
        stack.extend(part.children())
    return True


def _parts_of(value: Term) -> list[Term]:
    if not isinstance(value, z3.FuncInterp):
        return [value]
    parts = [value.else_value()]
    for at in range(value.num_entries()):
        entry = value.entry(at)
        parts.append(entry.value())
        parts.extend(entry.arg_value(place) for place in range(entry.num_args()))
    return [part for part in parts if part is not None]


def pointwise(goal: Term, positive: bool = True) -> Term:
    """Restate equalities of arrays, where they are to be proved, at one fresh key.

    By extensionality this is the same goal; solvers answer it faster and without giving up.
    """
    if z3.is_and(goal) or z3.is_or(goal):
        parts = [pointwise(part, positive) for part in goal.children()]
        return z3.And(*parts) if z3.is_and(goal) else z3.Or(*parts)
    if z3.is_not(goal):
        return z3.Not(pointwise(goal.arg(0), not positive))
    if z3.is_implies(goal):
        return z3.Implies(pointwise(goal.arg(0), not positive), pointwise(goal.arg(1), positive))
    if z3.is_eq(goal) and positive and z3.is_array(goal.arg(0)):
        return _at_fresh_key(goal.arg(0), goal.arg(1))
    if z3.is_app(goal) and goal.decl().kind() == z3.Z3_OP_ITE and z3.is_bool(goal):
        test, then, other = goal.children()
        return z3.And(
            z3.Implies(test, pointwise(then, positive)),
            z3.Implies(z3.Not(test), pointwise(other, positive)),
        )
    return goal


def _at_fresh_key(left: Term, right: Term) -> Term:
    key = z3.FreshConst(left.sort().domain(), "key")
    one, two = z3.simplify(z3.Select(left, key)), z3.simplify(z3.Select(right, key))
    inner = one.sort()
    if z3.is_array(one):
        return _at_fresh_key(one, two)
    if isinstance(inner, z3.DatatypeSortRef) and inner.num_constructors() == 2:
        some = inner.constructor(1)
        if some.arity() == 1 and some.domain(0).kind() == z3.Z3_ARRAY_SORT:
            is_some, value = inner.recognizer(1), inner.accessor(1, 0)
            return z3.And(
                is_some(one) == is_some(two),
                z3.Implies(is_some(one), _at_fresh_key(value(one), value(two))),
            )
    return one == two
