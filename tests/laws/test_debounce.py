"""The leading edge: laws of any outbox, and bursts played to the end. Spec: SYN-13 to SYN-15."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.sync.debounce import (
    DEFAULT_TIMING,
    EMPTY,
    Changed,
    Event,
    Flush,
    Outbox,
    Timing,
    Wake,
    Window,
    is_sound,
    step,
)
from loomweave.laws import debounce as laws

times = st.integers(0, 12)
timings = st.builds(Timing, st.integers(0, 4), st.integers(0, 8))
windows = st.builds(Window, times, times)
outboxes = st.builds(Outbox, st.integers(0, 3), st.integers(0, 3), st.none() | windows)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Changed, times), st.builds(Wake, times), st.builds(Flush, times)
)


@given(outboxes, events, times, timings)
def test_steps(outbox: Outbox, event: Event, later_ns: int, timing: Timing) -> None:
    assert laws.outbox_stays_sound(outbox, event, timing)
    if not is_sound(outbox):
        return
    assert laws.change_after_a_window_leaves_at_once(outbox, event.mono_ns, timing)
    assert laws.change_in_a_window_waits(outbox, event, timing)
    assert laws.end_of_a_window_sends_or_is_quiet(outbox, event.mono_ns, timing)
    assert laws.spans_join_up(outbox, event, timing)
    assert laws.flush_leaves_nothing(outbox, event.mono_ns, timing)
    assert laws.wake_is_asked_for(outbox, event, timing)
    assert laws.wait_is_bounded(outbox, event, later_ns, timing)
    assert laws.nothing_is_put_off_for_ever(outbox, event, timing)


def play(gaps_ns: list[int], timing: Timing) -> list[tuple[int, list[int]]]:
    """Let changes come with these gaps, wakes be on time, and list what left when."""
    outbox, wake_ns, now_ns, made = EMPTY, None, 0, 0
    sent: list[tuple[int, list[int]]] = []
    arrivals = []
    for gap_ns in gaps_ns:
        now_ns += gap_ns
        arrivals.append(now_ns)
    while arrivals or wake_ns is not None:
        event: Event
        if wake_ns is not None and (not arrivals or wake_ns <= arrivals[0]):
            event = Wake(wake_ns)
        else:
            event = Changed(arrivals.pop(0))
            made += 1
        done = step(outbox, event, timing)
        outbox, wake_ns = done.outbox, done.wake_ns
        if done.send is not None:
            span = list(range(done.send.after + 1, done.send.upto + 1))
            sent.append((event.mono_ns, span))
    return sent


def grouped(gaps_ns: list[int], timing: Timing) -> list[tuple[int, list[int]]]:
    """Do the same with a list of arrivals in hand: the dumb twin."""
    arrivals = [sum(gaps_ns[: at + 1]) for at in range(len(gaps_ns))]
    sent: list[tuple[int, list[int]]] = []
    at = 0
    while at < len(arrivals):
        begin, group = arrivals[at], [at + 1]
        at += 1
        while group:
            sent.append((begin, group))
            ends, group = begin + min(timing.window_ns, timing.wait_ns_max), []
            while at < len(arrivals) and arrivals[at] < ends:
                put_off = min(arrivals[at] + timing.window_ns, begin + timing.wait_ns_max)
                ends = max(ends, put_off)
                group.append(at + 1)
                at += 1
            begin = ends
    return sent


@given(st.lists(st.integers(0, 6), max_size=20), st.integers(1, 4), st.integers(1, 8))
def test_twin_agrees(gaps_ns: list[int], window_ns: int, wait_ns_max: int) -> None:
    timing = Timing(window_ns, wait_ns_max)
    sent = play(gaps_ns, timing)
    assert sent == grouped(gaps_ns, timing)
    assert [number for _, group in sent for number in group] == list(range(1, len(gaps_ns) + 1))
    arrivals = [sum(gaps_ns[: at + 1]) for at in range(len(gaps_ns))]
    for left_ns, group in sent:
        assert all(left_ns - arrivals[number - 1] <= wait_ns_max for number in group)


def test_a_burst_is_joined_and_a_lone_change_is_not_delayed() -> None:
    """SYN-13: a hundred changes, a millisecond apart, leave as two."""
    millisecond_ns = 1_000_000
    burst = play([0] + [millisecond_ns] * 99, DEFAULT_TIMING)
    assert [len(group) for _, group in burst] == [1, 99]
    assert play([7], DEFAULT_TIMING) == [(7, [1])]
    assert Timing(100 * millisecond_ns, 200 * millisecond_ns) == DEFAULT_TIMING


def test_what_comes_inside_a_window() -> None:
    """SYN-13, where a window is open: changes wait, and early wakes change nothing."""
    outbox = Outbox(1, 2, Window(5, 9))
    for event in (Changed(4), Wake(4)):
        assert laws.change_in_a_window_waits(outbox, event, Timing(3, 8))
