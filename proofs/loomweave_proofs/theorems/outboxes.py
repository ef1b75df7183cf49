"""The outbox: the first change leaves at once, a burst is joined. Rules SYN-13 to SYN-15."""

from loomweave.core.sync.debounce import (
    EMPTY,
    Changed,
    Event,
    Flush,
    Outbox,
    Span,
    Step,
    Timing,
    Wake,
    Window,
    change,
    flush,
    is_pending,
    is_sound,
    release,
    step,
    wake,
)
from loomweave.laws import debounce as laws
from loomweave_proofs.theorem import theorem

# -- broken twins


def pending_always(outbox: Outbox) -> bool:
    """Find something to send where there is nothing."""
    return True


def release_last(sent: int, head: int, mono_ns: int, timing: Timing) -> Step:
    """Send the last change alone."""
    return release(head - 1, head, mono_ns, timing)


def release_unmarked(sent: int, head: int, mono_ns: int, timing: Timing) -> Step:
    """Forget that it was sent."""
    done = release(sent, head, mono_ns, timing)
    return Step(Outbox(sent, head, done.outbox.window), done.send, done.wake_ns)


def release_unbounded(sent: int, head: int, mono_ns: int, timing: Timing) -> Step:
    """Let the window be as long as it likes."""
    ends_ns = mono_ns + timing.window_ns
    window = Window(ends_ns, mono_ns + timing.wait_ns_max)
    return Step(Outbox(head, head, window), Span(sent, head), ends_ns)


