"""Dots, and the flags made of them. Rules LAT-3, LAT-6, LAT-7, LAT-13 and LAT-14."""

from loomweave.core.lattices.dots import (
    DOTS_BOTTOM,
    Dot,
    Dots,
    dots_are_sound,
    dots_clear,
    dots_join,
    dots_le,
    dots_put,
)
from loomweave.core.lattices.flags import (
    DISABLE_WINS_BOTTOM,
    ENABLE_WINS_BOTTOM,
    DisableWins,
    EnableWins,
    disable_wins_disable,
    disable_wins_enable,
    disable_wins_join,
    disable_wins_le,
    disable_wins_value,
    enable_wins_disable,
    enable_wins_enable,
    enable_wins_join,
    enable_wins_le,
    enable_wins_value,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

A_DOT = Dot(b"", 1)

# -- broken twins


def dots_join_union(a: Dots, b: Dots) -> Dots:
    """Revive what one side undid."""
    return Dots(a.live | b.live, a.seen | b.seen)


def dots_join_both(a: Dots, b: Dots) -> Dots:
    """Keep what both hold alone, so that the undoing wins over what is new."""
    return Dots(a.live & b.live, a.seen | b.seen)


def dots_join_first(a: Dots, b: Dots) -> Dots:
    """Keep what is there."""
    return a


def dots_join_unseen(a: Dots, b: Dots) -> Dots:
    """Forget to note what the other side saw."""
    return Dots(a.live | b.live, a.seen)


def dots_put_again(dots: Dots, dot: Dot) -> Dots:
    """Let an old dot count anew."""
    return Dots(frozenset({dot}), dots.seen | frozenset({dot}))


def dots_put_unseen(dots: Dots, dot: Dot) -> Dots:
    """Forget to note the dot."""
    return dots if dot in dots.seen else Dots(frozenset({dot}), dots.seen)


def dots_put_beside(dots: Dots, dot: Dot) -> Dots:
    """Keep what the write should stand for."""
    if dot in dots.seen:
        return dots
    return Dots(dots.live | frozenset({dot}), dots.seen | frozenset({dot}))


def dots_clear_forgetful(dots: Dots) -> Dots:
    """Forget what was seen."""
    return Dots(frozenset(), frozenset())


def always_sound(dots: Dots) -> bool:
    """Take everything for sound."""
    return True


def enable_join_by_value(a: EnableWins, b: EnableWins) -> EnableWins:
    """Take the side that is on."""
    return a if a.enables.live != frozenset() else b


def disable_join_by_value(a: DisableWins, b: DisableWins) -> DisableWins:
    """Take the side that is off."""
    return a if a.disables.live != frozenset() else b


def enable_undone(flag: EnableWins, dot: Dot) -> EnableWins:
    """Let the enabling be forgotten."""
    return EnableWins(dots_clear(flag.enables))


def disable_undone(flag: DisableWins, dot: Dot) -> DisableWins:
    """Let the disabling be forgotten."""
    return DisableWins(dots_clear(flag.disables))


def enable_value_by_seen(flag: EnableWins) -> bool:
    """Take what was ever enabled for on."""
    return flag.enables.seen != frozenset()


def disable_value_by_seen(flag: DisableWins) -> bool:
    """Take what was ever disabled for off."""
    return flag.disables.seen == frozenset()


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-7",
        name="dots",
        contents="contents by dots",
        content=Dots,
        le=dots_le,
        join=dots_join,
        bottom=DOTS_BOTTOM,
        beyond=Dots(frozenset({A_DOT}), frozenset({A_DOT})),
        broken={
            "join_is_an_upper_bound": {dots_join: dots_join_union},
            "join_is_the_least": {dots_join: dots_join_both},
            "bottom_is_least": {dots_join: dots_join_both},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-13",
        name="enable_wins",
        contents="flags that enabling wins",
        content=EnableWins,
        le=enable_wins_le,
        join=enable_wins_join,
        bottom=ENABLE_WINS_BOTTOM,
        beyond=EnableWins(Dots(frozenset({A_DOT}), frozenset({A_DOT}))),
        broken={"join_is_commutative": {enable_wins_join: enable_join_by_value}},
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-14",
        name="disable_wins",
        contents="flags that disabling wins",
        content=DisableWins,
        le=disable_wins_le,
        join=disable_wins_join,
        bottom=DISABLE_WINS_BOTTOM,
        beyond=DisableWins(Dots(frozenset({A_DOT}), frozenset({A_DOT}))),
        broken={"join_is_commutative": {disable_wins_join: disable_join_by_value}},
    )
)

# -- hypotheses


