"""What holds of every lattice, stated once and entered for each. Rules LAT-1 and LAT-2.

The statements below speak of `le`, `join` and `BOTTOM`. Entered for a lattice, those names mean
what ships under its own: the prover then reads the same text with the shipped functions in it.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs
import msgspec

from loomweave_proofs.source import Function
from loomweave_proofs.theorem import plain_function, theorem


class Content(msgspec.Struct, frozen=True):
    """Stands for what a lattice holds."""


BOTTOM: Final = Content()
BEYOND: Final = Content()
"""Stands for something above the bottom."""


def le(a: Content, b: Content) -> bool:
    """Stand for the order of a lattice."""
    raise NotImplementedError


def join(a: Content, b: Content) -> Content:
    """Stand for the join of a lattice."""
    raise NotImplementedError


# -- broken twins


def le_strict(a: Content, b: Content) -> bool:
    """Leave a content out of what is below it."""
    return le(a, b) and a != b


def le_always(a: Content, b: Content) -> bool:
    """Put everything below everything."""
    return True


def le_apart(a: Content, b: Content) -> bool:
    """Take whatever is different for greater."""
    return a != b


def join_first(a: Content, b: Content) -> Content:
    """Keep what is there."""
    return a


def join_resetting(a: Content, b: Content) -> Content:
    """Start again where both have something."""
    return b if a == BOTTOM else BOTTOM


def join_nothing(a: Content, b: Content) -> Content:
    """Forget both."""
    return BOTTOM


def join_beyond(a: Content, b: Content) -> Content:
    """Go further than either side."""
    return BEYOND


# -- hypotheses


def both_ways(a: Content, b: Content) -> bool:
    """Tell that each is below the other."""
    return le(a, b) and le(b, a)


def in_a_chain(a: Content, b: Content, c: Content) -> bool:
    """Tell that three contents ascend."""
    return le(a, b) and le(b, c)


def are_bounded(a: Content, b: Content, c: Content) -> bool:
    """Tell that the third is above both others."""
    return le(a, c) and le(b, c)


def is_below(a: Content, b: Content) -> bool:
    """Tell that the first is below the second."""
    return le(a, b)


# -- the laws


def order_is_reflexive(a: Content) -> bool:
    """In the order of {contents} each one is below itself."""
    return le(a, a)


def order_is_antisymmetric(a: Content, b: Content) -> bool:
    """Two {contents} that are below each other are the same."""
    return a == b


def order_is_transitive(a: Content, b: Content, c: Content) -> bool:
    """In the order of {contents} what is below something is below all above that."""
    return le(a, c)


def join_is_commutative(a: Content, b: Content) -> bool:
    """Two {contents} join to the same in either order."""
    return join(a, b) == join(b, a)


def join_is_associative(a: Content, b: Content, c: Content) -> bool:
    """Three {contents} join to the same however they are grouped."""
    return join(join(a, b), c) == join(a, join(b, c))


def join_is_idempotent(a: Content) -> bool:
    """Of {contents} each one joined with itself is itself."""
    return join(a, a) == a


def join_is_an_upper_bound(a: Content, b: Content) -> bool:
    """The join of two {contents} is above both: nothing is lost."""
    return le(a, join(a, b)) and le(b, join(a, b))


def join_is_the_least(a: Content, b: Content, c: Content) -> bool:
    """The join of two {contents} is below all that is above both: nothing is made up."""
    return le(join(a, b), c)


def order_is_what_the_join_says(a: Content, b: Content) -> bool:
    """Of two {contents} one is below the other exactly where joining them gives the other."""
    return le(a, b) == (join(a, b) == b)


def join_keeps_the_order(a: Content, b: Content, c: Content) -> bool:
    """Joining the same to two {contents} keeps their order."""
    return le(join(a, c), join(b, c))


def bottom_is_least(a: Content) -> bool:
    """The bottom of {contents} is below all, and joining it changes nothing."""
    return le(BOTTOM, a) and join(BOTTOM, a) == a


# -- what must not hold


def order_goes_both_ways(a: Content, b: Content) -> bool:
    """What is below another of the {contents} is above it too: false, or all were the same."""
    return not le(a, b) or le(b, a)


def newcomer_may_stand(a: Content, b: Content) -> bool:
    """Of two {contents} the one that comes last may stand: false, what was held would be lost."""
    return join(a, b) == b


def first_arrival_agrees(a: Content, b: Content) -> bool:
    """Of two {contents} the one that came first may stay: false, replicas would differ."""
    return join_first(a, b) == join_first(b, a)


def one_side_is_the_greater(a: Content, b: Content) -> bool:
    """Of two {contents} one is always below the other: false, there are concurrent ones."""
    return le(a, b) or le(b, a)


@attrs.frozen
class Law:
    """A statement about every lattice."""

    statement: Function
    about: Sequence[Function]
    given: Function | None
    broken: Mapping[Function, Function]
    """The twins that it notices in any lattice."""


LAWS: Final = (
    Law(order_is_reflexive, [le], None, {le: le_strict}),
    Law(order_is_antisymmetric, [le], both_ways, {le: le_always}),
    Law(order_is_transitive, [le], in_a_chain, {le: le_apart}),
    Law(join_is_commutative, [join], None, {join: join_first}),
    Law(join_is_associative, [join], None, {join: join_resetting}),
    Law(join_is_idempotent, [join], None, {join: join_nothing}),
    Law(join_is_an_upper_bound, [join, le], None, {join: join_first}),
    Law(join_is_the_least, [join, le], are_bounded, {join: join_beyond}),
    Law(order_is_what_the_join_says, [join, le], None, {join: join_first}),
    Law(join_keeps_the_order, [join, le], is_below, {join: join_resetting}),
    Law(bottom_is_least, [join, le], None, {join: join_first}),
)
FALSE_LAWS: Final = (
    Law(order_goes_both_ways, [le], None, {}),
    Law(newcomer_may_stand, [join], None, {}),
    Law(first_arrival_agrees, [], None, {}),
)
FALSE_OF_PARTIAL_ORDERS: Final = (Law(one_side_is_the_greater, [le], None, {}),)


@attrs.frozen(kw_only=True)
class Lattice:
    """One lattice as it ships, and its broken twins."""

    rule: str
    name: str
    """What its theorems' names begin with."""
    contents: str
    """What its contents are called, in the plural."""
    content: object
    le: Callable[..., bool]
    join: Callable[..., object]
    bottom: object
    beyond: object
    """Something above the bottom."""
    is_total: bool = False
    broken: Mapping[str, Mapping[object, object]] = attrs.field(factory=dict)
    """Twins of its own that a law must notice in place of the usual ones."""


