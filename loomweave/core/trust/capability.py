"""Capabilities: rights handed on, never widened, and taken back with all below. Spec: chapter TRU.

A chain of grants leads from whoever owns something to whoever wants to use it. What its last
holder may do is found link by link; nothing else has to be known than what was revoked.
"""

import msgspec


class Grant(msgspec.Struct, frozen=True, gc=False):
    """One link: somebody hands rights on. Spec: TRU-1."""

    name: bytes
    """Its content id, by which it can be revoked."""
    issuer: bytes
    holder: bytes
    rights: frozenset[str]
    until_ns: int
    """The stamp from which it is worth nothing."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What a chain is worth to its last holder. Spec: TRU-1."""

    holder: bytes
    rights: frozenset[str]
    until_ns: int
    is_revoked: bool


def own(owner: bytes, rights: frozenset[str], until_ns: int) -> Standing:
    """Return the standing of an owner, with whom every chain begins. Spec: TRU-1."""
    return Standing(owner, rights, until_ns, False)


def narrowed(parent: Standing, grant: Grant) -> frozenset[str]:
    """Keep the rights that are handed on by one who has them. Spec: TRU-2, TRU-3."""
    if grant.issuer != parent.holder:
        return frozenset()
    return grant.rights & parent.rights


def delegate(parent: Standing, grant: Grant, revoked: frozenset[bytes]) -> Standing:
    """Lengthen a chain by one link. Spec: TRU-2, TRU-3, TRU-4, TRU-5."""
    return Standing(
        grant.holder,
        narrowed(parent, grant),
        min(parent.until_ns, grant.until_ns),
        parent.is_revoked or grant.name in revoked,
    )


def is_allowed(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Tell whether somebody may do something now. Spec: TRU-6."""
    return (
        caller == standing.holder
        and right in standing.rights
        and now_ns < standing.until_ns
        and not standing.is_revoked
    )


def standing_of(root: Standing, chain: tuple[Grant, ...], revoked: frozenset[bytes]) -> Standing:
    """Follow a chain to its last holder, link by link. Spec: TRU-1."""
    standing = root
    for grant in chain:
        standing = delegate(standing, grant, revoked)
    return standing
