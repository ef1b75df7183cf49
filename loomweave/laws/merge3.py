"""What a three-way merge promises. Spec: chapter MRG."""

from loomweave.core.lattices.register import Element, Row, Rows
from loomweave.core.values import is_same
from loomweave.core.version.merge3 import (
    Claim,
    Clean,
    Conflict,
    ConflictKind,
    Life,
    Outcome,
    Pick,
    Strategy,
    clean_row,
    conflicts_of,
    edge_conflict,
    is_same_content,
    merge3,
    merge3_row,
    merge3_rows,
    merged_life,
    pick_id,
    resolve,
    settle,
)

Content = Element | None


def exchanged(outcome: Outcome) -> Outcome:
    """Exchange the sides of an outcome. Spec: MRG-4."""
    if isinstance(outcome, Clean):
        return outcome
    return Conflict(outcome.base, outcome.theirs, outcome.ours, outcome.kind)


def only_values_are_compared(a: Content, b: Content) -> bool:
    """MRG-1: writer, stamp and number play no part; nothing is the same as nothing. Spec: MRG-1."""
    if a is None or b is None:
        return is_same_content(a, b) == (a is None and b is None)
    return is_same_content(a, b) == is_same(a.value, b.value)


def unchanged_sides_change_nothing(base: Content) -> bool:
    """MRG-2: three times the same is clean. Spec: MRG-2."""
    return merge3(base, base, base) == Clean(base)


def one_changed_side_wins(base: Content, side: Content) -> bool:
    """MRG-2: against an unchanged side, the other one is the result. Spec: MRG-2."""
    if is_same_content(base, side):
        return True
    return merge3(base, base, side) == Clean(side) == merge3(base, side, base)


def sides_can_be_exchanged(base: Content, ours: Content, theirs: Content) -> bool:
    """MRG-4: nobody is favoured. Spec: MRG-4."""
    return merge3(base, theirs, ours) == exchanged(merge3(base, ours, theirs))


def conflict_is_two_changes(base: Content, ours: Content, theirs: Content) -> bool:
    """MRG-3: conflict exactly where both changed and differ; it carries all three. Spec: MRG-3."""
    outcome = merge3(base, ours, theirs)
    has_two = not (
        is_same_content(base, ours)
        or is_same_content(base, theirs)
        or is_same_content(ours, theirs)
    )
    if not isinstance(outcome, Conflict):
        return not has_two
    is_deletion = ours is None or theirs is None
    wanted = ConflictKind.EDIT_AGAINST_DELETION if is_deletion else ConflictKind.BOTH_CHANGED
    return has_two and outcome == Conflict(base, ours, theirs, wanted)


def nothing_is_made_up(base: Content, ours: Content, theirs: Content) -> bool:
    """MRG-4: the result is one of the contents. Spec: MRG-4."""
    outcome = merge3(base, ours, theirs)
    return isinstance(outcome, Conflict) or outcome.content in (base, ours, theirs)


def no_change_is_lost(base: Content, ours: Content, theirs: Content) -> bool:
    """MRG-4: a clean result shows what each changed side shows. Spec: MRG-4."""
    outcome = merge3(base, ours, theirs)
    if isinstance(outcome, Conflict):
        return True
    is_ours_kept = is_same_content(ours, base) or is_same_content(ours, outcome.content)
    is_theirs_kept = is_same_content(theirs, base) or is_same_content(theirs, outcome.content)
    return is_ours_kept and is_theirs_kept


def merging_again_changes_nothing(base: Content, ours: Content, theirs: Content) -> bool:
    """MRG-4: a clean result merged with either side stays. Spec: MRG-4."""
    outcome = merge3(base, ours, theirs)
    return isinstance(outcome, Conflict) or (
        merge3(base, outcome.content, theirs) == outcome == merge3(base, ours, outcome.content)
    )


