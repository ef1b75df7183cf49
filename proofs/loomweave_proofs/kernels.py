"""The kernels of LoomWeave, and what their proofs take as given.

Each assumption is listed in the report and sampled in tests/proofs/test_assumptions.py: the order
key of values is total and injective, `is_same` is equality of keys, `Element.__eq__` is equality of
all fields.
"""

import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from loomweave.core import clocks, gun_stamps, kinds, values
from loomweave.core.actors import lock, retry
from loomweave.core.errors import Refusal
from loomweave.core.graph import compaction, ham, index, life, merge, store, waiting
from loomweave.core.lattices import bounds, counters, dots, flags, multivalue, register, sets
from loomweave.core.lattices import version as versioned
from loomweave.core.sync import bloom, breaker, debounce, vector
from loomweave.core.trust import capability
from loomweave.core.version import merge3, tree
from loomweave_proofs import solver
from loomweave_proofs.lift import Lifter, Theory
from loomweave_proofs.opaques import BYTES, TEXT, digits_rank
from loomweave_proofs.sorts import IntShape, Lifted, NoSort, SetShape, Sorts, opaque
from loomweave_proofs.source import Function, full_name

ASSUMED: Final[Sequence[str]] = (
    "The order key of values is injective into a total order (VAL-17).",
    "`is_same` is equality of order keys, `value_lt` is their order (VAL-11, VAL-17).",
    "`Element.__eq__` is equality of all four fields, values by kind (HAM-1).",
    "Texts and bytes are used by order and identity only: integers stand for them, since finitely "
    "many members of a total order embed there.",
    "`Bits` is a set of numbers from zero on: `no_bits`, `has_bit`, `with_bit` and `bits_join` are "
    "the empty set, membership, one more member, and union (SYN-18).",
    "The lifter reads Python as Python runs it.",
)

MODULES: Final[Sequence[types.ModuleType]] = (
    *(clocks, register, ham, merge, life),
    *(bounds, counters, dots, flags, multivalue, sets, versioned),
    *(merge3, tree, breaker, debounce, vector, bloom, lock, retry, capability, compaction),
)
"""Modules whose every function is either proved or listed below."""

SAMPLED_ONLY: Final[Mapping[str, str]] = {
    "loomweave.core.lattices.register.Element.__eq__": "takes any object; an assumption above",
    "loomweave.core.lattices.register.Element.__hash__": "a number for tables, no meaning",
    "loomweave.core.lattices.register.Element.__ne__": "the contrary of `__eq__`",
    "loomweave.core.graph.merge.merge_part": "loops; the bodies and the decision are cut out",
    "loomweave.core.graph.merge.merge_rows": "loops; the bodies and the decision are cut out",
    "loomweave.core.graph.life.shown_properties": "sorts names; each field is `is_shown`",
    "loomweave.core.graph.life.ends_of": "looks into a value that a peer may have shaped",
    "loomweave.core.lattices.sets.observed_set_value": "an image; the law `has_is_membership`",
    "loomweave.core.lattices.counters.growing_counter_value": "a sum over all writers",
    "loomweave.core.lattices.counters.up_down_counter_value": "a difference of two such sums",
    "loomweave.core.lattices.multivalue.multi_value_value": "sorts the siblings",
    "loomweave.core.sync.bloom.no_bits": "an assumption above",
    "loomweave.core.sync.bloom.has_bit": "an assumption above",
    "loomweave.core.sync.bloom.with_bit": "an assumption above",
    "loomweave.core.sync.bloom.bits_join": "an assumption above",
    "loomweave.core.trust.capability.standing_of": "a loop; its body is cut out",
}
"""Functions of the kernels that are not lifted as a whole, each with the reason."""

KEY_BYTES_MAX: Final = 160
"""Longest order key that the numbering of values tells apart."""


def key_number(value: object) -> int:
    """Number a value so that the order of values is kept."""
    checked = values.check(value)
    if isinstance(checked, Refusal):
        raise NoSort(f"no value: {value!r}")
    text, rank, canonical = values.order_key(checked)
    return digits_rank([*text, 0, 0, rank, *canonical], 257, KEY_BYTES_MAX)


NULL_NUMBER: Final = key_number(None)


def value_rank(value: object) -> int:
    """Number a value; None has zero, so that there is room on both sides."""
    return 0 if value is None else key_number(value) - NULL_NUMBER


def value_choice(numbers: Sequence[int]) -> Sequence[object]:
    """Find values for ascending numbers: texts are below null in the order, maps above it."""
    found: list[object] = []
    for at, number in enumerate(numbers):
        name = f"v{at:04d}"
        if number == 0:
            found.append(None)
        else:
            found.append(name if number < 0 else kinds.ValueMap.of({name: None}))
    return found


VALUE: Final = opaque(
    "Value", ordered=False, comparable=False, rank=value_rank, choose=value_choice
)
KEY: Final = opaque("order key")


