"""A network between replicas of a user's lattice: faults of the simulator, joins of the user.

Five replicas write and tell each other what they hold over links that lose, duplicate and reorder;
for a while the network is in two parts. After the heal they must agree, and nothing written may be
lost. The simulator is imported here only.
"""

import importlib.util
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import attrs

from loomweave_proofs.lattice.worlds import Lost, States


class Counts(Protocol):
    """What a link has done so far."""

    sent: int
    cut: int
    lost: int
    duplicated: int
    reordered: int


class Link(Protocol):
    """A link of the simulator, as it is used here."""

    @property
    def counts(self) -> Counts:
        """Return what it has done so far."""

    def cut(self) -> None:
        """Cut it."""

    def mend(self) -> None:
        """Mend it."""

    def send(self, now_ns: int, size: int) -> Sequence[int]:
        """Decide after which delays copies of a message arrive."""

    def arrive(self, size: int) -> bool:
        """Say whether a copy that is due gets through."""


class Clock(Protocol):
    """Virtual time."""

    @property
    def now(self) -> int:
        """Return the time in nanoseconds."""

    def timeout(self, delay: int) -> "Timeout":
        """Return something that happens later."""

    def run(self, until: int) -> None:
        """Go on until an instant."""


class Timeout(Protocol):
    """Something that happens later."""

    callbacks: list[Callable[[object], None]]


REPLICAS: Final = 5
SIDES: Final = ((0, 1), (2, 3, 4))
MS: Final = 1_000_000
WRITE_EVERY_NS: Final = 120 * MS
TELL_EVERY_NS: Final = 40 * MS
CUT_NS: Final = 500 * MS
MEND_NS: Final = 2_000 * MS
QUIET_NS: Final = 2_500 * MS
"""From here on nobody writes; the links stay as bad as they are."""
END_NS: Final = 6_000 * MS
TIME_S: Final = 4.0
"""Longest time that one run takes."""
STATES_MAX: Final = 4_000
"""A merge that makes more states than this from a few dozen writes does not come to rest."""


@attrs.frozen
class Outcome:
    """What became of one run."""

    seed: int
    writes: int
    messages: int
    cut: int
    lost: int
    duplicated: int
    reordered: int
    agreed_after_ns: int | None
    wrong: str = ""
    story: Sequence[str] = ()


def is_at_hand() -> bool:
    """Tell whether the simulator can be imported."""
    return all(importlib.util.find_spec(name) for name in ("simpy", "loomweave_sim"))


def run(states: States, writes: Sequence[object], seed: int) -> Outcome:
    """Run the scenario; each write is a state that a replica joins into its own."""
    network = Network(states, [states.number(write) for write in writes], seed)
    try:
        network.env.run(until=END_NS)
        return network.outcome(network.judge())
    except Lost as error:
        return network.outcome(f"the merge raised {error}")
    except Restless:
        return network.outcome("the replicas make ever new states and never come to rest")


class TooSlow(Exception):
    """The merge takes so long that the run would not end in seconds."""


class Restless(Exception):
    """There is no end of new states."""


class Network:
    """Replicas and links in virtual time."""

    def __init__(self, states: States, writes: Sequence[int], seed: int) -> None:
        from loomweave_sim import link
        from loomweave_sim.chance import SPREADS, Chance
        from loomweave_sim.stage import VirtualTime

        self.states, self.writes = states, writes
        self.chance = Chance(seed, "lattice/replicas")
        self.env: Clock = VirtualTime()
        self.seed = seed
        self.until_s = time.perf_counter() + TIME_S
        self.held: list[int | None] = [None] * REPLICAS
        self.written: list[tuple[int, int]] = []
        self.agreed_ns: int | None = None
        bad = link.LinkQuality(SPREADS["wan"], 100_000, 100_000, 200_000, SPREADS["mobile"])
        self.links: dict[tuple[int, int], Link] = {
            (a, b): link.Link(bad, Chance(seed, f"lattice/link/{a}/{b}"))
            for a in range(REPLICAS)
            for b in range(REPLICAS)
            if a != b
        }
        for replica in range(REPLICAS):
            self._after(1 + self.chance.below(WRITE_EVERY_NS), self._write, replica)
            self._after(1 + self.chance.below(TELL_EVERY_NS), self._tell, replica)
        self._after(CUT_NS, self._cut)
        self._after(MEND_NS, self._mend)

    def _after(self, delay_ns: int, action: Callable[..., None], *arguments: int) -> None:
        self.env.timeout(delay_ns).callbacks.append(lambda _: action(*arguments))

    # -- what replicas do

    def _write(self, replica: int) -> None:
        if self.env.now >= QUIET_NS:
            return
        state = self.chance.pick(self.writes)
        self.written.append((replica, state))
        self._join(replica, state)
        self._after(WRITE_EVERY_NS, self._write, replica)

    def _tell(self, replica: int) -> None:
        other = (replica + 1 + self.chance.below(REPLICAS - 1)) % REPLICAS
        state = self.held[replica]
        if state is not None:
            for delay_ns in self.links[replica, other].send(self.env.now, 1):
                self._after(delay_ns, self._hear, replica, other, state)
        self._after(TELL_EVERY_NS, self._tell, replica)

    def _hear(self, teller: int, hearer: int, state: int) -> None:
        if self.links[teller, hearer].arrive(1):
            self._join(hearer, state)

    def _join(self, replica: int, state: int) -> None:
        if time.perf_counter() > self.until_s:
            raise TooSlow
        mine = self.held[replica]
        self.held[replica] = state if mine is None else self.states.join(mine, state)
        if len(self.states.values) > STATES_MAX:
            raise Restless
        if self.env.now < QUIET_NS:
            return
        if self.agrees():
            self.agreed_ns = self.env.now if self.agreed_ns is None else self.agreed_ns
        else:
            self.agreed_ns = None

    # -- what befalls the network

    def _crossing(self) -> list[Link]:
        return [link for (a, b), link in self.links.items() if (a in SIDES[0]) != (b in SIDES[0])]

    def _cut(self) -> None:
        for link in self._crossing():
            link.cut()

    def _mend(self) -> None:
        for link in self._crossing():
            link.mend()

    # -- what is asked at the end

    def agrees(self) -> bool:
        """Tell whether all replicas hold the same."""
        first, *others = self.held
        return first is not None and all(
            other is not None and self.states.is_same(first, other) for other in others
        )

    def judge(self) -> str:
        """Say what is wrong after the heal, or nothing."""
        from loomweave_proofs.lattice.states import literal

        if not self.agrees():
            held = {literal(self.states.values[state]) for state in self.held if state is not None}
            return f"the network healed and the replicas disagree: {' and '.join(sorted(held)[:2])}"
        final = self.held[0]
        assert final is not None
        for replica, state in self.written:
            if not self.states.is_below(state, final):
                written, left = (literal(self.states.values[at]) for at in (state, final))
                return f"replica {replica} wrote {written}, and it is not in {left}"
        return ""

    def outcome(self, wrong: str) -> Outcome:
        """Sum the run up."""
        counts = [link.counts for link in self.links.values()]
        after = None if self.agreed_ns is None else self.agreed_ns - QUIET_NS
        return Outcome(
            self.seed,
            len(self.written),
            sum(item.sent for item in counts),
            sum(item.cut for item in counts),
            sum(item.lost for item in counts),
            sum(item.duplicated for item in counts),
            sum(item.reordered for item in counts),
            after,
            wrong,
        )
