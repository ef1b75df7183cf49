"""Proofs about the source that ships, and the same for your own merge: `check(MyLattice)`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loomweave_proofs.lattice.verdict import Report

__all__ = ["check"]


def check(lattice: object) -> "Report":
    """Check a lattice of your own: a class with a `join`, or a function that joins.

    Each law is proved, tested or refuted; `report.text()` writes it down with counterexamples.

    Raises:
        BadLattice: it cannot be checked; the message says what to do.
    """
    from loomweave_proofs.lattice.checking import check as run

    return run(lattice)
