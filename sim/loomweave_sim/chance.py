"""Chance: where every random choice of a simulation comes from. Spec: SCN-2, SCN-3.

A stream belongs to one concern, so that one more draw in one place moves no other. All
arithmetic is on integers: two machines, two Python versions and two string-hash seeds agree.
"""

import struct
from collections.abc import Callable, MutableSequence, Sequence
from itertools import chain
from itertools import count as numbers_from
from typing import Final, TypeVar

from blake3 import blake3

T = TypeVar("T")

SEED_MAX: Final = 2**63 - 1
"""Greatest seed of a run: what a TOML integer can hold. Spec: SCN-2."""
PPM: Final = 1_000_000
"""Shares are integers, in millionths. Spec: SCN-2."""
CONTEXT: Final = "loomweave-graph simulator chance v1"
WORD_BITS: Final = 64
WORD_MASK: Final = 2**WORD_BITS - 1
BLOCK_WORDS: Final = 512
"""How many words are drawn from the hash at once; it has no influence on their values."""
FRACTION_BITS: Final = 32
"""Resolution of a draw inside one band of a latency table. Spec: SCN-3."""
FRACTION_MASK: Final = (1 << FRACTION_BITS) - 1

_UNPACK: Final = struct.Struct(f"<{BLOCK_WORDS}Q").unpack


class Chance:
    """A stream of choices for one concern of one run. Spec: SCN-2."""

    __slots__ = ("_hash", "concern", "seed", "word")

    def __init__(self, seed: int, concern: str) -> None:
        assert 0 <= seed <= SEED_MAX, "a seed lies in [0, 2^63)"
        self.seed = seed
        self.concern = concern
        key = seed.to_bytes(8, "little") + concern.encode()
        self._hash = blake3(key, derive_key_context=CONTEXT)
        blocks = map(self._words_of, numbers_from(0))
        self.word: Callable[[], int] = chain.from_iterable(blocks).__next__
        """Draws 64 bits. Spec: SCN-2."""

    def _words_of(self, block: int) -> tuple[int, ...]:
        size = BLOCK_WORDS * 8
        return _UNPACK(self._hash.digest(length=size, seek=block * size))

    def branch(self, name: str) -> "Chance":
        """Return the stream of a narrower concern; it shares nothing with this one. Spec: SCN-2."""
        return Chance(self.seed, f"{self.concern}/{name}")

    def below(self, bound: int) -> int:
        """Draw an integer from [0, bound), each equally likely. Spec: SCN-2."""
        assert 0 < bound <= WORD_MASK + 1, "the bound of a draw lies in [1, 2^64]"
        while True:
            product = self.word() * bound
            low = product & WORD_MASK
            # Few words are surplus, and the remainder that tells is dear: test for it last.
            if low >= bound or low >= (WORD_MASK + 1) % bound:
                return product >> WORD_BITS

    def between(self, least: int, most: int) -> int:
        """Draw an integer from [least, most], both included. Spec: SCN-2."""
        return least + self.below(most - least + 1)

    def chance_ppm(self, share_ppm: int) -> bool:
        """Answer yes in `share_ppm` of a million cases; always takes one draw. Spec: SCN-2."""
        return self.below(PPM) < share_ppm

    def pick(self, items: Sequence[T]) -> T:
        """Choose one of the items. Spec: SCN-2."""
        return items[self.below(len(items))]

    def pick_weighted(self, weights: Sequence[int]) -> int:
        """Choose an index, each in proportion to its weight. Spec: SCN-2."""
        rest = self.below(sum(weights))
        for index, weight in enumerate(weights):
            if rest < weight:
                return index
            rest -= weight
        raise AssertionError("a draw below the sum falls into one of the weights")

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Put the items into a random order, in place. Spec: SCN-2."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Choose `count` different items, or all where there are fewer, in random order.

        Spec: SCN-2.
        """
        pool = list(items)
        count = min(count, len(pool))
        for first in range(count):
            other = first + self.below(len(pool) - first)
            pool[first], pool[other] = pool[other], pool[first]
        return pool[:count]

    def draw_bytes(self, count: int) -> bytes:
        """Draw `count` bytes, such as the entropy of a starting replica. Spec: SCN-2."""
        words = (count + 7) // 8
        drawn = b"".join(self.word().to_bytes(8, "little") for _ in range(words))
        return drawn[:count]


class Spread(tuple[int, ...]):
    """A distribution of durations as a table of integers, its knots, in nanoseconds. Spec: SCN-3.

    The bands between neighbouring knots are equally likely, and so is every point of a band; one
    knot alone is a constant.
    """

    __slots__ = ()

    def draw(self, chance: Chance) -> int:
        """Draw a duration; always takes one draw. Spec: SCN-3."""
        bands = len(self) - 1
        if not bands:
            chance.word()
            return self[0]
        # `Chance.below`, spelled out: this happens once for every message of a run.
        bound = bands << FRACTION_BITS
        product = chance.word() * bound
        while (low := product & WORD_MASK) < bound and low < (WORD_MASK + 1) % bound:
            product = chance.word() * bound
        point = product >> WORD_BITS
        band = point >> FRACTION_BITS
        low_ns = self[band]
        fraction = point & FRACTION_MASK
        return low_ns + ((self[band + 1] - low_ns) * fraction >> FRACTION_BITS)


def spread_us(*knots_us: int) -> Spread:
    """Build a table from knots in microseconds. Spec: SCN-3."""
    return Spread(knot_us * 1_000 for knot_us in knots_us)


SPREADS: Final[dict[str, Spread]] = {
    "none": spread_us(0),
    "loopback": spread_us(20, 40, 60, 100, 300),
    "lan": spread_us(150, 300, 450, 700, 1_500, 6_000),
    "wan": spread_us(18_000, 24_000, 28_000, 35_000, 55_000, 140_000),
    "mobile": spread_us(40_000, 60_000, 90_000, 160_000, 400_000, 1_500_000),
    "satellite": spread_us(550_000, 580_000, 620_000, 700_000, 1_100_000),
    "ssd": spread_us(60, 90, 120, 200, 900),
    "disk": spread_us(2_000, 5_000, 8_000, 12_000, 40_000),
}
"""Tables that scenario files may name instead of writing one. Spec: SCN-3."""
