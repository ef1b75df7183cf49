"""A right one: a counter that only grows, with one count for each writer.

loomweave-proofs check loomweave_proofs.examples.counter:Counter
"""


class Counter:
    """Counts by writer; the value is their sum."""

    @staticmethod
    def bottom() -> dict[str, int]:
        """Return the counter that counted nothing."""
        return {}

    @staticmethod
    def join(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        """Take the greater count of each writer."""
        return {
            writer: a[writer]
            if writer not in b
            else b[writer]
            if writer not in a
            else max(a[writer], b[writer])
            for writer in a | b
        }

    @staticmethod
    def le(a: dict[str, int], b: dict[str, int]) -> bool:
        """Tell whether one has counted no more than the other."""
        return all(writer in b and a[writer] <= b[writer] for writer in a)

    @staticmethod
    def increase(state: dict[str, int], writer: str) -> dict[str, int]:
        """Count one."""
        return {**state, writer: state.get(writer, 0) + 1}

    updates = ("increase",)
