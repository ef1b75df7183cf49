"""The merge of two versions over what they have in common. Rules MRG-1 to MRG-5."""

from collections.abc import Mapping

from loomweave.core.lattices.register import Element, Row, Rows, field_join
from loomweave.core.version.merge3 import (
    Clean,
    Conflict,
    ConflictKind,
    Outcome,
    Pick,
    clean_row,
    conflict_kind,
    conflicts_of,
    is_same_content,
    merge3,
    merge3_row,
    merge3_rows,
    pick,
    pick_id,
)
from loomweave.laws import merge3 as laws
from loomweave_proofs.theorem import theorem

Content = Element | None

# -- broken twins


def pick_swapped(is_agreed: bool, ours_changed: bool, theirs_changed: bool) -> Pick:
    """Take the side that changed nothing."""
    if is_agreed:
        return Pick.BOTH
    if not ours_changed:
        return Pick.OURS
    return Pick.NEITHER if theirs_changed else Pick.THEIRS


def pick_ours(is_agreed: bool, ours_changed: bool, theirs_changed: bool) -> Pick:
    """Never find a conflict."""
    if is_agreed:
        return Pick.BOTH
    return Pick.OURS if ours_changed else Pick.THEIRS


def pick_for_conflict(is_agreed: bool, ours_changed: bool, theirs_changed: bool) -> Pick:
    """Always find a conflict."""
    return Pick.NEITHER


