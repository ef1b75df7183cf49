"""What was acknowledged is there, and what is there is what should be. Spec: SCN-25."""

from loomweave.core.lattices.register import Element
from loomweave_sim.checkers.base import Checker
from loomweave_sim.differences import show_place
from loomweave_sim.oracle import dumb_key
from loomweave_sim.recorder import Recorder
from loomweave_sim.stage import Stage


def show_element(element: Element | None) -> str:
    """Write an element for people, so that no two different ones look alike. Spec: SCN-25."""
    if element is None:
        return "(nothing)"
    origin = f"{element.writer.hex()[:8]}/{element.seq}"
    return f"{element.value!r} (stamp {element.stamp_ns} by {origin})"


class Acknowledged(Checker):
    """No write that a client was told to be safe is lost. Spec: SCN-25."""

    name = "acknowledged"

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def finish(self, world: Stage) -> None:
        """Ask each replica for each field that an acknowledged write was made to."""
        for place, made in self._recorder.oracle.acknowledged.items():
            key = dumb_key(made.element)
            for node in world.nodes:
                held = node.state.graph.held.get(place[0], {}).get(place[1])
                if held is None or dumb_key(held) < key:
                    self.blame(
                        f"{node.name} holds {show_element(held)} in {show_place(*place)}, and "
                        f"n{made.replica} was told that {show_element(made.element)} is safe"
                    )

    def praise(self) -> str:
        """Say how many."""
        count = self._recorder.acknowledged
        return f"All {count} acknowledged requests are at every replica, or what came after them."


class Maximum(Checker):
    """Each final field is the greatest of all writes, as the naive oracle has it. Spec: SCN-25."""

    name = "maximum"

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self._fields = 0

    def finish(self, world: Stage) -> None:
        """Compare every field of every replica with the oracle.

        A write whose writer died before it was acknowledged may be there or not.
        """
        for node in world.nodes:
            held = node.state.graph.held
            for entity in sorted(held):
                for field, element in held[entity].items():
                    self._fields += 1
                    self._compare(node.name, (entity, field), element)

    def _compare(self, name: str, place: tuple[str, str], element: Element) -> None:
        oracle = self._recorder.oracle
        if not oracle.was_made(place, element):
            held = show_element(element)
            self.blame(f"{name} holds {held} in {show_place(*place)}: nobody wrote that")
            return
        best = oracle.best(place)
        if best is not None and dumb_key(element) < dumb_key(best):
            self.blame(
                f"{name} holds {show_element(element)} in {show_place(*place)}, where the "
                f"greatest write is {show_element(best)}"
            )

    def praise(self) -> str:
        """Say how many."""
        return f"All {self._fields} final fields are the greatest write of the naive oracle."


class Requests(Checker):
    """What a client asked for is what was written, and it gets one answer. Spec: SCN-25."""

    name = "requests"

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def finish(self, world: Stage) -> None:
        """Report what the recorder found to be wrong."""
        for line in self._recorder.mistakes:
            self.blame(line)
        for request in sorted(world.requests):
            if request not in self._recorder.orphaned:
                self.blame(f"request {request} was never answered")

    def praise(self) -> str:
        """Say how many."""
        return f"All {self._recorder.answered} requests were answered once, and done as asked."
