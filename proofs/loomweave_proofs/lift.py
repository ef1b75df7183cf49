"""Lifting: from the source of imported functions to terms.

    lifter = Lifter(Theory())
    term = lifter.lift(element_join).apply(a, b)

A function is read once, over fresh symbols; a call of it puts its arguments in their place, or is
an uninterpreted function where a contract stands for it. What each reading leaves to prove, so that
the function never raises, is kept beside it.
"""

import ast
from collections.abc import Callable, Mapping, Sequence

import attrs

from loomweave_proofs import solver
from loomweave_proofs.operations import Obligation, Operations
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import Lifted, Shape, Sorts
from loomweave_proofs.source import Function, Source, Unliftable, full_name, hints_of, read_source
from loomweave_proofs.statements import Statements

__all__ = ["LiftedFunction", "Lifter", "Theory", "Unliftable"]

Intrinsic = Callable[[Sorts, Sequence[Lifted]], Lifted]


@attrs.frozen
class Theory:
    """What is taken as given about the code that is read."""

    opaques: Sequence[tuple[object, Shape]] = ()
    """Types known by what stands for them, mostly by order and identity only."""
    structural: Sequence[type] = ()
    """Records whose own `__eq__` is identity of all fields."""
    intrinsics: Mapping[Function, Intrinsic] = attrs.field(factory=dict)
    """Functions whose meaning is supplied instead of read."""
    requires: Mapping[Function, Function] = attrs.field(factory=dict)
    """A predicate on a function's arguments that each of its callers must establish."""


@attrs.frozen(eq=False)
class LiftedFunction:
    """A function as a term over symbols."""

    source: Source
    parameters: Mapping[str, Lifted]
    result: Lifted
    obligations: Sequence[Obligation]
    assumed: Term
    """What the function requires of its arguments."""
    calls: Sequence[Function]
    """Functions whose terms went into this one."""

    def apply(self, *arguments: Term) -> Term:
        """Put terms in the place of the parameters."""
        symbols = [parameter.term for parameter in self.parameters.values()]
        return solver.substitute(self.result.term, list(zip(symbols, arguments, strict=True)))


