"""Errors by blame: a caller's fault is raised, a peer's fault is a value. Spec: MCH-2."""

import msgspec


class LoomWeaveError(Exception):
    """Root of everything that LoomWeave raises on purpose."""


class UsageError(LoomWeaveError):
    """A caller asked for something that a rule forbids.

    Attributes:
        rule: the number of the rule, such as `GRF-4`.
        subject: what the error is about: an entity id, a field name, a path into a value.
        reason: one sentence that says what is wrong and what to do instead.
    """

    def __init__(self, rule: str, subject: str, reason: str) -> None:
        super().__init__(f"{subject}: {reason} [{rule}]")
        self.rule = rule
        self.subject = subject
        self.reason = reason


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A peer's fault, or a condition at our side that makes us decline, as a value. Spec: MCH-2."""

    rule: str
    """Number of the rule that refuses."""
    reason: str
    """One sentence for people."""
    subject: str = ""
    """What was refused: a path, an offset, an entity."""
    retry_at_ns: int | None = None
    """Wall time from which the same offer may succeed; None where it never will."""
