"""How fast the simulator runs, in the terms of its figures."""

from typing import Final

from attrs import frozen

from loomweave_sim.bench import Speed, measure


@frozen
class SimulatorLine:
    """One measured run, what is read off it, and what it is held to."""

    name: str
    figure: float
    unit: str
    measured: float
    speed: Speed


RATE: Final = "messages/s"
CHANGES: Final = "changed rows/s"
TIMES: Final = "x real time"


def simulator_lines(with_thousand: bool) -> list[SimulatorLine]:
    """Run the simulator in each size. Spec: SCN-29."""
    hundred = measure(nodes=100, writes_per_s=2.0, duration_s=3.0)
    ten = measure(nodes=10, writes_per_s=1.0, duration_s=60.0)
    idle = measure(nodes=10, writes_per_s=0.1, duration_s=300.0)
    lines = [
        SimulatorLine(
            "100 nodes, delivered messages", 60_000, RATE, hundred.delivered_per_s, hundred
        ),
        SimulatorLine("100 nodes, changed rows", 20_000, CHANGES, hundred.changes_per_s, hundred),
        SimulatorLine("10 nodes, 1 write a second each", 300, TIMES, ten.times_real, ten),
        SimulatorLine("10 nodes, 1 write a second in all", 2_000, TIMES, idle.times_real, idle),
    ]
    if with_thousand:
        many = measure(nodes=1_000, writes_per_s=0.01, duration_s=10.0)
        name = "1,000 nodes, 10 writes a second in all"
        lines.append(SimulatorLine(name, 30, TIMES, many.times_real, many))
    return lines
