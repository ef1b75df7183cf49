"""Sets that grow, and sets whose removals are final. Rules LAT-3, LAT-8 and LAT-9."""

from loomweave.core.lattices.sets import (
    GROWING_SET_BOTTOM,
    TWO_PHASE_SET_BOTTOM,
    GrowingSet,
    TwoPhaseSet,
    growing_set_add,
    growing_set_join,
    growing_set_le,
    growing_set_value,
    two_phase_set_add,
    two_phase_set_join,
    two_phase_set_le,
    two_phase_set_remove,
    two_phase_set_value,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

# -- broken twins


def growing_join_meet(a: GrowingSet, b: GrowingSet) -> GrowingSet:
    """Take the intersection: every law of a join alone holds, and members are lost."""
    return GrowingSet(a.members & b.members)


def growing_add_alone(held: GrowingSet, member: bytes) -> GrowingSet:
    """Keep nothing but what was added last."""
    return GrowingSet(frozenset({member}))


def two_phase_join_meet(a: TwoPhaseSet, b: TwoPhaseSet) -> TwoPhaseSet:
    """Remove what both sides removed alone."""
    return TwoPhaseSet(a.added | b.added, a.removed & b.removed)


def two_phase_add_again(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Let adding take a removal back."""
    return TwoPhaseSet(held.added | frozenset({member}), held.removed - frozenset({member}))


def two_phase_remove_softly(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Take a member out of what was added."""
    return TwoPhaseSet(held.added - frozenset({member}), held.removed)


def two_phase_remove_ahead(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Bar what was never added."""
    return TwoPhaseSet(held.added, held.removed | frozenset({member}))


def two_phase_remove_nothing(held: TwoPhaseSet, member: bytes) -> TwoPhaseSet:
    """Do nothing."""
    return held


def two_phase_value_added(held: TwoPhaseSet) -> frozenset[bytes]:
    """Show all that was added."""
    return held.added


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-8",
        name="growing_set",
        contents="growing sets",
        content=GrowingSet,
        le=growing_set_le,
        join=growing_set_join,
        bottom=GROWING_SET_BOTTOM,
        beyond=GrowingSet(frozenset({b""})),
        broken={"join_is_an_upper_bound": {growing_set_join: growing_join_meet}},
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-9",
        name="two_phase_set",
        contents="two-phase sets",
        content=TwoPhaseSet,
        le=two_phase_set_le,
        join=two_phase_set_join,
        bottom=TWO_PHASE_SET_BOTTOM,
        beyond=TwoPhaseSet(frozenset({b""}), frozenset()),
        broken={"join_is_an_upper_bound": {two_phase_set_join: two_phase_join_meet}},
    )
)
# -- hypotheses


def is_removed(a: TwoPhaseSet, member: bytes) -> bool:
    """Tell that a member was removed."""
    return member in a.removed


# -- growing sets


@theorem(
    "LAT-8",
    about=[growing_set_join, growing_set_value],
    sabotage={growing_set_join: growing_join_meet},
)
def growing_join_is_the_union(a: GrowingSet, b: GrowingSet, member: bytes) -> bool:
    """The joined set shows exactly what a side shows."""
    is_shown = member in growing_set_value(growing_set_join(a, b))
    return is_shown == (member in a.members or member in b.members)


@theorem("LAT-8", about=[growing_set_add], sabotage={growing_set_add: growing_add_alone})
def growing_add_is_exact(a: GrowingSet, member: bytes, other: bytes) -> bool:
    """To add a member shows it, and changes nothing of any other."""
    is_shown = other in growing_set_value(growing_set_add(a, member))
    return is_shown == (other == member or other in growing_set_value(a))


@theorem("LAT-3", about=[growing_set_add], sabotage={growing_set_add: growing_add_alone})
def growing_add_grows(a: GrowingSet, member: bytes) -> bool:
    """To add a member never takes a growing set below what it was."""
    return growing_set_le(a, growing_set_add(a, member))


# -- two-phase sets


@theorem(
    "LAT-9", about=[two_phase_set_value], sabotage={two_phase_set_value: two_phase_value_added}
)
def two_phase_value_is_exact(a: TwoPhaseSet, member: bytes) -> bool:
    """A member shows exactly where it was added and never removed."""
    return (member in two_phase_set_value(a)) == (member in a.added and member not in a.removed)


@theorem("LAT-9", about=[two_phase_set_add], sabotage={two_phase_set_add: two_phase_add_again})
def two_phase_add_is_exact(a: TwoPhaseSet, member: bytes, other: bytes) -> bool:
    """To add a member notes it as added, and takes no removal back."""
    after = two_phase_set_add(a, member)
    return after.removed == a.removed and (other in after.added) == (
        other == member or other in a.added
    )


@theorem(
    "LAT-9", about=[two_phase_set_remove], sabotage={two_phase_set_remove: two_phase_remove_ahead}
)
def two_phase_remove_is_exact(a: TwoPhaseSet, member: bytes, other: bytes) -> bool:
    """To remove bars that member, if it was ever added, and no other."""
    after = two_phase_set_remove(a, member)
    is_barred = other in a.removed or (other == member and member in a.added)
    return after.added == a.added and (other in after.removed) == is_barred


@theorem(
    "LAT-9",
    about=[two_phase_set_remove, two_phase_set_value],
    sabotage={two_phase_set_remove: two_phase_remove_nothing},
)
def removal_hides_its_member_alone(a: TwoPhaseSet, member: bytes, other: bytes) -> bool:
    """What was removed is hidden, and nothing else is."""
    is_shown = other in two_phase_set_value(two_phase_set_remove(a, member))
    return is_shown == (other != member and other in two_phase_set_value(a))


@theorem(
    "LAT-9",
    about=[two_phase_set_add, two_phase_set_join, two_phase_set_value],
    given=is_removed,
    sabotage={two_phase_set_add: two_phase_add_again},
)
def removal_is_final(a: TwoPhaseSet, b: TwoPhaseSet, member: bytes) -> bool:
    """What was removed once does not show again, whatever is joined and added."""
    joined = two_phase_set_add(two_phase_set_join(a, b), member)
    return member not in two_phase_set_value(joined)


@theorem("LAT-3", about=[two_phase_set_add], sabotage={two_phase_set_add: two_phase_add_again})
def two_phase_add_grows(a: TwoPhaseSet, member: bytes) -> bool:
    """To add a member never takes a two-phase set below what it was."""
    return two_phase_set_le(a, two_phase_set_add(a, member))


@theorem(
    "LAT-3", about=[two_phase_set_remove], sabotage={two_phase_set_remove: two_phase_remove_softly}
)
def two_phase_remove_grows(a: TwoPhaseSet, member: bytes) -> bool:
    """To remove a member never takes a two-phase set below what it was."""
    return two_phase_set_le(a, two_phase_set_remove(a, member))


# -- what must not hold


@theorem("LAT-8", about=[], refuted=True)
def meet_of_growing_sets_loses_nothing(a: GrowingSet, b: GrowingSet) -> bool:
    """Growing sets may be joined by what they share: false, members are lost."""
    return growing_set_le(a, growing_join_meet(a, b))


@theorem("LAT-9", about=[two_phase_set_add, two_phase_set_value], refuted=True)
def added_members_always_show(a: TwoPhaseSet, member: bytes) -> bool:
    """What is added to a two-phase set shows: false of what was ever removed."""
    return member in two_phase_set_value(two_phase_set_add(a, member))


@theorem("LAT-9", about=[two_phase_set_join, two_phase_set_value], refuted=True)
def two_phase_sets_join_by_value(a: TwoPhaseSet, b: TwoPhaseSet, member: bytes) -> bool:
    """A joined two-phase set shows what a side shows: false, the other may have removed it."""
    is_shown = member in two_phase_set_value(two_phase_set_join(a, b))
    return is_shown or member not in two_phase_set_value(a)
