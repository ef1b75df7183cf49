"""Chains of grants, and replicas that hear of revocations one by one. Spec: chapter TRU."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import Final, NamedTuple

from loomweave.core.trust import capability as kernel
from loomweave.core.trust.capability import Grant
from loomweave_proofs.explore.model import (
    Action,
    Always,
    Bounds,
    EachStep,
    Eventually,
    Model,
    Property,
    Sometimes,
)
from loomweave_proofs.explore.registry import Entry
from loomweave_proofs.explore.sabotage import Change, Sabotage

WITHIN: Final = 20
RIGHTS: Final = frozenset({"read", "write"})
OWNER: Final = b"owner"
GRANTS: Final = (
    Grant(b"g0", OWNER, b"ann", frozenset({"read", "write"}), 4),
    Grant(b"g1", b"ann", b"bob", frozenset({"read", "write", "erase"}), 5),
    Grant(b"g2", b"bob", b"eve", frozenset({"write"}), 3),
    Grant(b"g3", b"eve", b"eve", frozenset({"read", "erase"}), 5),
    Grant(b"g4", b"ann", b"eve", frozenset({"read"}), 5),
)
"""What was ever signed. `g1` tries to widen, `g3` is what eve signs for herself."""
CHAINS: Final = tuple(
    chain for length in (1, 2, 3) for chain in permutations(range(len(GRANTS)), length)
)
"""What may be shown: any grants in any order."""
USES: Final = tuple(
    (at, caller, right)
    for at in range(len(CHAINS))
    for caller in (b"ann", b"bob", b"eve")
    for right in ("read", "write", "erase")
)

Use = tuple[int, bytes, str]


class World(NamedTuple):
    """The time, what was revoked, and what each replica has heard of that; sets are bits."""

    now: int
    revoked: int
    heard: tuple[int, ...]


class Capability(Model[World]):
    """No chain gives more than its weakest link, and nothing revoked works again. Spec: TRU-5."""

    name = "capability"
    words = "any chain of grants is shown to replicas that have heard of different revocations"
    shipped = (
        "loomweave.core.trust.capability.standing_of",
        "loomweave.core.trust.capability.delegate",
        "loomweave.core.trust.capability.narrowed",
        "loomweave.core.trust.capability.is_allowed",
        "loomweave.core.trust.capability.own",
    )

    def __init__(self, replicas: int = 2, last: int = 6) -> None:
        self.replicas, self.last = replicas, last
        self.uses = lru_cache(None)(self._uses)

    def _uses(self, heard: int, now: int) -> frozenset[Use]:
        """List who may do what by which chain, by the shipped rule."""
        root = kernel.own(OWNER, RIGHTS, 100)
        revoked = frozenset(grant.name for n, grant in enumerate(GRANTS) if heard >> n & 1)
        found = []
        for at, caller, right in USES:
            chain = tuple(GRANTS[n] for n in CHAINS[at])
            standing = kernel.standing_of(root, chain, revoked)
            if kernel.is_allowed(standing, caller, right, now):
                found.append((at, caller, right))
        return frozenset(found)

    def starts(self) -> Iterator[World]:
        """Nothing is revoked."""
        yield World(0, 0, (0,) * self.replicas)

    def actions(self, world: World) -> Iterator[Action]:
        """A grant is revoked, a replica hears of it, time passes."""
        for n in range(len(GRANTS)):
            if not world.revoked >> n & 1:
                yield ("revoke", n)
            for at, heard in enumerate(world.heard):
                if world.revoked >> n & 1 and not heard >> n & 1:
                    yield ("hear", at, n)
        if world.now < self.last:
            yield ("tick",)

    def apply(self, world: World, action: Action) -> World | None:
        """Let one thing happen."""
        match action:
            case ("revoke", int(n)):
                return world._replace(revoked=world.revoked | 1 << n)
            case ("hear", int(at), int(n)):
                heard = (*world.heard[:at], world.heard[at] | 1 << n, *world.heard[at + 1 :])
                return world._replace(heard=heard)
            case ("tick",):
                return world._replace(now=world.now + 1)
            case _:
                return None

    def fair(self, world: World) -> Action | None:
        """Let every replica hear of everything."""
        for at, heard in enumerate(world.heard):
            for n in range(len(GRANTS)):
                if world.revoked >> n & 1 and not heard >> n & 1:
                    return ("hear", at, n)
        return None

    def properties(self) -> tuple[Property[World], ...]:
        """List what must hold of capabilities."""
        return (
            Always("no chain gives what a link of it lacks", "TRU-2", self.is_narrow),
            Always("only the holder hands on", "TRU-3", self.is_linked),
            Always("nothing that expired works", "TRU-4", self.is_timely),
            Always("nothing that was heard revoked works", "TRU-5", self.is_unrevoked),
            Always("what a chain allows its beginnings allowed", "TRU-6", self.is_backed),
            EachStep("time and news only take away", "TRU-5", self.only_shrinks),
            Eventually("all replicas allow the same", "TRU-5", self.is_any, self.agrees, WITHIN),
            Sometimes("a chain of three allows something", "TRU-1", self.is_deep),
            Sometimes("one replica allows what another does not", "TRU-5", self.is_apart),
        )

    def is_any(self, world: World) -> bool:
        """Ask of every world."""
        return True

    def allowed(self, world: World) -> Iterator[tuple[int, tuple[Grant, ...], bytes, str]]:
        """List what each replica allows: what it heard, the chain, the caller, the right."""
        for heard in world.heard:
            for at, caller, right in self.uses(heard, world.now):
                yield heard, tuple(GRANTS[n] for n in CHAINS[at]), caller, right

    def is_narrow(self, world: World) -> bool:
        """Check that each link and the owner have the right."""
        return all(
            right in RIGHTS and all(right in grant.rights for grant in chain)
            for _, chain, _, right in self.allowed(world)
        )

    def is_linked(self, world: World) -> bool:
        """Check that each link was signed by the holder before it, up to the caller."""
        for _, chain, caller, _ in self.allowed(world):
            holders = [OWNER, *(grant.holder for grant in chain)]
            if holders[-1] != caller or [grant.issuer for grant in chain] != holders[:-1]:
                return False
        return True

    def is_timely(self, world: World) -> bool:
        """Check that no link is over."""
        return all(
            world.now < grant.until_ns for _, chain, _, _ in self.allowed(world) for grant in chain
        )

    def is_unrevoked(self, world: World) -> bool:
        """Check that no link is among what the replica heard of."""
        return not any(
            heard >> GRANTS.index(grant) & 1
            for heard, chain, _, _ in self.allowed(world)
            for grant in chain
        )

    def is_backed(self, world: World) -> bool:
        """Check the chains one link shorter."""
        for heard in world.heard:
            uses = self.uses(heard, world.now)
            for at, _, right in uses:
                shorter = CHAINS[at][:-1]
                if not shorter:
                    continue
                holder = GRANTS[shorter[-1]].holder
                if (CHAINS.index(shorter), holder, right) not in uses:
                    return False
        return True

    def only_shrinks(self, before: World, action: Action, after: World) -> bool:
        """Check that no replica allows more than it did."""
        return all(
            self.uses(new, after.now) <= self.uses(old, before.now)
            for old, new in zip(before.heard, after.heard, strict=True)
        )

    def agrees(self, world: World) -> bool:
        """Tell whether all have heard the same and allow the same."""
        found = {self.uses(heard, world.now) for heard in world.heard}
        return len(found) == 1 and set(world.heard) == {world.revoked}

    def is_deep(self, world: World) -> bool:
        """Tell whether a whole chain is worth something."""
        return any(len(chain) == 3 for _, chain, _, _ in self.allowed(world))

    def is_apart(self, world: World) -> bool:
        """Tell whether replicas differ."""
        return len({self.uses(heard, world.now) for heard in world.heard}) > 1


ENTRY: Final = Entry(
    Capability,
    Bounds(states=40_000),
    (
        Sabotage(
            "rights widen",
            "a link gives what it names, whether its issuer has it or not",
            "no chain gives what a link of it lacks",
            (
                Change(
                    "loomweave.core.trust.capability.narrowed",
                    "grant.rights & parent.rights",
                    "grant.rights | parent.rights",
                ),
            ),
        ),
        Sabotage(
            "anybody hands on",
            "nobody asks who signed a link",
            "only the holder hands on",
            (
                Change(
                    "loomweave.core.trust.capability.narrowed",
                    "grant.issuer != parent.holder",
                    "False",
                ),
            ),
        ),
        Sabotage(
            "only the last link",
            "a revocation counts at the end of a chain alone",
            "nothing that was heard revoked works",
            (
                Change(
                    "loomweave.core.trust.capability.delegate",
                    "parent.is_revoked or grant.name in revoked",
                    "grant.name in revoked",
                ),
            ),
        ),
        Sabotage(
            "the last end counts",
            "a chain lasts as long as its last link",
            "nothing that expired works",
            (
                Change(
                    "loomweave.core.trust.capability.delegate",
                    "min(parent.until_ns, grant.until_ns)",
                    "grant.until_ns",
                ),
            ),
        ),
    ),
)
