"""Counters, and version vectors, which have their order. Rules LAT-3, LAT-11, LAT-12 and SYN-16."""

from loomweave.core.lattices.counters import (
    GROWING_COUNTER_BOTTOM,
    UP_DOWN_COUNTER_BOTTOM,
    Counts,
    GrowingCounter,
    UpDownCounter,
    counts_join,
    counts_le,
    growing_counter_add,
    growing_counter_join,
    growing_counter_le,
    up_down_counter_add,
    up_down_counter_join,
    up_down_counter_le,
)
from loomweave.core.sync.vector import Vector, vector_join, vector_le
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

# -- broken twins


def counts_join_overlay(a: Counts, b: Counts) -> Counts:
    """Take what came last."""
    return {**a, **b}


def counts_join_sum(a: Counts, b: Counts) -> Counts:
    """Count twice what both sides have."""
    return {writer: a.get(writer, 0) + b.get(writer, 0) for writer in {**a, **b}}


def counts_join_shared(a: Counts, b: Counts) -> Counts:
    """Keep the writers alone that both sides have."""
    return {writer: max(a[writer], b[writer]) for writer in a if writer in b}


def counts_join_least(a: Counts, b: Counts) -> Counts:
    """Take the lesser count."""
    return {
        writer: min(a.get(writer, b.get(writer, 0)), b.get(writer, a.get(writer, 0)))
        for writer in {**a, **b}
    }


def counts_le_shared(a: Counts, b: Counts) -> bool:
    """Compare the writers alone that both sides have."""
    return all(writer not in b or count <= b[writer] for writer, count in a.items())


def add_anything(counter: GrowingCounter, writer: bytes, amount: int) -> GrowingCounter:
    """Count down too."""
    return GrowingCounter({**counter.counts, writer: counter.counts.get(writer, 0) + amount})


def add_by_setting(counter: GrowingCounter, writer: bytes, amount: int) -> GrowingCounter:
    """Forget what was counted before."""
    return counter if amount <= 0 else GrowingCounter({**counter.counts, writer: amount})


def add_upwards_alone(counter: UpDownCounter, writer: bytes, amount: int) -> UpDownCounter:
    """Forget to count down."""
    return UpDownCounter(growing_counter_add(counter.up, writer, amount), counter.down)


def up_down_join_upwards(a: UpDownCounter, b: UpDownCounter) -> UpDownCounter:
    """Forget what the other side counted down."""
    return UpDownCounter(growing_counter_join(a.up, b.up), a.down)


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-11",
        name="counts",
        contents="counts by writer",
        content=Counts,
        le=counts_le,
        join=counts_join,
        bottom={},
        beyond={b"": 1},
        broken={
            "join_is_commutative": {counts_join: counts_join_overlay},
            "join_is_idempotent": {counts_join: counts_join_sum},
            "join_is_an_upper_bound": {counts_join: counts_join_shared},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-11",
        name="growing_counter",
        contents="growing counters",
        content=GrowingCounter,
        le=growing_counter_le,
        join=growing_counter_join,
        bottom=GROWING_COUNTER_BOTTOM,
        beyond=GrowingCounter({b"": 1}),
        broken={
            "join_is_commutative": {counts_join: counts_join_overlay},
            "join_is_idempotent": {counts_join: counts_join_sum},
            "join_is_an_upper_bound": {counts_join: counts_join_least},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-12",
        name="up_down_counter",
        contents="up-down counters",
        content=UpDownCounter,
        le=up_down_counter_le,
        join=up_down_counter_join,
        bottom=UP_DOWN_COUNTER_BOTTOM,
        beyond=UpDownCounter(GrowingCounter({b"": 1}), GROWING_COUNTER_BOTTOM),
        broken={"join_is_commutative": {up_down_counter_join: up_down_join_upwards}},
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="SYN-16",
        name="vector",
        contents="version vectors",
        content=Vector,
        le=vector_le,
        join=vector_join,
        bottom={},
        beyond={b"": 1},
        broken={"join_is_an_upper_bound": {counts_join: counts_join_least}},
    )
)


# -- counting


@theorem("LAT-11", about=[counts_join], sabotage={counts_join: counts_join_sum})
def joined_count_is_one_of_the_two(a: Counts, b: Counts, writer: bytes) -> bool:
    """A writer's count in the join is the greater one, or the only one: nothing counts twice."""
    count, other = a.get(writer), b.get(writer)
    joined = counts_join(a, b).get(writer)
    if count is None or other is None:
        return joined == (other if count is None else count)
    return joined == (count if other <= count else other)


@theorem("LAT-11", about=[counts_le], sabotage={counts_le: counts_le_shared})
def counts_are_below_by_writer(a: Counts, b: Counts, writer: bytes, count: int) -> bool:
    """Counts with one more raised writer are above; a writer that is absent is below a count."""
    raised = {**a, writer: count}
    known = a.get(writer)
    is_above = known is None or known <= count
    return counts_le(a, raised) == is_above and (known is not None or not counts_le(raised, a))


