"""Where the nodes of a drawn graph lie: forces, then room for each. Spec: SCN-30.

Everything is addition, multiplication, division and square root, in a fixed order, so that a
result has one picture.
"""

from collections.abc import Sequence
from math import gcd
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Pairs: TypeAlias = NDArray[np.int64]

ROUNDS_MAX: Final = 400
WORK_MAX: Final = 12_000_000
"""Most pairs of nodes that are looked at; larger graphs get fewer rounds."""
PARTING_ROUNDS: Final = 80
_REPULSION: Final = 9.0
_GRAVITY: Final = 0.9
_NEAR: Final = 1e-3
_SPEED: Final = 0.12
_STRETCH_MAX: Final = 1.4
_GAP: Final = 5.0


def lay_out(
    edges: Sequence[tuple[int, int, float]], radii: Sequence[float], size: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return a place inside a field of this size for each node, given its radius. Spec: SCN-30.

    An edge is two places in `radii` and a strength. Linked nodes attract each other, all repel
    each other in proportion to their degrees, which parts the groups of a graph; at last circles
    that overlap are pushed apart.
    """
    if not radii:
        return []
    kept = [edge for edge in edges if edge[0] != edge[1]]
    pairs = np.array([edge[:2] for edge in kept], dtype=np.int64).reshape(-1, 2)
    strengths = np.array([edge[2] for edge in kept], dtype=np.float64)
    margin = max(radii)
    places = _settle(_start(len(radii)), pairs, strengths, size[0] / size[1])
    places = _part(_fit(places, size, margin), np.asarray(radii, dtype=np.float64))
    places = _fit(places, size, margin)
    return [(round(float(x), 1), round(float(y), 1)) for x, y in places]


def _start(count: int) -> Points:
    """Begin on a grid with skewed rows, neighbours by number far from each other."""
    side = int(np.ceil(np.sqrt(count)))
    step = count * 618 // 1000 + 1
    while gcd(step, count) != 1:
        step += 1
    slots = (np.arange(count) * step) % count
    rows, columns = slots // side, slots % side
    return np.stack([columns + rows * 0.37, rows + columns * 0.23], axis=1).astype(np.float64)


def _settle(places: Points, pairs: Pairs, strengths: Points, aspect: float) -> Points:
    count = len(places)
    degrees = np.ones(count)
    np.add.at(degrees, pairs.ravel(), np.repeat(strengths, 2))
    charge = degrees[:, None] * degrees[None, :] * _REPULSION
    stretch = np.array([1.0, aspect])  # a wide field pulls harder to its middle line
    rounds = max(20, min(ROUNDS_MAX, WORK_MAX // (count * count)))
    for turn in range(rounds):
        apart = places[:, None, :] - places[None, :, :]
        square = (apart * apart).sum(axis=2) + _NEAR
        force = (apart * (charge / square)[:, :, None]).sum(axis=1)
        along = places[pairs[:, 1]] - places[pairs[:, 0]]
        tension = strengths * np.sqrt(np.sqrt((along * along).sum(axis=1) + _NEAR))
        pull = along * tension[:, None]
        np.add.at(force, pairs[:, 0], pull)
        np.add.at(force, pairs[:, 1], -pull)
        force -= (places - places.mean(axis=0)) * stretch * _GRAVITY * degrees[:, None]
        move = force / degrees[:, None] * _SPEED
        length = np.sqrt((move * move).sum(axis=1) + _NEAR)[:, None]
        most = 4.0 * (1.0 - turn / rounds) + 0.02
        places = places + move * np.minimum(1.0, most / length)
    return places


def _fit(places: Points, size: tuple[float, float], margin: float) -> Points:
    """Scale both axes to the field, neither of them much more than the other."""
    low, high = places.min(axis=0), places.max(axis=0)
    field = np.asarray(size, dtype=np.float64)
    scale = (field - 2 * margin) / np.maximum(high - low, 1.0)
    scale = np.minimum(scale, scale.min() * _STRETCH_MAX)
    fitted: Points = (places - (low + high) / 2) * scale + field / 2
    return fitted


def _part(places: Points, radii: Points) -> Points:
    """Push circles apart until none overlaps, or long enough."""
    wanted = radii[:, None] + radii[None, :] + _GAP
    np.fill_diagonal(wanted, 0.0)
    for _ in range(PARTING_ROUNDS):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((apart * apart).sum(axis=2)) + _NEAR
        overlap = np.maximum(0.0, wanted - distance)
        if not overlap.any():
            break
        places = places + (apart * (overlap / distance)[:, :, None]).sum(axis=1) * 0.4
    return places
