"""For test suites: the laws of a lattice as test cases, one for each law.

    from loomweave_proofs.testing import lattice_laws

    test_tags = lattice_laws(Tags)

A law that is refuted fails with the smallest counterexample as a snippet.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import pytest

from loomweave_proofs.lattice.laws import laws_of
from loomweave_proofs.lattice.subject import read_subject
from loomweave_proofs.lattice.verdict import Status

if TYPE_CHECKING:
    from loomweave_proofs.lattice.verdict import Report

WHOLE = ("never raises", "small worlds", "partition")
"""What is judged of every lattice, beside the laws that its parts call for."""


def lattice_laws(lattice: object, *, proved: bool = False) -> Callable[[str], None]:
    """Make a test with a case for each law of a lattice.

    With `proved`, a law that was only tried out fails too.
    """
    names = dict.fromkeys([*(law.name for law in laws_of(read_subject(lattice))), *WHOLE])

    @pytest.mark.parametrize("law", list(names))
    def test(law: str) -> None:
        verdict = _check(lattice).of(law)
        if verdict.status is Status.REFUTED:
            pytest.fail(f"{law}: {verdict.words}\n\n{verdict.snippet}", pytrace=False)
        is_sampled = law not in WHOLE[1:] and verdict.status is not Status.PROVED
        if proved and is_sampled:
            pytest.fail(f"{law} is not proved: {_check(lattice).notes}", pytrace=False)

    return test


@cache
def _check(lattice: object) -> "Report":
    from loomweave_proofs.lattice.checking import check

    return check(lattice)
