"""Locks and fences: laws of any lock, and writers that stand still. Spec: ACT-1 to ACT-6."""

from hypothesis import find, given
from hypothesis import strategies as st

from loomweave.core.actors.lock import (
    LEASE_NS,
    NEW_FENCE,
    NEW_LOCK,
    Acquire,
    Event,
    Fence,
    Free,
    Held,
    Lock,
    Release,
    Renew,
    admit,
    step,
)
from loomweave.laws import actors as laws

times = st.integers(0, 9)
leases = st.integers(0, 5)
tokens = st.integers(0, 3)
callers = st.sampled_from([b"a", b"b"])
locks: st.SearchStrategy[Lock] = st.one_of(
    st.builds(Free, tokens), st.builds(Held, tokens, callers, times)
)
acquires = st.builds(Acquire, callers, times, leases)
renewals = st.builds(Renew, callers, tokens, times, leases)
releases = st.builds(Release, callers, tokens, times)
events: st.SearchStrategy[Event] = st.one_of(acquires, renewals, releases)
fences = st.builds(Fence, tokens)


@given(locks, events, times, times)
def test_locks(lock: Lock, event: Event, mono_ns: int, later_ns: int) -> None:
    assert laws.lease_ends(lock, mono_ns, later_ns)
    assert laws.tokens_only_grow(lock, event)


@given(locks, acquires, renewals, releases, fences)
def test_each_event(
    lock: Lock, acquire: Acquire, renew: Renew, release: Release, fence: Fence
) -> None:
    assert laws.live_lease_is_not_given_away(lock, acquire)
    assert laws.granted_is_held(lock, acquire)
    for caller, token in ((renew.caller, renew.token), (release.caller, lock.token)):
        now = renew.mono_ns
        assert laws.holder_is_who_has_the_lease(lock, caller, token, now)
        assert laws.only_the_holder_renews(lock, Renew(caller, token, now, renew.lease_ns))
        assert laws.only_the_holder_releases(lock, Release(caller, token, now))
    assert laws.handing_over_shuts_the_former_out(lock, acquire, fence)


@given(fences, tokens, tokens)
def test_fences(fence: Fence, one: int, two: int) -> None:
    assert laws.stale_token_is_refused(fence, one, two)
    assert laws.refusal_is_for_ever(fence, one, two)
    assert laws.present_token_passes(fence, one)


moves = st.tuples(
    st.sampled_from(["acquire", "renew", "release"]), callers, st.integers(0, 3), leases
)


@given(st.lists(moves, max_size=30))
def test_twin_agrees(history: list[tuple[str, bytes, int, int]]) -> None:
    """ACT-1 to ACT-4: the dumb twin keeps a list of all leases and looks at the last."""
    lock: Lock = NEW_LOCK
    given_out: list[dict[str, object]] = []
    own = {b"a": 0, b"b": 0}
    now_ns = 0
    for what, caller, passed_ns, lease_ns in history:
        now_ns += passed_ns
        last = given_out[-1] if given_out else {"until": 0, "who": b""}
        until = last["until"]
        assert isinstance(until, int)
        is_mine = last["who"] == caller and len(given_out) == own[caller] and now_ns < until
        if what == "acquire":
            done = step(lock, Acquire(caller, now_ns, lease_ns))
            assert (done.token is not None) == (now_ns >= until)
            if done.token is not None:
                given_out.append({"who": caller, "until": now_ns + lease_ns})
                own[caller] = done.token
                assert done.token == len(given_out)
        elif what == "renew":
            done = step(lock, Renew(caller, own[caller], now_ns, lease_ns))
            assert (done.token is not None) == is_mine
            if is_mine:
                last["until"] = max(until, now_ns + lease_ns)
        else:
            done = step(lock, Release(caller, own[caller], now_ns))
            assert (done.token is not None) == is_mine
            if is_mine:
                last["until"] = now_ns
        lock = done.lock


def writes(order: list[bytes], *, has_fence: bool) -> list[bytes]:
    """Let a hold the lease and stand still, b acquire after it, and both write in some order."""
    first = step(NEW_LOCK, Acquire(b"a", 0))
    second = step(first.lock, Acquire(b"b", LEASE_NS))
    assert (first.token, second.token) == (1, 2)
    own, fence = {b"a": 1, b"b": 2}, NEW_FENCE
    done = []
    for caller in order:
        passed = admit(fence, own[caller])
        fence = passed.fence
        if passed.is_admitted or not has_fence:
            done.append(caller)
    return done


orders = st.lists(callers, max_size=5)


@given(orders)
def test_no_stale_write_after_a_newer_one(order: list[bytes]) -> None:
    """ACT-6: with the fence, whatever the clocks."""
    assert b"ba" not in b"".join(writes(order, has_fence=True))


def test_a_lease_alone_lets_a_stale_write_pass() -> None:
    """ACT-6: which is why there is a fence."""
    order = find(orders, lambda order: b"ba" in b"".join(writes(order, has_fence=False)))
    assert order == [b"b", b"a"]
