"""The lifter and Python agree on every construct of the subset, in both directions."""

import types
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from loomweave_proofs import solver
from loomweave_proofs.concrete import Example, domain, shrunk, to_term
from loomweave_proofs.lift import LiftedFunction, Lifter, Theory, open_obligations
from loomweave_proofs.opaques import BYTES, TEXT
from loomweave_proofs.operations import same
from loomweave_proofs.solver import Status, Term
from loomweave_proofs.sorts import (
    BoolShape,
    EnumShape,
    IntShape,
    Lifted,
    MapShape,
    OptionShape,
    RecordShape,
    SetShape,
    Shape,
    UnionShape,
)
from loomweave_proofs.source import Function
from tests.proofs import toy

LIFTER = Lifter(Theory(opaques=((str, TEXT), (bytes, BYTES))))
SMALL = st.integers(-3, 6)


def functions(is_raising: bool) -> list[Function]:
    """List the toy's functions, the ones that can raise or the others."""
    return [
        item
        for name, item in sorted(vars(toy).items())
        if isinstance(item, types.FunctionType)
        and item.__module__ == toy.__name__
        and name.startswith("may_") == is_raising
    ]


def values(shape: Shape) -> SearchStrategy[object]:
    """Python objects of a shape; small, so that equal ones meet."""
    match shape:
        case IntShape():
            return SMALL
        case BoolShape():
            return st.booleans()
        case EnumShape(cls=cls):
            return st.sampled_from(list(cls))
        case OptionShape(inner=inner):
            return st.none() | values(inner)
        case RecordShape(cls=cls, fields=fields):
            parts = st.tuples(*map(values, fields.values()))
            return parts if cls is None else parts.map(lambda found: cls(*found))
        case UnionShape(members=members):
            return st.one_of(*map(values, members))
        case SetShape(item=item):
            return st.frozensets(values(item), max_size=4)
        case MapShape(key=key, value=option):
            return st.dictionaries(values(key), values(option.inner), max_size=4)
        case _:
            return st.text("lmn", max_size=2)


def arguments_of(lifted: LiftedFunction) -> SearchStrategy[tuple[object, ...]]:
    """Arguments for a lifted function."""
    return st.tuples(*(values(item.shape) for item in lifted.parameters.values()))


def terms_of(lifted: LiftedFunction, arguments: Sequence[object]) -> list[Term]:
    """Write arguments as terms."""
    shapes = [item.shape for item in lifted.parameters.values()]
    return [to_term(value, shape) for value, shape in zip(arguments, shapes, strict=True)]


def holds(term: Term) -> bool:
    """Tell whether a term without symbols is true."""
    return solver.ask([solver.neg(term)])[0] is Status.IMPOSSIBLE


@pytest.mark.parametrize("function", functions(False), ids=lambda item: str(item.__name__))
def test_term_is_what_python_computes(function: Function) -> None:
    lifted = LIFTER.lift(function)

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(arguments_of(lifted))
    def agree(arguments: tuple[object, ...]) -> None:
        named = dict(zip(lifted.parameters, arguments, strict=True))
        computed = to_term(function(**named), lifted.result.shape)
        term = lifted.apply(*terms_of(lifted, arguments))
        assert holds(same(term, computed, lifted.result.shape))

    agree()


@pytest.mark.parametrize("function", functions(False), ids=lambda item: str(item.__name__))
def test_model_is_what_python_computes(function: Function) -> None:
    """The other way: arguments that the solver finds for a result give that result in Python."""
    lifted = LIFTER.lift(function)
    symbols = list(lifted.parameters.values())
    result = solver.constant("result", lifted.result.shape.sort)
    parameters, asked = shrunk(symbols, [same(result, lifted.result.term, lifted.result.shape)])
    for item in parameters:
        asked += domain(item.term, item.shape)
    found = 0
    for _ in range(4):
        status, model, _ = solver.ask(asked)
        if status is not Status.SATISFIABLE:
            break
        outcome = Lifted(result, lifted.result.shape)
        example = Example(model, [*parameters, outcome], [lifted.result.term])
        read = [example.read(item.term, item.shape) for item in parameters]
        arguments = dict(zip(lifted.parameters, read, strict=True))
        wanted = example.read(result, lifted.result.shape)
        assert function(**arguments) == wanted
        found += 1
        same_again = [item.term == solver.evaluate(model, item.term) for item in parameters]
        asked.append(solver.neg(solver.conj(*same_again)))
    assert found > 0


@pytest.mark.parametrize("function", functions(False), ids=lambda item: str(item.__name__))
def test_sound_functions_never_raise(function: Function) -> None:
    assert open_obligations(LIFTER.lift(function)) == []


@pytest.mark.parametrize("function", functions(True), ids=lambda item: str(item.__name__))
def test_obligations_say_exactly_where_python_raises(function: Function) -> None:
    """An obligation fails at just the arguments for which the call raises."""
    lifted = LIFTER.lift(function)
    assert open_obligations(lifted)
    symbols = [item.term for item in lifted.parameters.values()]
    broken = solver.disj(
        *[solver.conj(item.path, solver.neg(item.condition)) for item in lifted.obligations]
    )
    seen = set()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(arguments_of(lifted))
    def agree(arguments: tuple[object, ...]) -> None:
        try:
            function(*arguments)
            raises = False
        except (ArithmeticError, LookupError, AttributeError, TypeError, AssertionError):
            raises = True
        pairs = list(zip(symbols, terms_of(lifted, arguments), strict=True))
        assert holds(solver.substitute(broken, pairs) == solver.boolean(raises))
        seen.add(raises)

    agree()
    assert seen == {True, False}


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=2, max_size=5))
def test_numbers_of_texts_keep_the_order(found: list[str]) -> None:
    ranks = [TEXT.rank(text) for text in found]
    assert sorted(range(len(found)), key=ranks.__getitem__) == sorted(
        range(len(found)), key=found.__getitem__
    )
    chosen = TEXT.choose(sorted(set(ranks)))
    assert list(chosen) == sorted(set(found))


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.sets(st.integers(-(10**9), 10**9), max_size=6), st.sets(st.text("$ab", max_size=3)))
def test_texts_for_numbers_keep_the_order(numbers: set[int], constants: set[str]) -> None:
    """Also where constants of the code stand among the numbers."""
    all_numbers = sorted(numbers | {TEXT.rank(text) for text in constants if text})
    chosen = [text for text in TEXT.choose(all_numbers) if isinstance(text, str)]
    assert len(chosen) == len(all_numbers)
    assert chosen == sorted(set(chosen))
