"""One direction of one connection: what becomes of each message sent over it. Spec: SCN-13."""

from collections.abc import Sequence

import msgspec

from loomweave_sim.chance import PPM, SPREADS, Chance, Spread


class LinkQuality(msgspec.Struct, frozen=True):
    """How a link behaves while it is not cut. Spec: SCN-13."""

    latency: Spread = SPREADS["lan"]
    loss_ppm: int = 0
    duplication_ppm: int = 0
    reordering_ppm: int = 0
    reordering_delay: Spread = SPREADS["lan"]
    """How much later a message that leaves its place in the order arrives."""


class LinkCounts(msgspec.Struct):
    """What a link has done so far, for figures and expectations. Spec: SCN-13."""

    sent: int = 0
    cut: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    delivered: int = 0
    sent_bytes: int = 0
    delivered_bytes: int = 0


class Link:
    """A directed link: it decides, and leaves carrying the messages to the world. Spec: SCN-13.

    Every message takes the same draws from the main stream whatever becomes of it, and what only
    a few need comes from another: so changing one share of a scenario does not change which
    messages the others hit.
    """

    __slots__ = ("_chance", "_cuts", "_last_ns", "_qualities", "_seldom", "counts")

    def __init__(self, quality: LinkQuality, chance: Chance) -> None:
        self.counts = LinkCounts()
        self._chance = chance
        self._seldom = chance.branch("seldom")
        self._qualities: list[LinkQuality] = [quality]
        self._cuts = 0
        self._last_ns = 0

    @property
    def is_cut(self) -> bool:
        """Tell whether any fault cuts the link now. Spec: SCN-13."""
        return self._cuts > 0

    @property
    def quality(self) -> LinkQuality:
        """Return the behaviour in force: that of the latest fault, else the scenario's."""
        return self._qualities[-1]

    def cut(self) -> None:
        """Let one more fault cut the link. Spec: SCN-13."""
        self._cuts += 1

    def mend(self) -> None:
        """End one of the faults that cut the link. Spec: SCN-13."""
        assert self._cuts > 0, "a link is mended once for each cut"
        self._cuts -= 1

    def degrade(self, quality: LinkQuality) -> None:
        """Put another behaviour in force until `restore` is called with the same. Spec: SCN-13."""
        self._qualities.append(quality)

    def restore(self, quality: LinkQuality) -> None:
        """Take back a behaviour that `degrade` put in force. Spec: SCN-13."""
        base, *faults = self._qualities
        faults.remove(quality)
        self._qualities = [base, *faults]

    def send(self, now_ns: int, size: int) -> Sequence[int]:
        """Decide the fate of a message: the delays after which copies of it arrive. Spec: SCN-13.

        No delay means that it never does. A message that was not reordered never overtakes one
        sent before it.
        """
        counts = self.counts
        counts.sent += 1
        counts.sent_bytes += size
        quality = self.quality
        delay_ns = quality.latency.draw(self._chance)
        # Three independent shares out of one draw: its digits in base one million.
        fate = self._chance.below(PPM * PPM * PPM)
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
            self._last_ns = max(self._last_ns, now_ns + delay_ns)
            delay_ns = self._last_ns - now_ns
        if fate // (PPM * PPM) >= quality.duplication_ppm:
            return (delay_ns,)
        counts.duplicated += 1
        return (delay_ns, delay_ns + quality.latency.draw(self._seldom))

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