def ids_are_judged_alike(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> bool:
    """MRG-1: the pick among ids says what a clean merge ends with. Spec: MRG-1, MRG-2."""
    found = pick_id(base, ours, theirs)
    is_conflict = ours != theirs and base not in (ours, theirs)
    if is_conflict or found is Pick.NEITHER:
        return is_conflict and found is Pick.NEITHER
    result = theirs if found is Pick.THEIRS else ours
    return ours in (base, result) and theirs in (base, result)


def rows_have_the_fields_of_all(base: Row, ours: Row, theirs: Row, field: str) -> bool:
    """MRG-5: a field has an outcome exactly if a version has it. Spec: MRG-5."""
    outcome = merge3_row(base, ours, theirs).get(field)
    if field not in base | ours | theirs:
        return outcome is None
    return outcome == merge3(base.get(field), ours.get(field), theirs.get(field))


def rows_merge_by_field(base: Row, ours: Row, theirs: Row, field: str) -> bool:
    """MRG-5: split into what merged and what did not, without remainder. Spec: MRG-5."""
    outcomes = merge3_row(base, ours, theirs)
    outcome = merge3(base.get(field), ours.get(field), theirs.get(field))
    clean, conflicts = clean_row(outcomes), conflicts_of(outcomes)
    if isinstance(outcome, Conflict):
        return field not in clean and conflicts.get(field) == outcome
    return field not in conflicts and clean.get(field) == outcome.content


def apart_means_no_conflict(base: Row, ours: Row, theirs: Row) -> bool:
    """MRG-5: changes of different fields never conflict. Spec: MRG-5."""
    outcomes = merge3_row(base, ours, theirs)
    return all(
        isinstance(outcomes[field], Clean)
        for field in outcomes
        if is_same_content(base.get(field), ours.get(field))
        or is_same_content(base.get(field), theirs.get(field))
    )


def graphs_merge_by_entity(base: Rows, ours: Rows, theirs: Rows, entity: str) -> bool:
    """MRG-5: pointwise for entities too. Spec: MRG-5."""
    merged = merge3_rows(base, ours, theirs)
    if entity not in base | ours | theirs:
        return entity not in merged
    row = merge3_row(base.get(entity, {}), ours.get(entity, {}), theirs.get(entity, {}))
    return merged.get(entity) == row


def settling_chooses_a_side(
    conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim
) -> bool:
    """MRG-6: total, and one of the two contents. Spec: MRG-6."""
    chosen = resolve(conflict, strategy, ours, theirs)
    is_clean_kept = settle(Clean(chosen), strategy, ours, theirs) == chosen
    is_settled = settle(conflict, strategy, ours, theirs) == chosen
    return is_clean_kept and is_settled and chosen in (conflict.ours, conflict.theirs)


def later_claim_wins(conflict: Conflict, ours: Claim, theirs: Claim) -> bool:
    """MRG-6: of two versions the greater, of two stamps the later, of two commits. Spec: MRG-6."""
    last = resolve(conflict, Strategy.LAST_WRITE_WINS, ours, theirs)
    highest = resolve(conflict, Strategy.HIGHEST_VERSION, ours, theirs)
    is_later = (ours.stamp_ns, ours.commit) > (theirs.stamp_ns, theirs.commit)
    is_last_right = not is_later or last == conflict.ours
    if ours.version == theirs.version:
        return is_last_right and highest == last
    return is_last_right and (ours.version < theirs.version or highest == conflict.ours)


def sides_are_taken_as_named(conflict: Conflict, ours: Claim, theirs: Claim) -> bool:
    """MRG-6: two of the strategies take a side whatever it claims. Spec: MRG-6."""
    is_ours = resolve(conflict, Strategy.OURS, ours, theirs) == conflict.ours
    return is_ours and resolve(conflict, Strategy.THEIRS, ours, theirs) == conflict.theirs


def settling_is_the_same_for_both(
    conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim
) -> bool:
    """MRG-6: two of the strategies do not depend on who asks. Spec: MRG-6."""
    if strategy in (Strategy.OURS, Strategy.THEIRS):
        return True
    other = Conflict(conflict.base, conflict.theirs, conflict.ours, conflict.kind)
    return resolve(conflict, strategy, ours, theirs) == resolve(other, strategy, theirs, ours)


def is_intact(edge: bool, source: bool, target: bool) -> bool:
    """Tell whether an edge has its ends in one version. Spec: MRG-7."""
    return not edge or (source and target)


def life_is_as_it_was_changed(life: Life) -> bool:
    """MRG-7: it differs from the base exactly if a side does. Spec: MRG-7."""
    is_changed = life.ours != life.base or life.theirs != life.base
    return (merged_life(life) != life.base) == is_changed


def no_edge_dangles(edge: Life, source: Life, target: Life) -> bool:
    """MRG-7: without a conflict a living edge has living ends. Spec: MRG-7."""
    has_ends = is_intact(merged_life(edge), merged_life(source), merged_life(target))
    return has_ends == (edge_conflict(edge, source, target) is None)


def one_deleted_the_other_added(edge: Life, source: Life, target: Life) -> bool:
    """MRG-7: out of three intact versions, that is the only way to it. Spec: MRG-7."""
    are_intact = (
        is_intact(edge.base, source.base, target.base)
        and is_intact(edge.ours, source.ours, target.ours)
        and is_intact(edge.theirs, source.theirs, target.theirs)
    )
    if not are_intact or edge_conflict(edge, source, target) is None:
        return True
    deleted = Life(True, edge.ours, edge.theirs)
    return not edge.base and edge.ours != edge.theirs and deleted in (source, target)
