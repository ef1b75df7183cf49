"""What the proofs take as given, sampled: the order of values and the equality of elements."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loomweave.core.lattices.register import Element
from loomweave.core.sync import bloom
from loomweave.core.values import Value, is_same, order_key, value_lt
from loomweave_proofs import kernels
from loomweave_proofs.concrete import parts_of, to_term
from loomweave_proofs.sorts import NoSort, RecordShape
from tests.strategies import values

SHAPE = kernels.new_lifter().shape(Element)


def elements() -> st.SearchStrategy[Element]:
    """Elements whose fields often meet."""
    blurred: st.SearchStrategy[Value] = st.sampled_from([1, 1.0, True, 0, False, None, "", "1"])
    return st.builds(
        Element,
        st.integers(-1, 1),
        blurred | values(),
        st.sampled_from([b"", b"a", b"b"]),
        st.integers(0, 1),
    )


@settings(max_examples=200, deadline=None)
@given(values(), values())
@example(1, True)
@example(1, 1.0)
@example((1,), (True,))
def test_keys_are_injective_and_decide_sameness(a: Value, b: Value) -> None:
    """VAL-11, VAL-17: `is_same` is equality of keys, and `value_lt` their order."""
    assert is_same(a, b) == (order_key(a) == order_key(b))
    assert value_lt(a, b) == (order_key(a) < order_key(b))
    assert is_same(a, b) == (repr(a) == repr(b))


@settings(max_examples=200, deadline=None)
@given(elements(), elements())
def test_elements_are_equal_by_all_fields(a: Element, b: Element) -> None:
    """HAM-1: the equality that is written by hand is the one that the prover uses."""
    assert isinstance(SHAPE, RecordShape)
    assert set(parts_of(a, SHAPE)) == {"stamp_ns", "value", "writer", "seq"}
    is_equal = (a.stamp_ns, a.writer, a.seq) == (b.stamp_ns, b.writer, b.seq)
    assert (a == b) == (is_equal and is_same(a.value, b.value))
    assert a != b or hash(a) == hash(b)


@settings(max_examples=100, deadline=None)
@given(st.frozensets(st.integers(0, 40)), st.frozensets(st.integers(0, 40)), st.integers(0, 40))
def test_bits_are_sets_of_places(one: frozenset[int], two: frozenset[int], at: int) -> None:
    """SYN-18: the four functions of bits are what the prover takes them for."""
    a, b = kernels.bits_of(one), kernels.bits_of(two)
    assert isinstance(a, bloom.Bits)
    assert isinstance(b, bloom.Bits)
    assert kernels.places_of(a) == one
    assert kernels.places_of(bloom.no_bits()) == frozenset()
    assert bloom.has_bit(a, at) == (at in one)
    assert kernels.places_of(bloom.with_bit(a, at)) == one | {at}
    assert kernels.places_of(bloom.bits_join(a, b)) == one | two
    assert kernels.bits_of(one | {-1, 2**40}) == a


def test_blurred_values_have_numbers_of_their_own() -> None:
    """What Python takes for equal is told apart in proofs."""
    numbers = {str(to_term(value, kernels.VALUE)) for value in (1, 1.0, True)}
    assert len(numbers) == 3
    with pytest.raises(NoSort):
        kernels.key_number(object())
