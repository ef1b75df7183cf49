"""What every checker is. Spec: SCN-25."""

from typing import ClassVar

from loomweave_sim.result import EVIDENCE_MAX, Verdict
from loomweave_sim.stage import Stage, Watcher


class Checker(Watcher):
    """Looks on during a run, and judges it at the end. Spec: SCN-25.

    A violation that is seen during the run is kept with `blame` and fails the checker.
    """

    name: ClassVar[str] = ""
    held: ClassVar[str] = ""
    """The sentence for a run in which nothing was wrong."""

    def __init__(self) -> None:
        self.violations = 0
        self.evidence: list[str] = []

    def blame(self, line: str) -> None:
        """Keep a violation, in words for people. Spec: SCN-25."""
        self.violations += 1
        if len(self.evidence) < EVIDENCE_MAX:
            self.evidence.append(line)

    def finish(self, world: Stage) -> None:
        """Look at the replicas at the end of the run, and blame what is wrong. Spec: SCN-25."""

    def praise(self) -> str:
        """Say in a sentence what was checked and held. Spec: SCN-25."""
        return self.held

    def accuse(self) -> str:
        """Say in a sentence what is wrong. Spec: SCN-25."""
        more = f" (and {self.violations - 1} more)" if self.violations > 1 else ""
        return self.evidence[0] + more

    def judge(self, world: Stage) -> Verdict:
        """Give the verdict on a run that has ended. Spec: SCN-25."""
        self.finish(world)
        if self.violations:
            return Verdict(self.name, False, self.accuse(), tuple(self.evidence))
        return Verdict(self.name, True, self.praise())


def at_s(time_ns: int) -> str:
    """Write a virtual time for people, in seconds."""
    return f"{time_ns // 1_000_000 / 1_000:.3f} s"
