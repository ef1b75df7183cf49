"""Rights handed on, never widened, and taken back with all below. Chapter TRU."""

from loomweave.core.trust.capability import (
    Grant,
    Standing,
    delegate,
    is_allowed,
    narrowed,
    own,
    standing_of,
)
from loomweave.laws import trust as laws
from loomweave_proofs.hotloops import cut_body
from loomweave_proofs.theorem import theorem

Names = frozenset[bytes]
Rights = frozenset[str]

standing_link = cut_body(
    standing_of, {"standing": Standing, "grant": Grant, "revoked": Names}, "standing"
)

# -- broken twins


def own_nothing(owner: bytes, rights: Rights, until_ns: int) -> Standing:
    """Let an owner begin without rights."""
    return Standing(owner, frozenset(), until_ns, False)


def own_revoked(owner: bytes, rights: Rights, until_ns: int) -> Standing:
    """Let an owner begin revoked."""
    return Standing(owner, rights, until_ns, True)


def narrowed_freely(parent: Standing, grant: Grant) -> Rights:
    """Hand on whatever is named."""
    return grant.rights if grant.issuer == parent.holder else frozenset()


def narrowed_by_anyone(parent: Standing, grant: Grant) -> Rights:
    """Let a stranger hand rights on."""
    return grant.rights & parent.rights


def narrowed_to_nothing(parent: Standing, grant: Grant) -> Rights:
    """Hand nothing on."""
    return frozenset()


def delegate_afresh(parent: Standing, grant: Grant, revoked: Names) -> Standing:
    """Forget what was revoked before."""
    found = delegate(parent, grant, revoked)
    return Standing(found.holder, found.rights, found.until_ns, grant.name in revoked)


def delegate_longer(parent: Standing, grant: Grant, revoked: Names) -> Standing:
    """Take the grant's own end."""
    found = delegate(parent, grant, revoked)
    return Standing(found.holder, found.rights, grant.until_ns, found.is_revoked)


def delegate_unheard(parent: Standing, grant: Grant, revoked: Names) -> Standing:
    """Hear of no revocation."""
    return delegate(parent, grant, frozenset())


def delegate_revoked_by_all(parent: Standing, grant: Grant, revoked: Names) -> Standing:
    """Let the absence of a revocation revoke."""
    found = delegate(parent, grant, revoked)
    is_revoked = parent.is_revoked or grant.name not in revoked
    return Standing(found.holder, found.rights, found.until_ns, is_revoked)


def delegate_nothing(parent: Standing, grant: Grant, revoked: Names) -> Standing:
    """Leave the standing with its former holder."""
    return parent


