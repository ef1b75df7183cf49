"""Elements, their order and their join. Rules HAM-1 and HAM-2."""

from loomweave.core.kinds import is_same
from loomweave.core.lattices.register import (
    Element,
    element_join,
    element_le,
    field_join,
    wins_tie,
)
from loomweave.core.values import Value, order_key
from loomweave_proofs.theorem import theorem

# -- broken twins


def order_without_dot(a: Element, b: Element) -> bool:
    """Forget who wrote."""
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns < b.stamp_ns
    return is_same(a.value, b.value) or order_key(a.value) < order_key(b.value)


def order_dot_first(a: Element, b: Element) -> bool:
    """Let the dot decide before the value."""
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns < b.stamp_ns
    if a.writer != b.writer:
        return a.writer < b.writer
    if a.seq != b.seq:
        return a.seq < b.seq
    return is_same(a.value, b.value) or order_key(a.value) < order_key(b.value)


def order_backwards(a: Element, b: Element) -> bool:
    """Let the older write win."""
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns > b.stamp_ns
    if not is_same(a.value, b.value):
        return order_key(a.value) < order_key(b.value)
    if a.writer != b.writer:
        return a.writer < b.writer
    return a.seq <= b.seq


def order_strict(a: Element, b: Element) -> bool:
    """Leave an element out of what is below it."""
    return element_le(a, b) and not element_le(b, a)


def order_in_a_circle(a: Element, b: Element) -> bool:
    """Beat every stamp by the next one, far ones excepted."""
    return a.stamp_ns <= b.stamp_ns <= a.stamp_ns + 1 or a.stamp_ns > b.stamp_ns + 1


def join_by_arrival(a: Element, b: Element) -> Element:
    """Take what came last."""
    return b


def join_lesser(a: Element, b: Element) -> Element:
    """Take the meet instead of the join: every semilattice law holds, and data is lost."""
    return a if element_le(a, b) else b


def join_newer_or_first(a: Element, b: Element) -> Element:
    """Take the newer one, and in a tie what is there."""
    return b if a.stamp_ns < b.stamp_ns else a


def join_in_a_circle(a: Element, b: Element) -> Element:
    """Join by an order that goes round."""
    return b if order_in_a_circle(a, b) else a


def join_that_counts(a: Element, b: Element) -> Element:
    """Let every join look like a new write."""
    joined = b if element_le(a, b) else a
    return Element(joined.stamp_ns + 1, joined.value, joined.writer, joined.seq)


def join_if_near(a: Element, b: Element) -> Element:
    """Take a newer element only where it is not much newer."""
    return b if a.stamp_ns < b.stamp_ns <= a.stamp_ns + 1 else a


def field_join_forgetful(a: Element | None, b: Element | None) -> Element | None:
    """Let an absent side erase the other."""
    if a is None or b is None:
        return None
    return element_join(a, b)