def change_waiting(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Let a change wait even after the window."""
    window = outbox.window
    if window is None:
        return change(outbox, mono_ns, timing)
    return Step(Outbox(outbox.sent, outbox.head + 1, window), None, window.ends_ns)


def change_at_once(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Let no change wait."""
    return release(outbox.sent, outbox.head + 1, mono_ns, timing)


def change_moving_on(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Put the latest end off with each change."""
    done = change(outbox, mono_ns, timing)
    window = done.outbox.window
    if window is None:
        return done
    moved = Window(window.ends_ns, window.latest_ns + 1)
    return Step(Outbox(done.outbox.sent, done.outbox.head, moved), done.send, done.wake_ns)


def change_unbounded(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Put the end off for ever."""
    window = outbox.window
    if window is None or mono_ns >= window.ends_ns:
        return change(outbox, mono_ns, timing)
    ends_ns = max(mono_ns + timing.window_ns, window.ends_ns)
    later = Window(ends_ns, window.latest_ns)
    return Step(Outbox(outbox.sent, outbox.head + 1, later), None, ends_ns)


def wake_dropping(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Forget what waits when the window ends."""
    window = outbox.window
    if window is None or mono_ns < window.ends_ns:
        return wake(outbox, mono_ns, timing)
    return Step(Outbox(outbox.sent, outbox.head, None), None, None)


def wake_early(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Act on a wake that came early."""
    return flush(outbox, mono_ns, timing)


def flush_in_the_window(outbox: Outbox, mono_ns: int, timing: Timing) -> Step:
    """Wait for the window even when all must leave."""
    return Step(outbox, None, None)


def step_lazy(outbox: Outbox, event: Event, timing: Timing) -> Step:
    """Take a flush for a wake."""
    match event:
        case Changed():
            return change(outbox, event.mono_ns, timing)
        case Wake() | Flush():
            return wake(outbox, event.mono_ns, timing)


def always_sound(outbox: Outbox) -> bool:
    """Take everything for sound."""
    return True


# -- the laws, as they ship


theorem("SYN-13", about=[step, change], sabotage={change: change_waiting})(
    laws.change_after_a_window_leaves_at_once
)
theorem("SYN-13", about=[step, change, wake], sabotage={wake: wake_early})(
    laws.change_in_a_window_waits
)
theorem("SYN-13", about=[step, wake], sabotage={wake: wake_dropping})(
    laws.end_of_a_window_sends_or_is_quiet
)
theorem("SYN-14", about=[step, release], sabotage={release: release_last})(laws.spans_join_up)
theorem("SYN-14", about=[step, is_sound], sabotage={wake: wake_dropping})(laws.outbox_stays_sound)
theorem("SYN-14", about=[step, flush], sabotage={step: step_lazy})(laws.flush_leaves_nothing)
theorem("SYN-14", about=[step], sabotage={flush: flush_in_the_window})(laws.wake_is_asked_for)
theorem("SYN-15", about=[step, release], sabotage={release: release_unbounded})(
    laws.wait_is_bounded
)
theorem("SYN-15", about=[step, change], sabotage={change: change_moving_on})(
    laws.nothing_is_put_off_for_ever
)

# -- hypotheses


def is_in_a_window(outbox: Outbox, mono_ns: int) -> bool:
    """Tell that something was sent a short while ago."""
    return outbox.window is not None and mono_ns < outbox.window.ends_ns


def is_quiet(outbox: Outbox, mono_ns: int) -> bool:
    """Tell that the window is over, if there was one."""
    return outbox.window is None or outbox.window.ends_ns <= mono_ns


def holds_well(outbox: Outbox) -> bool:
    """Tell that an outbox is one that can come about."""
    return is_sound(outbox)


# -- each function, exactly


@theorem("SYN-14", about=[is_pending], sabotage={is_pending: pending_always})
def pending_is_exact(sent: int, head: int, window: Window | None) -> bool:
    """Something waits exactly where the last change was not sent."""
    return is_pending(Outbox(sent, head, window)) == (sent < head)


@theorem("SYN-14", about=[is_sound], sabotage={is_sound: always_sound})
def outbox_soundness_is_exact(sent: int, head: int, window: Window) -> bool:
    """Without a window all is sent; with one its end is no later than its latest end."""
    quiet = is_sound(Outbox(sent, head, None)) == (sent == head)
    is_bounded = sent <= head and window.ends_ns <= window.latest_ns
    return quiet and is_sound(Outbox(sent, head, window)) == is_bounded and is_sound(EMPTY)


@theorem("SYN-13", about=[release], sabotage={release: release_unmarked})
def release_is_exact(sent: int, head: int, mono_ns: int, timing: Timing) -> bool:
    """All up to the head leaves, and a window of the usual length begins, within the bound."""
    length_ns = timing.window_ns
    if timing.wait_ns_max < length_ns:
        length_ns = timing.wait_ns_max
    window = Window(mono_ns + length_ns, mono_ns + timing.wait_ns_max)
    wanted = Step(Outbox(head, head, window), Span(sent, head), mono_ns + length_ns)
    return release(sent, head, mono_ns, timing) == wanted


@theorem("SYN-13", about=[change], given=is_quiet, sabotage={change: change_waiting})
def change_where_it_is_quiet_is_exact(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """From the window's very end on a change leaves at once, with what waited."""
    wanted = release(outbox.sent, outbox.head + 1, mono_ns, timing)
    return change(outbox, mono_ns, timing) == wanted


@theorem("SYN-15", about=[change], given=is_in_a_window, sabotage={change: change_unbounded})
def change_in_a_window_is_exact(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """Within a window a change waits, and puts the end off, up to the latest end and never back."""
    window = outbox.window
    if window is None:
        return False
    ends_ns = mono_ns + timing.window_ns
    if window.latest_ns < ends_ns:
        ends_ns = window.latest_ns
    if ends_ns < window.ends_ns:
        ends_ns = window.ends_ns
    later = Window(ends_ns, window.latest_ns)
    wanted = Step(Outbox(outbox.sent, outbox.head + 1, later), None, ends_ns)
    return change(outbox, mono_ns, timing) == wanted


@theorem("SYN-13", about=[wake], given=is_in_a_window, sabotage={wake: wake_early})
def early_wakes_ask_again(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """A wake before the window's end changes nothing, and asks to be woken at the end."""
    window = outbox.window
    ends_ns = None if window is None else window.ends_ns
    return wake(outbox, mono_ns, timing) == Step(outbox, None, ends_ns)


@theorem("SYN-13", about=[wake], given=is_quiet, sabotage={wake: wake_dropping})
def timely_wakes_are_exact(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """From the window's very end on a wake sends what waits, or finds that it is quiet."""
    found = wake(outbox, mono_ns, timing)
    if outbox.window is None:
        return found == Step(outbox, None, None)
    if outbox.sent < outbox.head:
        return found == release(outbox.sent, outbox.head, mono_ns, timing)
    return found == Step(Outbox(outbox.sent, outbox.head, None), None, None)


@theorem("SYN-14", about=[flush], sabotage={flush: flush_in_the_window})
def flush_is_exact(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """A flush sends what waits whatever the window; where nothing does, it changes nothing."""
    found = flush(outbox, mono_ns, timing)
    if outbox.sent < outbox.head:
        return found == release(outbox.sent, outbox.head, mono_ns, timing)
    ends_ns = None if outbox.window is None else outbox.window.ends_ns
    return found == Step(outbox, None, ends_ns)


@theorem("SYN-13", about=[step], sabotage={step: step_lazy})
def events_are_what_they_say(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """A step changes, wakes or flushes at the instant that its event names."""
    return (
        step(outbox, Changed(mono_ns), timing) == change(outbox, mono_ns, timing)
        and step(outbox, Wake(mono_ns), timing) == wake(outbox, mono_ns, timing)
        and step(outbox, Flush(mono_ns), timing) == flush(outbox, mono_ns, timing)
    )


@theorem("SYN-14", about=[step], given=holds_well, sabotage={release: release_last})
def nothing_is_sent_twice(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """What is sent begins after the last change that was sent, and is not empty."""
    done = step(outbox, event, timing)
    return done.send is None or outbox.sent == done.send.after < done.send.upto


# -- what must not hold


@theorem("SYN-13", about=[step], refuted=True)
def each_change_leaves_at_once(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """Every change leaves at once: false within a window."""
    return step(outbox, Changed(mono_ns), timing).send is not None


@theorem("SYN-15", about=[], refuted=True)
def bursts_may_put_the_end_off(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """Each change may put the end off by a window: false, a burst would wait for ever."""
    window = change_unbounded(outbox, mono_ns, timing).outbox.window
    return not is_sound(outbox) or window is None or window.ends_ns <= window.latest_ns


@theorem("SYN-14", about=[], refuted=True)
def ends_may_drop_what_waits(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """The end of a window may just be quiet: false, what waited would have no wake."""
    return not is_sound(outbox) or is_sound(wake_dropping(outbox, mono_ns, timing).outbox)


@theorem("SYN-14", about=[step], refuted=True)
def any_outbox_becomes_sound(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """A step makes any outbox sound: false of one that cannot come about."""
    return is_sound(step(outbox, event, timing).outbox)
