"""Sets whose removals undo the addings that they saw. Rules LAT-3, LAT-6 and LAT-10."""

from loomweave.core.lattices.dots import Dot
from loomweave.core.lattices.sets import (
    OBSERVED_SET_BOTTOM,
    Entry,
    ObservedSet,
    observed_set_add,
    observed_set_has,
    observed_set_is_sound,
    observed_set_join,
    observed_set_le,
    observed_set_remove,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

# -- broken twins


def observed_join_union(a: ObservedSet, b: ObservedSet) -> ObservedSet:
    """Revive what one side removed."""
    return ObservedSet(a.entries | b.entries, a.seen | b.seen)


def observed_join_meet(a: ObservedSet, b: ObservedSet) -> ObservedSet:
    """Keep what both hold alone."""
    return ObservedSet(a.entries & b.entries, a.seen | b.seen)


def observed_join_unseen(a: ObservedSet, b: ObservedSet) -> ObservedSet:
    """Forget to note what one side alone saw."""
    return ObservedSet(observed_set_join(a, b).entries, a.seen & b.seen)


def observed_join_extra(a: ObservedSet, b: ObservedSet) -> ObservedSet:
    """Make an adding up."""
    return ObservedSet(frozenset({Entry(b"", Dot(b"", 1))}), a.seen | b.seen)


def observed_add_again(held: ObservedSet, member: bytes, dot: Dot) -> ObservedSet:
    """Let an old dot count anew."""
    return ObservedSet(held.entries | frozenset({Entry(member, dot)}), held.seen | frozenset({dot}))


def observed_add_unseen(held: ObservedSet, member: bytes, dot: Dot) -> ObservedSet:
    """Forget to note the dot."""
    return ObservedSet(held.entries | frozenset({Entry(member, dot)}), held.seen)


def observed_add_beside(held: ObservedSet, member: bytes, dot: Dot) -> ObservedSet:
    """Keep earlier addings of the member."""
    return held if dot in held.seen else observed_add_again(held, member, dot)


def observed_add_nothing(held: ObservedSet, member: bytes, dot: Dot) -> ObservedSet:
    """Note the dot and not the member."""
    return ObservedSet(held.entries, held.seen | frozenset({dot}))


def observed_remove_all(held: ObservedSet, member: bytes) -> ObservedSet:
    """Remove all members."""
    return ObservedSet(frozenset(), held.seen)


def observed_remove_forgetful(held: ObservedSet, member: bytes) -> ObservedSet:
    """Forget what was seen."""
    others = frozenset({entry for entry in held.entries if entry.member != member})
    return ObservedSet(others, frozenset())


def observed_remove_nothing(held: ObservedSet, member: bytes) -> ObservedSet:
    """Do nothing."""
    return held


def observed_has_seen(held: ObservedSet, member: bytes) -> bool:
    """Take any adding for one of the member."""
    return any(entry.dot in held.seen for entry in held.entries)


def always_sound(held: ObservedSet) -> bool:
    """Take everything for sound."""
    return True


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-10",
        name="observed_set",
        contents="observed-remove sets",
        content=ObservedSet,
        le=observed_set_le,
        join=observed_set_join,
        bottom=OBSERVED_SET_BOTTOM,
        beyond=ObservedSet(frozenset(), frozenset({Dot(b"", 1)})),
        broken={
            "join_is_an_upper_bound": {observed_set_join: observed_join_union},
            "order_is_what_the_join_says": {observed_set_join: observed_join_unseen},
            "bottom_is_least": {observed_set_join: observed_join_meet},
        },
    )
)

# -- hypotheses


def is_sound(a: ObservedSet) -> bool:
    """Tell that all that is held was seen."""
    return observed_set_is_sound(a)


def both_are_sound(a: ObservedSet, b: ObservedSet) -> bool:
    """Tell that all that either side holds was seen by it."""
    return observed_set_is_sound(a) and observed_set_is_sound(b)


