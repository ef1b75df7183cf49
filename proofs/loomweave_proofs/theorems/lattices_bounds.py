"""Bounds: the greatest told, the least told, and both at once. Rules LAT-1 to LAT-5."""

from loomweave.core.lattices.bounds import (
    INTERVAL_BOTTOM,
    MAXIMUM_BOTTOM,
    MINIMUM_BOTTOM,
    Contradiction,
    Interval,
    Maximum,
    Minimum,
    Span,
    interval_admits,
    interval_is_contradiction,
    interval_join,
    interval_le,
    interval_tell,
    interval_value,
    maximum_join,
    maximum_le,
    maximum_tell,
    maximum_value,
    minimum_join,
    minimum_le,
    minimum_tell,
    minimum_value,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

# -- broken twins


def maximum_join_circle(a: Maximum, b: Maximum) -> Maximum:
    """Beat every number by the next one, far ones excepted."""
    if a.value is None:
        return b
    if b.value is None:
        return a
    return b if a.value <= b.value <= a.value + 1 or a.value > b.value + 1 else a


def maximum_join_lesser(a: Maximum, b: Maximum) -> Maximum:
    """Take the lesser."""
    return a if maximum_le(a, b) else b


def maximum_tell_last(maximum: Maximum, number: int) -> Maximum:
    """Take what is told last."""
    return Maximum(number)


def maximum_value_or_zero(maximum: Maximum) -> int | None:
    """Call nothing zero."""
    return 0 if maximum.value is None else maximum.value


def minimum_join_last(a: Minimum, b: Minimum) -> Minimum:
    """Take what came last."""
    return b


def minimum_join_greater(a: Minimum, b: Minimum) -> Minimum:
    """Take the greater."""
    return a if minimum_le(a, b) else b


def minimum_tell_last(minimum: Minimum, number: int) -> Minimum:
    """Take what is told last."""
    return Minimum(number)


def minimum_value_or_zero(minimum: Minimum) -> int | None:
    """Call nothing zero."""
    return 0 if minimum.value is None else minimum.value


def interval_join_hull(a: Interval, b: Interval) -> Interval:
    """Admit what either admits."""
    return Interval(maximum_join_lesser(a.lower, b.lower), minimum_join_greater(a.upper, b.upper))


def interval_join_crossed(a: Interval, b: Interval) -> Interval:
    """Forget one bound of one side."""
    return Interval(maximum_join(a.lower, b.lower), a.upper)


def interval_join_heals(a: Interval, b: Interval) -> Interval:
    """Forget a clash when something new is told."""
    if interval_is_contradiction(a):
        return b
    return Interval(maximum_join(a.lower, b.lower), minimum_join(a.upper, b.upper))


def interval_tell_anew(interval: Interval, lower: int | None, upper: int | None) -> Interval:
    """Take the bounds told last."""
    return Interval(Maximum(lower), Minimum(upper))


def admits_open(interval: Interval, number: int) -> bool:
    """Leave the ends out."""
    lower, upper = interval.lower.value, interval.upper.value
    return (lower is None or lower < number) and (upper is None or number < upper)


def contradiction_at_a_point(interval: Interval) -> bool:
    """Take one number left for none."""
    lower, upper = interval.lower.value, interval.upper.value
    return lower is not None and upper is not None and upper <= lower


def contradiction_never(interval: Interval) -> bool:
    """Never take bounds for a clash."""
    return False


def interval_value_span(interval: Interval) -> Span | Contradiction:
    """Never say that bounds clash."""
    return Span(interval.lower.value, interval.upper.value)


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-4",
        name="maximum",
        contents="maxima",
        content=Maximum,
        le=maximum_le,
        join=maximum_join,
        bottom=MAXIMUM_BOTTOM,
        beyond=Maximum(1),
        is_total=True,
        broken={
            "join_is_associative": {maximum_join: maximum_join_circle},
            "join_is_an_upper_bound": {maximum_join: maximum_join_lesser},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-4",
        name="minimum",
        contents="minima",
        content=Minimum,
        le=minimum_le,
        join=minimum_join,
        bottom=MINIMUM_BOTTOM,
        beyond=Minimum(1),
        is_total=True,
        broken={
            "join_is_commutative": {minimum_join: minimum_join_last},
            "join_is_an_upper_bound": {minimum_join: minimum_join_greater},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-5",
        name="interval",
        contents="intervals",
        content=Interval,
        le=interval_le,
        join=interval_join,
        bottom=INTERVAL_BOTTOM,
        beyond=Interval(Maximum(1), Minimum(2)),
        broken={
            "join_is_commutative": {interval_join: interval_join_crossed},
            "join_is_an_upper_bound": {interval_join: interval_join_hull},
        },
    )
)

# -- hypotheses


def is_contradictory(a: Interval) -> bool:
    """Tell that an interval holds no number."""
    return interval_is_contradiction(a)


# -- telling


@theorem("LAT-4", about=[maximum_tell, maximum_value], sabotage={maximum_tell: maximum_tell_last})
def told_maximum_is_exact(a: Maximum, number: int) -> bool:
    """A maximum that was told a number is that number, unless it held a greater one."""
    wanted = number if a.value is None or a.value < number else a.value
    return maximum_value(maximum_tell(a, number)) == wanted


@theorem("LAT-4", about=[minimum_tell, minimum_value], sabotage={minimum_tell: minimum_tell_last})
def told_minimum_is_exact(a: Minimum, number: int) -> bool:
    """A minimum that was told a number is that number, unless it held a lesser one."""
    wanted = number if a.value is None or number < a.value else a.value
    return minimum_value(minimum_tell(a, number)) == wanted


@theorem("LAT-4", about=[maximum_value], sabotage={maximum_value: maximum_value_or_zero})
def maximum_of_nothing_is_no_number(a: Maximum) -> bool:
    """A maximum has no value exactly where nothing was told."""
    return (maximum_value(a) is None) == (a == MAXIMUM_BOTTOM)


@theorem("LAT-4", about=[minimum_value], sabotage={minimum_value: minimum_value_or_zero})
def minimum_of_nothing_is_no_number(a: Minimum) -> bool:
    """A minimum has no value exactly where nothing was told."""
    return (minimum_value(a) is None) == (a == MINIMUM_BOTTOM)


@theorem("LAT-3", about=[maximum_tell], sabotage={maximum_tell: maximum_tell_last})
def telling_a_maximum_grows(a: Maximum, number: int) -> bool:
    """To tell a maximum something never takes it below what it was."""
    return maximum_le(a, maximum_tell(a, number))


@theorem("LAT-3", about=[minimum_tell], sabotage={minimum_tell: minimum_tell_last})
def telling_a_minimum_grows(a: Minimum, number: int) -> bool:
    """To tell a minimum something never takes it below what it was."""
    return minimum_le(a, minimum_tell(a, number))


@theorem("LAT-3", about=[interval_tell], sabotage={interval_tell: interval_tell_anew})
def telling_an_interval_grows(a: Interval, lower: int | None, upper: int | None) -> bool:
    """To tell an interval bounds never takes it below what it was."""
    return interval_le(a, interval_tell(a, lower, upper))


# -- what an interval means


@theorem("LAT-5", about=[interval_admits], sabotage={interval_admits: admits_open})
def interval_has_its_ends(lower: int, upper: int, number: int) -> bool:
    """An interval admits exactly the numbers between its bounds, both ends included."""
    held = Interval(Maximum(lower), Minimum(upper))
    return interval_admits(held, number) == (lower <= number <= upper)


@theorem("LAT-5", about=[interval_admits], sabotage={interval_admits: admits_open})
def absent_bounds_admit_all(bound: int, number: int) -> bool:
    """A bound that was not told keeps no number out."""
    return (
        interval_admits(Interval(Maximum(bound), Minimum(None)), number) == (bound <= number)
        and interval_admits(Interval(Maximum(None), Minimum(bound)), number) == (number <= bound)
        and interval_admits(INTERVAL_BOTTOM, number)
    )


@theorem(
    "LAT-5", about=[interval_join, interval_admits], sabotage={interval_join: interval_join_hull}
)
def join_is_the_intersection(a: Interval, b: Interval, number: int) -> bool:
    """The join of two intervals admits exactly what both admit."""
    joined = interval_join(a, b)
    return interval_admits(joined, number) == (
        interval_admits(a, number) and interval_admits(b, number)
    )


@theorem(
    "LAT-5", about=[interval_tell, interval_admits], sabotage={interval_tell: interval_tell_anew}
)
def telling_bounds_is_exact(a: Interval, lower: int | None, upper: int | None, number: int) -> bool:
    """After bounds were told, what was admitted before and lies within them is admitted."""
    is_within = (lower is None or lower <= number) and (upper is None or number <= upper)
    told = interval_tell(a, lower, upper)
    return interval_admits(told, number) == (is_within and interval_admits(a, number))


@theorem(
    "LAT-5",
    about=[interval_join, interval_is_contradiction],
    given=is_contradictory,
    sabotage={interval_join: interval_join_heals},
)
def contradictions_stay(a: Interval, b: Interval) -> bool:
    """A contradiction stays one, whatever is told besides."""
    return interval_is_contradiction(interval_join(a, b))


@theorem(
    "LAT-5",
    about=[interval_is_contradiction, interval_admits],
    given=is_contradictory,
    sabotage={interval_is_contradiction: contradiction_at_a_point},
)
def contradictions_admit_nothing(a: Interval, number: int) -> bool:
    """An interval that is a contradiction admits no number."""
    return not interval_admits(a, number)


@theorem(
    "LAT-5",
    about=[interval_is_contradiction],
    sabotage={interval_is_contradiction: contradiction_at_a_point},
)
def contradiction_is_exact(lower: int, upper: int) -> bool:
    """Two bounds exclude each other exactly where the upper one is less: one number is enough."""
    return interval_is_contradiction(Interval(Maximum(lower), Minimum(upper))) == (upper < lower)


@theorem(
    "LAT-5",
    about=[interval_is_contradiction, interval_admits],
    sabotage={interval_is_contradiction: contradiction_never},
)
def what_is_no_contradiction_admits_something(a: Interval) -> bool:
    """An interval that is no contradiction admits a number: one of its bounds, or zero."""
    lower, upper = a.lower.value, a.upper.value
    number = lower if lower is not None else 0 if upper is None else upper
    return interval_is_contradiction(a) or interval_admits(a, number)


@theorem(
    "LAT-5",
    about=[interval_value, interval_is_contradiction],
    sabotage={interval_value: interval_value_span},
)
def interval_value_is_exact(a: Interval) -> bool:
    """The value of an interval is its bounds: a contradiction where they clash, else a span."""
    lower, upper = a.lower.value, a.upper.value
    found = interval_value(a)
    if lower is not None and upper is not None and interval_is_contradiction(a):
        return found == Contradiction(lower, upper)
    return found == Span(lower, upper)


# -- what must not hold


@theorem("LAT-5", about=[interval_join], refuted=True)
def join_admits_what_either_admits(a: Interval, b: Interval, number: int) -> bool:
    """A join admits what either side admits: false, that would take back what was told."""
    return interval_admits(interval_join(a, b), number) or not interval_admits(a, number)


@theorem("LAT-5", about=[interval_join], refuted=True)
def agreeing_sides_never_clash(a: Interval, b: Interval) -> bool:
    """Two intervals without a contradiction join to one without: false, they may exclude."""
    is_clear = not interval_is_contradiction(a) and not interval_is_contradiction(b)
    return not is_clear or not interval_is_contradiction(interval_join(a, b))


@theorem("LAT-5", about=[], refuted=True)
def healing_joins_group_alike(a: Interval, b: Interval, c: Interval) -> bool:
    """A join may heal a clash: false, the result would depend on how the tellings are grouped."""
    one = interval_join_heals(interval_join_heals(a, b), c)
    return one == interval_join_heals(a, interval_join_heals(b, c))


@theorem("LAT-5", about=[interval_is_contradiction], refuted=True)
def equal_bounds_clash(bound: int) -> bool:
    """Two bounds that are the same number exclude each other: false, that number is left."""
    return interval_is_contradiction(Interval(Maximum(bound), Minimum(bound)))


@theorem("LAT-4", about=[], refuted=True)
def circles_group_alike(a: Maximum, b: Maximum, c: Maximum) -> bool:
    """An order that goes round joins alike however grouped: false."""
    one = maximum_join_circle(maximum_join_circle(a, b), c)
    return one == maximum_join_circle(a, maximum_join_circle(b, c))


@theorem("LAT-4", about=[maximum_tell], refuted=True)
def last_told_is_the_maximum(a: Maximum, number: int) -> bool:
    """A maximum is what it was told last: false, it may have held a greater number."""
    return maximum_tell(a, number) == Maximum(number)
