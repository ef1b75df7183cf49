"""One direction of one connection: what becomes of each message sent over it. Spec: SCN-13."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

import msgspec

from loomweave_sim.chance import (
    PPM,
    SPREADS,
    WORD_BITS,
    WORD_MASK,
    Chance,
    Spread,
)

FATES: Final = PPM * PPM * PPM
"""Three independent shares come out of one draw below this: its digits in base one million."""
_FATES_SURPLUS: Final = (WORD_MASK + 1) % FATES
_PPM_SQUARED: Final = PPM * PPM
CORRUPTED_BYTES_MAX: Final = 4
"""Most bytes of a message that are changed under way. Spec: SCN-13."""


class Harm(Enum):
    """What may be done to the bytes of a message under way. Spec: SCN-13."""

    CORRUPTION = "corruption"
    TRUNCATION = "truncation"


class LinkQuality(msgspec.Struct, frozen=True):
    """How a link behaves while it is not cut. Spec: SCN-13."""

    latency: Spread = SPREADS["lan"]
    loss_ppm: int = 0
    duplication_ppm: int = 0
    reordering_ppm: int = 0
    reordering_delay: Spread = SPREADS["lan"]
    """How much later a message that leaves its place in the order arrives."""
    corruption_ppm: int = 0
    truncation_ppm: int = 0


class LinkCounts(msgspec.Struct):
    """What a link has done so far, for figures and expectations. Spec: SCN-13."""

    sent: int = 0
    cut: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    corrupted: int = 0
    truncated: int = 0
    delivered: int = 0
    sent_bytes: int = 0
    delivered_bytes: int = 0


class Link:
    """A directed link: it decides, and leaves carrying the messages to the world. Spec: SCN-13.

    Every message takes the same draws from the main stream whatever becomes of it, and what only
    a few need comes from another: so changing one share of a scenario does not change which
    messages the others hit.
    """

    __slots__ = (
        "_chance",
        "_cuts",
        "_damage",
        "_harm",
        "_last_ns",
        "_qualities",
        "_seldom",
        "counts",
        "does_harm",
        "quality",
    )

    def __init__(self, quality: LinkQuality, chance: Chance) -> None:
        self.counts = LinkCounts()
        self._chance = chance
        self._seldom = chance.branch("seldom")
        self._harm = chance.branch("harm")
        self._damage = chance.branch("damage")
        self._qualities: list[LinkQuality] = []
        self._cuts = 0
        self._last_ns = 0
        self.degrade(quality)

    @property
    def is_cut(self) -> bool:
        """Tell whether any fault cuts the link now. Spec: SCN-13."""
        return self._cuts > 0

    def cut(self) -> None:
        """Let one more fault cut the link. Spec: SCN-13."""
        self._cuts += 1

    def mend(self) -> None:
        """End one of the faults that cut the link. Spec: SCN-13."""
        assert self._cuts > 0, "a link is mended once for each cut"
        self._cuts -= 1

    def degrade(self, quality: LinkQuality) -> None:
        """Put another behaviour in force until `restore` is called with the same. Spec: SCN-13."""
        self._put_in_force([*self._qualities, quality])

    def restore(self, quality: LinkQuality) -> None:
        """Take back a behaviour that `degrade` put in force. Spec: SCN-13."""
        base, *faults = self._qualities
        faults.remove(quality)
        self._put_in_force([base, *faults])

    def _put_in_force(self, qualities: list[LinkQuality]) -> None:
        self._qualities = qualities
        self.quality = qualities[-1]
        """The behaviour in force: that of the latest fault, else the scenario's."""
        self.does_harm = self.quality.corruption_ppm > 0 or self.quality.truncation_ppm > 0
        """Whether messages must be asked about with `harm`."""

    def send(self, now_ns: int, size: int) -> Sequence[int]:
        """Decide the fate of a message: the delays after which copies of it arrive. Spec: SCN-13.

        No delay means that it never does. A message that was not reordered never overtakes one
        sent before it.
        """
        counts = self.counts
        counts.sent += 1
        counts.sent_bytes += size
        quality, word = self.quality, self._chance.word
        delay_ns = quality.latency.draw(self._chance)
        # `Chance.below`, spelled out: this happens once for every message of a run.
        product = word() * FATES
        while (low := product & WORD_MASK) < FATES and low < _FATES_SURPLUS:
            product = word() * FATES
        fate = product >> WORD_BITS
        if self._cuts:
            counts.cut += 1
            return ()
        if fate % PPM < quality.loss_ppm:
            counts.lost += 1
            return ()
        if fate // PPM % PPM < quality.reordering_ppm:
            counts.reordered += 1
            delay_ns += quality.reordering_delay.draw(self._seldom)
        else:
            at_ns = now_ns + delay_ns
            if at_ns < self._last_ns:
                delay_ns = self._last_ns - now_ns
            else:
                self._last_ns = at_ns
        if fate // _PPM_SQUARED >= quality.duplication_ppm:
            return (delay_ns,)
        counts.duplicated += 1
        return (delay_ns, delay_ns + quality.latency.draw(self._seldom))

    def harm(self) -> Harm | None:
        """Decide whether a message that was sent is damaged. Spec: SCN-13.

        Links that `does_harm` says nothing of need not be asked; the others draw for each message.
        """
        fate = self._harm.below(_PPM_SQUARED)
        if fate % PPM < self.quality.truncation_ppm:
            return Harm.TRUNCATION
        return Harm.CORRUPTION if fate // PPM < self.quality.corruption_ppm else None

    def damage(self, data: bytes, harm: Harm) -> bytes:
        """Do harm to the bytes of a message: cut some off, or change a few. Spec: SCN-13."""
        chance = self._damage
        if harm is Harm.TRUNCATION:
            self.counts.truncated += 1
            return data[: chance.below(len(data))]
        self.counts.corrupted += 1
        damaged = bytearray(data)
        for _ in range(chance.between(1, CORRUPTED_BYTES_MAX)):
            damaged[chance.below(len(data))] ^= chance.between(1, 255)
        return bytes(damaged)

    def arrive(self, size: int) -> bool:
        """Say whether a copy that is due gets through. Spec: SCN-13.

        A cut also stops what is under way.
        """
        if self._cuts:
            self.counts.cut += 1
            return False
        self.counts.delivered += 1
        self.counts.delivered_bytes += size
        return True
