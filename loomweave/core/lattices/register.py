"""The register: GUN's rule made a total order, and its join. Spec: HAM-1, HAM-2.

An element is a value together with when, by whom and in which of the writer's batches it was
written. The order of elements is the whole conflict rule, and the join is their maximum.
"""

from typing import Final

import msgspec

from loomweave.core.values import Value, is_same, order_key

GUN_WRITER: Final = b""
"""The writer of everything that came from GUN, the least there is; shown as `gun`. Spec: HAM-1."""
GUN_SEQ: Final = 0
SEQ_MAX: Final = 2**63 - 1
"""Greatest number of a batch; a vector that names a greater one is not taken over. Spec: WIR-8."""


class Element(msgspec.Struct, frozen=True, gc=False, eq=False, array_like=True):
    """One write of one field. Spec: HAM-1.

    Equality tells values apart by kind (`1`, `1.0` and `True` are three values), which the
    equality that a record gets by default would not.
    """

    stamp_ns: int
    """When it was written, by its writer's clock."""
    value: Value
    writer: bytes
    seq: int
    """Number of the writer's batch. `(writer, seq)` is the dot of the element."""

    def __eq__(self, other: object) -> bool:
        """Tell whether the other is the same element, kind of value included."""
        if type(other) is not Element:
            return NotImplemented
        return (
            self.stamp_ns == other.stamp_ns
            and self.seq == other.seq
            and self.writer == other.writer
            and is_same(self.value, other.value)
        )

    def __ne__(self, other: object) -> bool:
        """Tell whether the other is another element; the inherited answer compares identity."""
        return not self == other

    def __hash__(self) -> int:
        """Answer a number that equal elements share, the same in every process."""
        return self.stamp_ns ^ self.seq


Row = dict[str, Element]
"""The fields of one entity. Never changed once it is in a snapshot."""
Rows = dict[str, Row]
"""Elements grouped by entity: a delta."""


def element_le(a: Element, b: Element) -> bool:
    """Order elements: by stamp, then by value, then by dot. Spec: HAM-1.

    The dot comes last, so that a GUN peer, which knows no dots, sees the same winner.
    """
    if a.stamp_ns != b.stamp_ns:
        return a.stamp_ns < b.stamp_ns
    if not is_same(a.value, b.value):
        return order_key(a.value) < order_key(b.value)
    if a.writer != b.writer:
        return a.writer < b.writer
    return a.seq <= b.seq


def element_join(a: Element, b: Element) -> Element:
    """Join two elements: the greater one. Spec: HAM-2."""
    return b if element_le(a, b) else a


def field_join(a: Element | None, b: Element | None) -> Element | None:
    """Join two contents of a field, either of which may be absent. Spec: HAM-2."""
    if a is None:
        return b
    if b is None:
        return a
    return element_join(a, b)


def wins_tie(value: Value, writer: bytes, seq: int, held: Element) -> bool:
    """Tell whether a write with the held element's stamp is above it. Spec: HAM-1."""
    if not is_same(value, held.value):
        return order_key(value) > order_key(held.value)
    if writer != held.writer:
        return writer > held.writer
    return seq > held.seq