def is_value_type(hint: object) -> bool:
    """Tell whether a type is `Value`, however far its recursion was written out."""
    return kinds.ValueMap in typing.get_args(hint)


def is_chain_type(hint: object) -> bool:
    """Tell whether a type is that of a graph's marks, which no kernel reads."""
    return store.Unsummed in typing.get_args(hint)


def nothing_of(empty: object) -> Callable[[Sequence[int]], Sequence[object]]:
    """Choose the empty table for every number: for tables that no kernel reads."""
    return lambda numbers: [empty] * len(numbers)


def has_positive_divisor(numerator: int, denominator: int) -> bool:
    """Tell that a ratio has the denominator that `half_even` asks for."""
    return denominator > 0


def same_value(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `is_same`: equality of order keys."""
    return Lifted(given[0].term == given[1].term, sorts.bool)


def key_of_value(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `order_key`: an injection into a total order."""
    return Lifted(given[0].term, KEY)


def lesser_value(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `value_lt`: the order of keys."""
    return Lifted(given[0].term < given[1].term, sorts.bool)


PLACE_MAX: Final = 1 << 20
"""Greatest place of a bit in an example, so that the integer stays small."""


def bits_of(places: frozenset[object]) -> object:
    """Write a set of places as an integer.

    Places below zero or far out are left out: whether what is left is an example, Python tells.
    """
    found = [place for place in places if isinstance(place, int) and 0 <= place <= PLACE_MAX]
    return bloom.Bits(sum(1 << place for place in found))


def places_of(bits: object) -> object:
    """List the places of an integer's bits."""
    assert isinstance(bits, bloom.Bits)
    return frozenset(place for place in range(bits.number.bit_length()) if bits.number >> place & 1)


BITS: Final = SetShape(
    "Bits", solver.array(solver.INT, solver.BOOL), IntShape("int", solver.INT), bits_of, places_of
)


def is_place(bits: bloom.Bits, at: int) -> bool:
    """Tell that a place is one that `has_bit` and `with_bit` may be asked for."""
    return at >= 0


def no_places(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `no_bits`: the empty set."""
    return Lifted(solver.everywhere(solver.INT, solver.FALSE), BITS)


def has_place(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `has_bit`: membership."""
    return Lifted(solver.select(given[0].term, given[1].term), sorts.bool)


def with_place(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `with_bit`: one more member."""
    return Lifted(solver.store(given[0].term, given[1].term, solver.TRUE), BITS)


def all_places(sorts: Sorts, given: Sequence[Lifted]) -> Lifted:
    """Give the meaning of `bits_join`: union."""
    return Lifted(solver.union(given[0].term, given[1].term), BITS)


def _function(owner: object, name: str) -> Function:
    found = getattr(owner, name)
    assert isinstance(found, types.FunctionType), f"{name} is no plain function"
    return found


THEORY: Final = Theory(
    opaques=(
        (is_value_type, VALUE),
        (str, TEXT),
        (bytes, BYTES),
        (bloom.Bits, BITS),
        (waiting.Room, opaque("Room", comparable=False, choose=nothing_of(()))),
        (index.Index, opaque("Index", comparable=False, choose=nothing_of(index.empty_index()))),
        (is_chain_type, opaque("Unsummed", comparable=False, choose=nothing_of(None))),
    ),
    structural=(register.Element,),
    intrinsics={
        _function(kinds, "is_same"): same_value,
        _function(values, "order_key"): key_of_value,
        _function(values, "value_lt"): lesser_value,
        _function(bloom, "no_bits"): no_places,
        _function(bloom, "has_bit"): has_place,
        _function(bloom, "with_bit"): with_place,
        _function(bloom, "bits_join"): all_places,
    },
    requires={
        _function(gun_stamps, "half_even"): has_positive_divisor,
        _function(bloom, "has_bit"): is_place,
        _function(bloom, "with_bit"): is_place,
    },
)
"""What the proofs of LoomWeave take as given."""


def new_lifter() -> Lifter:
    """Return a lifter over the kernels."""
    return Lifter(THEORY)


def kernel_functions() -> Iterator[Function]:
    """List the functions that the kernel modules define, methods too, in order of their names."""
    for module in MODULES:
        for _, item in sorted(vars(module).items()):
            owned = [item, *vars(item).values()] if isinstance(item, type) else [item]
            for function in owned:
                if not isinstance(function, types.FunctionType):
                    continue
                is_written = function.__code__.co_filename == module.__file__
                if is_written and function.__module__ == module.__name__:
                    yield function


def uncovered(proved: Sequence[Function]) -> list[str]:
    """List the kernel functions that are neither proved nor excused."""
    names = {full_name(function) for function in proved}
    found = {full_name(function) for function in kernel_functions()}
    return sorted(found - names - set(SAMPLED_ONLY))


def stale_excuses() -> list[str]:
    """List the excuses for functions that are no more."""
    found = {full_name(function) for function in kernel_functions()}
    return sorted(set(SAMPLED_ONLY) - found)