def tie_by_code(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Ask the dot before the value: the canary that every layer finds. Spec: PRF-14."""
    if writer != held.writer:
        return writer > held.writer
    if seq != held.seq:
        return seq > held.seq
    return not is_same(value, held.value) and order_key(value) > order_key(held.value)


# -- what GUN sees of an element: stamp and value, no dot


def gun_le(a: Element, b: Element) -> bool:
    """Order elements as GUN does."""
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns < b.stamp_ns
    return is_same(a.value, b.value) or order_key(a.value) < order_key(b.value)


def looks_same_to_gun(a: Element, b: Element) -> bool:
    """Tell whether GUN can tell two elements apart."""
    return a.stamp_ns == b.stamp_ns and is_same(a.value, b.value)


def field_le(a: Element | None, b: Element | None) -> bool:
    """Order contents of a field; an absent one is least."""
    if a is None:
        return True
    return b is not None and element_le(a, b)


# -- hypotheses


def both_ways(a: Element, b: Element) -> bool:
    """Tell that each is below the other."""
    return element_le(a, b) and element_le(b, a)


def in_a_chain(a: Element, b: Element, c: Element) -> bool:
    """Tell that three elements ascend."""
    return element_le(a, b) and element_le(b, c)


def is_below(a: Element, b: Element) -> bool:
    """Tell that the first is below the second."""
    return element_le(a, b)


def are_bounded(a: Element, b: Element, c: Element) -> bool:
    """Tell that the third is above both others."""
    return element_le(a, c) and element_le(b, c)


def is_newer(a: Element, b: Element) -> bool:
    """Tell that the second was written later."""
    return a.stamp_ns < b.stamp_ns


def is_tie_by_value(a: Element, b: Element) -> bool:
    """Tell that stamps tie and the second value is the greater."""
    return a.stamp_ns == b.stamp_ns and order_key(a.value) < order_key(b.value)


def is_tie_by_writer(a: Element, b: Element) -> bool:
    """Tell that stamps and values tie and the second writer is the greater."""
    return looks_same_to_gun(a, b) and a.writer < b.writer


def is_tie_by_seq(a: Element, b: Element) -> bool:
    """Tell that all but the sequence number tie."""
    return looks_same_to_gun(a, b) and a.writer == b.writer and a.seq < b.seq


def is_field_bounded(a: Element | None, b: Element | None, c: Element | None) -> bool:
    """Tell that the third content is above both others."""
    return field_le(a, c) and field_le(b, c)


# -- the order


@theorem("HAM-1", about=[element_le], sabotage={element_le: order_strict})
def order_is_total(a: Element, b: Element) -> bool:
    """Any two elements are comparable."""
    return element_le(a, b) or element_le(b, a)


@theorem("HAM-1", about=[element_le], given=both_ways, sabotage={element_le: order_without_dot})
def order_is_antisymmetric(a: Element, b: Element) -> bool:
    """Elements that are below each other are one element, dot included."""
    return a == b


@theorem("HAM-1", about=[element_le], given=in_a_chain, sabotage={element_le: order_in_a_circle})
def order_is_transitive(a: Element, b: Element, c: Element) -> bool:
    """What is below something lower is below the higher."""
    return element_le(a, c)


@theorem("HAM-1", about=[element_le], given=is_newer, sabotage={element_le: order_backwards})
def later_is_greater(a: Element, b: Element) -> bool:
    """A later stamp decides alone."""
    return element_le(a, b) and not element_le(b, a)


@theorem("HAM-1", about=[element_le], given=is_tie_by_value, sabotage={element_le: order_dot_first})
def value_breaks_a_tie_of_stamps(a: Element, b: Element) -> bool:
    """Among equal stamps the greater value decides, before any dot."""
    return element_le(a, b) and not element_le(b, a)


@theorem(
    "HAM-1", about=[element_le], given=is_tie_by_writer, sabotage={element_le: order_without_dot}
)
def writer_breaks_a_tie_of_values(a: Element, b: Element) -> bool:
    """Among equal stamps and values the greater writer decides."""
    return element_le(a, b) and not element_le(b, a)


@theorem("HAM-1", about=[element_le], given=is_tie_by_seq, sabotage={element_le: order_without_dot})
def seq_breaks_the_last_tie(a: Element, b: Element) -> bool:
    """Among one writer's equal writes the later batch decides."""
    return element_le(a, b) and not element_le(b, a)


@theorem("HAM-1", about=[wins_tie], sabotage={wins_tie: tie_by_code})
def tie_rule_is_the_order(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """The loops' tie rule is the order of elements at equal stamps."""
    offered = Element(held.stamp_ns, value, writer, seq)
    return wins_tie(value, writer, seq, held) == (not element_le(offered, held))


# -- the join of elements


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_by_arrival})
def join_is_commutative(a: Element, b: Element) -> bool:
    """Two elements join to the same one in either order, dot included."""
    return element_join(a, b) == element_join(b, a)


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_in_a_circle})
def join_is_associative(a: Element, b: Element, c: Element) -> bool:
    """Grouping is irrelevant."""
    one = element_join(element_join(a, b), c)
    return one == element_join(a, element_join(b, c))


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_that_counts})
def join_is_idempotent(a: Element) -> bool:
    """Joining an element with itself changes nothing."""
    return element_join(a, a) == a


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_lesser})
def join_is_an_upper_bound(a: Element, b: Element) -> bool:
    """The join is above both: nothing is lost. A meet has every other law."""
    joined = element_join(a, b)
    return element_le(a, joined) and element_le(b, joined)


@theorem(
    "HAM-2", about=[element_join], given=are_bounded, sabotage={element_join: join_that_counts}
)
def join_is_the_least_bound(a: Element, b: Element, c: Element) -> bool:
    """Whatever is above both is above the join."""
    return element_le(element_join(a, b), c)


