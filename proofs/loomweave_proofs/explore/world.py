"""Worlds of whole replicas: frames in flight, links, disks and clocks, as one small value.

Spec: PRF-20.
"""

from typing import Any, Final, NamedTuple

from attrs import field, frozen

from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import Operation
from loomweave_proofs.explore.local import PLAIN, Item, Lens

BASE_NS: Final = 1_700_000_000_000_000_000
"""Time at tick 0: any instant on the grid of stamps."""

Message = tuple[str, str, str, int]
"""A frame in flight: to whom, from whom, its kind, its number."""


class Node(NamedTuple):
    """One replica in a world."""

    state: int
    """Number of its state, `DOWN` while it does not run."""
    journal: int
    """Number of what is durable, 0 for nothing."""
    queue: tuple[Item, ...]
    """Effects that await the disk, in order."""
    done: int
    """How many of its writes it was asked for."""
    lives: int
    """How often it was started."""


class World(NamedTuple):
    """Everything that a step may depend on."""

    nodes: tuple[Node, ...]
    net: tuple[Message, ...]
    links: tuple[tuple[str, str], ...]
    """(a, b) where a knows that it can reach b."""
    tick: int
    drops: int
    doubles: int
    cuts: int
    crashes: int
    """How many faults of each kind may still happen."""
    batches: tuple[tuple[bytes, int, int], ...]
    """Writer, seq and entry of the feed of each batch that was written, where they are noted."""
    notes: tuple[Any, ...]
    """What the model observes of what was told."""
    fault: str = ""
    """The rule that the last faulty step of a replica broke."""


@frozen
class Plan:
    """The shape of a world and the faults in it. Spec: PRF-20."""

    names: tuple[str, ...] = ("r0", "r1", "r2")
    pairs: tuple[tuple[str, str], ...] = (("r0", "r1"), ("r0", "r2"), ("r1", "r2"))
    writes: dict[str, tuple[tuple[Operation, ...], ...]] = field(factory=dict)
    imports: tuple[Part, ...] = ()
    importers: tuple[str, ...] = ()
    gateways: dict[str, tuple[int, ...]] = field(factory=dict)
    """Which of the imports each gateway may read, one by one, as another protocol's writes."""
    drops: int = 0
    doubles: int = 0
    cuts: int = 0
    crashes: int = 0
    ticks: int = 0
    tick_ns: int = 1_000
    is_time_needed: bool = False
    """Whether a fair run lets time pass also where nothing waits."""
    offsets_ns: dict[str, tuple[int, ...]] = field(factory=dict)
    """How far each wall clock is off at each tick; the last counts for all that follow."""
    compares: tuple[str, ...] = ()
    """Who may compare digests."""
    busy: int = 2
    """Most frames in flight at which something new begins."""
    is_disk_slow: bool = False
    tells_early: bool = False
    """A driver that breaks MCH-4: it tells before the disk has it. For sabotage."""
    keeps_journal: bool = False
    is_greeted: bool = True
    """Whether all links are up and all hellos exchanged at first."""
    notes_writes: bool = True
    """Whether the world keeps a list of what was written."""
    skew_max_ns: int = 60_000_000_000
    lens: Lens = PLAIN


def with_node(world: World, at: int, node: Node) -> World:
    """Give the world with one replica changed."""
    nodes = world.nodes
    return world._replace(nodes=(*nodes[:at], node, *nodes[at + 1 :]))


def without(world: World, message: Message) -> World:
    """Give the world with one frame less in flight."""
    at = world.net.index(message)
    return world._replace(net=world.net[:at] + world.net[at + 1 :])


def oldest(world: World) -> Message:
    """Choose the frame that a fair network delivers next: no hello is overtaken for ever."""
    return min(world.net, key=lambda message: (message[2] != "Hello", message))