@theorem("LAT-11", about=[growing_counter_join], sabotage={counts_join: counts_join_sum})
def joined_counter_is_its_counts(a: GrowingCounter, b: GrowingCounter) -> bool:
    """Counters are ordered and joined as their counts are."""
    joined = growing_counter_join(a, b).counts
    return joined == counts_join(b.counts, a.counts) and counts_le(a.counts, joined)


@theorem("LAT-11", about=[growing_counter_add], sabotage={growing_counter_add: add_by_setting})
def add_is_exact(a: GrowingCounter, writer: bytes, amount: int, other: bytes) -> bool:
    """To count raises that writer's count by the amount, if it is above zero, and no other's."""
    before = a.counts.get(other)
    after = growing_counter_add(a, writer, amount).counts.get(other)
    if other != writer or amount <= 0:
        return after == before
    return after == amount + (0 if before is None else before)


@theorem("LAT-3", about=[growing_counter_add], sabotage={growing_counter_add: add_anything})
def adding_grows(a: GrowingCounter, writer: bytes, amount: int) -> bool:
    """To count never takes a counter below what it was, whatever the amount."""
    return growing_counter_le(a, growing_counter_add(a, writer, amount))


@theorem("LAT-12", about=[up_down_counter_add], sabotage={up_down_counter_add: add_upwards_alone})
def up_down_add_is_exact(a: UpDownCounter, writer: bytes, amount: int) -> bool:
    """What a writer gained upwards less what it gained downwards is the amount."""
    after = up_down_counter_add(a, writer, amount)
    up = after.up.counts.get(writer, 0) - a.up.counts.get(writer, 0)
    down = after.down.counts.get(writer, 0) - a.down.counts.get(writer, 0)
    return up - down == amount and (up == 0 or down == 0)


@theorem("LAT-12", about=[up_down_counter_add], sabotage={growing_counter_add: add_anything})
def up_down_add_is_one_sided(a: UpDownCounter, writer: bytes, amount: int) -> bool:
    """An amount above zero is counted upwards alone, one below zero downwards alone."""
    after = up_down_counter_add(a, writer, amount)
    up, down = (
        growing_counter_add(a.up, writer, amount),
        growing_counter_add(a.down, writer, -amount),
    )
    if amount > 0:
        return after == UpDownCounter(up, a.down)
    return after == UpDownCounter(a.up, down)


@theorem("LAT-3", about=[up_down_counter_add], sabotage={growing_counter_add: add_anything})
def up_down_adding_grows(a: UpDownCounter, writer: bytes, amount: int) -> bool:
    """To count up or down never takes a counter below what it was."""
    return up_down_counter_le(a, up_down_counter_add(a, writer, amount))


@theorem(
    "LAT-12", about=[up_down_counter_join], sabotage={up_down_counter_join: up_down_join_upwards}
)
def up_down_join_is_by_halves(a: UpDownCounter, b: UpDownCounter) -> bool:
    """Up-down counters join half by half."""
    joined = up_down_counter_join(a, b)
    return joined == UpDownCounter(
        growing_counter_join(b.up, a.up), growing_counter_join(b.down, a.down)
    )


# -- what must not hold


@theorem("LAT-11", about=[], refuted=True)
def sums_are_idempotent(a: Counts) -> bool:
    """Counts may be joined by adding them: false, what arrives twice would count twice."""
    return counts_join_sum(a, a) == a


@theorem("LAT-11", about=[], refuted=True)
def overlays_commute(a: Counts, b: Counts) -> bool:
    """Of two counts the last to arrive may stand: false, the order of arrival would show."""
    return counts_join_overlay(a, b) == counts_join_overlay(b, a)


@theorem("LAT-11", about=[growing_counter_add], refuted=True)
def counting_is_idempotent(a: GrowingCounter, writer: bytes, amount: int) -> bool:
    """To count twice is to count once: false, so an adding is not for sending again."""
    once = growing_counter_add(a, writer, amount)
    return growing_counter_add(once, writer, amount) == once


@theorem("LAT-12", about=[up_down_counter_add], refuted=True)
def counting_back_undoes(a: UpDownCounter, writer: bytes, amount: int) -> bool:
    """To count an amount down again leaves what was: false, both halves have grown."""
    return up_down_counter_add(up_down_counter_add(a, writer, amount), writer, -amount) == a


@theorem("LAT-11", about=[growing_counter_add, growing_counter_join], refuted=True)
def one_writer_may_count_at_two_places(
    a: GrowingCounter, writer: bytes, amount: int, other: int
) -> bool:
    """Two replicas may count as one writer: false, the greater count swallows the lesser."""
    joined = growing_counter_join(
        growing_counter_add(a, writer, amount), growing_counter_add(a, writer, other)
    )
    return joined == growing_counter_add(growing_counter_add(a, writer, amount), writer, other)
