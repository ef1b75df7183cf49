"""What capabilities promise. Spec: chapter TRU."""

from loomweave.core.trust.capability import (
    Grant,
    Standing,
    delegate,
    is_allowed,
    own,
    standing_of,
)

Chain = tuple[Grant, ...]
Names = frozenset[bytes]


def owner_has_all(owner: bytes, rights: frozenset[str], until_ns: int, right: str) -> bool:
    """TRU-1: an owner may do all that there is to hand on. Spec: TRU-1."""
    allowed = is_allowed(own(owner, rights, until_ns), owner, right, until_ns - 1)
    return allowed == (right in rights)


def link_never_widens(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """TRU-2: rights, end and validity only shrink. Spec: TRU-2, TRU-4, TRU-5."""
    after = delegate(parent, grant, revoked)
    return (
        after.rights <= parent.rights
        and after.rights <= grant.rights
        and after.until_ns <= min(parent.until_ns, grant.until_ns)
        and (after.is_revoked or not parent.is_revoked)
        and after.holder == grant.holder
    )


def link_keeps_what_it_names(parent: Standing, grant: Grant, revoked: Names, right: str) -> bool:
    """TRU-2: what the holder hands on arrives. Spec: TRU-2."""
    if grant.issuer != parent.holder or right not in grant.rights or right not in parent.rights:
        return True
    return right in delegate(parent, grant, revoked).rights


def stranger_hands_nothing_on(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """TRU-3: only the holder can. Spec: TRU-3."""
    return grant.issuer == parent.holder or not delegate(parent, grant, revoked).rights


def expired_stays_so(
    standing: Standing, caller: bytes, right: str, now_ns: int, later_ns: int
) -> bool:
    """TRU-4: later allows no more than sooner. Spec: TRU-4."""
    if later_ns < now_ns or is_allowed(standing, caller, right, now_ns):
        return True
    return not is_allowed(standing, caller, right, later_ns)


def end_is_not_included(standing: Standing, caller: bytes, right: str) -> bool:
    """TRU-4: at its end a chain is worth nothing any more. Spec: TRU-4."""
    return not is_allowed(standing, caller, right, standing.until_ns)


def revoked_link_is_worth_nothing(
    parent: Standing, grant: Grant, revoked: Names, caller: bytes, right: str, now_ns: int
) -> bool:
    """TRU-5: neither the link itself nor one after it. Spec: TRU-5."""
    after = delegate(parent, grant, revoked)
    if grant.name not in revoked and not parent.is_revoked:
        return after.is_revoked is False
    return after.is_revoked and not is_allowed(after, caller, right, now_ns)


def revoking_kills_all_below(
    root: Standing, chain: Chain, at: int, revoked: Names, right: str, now_ns: int
) -> bool:
    """TRU-5: wherever in the chain the revoked link is. Spec: TRU-5."""
    if not chain:
        return True
    more = revoked | {chain[at % len(chain)].name}
    standing = standing_of(root, chain, more)
    return standing.is_revoked and not is_allowed(standing, standing.holder, right, now_ns)


def revoking_more_allows_no_more(
    parent: Standing, grant: Grant, revoked: Names, more: Names, right: str, now_ns: int
) -> bool:
    """TRU-5: whatever else one hears of. Spec: TRU-5."""
    before = delegate(parent, grant, revoked)
    after = delegate(parent, grant, revoked | more)
    return not is_allowed(after, after.holder, right, now_ns) or before == after


def link_allows_what_its_beginning_does(
    parent: Standing, grant: Grant, revoked: Names, right: str, now_ns: int
) -> bool:
    """TRU-6: nobody hands on what he may not do himself. Spec: TRU-6."""
    after = delegate(parent, grant, revoked)
    is_given = is_allowed(after, grant.holder, right, now_ns)
    return not is_given or is_allowed(parent, grant.issuer, right, now_ns)


def only_the_holder_is_allowed(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """TRU-6: a chain is of no use to others. Spec: TRU-6."""
    return caller == standing.holder or not is_allowed(standing, caller, right, now_ns)