def pick_id_theirs(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> Pick:
    """Take theirs whatever changed."""
    return Pick.THEIRS


def same_element(a: Content, b: Content) -> bool:
    """Let stamp and writer count."""
    return a == b


def kind_by_ours(ours: Content, theirs: Content) -> ConflictKind:
    """Ask one side alone whether it deleted."""
    return ConflictKind.EDIT_AGAINST_DELETION if ours is None else ConflictKind.BOTH_CHANGED


def merge3_taking_ours(base: Content, ours: Content, theirs: Content) -> Outcome:
    """Keep our element where the sides agree."""
    if is_same_content(ours, theirs):
        return Clean(ours)
    return merge3(base, ours, theirs)


def merge3_made_up(base: Content, ours: Content, theirs: Content) -> Outcome:
    """Write anew what is ours."""
    if ours is None:
        return merge3(base, ours, theirs)
    return Clean(Element(ours.stamp_ns + 1, ours.value, ours.writer, ours.seq))


def merge3_by_join(base: Content, ours: Content, theirs: Content) -> Outcome:
    """Let the later write stand, without a word."""
    return Clean(field_join(ours, theirs))


def row_of_sides(base: Row, ours: Row, theirs: Row) -> Mapping[str, Outcome]:
    """Leave out what both sides deleted."""
    return {
        field: merge3(base.get(field), ours.get(field), theirs.get(field))
        for field in ours | theirs
    }


def rows_of_nothing(base: Rows, ours: Rows, theirs: Rows) -> Mapping[str, Mapping[str, Outcome]]:
    """Leave every entity out."""
    return {}


def clean_row_of_all(outcomes: Mapping[str, Outcome]) -> Row:
    """Take the base of what did not merge."""
    return {
        field: outcome.base
        for field, outcome in outcomes.items()
        if isinstance(outcome, Conflict) and outcome.base is not None
    }


def no_conflicts(outcomes: Mapping[str, Outcome]) -> Mapping[str, Conflict]:
    """Leave all conflicts out."""
    return {}


# -- the laws, as they ship


theorem("MRG-1", about=[is_same_content], sabotage={is_same_content: same_element})(
    laws.only_values_are_compared
)
theorem("MRG-1", about=[pick_id], sabotage={pick_id: pick_id_theirs})(laws.ids_are_judged_alike)
theorem("MRG-2", about=[merge3, pick], sabotage={pick: pick_for_conflict})(
    laws.unchanged_sides_change_nothing
)
theorem("MRG-2", about=[merge3, pick], sabotage={pick: pick_swapped})(laws.one_changed_side_wins)
theorem("MRG-3", about=[merge3, conflict_kind], sabotage={conflict_kind: kind_by_ours})(
    laws.conflict_is_two_changes
)
theorem("MRG-4", about=[merge3], sabotage={merge3: merge3_taking_ours})(laws.sides_can_be_exchanged)
theorem("MRG-4", about=[merge3], sabotage={merge3: merge3_made_up})(laws.nothing_is_made_up)
theorem("MRG-4", about=[merge3], sabotage={merge3: merge3_by_join})(laws.no_change_is_lost)
theorem("MRG-4", about=[merge3], sabotage={merge3: merge3_made_up})(
    laws.merging_again_changes_nothing
)
theorem("MRG-5", about=[merge3_row], sabotage={merge3_row: row_of_sides})(
    laws.rows_have_the_fields_of_all
)
theorem("MRG-5", about=[clean_row, conflicts_of], sabotage={conflicts_of: no_conflicts})(
    laws.rows_merge_by_field
)
theorem("MRG-5", about=[merge3_row], sabotage={pick: pick_for_conflict})(
    laws.apart_means_no_conflict
)
theorem("MRG-5", about=[merge3_rows], sabotage={merge3_rows: rows_of_nothing})(
    laws.graphs_merge_by_entity
)
# -- hypotheses


def is_untouched_by_us(base: Content, ours: Content) -> bool:
    """Tell that our side shows what the base shows."""
    return is_same_content(base, ours)


# -- each function, exactly


@theorem("MRG-2", about=[pick], sabotage={pick: pick_ours})
def pick_is_exact(is_agreed: bool, ours_changed: bool, theirs_changed: bool) -> bool:
    """Agreed sides are both taken, a side that alone changed wins, and two changes conflict."""
    found = pick(is_agreed, ours_changed, theirs_changed)
    return (
        (found is Pick.BOTH) == is_agreed
        and (found is Pick.THEIRS) == (not is_agreed and not ours_changed)
        and (found is Pick.OURS) == (not is_agreed and ours_changed and not theirs_changed)
        and (found is Pick.NEITHER) == (not is_agreed and ours_changed and theirs_changed)
    )


@theorem("MRG-1", about=[pick_id], sabotage={pick_id: pick_id_theirs})
def picking_ids_is_exact(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> bool:
    """Ids are picked by what is the same among them."""
    return pick_id(base, ours, theirs) is pick(ours == theirs, ours != base, theirs != base)


@theorem("MRG-1", about=[is_same_content], sabotage={is_same_content: same_element})
def sameness_is_an_equivalence(a: Content, b: Content, c: Content) -> bool:
    """To show the same is reflexive, symmetric and transitive."""
    is_transitive = not (is_same_content(a, b) and is_same_content(b, c)) or is_same_content(a, c)
    is_symmetric = is_same_content(a, b) == is_same_content(b, a)
    is_coarser = a is None or is_same_content(a, Element(a.stamp_ns + 1, a.value, b"", a.seq))
    return is_same_content(a, a) and is_symmetric and is_transitive and is_coarser


@theorem("MRG-3", about=[conflict_kind], sabotage={conflict_kind: kind_by_ours})
def conflict_kind_is_exact(ours: Content, theirs: Content) -> bool:
    """A conflict with a side that is absent is one of an edit against a deletion."""
    is_deletion = ours is None or theirs is None
    found = conflict_kind(ours, theirs)
    return found is (
        ConflictKind.EDIT_AGAINST_DELETION if is_deletion else ConflictKind.BOTH_CHANGED
    )


@theorem("MRG-2", about=[merge3], sabotage={merge3: merge3_taking_ours})
def agreed_sides_give_the_greater(base: Content, ours: Content, theirs: Content) -> bool:
    """Where the sides show the same, the join of both elements stands, whatever the base."""
    if not is_same_content(ours, theirs):
        return True
    return merge3(base, ours, theirs) == Clean(field_join(ours, theirs))


@theorem("MRG-2", about=[merge3], given=is_untouched_by_us, sabotage={pick: pick_swapped})
def untouched_sides_give_way(base: Content, ours: Content, theirs: Content) -> bool:
    """What they changed and we did not is theirs."""
    is_theirs = merge3(base, ours, theirs) == Clean(theirs)
    return is_same_content(ours, theirs) or is_theirs


@theorem("MRG-4", about=[merge3], sabotage={merge3: merge3_made_up})
def merging_back_changes_nothing(base: Content, ours: Content, theirs: Content) -> bool:
    """A clean result taken by both sides is clean again, and the same."""
    outcome = merge3(base, ours, theirs)
    if isinstance(outcome, Conflict):
        return True
    return merge3(base, outcome.content, outcome.content) == outcome


@theorem("MRG-5", about=[clean_row], sabotage={clean_row: clean_row_of_all})
def clean_row_is_exact(outcomes: Mapping[str, Outcome], field: str) -> bool:
    """A clean row holds the contents that merged, and no field that merged to nothing."""
    outcome = outcomes.get(field)
    found = clean_row(outcomes).get(field)
    return found == (outcome.content if isinstance(outcome, Clean) else None)


@theorem("MRG-5", about=[conflicts_of], sabotage={conflicts_of: no_conflicts})
def conflicts_are_exact(outcomes: Mapping[str, Outcome], field: str) -> bool:
    """The conflicts of a row are its outcomes that did not merge."""
    outcome = outcomes.get(field)
    found = conflicts_of(outcomes).get(field)
    return found == (outcome if isinstance(outcome, Conflict) else None)


@theorem("MRG-5", about=[merge3_row], sabotage={merge3_row: row_of_sides})
def rows_can_be_exchanged(base: Row, ours: Row, theirs: Row, field: str) -> bool:
    """Rows merge alike from either side, with the sides of conflicts exchanged."""
    outcome = merge3_row(base, ours, theirs).get(field)
    other = merge3_row(base, theirs, ours).get(field)
    if outcome is None or other is None:
        return outcome is None and other is None and field not in base
    return other == laws.exchanged(outcome)


# -- what must not hold


@theorem("MRG-3", about=[merge3], refuted=True)
def everything_merges(base: Content, ours: Content, theirs: Content) -> bool:
    """Any two versions merge without a conflict: false where both changed a field."""
    return isinstance(merge3(base, ours, theirs), Clean)


@theorem("MRG-4", about=[], refuted=True)
def later_write_loses_nothing(base: Content, ours: Content, theirs: Content) -> bool:
    """The later write may stand without a word: false, the other side's change is lost."""
    outcome = merge3_by_join(base, ours, theirs)
    if isinstance(outcome, Conflict):
        return True
    return is_same_content(base, theirs) or is_same_content(theirs, outcome.content)


@theorem("MRG-1", about=[is_same_content], refuted=True)
def same_content_is_the_same_element(a: Content, b: Content) -> bool:
    """What shows the same is the same element: false, two may have written it."""
    return not is_same_content(a, b) or a == b
