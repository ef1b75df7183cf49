"""Chance and distributions: the same everywhere, and as likely as they say. SCN-2, SCN-3."""

from collections import Counter

import pytest
from blake3 import blake3

from loomweave_sim.chance import BLOCK_WORDS, CONTEXT, PPM, SPREADS, Chance, Spread, spread_us

PINNED_BELOW = [663, 116, 79, 819, 190, 519, 847, 867]
PINNED_BYTES = "40f652f4a3"


def test_stream_is_pinned() -> None:
    """SCN-2: these numbers may never change, or no seed replays."""
    chance = Chance(7, "link/0/3")
    assert [chance.below(1000) for _ in range(8)] == PINNED_BELOW
    assert chance.draw_bytes(5).hex() == PINNED_BYTES


def test_stream_is_the_hash_read_as_words() -> None:
    """SCN-2: also past the end of the first block."""
    words = BLOCK_WORDS + 3
    key = (7).to_bytes(8, "little") + b"link/0/3"
    output = blake3(key, derive_key_context=CONTEXT).digest(length=8 * words)
    chance = Chance(7, "link/0/3")
    drawn = b"".join(chance.word().to_bytes(8, "little") for _ in range(words))
    assert drawn == output


def test_streams_share_nothing() -> None:
    streams = [Chance(1, "a"), Chance(2, "a"), Chance(1, "b"), Chance(1, "a").branch("a")]
    assert len({tuple(stream.word() for _ in range(4)) for stream in streams}) == len(streams)


def test_branch_does_not_move_its_origin() -> None:
    one, two = Chance(3, "x"), Chance(3, "x")
    one.branch("y").word()
    assert one.word() == two.word()


@pytest.mark.parametrize("bound", [1, 2, 3, 7, 1000, 2**63 + 1, 2**64])
def test_below_stays_below(bound: int) -> None:
    chance = Chance(1, "below")
    assert all(0 <= chance.below(bound) < bound for _ in range(2000))


def test_surplus_words_are_passed_over() -> None:
    """SCN-2: below 2^63 + 1, nearly half of all words are surplus; taking them would double 0."""
    drawn, plain = Chance(1, "surplus"), Chance(1, "surplus")
    bound = 2**63 + 1
    for _ in range(200):
        expected = drawn.below(bound)
        while (word := plain.word()) * bound % 2**64 < 2**64 % bound:
            pass
        assert expected == word * bound >> 64


def test_below_is_even() -> None:
    chance = Chance(1, "even")
    counts = Counter(chance.below(6) for _ in range(60_000))
    assert all(9_600 < counts[face] < 10_400 for face in range(6)), counts


def test_shares_come_true() -> None:
    chance = Chance(1, "share")
    hits = sum(chance.chance_ppm(50_000) for _ in range(100_000))
    assert 4_800 < hits < 5_200
    assert not any(chance.chance_ppm(0) for _ in range(1000))
    assert all(chance.chance_ppm(PPM) for _ in range(1000))


def test_weights_come_true() -> None:
    chance = Chance(1, "weights")
    counts = Counter(chance.pick_weighted((1, 0, 3)) for _ in range(40_000))
    assert counts[1] == 0
    assert 9_600 < counts[0] < 10_400


def test_between_includes_both_ends() -> None:
    chance = Chance(1, "between")
    assert {chance.between(-1, 1) for _ in range(100)} == {-1, 0, 1}


def test_shuffle_and_sample_keep_the_items() -> None:
    chance = Chance(1, "shuffle")
    items = list(range(20))
    chance.shuffle(items)
    assert items != sorted(items) and sorted(items) == list(range(20))
    drawn = chance.sample(range(20), 5)
    assert len(set(drawn)) == 5
    assert sorted(chance.sample("abc", 9)) == ["a", "b", "c"]
    assert {chance.pick("ab") for _ in range(50)} == {"a", "b"}


def test_spread_lies_between_its_knots() -> None:
    """SCN-3: each band is equally likely."""
    spread, chance = Spread((0, 10, 1000)), Chance(1, "spread")
    drawn = [spread.draw(chance) for _ in range(20_000)]
    assert min(drawn) == 0 and max(drawn) < 1000
    assert 9_700 < sum(delay < 10 for delay in drawn) < 10_300


def test_constant_spread_takes_a_draw_too() -> None:
    """SCN-3: so a table of one knot moves no other draw."""
    one, two = Chance(1, "s"), Chance(1, "s")
    assert spread_us(5).draw(one) == 5_000
    two.word()
    assert one.word() == two.word()


def test_named_spreads_do_not_fall() -> None:
    assert all(list(spread) == sorted(spread) for spread in SPREADS.values())