def is_sound(a: Dots) -> bool:
    """Tell that all that is held was seen."""
    return dots_are_sound(a)


def other_is_sound(b: Dots) -> bool:
    """Tell that all that the other side holds was seen by it."""
    return dots_are_sound(b)


def both_are_sound(a: Dots, b: Dots) -> bool:
    """Tell that all that either side holds was seen by it."""
    return dots_are_sound(a) and dots_are_sound(b)


def is_new_to_enables(a: EnableWins, b: EnableWins, dot: Dot) -> bool:
    """Tell that neither flag saw a dot."""
    return dot not in a.enables.seen and dot not in b.enables.seen


def is_new_to_disables(a: DisableWins, b: DisableWins, dot: Dot) -> bool:
    """Tell that neither flag saw a dot."""
    return dot not in a.disables.seen and dot not in b.disables.seen


# -- dots


@theorem("LAT-7", about=[dots_are_sound], sabotage={dots_are_sound: always_sound})
def soundness_is_exact(live: Dot, seen: Dot) -> bool:
    """A content is sound exactly where each dot that is live was seen."""
    return dots_are_sound(Dots(frozenset({live}), frozenset({seen}))) == (live == seen)


@theorem("LAT-7", about=[dots_join], sabotage={dots_join: dots_join_union})
def live_after_a_join_is_exact(a: Dots, b: Dots, dot: Dot) -> bool:
    """A dot is live in the join where a side holds it, and no side saw it and let it go."""
    is_held = dot in a.live or dot in b.live
    is_undone = (dot in a.seen and dot not in a.live) or (dot in b.seen and dot not in b.live)
    return (dot in dots_join(a, b).live) == (is_held and not is_undone)


@theorem("LAT-7", about=[dots_join], sabotage={dots_join: dots_join_first})
def seen_after_a_join_is_exact(a: Dots, b: Dots, dot: Dot) -> bool:
    """A join has seen exactly what a side saw."""
    return (dot in dots_join(a, b).seen) == (dot in a.seen or dot in b.seen)


@theorem("LAT-7", about=[dots_join], given=both_are_sound, sabotage={dots_join: dots_join_unseen})
def joins_stay_sound(a: Dots, b: Dots) -> bool:
    """The join of two sound contents is sound."""
    return dots_are_sound(dots_join(a, b))


@theorem("LAT-6", about=[dots_put], sabotage={dots_put: dots_put_beside})
def put_is_exact(a: Dots, dot: Dot) -> bool:
    """A new dot stands for all that was live, and is seen; one seen before does nothing."""
    if dot in a.seen:
        return dots_put(a, dot) == a
    return dots_put(a, dot) == Dots(frozenset({dot}), a.seen | frozenset({dot}))


@theorem("LAT-6", about=[dots_put], sabotage={dots_put: dots_put_unseen})
def putting_again_does_nothing(a: Dots, dot: Dot) -> bool:
    """A dot put twice is put once."""
    once = dots_put(a, dot)
    return dot in once.seen and dots_put(once, dot) == once


@theorem("LAT-3", about=[dots_put], given=is_sound, sabotage={dots_put: dots_put_again})
def putting_grows(a: Dots, dot: Dot) -> bool:
    """To put a dot never takes a sound content below what it was, and leaves it sound."""
    after = dots_put(a, dot)
    return dots_le(a, after) and dots_are_sound(after)


@theorem("LAT-7", about=[dots_clear], sabotage={dots_clear: dots_clear_forgetful})
def clear_is_exact(a: Dots) -> bool:
    """To clear leaves nothing live, and forgets nothing that was seen."""
    return dots_clear(a) == Dots(frozenset(), a.seen)


@theorem("LAT-3", about=[dots_clear], given=is_sound, sabotage={dots_clear: dots_clear_forgetful})
def clearing_grows(a: Dots) -> bool:
    """To clear never takes a sound content below what it was."""
    return dots_le(a, dots_clear(a))


@theorem(
    "LAT-7", about=[dots_clear], given=other_is_sound, sabotage={dots_clear: dots_clear_forgetful}
)
def undoing_reaches_all_that_was_seen(a: Dots, b: Dots) -> bool:
    """What was cleared after hearing of the other side does not come back from there."""
    return dots_join(dots_clear(dots_join(a, b)), b).live == frozenset()


# -- flags


@theorem("LAT-13", about=[enable_wins_value], sabotage={enable_wins_value: enable_value_by_seen})
def enable_value_is_exact(a: EnableWins, dot: Dot) -> bool:
    """The flag is on exactly where an enabling is live; at first it is off."""
    is_on = a.enables.live != frozenset()
    return enable_wins_value(a) == is_on and not enable_wins_value(ENABLE_WINS_BOTTOM)