def allowed_at_the_end(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Let a chain be worth something at its very end."""
    return is_allowed(standing, caller, right, now_ns - 1)


def allowed_anyone(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Ask for no name."""
    return is_allowed(standing, standing.holder, right, now_ns)


def allowed_later(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Let a chain begin to be worth something."""
    return standing.until_ns < now_ns and right in standing.rights


def allowed_still(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Hear of no revocation."""
    unheard = Standing(standing.holder, standing.rights, standing.until_ns, False)
    return is_allowed(unheard, caller, right, now_ns)


# -- the laws, as they ship

theorem("TRU-1", about=[own, is_allowed], sabotage={own: own_nothing})(laws.owner_has_all)
theorem("TRU-2", about=[delegate, narrowed], sabotage={narrowed: narrowed_freely})(
    laws.link_never_widens
)
theorem("TRU-2", about=[delegate, narrowed], sabotage={narrowed: narrowed_to_nothing})(
    laws.link_keeps_what_it_names
)
theorem("TRU-3", about=[delegate, narrowed], sabotage={narrowed: narrowed_by_anyone})(
    laws.stranger_hands_nothing_on
)
theorem("TRU-4", about=[is_allowed], sabotage={is_allowed: allowed_later})(laws.expired_stays_so)
theorem("TRU-4", about=[is_allowed], sabotage={is_allowed: allowed_at_the_end})(
    laws.end_is_not_included
)
theorem("TRU-5", about=[delegate, is_allowed], sabotage={delegate: delegate_afresh})(
    laws.revoked_link_is_worth_nothing
)
theorem("TRU-5", about=[delegate, is_allowed], sabotage={delegate: delegate_revoked_by_all})(
    laws.revoking_more_allows_no_more
)
theorem("TRU-6", about=[delegate, is_allowed], sabotage={delegate: delegate_longer})(
    laws.link_allows_what_its_beginning_does
)
theorem("TRU-6", about=[is_allowed], sabotage={is_allowed: allowed_anyone})(
    laws.only_the_holder_is_allowed
)

# -- hypotheses


def is_void(parent: Standing) -> bool:
    """Tell that a chain was revoked."""
    return parent.is_revoked


# -- each function, exactly


@theorem("TRU-1", about=[own], sabotage={own: own_revoked})
def own_is_exact(owner: bytes, rights: Rights, until_ns: int) -> bool:
    """An owner's standing has its rights until its end, and is not revoked."""
    found = own(owner, rights, until_ns)
    is_owned = found.holder == owner and found.rights == rights
    return is_owned and found.until_ns == until_ns and not found.is_revoked


@theorem("TRU-2", about=[narrowed], sabotage={narrowed: narrowed_by_anyone})
def narrowed_is_exact(parent: Standing, grant: Grant, right: str) -> bool:
    """Handed on is what the holder both has and names; from anyone else nothing is."""
    is_named = right in grant.rights and right in parent.rights
    is_handed_on = grant.issuer == parent.holder and is_named
    return (right in narrowed(parent, grant)) == is_handed_on


@theorem("TRU-4", about=[delegate], sabotage={delegate: delegate_longer})
def delegate_is_exact(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """A link names its holder, narrows the rights, ends with the earlier end, keeps revocations."""
    until_ns = grant.until_ns if grant.until_ns < parent.until_ns else parent.until_ns
    is_revoked = True if parent.is_revoked else grant.name in revoked
    wanted = Standing(grant.holder, narrowed(parent, grant), until_ns, is_revoked)
    return delegate(parent, grant, revoked) == wanted


@theorem("TRU-6", about=[is_allowed], sabotage={is_allowed: allowed_still})
def allowed_is_exact(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Allowed is the holder, with a right that it has, before the end, unless revoked."""
    lacks = caller != standing.holder or right not in standing.rights
    is_over = standing.until_ns <= now_ns or standing.is_revoked
    return is_allowed(standing, caller, right, now_ns) == (not (lacks or is_over))


@theorem("TRU-1", about=[standing_link], sabotage={delegate: delegate_nothing})
def chains_are_followed_link_by_link(standing: Standing, grant: Grant, revoked: Names) -> bool:
    """One turn of the loop over a chain is one delegation."""
    found = standing_link(standing, grant, revoked)
    wanted = Standing(grant.holder, narrowed(standing, grant), found.until_ns, found.is_revoked)
    is_shorter = found.until_ns <= standing.until_ns and found.until_ns <= grant.until_ns
    return bool(found == wanted and is_shorter)


@theorem("TRU-5", about=[standing_link], given=is_void, sabotage={delegate: delegate_afresh})
def revoked_chains_stay_so(
    parent: Standing, grant: Grant, revoked: Names, caller: bytes, right: str, now_ns: int
) -> bool:
    """However far a revoked chain goes on, it allows nothing: so all below a revocation falls."""
    found = standing_link(parent, grant, revoked)
    return found.is_revoked and not is_allowed(found, caller, right, now_ns)


@theorem("TRU-2", about=[standing_link], sabotage={narrowed: narrowed_freely})
def chains_never_widen(root: Rights, standing: Standing, grant: Grant, revoked: Names) -> bool:
    """However far a chain goes on, it has no right that its root lacks."""
    return not standing.rights <= root or standing_link(standing, grant, revoked).rights <= root


# -- what must not hold


@theorem("TRU-2", about=[delegate], refuted=True)
def grants_are_kept_in_full(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """A link has all rights that it names: false of those that its issuer lacks."""
    return delegate(parent, grant, revoked).rights == grant.rights


@theorem("TRU-4", about=[delegate], refuted=True)
def grants_last_as_long_as_they_say(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """A link lasts as long as it says: false where the chain before it ends sooner."""
    return delegate(parent, grant, revoked).until_ns == grant.until_ns


@theorem("TRU-5", about=[], refuted=True)
def own_revocation_is_enough(parent: Standing, grant: Grant, revoked: Names) -> bool:
    """A link need ask for its own revocation alone: false, it may be one of those before it."""
    return delegate_afresh(parent, grant, revoked).is_revoked or not parent.is_revoked


@theorem("TRU-3", about=[], refuted=True)
def strangers_hand_nothing_on_by_themselves(parent: Standing, grant: Grant, right: str) -> bool:
    """A link without a look at its issuer is harmless: false, anyone could make one."""
    return grant.issuer == parent.holder or right not in narrowed_by_anyone(parent, grant)


@theorem("TRU-6", about=[is_allowed], refuted=True)
def rights_alone_allow(standing: Standing, caller: bytes, right: str, now_ns: int) -> bool:
    """Whoever shows a chain with a right may use it: false of anyone but its holder."""
    return right not in standing.rights or is_allowed(standing, caller, right, now_ns)
