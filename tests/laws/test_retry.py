"""Retries: laws of any message, and histories counted by hand. Spec: ACT-7 to ACT-11."""

from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.actors.retry import (
    DEFAULT_POLICY,
    Dead,
    Delivered,
    Event,
    Failed,
    Message,
    Policy,
    Queue,
    Running,
    Start,
    Succeeded,
    Waiting,
    dead_letters,
    new_message,
    post,
    queue_step,
    step,
)
from loomweave.laws import actors as laws

times = st.integers(0, 9)
counts = st.integers(0, 4)
delays = st.integers(0, 20)
policies = st.builds(Policy, st.integers(-1, 4), st.integers(-1, 5), st.integers(-1, 12))
waiting = st.builds(Waiting, counts, delays, times)
running = st.builds(Running, counts, delays)
messages: st.SearchStrategy[Message] = st.one_of(
    waiting, running, st.builds(Delivered, counts), st.builds(Dead, counts)
)
failures = st.builds(Failed, times, st.booleans())
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Start, times), st.just(Succeeded()), failures
)
ids = st.sampled_from([b"1", b"2", b"3"])
queues: st.SearchStrategy[Queue] = st.dictionaries(ids, messages)


@given(messages, events, policies, times)
def test_messages(message: Message, event: Event, policy: Policy, mono_ns: int) -> None:
    assert laws.new_is_sound(mono_ns, policy)
    assert laws.attempts_are_bounded(message, event, policy)
    assert laws.attempts_count_starts(message, event, policy)
    assert laws.what_is_settled_stays(message, event, policy)
    assert laws.reviving_is_for_the_dead(message, mono_ns, policy)


@given(waiting, running, failures, policies, times)
def test_attempts(
    message: Waiting, tried: Running, event: Failed, policy: Policy, mono_ns: int
) -> None:
    assert laws.start_waits_until_due(message, mono_ns, policy)
    assert laws.attempt_ends(tried, event, policy)
    assert laws.delays_double(message.delay_ns, policy)


@given(queues, ids, events, policies, times)
def test_queues(queue: Queue, name: bytes, event: Event, policy: Policy, mono_ns: int) -> None:
    assert laws.nothing_leaves_a_queue(queue, name, event, policy)
    assert laws.posting_is_once(queue, name, mono_ns, policy)
    assert laws.dead_letters_are_the_dead(queue, name)


def test_a_message_that_always_fails() -> None:
    """ACT-8, ACT-9: five attempts, half a second and then twice as long each time."""
    message, now_ns, waits = new_message(0, DEFAULT_POLICY), 0, []
    while isinstance(message, Waiting):
        waits.append(message.due_ns - now_ns)
        now_ns = message.due_ns
        message = step(message, Start(now_ns), DEFAULT_POLICY)
        message = step(message, Failed(now_ns, False), DEFAULT_POLICY)
    assert message == Dead(5)
    assert waits == [0, 500_000_000, 1_000_000_000, 2_000_000_000, 4_000_000_000]


@given(st.lists(st.booleans(), max_size=9), st.integers(1, 6), st.integers(0, 9), delays)
def test_twin_by_powers_agrees(
    outcomes: list[bool], attempts_max: int, delay_ns: int, delay_ns_max: int
) -> None:
    """ACT-8, ACT-9: the delay after the nth failure is a power; who is tried is a count."""
    policy = Policy(attempts_max, delay_ns, delay_ns_max)
    message, now_ns = new_message(0, policy), 0
    for at, is_success in enumerate(outcomes):
        if not isinstance(message, Waiting):
            break
        wait_ns = min(delay_ns * 2 ** (at - 1), delay_ns_max) if at else 0
        assert message.due_ns == now_ns + wait_ns
        now_ns = message.due_ns
        assert step(message, Start(now_ns - 1), policy) == message
        message = step(message, Start(now_ns), policy)
        assert message.attempts == at + 1
        message = step(message, Succeeded() if is_success else Failed(now_ns, False), policy)
    tried = outcomes[:attempts_max]
    if True in tried:
        assert message == Delivered(tried.index(True) + 1)
    elif len(tried) == attempts_max:
        assert message == Dead(attempts_max)
    else:
        assert isinstance(message, Waiting)


moves = st.tuples(st.sampled_from(["post", "start", "succeed", "fail"]), ids)


@given(st.lists(moves, max_size=30))
def test_every_message_is_somewhere(history: list[tuple[str, bytes]]) -> None:
    """ACT-11: delivered, on its way or laid aside, and never two of these."""
    policy = Policy(2, 0, 0)
    queue: Queue = {}
    posted: set[bytes] = set()
    for what, name in history:
        if what == "post":
            queue = post(queue, name, 0, policy)
            posted.add(name)
        else:
            told: dict[str, Event] = {
                "start": Start(0),
                "succeed": Succeeded(),
                "fail": Failed(0, False),
            }
            queue = queue_step(queue, name, told[what], policy)
        done = {name for name, message in queue.items() if isinstance(message, Delivered)}
        under_way = {
            name for name, message in queue.items() if isinstance(message, Waiting | Running)
        }
        assert sorted([*done, *under_way, *dead_letters(queue)]) == sorted(posted)
