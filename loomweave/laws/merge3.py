"""What a three-way merge promises. Spec: chapter MRG."""

from loomweave.core.lattices.register import Element, Row, Rows
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
    same = is_same_content
    has_two = not same(base, ours) and not same(base, theirs) and not same(ours, theirs)
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
    return isinstance(outcome, Conflict) or all(
        is_same_content(side, base) or is_same_content(side, outcome.content)
        for side in (ours, theirs)
    )


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
    return all(side in (base, result) for side in (ours, theirs))


def rows_merge_by_field(base: Row, ours: Row, theirs: Row, field: str) -> bool:
    """MRG-5: pointwise, and split without remainder. Spec: MRG-5."""
    outcomes = merge3_row(base, ours, theirs)
    outcome = merge3(base.get(field), ours.get(field), theirs.get(field))
    clean, conflicts = clean_row(outcomes), conflicts_of(outcomes)
    if isinstance(outcome, Conflict):
        is_split = field not in clean and conflicts.get(field) == outcome
    else:
        is_split = field not in conflicts and clean.get(field) == outcome.content
    return is_split and outcomes.get(field, Clean(None)) == outcome


def apart_means_no_conflict(base: Row, ours: Row, theirs: Row) -> bool:
    """MRG-5: changes of different fields never conflict. Spec: MRG-5."""
    fields = {*base, *ours, *theirs}
    both = [
        field
        for field in sorted(fields)
        if not is_same_content(base.get(field), ours.get(field))
        and not is_same_content(base.get(field), theirs.get(field))
    ]
    return set(conflicts_of(merge3_row(base, ours, theirs))) <= set(both)


def graphs_merge_by_entity(base: Rows, ours: Rows, theirs: Rows, entity: str) -> bool:
    """MRG-5: pointwise for entities too. Spec: MRG-5."""
    rows = [graph.get(entity, {}) for graph in (base, ours, theirs)]
    return merge3_rows(base, ours, theirs).get(entity, {}) == merge3_row(*rows)


def settling_chooses_a_side(
    conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim
) -> bool:
    """MRG-6: total, and one of the two contents. Spec: MRG-6."""
    chosen = resolve(conflict, strategy, ours, theirs)
    is_clean_kept = settle(Clean(chosen), strategy, ours, theirs) == chosen
    is_settled = settle(conflict, strategy, ours, theirs) == chosen
    return is_clean_kept and is_settled and chosen in (conflict.ours, conflict.theirs)


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


def no_edge_dangles(edge: Life, source: Life, target: Life) -> bool:
    """MRG-7: without a conflict a living edge has living ends. Spec: MRG-7."""
    has_ends = is_intact(merged_life(edge), merged_life(source), merged_life(target))
    return has_ends == (edge_conflict(edge, source, target) is None)


def one_deleted_the_other_added(edge: Life, source: Life, target: Life) -> bool:
    """MRG-7: out of three intact versions, that is the only way to it. Spec: MRG-7."""
    versions = (
        is_intact(edge.base, source.base, target.base),
        is_intact(edge.ours, source.ours, target.ours),
        is_intact(edge.theirs, source.theirs, target.theirs),
    )
    if not all(versions) or edge_conflict(edge, source, target) is None:
        return True
    if edge.base or edge.ours == edge.theirs:
        return False
    return any(
        end.base and (end.ours, end.theirs) == (edge.ours, edge.theirs) for end in (source, target)
    )