def is_new(a: ObservedSet, b: ObservedSet, dot: Dot) -> bool:
    """Tell that neither side saw a dot."""
    return dot not in a.seen and dot not in b.seen


def has_heard(a: ObservedSet, b: ObservedSet) -> bool:
    """Tell that the first side knows all that the second, a sound one, knows."""
    return observed_set_le(b, a) and observed_set_is_sound(b)


# -- operations


@theorem("LAT-10", about=[observed_set_has], sabotage={observed_set_has: observed_has_seen})
def has_is_exact(held: ObservedSet, entry: Entry, member: bytes) -> bool:
    """A set has a member exactly where it holds an adding of it."""
    with_entry = ObservedSet(held.entries | frozenset({entry}), held.seen)
    return observed_set_has(with_entry, member) == (
        entry.member == member or observed_set_has(held, member)
    ) and not observed_set_has(OBSERVED_SET_BOTTOM, member)


@theorem("LAT-10", about=[observed_set_is_sound], sabotage={observed_set_is_sound: always_sound})
def observed_soundness_is_exact(entry: Entry, dot: Dot) -> bool:
    """A set is sound exactly where the dot of each adding that it holds was seen."""
    held = ObservedSet(frozenset({entry}), frozenset({dot}))
    return observed_set_is_sound(held) == (entry.dot == dot)


@theorem("LAT-10", about=[observed_set_join], sabotage={observed_set_join: observed_join_union})
def held_after_a_join_is_exact(a: ObservedSet, b: ObservedSet, entry: Entry) -> bool:
    """An adding is held in the join where a side holds it, and no side saw it and let it go."""
    is_held = entry in a.entries or entry in b.entries
    is_undone = (entry.dot in a.seen and entry not in a.entries) or (
        entry.dot in b.seen and entry not in b.entries
    )
    return (entry in observed_set_join(a, b).entries) == (is_held and not is_undone)


@theorem("LAT-10", about=[observed_set_join], sabotage={observed_set_join: observed_join_unseen})
def observed_seen_after_a_join_is_exact(a: ObservedSet, b: ObservedSet, dot: Dot) -> bool:
    """A join has seen exactly what a side saw."""
    return (dot in observed_set_join(a, b).seen) == (dot in a.seen or dot in b.seen)


@theorem(
    "LAT-10",
    about=[observed_set_join],
    given=both_are_sound,
    sabotage={observed_set_join: observed_join_extra},
)
def observed_joins_stay_sound(a: ObservedSet, b: ObservedSet) -> bool:
    """The join of two sound sets is sound."""
    return observed_set_is_sound(observed_set_join(a, b))


@theorem("LAT-10", about=[observed_set_add], sabotage={observed_set_add: observed_add_beside})
def observed_add_is_exact(a: ObservedSet, member: bytes, dot: Dot, entry: Entry) -> bool:
    """A new dot stands for the member's earlier addings and leaves those of others as they are."""
    after = observed_set_add(a, member, dot)
    if dot in a.seen:
        return after == a
    is_kept = entry.member != member and entry in a.entries
    is_held = is_kept or entry == Entry(member, dot)
    return (entry in after.entries) == is_held and after.seen == a.seen | frozenset({dot})


@theorem("LAT-6", about=[observed_set_add], sabotage={observed_set_add: observed_add_unseen})
def adding_again_does_nothing(a: ObservedSet, member: bytes, dot: Dot) -> bool:
    """An adding that comes twice is added once."""
    once = observed_set_add(a, member, dot)
    return dot in once.seen and observed_set_add(once, member, dot) == once


@theorem(
    "LAT-10",
    about=[observed_set_add, observed_set_has],
    sabotage={observed_set_add: observed_add_nothing},
)
def added_members_show(a: ObservedSet, member: bytes, dot: Dot) -> bool:
    """A member added under a new dot shows at once."""
    return dot in a.seen or observed_set_has(observed_set_add(a, member, dot), member)


