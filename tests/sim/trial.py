"""A small run that meets everything, for tests of the simulator."""

from collections.abc import Sequence
from pathlib import Path

from loomweave_sim.graphfile import load_graph
from loomweave_sim.scenariofile import ScenarioSource, find_graph, load_scenario
from loomweave_sim.sourcegraph import SourceGraph

TRIAL = Path(__file__).with_name("trial.toml")


def trial(overrides: Sequence[str] = ()) -> tuple[ScenarioSource, SourceGraph]:
    """Load the small scenario and its graph."""
    source = load_scenario(TRIAL, overrides)
    return source, load_graph(find_graph(source.scenario.scenario.graph, TRIAL.parent))
