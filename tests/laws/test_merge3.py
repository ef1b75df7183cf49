"""Three-way merge: laws of any content, and a twin that lists cases. Spec: chapter MRG."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.lattices.register import Element
from loomweave.core.version.merge3 import (
    Claim,
    Clean,
    Conflict,
    ConflictKind,
    Life,
    Strategy,
    clean_row,
    edge_conflict,
    merge3,
    merge3_row,
    merged_life,
    resolve,
)
from loomweave.laws import merge3 as laws

VALUES = [1, True, 1.0, "a", None]
elements = st.builds(
    Element,
    st.integers(0, 2),
    st.sampled_from(VALUES),
    st.sampled_from([b"a", b"b"]),
    st.integers(1, 2),
)
contents = st.none() | elements
fields = st.sampled_from(["f", "g", "h"])
rows = st.dictionaries(fields, elements)
graphs = st.dictionaries(st.sampled_from(["x", "y"]), rows)
ids = st.none() | st.sampled_from([b"1", b"2", b"3"])
claims = st.builds(Claim, st.integers(1, 2), st.integers(0, 2), st.sampled_from([b"1", b"2"]))
conflicts = st.builds(Conflict, contents, contents, contents, st.sampled_from(ConflictKind))
strategies = st.sampled_from(Strategy)


@given(contents, contents, contents)
def test_fields(base: Element | None, ours: Element | None, theirs: Element | None) -> None:
    assert laws.only_values_are_compared(ours, theirs)
    assert laws.unchanged_sides_change_nothing(base)
    assert laws.one_changed_side_wins(base, ours)
    assert laws.sides_can_be_exchanged(base, ours, theirs)
    assert laws.conflict_is_two_changes(base, ours, theirs)
    assert laws.nothing_is_made_up(base, ours, theirs)
    assert laws.no_change_is_lost(base, ours, theirs)
    assert laws.merging_again_changes_nothing(base, ours, theirs)


def shown(content: Element | None) -> tuple[str, object]:
    return ("absent", None) if content is None else (type(content.value).__name__, content.value)


@given(contents, contents, contents)
def test_a_twin_by_sets_of_values_agrees(
    base: Element | None, ours: Element | None, theirs: Element | None
) -> None:
    """MRG-2, MRG-3: among what the sides show, whatever is not the base's is a change."""
    changes = {shown(ours), shown(theirs)} - {shown(base)}
    outcome = merge3(base, ours, theirs)
    if len(changes) == 2:
        assert isinstance(outcome, Conflict)
        assert (outcome.kind is ConflictKind.EDIT_AGAINST_DELETION) == (None in (ours, theirs))
    else:
        assert isinstance(outcome, Clean)
        assert {shown(outcome.content)} == (changes or {shown(base)})


def test_ids() -> None:
    for base, ours, theirs in product([None, b"1", b"2", b"3"], repeat=3):
        assert laws.ids_are_judged_alike(base, ours, theirs)


@given(rows, rows, rows, fields)
def test_rows(
    base: dict[str, Element], ours: dict[str, Element], theirs: dict[str, Element], field: str
) -> None:
    assert laws.rows_have_the_fields_of_all(base, ours, theirs, field)
    assert laws.rows_merge_by_field(base, ours, theirs, field)
    assert laws.apart_means_no_conflict(base, ours, theirs)


@given(graphs, graphs, graphs)
def test_graphs(
    base: dict[str, dict[str, Element]],
    ours: dict[str, dict[str, Element]],
    theirs: dict[str, dict[str, Element]],
) -> None:
    for entity in ("x", "y"):
        assert laws.graphs_merge_by_entity(base, ours, theirs, entity)


def test_a_deletion_and_an_edit_of_another_field_merge() -> None:
    """MRG-5: as a person would expect it."""
    old, new = Element(1, "old", b"a", 1), Element(2, "new", b"b", 1)
    merged = merge3_row({"f": old, "g": old}, {"g": old}, {"f": old, "g": new})
    assert clean_row(merged) == {"g": new}


@given(conflicts, strategies, claims, claims)
def test_settling(conflict: Conflict, strategy: Strategy, ours: Claim, theirs: Claim) -> None:
    assert laws.settling_chooses_a_side(conflict, strategy, ours, theirs)
    assert laws.later_claim_wins(conflict, ours, theirs)
    assert laws.sides_are_taken_as_named(conflict, ours, theirs)
    assert laws.settling_is_the_same_for_both(conflict, strategy, ours, theirs)


@given(conflicts, claims, claims)
def test_settling_by_sorting_agrees(conflict: Conflict, ours: Claim, theirs: Claim) -> None:
    """MRG-6: sort the claims and take the last."""
    if ours == theirs:
        return
    by_time = sorted(
        [(ours.stamp_ns, ours.commit, "ours"), (theirs.stamp_ns, theirs.commit, "theirs")]
    )
    by_version = sorted(
        [
            (ours.version, *by_time_key(ours), "ours"),
            (theirs.version, *by_time_key(theirs), "theirs"),
        ]
    )
    sides = {"ours": conflict.ours, "theirs": conflict.theirs}
    if by_time_key(ours) != by_time_key(theirs):
        last = resolve(conflict, Strategy.LAST_WRITE_WINS, ours, theirs)
        assert last == sides[by_time[-1][-1]]
    assert resolve(conflict, Strategy.HIGHEST_VERSION, ours, theirs) == sides[by_version[-1][-1]]


def by_time_key(claim: Claim) -> tuple[int, bytes]:
    return claim.stamp_ns, claim.commit


def test_ours_depends_on_who_asks() -> None:
    """MRG-6: which is why it is no default."""
    one, two = Element(1, 1, b"a", 1), Element(1, 2, b"b", 1)
    claim = Claim(1, 1, b"1")
    here = Conflict(None, one, two, ConflictKind.BOTH_CHANGED)
    there = Conflict(None, two, one, ConflictKind.BOTH_CHANGED)
    assert resolve(here, Strategy.OURS, claim, claim) != resolve(there, Strategy.OURS, claim, claim)


def test_every_life_of_an_edge_and_its_ends() -> None:
    """MRG-7: all 512 of them; the merge of a life is what changed, or what was."""
    lives = [Life(*flags) for flags in product([False, True], repeat=3)]
    for life in lives:
        changed = {life.ours, life.theirs} - {life.base}
        assert laws.life_is_as_it_was_changed(life)
        assert merged_life(life) == (changed or {life.base}).pop()
    found = 0
    for edge, source, target in product(lives, repeat=3):
        assert laws.no_edge_dangles(edge, source, target)
        assert laws.one_deleted_the_other_added(edge, source, target)
        found += edge_conflict(edge, source, target) is not None
    assert found > 0