@theorem("HAM-2", about=[element_join], given=is_below, sabotage={element_join: join_if_near})
def join_is_monotone(a: Element, b: Element, c: Element) -> bool:
    """Joining the same element to both sides keeps their order."""
    return element_le(element_join(a, c), element_join(b, c))


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_that_counts})
def join_invents_nothing(a: Element, b: Element) -> bool:
    """The join is one of the two."""
    joined = element_join(a, b)
    return joined in (a, b)


@theorem("HAM-2", about=[element_join], given=is_newer, sabotage={element_join: join_lesser})
def newer_wins(a: Element, b: Element) -> bool:
    """The later write wins, on either side."""
    return element_join(a, b) == b and element_join(b, a) == b


@theorem("HAM-2", about=[element_join], sabotage={element_join: join_newer_or_first})
def join_is_the_maximum(a: Element, b: Element) -> bool:
    """The join is the second exactly where the first is not above it."""
    return (element_join(a, b) == b) == element_le(a, b)


@theorem("HAM-1", about=[element_join], sabotage={element_le: order_dot_first})
def gun_sees_the_same_winner(a: Element, b: Element) -> bool:
    """A GUN peer, which knows no dots, picks what looks the same to it."""
    gun_pick = b if gun_le(a, b) else a
    return looks_same_to_gun(element_join(a, b), gun_pick)


# -- the join of fields


@theorem("HAM-2", about=[field_join], sabotage={element_join: join_by_arrival})
def field_join_is_commutative(a: Element | None, b: Element | None) -> bool:
    """Two contents of a field, absent or not, join to the same in either order."""
    return field_join(a, b) == field_join(b, a)


@theorem("HAM-2", about=[field_join], sabotage={element_join: join_in_a_circle})
def field_join_is_associative(a: Element | None, b: Element | None, c: Element | None) -> bool:
    """Grouping is irrelevant for fields."""
    one = field_join(field_join(a, b), c)
    return one == field_join(a, field_join(b, c))


@theorem("HAM-2", about=[field_join], sabotage={field_join: field_join_forgetful})
def absent_is_the_unit(a: Element | None) -> bool:
    """An absent content changes nothing."""
    return field_join(a, None) == a and field_join(None, a) == a and field_join(a, a) == a


@theorem("HAM-2", about=[field_join], sabotage={field_join: field_join_forgetful})
def field_join_is_an_upper_bound(a: Element | None, b: Element | None) -> bool:
    """The join of contents is above both."""
    joined = field_join(a, b)
    return field_le(a, joined) and field_le(b, joined)


@theorem(
    "HAM-2",
    about=[field_join],
    given=is_field_bounded,
    sabotage={element_join: join_that_counts},
)
def field_join_is_the_least_bound(a: Element | None, b: Element | None, c: Element | None) -> bool:
    """Whatever is above both contents is above their join."""
    return field_le(field_join(a, b), c)


# -- what must not hold


@theorem("HAM-1", about=[], refuted=True)
def order_without_a_dot_is_antisymmetric(a: Element, b: Element) -> bool:
    """Stamp and value alone tell elements apart: false, two writers can write the same."""
    return a == b or not (order_without_dot(a, b) and order_without_dot(b, a))


@theorem("HAM-2", about=[], refuted=True)
def join_by_arrival_is_commutative(a: Element, b: Element) -> bool:
    """The last to arrive may win: false, two replicas fed in two orders diverge."""
    return join_by_arrival(a, b) == join_by_arrival(b, a)


@theorem("HAM-2", about=[element_le], refuted=True)
def meet_is_an_upper_bound(a: Element, b: Element) -> bool:
    """The lesser element would do as a join: false, though it has all other laws."""
    joined = join_lesser(a, b)
    return element_le(a, joined) and element_le(b, joined)


@theorem("HAM-1", about=[], refuted=True)
def dot_before_value_suits_gun(a: Element, b: Element) -> bool:
    """The dot may come before the value: false, a GUN peer would see another winner."""
    mine = b if order_dot_first(a, b) else a
    gun_pick = b if gun_le(a, b) else a
    return looks_same_to_gun(mine, gun_pick)


@theorem("HAM-2", about=[], refuted=True)
def newer_or_first_is_commutative(a: Element, b: Element) -> bool:
    """In a tie what is there may stay: false, that is GUN's reply path, which diverges."""
    return join_newer_or_first(a, b) == join_newer_or_first(b, a)
