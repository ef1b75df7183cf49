"""Every law of a join holds, and data is lost: a meet where a join is meant.

    loomweave-proofs check loomweave_proofs.examples.overlap:Tags

Keeping what both replicas have is commutative, associative and idempotent, and replicas agree. But
a tag that one replica added is dropped as soon as it meets another which has not heard of it. The
upper bound tells: the result is not above both sides. Write `a | b`.
"""


class Tags:
    """The tags of a document."""

    @staticmethod
    def join(a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
        """Keep the tags that both have."""
        return a & b

    @staticmethod
    def add(state: frozenset[str], tag: str) -> frozenset[str]:
        """Add a tag."""
        return state | frozenset({tag})

    updates = ("add",)
