"""Registers with siblings, and registers by version. Rules LAT-3, LAT-6, LAT-15 to LAT-17."""

from loomweave.core.lattices.counters import Counts, counts_join
from loomweave.core.lattices.multivalue import (
    MULTI_VALUE_BOTTOM,
    MultiValue,
    is_covered,
    multi_value_is_sound,
    multi_value_join,
    multi_value_le,
    multi_value_write,
)
from loomweave.core.lattices.register import Element, element_join, element_le
from loomweave.core.lattices.version import (
    HIGHEST_VERSION_BOTTOM,
    HighestVersion,
    Versioned,
    highest_version_join,
    highest_version_le,
    highest_version_value,
    highest_version_write,
    next_version,
    versioned_le,
)
from loomweave_proofs.theorem import theorem
from loomweave_proofs.theorems import semilattice

SOME_ELEMENT = Element(0, None, b"", 1)

# -- broken twins


def is_covered_strictly(context: Counts, element: Element) -> bool:
    """Leave the last write out of what is known."""
    return element.writer in context and element.seq < context[element.writer]


def siblings_union(a: MultiValue, b: MultiValue) -> MultiValue:
    """Keep what was replaced."""
    return MultiValue(a.siblings | b.siblings, counts_join(a.context, b.context))


def siblings_meet(a: MultiValue, b: MultiValue) -> MultiValue:
    """Drop what one side alone holds."""
    return MultiValue(a.siblings & b.siblings, counts_join(a.context, b.context))


def siblings_join_unknowing(a: MultiValue, b: MultiValue) -> MultiValue:
    """Forget what the other side knew."""
    return MultiValue(multi_value_join(a, b).siblings, a.context)


def write_beside(register: MultiValue, element: Element) -> MultiValue:
    """Keep the siblings that a write replaces."""
    context = counts_join(register.context, {element.writer: element.seq})
    return MultiValue(register.siblings | frozenset({element}), context)


def write_forgetful(register: MultiValue, element: Element) -> MultiValue:
    """Know of the write alone."""
    return MultiValue(frozenset({element}), {element.writer: element.seq})


def always_sound(register: MultiValue) -> bool:
    """Take everything for sound."""
    return True


def join_by_number(a: HighestVersion, b: HighestVersion) -> HighestVersion:
    """Let what arrives win among equal versions."""
    if a.content is None or (b.content is not None and a.content.version <= b.content.version):
        return b
    return a


def versioned_by_element(a: Versioned, b: Versioned) -> bool:
    """Let stamps decide before versions."""
    return element_le(a.element, b.element)


def same_version(register: HighestVersion) -> int:
    """Take no step."""
    return 1 if register.content is None else register.content.version


def write_if_later(register: HighestVersion, element: Element) -> HighestVersion:
    """Let the clock have a say in a write."""
    held = highest_version_value(register)
    if held is not None and element_le(element, held):
        return register
    return highest_version_write(register, element)


def value_of_some(register: HighestVersion) -> Element | None:
    """Show something made up."""
    return SOME_ELEMENT


# -- the laws

semilattice.enter(
    semilattice.Lattice(
        rule="LAT-15",
        name="multi_value",
        contents="multi-value registers",
        content=MultiValue,
        le=multi_value_le,
        join=multi_value_join,
        bottom=MULTI_VALUE_BOTTOM,
        beyond=MultiValue(frozenset(), {b"": 1}),
        broken={
            "join_is_an_upper_bound": {multi_value_join: siblings_union},
            "bottom_is_least": {multi_value_join: siblings_meet},
        },
    )
)
semilattice.enter(
    semilattice.Lattice(
        rule="LAT-17",
        name="highest_version",
        contents="registers by version",
        content=HighestVersion,
        le=highest_version_le,
        join=highest_version_join,
        bottom=HIGHEST_VERSION_BOTTOM,
        beyond=HighestVersion(Versioned(1, SOME_ELEMENT)),
        is_total=True,
        broken={"join_is_commutative": {highest_version_join: join_by_number}},
    )
)

# -- hypotheses


def is_sound(a: MultiValue) -> bool:
    """Tell that the context knows all siblings."""
    return multi_value_is_sound(a)


def both_are_sound(a: MultiValue, b: MultiValue) -> bool:
    """Tell that the context of either side knows its siblings."""
    return multi_value_is_sound(a) and multi_value_is_sound(b)


def are_concurrent(a: MultiValue, b: MultiValue, one: Element, two: Element) -> bool:
    """Tell that two writers write, and neither side knows of either write."""
    return (
        not is_covered(a.context, one)
        and not is_covered(a.context, two)
        and not is_covered(b.context, one)
        and not is_covered(b.context, two)
        and one.writer != two.writer
    )


