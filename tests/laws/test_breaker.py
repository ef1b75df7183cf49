"""The circuit breaker: laws of any state, and a twin that keeps a diary. Spec: SYN-10 to SYN-12."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.sync.breaker import (
    DEFAULT_LIMITS,
    Abandoned,
    Attempt,
    Breaker,
    Closed,
    Event,
    Failure,
    HalfOpen,
    Limits,
    Open,
    Success,
    new_breaker,
    step,
)
from loomweave.laws import breaker as laws

times = st.integers(0, 12)
eras = st.integers(0, 3)
limits = st.builds(Limits, st.integers(1, 3), st.integers(0, 5))
modes = st.one_of(
    st.builds(Closed, st.integers(0, 3)), st.builds(Open, times), st.builds(HalfOpen, st.booleans())
)
breakers = st.builds(Breaker, eras, modes)
attempts = st.builds(Attempt, times)
events: st.SearchStrategy[Event] = st.one_of(
    attempts, st.builds(Success, eras), st.builds(Failure, eras, times), st.builds(Abandoned, eras)
)


@given(breakers, events, limits)
def test_steps(breaker: Breaker, event: Event, limits: Limits) -> None:
    assert laws.count_stays_below_the_limit(breaker, event, limits)
    assert laws.only_an_attempt_is_let_through(breaker, event, limits)
    assert laws.stragglers_change_nothing(breaker, event, limits)
    assert laws.eras_name_openings_and_probes(breaker, event, limits)


@given(breakers, attempts, attempts, limits)
def test_probes(breaker: Breaker, first: Attempt, second: Attempt, limits: Limits) -> None:
    assert laws.there_is_one_probe(breaker, first, second, limits)
    assert laws.probe_decides(breaker.era, first.mono_ns, limits)


@given(eras, st.integers(0, 3), times, limits)
def test_counting(era: int, failures: int, mono_ns: int, limits: Limits) -> None:
    assert laws.last_failure_opens(era, failures, mono_ns, limits)
    assert laws.success_forgets(era, failures, limits)


def test_defaults() -> None:
    """SYN-10: five failures in a row, thirty seconds."""
    breaker = new_breaker()
    for failures in range(1, 5):
        breaker = step(breaker, Failure(0, 7), DEFAULT_LIMITS).breaker
        assert breaker == Breaker(0, Closed(failures))
    breaker = step(breaker, Failure(0, 7), DEFAULT_LIMITS).breaker
    assert not step(breaker, Attempt(7 + 30_000_000_000 - 1), DEFAULT_LIMITS).is_allowed
    assert step(breaker, Attempt(7 + 30_000_000_000), DEFAULT_LIMITS).is_allowed
    assert Limits(5, 30_000_000_000) == DEFAULT_LIMITS


class Diary:
    """The dumb twin: a list of what happened since the breaker last closed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.row: list[str] = []
        self.opened_ns: int | None = None
        self.probe: int | None = None
        self.era = 0

    def attempt(self, now_ns: int) -> bool:
        if self.opened_ns is None:
            return True
        if self.probe is not None or now_ns < self.opened_ns + self.limits.reset_ns:
            return False
        self.era += 1
        self.probe = self.era
        return True

    def outcome(self, era: int, what: str, now_ns: int) -> None:
        if era != self.era or (self.opened_ns is not None and era != self.probe):
            return
        if what == "abandoned":
            self.probe = None
        elif what == "success":
            self.row, self.opened_ns, self.probe = [], None, None
        else:
            self.row.append(what)
            if self.probe is not None or len(self.row) >= self.limits.failures_max:
                self.opened_ns, self.probe = now_ns, None
                self.era += 1


moves = st.tuples(
    st.sampled_from(["attempt", "success", "failure", "abandoned"]), st.integers(0, 4), eras
)


@given(st.lists(moves, max_size=30), limits)
def test_twin_agrees(history: list[tuple[str, int, int]], limits: Limits) -> None:
    """SYN-10, SYN-11, SYN-12: outcomes come up to three eras late, and the clock runs forward."""
    breaker, twin, now_ns = new_breaker(), Diary(limits), 0
    for what, passed_ns, late in history:
        now_ns += passed_ns
        era = max(breaker.era - late, 0)
        if what == "attempt":
            done = step(breaker, Attempt(now_ns), limits)
            assert done.is_allowed == twin.attempt(now_ns)
            breaker = done.breaker
        else:
            told: dict[str, Event] = {
                "success": Success(era),
                "abandoned": Abandoned(era),
                "failure": Failure(era, now_ns),
            }
            breaker = step(breaker, told[what], limits).breaker
            twin.outcome(era, what, now_ns)
        assert breaker.era == twin.era
        assert isinstance(breaker.mode, Closed) == (twin.opened_ns is None)
