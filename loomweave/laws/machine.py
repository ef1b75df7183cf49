"""What every state of a replica promises, written once. Spec: chapter MCH."""

from loomweave.core.events import Effect, Notify, Persist, Record, Reply, Send
from loomweave.core.graph.waiting import WAIT_PEER_MAX
from loomweave.core.persistent import sorted_items
from loomweave.core.replica.recovery import recover, snapshot
from loomweave.core.replica.state import State, root, with_digest
from loomweave.core.sync import digest
from loomweave.laws import graph as graph_laws
from loomweave.laws import ham as ham_laws


def whole_fault(state: State) -> str | None:
    """Say which promise a state breaks, or None where it is whole.

    Spec: MCH-1, GRF-9, SYN-5, HAM-5, HAM-9, CLK-2, SYN-3, SYN-1, MCH-6.
    """
    return (
        graph_laws.index_fault(state.graph)
        or digest_fault(state)
        or ham_laws.room_fault(state.graph.waiting, state.clock.horizon_ns, WAIT_PEER_MAX)
        or clock_fault(state)
        or writer_fault(state)
        or contacts_fault(state)
    )


def is_whole(state: State) -> bool:
    """Tell whether a state keeps every promise; `whole_fault` says which it breaks. Spec: MCH-1."""
    return whole_fault(state) is None


def digest_fault(state: State) -> str | None:
    """SYN-5: the digest that was mended is the digest that a scan builds. Spec: SYN-5."""
    mended = with_digest(state).summary
    built = digest.scan(state.graph, state.config.salt)
    if mended.sums != built.sums:
        return "the sums of the digest are not what a scan builds"
    for mine, scanned in zip(mended.leaves, built.leaves, strict=True):
        if (mine or scanned) and sorted_items(mine) != sorted_items(scanned):
            return "the leaves of the digest are not what a scan builds"
    return None


def clock_fault(state: State) -> str | None:
    """CLK-2 to CLK-4: horizon, issued and applied stamps stand in order. Spec: CLK-2, CLK-4."""
    clock = state.clock
    newest_ns = max(
        (e.stamp_ns for row in state.graph.held.values() for e in row.values()), default=None
    )
    if newest_ns is not None and newest_ns > clock.horizon_ns:
        return "something is held that is not due"
    if newest_ns is not None and newest_ns > clock.applied_ns:
        return "something is held above the greatest applied stamp"
    if clock.issued_ns > clock.horizon_ns:
        return "an own stamp is above the horizon"
    if clock.applied_ns > max(clock.horizon_ns, state.config.genesis_ns):
        return "the greatest applied stamp is above the horizon"
    return None


def writer_fault(state: State) -> str | None:
    """MCH-6, SYN-3: own batches are numbered without gaps, and nobody else has used our numbers.

    Spec: MCH-6, SYN-3.
    """
    writer, next_seq = state.identity.writer, state.journal.next_seq
    if state.contacts.seen.get(writer, 0) != next_seq - 1:
        return "the version vector does not say how much we wrote"
    if any(state.contacts.seen.get(name, 0) < seq for name, seq in state.contacts.news.items()):
        return "news that was not seen"
    elements = [e for row in state.graph.held.values() for e in row.values()]
    elements += [waiting.element for waiting in state.graph.waiting]
    if writer and any(e.writer == writer and e.seq >= next_seq for e in elements):
        return "an element bears a number of ours that we have not given"
    return None


def contacts_fault(state: State) -> str | None:
    """SYN-1, MCH-4: links are the greeted peers; numbers of the journal stand in order.

    Spec: SYN-1, MCH-4.
    """
    peers = state.contacts.peers
    if state.contacts.links != tuple(name for name in sorted(peers) if peers[name].greeted):
        return "the links are not the greeted peers"
    if not 0 <= state.journal.durable_lsn <= state.journal.lsn:
        return "more is durable than was handed out"
    return None


def effects_fault(before: State, effects: tuple[Effect, ...]) -> str | None:
    """MCH-4, MCH-9: say which effect comes before what it needs, or None.

    Numbers of the journal and of the feed have no gaps, and whatever is told comes after the
    `Persist` that it waits for. Spec: MCH-4, MCH-9.
    """
    lsn, number = before.journal.lsn, before.journal.number
    for effect in effects:
        match effect:
            case Persist():
                if effect.lsn != lsn + 1 or not effect.records:
                    return f"journal entry {effect.lsn} follows {lsn}"
                lsn = effect.lsn
            case Notify():
                if effect.number != number + 1 or effect.after_lsn != lsn or not effect.won:
                    return f"entry {effect.number} of the feed follows {number}"
                number = effect.number
            case Send() | Reply():
                if effect.after_lsn != lsn:
                    return f"{type(effect).__name__} waits for {effect.after_lsn}, not for {lsn}"
    return None


def snapshot_gives_back(state: State) -> str | None:
    """MCH-8: say what a state loses that is kept as a snapshot, or None. Spec: MCH-8, HAM-5."""
    again, feed = recover(state.config, snapshot(state))
    if feed:
        return "a snapshot holds entries of the feed"
    return recovery_fault(state, again)


def recovery_fault(state: State, again: State) -> str | None:
    """MCH-8: say what a recovered state lacks of the one that was kept, or None. Spec: MCH-8."""
    if not ham_laws.same_rows(ham_laws.held_rows(again.graph), ham_laws.held_rows(state.graph)):
        return "what is held differs"
    if [(w.entity, w.field, w.element) for w in again.graph.waiting] != [
        (w.entity, w.field, w.element) for w in state.graph.waiting
    ]:
        return "what waits differs"
    if root(again) != root(state):
        return "the roots differ"
    kept = (state.identity.writer, state.journal.next_seq, state.journal.number)
    if kept != (again.identity.writer, again.journal.next_seq, again.journal.number):
        return "writer or numbers differ"
    if again.clock.issued_ns != state.clock.issued_ns:
        return "the last own stamp differs"
    return whole_fault(again)


def doubling_does_no_harm(state: State, records: tuple[Record, ...]) -> bool:
    """MCH-8: records that are kept twice give the state that they give once. Spec: MCH-8."""
    once, feed = recover(state.config, records)
    twice, feed_again = recover(state.config, (*records, *records))
    numbers = [entry.number for entry in feed]
    return recovery_fault(once, twice) is None and numbers == [e.number for e in feed_again]
