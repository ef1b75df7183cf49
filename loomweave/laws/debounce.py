"""What an outbox promises. Spec: SYN-13, SYN-14, SYN-15."""

from loomweave.core.sync.debounce import (
    Changed,
    Event,
    Flush,
    Outbox,
    Span,
    Timing,
    Wake,
    is_pending,
    is_sound,
    step,
)


def change_after_a_window_leaves_at_once(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """SYN-13: where it is quiet nothing is held back, and what waited goes along. Spec: SYN-13."""
    window = outbox.window
    if window is not None and mono_ns < window.ends_ns:
        return True
    done = step(outbox, Changed(mono_ns), timing)
    return done.send == Span(outbox.sent, outbox.head + 1) and not is_pending(done.outbox)


def change_in_a_window_waits(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """SYN-13: before the window's end only a flush sends. Spec: SYN-13."""
    window = outbox.window
    if window is None or event.mono_ns >= window.ends_ns or isinstance(event, Flush):
        return True
    done = step(outbox, event, timing)
    is_kept = done.outbox == outbox or isinstance(event, Changed)
    return done.send is None and is_kept


def end_of_a_window_sends_or_is_quiet(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """SYN-13: what waited leaves at the end, as one; or nothing did. Spec: SYN-13."""
    window = outbox.window
    if window is None or mono_ns < window.ends_ns:
        return True
    done = step(outbox, Wake(mono_ns), timing)
    if is_pending(outbox):
        return done.send == Span(outbox.sent, outbox.head) and done.outbox.window is not None
    return done.send is None and done.outbox.window is None


def spans_join_up(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """SYN-14: each sending begins where the last one ended, and takes all. Spec: SYN-14."""
    done = step(outbox, event, timing)
    counted = outbox.head + (1 if isinstance(event, Changed) else 0)
    if done.outbox.head != counted:
        return False
    if done.send is None:
        return done.outbox.sent == outbox.sent
    return done.send == Span(outbox.sent, counted) and done.outbox.sent == counted


def outbox_stays_sound(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """SYN-14: what waits has a window. Spec: SYN-14."""
    return not is_sound(outbox) or is_sound(step(outbox, event, timing).outbox)


def flush_leaves_nothing(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """SYN-14: after a flush all is sent, and it sends nothing that is not there. Spec: SYN-14."""
    done = step(outbox, Flush(mono_ns), timing)
    return not is_pending(done.outbox) and (done.send is not None) == is_pending(outbox)


def wake_is_asked_for(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """SYN-14: the wake is the window's end, and there is one if something waits. Spec: SYN-14."""
    done = step(outbox, event, timing)
    window = done.outbox.window
    return not is_sound(outbox) or done.wake_ns == (None if window is None else window.ends_ns)


def is_in_time(outbox: Outbox, mono_ns: int, timing: Timing) -> bool:
    """Tell whether a window began by now, as all do whose clock runs forward. Spec: SYN-15."""
    return outbox.window is None or outbox.window.latest_ns <= mono_ns + timing.wait_ns_max


def wait_is_bounded(outbox: Outbox, event: Event, later_ns: int, timing: Timing) -> bool:
    """SYN-15: a wake is never further off than the longest wait. Spec: SYN-15."""
    if not (is_sound(outbox) and is_in_time(outbox, event.mono_ns, timing)):
        return True
    done = step(outbox, event, timing)
    is_near = done.wake_ns is None or done.wake_ns <= event.mono_ns + timing.wait_ns_max
    return is_near and (later_ns < event.mono_ns or is_in_time(done.outbox, later_ns, timing))


def nothing_is_put_off_for_ever(outbox: Outbox, event: Event, timing: Timing) -> bool:
    """SYN-15: without a sending, the latest end stays what it was. Spec: SYN-15."""
    done = step(outbox, event, timing)
    before, after = outbox.window, done.outbox.window
    if done.send is not None or before is None or after is None:
        return True
    return after.latest_ns == before.latest_ns and after.ends_ns >= before.ends_ns
