"""Counters: each writer counts for itself, and the value is the sum. Spec: LAT-11, LAT-12.

A writer's count only grows and only it raises it, so the greater of two counts is the later one and
nothing is counted twice, however often and by which way it arrives.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

Counts = Mapping[bytes, int]
"""A number for each writer; a writer that is absent is below every number. Spec: LAT-11."""


class GrowingCounter(msgspec.Struct, frozen=True, gc=False):
    """A counter that only grows. Spec: LAT-11."""

    counts: Counts


class UpDownCounter(msgspec.Struct, frozen=True, gc=False):
    """A counter that goes up and down: two that only grow. Spec: LAT-12."""

    up: GrowingCounter
    down: GrowingCounter


GROWING_COUNTER_BOTTOM: Final = GrowingCounter({})
UP_DOWN_COUNTER_BOTTOM: Final = UpDownCounter(GROWING_COUNTER_BOTTOM, GROWING_COUNTER_BOTTOM)


def counts_le(a: Counts, b: Counts) -> bool:
    """Order counts writer by writer. Spec: LAT-11."""
    return all(writer in b and count <= b[writer] for writer, count in a.items())


def counts_join(a: Counts, b: Counts) -> Counts:
    """Join counts writer by writer: the greater one. Spec: LAT-11."""
    return {
        writer: a[writer]
        if writer not in b
        else b[writer]
        if writer not in a
        else max(a[writer], b[writer])
        for writer in {**a, **b}
    }


def growing_counter_le(a: GrowingCounter, b: GrowingCounter) -> bool:
    """Order growing counters writer by writer. Spec: LAT-11."""
    return counts_le(a.counts, b.counts)


def growing_counter_join(a: GrowingCounter, b: GrowingCounter) -> GrowingCounter:
    """Join growing counters: the greater count of each writer. Spec: LAT-11."""
    return GrowingCounter(counts_join(a.counts, b.counts))


def growing_counter_add(counter: GrowingCounter, writer: bytes, amount: int) -> GrowingCounter:
    """Count for a writer; an amount that is not above zero does nothing. Spec: LAT-11."""
    if amount <= 0:
        return counter
    counts = counter.counts
    return GrowingCounter({**counts, writer: counts.get(writer, 0) + amount})


def growing_counter_value(counter: GrowingCounter) -> int:
    """Return the sum over all writers. Spec: LAT-11."""
    return sum(counter.counts.values())


def up_down_counter_le(a: UpDownCounter, b: UpDownCounter) -> bool:
    """Order up-down counters: both halves. Spec: LAT-12."""
    return growing_counter_le(a.up, b.up) and growing_counter_le(a.down, b.down)


def up_down_counter_join(a: UpDownCounter, b: UpDownCounter) -> UpDownCounter:
    """Join up-down counters half by half. Spec: LAT-12."""
    return UpDownCounter(growing_counter_join(a.up, b.up), growing_counter_join(a.down, b.down))


def up_down_counter_add(counter: UpDownCounter, writer: bytes, amount: int) -> UpDownCounter:
    """Count up for a writer, or down where the amount is negative. Spec: LAT-12."""
    return UpDownCounter(
        growing_counter_add(counter.up, writer, amount),
        growing_counter_add(counter.down, writer, -amount),
    )


def up_down_counter_value(counter: UpDownCounter) -> int:
    """Return what went up less what went down. Spec: LAT-12."""
    return growing_counter_value(counter.up) - growing_counter_value(counter.down)
