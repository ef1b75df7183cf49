"""All replicas end up with the same. Spec: SCN-25, SCN-21."""

from loomweave_sim.checkers.base import Checker
from loomweave_sim.differences import differences, show_place
from loomweave_sim.stage import Stage


class Convergence(Checker):
    """Roots become equal within the bound after the heal, every stamp due. Spec: SCN-21."""

    name = "convergence"

    def __init__(self) -> None:
        super().__init__()
        self.converged_at_ns: int | None = None
        """When roots were seen to be equal with nothing waiting. Set by the run."""
        self._took = ""

    def finish(self, world: Stage) -> None:
        """Name who lacks what, and why nothing is on its way."""
        if self.converged_at_ns is not None:
            took_ns = self.converged_at_ns - world.scenario.heals_at_ns()
            self._took = f"{took_ns / 1e9:.1f} s after the heal"
        found = differences(world.nodes)
        for difference in found:
            place = show_place(difference.entity, difference.field)
            names = ", ".join(f"n{i}" for i in difference.lacking)
            stamp_ns = difference.greatest.stamp_ns
            self.blame(f"{names} lack {place} = {difference.greatest.value!r} of stamp {stamp_ns}")
        for node in world.nodes:
            if waiting := node.state.graph.waiting:
                first_ns = waiting[0].element.stamp_ns - node.state.clock.horizon_ns
                self.blame(
                    f"{node.name} still holds back {len(waiting)} writes, the first of which "
                    f"is due in {first_ns} ns"
                )
        if self.converged_at_ns is None and not self.violations:
            self.blame("roots became equal only after the bound")

    def praise(self) -> str:
        """Say how soon."""
        return f"All roots were equal, with nothing held back, {self._took}."

    def accuse(self) -> str:
        """Say how many differences there are, and the first."""
        return f"No agreement: {self.violations} differences; {self.evidence[0]}."
