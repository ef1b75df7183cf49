"""The faults that a scenario may inject, as data. Spec: SCN-16.

Every fault has a begin and most have an end; when it ends, or when the run heals, what it did is
taken back as its record says. A new kind is one more record here and one more arm in the world.
"""

from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import Meta, field

from loomweave_sim.chance import PPM, Spread
from loomweave_sim.hostclock import DRIFT_PPM_MAX
from loomweave_sim.link import LinkQuality
from loomweave_sim.quantities import Share, Span

Index: TypeAlias = Annotated[int, Meta(ge=0)]
"""A replica's place: 0 for the first. Spec: SCN-10."""
Drift: TypeAlias = Annotated[int, Meta(ge=-PPM, le=DRIFT_PPM_MAX)]


class FaultBase(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """What all faults have. Spec: SCN-16."""

    at: Span = Span(0)
    """When it begins."""
    until: Span | None = None
    """When it ends; at the heal where absent."""

    needs_end: ClassVar[bool] = False
    """Whether the kind makes no sense without `until`."""

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that the fault names. Spec: SCN-10."""
        return ()


class Partition(FaultBase, frozen=True, kw_only=True, tag="partition"):
    """Groups of replicas that hear nothing of each other; others join the last. Spec: SCN-17."""

    groups: list[list[Index]]

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that the fault names. Spec: SCN-10."""
        return tuple(replica for group in self.groups for replica in group)

    def side_of(self, replica: int) -> int:
        """Tell the group of a replica: the last, where none names it. Spec: SCN-17."""
        for side, group in enumerate(self.groups):
            if replica in group:
                return side
        return len(self.groups) - 1


class Cut(FaultBase, frozen=True, kw_only=True, tag="cut"):
    """One direction is dead: nothing passes from these replicas to those. Spec: SCN-17."""

    senders: list[Index] = field(name="from")
    receivers: list[Index] = field(name="to")

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that the fault names. Spec: SCN-10."""
        return (*self.senders, *self.receivers)


class LinkChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How some links differ: what is not said stays, and no list means all. Spec: SCN-13."""

    senders: list[Index] = field(name="from", default_factory=list)
    receivers: list[Index] = field(name="to", default_factory=list)
    latency: Spread | None = None
    loss: Share | None = None
    duplication: Share | None = None
    reordering: Share | None = None
    reordering_delay: Spread | None = None
    corruption: Share | None = None
    truncation: Share | None = None

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that are named. Spec: SCN-10."""
        return (*self.senders, *self.receivers)

    def concerns(self, sender: int, receiver: int) -> bool:
        """Tell whether a directed link is meant. Spec: SCN-13."""
        is_from = not self.senders or sender in self.senders
        return is_from and (not self.receivers or receiver in self.receivers)

    def changed(self, quality: LinkQuality) -> LinkQuality:
        """Return a link's behaviour with what is said here changed. Spec: SCN-13."""
        reorder = self.reordering_delay
        return LinkQuality(
            quality.latency if self.latency is None else self.latency,
            quality.loss_ppm if self.loss is None else self.loss,
            quality.duplication_ppm if self.duplication is None else self.duplication,
            quality.reordering_ppm if self.reordering is None else self.reordering,
            quality.reordering_delay if reorder is None else reorder,
            quality.corruption_ppm if self.corruption is None else self.corruption,
            quality.truncation_ppm if self.truncation is None else self.truncation,
        )


class Degrade(FaultBase, frozen=True, kw_only=True, tag="degrade"):
    """Links behave differently for a while. Spec: SCN-17."""

    links: LinkChange

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that the fault names. Spec: SCN-10."""
        return self.links.replicas()


class OneReplica(FaultBase, frozen=True, kw_only=True):
    """What the faults of a single replica have. Spec: SCN-16."""

    replica: Index

    def replicas(self) -> tuple[int, ...]:
        """List the replicas that the fault names. Spec: SCN-10."""
        return (self.replica,)


class ClockOffset(OneReplica, frozen=True, kw_only=True, tag="clock-offset"):
    """The wall clock is wrong by so much, from the beginning on unless told. Spec: SCN-18."""

    by: Span


class ClockDrift(OneReplica, frozen=True, kw_only=True, tag="clock-drift"):
    """The wall clock gains so many millionths; what it gained by the end stays. Spec: SCN-18."""

    ppm: Drift


class ClockStep(OneReplica, frozen=True, kw_only=True, tag="clock-step"):
    """The wall clock jumps; with an end, it jumps back by as much then. Spec: SCN-18."""

    by: Span


class ClockFreeze(OneReplica, frozen=True, kw_only=True, tag="clock-freeze"):
    """The wall clock stands still; when it goes on, it is behind. Spec: SCN-18."""


class Crash(OneReplica, frozen=True, kw_only=True, tag="crash"):
    """The process dies and is started again at the end. Spec: SCN-19."""

    needs_end: ClassVar[bool] = True

    in_write: bool = False
    """Die at the first write to the journal at or after `at`, before it is durable."""
    torn: bool = False
    """Leave a part of what was being written, not just all of it or nothing."""


Fault: TypeAlias = (
    Partition | Cut | Degrade | ClockOffset | ClockDrift | ClockStep | ClockFreeze | Crash
)
"""Any fault of a scenario. Spec: SCN-16."""
