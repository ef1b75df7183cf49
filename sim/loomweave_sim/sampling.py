"""Measures a run at regular instants of virtual time. Spec: SCN-24."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from loomweave_sim.differences import Difference, differences, roots
from loomweave_sim.result import Series
from loomweave_sim.trace import Happening, detail

if TYPE_CHECKING:
    from loomweave_sim.world import World

SAMPLES: Final = 240
"""How many samples the faulty part of a run has. Spec: SCN-24."""
SAMPLE_NS_MIN: Final = 100_000_000
TRAFFIC: Final = (
    "messages-sent",
    "messages-delivered",
    "messages-dropped",
    "bytes-sent",
    "bytes-delivered",
)


class Sampler:
    """Takes samples of a world. Spec: SCN-24."""

    def __init__(self, world: "World", every_ns: int | None = None) -> None:
        self._world = world
        self.every_ns = every_ns or max(SAMPLE_NS_MIN, world.scenario.heals_at_ns() // SAMPLES)
        self.sampled_ns: list[int] = []
        self.distinct_roots = 0
        self.roots_max = 0
        self.lag_max = 0
        self._roots: list[int] = []
        self._lag: list[list[int]] = [[] for _ in world.nodes]
        self._waiting: list[list[int]] = [[] for _ in world.nodes]
        self._traffic: dict[str, list[float]] = {name: [] for name in TRAFFIC}
        self._totals: dict[str, int] = dict.fromkeys(TRAFFIC, 0)

    @property
    def agrees(self) -> bool:
        """Tell whether at the last sample all roots were equal and nothing waited."""
        waiting = any(node.state.graph.waiting for node in self._world.nodes)
        return self.distinct_roots == 1 and not waiting

    def sample(self) -> None:
        """Take a sample now. Spec: SCN-24."""
        world = self._world
        found = roots(world.nodes)
        for node, root in zip(world.nodes, found, strict=True):
            world.note(Happening.ROOT, node.index, second=detail(root))
        self.distinct_roots = len(set(found))
        self.roots_max = max(self.roots_max, self.distinct_roots)
        for hook in world.hooks.sampled:
            hook(world)
        self.sampled_ns.append(world.env.now)
        self._roots.append(self.distinct_roots)
        self._take_lag(differences(world.nodes) if self.distinct_roots > 1 else [])
        for node in world.nodes:
            self._waiting[node.index].append(len(node.state.graph.waiting))
        self._take_traffic()

    def _take_lag(self, found: list[Difference]) -> None:
        behind = Counter(replica for difference in found for replica in difference.lacking)
        for replica, lag in enumerate(self._lag):
            lag.append(behind[replica])
        self.lag_max = max(self.lag_max, *behind.values(), 0) if behind else self.lag_max

    def _take_traffic(self) -> None:
        totals = traffic(self._world)
        before_ns = self.sampled_ns[-2] if len(self.sampled_ns) > 1 else 0
        seconds = (self.sampled_ns[-1] - before_ns) / 1_000_000_000 or 1.0
        for name in TRAFFIC:
            rate = (totals[name] - self._totals[name]) / seconds
            self._traffic[name].append(round(rate, 3))
        self._totals = totals

    def series(self) -> tuple[Series, ...]:
        """Return all series. Spec: SCN-24."""
        lag = [Series("lag", "elements", i, tuple(v)) for i, v in enumerate(self._lag)]
        waiting = [Series("waiting", "elements", i, tuple(v)) for i, v in enumerate(self._waiting)]
        rates = [
            Series(name, f"{name.split('-')[0]}/s", None, tuple(self._traffic[name]))
            for name in TRAFFIC
        ]
        return (Series("roots", "", None, tuple(self._roots)), *lag, *waiting, *rates)


def traffic(world: "World") -> dict[str, int]:
    """Sum up what all links have done so far. Spec: SCN-24."""
    counts = [link.counts for link in world.links.values()]
    return {
        "messages-sent": sum(count.sent for count in counts),
        "messages-delivered": sum(count.delivered for count in counts),
        "messages-dropped": sum(count.lost + count.cut for count in counts),
        "bytes-sent": sum(count.sent_bytes for count in counts),
        "bytes-delivered": sum(count.delivered_bytes for count in counts),
    }
