"""The multi-value register: concurrent writes stay side by side until someone writes.

Spec: LAT-15, LAT-16. A write replaces what its writer had seen, and its context says what that was.
"""

from typing import Final

import msgspec

from loomweave.core.lattices.counters import Counts, counts_join, counts_le
from loomweave.core.lattices.register import Element
from loomweave.core.values import order_key


class MultiValue(msgspec.Struct, frozen=True, gc=False):
    """What a field holds that keeps its siblings. Spec: LAT-15."""

    siblings: frozenset[Element]
    """Writes that no other write we heard of had seen."""
    context: Counts
    """For each writer, the number up to which its writes are known."""


MULTI_VALUE_BOTTOM: Final = MultiValue(frozenset(), {})


def is_covered(context: Counts, element: Element) -> bool:
    """Tell whether a context knows of a write, by its dot. Spec: LAT-15."""
    return element.writer in context and element.seq <= context[element.writer]


def multi_value_le(a: MultiValue, b: MultiValue) -> bool:
    """Order registers: above is what knows more, and revived nothing. Spec: LAT-15."""
    return (
        counts_le(a.context, b.context)
        and all(element in a.siblings for element in b.siblings if is_covered(a.context, element))
        and all(element in b.siblings or is_covered(b.context, element) for element in a.siblings)
    )


def multi_value_join(a: MultiValue, b: MultiValue) -> MultiValue:
    """Join registers: what both hold, and what one holds that the other never saw.

    Spec: LAT-15.
    """
    siblings = frozenset(
        {
            element
            for element in a.siblings | b.siblings
            if (element in a.siblings or not is_covered(a.context, element))
            and (element in b.siblings or not is_covered(b.context, element))
        }
    )
    return MultiValue(siblings, counts_join(a.context, b.context))


def multi_value_write(register: MultiValue, element: Element) -> MultiValue:
    """Let one new write stand for all siblings; a dot known before does nothing.

    Spec: LAT-6, LAT-16.
    """
    if is_covered(register.context, element):
        return register
    context = counts_join(register.context, {element.writer: element.seq})
    return MultiValue(frozenset({element}), context)


def multi_value_value(register: MultiValue) -> tuple[Element, ...]:
    """Return the siblings in the order of elements, so that the last is HAM's winner.

    Spec: LAT-16.
    """
    return tuple(
        sorted(
            register.siblings,
            key=lambda sibling: (
                sibling.stamp_ns,
                order_key(sibling.value),
                sibling.writer,
                sibling.seq,
            ),
        )
    )


def multi_value_is_sound(register: MultiValue) -> bool:
    """Tell whether the context knows all siblings, as in every state there can be. Spec: LAT-15."""
    return all(is_covered(register.context, element) for element in register.siblings)
