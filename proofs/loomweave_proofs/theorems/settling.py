"""Conflicts settled, and edges that need their nodes. Rules MRG-6 and MRG-7."""

from loomweave.core.lattices.register import Element, field_join
from loomweave.core.version.merge3 import (
    Claim,
    Clean,
    Conflict,
    ConflictKind,
    Life,
    Outcome,
    Strategy,
    edge_conflict,
    is_later,
    latest,
    merged_life,
    resolve,
    settle,
)
from loomweave.laws import merge3 as laws
from loomweave_proofs.theorem import theorem

Content = Element | None

# -- broken twins


def earlier(a: Claim, b: Claim) -> bool:
    """Let the earlier commit win."""
    return a.stamp_ns < b.stamp_ns


def latest_or_ours(conflict: Conflict, ours: Claim, theirs: Claim) -> Content:
    """Let a tie go to us."""
    return conflict.theirs if is_later(theirs, ours) else conflict.ours


def resolve_for_us(conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim) -> Content:
    """Take our side by every strategy but one."""
    return conflict.theirs if strategy is Strategy.THEIRS else conflict.ours


def resolve_by_claim(conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim) -> Content:
    """Let the claims decide whatever was asked for."""
    return latest(conflict, ours, theirs)


def settle_conflicts_alone(
    outcome: Outcome, strategy: Strategy, ours: Claim, theirs: Claim
) -> Content:
    """Forget what merged cleanly."""
    match outcome:
        case Clean():
            return None
        case Conflict():
            return resolve(outcome, strategy, ours, theirs)


def life_of_both(life: Life) -> bool:
    """Let live what lives on both sides."""
    return life.ours and life.theirs


def edge_with_source(edge: Life, source: Life, target: Life) -> ConflictKind | None:
    """Ask for the source alone."""
    if not merged_life(edge) or merged_life(source):
        return None
    return ConflictKind.NODE_DELETED_EDGE_ADDED


def edge_always(edge: Life, source: Life, target: Life) -> ConflictKind | None:
    """Distrust every edge."""
    return ConflictKind.NODE_DELETED_EDGE_ADDED


# -- the laws, as they ship


theorem("MRG-6", about=[resolve, settle], sabotage={settle: settle_conflicts_alone})(
    laws.settling_chooses_a_side
)
theorem("MRG-6", about=[resolve, latest, is_later], sabotage={is_later: earlier})(
    laws.later_claim_wins
)
theorem("MRG-6", about=[resolve], sabotage={resolve: resolve_by_claim})(
    laws.sides_are_taken_as_named
)
theorem("MRG-6", about=[resolve, latest], sabotage={latest: latest_or_ours})(
    laws.settling_is_the_same_for_both
)
theorem("MRG-7", about=[merged_life], sabotage={merged_life: life_of_both})(
    laws.life_is_as_it_was_changed
)
theorem("MRG-7", about=[edge_conflict], sabotage={edge_conflict: edge_with_source})(
    laws.no_edge_dangles
)
theorem("MRG-7", about=[edge_conflict], sabotage={edge_conflict: edge_always})(
    laws.one_deleted_the_other_added
)

# -- each function, exactly


@theorem("MRG-6", about=[is_later], sabotage={is_later: earlier})
def later_is_exact(a: Claim, b: Claim) -> bool:
    """A claim is later by its stamp, and among equal stamps by its commit."""
    if a.stamp_ns == b.stamp_ns:
        return is_later(a, b) == (b.commit < a.commit)
    return is_later(a, b) == (b.stamp_ns < a.stamp_ns)


@theorem("MRG-6", about=[latest], sabotage={latest: latest_or_ours})
def latest_is_exact(conflict: Conflict, ours: Claim, theirs: Claim) -> bool:
    """The later claim's content is chosen; of one and the same claim, the join of both."""
    found = latest(conflict, ours, theirs)
    if is_later(ours, theirs):
        return found == conflict.ours
    if is_later(theirs, ours):
        return found == conflict.theirs
    return found == field_join(conflict.ours, conflict.theirs)