@theorem(
    "LAT-3",
    about=[observed_set_add],
    given=is_sound,
    sabotage={observed_set_add: observed_add_again},
)
def observed_add_grows(a: ObservedSet, member: bytes, dot: Dot) -> bool:
    """To add never takes a sound set below what it was, and leaves it sound."""
    after = observed_set_add(a, member, dot)
    return observed_set_le(a, after) and observed_set_is_sound(after)


@theorem("LAT-10", about=[observed_set_remove], sabotage={observed_set_remove: observed_remove_all})
def observed_remove_is_exact(a: ObservedSet, member: bytes, entry: Entry) -> bool:
    """To remove undoes the addings of that member that are held here, and forgets none."""
    after = observed_set_remove(a, member)
    is_kept = entry in a.entries and entry.member != member
    return (entry in after.entries) == is_kept and after.seen == a.seen


@theorem(
    "LAT-3",
    about=[observed_set_remove],
    given=is_sound,
    sabotage={observed_set_remove: observed_remove_forgetful},
)
def observed_remove_grows(a: ObservedSet, member: bytes) -> bool:
    """To remove never takes a sound set below what it was, and leaves it sound."""
    after = observed_set_remove(a, member)
    return observed_set_le(a, after) and observed_set_is_sound(after)


@theorem(
    "LAT-10",
    about=[observed_set_add, observed_set_remove, observed_set_join, observed_set_has],
    given=is_new,
    sabotage={observed_set_join: observed_join_meet},
)
def adding_wins(a: ObservedSet, b: ObservedSet, member: bytes, dot: Dot) -> bool:
    """An adding wins over a removal that did not see it."""
    joined = observed_set_join(observed_set_add(a, member, dot), observed_set_remove(b, member))
    return observed_set_has(joined, member)


@theorem(
    "LAT-10",
    about=[observed_set_remove, observed_set_join, observed_set_has],
    given=has_heard,
    sabotage={observed_set_remove: observed_remove_forgetful},
)
def observed_removal_stays(a: ObservedSet, b: ObservedSet, member: bytes) -> bool:
    """What was removed after hearing of the other side does not come back from there."""
    return not observed_set_has(observed_set_join(observed_set_remove(a, member), b), member)


@theorem(
    "LAT-10",
    about=[observed_set_join, observed_set_has],
    sabotage={observed_set_join: observed_join_extra},
)
def nothing_is_invented(a: ObservedSet, b: ObservedSet, member: bytes) -> bool:
    """A joined set shows nothing that neither side showed."""
    is_shown = observed_set_has(observed_set_join(a, b), member)
    return not is_shown or observed_set_has(a, member) or observed_set_has(b, member)


# -- what must not hold


@theorem("LAT-10", about=[observed_set_join, observed_set_has], refuted=True)
def observed_sets_join_by_value(a: ObservedSet, b: ObservedSet, member: bytes) -> bool:
    """A joined set shows what a side shows: false, the other side may have removed it."""
    is_shown = observed_set_has(observed_set_join(a, b), member)
    return is_shown == (observed_set_has(a, member) or observed_set_has(b, member))


@theorem("LAT-10", about=[observed_set_add, observed_set_remove, observed_set_join], refuted=True)
def removing_wins(a: ObservedSet, b: ObservedSet, member: bytes, dot: Dot) -> bool:
    """A removal wins over an adding elsewhere: false of one that it did not see."""
    joined = observed_set_join(observed_set_add(a, member, dot), observed_set_remove(b, member))
    return not observed_set_has(joined, member)


@theorem("LAT-10", about=[observed_set_remove], refuted=True)
def removal_needs_no_memory(a: ObservedSet, member: bytes) -> bool:
    """To remove may forget the dots: false, the members come back from who did not hear."""
    after = observed_remove_forgetful(a, member)
    return observed_set_join(after, a) == observed_set_join(observed_set_remove(a, member), a)