def enter(lattice: Lattice) -> None:
    """Enter all laws for a lattice into the ledger."""
    names: dict[str, object] = {
        "Content": lattice.content,
        "le": lattice.le,
        "join": lattice.join,
        "BOTTOM": lattice.bottom,
        "BEYOND": lattice.beyond,
    }
    names["join_first"] = instance(join_first, lattice, names)
    for law in LAWS:
        _enter(law, lattice, names, is_refuted=False)
    for law in FALSE_LAWS if lattice.is_total else FALSE_LAWS + FALSE_OF_PARTIAL_ORDERS:
        _enter(law, lattice, names, is_refuted=True)


def _enter(law: Law, lattice: Lattice, names: Mapping[str, object], *, is_refuted: bool) -> None:
    shipped = {le: lattice.le, join: lattice.join}
    usual: dict[object, object] = {
        shipped[kind]: instance(twin, lattice, names) for kind, twin in law.broken.items()
    }
    theorem(
        lattice.rule,
        about=[shipped[function] for function in law.about],
        given=None if law.given is None else instance(law.given, lattice, names),
        refuted=is_refuted,
        sabotage=lattice.broken.get(law.statement.__name__, usual),
    )(instance(law.statement, lattice, names))


def instance(template: object, lattice: Lattice, names: Mapping[str, object]) -> Function:
    """Copy a function of this module so that its names mean a lattice's own."""
    function = plain_function(template)
    name = f"{lattice.name}_{function.__name__}"
    made: Function = types.FunctionType(function.__code__, {**function.__globals__, **names}, name)
    made.__annotations__ = {
        key: lattice.content if hint is Content else hint
        for key, hint in function.__annotations__.items()
    }
    made.__qualname__ = name
    made.__doc__ = (function.__doc__ or "").replace("{contents}", lattice.contents)
    return made
