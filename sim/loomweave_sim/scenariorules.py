"""What no single key of a scenario shows to be impossible, but several do. Spec: SCN-10."""

from collections.abc import Iterator
from typing import Final

import msgspec

from loomweave_sim.faults import Fault, Partition
from loomweave_sim.quantities import show_span
from loomweave_sim.scenario import Scenario

MESSAGES_MANY: Final = 300_000
"""A run of more messages is announced: it takes minutes. Spec: SCN-31."""


def find_impossible(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """List what each key alone does not show to be impossible, with its key. Spec: SCN-10."""
    setup, workload = scenario.scenario, scenario.workload
    if setup.duration <= 0:
        yield "scenario.duration", "a run lasts longer than nothing: write a positive duration"
    for index, rule in enumerate(scenario.link):
        yield from _unknown_replicas(rule.replicas(), setup.replicas, f"link[{index}]")
    yield from _unknown_replicas(tuple(workload.writers), setup.replicas, "workload.writers")
    yield from _workload_faults(scenario)
    for index, fault in enumerate(scenario.fault):
        key = f"fault[{index}]"
        yield from _unknown_replicas(fault.replicas(), setup.replicas, key)
        yield from _time_faults(fault, setup.duration, key)
        if isinstance(fault, Partition):
            yield from _group_faults(fault, key)
    if scenario.checks.converge_within <= 0:
        yield "checks.converge_within", "it takes longer than nothing: write a positive duration"


def replicas_needed(scenario: Scenario) -> int:
    """Return how many replicas a scenario names, and so must have at least. Spec: SCN-10."""
    things = (*scenario.link, *scenario.fault)
    named = [replica for thing in things for replica in thing.replicas()]
    return 1 + max((*named, *scenario.workload.writers), default=0)


def expected_messages(scenario: Scenario) -> int:
    """Estimate how many messages a run sends: a batch uses somewhat over half of all links."""
    count, work = scenario.scenario.replicas, scenario.workload
    until_ns = scenario.heals_at_ns() if work.until is None else work.until
    requests = (len(work.writers) or count) * (until_ns - work.start) // work.every
    links = sum(len(scenario.neighbours(replica)) for replica in range(count))
    return requests * links * 6 // 10


def large_run(scenario: Scenario) -> str:
    """Say that a run will take long, and what makes it smaller; empty if not. Spec: SCN-31."""
    messages = expected_messages(scenario)
    if messages <= MESSAGES_MANY:
        return ""
    ring = ", --set network.topology=ring" if scenario.network.topology == "mesh" else ""
    every = show_span(4 * scenario.workload.every)
    return (
        f"this run sends about {messages / 1e6:.1f} million messages and takes long; smaller with "
        f"fewer replicas (--nodes){ring}, or fewer writes (--set workload.every={every})"
    )


def _unknown_replicas(named: tuple[int, ...], count: int, key: str) -> Iterator[tuple[str, str]]:
    for replica in named:
        if replica >= count:
            reason = (
                f"replica {replica} does not exist: there are {count}, counted from 0; "
                "name another, or raise scenario.replicas"
            )
            yield key, reason


def _workload_faults(scenario: Scenario) -> Iterator[tuple[str, str]]:
    workload, duration_ns = scenario.workload, scenario.scenario.duration
    until_ns = duration_ns if workload.until is None else workload.until
    if workload.every <= 0:
        yield "workload.every", "time passes between operations: write a positive duration"
    if workload.start < 0:
        yield "workload.start", "a run starts at 0s: write no less"
    if until_ns > duration_ns:
        longest = show_span(duration_ns)
        yield "workload.until", f"the run ends before, after {longest}: write no more than that"
    elif workload.start >= until_ns:
        yield "workload.start", f"clients stop at {show_span(until_ns)}: start them before that"
    if not any(msgspec.structs.astuple(workload.mix)):
        yield "workload.mix", "all weights are 0: give one operation a weight at least"


def _time_faults(fault: Fault, duration_ns: int, key: str) -> Iterator[tuple[str, str]]:
    if fault.needs_end and fault.until is None:
        yield f"{key}.until", "this kind of fault needs an end: say when it is over"
    if not 0 <= fault.at < duration_ns:
        longest = show_span(duration_ns)
        yield f"{key}.at", f"faults begin inside the run: write a time from 0s to below {longest}"
    if fault.until is not None and not fault.at < fault.until <= duration_ns:
        bounds = f"after {show_span(fault.at)} and up to {show_span(duration_ns)}"
        yield (
            f"{key}.until",
            f"a fault ends after its begin and inside the run: write a time {bounds}",
        )


def _group_faults(fault: Partition, key: str) -> Iterator[tuple[str, str]]:
    named = fault.replicas()
    if len(fault.groups) < 2 or not all(fault.groups):
        yield f"{key}.groups", "a partition has two groups or more, none of them empty: add one"
    if len(set(named)) < len(named):
        yield f"{key}.groups", "a replica stands on one side only: remove it from the others"
