"""Which entities live, and what of them shows. Rules GRF-4 to GRF-6."""

from loomweave.core.entities import CREATED, DELETED
from loomweave.core.graph.life import (
    is_alive,
    is_edge_shown,
    is_row_alive,
    is_shown,
    shown,
    stamp_of,
)
from loomweave.core.graph.merge import row_join
from loomweave.core.lattices.register import Element, Row
from loomweave_proofs.theorem import theorem

# -- broken twins


def alive_in_a_tie(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Let creation win a tie."""
    if created_ns is None:
        return deleted_ns is None and has_fields
    return deleted_ns is None or created_ns >= deleted_ns


def alive_if_created(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Ignore deletions."""
    return created_ns is not None or has_fields


def dead_if_foreign(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Hide what nobody here created."""
    return created_ns is not None and (deleted_ns is None or created_ns > deleted_ns)


def alive_with_fields(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Hide what was created and has nothing."""
    return has_fields and is_alive(created_ns, deleted_ns, has_fields)


def alive_until_deleted(created_ns: int | None, deleted_ns: int | None, has_fields: bool) -> bool:
    """Let what was created before its deletion live."""
    return created_ns is None or deleted_ns is None or created_ns < deleted_ns


def shown_after_deletion(stamp_ns: int, deleted_ns: int | None) -> bool:
    """Show nothing before there is a deletion."""
    return deleted_ns is not None and stamp_ns > deleted_ns


def shown_in_a_tie(stamp_ns: int, deleted_ns: int | None) -> bool:
    """Show what was written at the very deletion."""
    return deleted_ns is None or stamp_ns >= deleted_ns


def edge_shown_by_life(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    source_deleted_ns: int | None,
    target_deleted_ns: int | None,
) -> bool:
    """Ask only who lives now."""
    return edge_alive and ends_alive and created_ns is not None


def edge_shown_by_source(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    source_deleted_ns: int | None,
    target_deleted_ns: int | None,
) -> bool:
    """Ask for the source's deletion alone."""
    return is_edge_shown(edge_alive, ends_alive, created_ns, source_deleted_ns, None)


def shown_while_held(row: Row, field: str) -> Element | None:
    """Show whatever is held."""
    element = row.get(field)
    return None if element is None or element.value is None else element


def stamp_or_zero(row: Row, field: str) -> int | None:
    """Take an absent stamp for the first instant."""
    element = row.get(field)
    return 0 if element is None else element.stamp_ns


# -- hypotheses


def is_later_deletion(deleted_ns: int, again_ns: int) -> bool:
    """Tell that the second deletion is not before the first."""
    return deleted_ns <= again_ns


def is_overtaken(row: Row) -> bool:
    """Tell that a row was deleted not before it was created last."""
    created_ns, deleted_ns = stamp_of(row, CREATED), stamp_of(row, DELETED)
    return deleted_ns is not None and (created_ns is None or created_ns <= deleted_ns)


# -- life


@theorem("GRF-4", about=[is_alive], sabotage={is_alive: alive_in_a_tie})
def tie_is_dead(stamp_ns: int, has_fields: bool) -> bool:
    """What was created and deleted at one instant is dead."""
    return not is_alive(stamp_ns, stamp_ns, has_fields)


@theorem("GRF-4", about=[is_alive], sabotage={is_alive: alive_if_created})
def life_is_creation_after_deletion(created_ns: int, deleted_ns: int, has_fields: bool) -> bool:
    """Where both are known, an entity lives exactly if it was created later."""
    return is_alive(created_ns, deleted_ns, has_fields) == (created_ns > deleted_ns)


@theorem("GRF-4", about=[is_alive], sabotage={is_alive: dead_if_foreign})
def foreign_entities_live_by_their_fields(deleted_ns: int | None, has_fields: bool) -> bool:
    """What nobody created lives exactly if it has a field and was never deleted."""
    return is_alive(None, deleted_ns, has_fields) == (has_fields and deleted_ns is None)


@theorem("GRF-4", about=[is_alive], sabotage={is_alive: alive_with_fields})
def creation_makes_alive(created_ns: int, has_fields: bool) -> bool:
    """What was created and never deleted lives, with fields or without."""
    return is_alive(created_ns, None, has_fields)


@theorem(
    "GRF-4", about=[is_alive], given=is_later_deletion, sabotage={is_alive: alive_until_deleted}
)
def later_deletions_revive_nothing(
    created_ns: int | None, deleted_ns: int, again_ns: int, has_fields: bool
) -> bool:
    """An entity that is dead stays dead under a later deletion."""
    return is_alive(created_ns, deleted_ns, has_fields) or not is_alive(
        created_ns, again_ns, has_fields
    )


@theorem("GRF-4", about=[stamp_of], sabotage={stamp_of: stamp_or_zero})
def absent_fields_have_no_stamp(row: Row, field: str) -> bool:
    """A field has a stamp exactly where the row holds it."""
    return (stamp_of(row, field) is not None) == (field in row)


@theorem("GRF-4", about=[is_row_alive], given=is_overtaken, sabotage={is_alive: alive_in_a_tie})
def deleted_rows_are_dead(row: Row) -> bool:
    """A row whose deletion is not before its creation is dead, whatever else it holds."""
    return not is_row_alive(row)


@theorem("GRF-4", about=[is_row_alive, row_join], sabotage={is_alive: alive_if_created})
def deletion_survives_every_join(row: Row, other: Row) -> bool:
    """A dead row that was created no later elsewhere is dead after the join."""
    joined = row_join(row, other)
    created_ns, deleted_ns = stamp_of(joined, CREATED), stamp_of(row, DELETED)
    if deleted_ns is None or (created_ns is not None and created_ns > deleted_ns):
        return True
    return not is_row_alive(joined)


# -- what shows


@theorem("GRF-5", about=[is_shown], sabotage={is_shown: shown_in_a_tie})
def only_younger_writes_show(stamp_ns: int, deleted_ns: int) -> bool:
    """A write shows exactly if it is younger than the deletion."""
    return is_shown(stamp_ns, deleted_ns) == (stamp_ns > deleted_ns)


@theorem("GRF-5", about=[is_shown], sabotage={is_shown: shown_after_deletion})
def without_deletion_all_shows(stamp_ns: int) -> bool:
    """Where nothing was deleted, every write shows."""
    return is_shown(stamp_ns, None)


@theorem("GRF-5", about=[shown], sabotage={shown: shown_while_held})
def dead_entities_show_nothing(row: Row, field: str) -> bool:
    """Of a dead entity no field shows."""
    return is_row_alive(row) or shown(row, field) is None


@theorem("GRF-5", about=[shown], sabotage={is_shown: shown_in_a_tie})
def shown_is_exact(row: Row, field: str) -> bool:
    """What shows is what is held, not null, of a living entity, and younger than its deletion."""
    found, held = shown(row, field), row.get(field)
    if held is None:
        return found is None
    deleted_ns = stamp_of(row, DELETED)
    is_younger = deleted_ns is None or held.stamp_ns > deleted_ns
    if held.value is not None and is_row_alive(row) and is_younger:
        return found == held
    return found is None


# -- edges


@theorem("GRF-6", about=[is_edge_shown], sabotage={is_edge_shown: edge_shown_by_life})
def edges_never_dangle(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    source_deleted_ns: int | None,
    target_deleted_ns: int | None,
) -> bool:
    """A shown edge lives, both its ends live, and it is younger than their deletions."""
    if not is_edge_shown(edge_alive, ends_alive, created_ns, source_deleted_ns, target_deleted_ns):
        return True
    return (
        edge_alive
        and ends_alive
        and created_ns is not None
        and (source_deleted_ns is None or created_ns > source_deleted_ns)
        and (target_deleted_ns is None or created_ns > target_deleted_ns)
    )


@theorem("GRF-6", about=[is_edge_shown], sabotage={is_edge_shown: edge_shown_by_life})
def young_edges_between_living_ends_show(
    created_ns: int, source_deleted_ns: int | None, target_deleted_ns: int | None
) -> bool:
    """A living edge shows if it is younger than the deletions of both its ends."""
    found = is_edge_shown(True, True, created_ns, source_deleted_ns, target_deleted_ns)
    return found == (
        (source_deleted_ns is None or created_ns > source_deleted_ns)
        and (target_deleted_ns is None or created_ns > target_deleted_ns)
    )


@theorem("GRF-6", about=[is_edge_shown], sabotage={is_edge_shown: edge_shown_by_source})
def edges_have_no_favourite_end(
    edge_alive: bool,
    ends_alive: bool,
    created_ns: int | None,
    one_ns: int | None,
    two_ns: int | None,
) -> bool:
    """Source and target are asked alike."""
    return is_edge_shown(edge_alive, ends_alive, created_ns, one_ns, two_ns) == is_edge_shown(
        edge_alive, ends_alive, created_ns, two_ns, one_ns
    )


# -- what must not hold


@theorem("GRF-6", about=[is_edge_shown], refuted=True)
def recreated_ends_bring_edges_back(
    created_ns: int, source_deleted_ns: int | None, target_deleted_ns: int | None
) -> bool:
    """It is enough that the ends live now: false, an edge to a deleted and recreated node would
    come back.
    """
    return is_edge_shown(True, True, created_ns, source_deleted_ns, target_deleted_ns)


@theorem("GRF-4", about=[is_alive], refuted=True)
def creation_may_win_a_tie(created_ns: int, deleted_ns: int, has_fields: bool) -> bool:
    """Creation may win a tie: false, that is not the shipped rule."""
    return alive_in_a_tie(created_ns, deleted_ns, has_fields) == is_alive(
        created_ns, deleted_ns, has_fields
    )
