"""Broken machines: the twin must tell each of them from a whole one. Spec: MCH-1."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from loomweave.core.clocks import Clock
from loomweave.core.events import Delta, Meta, Record
from loomweave.core.graph import store
from loomweave.core.graph.store import Absorbed
from loomweave.core.replica import intake, recovery
from loomweave.core.replica.state import Config, State
from loomweave.core.sync.frames import Batch
from tests.machines import test_batches as batches
from tests.machines import test_recovery as stories
from tests.machines import test_requests as requests
from tests.machines.test_twin import Replicas

SEARCH = settings(max_examples=60, stateful_step_count=40, phases=[Phase.generate], database=None)
RECOVER, KEEP = recovery.recover, intake.keep


def any_story() -> None:
    """Let the twin look for it."""
    run_state_machine_as_test(Replicas, settings=SEARCH)


def without_waiting(config: Config, records: Iterable[Record]) -> object:
    """Recover what is held, and forget what waits."""
    return RECOVER(config, [r for r in records if not (isinstance(r, Delta) and not r.number)])


def without_clock(config: Config, records: Iterable[Record]) -> object:
    """Forget the horizon and the last stamp."""
    bare = [replace(r, issued_ns=0) if isinstance(r, Meta) else r for r in records]
    return RECOVER(config, bare)


def count_any(state: State, writer: bytes, seq: int) -> State:
    """Count a batch as received with all that came before it."""
    contacts = state.contacts
    seen = contacts.seen.set(writer, max(seq, contacts.seen.get(writer, 0)))
    return replace(state, contacts=replace(contacts, seen=seen))


def keep_nothing(state: State, absorbed: Absorbed, source: str) -> intake.Step:
    """Change the state and tell, before the journal has it."""
    state, effects = KEEP(state, absorbed, source)
    return state, tuple(reversed(effects))


def follow(clock: Clock, wall_ns: int) -> Clock:
    """Let the horizon follow the wall clock back."""
    return clock if wall_ns == clock.horizon_ns else replace(clock, horizon_ns=wall_ns)


def own_word(state: State, batch: Batch) -> intake.Step:
    """Write without sending."""
    state, effects = intake.keep(
        state, store.absorb_part(state.graph, batch.part, intake.gate_of(state, 2**62, "")), ""
    )
    return state, effects


def unmarked(unsummed: object, entities: tuple[str, ...]) -> object:
    """Forget which entities the digest must mend."""
    return unsummed


def no_room(graph: store.Graph, early: object, gate: object) -> Absorbed:
    """Drop what is early."""
    return Absorbed(graph, {}, {}, {}, (), None)


@pytest.mark.parametrize(
    ("place", "broken", "story"),
    [
        ("tests.machines.desk.recover", without_waiting, stories.test_any_prefix_of_the_journal),
        ("tests.machines.desk.recover", without_clock, stories.test_any_prefix_of_the_journal),
        ("loomweave.core.replica.session.saw", count_any, batches.test_the_vector_has_no_gaps),
        ("loomweave.core.replica.session.keep", keep_nothing, any_story),
        ("loomweave.core.replica.intake.observe", follow, any_story),
        ("loomweave.core.replica.local.put_batch", own_word, requests.test_order_of_effects),
        ("loomweave.core.graph.store.park", no_room, any_story),
        ("loomweave.core.graph.store.mark", unmarked, any_story),
        ("loomweave.core.graph.store.reindex", lambda index, *_: index, any_story),
    ],
    ids=lambda part: getattr(part, "__name__", "in"),
)
def test_broken_variants_are_caught(
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    broken: Callable[..., object],
    story: Callable[[], None],
) -> None:
    """MCH-4, MCH-8, SYN-3, CLK-2, HAM-5: by the twin, or by a story told by hand."""
    monkeypatch.setattr(place, broken)
    with pytest.raises(AssertionError):
        story()
