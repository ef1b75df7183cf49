"""Trying laws out on many states, and making what breaks them small."""

import copy
import time
from collections.abc import Mapping
from typing import Final

import attrs
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loomweave_proofs.lattice import limits
from loomweave_proofs.lattice.laws import Law
from loomweave_proofs.lattice.limits import Endless
from loomweave_proofs.lattice.states import QUIET, Strategy, from_type, literal
from loomweave_proofs.lattice.subject import Subject

EXAMPLES: Final = 300
TIME_S: Final = 2.0
"""Longest time that one law is tried out."""


@attrs.frozen
class Trial:
    """What came of trying a law out."""

    count: int
    """On how many arguments it held."""
    arguments: Mapping[str, object] | None = None
    """The smallest arguments found that break it."""
    raised: str = ""
    """What was raised for them, if so."""


class _Broken(Exception):
    """The law does not hold."""


def try_out(law: Law, subject: Subject, strategy: Strategy, examples: int = EXAMPLES) -> Trial:
    """Look for arguments that break a law; they are shrunk.

    Raises:
        Endless: a call did not end; the message says which.
    """
    names = list(law.arguments)
    each = [
        strategy if hint is subject.state else from_type(hint) for hint in law.arguments.values()
    ]
    broken: list[tuple[tuple[object, ...], str]] = []
    tried: list[int] = []
    until_s = time.perf_counter() + TIME_S

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None,
              report_multiple_bugs=False, print_blob=False,
              phases=[Phase.generate, Phase.shrink], suppress_health_check=QUIET)  # fmt: skip
    @given(st.tuples(*each))
    def run(values: tuple[object, ...]) -> None:
        if time.perf_counter() > until_s:
            return
        raised = breaks(law, dict(zip(names, values, strict=True)))
        if raised is not None:
            broken.append((values, raised))
            raise _Broken
        tried.append(1)

    try:
        run()
    except _Broken:
        values, raised = broken[-1]
        return Trial(len(tried), dict(zip(names, values, strict=True)), raised)
    return Trial(len(tried))


def breaks(law: Law, arguments: Mapping[str, object]) -> str | None:
    """Tell whether a law fails for arguments: what was raised or "", and None if it holds.

    Raises:
        Endless: a call did not end; the message says which.
    """
    try:
        return None if limits.call(law.holds, **copy.deepcopy(dict(arguments))) else ""
    except Endless:
        shown = ", ".join(f"{name}={literal(value)}" for name, value in arguments.items())
        raise Endless(
            f"`{law.claim}` did not end within {limits.CALL_S:g} s for {shown}; "
            "see that every loop of the merge ends"
        ) from None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
