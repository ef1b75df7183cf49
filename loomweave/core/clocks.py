"""Stamps and the horizon: how a replica tells time. Spec: chapter CLK.

Everything is an integer number of nanoseconds since 1970. The functions below are kernels: no
floats, no loops, no exceptions, so that they can be proved as they stand.
"""

from typing import Final

import msgspec

STAMP_GRID_NS: Final = 1_000
"""Own stamps are multiples of this: one microsecond. Spec: CLK-4."""
SKEW_MAX_NS: Final = 60_000_000_000
"""How far ahead of our wall clock a stamp may lie before it is refused. Spec: CLK-5."""
STAMP_NS_MIN: Final = -(2**63)
STAMP_NS_MAX: Final = 2**63 - 1
"""Stamps are signed 64-bit numbers. Spec: CLK-1."""


class Clock(msgspec.Struct, frozen=True, gc=False):
    """What a replica remembers of time. Spec: CLK-2.

    The horizon never runs back, whatever the wall clock does, and it is persisted.
    """

    horizon_ns: int
    """Greatest of all wall readings seen and all stamps issued here."""
    issued_ns: int
    """Last stamp issued here."""
    applied_ns: int
    """Greatest stamp among the elements that are held."""


def observe(clock: Clock, wall_ns: int) -> Clock:
    """Take note of a reading of the wall clock. Spec: CLK-2."""
    if wall_ns <= clock.horizon_ns:
        return clock
    return Clock(wall_ns, clock.issued_ns, clock.applied_ns)


def note_applied(clock: Clock, stamp_ns: int) -> Clock:
    """Take note that an element with this stamp is held now. Spec: CLK-4."""
    if stamp_ns <= clock.applied_ns:
        return clock
    return Clock(clock.horizon_ns, clock.issued_ns, stamp_ns)


def is_due(stamp_ns: int, horizon_ns: int) -> bool:
    """Tell whether a write may be seen. Spec: CLK-3."""
    return stamp_ns <= horizon_ns


def is_ahead(stamp_ns: int, wall_ns: int, skew_max_ns: int) -> bool:
    """Tell whether a stamp lies beyond what a peer's clock may run ahead. Spec: CLK-5."""
    return stamp_ns > wall_ns + skew_max_ns


def next_stamp(clock: Clock, wall_ns: int) -> int:
    """Compute the stamp of the next own write. Spec: CLK-4.

    The least point of the grid that is above the last own stamp, above everything held, and not
    below the wall clock.
    """
    least_ns = max(clock.issued_ns + 1, clock.applied_ns + 1, wall_ns)
    return (least_ns + STAMP_GRID_NS - 1) // STAMP_GRID_NS * STAMP_GRID_NS


def issue(clock: Clock, wall_ns: int) -> Clock:
    """Draw the next own stamp; it is `issued_ns` of the answer. Spec: CLK-2, CLK-4."""
    stamp_ns = next_stamp(clock, wall_ns)
    return Clock(
        max(clock.horizon_ns, wall_ns, stamp_ns), stamp_ns, max(clock.applied_ns, stamp_ns)
    )


def retry_at(stamp_ns: int, skew_max_ns: int) -> int:
    """Compute the wall time from which a stamp that was too far ahead is admitted. Spec: CLK-5."""
    return stamp_ns - skew_max_ns
