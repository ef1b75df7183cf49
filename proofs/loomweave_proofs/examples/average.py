"""Commutative, idempotent, and not associative: sensors that meet in the middle.

    loomweave-proofs check loomweave_proofs.examples.average:Average

The mean of a mean depends on who met whom first, so replicas that heard the same end up with
different readings. Keep the readings, one for each sensor, and take the mean when it is shown.
"""


class Average:
    """One reading, merged with others to their mean."""

    @staticmethod
    def join(a: int, b: int) -> int:
        """Take the mean, rounded down."""
        return (a + b) // 2
