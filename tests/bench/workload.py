"""The writes that every contender takes in, in each one's own form."""

import json
import random
from typing import Final

from attrs import frozen

SEED: Final = 3
GENESIS_MS: Final = 1_600_000_000_000
SPREAD_MS: Final = 20_000
"""States lie this close together, so that many writes are stale or tie."""
SOULS: Final = 2_000
FIELDS: Final = 10
GROUPED_FRAMES: Final = 100
SOULS_A_FRAME: Final = 100
SINGLE_FRAMES: Final = 20_000
NOW_MS: Final = 1_700_000_000_000
"""The clock of every receiver: all states are past."""

Field = tuple[str, str, float, object]
"""Soul, field, state, value."""


@frozen
class Workload:
    """Frames of writes: one value of `shape` a set of states and sizes."""

    name: str
    shape: str
    """`single`: one field a frame; `shared`: one state a node; `own`: one state a field."""
    frames: tuple[tuple[Field, ...], ...]

    @property
    def fields(self) -> int:
        """Count the fields of all frames."""
        return sum(map(len, self.frames))

    def gun_json(self) -> list[bytes]:
        """Write the frames as GUN's put messages. Ids end in no digit, since GUN appends some."""
        return [gun_message(f"m{at}_", frame) for at, frame in enumerate(self.frames)]


def gun_message(id: str, frame: tuple[Field, ...]) -> bytes:
    """Write one put message."""
    put: dict[str, dict[str, object]] = {}
    states: dict[str, dict[str, float]] = {}
    for soul, field, state, value in frame:
        if soul not in put:
            states[soul] = {}
            put[soul] = {"_": {"#": soul, ">": states[soul]}}
        states[soul][field] = int(state) if state.is_integer() else state
        put[soul][field] = value
    return json.dumps({"#": id, "put": put}, separators=(",", ":")).encode()


def draw_state(dice: random.Random) -> float:
    """Draw a state as GUN makes them: half of them whole milliseconds."""
    part = dice.randrange(1, 999) / 999 if dice.random() < 0.5 else 0.0
    return GENESIS_MS + dice.randrange(SPREAD_MS) + part


def draw_value(dice: random.Random) -> object:
    """Draw a small number, a short text or a boolean."""
    chance = dice.random()
    if chance < 0.4:
        return dice.randrange(1_000)
    return f"v{dice.randrange(1_000)}" if chance < 0.8 else chance < 0.9


def single() -> Workload:
    """One field a frame."""
    dice = random.Random(SEED)
    frames = [
        (
            (
                f"n{dice.randrange(SOULS)}",
                f"f{dice.randrange(FIELDS)}",
                draw_state(dice),
                draw_value(dice),
            ),
        )
        for _ in range(SINGLE_FRAMES)
    ]
    return Workload("one field a frame", "single", tuple(frames))


def grouped(shape: str) -> Workload:
    """A hundred nodes of ten fields a frame."""
    dice = random.Random(SEED)
    frames = []
    for _ in range(GROUPED_FRAMES):
        frame: list[Field] = []
        for number in dice.sample(range(SOULS), SOULS_A_FRAME):
            one = draw_state(dice)
            for f in range(FIELDS):
                state = one if shape == "shared" else draw_state(dice)
                frame.append((f"n{number}", f"f{f}", state, draw_value(dice)))
        frames.append(tuple(frame))
    name = "grouped, a node has one state" if shape == "shared" else "grouped, each field its state"
    return Workload(name, shape, tuple(frames))
