"""What is found about a lattice, as data and as text."""

import enum
from collections.abc import Sequence

import attrs


class Status(enum.Enum):
    """What became of one law."""

    PROVED = "proved"
    """For all states, by the solver, on the source."""
    TESTED = "tested"
    """No counterexample among the states that were tried."""
    REFUTED = "refuted"
    """There is a counterexample."""
    NOT_JUDGED = "not judged"
    """It could not be stated; the detail says what is missing."""


@attrs.frozen
class Verdict:
    """One law, and what became of it."""

    law: str
    words: str
    status: Status
    detail: str = ""
    snippet: str = ""
    """Python that shows the counterexample when it is run."""


@attrs.frozen
class Report:
    """All that was found about one lattice."""

    name: str
    place: str
    state: str
    verdicts: Sequence[Verdict]
    notes: Sequence[str]
    time_ms: float

    @property
    def refuted(self) -> list[Verdict]:
        """List the laws that do not hold."""
        return [item for item in self.verdicts if item.status is Status.REFUTED]

    @property
    def passed(self) -> bool:
        """Tell whether no law was refuted."""
        return not self.refuted

    def of(self, law: str) -> Verdict:
        """Return the verdict on a law."""
        return next(item for item in self.verdicts if item.law == law)

    def text(self) -> str:
        """Write everything, counterexamples last."""
        lines = [f"{self.name}, states of {self.state}, join at {self.place}", ""]
        for item in self.verdicts:
            lines.append(f"  {item.law:18} {item.status.value:11} {item.detail}".rstrip())
        for item in self.refuted:
            if not item.snippet:
                continue
            lines += ["", f"{item.law}: refuted. It says: {item.words}.", "", item.snippet.rstrip()]
        if self.notes:
            lines += ["", "Not proved, because", *(f"  {note}" for note in self.notes)]
        return "\n".join([*lines, "", self.summary()])

    def summary(self) -> str:
        """Say in one line what was found."""
        counts = [
            f"{sum(item.status is status for item in self.verdicts)} {status.value}"
            for status in Status
            if any(item.status is status for item in self.verdicts)
        ]
        word = "stands" if self.passed else "does not stand"
        return f"{self.name} {word}: {', '.join(counts)}; {self.time_ms / 1000:.1f} s"


def as_json(report: Report) -> dict[str, object]:
    """Give a report as plain data."""
    plain: dict[str, object] = attrs.asdict(
        report, value_serializer=lambda _, __, value: getattr(value, "value", value)
    )
    return {**plain, "passed": report.passed}


def from_json(plain: dict[str, object]) -> Report:
    """Read a report back."""
    raw = plain["verdicts"]
    assert isinstance(raw, list)
    verdicts = [Verdict(**{**item, "status": Status(item["status"])}) for item in raw]
    rest = {key: value for key, value in plain.items() if key not in ("verdicts", "passed")}
    return Report(verdicts=verdicts, **rest)  # type: ignore[arg-type]