def has_heard(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """Tell that a write is new to the first side, which knows all that the second one knows."""
    return multi_value_le(b, a) and multi_value_is_sound(b) and not is_covered(a.context, element)


def is_greater(a: Versioned, b: Versioned) -> bool:
    """Tell that the second has the greater version."""
    return a.version < b.version


# -- registers with siblings


@theorem("LAT-15", about=[is_covered], sabotage={is_covered: is_covered_strictly})
def covered_is_exact(context: Counts, element: Element) -> bool:
    """A context knows of a write exactly up to its writer's number, that one included."""
    known = context.get(element.writer)
    return is_covered(context, element) == (known is not None and element.seq <= known)


@theorem("LAT-15", about=[multi_value_is_sound], sabotage={multi_value_is_sound: always_sound})
def siblings_soundness_is_exact(context: Counts, element: Element) -> bool:
    """A register is sound exactly where its context knows each sibling."""
    held = MultiValue(frozenset({element}), context)
    return multi_value_is_sound(held) == is_covered(context, element)


@theorem("LAT-15", about=[multi_value_join], sabotage={multi_value_join: siblings_union})
def siblings_after_a_join_are_exact(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """A sibling stays in the join where a side holds it, and no side knew it and let it go."""
    is_held = element in a.siblings or element in b.siblings
    is_gone = (is_covered(a.context, element) and element not in a.siblings) or (
        is_covered(b.context, element) and element not in b.siblings
    )
    return (element in multi_value_join(a, b).siblings) == (is_held and not is_gone)


@theorem("LAT-15", about=[multi_value_join], sabotage={multi_value_join: siblings_join_unknowing})
def context_after_a_join_is_exact(a: MultiValue, b: MultiValue) -> bool:
    """A join knows what either side knew."""
    return multi_value_join(a, b).context == counts_join(a.context, b.context)


@theorem(
    "LAT-15",
    about=[multi_value_join],
    given=both_are_sound,
    sabotage={multi_value_join: siblings_join_unknowing},
)
def sibling_joins_stay_sound(a: MultiValue, b: MultiValue) -> bool:
    """The join of two sound registers is sound."""
    return multi_value_is_sound(multi_value_join(a, b))


@theorem("LAT-16", about=[multi_value_write], sabotage={multi_value_write: write_beside})
def write_is_exact(a: MultiValue, element: Element, writer: bytes) -> bool:
    """A new write replaces all siblings and is known from then on; a known one does nothing."""
    after = multi_value_write(a, element)
    if is_covered(a.context, element):
        return after == a
    wanted = element.seq if writer == element.writer else a.context.get(writer)
    return after.siblings == frozenset({element}) and after.context.get(writer) == wanted


@theorem("LAT-6", about=[multi_value_write], sabotage={is_covered: is_covered_strictly})
def writing_again_does_nothing(a: MultiValue, element: Element) -> bool:
    """A write that comes twice is written once."""
    once = multi_value_write(a, element)
    return is_covered(once.context, element) and multi_value_write(once, element) == once


@theorem(
    "LAT-3",
    about=[multi_value_write],
    given=is_sound,
    sabotage={multi_value_write: write_forgetful},
)
def writing_grows(a: MultiValue, element: Element) -> bool:
    """To write never takes a sound register below what it was, and leaves it sound."""
    after = multi_value_write(a, element)
    return multi_value_le(a, after) and multi_value_is_sound(after)


@theorem(
    "LAT-16",
    about=[multi_value_write, multi_value_join],
    given=are_concurrent,
    sabotage={multi_value_join: siblings_meet},
)
def concurrent_writes_are_kept(a: MultiValue, b: MultiValue, one: Element, two: Element) -> bool:
    """Two writes that did not see each other both stay."""
    joined = multi_value_join(multi_value_write(a, one), multi_value_write(b, two))
    return one in joined.siblings and two in joined.siblings


@theorem(
    "LAT-16",
    about=[multi_value_write, multi_value_join],
    given=has_heard,
    sabotage={multi_value_join: siblings_union},
)
def replaced_writes_do_not_return(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """A write alone is left after joining a side whose writes it had seen."""
    joined = multi_value_join(multi_value_write(a, element), b)
    return joined.siblings == frozenset({element})


# -- registers by version


@theorem("LAT-17", about=[versioned_le], sabotage={versioned_le: versioned_by_element})
def versions_come_first(a: Versioned, b: Versioned) -> bool:
    """Contents are ordered by version, and as elements where the versions are equal."""
    if a.version == b.version:
        return versioned_le(a, b) == element_le(a.element, b.element)
    return versioned_le(a, b) == (a.version < b.version)


@theorem("LAT-17", about=[next_version], sabotage={next_version: same_version})
def next_version_is_exact(held: Versioned) -> bool:
    """The first version is 1, and each further one is one more than what is held."""
    first = next_version(HIGHEST_VERSION_BOTTOM)
    return first == 1 and next_version(HighestVersion(held)) == held.version + 1


@theorem("LAT-17", about=[highest_version_value], sabotage={highest_version_value: value_of_some})
def version_value_is_exact(held: Versioned) -> bool:
    """The value of a register by version is its element; of an empty one there is none."""
    is_empty = highest_version_value(HIGHEST_VERSION_BOTTOM) is None
    return is_empty and highest_version_value(HighestVersion(held)) == held.element


@theorem("LAT-17", about=[highest_version_write], sabotage={highest_version_write: write_if_later})
def version_write_is_exact(a: HighestVersion, element: Element) -> bool:
    """A write is held under the next version, whatever the stamps say."""
    written = Versioned(next_version(a), element)
    return highest_version_write(a, element) == HighestVersion(written)


@theorem(
    "LAT-3",
    about=[highest_version_write, highest_version_join],
    sabotage={next_version: same_version},
)
def version_writing_grows(a: HighestVersion, element: Element) -> bool:
    """A write wins over all that its writer saw."""
    after = highest_version_write(a, element)
    joined = highest_version_join(a, after)
    return highest_version_le(a, after) and highest_version_value(joined) == element


@theorem(
    "LAT-17",
    about=[highest_version_join],
    given=is_greater,
    sabotage={versioned_le: versioned_by_element},
)
def versions_beat_stamps(a: Versioned, b: Versioned) -> bool:
    """The greater version wins, on whichever side it is."""
    one, two = HighestVersion(a), HighestVersion(b)
    return highest_version_join(one, two) == two and highest_version_join(two, one) == two


@theorem("LAT-17", about=[highest_version_join], sabotage={highest_version_join: join_by_number})
def equal_versions_join_as_elements(version: int, a: Element, b: Element) -> bool:
    """Between equal versions HAM decides."""
    one, two = HighestVersion(Versioned(version, a)), HighestVersion(Versioned(version, b))
    return highest_version_value(highest_version_join(one, two)) == element_join(a, b)


# -- what must not hold


@theorem("LAT-16", about=[multi_value_join], refuted=True)
def siblings_join_by_value(a: MultiValue, b: MultiValue, element: Element) -> bool:
    """A joined register holds what a side holds: false of what the other side replaced."""
    return element not in a.siblings or element in multi_value_join(a, b).siblings


@theorem("LAT-16", about=[multi_value_write, multi_value_join], refuted=True)
def writers_may_share_a_dot(a: MultiValue, one: Element, two: Element) -> bool:
    """Two writes are both kept: false under one writer's numbers, where one hides the other."""
    joined = multi_value_join(multi_value_write(a, one), multi_value_write(a, two))
    return one in joined.siblings and two in joined.siblings


@theorem("LAT-3", about=[multi_value_write], refuted=True)
def writing_grows_anything(a: MultiValue, element: Element) -> bool:
    """To write grows whatever is held: false of a sibling that the context does not know."""
    return multi_value_le(a, multi_value_write(a, element))


@theorem("LAT-17", about=[highest_version_join], refuted=True)
def later_stamps_win(a: Versioned, b: Versioned) -> bool:
    """Of two contents the later stamp wins: false, the version decides first."""
    joined = highest_version_value(highest_version_join(HighestVersion(a), HighestVersion(b)))
    return (
        joined is not None
        and a.element.stamp_ns <= joined.stamp_ns
        and b.element.stamp_ns <= joined.stamp_ns
    )


@theorem("LAT-17", about=[highest_version_write], refuted=True)
def concurrent_writes_commute(a: HighestVersion, one: Element, two: Element) -> bool:
    """Two writes end alike in either order: false, the last one has the greater version."""
    first = highest_version_write(highest_version_write(a, one), two)
    return first == highest_version_write(highest_version_write(a, two), one)


@theorem("LAT-17", about=[], refuted=True)
def equal_versions_may_go_to_the_newcomer(a: HighestVersion, b: HighestVersion) -> bool:
    """Among equal versions the newcomer may stand: false, the order of arrival would show."""
    return join_by_number(a, b) == join_by_number(b, a)