class Lifter:
    """Reads functions of one theory; `swaps` puts other functions in the place of some.

    Whatever calls none of those is as it was: it is taken from `base`, a lifter without swaps.
    """

    def __init__(
        self,
        theory: Theory,
        *,
        sorts: Sorts | None = None,
        swaps: Mapping[Function, Function] | None = None,
        contracts: Sequence[Function] = (),
        base: "Lifter | None" = None,
    ) -> None:
        self.theory = theory
        own: Sorts = Sorts(theory.opaques, theory.structural) if base is None else base.sorts
        self.sorts: Sorts = sorts or own
        self.swaps = dict(swaps or {})
        self.contracts = frozenset(contracts)
        self._unswapped = base
        self._symbols: dict[Function, Term] = {}
        self._lifted: dict[Function, LiftedFunction] = {}
        self._open: list[Function] = []
        self._called: list[list[Function]] = []

    def lift(self, function: Function, *, is_statement: bool = False) -> LiftedFunction:
        """Read a function and everything that it calls."""
        function = self.swaps.get(function, function)
        if function in self.swaps.values():
            return self._originals().lift(function)
        if function not in self._lifted:
            same = self._unchanged(function, is_statement)
            if same is not None:
                return same
            if function in self._open:
                raise read_source(function).refuse(None, "recursion")
            self._open.append(function)
            self._called.append([])
            try:
                self._lifted[function] = self._read(function, is_statement)
            finally:
                self._open.pop()
                self._called.pop()
        return self._lifted[function]

    def _unchanged(self, function: Function, is_statement: bool) -> LiftedFunction | None:
        """Return what the base made of a function, where no swap can make a difference."""
        if not self.swaps or self.contracts or self._unswapped is None:
            return None
        try:
            found = self._unswapped.lift(function, is_statement=is_statement)
        except Unliftable:
            return None
        return None if self.swaps.keys() & set(found.calls) else found

    def _originals(self) -> "Lifter":
        """Return the lifter for what is put in: a broken twin may call what it stands for."""
        if self._unswapped is None:
            self._unswapped = Lifter(self.theory, sorts=self.sorts)
        return self._unswapped

    def _read(self, function: Function, is_statement: bool) -> LiftedFunction:
        source = read_source(function)
        reader = Statements(self, source, is_statement=is_statement)
        parameters, result = self.signature(source, reader)
        assumed = solver.TRUE
        if function in self.theory.requires:
            predicate = self.lift(self.theory.requires[function], is_statement=True)
            assumed = predicate.apply(*[parameter.term for parameter in parameters.values()])
        found = reader.body(source.node.body, parameters, assumed, result)
        calls = tuple(dict.fromkeys(self._called[-1]))
        return LiftedFunction(source, parameters, found, tuple(reader.obligations), assumed, calls)

    def signature(self, source: Source, reader: Operations) -> tuple[Mapping[str, Lifted], Shape]:
        """Return symbols for a function's parameters, and the shape of its result."""
        hints = hints_of(source)
        arguments = source.node.args
        parameters: dict[str, Lifted] = {}
        for argument in (*arguments.args, *arguments.kwonlyargs):
            shape = reader.shape_of(hints[argument.arg], argument)
            parameters[argument.arg] = Lifted(solver.fresh(shape.sort, argument.arg), shape)
        return parameters, reader.shape_of(hints["return"], source.node)

    def call(
        self,
        function: Function,
        arguments: Mapping[str, Lifted],
        path: Term,
        at: ast.AST,
        reader: Operations,
    ) -> Lifted:
        """Return what a call gives: a meaning supplied, a contract's symbol, or the body's term."""
        function = self.swaps.get(function, function)
        self._called[-1].append(function)
        if function in self.theory.intrinsics:
            return self._intrinsic(function, arguments, path, at, reader)
        if function in self.contracts:
            return self._contracted(function, arguments, path, at, reader)
        lifted = self.lift(function)
        self._called[-1].extend(lifted.calls)
        terms = [
            reader.coerce(arguments[name], parameter.shape, path, at)
            for name, parameter in lifted.parameters.items()
        ]
        self._require(function, terms, path, at, reader)
        return Lifted(lifted.apply(*terms), lifted.result.shape)

    def _require(
        self, function: Function, terms: Sequence[Term], path: Term, at: ast.AST,
        reader: Operations,
    ) -> None:  # fmt: skip
        if function in self.theory.requires:
            predicate = self.lift(self.theory.requires[function], is_statement=True)
            reader.oblige(at, f"what {full_name(function)} requires", path, predicate.apply(*terms))

    def _intrinsic(
        self, function: Function, arguments: Mapping[str, Lifted], path: Term, at: ast.AST,
        reader: Operations,
    ) -> Lifted:  # fmt: skip
        """An intrinsic's arguments are brought to the declared types first."""
        hints = hints_of(read_source(function))
        given: list[Lifted] = []
        for name, value in arguments.items():
            shape = reader.shape_of(hints[name], at)
            given.append(Lifted(reader.coerce(value, shape, path, at), shape))
        self._require(function, [value.term for value in given], path, at, reader)
        return self.theory.intrinsics[function](self.sorts, given)

    def _contracted(
        self, function: Function, arguments: Mapping[str, Lifted], path: Term, at: ast.AST,
        reader: Operations,
    ) -> Lifted:  # fmt: skip
        parameters, result = self.signature(read_source(function), reader)
        if function not in self._symbols:
            sorts = [parameter.shape.sort for parameter in parameters.values()]
            name = f"{full_name(function)}!"
            self._symbols[function] = solver.function(name, *sorts, result.sort)
        terms = [
            reader.coerce(arguments[name], parameter.shape, path, at)
            for name, parameter in parameters.items()
        ]
        return Lifted(self._symbols[function](*terms), result)

    def shape(self, hint: object) -> Shape:
        """Return the shape of a type.

        Raises:
            NoSort: the type is outside the subset.
        """
        return self.sorts.of(hint)

    def all_lifted(self) -> Mapping[Function, LiftedFunction]:
        """Return every function that was read so far."""
        return dict(self._lifted)


def open_obligations(lifted: LiftedFunction) -> list[tuple[Obligation, str]]:
    """Try to discharge what a function leaves to prove; return what stays open, and why."""
    left: list[tuple[Obligation, str]] = []
    for obligation in lifted.obligations:
        status, _, reason = solver.ask([obligation.path, solver.neg(obligation.condition)])
        if status is not solver.Status.IMPOSSIBLE:
            left.append((obligation, reason or "it can fail"))
    return left
