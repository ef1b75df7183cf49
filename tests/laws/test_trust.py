"""Capabilities: laws of any link, and a twin that sees a chain as a whole. Spec: chapter TRU."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.trust.capability import (
    Grant,
    Standing,
    delegate,
    is_allowed,
    own,
    standing_of,
)
from loomweave.laws import trust as laws

people = st.sampled_from([b"owner", b"ann", b"bob"])
names = st.sampled_from([b"1", b"2", b"3", b"4"])
rights = st.sampled_from(["read", "write", "admin"])
right_sets = st.frozensets(rights)
times = st.integers(0, 5)
standings = st.builds(Standing, people, right_sets, times, st.booleans())
grants = st.builds(Grant, names, people, people, right_sets, times)
revocations = st.frozensets(names, max_size=2)
roots = st.builds(own, people, right_sets, times)


@st.composite
def chains(draw: st.DrawFn, root: Standing) -> tuple[Grant, ...]:
    """Chains whose issuers are mostly the holders before them."""
    found: list[Grant] = []
    holder = root.holder
    for grant in draw(st.lists(grants, max_size=4)):
        issuer = holder if draw(st.integers(0, 4)) else grant.issuer
        found.append(Grant(grant.name, issuer, grant.holder, grant.rights, grant.until_ns))
        holder = grant.holder
    return tuple(found)


@given(standings, grants, revocations, revocations, rights, times)
def test_links(
    parent: Standing,
    grant: Grant,
    revoked: frozenset[bytes],
    more: frozenset[bytes],
    right: str,
    now: int,
) -> None:
    own_grant = Grant(grant.name, parent.holder, grant.holder, grant.rights, grant.until_ns)
    for link in (grant, own_grant):
        assert laws.link_never_widens(parent, link, revoked)
        assert laws.link_keeps_what_it_names(parent, link, revoked, right)
        assert laws.stranger_hands_nothing_on(parent, link, revoked)
        assert laws.revoked_link_is_worth_nothing(parent, link, revoked, link.holder, right, now)
        assert laws.revoking_more_allows_no_more(parent, link, revoked, more, right, now)
        assert laws.link_allows_what_its_beginning_does(parent, link, revoked, right, now)


@given(standings, people, rights, times, times, right_sets)
def test_answers(
    standing: Standing, caller: bytes, right: str, now: int, later: int, owned: frozenset[str]
) -> None:
    assert laws.owner_has_all(caller, owned, now, right)
    assert laws.expired_stays_so(standing, caller, right, now, later)
    assert laws.end_is_not_included(standing, standing.holder, right)
    assert laws.only_the_holder_is_allowed(standing, caller, right, now)


@given(st.data(), roots, revocations, rights, times, st.integers(0, 3))
def test_chains(
    data: st.DataObject,
    root: Standing,
    revoked: frozenset[bytes],
    right: str,
    now: int,
    at: int,
) -> None:
    chain = data.draw(chains(root))
    assert laws.revoking_kills_all_below(root, chain, at, revoked, right, now)
    found = standing_of(root, chain, revoked)
    holders = [root.holder, *(grant.holder for grant in chain)]
    is_whole = all(grant.issuer == holder for grant, holder in zip(chain, holders, strict=False))
    wanted = (
        is_whole
        and all(right in held for held in [root.rights, *(grant.rights for grant in chain)])
        and now < min([root.until_ns, *(grant.until_ns for grant in chain)])
        and not revoked & {grant.name for grant in chain}
    )
    assert is_allowed(found, holders[-1], right, now) == wanted


def test_a_friend_of_a_friend() -> None:
    """TRU-2, TRU-5: rights arrive, and are gone when the link between is revoked."""
    root = own(b"owner", frozenset({"read", "write"}), 9)
    to_ann = Grant(b"1", b"owner", b"ann", frozenset({"read", "admin"}), 9)
    to_bob = Grant(b"2", b"ann", b"bob", frozenset({"read", "write"}), 5)
    bob = standing_of(root, (to_ann, to_bob), frozenset())
    assert bob == Standing(b"bob", frozenset({"read"}), 5, False)
    assert is_allowed(bob, b"bob", "read", 4) and not is_allowed(bob, b"bob", "read", 5)
    gone = standing_of(root, (to_ann, to_bob), frozenset({b"1"}))
    assert not is_allowed(gone, b"bob", "read", 4)
    assert delegate(root, to_bob, frozenset()).rights == frozenset()