@theorem("MRG-6", about=[resolve], sabotage={resolve: resolve_for_us})
def resolve_is_exact(conflict: Conflict, ours: Claim, theirs: Claim) -> bool:
    """Two strategies name a side, one asks for the later claim, one for the version first."""
    last = latest(conflict, ours, theirs)
    by_version = resolve(conflict, Strategy.HIGHEST_VERSION, ours, theirs)
    if theirs.version < ours.version:
        is_version_right = by_version == conflict.ours
    elif ours.version < theirs.version:
        is_version_right = by_version == conflict.theirs
    else:
        is_version_right = by_version == last
    return (
        resolve(conflict, Strategy.OURS, ours, theirs) == conflict.ours
        and resolve(conflict, Strategy.THEIRS, ours, theirs) == conflict.theirs
        and resolve(conflict, Strategy.LAST_WRITE_WINS, ours, theirs) == last
        and is_version_right
    )


@theorem("MRG-6", about=[settle], sabotage={settle: settle_conflicts_alone})
def settle_is_exact(outcome: Outcome, strategy: Strategy, ours: Claim, theirs: Claim) -> bool:
    """What merged is left as it is, and what did not is resolved."""
    found = settle(outcome, strategy, ours, theirs)
    match outcome:
        case Clean(content):
            return found == content
        case Conflict():
            return found == resolve(outcome, strategy, ours, theirs)


@theorem("MRG-7", about=[merged_life], sabotage={merged_life: life_of_both})
def merged_life_is_exact(base: bool, ours: bool, theirs: bool) -> bool:
    """Whether an entity lives is what the side says that changed it, else what the base says."""
    found = merged_life(Life(base, ours, theirs))
    return found == (theirs if ours == base else ours) and found == merged_life(
        Life(base, theirs, ours)
    )


@theorem("MRG-7", about=[edge_conflict], sabotage={edge_conflict: edge_with_source})
def edge_conflict_is_exact(edge: Life, source: Life, target: Life) -> bool:
    """A merged edge is in conflict exactly where it lives and an end does not."""
    lacks_end = not merged_life(source) or not merged_life(target)
    wanted = ConflictKind.NODE_DELETED_EDGE_ADDED if merged_life(edge) and lacks_end else None
    return edge_conflict(edge, source, target) == wanted


# -- what must not hold


@theorem("MRG-6", about=[resolve], refuted=True)
def every_strategy_is_fair(
    conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim
) -> bool:
    """Both sides settle a conflict alike by any strategy: false of `ours` and `theirs`."""
    other = Conflict(conflict.base, conflict.theirs, conflict.ours, conflict.kind)
    mine = resolve(conflict, strategy, ours, theirs)
    return mine == resolve(other, strategy, theirs, ours)


@theorem("MRG-6", about=[resolve], refuted=True)
def higher_versions_are_later(conflict: Conflict, ours: Claim, theirs: Claim) -> bool:
    """To go by version is to go by time: false, whoever saw more may have an earlier stamp."""
    last = resolve(conflict, Strategy.LAST_WRITE_WINS, ours, theirs)
    return resolve(conflict, Strategy.HIGHEST_VERSION, ours, theirs) == last


@theorem("MRG-7", about=[merged_life], refuted=True)
def merges_leave_no_edge_dangling(edge: Life, source: Life, target: Life) -> bool:
    """Fields merged one by one leave no edge without its ends: false, hence the conflict."""
    are_intact = (
        laws.is_intact(edge.base, source.base, target.base)
        and laws.is_intact(edge.ours, source.ours, target.ours)
        and laws.is_intact(edge.theirs, source.theirs, target.theirs)
    )
    is_whole = laws.is_intact(merged_life(edge), merged_life(source), merged_life(target))
    return not are_intact or is_whole
