"""Strategies for what travels and is kept as bytes: every kind of frame and of record, widely."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from loomweave.core.entities import node_key
from loomweave.core.errors import Refusal
from loomweave.core.events import Delta, Meta, Record, Vector
from loomweave.core.graph.merge import Part
from loomweave.core.lattices.register import Element, Rows
from loomweave.core.sync.frames import (
    Agreed,
    Batch,
    Buckets,
    Declined,
    Digest,
    Frame,
    Hello,
    Leaves,
    Want,
)
from loomweave.core.sync.frames import State as StateFrame
from loomweave.core.values import Value
from loomweave.wire.journal import Entry
from tests.strategies import NODES, names, stamps, values


def wide_rows() -> SearchStrategy[dict[str, dict[str, Value]]]:
    """Values of every kind under names of every kind: what bytes must carry."""
    keys = st.builds(node_key, names(), names())
    rows = st.dictionaries(names(), values(4), min_size=1, max_size=4)
    return st.dictionaries(st.one_of(st.sampled_from(NODES), keys), rows, max_size=3)


def wide_dots() -> SearchStrategy[tuple[bytes, int, int]]:
    """Writers, seqs and stamps over all that they may be."""
    seqs = st.one_of(st.integers(0, 300), st.just(2**63 - 1))
    ends = st.sampled_from([-(2**63), 2**63 - 1, 0])
    return st.tuples(
        st.binary(max_size=32), seqs, st.one_of(stamps(), ends, st.integers(-(2**63), 2**63 - 1))
    )


def wide_elements() -> SearchStrategy[Rows]:
    """Elements of many dots, none of them alike."""
    made = values(4).flatmap(
        lambda value: wide_dots().map(lambda dot: Element(dot[2], value, dot[0], dot[1]))
    )
    keys = st.one_of(st.sampled_from(NODES), st.builds(node_key, names(), names()))
    rows = st.dictionaries(names(), made, min_size=1, max_size=4)
    return st.dictionaries(keys, rows, max_size=3)


def vectors() -> SearchStrategy[dict[bytes, int]]:
    """Version vectors."""
    return st.dictionaries(st.binary(max_size=32), st.integers(0, 2**63 - 1), max_size=3)


def wide_batches() -> SearchStrategy[Batch]:
    """Batches over all that they may be."""
    proofs = st.one_of(st.none(), st.binary(max_size=80))
    made = st.tuples(wide_dots(), wide_rows()).map(lambda drawn: Part(*drawn[0], drawn[1]))
    return st.builds(
        Batch,
        made,
        vectors(),
        st.one_of(st.just("main"), names()),
        proofs,
    )


def refusals() -> SearchStrategy[Refusal]:
    """Refusals with texts that a frame can carry."""
    plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    instants = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
    return st.builds(Refusal, plain, plain, plain, instants)


def frames() -> SearchStrategy[Frame]:
    """Frames of every kind."""
    states = st.builds(StateFrame, wide_elements(), wide_elements())
    return st.one_of(
        wide_batches(),
        states,
        st.builds(
            Hello, st.integers(0, 9), names(), st.binary(max_size=32), names(), st.booleans()
        ),
        st.builds(Digest, st.binary(min_size=32, max_size=32), st.binary(min_size=8, max_size=8)),
        st.builds(Agreed, vectors()),
        st.binary(min_size=4096, max_size=4096).map(Buckets),
        st.builds(
            Leaves,
            st.lists(st.integers(0, 255), max_size=3).map(tuple),
            st.dictionaries(
                st.sampled_from(NODES), st.binary(min_size=16, max_size=16), max_size=3
            ),
        ),
        st.lists(st.builds(node_key, names(), names()), max_size=3).map(tuple).map(Want),
        st.builds(Declined, refusals(), st.binary(max_size=32)),
    )


def records() -> SearchStrategy[Record]:
    """Records of every kind."""
    numbers = st.integers(0, 2**63 - 1)
    stamps_ns = st.integers(-(2**63), 2**63 - 1)
    return st.one_of(
        st.builds(
            Meta,
            names(),
            st.binary(max_size=32),
            st.binary(max_size=8),
            numbers,
            stamps_ns,
            stamps_ns,
            numbers,
            st.binary(max_size=16),
        ),
        st.builds(Delta, numbers, wide_elements()),
        st.builds(Vector, vectors()),
    )


def entries() -> SearchStrategy[Entry]:
    """Entries of a journal."""
    lists = st.lists(records(), max_size=3).map(tuple)
    return st.builds(Entry, st.integers(0, 2**63 - 1), lists)
