"""Models of whole replicas: the shipped machine, under a network, disks and clocks that fail.

Spec: PRF-20. What a replica does with an event is `loomweave.core.machine.step`, and how it comes
back is `recovery.recover`; here is only what surrounds it.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Any

from loomweave.core.replica.state import Config
from loomweave_proofs.explore.local import DOWN, Consequence, Item, Replicas
from loomweave_proofs.explore.model import Action, Model
from loomweave_proofs.explore.world import (
    BASE_NS,
    Message,
    Node,
    Plan,
    World,
    oldest,
    with_node,
    without,
)


class Machines(Model[World]):
    """What can happen in a world. Spec: PRF-20."""

    plan: Plan

    def __init__(self) -> None:
        plan = self.plan
        self.replicas = Replicas(
            [Config(name, skew_max_ns=plan.skew_max_ns) for name in plan.names],
            plan.writes,
            plan.imports,
            plan.lens,
        )
        self.places = {name: at for at, name in enumerate(plan.names)}
        self.state_of = self.replicas.states.__getitem__

    def starts(self) -> Iterator[World]:
        """Start every replica; greet if the plan says so. Spec: SYN-1."""
        plan = self.plan
        nodes = tuple(Node(self.replicas.first(name), 0, (), 0, 0) for name in plan.names)
        faults = (plan.drops, plan.doubles, plan.cuts, plan.crashes)
        world = World(nodes, (), (), 0, *faults, (), self.first_notes())
        for at in range(len(nodes)):
            world = self.settled(self.started(world, at, 0))
        if plan.is_greeted:
            for a, b in plan.pairs:
                world = self.joined(self.joined(world, a, b), b, a)
            world = self.settled(world)
        yield world

    def settled(self, world: World) -> World:
        """Sync every disk and deliver all that is in flight."""
        while True:
            slow = [name for at, name in enumerate(self.plan.names) if world.nodes[at].queue]
            if slow:
                world = self.synced(world, self.places[slow[0]])
            elif world.net:
                world = self.delivered(world, oldest(world), keep=False)
            else:
                return world

    def wall_ns(self, world: World, at: int) -> int:
        """Read a replica's wall clock, which may be set anew at any tick."""
        offsets_ns = self.plan.offsets_ns.get(self.plan.names[at], (0,))
        offset_ns = offsets_ns[min(world.tick, len(offsets_ns) - 1)]
        return BASE_NS + offset_ns + world.tick * self.plan.tick_ns

    def first_notes(self) -> tuple[Any, ...]:
        """Give what a model has observed at first: nothing."""
        return ()

    def noted(self, world: World, consequence: Consequence) -> World:
        """Note a batch when it is written: its writer, its seq and its elements. Spec: SYN-2."""
        if not self.plan.notes_writes:
            return world
        entries = [item.number for item in consequence.items if item.kind == "notify"]
        seqs = [item.number for item in consequence.items if item.kind == "reply"]
        if not entries or not seqs[-1]:
            return world
        writer = self.state_of(consequence.state).identity.writer
        notes = tuple(sorted((*world.batches, (writer, seqs[-1], entries[-1]))))
        return world._replace(batches=notes)

    def heard(self, world: World, at: int, item: Item) -> World:
        """Take note of a reply, an entry of the feed or a refusal that was told."""
        return world

    # What may happen.

    def actions(self, world: World) -> Iterator[Action]:
        """List what may happen: work first, then faults."""
        plan, nodes = self.plan, world.nodes
        is_busy = len(world.net) > plan.busy
        for at, name in enumerate(plan.names):
            node = nodes[at]
            if node.state == DOWN:
                yield ("restart", name)
                continue
            if node.queue:
                yield ("sync", name)
            if not is_busy and node.done < len(plan.writes.get(name, ())):
                yield ("write", name)
            if not is_busy and name in plan.compares:
                yield ("compare", name)
            if not is_busy and name in plan.importers:
                yield ("import", name)
            if not is_busy:
                yield from (("read", name, part) for part in plan.gateways.get(name, ()))
            if world.crashes:
                entries = sum(item.kind == "persist" for item in node.queue)
                yield from (("crash", name, torn) for torn in range(entries + 1))
        if world.tick < plan.ticks:
            yield ("tick",)
        yield from self.frame_actions(world)
        yield from self.link_actions(world)

    def frame_actions(self, world: World) -> Iterator[Action]:
        """List what may happen to each frame in flight."""
        last, nth = ("", "", ""), 0
        previous: Message | None = None
        for message in world.net:
            if message == previous:
                continue
            previous = message
            nth = nth + 1 if message[:3] == last else 0
            last = message[:3]
            yield ("deliver", *last, nth)
            if world.drops:
                yield ("drop", *last, nth)
            if world.doubles:
                yield ("double", *last, nth)

    def link_actions(self, world: World) -> Iterator[Action]:
        """List which links may be cut or made."""
        for a, b in self.plan.pairs:
            if world.cuts and (a, b) in world.links and (b, a) in world.links:
                yield ("cut", a, b)
            for near, far in ((a, b), (b, a)):
                both_up = all(world.nodes[self.places[name]].state != DOWN for name in (a, b))
                if both_up and (near, far) not in world.links:
                    yield ("join", near, far)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("deliver" | "drop" | "double" as verb, str(to), str(by), str(kind), int(nth)):
                message = self.find_message(world, (to, by, kind), nth)
                return None if message is None else self.carried(world, str(verb), message)
            case ("tick",):
                return self.ticked(world)
            case ("round",):
                return self.rounded(world)
            case ("join", str(a), str(b)):
                return self.joined(world, a, b)
            case ("cut", str(a), str(b)):
                return self.cut(world, a, b)
            case ("crash", str(name), int(torn)):
                at = self.places[name]
                return self.crashed(world, at, torn) if world.nodes[at].state else None
            case ("restart", str(name)):
                at = self.places[name]
                return None if world.nodes[at].state else self.restarted(world, at)
            case ("sync", str(name)):
                at = self.places[name]
                return self.synced(world, at) if world.nodes[at].queue else None
            case ("read", str(name), int(part)):
                at = self.places[name]
                return self.stepped(world, at, ("read", self.wall_ns(world, at), part))
            case (str(verb), str(name)):
                return self.asked(world, verb, self.places[name])
            case _:
                return None

    def find_message(self, world: World, place: tuple[str, str, str], nth: int) -> Message | None:
        """Find the nth different frame of a kind on a way."""
        found = sorted({message for message in world.net if message[:3] == place})
        return found[nth] if nth < len(found) else None

    def asked(self, world: World, verb: str, at: int) -> World | None:
        """Let a client or a timer speak to a replica."""
        node = world.nodes[at]
        if node.state == DOWN:
            return None
        wall_ns = self.wall_ns(world, at)
        if verb == "write":
            if node.done >= len(self.plan.writes.get(self.plan.names[at], ())):
                return None
            world = with_node(world, at, node._replace(done=node.done + 1))
            key = ("write", wall_ns, node.done)
            return self.noted(self.stepped(world, at, key), self.replicas.step(node.state, key))
        return self.stepped(world, at, (verb, wall_ns))

    def ticked(self, world: World) -> World:
        """Let time move on; whoever waits for it is woken."""
        world = world._replace(tick=world.tick + 1)
        for at, node in enumerate(world.nodes):
            if node.state != DOWN and self.state_of(node.state).graph.waiting:
                world = self.stepped(world, at, ("due", self.wall_ns(world, at)))
        return world

    def rounded(self, world: World) -> World:
        """Let everybody compare digests, after a tick if the plan needs time: a fair run's step."""
        if self.plan.is_time_needed:
            world = self.ticked(world)
        for at in range(len(world.nodes)):
            world = self.stepped(world, at, ("compare", self.wall_ns(world, at)))
        return world

    def carried(self, world: World, verb: str, message: Message) -> World | None:
        """Deliver a frame, lose it, or deliver it and keep it in flight."""
        if verb == "drop":
            return without(world, message)._replace(drops=world.drops - 1)
        if verb == "double":
            world = world._replace(doubles=world.doubles - 1)
        return self.delivered(world, message, keep=verb == "double")

    def delivered(self, world: World, message: Message, keep: bool) -> World:
        """Hand a frame to a replica; one that is down, or not linked, does not get it."""
        to, by, _, number = message
        if not keep:
            world = without(world, message)
        at = self.places[to]
        if world.nodes[at].state == DOWN or (to, by) not in world.links:
            return world
        return self.stepped(world, at, ("frame", self.wall_ns(world, at), by, number))

    def joined(self, world: World, a: str, b: str) -> World:
        """Tell one side of a link that it can reach the other."""
        if (a, b) in world.links:
            return world
        world = world._replace(links=tuple(sorted((*world.links, (a, b)))))
        at = self.places[a]
        return self.stepped(world, at, ("connected", self.wall_ns(world, at), b))

    def cut(self, world: World, a: str, b: str) -> World:
        """Break a link: what is in flight on it is lost, and both sides notice."""
        world = world._replace(cuts=world.cuts - 1)
        return self.parted(self.parted(world, a, b), b, a)

    def parted(self, world: World, a: str, b: str) -> World:
        """Tell one side that it cannot reach the other; lose what was on its way there."""
        if (a, b) not in world.links:
            return world
        world = world._replace(
            links=tuple(link for link in world.links if link != (a, b)),
            net=tuple(message for message in world.net if message[:2] != (b, a)),
        )
        at = self.places[a]
        if world.nodes[at].state == DOWN:
            return world
        return self.stepped(world, at, ("disconnected", self.wall_ns(world, at), b))

    def crashed(self, world: World, at: int, torn: int) -> World:
        """Stop a replica; of what awaits the disk, the first entries may have reached it."""
        node, name = world.nodes[at], self.plan.names[at]
        journal = node.journal
        entries = [item.number for item in node.queue if item.kind == "persist"]
        for number in entries[:torn]:
            journal = self.replicas.append(journal, number)
        down = Node(DOWN, journal, (), node.done, node.lives)
        world = with_node(world, at, down)._replace(
            crashes=world.crashes - 1, batches=self.surviving(world, at, journal)
        )
        for other in self.plan.names:
            world = self.parted(self.parted(world, other, name), name, other)
        return world

    def surviving(self, world: World, at: int, journal: int) -> tuple[tuple[bytes, int, int], ...]:
        """List the batches without those that were never durable and so never told. Spec: MCH-4."""
        if not world.batches:
            return ()
        recovered = self.state_of(self.replicas.recover(self.plan.names[at], journal)[0])
        own, seen = recovered.identity.writer, recovered.contacts.seen
        return tuple(
            batch for batch in world.batches if batch[0] != own or batch[1] <= seen.get(own, 0)
        )

    def restarted(self, world: World, at: int) -> World:
        """Recover a replica from its journal and start it. Spec: MCH-8."""
        node = world.nodes[at]
        state, _ = self.replicas.recover(self.plan.names[at], node.journal)
        world = with_node(world, at, node._replace(state=state))
        return self.started(world, at, 0)

    def started(self, world: World, at: int, renew: int) -> World:
        """Tell a replica that it runs. Spec: MCH-6."""
        node = world.nodes[at]
        world = with_node(world, at, node._replace(lives=node.lives + 1))
        return self.stepped(world, at, ("started", self.wall_ns(world, at), node.lives, renew))

    def stepped(self, world: World, at: int, key: tuple[str | int, ...]) -> World:
        """Take a step of one replica and do what it asks for. Spec: MCH-4."""
        node = world.nodes[at]
        after, items, fault = self.replicas.step(node.state, key)
        if fault:
            world = world._replace(fault=fault)
        if self.plan.is_disk_slow:
            if self.plan.tells_early:
                early = tuple(item for item in items if item.kind != "persist")
                items = tuple(item for item in items if item.kind == "persist")
                for item in early:
                    world = self.performed(world, at, item)
            world = with_node(world, at, node._replace(state=after, queue=node.queue + items))
            return self.flushed(world, at)
        world = with_node(world, at, node._replace(state=after))
        for item in items:
            world = self.performed(world, at, item)
        return world

    def flushed(self, world: World, at: int) -> World:
        """Perform what does not await the disk: the effects before the first entry."""
        node = world.nodes[at]
        count = 0
        while count < len(node.queue) and node.queue[count].kind != "persist":
            count += 1
        if not count:
            return world
        world = with_node(world, at, node._replace(queue=node.queue[count:]))
        for item in node.queue[:count]:
            world = self.performed(world, at, item)
        return world

    def synced(self, world: World, at: int) -> World:
        """Make the first waiting entry durable, and do what waited for it. Spec: MCH-4."""
        node = world.nodes[at]
        entry, rest = node.queue[0], node.queue[1:]
        journal = self.replicas.append(node.journal, entry.number)
        world = with_node(world, at, node._replace(journal=journal, queue=rest))
        behind = sum(item.kind == "persist" for item in rest)
        world = self.flushed(world, at)
        return self.stepped(world, at, ("persisted", self.wall_ns(world, at), behind))

    def performed(self, world: World, at: int, item: Item) -> World:
        """Do one thing that a replica asked for."""
        name = self.plan.names[at]
        if item.kind == "send":
            if (name, item.peer) not in world.links:
                return world
            net = list(world.net)
            insort(net, (item.peer, name, item.word, item.number))
            return world._replace(net=tuple(net))
        if item.kind == "persist":
            if not self.plan.keeps_journal:
                return world
            node = world.nodes[at]
            journal = self.replicas.append(node.journal, item.number)
            return with_node(world, at, node._replace(journal=journal))
        return self.heard(world, at, item)
