"""A counterexample as a test that can be run again. Spec: PRF-27."""

import re
from pprint import pformat

from loomweave_proofs.explore.model import Action, Always, EachStep, Eventually, Model, S
from loomweave_proofs.explore.outcome import Counterexample
from loomweave_proofs.explore.search import Runs


def broken_by(model: Model[S], name: str, actions: list[Action], start: int = 0) -> str | None:
    """Walk a path against the shipped functions; say how it breaks a property, or None.

    A path that has become impossible breaks nothing. Spec: PRF-27.
    """
    found = {item.name: item for item in model.properties()}
    if name not in found:
        raise ValueError(f"{model.name} has no property {name!r}: {', '.join(sorted(found))}")
    item = found[name]
    state = list(model.starts())[start]
    lines = [f"At first: {model.show(state)}"]
    for action in actions:
        after = model.apply(state, action)
        if after is None:
            return None
        lines.append(model.tell(state, action, after))
        if (
            isinstance(item, EachStep)
            and (item.given is None or item.given(state, action, after))
            and not item.holds(state, action, after)
        ):
            return "\n".join(lines)
        state = after
    is_broken = (
        isinstance(item, Always)
        and (item.given is None or item.given(state))
        and not item.holds(state)
    ) or (
        isinstance(item, Eventually)
        and item.given(state)
        and Runs(model, item).missing(state) is not None
    )
    return "\n".join(lines) if is_broken else None


def file_name(found: Counterexample) -> str:
    """Name the test of a counterexample. Spec: PRF-27."""
    words = re.sub(r"[^a-z0-9]+", "_", f"{found.model} {found.broken}".lower())
    return f"test_{words.strip('_')}"


def file_text(found: Counterexample) -> str:
    """Write a counterexample as a test file. Spec: PRF-27."""
    story = found.story.replace("\\", "\\\\").replace('"""', "'''")
    actions = pformat(list(found.actions), width=96)
    return (
        f'"""Found by the explorer. Spec: {found.rule}.\n\n{story}\n"""\n\n'
        "from loomweave_proofs.explore.models import find\n\n"
        f"ACTIONS: list[tuple[str | int, ...]] = {actions}\n\n\n"
        f"def {file_name(found)}() -> None:\n"
        f"    entry = find({found.model!r})\n"
        f"    story = entry.replay({found.broken!r}, ACTIONS, start={found.start})\n"
        "    assert story is None, story\n"
    )