@theorem("LAT-14", about=[disable_wins_value], sabotage={disable_wins_value: disable_value_by_seen})
def disable_value_is_exact(a: DisableWins, dot: Dot) -> bool:
    """The flag is on exactly where no disabling is live; at first it is on."""
    is_on = a.disables.live == frozenset()
    return disable_wins_value(a) == is_on and disable_wins_value(DISABLE_WINS_BOTTOM)


@theorem("LAT-13", about=[enable_wins_enable], sabotage={enable_wins_enable: enable_undone})
def enabling_is_putting_a_dot(a: EnableWins, dot: Dot) -> bool:
    """To enable is to put a dot among the enablings, and to know it from then on."""
    return enable_wins_enable(a, dot) == EnableWins(dots_put(a.enables, dot))


@theorem("LAT-14", about=[disable_wins_disable], sabotage={disable_wins_disable: disable_undone})
def disabling_is_putting_a_dot(a: DisableWins, dot: Dot) -> bool:
    """To disable is to put a dot among the disablings, and to know it from then on."""
    return disable_wins_disable(a, dot) == DisableWins(dots_put(a.disables, dot))


@theorem("LAT-13", about=[enable_wins_disable], sabotage={dots_clear: dots_clear_forgetful})
def disabling_undoes_what_is_seen(a: EnableWins) -> bool:
    """To disable leaves the flag off, and forgets no enabling."""
    after = enable_wins_disable(a)
    return not enable_wins_value(after) and after.enables.seen == a.enables.seen


@theorem("LAT-14", about=[disable_wins_enable], sabotage={dots_clear: dots_clear_forgetful})
def enabling_undoes_what_is_seen(a: DisableWins) -> bool:
    """To enable leaves the flag on, and forgets no disabling."""
    after = disable_wins_enable(a)
    return disable_wins_value(after) and after.disables.seen == a.disables.seen


@theorem(
    "LAT-13",
    about=[enable_wins_enable, enable_wins_disable, enable_wins_join, enable_wins_value],
    given=is_new_to_enables,
    sabotage={dots_join: dots_join_both},
)
def enabling_wins(a: EnableWins, b: EnableWins, dot: Dot) -> bool:
    """An enabling wins over a disabling that did not see it."""
    return enable_wins_value(enable_wins_join(enable_wins_enable(a, dot), enable_wins_disable(b)))


@theorem(
    "LAT-14",
    about=[disable_wins_disable, disable_wins_enable, disable_wins_join, disable_wins_value],
    given=is_new_to_disables,
    sabotage={dots_join: dots_join_both},
)
def disabling_wins(a: DisableWins, b: DisableWins, dot: Dot) -> bool:
    """A disabling wins over an enabling that did not see it."""
    joined = disable_wins_join(disable_wins_disable(a, dot), disable_wins_enable(b))
    return not disable_wins_value(joined)


# -- what must not hold


@theorem("LAT-3", about=[dots_clear], refuted=True)
def clearing_grows_anything(a: Dots) -> bool:
    """To clear grows whatever is held: false of a dot held and not seen, which nobody has."""
    return dots_le(a, dots_clear(a))


@theorem("LAT-7", about=[dots_clear], refuted=True)
def undoing_needs_no_memory(a: Dots, dot: Dot) -> bool:
    """To clear may forget the dots: false, what was undone comes back from who did not hear."""
    put = dots_put(a, dot)
    return dots_join(dots_clear_forgetful(put), a) == dots_join(dots_clear(put), a)


@theorem("LAT-13", about=[enable_wins_value, enable_wins_join], refuted=True)
def enable_flags_join_by_value(a: EnableWins, b: EnableWins) -> bool:
    """The joined flag is on where a side is on: false, the other side may have undone it."""
    is_either = enable_wins_value(a) or enable_wins_value(b)
    return enable_wins_value(enable_wins_join(a, b)) == is_either


@theorem("LAT-14", about=[disable_wins_value, disable_wins_join], refuted=True)
def disable_flags_join_by_value(a: DisableWins, b: DisableWins) -> bool:
    """The joined flag is off where a side is off: false, the other side may have undone it."""
    is_both = disable_wins_value(a) and disable_wins_value(b)
    return disable_wins_value(disable_wins_join(a, b)) == is_both


@theorem("LAT-13", about=[enable_wins_enable], refuted=True)
def enabling_always_enables(a: EnableWins, dot: Dot) -> bool:
    """Whoever enables has the flag on: false with an old dot, which does nothing."""
    return enable_wins_value(enable_wins_enable(a, dot))
