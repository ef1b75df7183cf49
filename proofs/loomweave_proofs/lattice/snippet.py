"""A counterexample as Python that anyone can run."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from loomweave_proofs.lattice.laws import Law
from loomweave_proofs.lattice.limits import Endless, limited
from loomweave_proofs.lattice.states import classes_in, literal
from loomweave_proofs.lattice.subject import Subject


@attrs.frozen
class Writer:
    """Writes snippets about one lattice; `path` is its file, where it was named by one."""

    subject: Subject
    path: Path | None = None

    def opening(self, names: Sequence[str], values: Sequence[object]) -> list[str]:
        """Write the imports, and names for the functions of the lattice."""
        subject = self.subject
        classes = sorted(
            {cls for value in values for cls in classes_in(value)} - {subject.owner},
            key=lambda cls: cls.__name__,
        )
        lines = [f"# {subject.name} must be in scope"]
        if self.path is not None:
            mine = [cls.__name__ for cls in classes if cls.__module__ == self.path.stem]
            lines = ["import runpy", "", f'module = runpy.run_path("{self.path.as_posix()}")']
            lines += [f'{name} = module["{name}"]' for name in (subject.name, *mine)]
            classes = [cls for cls in classes if cls.__name__ not in mine]
        elif "<locals>" not in subject.join.__qualname__:
            lines = [f"from {subject.join.__module__} import {subject.name}"]
        lines += [
            f"from {cls.__module__} import {cls.__name__}"
            for cls in classes
            if "<locals>" not in cls.__qualname__
        ]
        if "join" in names and subject.is_function and subject.name != "join":
            lines.append(f"join = {subject.name}")
        if not subject.is_function:
            own = ("join", "le", "valid", "bottom")
            lines += [f"{name} = {subject.name}.{name}" for name in own if name in names]
        return lines

    def law(self, law: Law, arguments: Mapping[str, object], raised: str) -> str:
        """Write what breaks a law."""
        names = {node.id for node in ast.walk(ast.parse(law.claim)) if isinstance(node, ast.Name)}
        lines = self.opening(sorted(names), list(arguments.values()))
        if "update" in names:
            name = law.holds.__globals__["update"].__name__
            lines.append(f"update = {self.subject.name}.{name}")
        if law.preamble:
            lines += ["", law.preamble]
        lines += ["", *(f"{name} = {literal(value)}" for name, value in arguments.items())]
        if raised:
            return "\n".join([*lines, f"{law.claim}  # raises {raised}", ""])
        for expression in law.shows:
            lines.append(f"print({expression!r}, '=', {expression})")
        return "\n".join([*lines, f"assert {law.claim}, {law.words!r}", ""])


def fails(snippet: str, subject: Subject) -> bool:
    """Tell whether a snippet fails when it is run, as it should."""
    scope: dict[str, object] = {subject.name: subject.owner, "print": lambda *_: None}
    try:
        with limited():
            exec(compile(snippet, "<snippet>", "exec"), scope)
    except Endless:
        return False
    except NameError:
        return False
    except Exception:
        return True
    return False
