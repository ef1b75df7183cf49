"""Proving the laws of a user's lattice, as far as its source can be read."""

from collections.abc import Mapping, Sequence

import attrs

from loomweave_proofs import solver
from loomweave_proofs.concrete import Example, NoObject, holds_table, shrunk
from loomweave_proofs.lattice.laws import Law
from loomweave_proofs.lattice.subject import Subject
from loomweave_proofs.lift import LiftedFunction, Lifter, Theory
from loomweave_proofs.opaques import BYTES, TEXT
from loomweave_proofs.operations import Obligation
from loomweave_proofs.solver import Status, Term
from loomweave_proofs.sorts import NoSort
from loomweave_proofs.source import Function, Unliftable


@attrs.frozen
class Proof:
    """What the solver found about one law."""

    is_proved: bool
    arguments: Mapping[str, object] | None = None
    """Arguments that break it, by the solver; Python has not been asked yet."""
    note: str = ""
    """Why it is open."""


class Prover:
    """Reads a lattice once and judges its laws."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._lifter = Lifter(Theory(opaques=((str, TEXT), (bytes, BYTES))))

    def prove(self, law: Law) -> Proof:
        """Judge one law for all states."""
        try:
            lifted = self._lifter.lift(law.holds, is_statement=True)
            status, found, reason = solver.ask([solver.neg(solver.pointwise(lifted.result.term))])
            if status is Status.UNKNOWN:
                return Proof(False, note=f"the solver gave up ({reason})")
            if status is Status.SATISFIABLE:
                return Proof(False, self._example(lifted, found))
            left = [item for item in lifted.obligations if is_open(item)]
            if left:
                return Proof(False, note=f"the law itself may raise: {left[0].kind}")
            return Proof(True)
        except (Unliftable, NoSort, NoObject, solver.Mismatch, TypeError) as error:
            return Proof(False, note=str(error))

    def prove_totality(self) -> Proof:
        """Judge whether the functions of the lattice never raise, for valid states."""
        subject = self._subject
        functions = [subject.join, subject.le, subject.valid, *subject.updates]
        try:
            for function in functions:
                if function is not None:
                    left = self._open_in(function)
                    if left is not None:
                        return Proof(False, note=f"{left.file}:{left.line}: {left.kind}?")
            return Proof(True)
        except (Unliftable, NoSort, NoObject, solver.Mismatch, TypeError) as error:
            return Proof(False, note=str(error))

    def _open_in(self, function: Function) -> Obligation | None:
        """Find a place in a function, or in what it calls, that may raise for valid states."""
        lifted = self._lifter.lift(function)
        given = self._valid(lifted) if function is not self._subject.valid else []
        for called in (lifted, *map(self._lifter.lift, lifted.calls)):
            under = given if called is lifted else []
            for item in called.obligations:
                if is_open(item, under):
                    return item
        return None

    def _valid(self, lifted: LiftedFunction) -> list[Term]:
        if self._subject.valid is None:
            return []
        valid = self._lifter.lift(self._subject.valid)
        shape = next(iter(valid.parameters.values())).shape
        states = [item.term for item in lifted.parameters.values() if item.shape is shape]
        return [valid.apply(state) for state in states]

    def _example(self, lifted: LiftedFunction, model: solver.Model) -> Mapping[str, object]:
        symbols = list(lifted.parameters.values())
        asked = [solver.neg(solver.pointwise(lifted.result.term))]
        if any(holds_table(symbol.shape) for symbol in symbols):
            few, put = shrunk(symbols, asked)
            status, small, _ = solver.ask(put)
            if status is Status.SATISFIABLE:
                symbols, model = few, small
        example = Example(model, symbols, asked)
        found = [example.read(symbol.term, symbol.shape) for symbol in symbols]
        return dict(zip(lifted.parameters, found, strict=True))


def is_open(item: Obligation, given: Sequence[Term] = ()) -> bool:
    """Tell whether what keeps code from raising cannot be shown."""
    terms = [*given, item.path, solver.neg(item.condition)]
    return solver.ask(terms)[0] is not Status.IMPOSSIBLE
