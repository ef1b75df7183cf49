"""The clocks of one simulated host, as integer functions of virtual time. Spec: SCN-14."""

from typing import Final

from loomweave_sim.chance import PPM

EPOCH_NS: Final = 1_767_225_600_000_000_000
"""What a true wall clock shows at virtual time 0: 2026-01-01T00:00:00Z. Spec: SCN-14."""
DRIFT_PPM_MIN: Final = -PPM
"""A clock may stand still but not run backwards. Spec: SCN-14."""
DRIFT_PPM_MAX: Final = 10 * PPM


class HostClock:
    """Tells one host's wall and monotonic time at any virtual time. Spec: SCN-14.

    Between two changes the wall clock is a straight line: it goes through (`anchor_ns`,
    `wall_at_anchor_ns`) and gains `drift_ppm` on true time. Changes come in order of time.
    """

    __slots__ = ("_anchor_ns", "_anchor_wall_ns", "_rate_ppm", "_started_ns")

    def __init__(self, offset_ns: int = 0, drift_ppm: int = 0) -> None:
        self._anchor_ns = 0
        self._anchor_wall_ns = EPOCH_NS + offset_ns
        self._rate_ppm = PPM + _checked_drift(drift_ppm)
        self._started_ns = 0

    def read(self, now_ns: int) -> tuple[int, int]:
        """Read both clocks, the wall and the monotonic one. Spec: SCN-14."""
        since_ns = now_ns - self._anchor_ns
        if self._rate_ppm != PPM:
            since_ns = since_ns * self._rate_ppm // PPM
        return self._anchor_wall_ns + since_ns, now_ns - self._started_ns

    def wall_ns(self, now_ns: int) -> int:
        """Read the wall clock, which may be wrong. Spec: SCN-14."""
        return self._anchor_wall_ns + (now_ns - self._anchor_ns) * self._rate_ppm // PPM

    def mono_ns(self, now_ns: int) -> int:
        """Read the monotonic clock: true time since the process started. Spec: SCN-14."""
        return now_ns - self._started_ns

    def wrong_by_ns(self, now_ns: int) -> int:
        """Tell how far the wall clock is ahead of true time; negative: behind. Spec: SCN-14."""
        return self.wall_ns(now_ns) - EPOCH_NS - now_ns

    def when_wall(self, wall_ns: int, now_ns: int) -> int | None:
        """Find the first virtual time, from now on, at which the wall shows at least `wall_ns`.

        None where the clock stands still and will not get there. The answer holds until the clock
        is changed: whoever waits for it asks again then. Spec: SCN-14.
        """
        if self.wall_ns(now_ns) >= wall_ns:
            return now_ns
        if not self._rate_ppm:
            return None
        missing = (wall_ns - self._anchor_wall_ns) * PPM
        return self._anchor_ns + -(-missing // self._rate_ppm)

    def when_mono(self, mono_ns: int, now_ns: int) -> int:
        """Find the first virtual time, from now on, at which `mono_ns` is reached. Spec: SCN-14."""
        return max(now_ns, self._started_ns + mono_ns)

    def restart(self, now_ns: int) -> None:
        """Begin a new process: its monotonic clock starts at zero. Spec: SCN-14."""
        self._started_ns = now_ns

    def step(self, now_ns: int, by_ns: int) -> None:
        """Move the wall clock at once, forward or back. Spec: SCN-14."""
        self._anchor(now_ns)
        self._anchor_wall_ns += by_ns

    def drift(self, now_ns: int, drift_ppm: int) -> None:
        """Let the wall clock gain `drift_ppm` on true time from now on. Spec: SCN-14."""
        self._anchor(now_ns)
        self._rate_ppm = PPM + _checked_drift(drift_ppm)

    def correct(self, now_ns: int) -> None:
        """Set the wall clock to true time, and let it run true. Spec: SCN-14."""
        self._anchor_ns = now_ns
        self._anchor_wall_ns = EPOCH_NS + now_ns
        self._rate_ppm = PPM

    def _anchor(self, now_ns: int) -> None:
        assert now_ns >= self._anchor_ns, "changes of a clock come in order of time"
        self._anchor_wall_ns = self.wall_ns(now_ns)
        self._anchor_ns = now_ns


def _checked_drift(drift_ppm: int) -> int:
    assert DRIFT_PPM_MIN <= drift_ppm <= DRIFT_PPM_MAX, "a clock stands still or runs forward"
    return drift_ppm
