"""What a run is judged by. Spec: SCN-25."""

from loomweave_sim.checkers.base import Checker
from loomweave_sim.checkers.bounds import Bounds, Echo
from loomweave_sim.checkers.convergence import Convergence
from loomweave_sim.checkers.feed import Feed
from loomweave_sim.checkers.recovery import Recovery
from loomweave_sim.checkers.twins import Twins
from loomweave_sim.checkers.visibility import Dangling, Horizon
from loomweave_sim.checkers.writes import Acknowledged, Maximum, Requests

__all__ = [
    "Acknowledged",
    "Bounds",
    "Checker",
    "Convergence",
    "Dangling",
    "Echo",
    "Feed",
    "Horizon",
    "Maximum",
    "Recovery",
    "Requests",
    "Twins",
]
