"""Scenario files: typed, whole, and every mistake named with file and key. SCN-10 to SCN-23."""

from pathlib import Path

import pytest

from loomweave_sim.chance import SPREADS, Spread
from loomweave_sim.faults import Crash, Cut, Degrade, Partition
from loomweave_sim.graphfile import DATA
from loomweave_sim.keys import ScenarioError
from loomweave_sim.quantities import read_share, read_span, read_spread, show_span
from loomweave_sim.scenario import Occurrence, Scenario
from loomweave_sim.scenariofile import (
    find_graph,
    find_scenario,
    load_scenario,
    new_scenario,
    read_scenario,
    shipped_scenarios,
)

LEAST = '[scenario]\nabout = "x"\nduration = "10s"\n'
HERE = Path("folder/mine.toml")


def read(text: str, *overrides: str) -> Scenario:
    """Read the least scenario and what follows it."""
    return read_scenario(HERE, LEAST + text, overrides).scenario


def test_shipped_scenarios_are_sound() -> None:
    assert {"calm", "partition"} <= set(shipped_scenarios())
    for name in shipped_scenarios():
        source = load_scenario(find_scenario(name))
        assert source.name == name
        assert find_graph(source.scenario.scenario.graph, source.path.parent).exists()


def test_partition_has_what_it_promises() -> None:
    """Both sides of the first partition have a true clock, so that stamps can tie."""
    scenario = load_scenario(find_scenario("partition")).scenario
    assert scenario.scenario.replicas == 5
    kinds = [type(fault).__name__ for fault in scenario.fault]
    assert {"Partition", "Cut", "ClockOffset", "ClockDrift", "ClockStep", "Crash"} == set(kinds)
    wrong = {
        r for f in scenario.fault if type(f).__name__.startswith("Clock") for r in f.replicas()
    }
    first = next(fault for fault in scenario.fault if isinstance(fault, Partition))
    assert {first.side_of(replica) for replica in set(range(5)) - wrong} == {0, 1}
    assert Occurrence.TORN_TAIL in scenario.expect.occurred


def test_new_scenario_is_sound() -> None:
    """SCN-10: also each line that the template leaves commented out."""
    text = new_scenario("my-own")
    assert "my-own" in text and "NAME" not in text
    read_scenario(HERE, text)
    lines = text.splitlines()
    bare = [line[2:] if line.startswith(("# [", "# from", "# to")) else line for line in lines]
    bare = [
        line[2:] if line.startswith("# ") and " = " in line.partition("#  ")[0] else line
        for line in bare
    ]
    scenario = read_scenario(HERE, "\n".join(bare)).scenario
    assert [type(fault).__name__ for fault in scenario.fault[-2:]] == ["Cut", "Degrade"]
    assert scenario.link and scenario.workload.writers == [0, 1]


def test_defaults_of_the_template_are_the_defaults() -> None:
    commented = read_scenario(HERE, new_scenario("x")).scenario
    plain = read("")
    assert commented.workload.mix == plain.workload.mix
    assert commented.disk == plain.disk


@pytest.mark.parametrize(
    ("text", "span_ns"),
    [
        ("250ms", 250_000_000),
        ("1.5 s", 1_500_000_000),
        ("-30s", -30_000_000_000),
        ("+2min", 120_000_000_000),
        ("0.001us", 1),
        ("1h", 3_600_000_000_000),
        ("2d", 172_800_000_000_000),
        ("7ns", 7),
    ],
)
def test_spans_are_exact(text: str, span_ns: int) -> None:
    assert read_span(text) == span_ns
    assert read_span(show_span(span_ns)) == span_ns


def test_shares_and_spreads_are_exact() -> None:
    scenario = read(
        '[network]\nloss = 0.000001\nduplication = "12.5%"\nreordering = 1\n'
        'latency = ["1ms", "5ms"]\nreordering_delay = "3ms"\n[disk]\nsync = "disk"\n'
    )
    quality = scenario.network.quality()
    assert (quality.loss_ppm, quality.duplication_ppm, quality.reordering_ppm) == (
        1,
        125_000,
        1_000_000,
    )
    assert quality.latency == Spread((1_000_000, 5_000_000))
    assert quality.reordering_delay == Spread((3_000_000,))
    assert scenario.disk.sync == SPREADS["disk"]
    assert read_share(0) == 0
    assert read_spread("wan") == SPREADS["wan"]


def test_later_link_rules_count_more() -> None:
    scenario = read(
        "[network]\nloss = 0.1\n"
        "[[link]]\nfrom = [0]\nloss = 0.2\nduplication = 0.3\n"
        "[[link]]\nto = [1]\nloss = 0.4\n"
    )
    shares = {pair: scenario.link_quality(*pair) for pair in ((0, 1), (0, 2), (2, 1), (1, 0))}
    found = {pair: (q.loss_ppm, q.duplication_ppm) for pair, q in shares.items()}
    assert found == {
        (0, 1): (400_000, 300_000),
        (0, 2): (200_000, 300_000),
        (2, 1): (400_000, 0),
        (1, 0): (100_000, 0),
    }


@pytest.mark.parametrize(
    ("topology", "near"),
    [
        ("mesh", [(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)]),
        ("ring", [(1, 3), (0, 2), (1, 3), (0, 2)]),
        ("line", [(1,), (0, 2), (1, 3), (2,)]),
        ("star", [(1, 2, 3), (0,), (0,), (0,)]),
    ],
)
def test_topologies(topology: str, near: list[tuple[int, ...]]) -> None:
    scenario = read("", f"network.topology={topology}", "scenario.replicas=4")
    assert [scenario.neighbours(replica) for replica in range(4)] == near


def test_single_replica_has_no_neighbour() -> None:
    for topology in ("mesh", "ring", "line", "star"):
        scenario = read("", f"network.topology={topology}", "scenario.replicas=1")
        assert scenario.neighbours(0) == ()


def test_faults_are_typed() -> None:
    scenario = read(
        '[[fault]]\nkind = "partition"\nat = "1s"\ngroups = [[0], [1, 2]]\n'
        '[[fault]]\nkind = "cut"\nfrom = [0]\nto = [1]\nuntil = "2s"\n'
        '[[fault]]\nkind = "degrade"\nlinks = { to = [0], loss = "40%" }\n'
        '[[fault]]\nkind = "crash"\nreplica = 1\nat = "1s"\nuntil = "2s"\ntorn = true\n'
    )
    partition, cut, degrade, crash = scenario.fault
    assert isinstance(partition, Partition) and isinstance(cut, Cut)
    assert isinstance(degrade, Degrade) and isinstance(crash, Crash)
    assert [partition.side_of(replica) for replica in range(5)] == [0, 1, 1, 1, 1]
    assert (cut.senders, cut.receivers, cut.until) == ([0], [1], 2_000_000_000)
    assert degrade.links.concerns(3, 0) and not degrade.links.concerns(0, 3)
    assert degrade.links.changed(scenario.network.quality()).loss_ppm == 400_000
    assert crash.torn and not crash.in_write


def test_overrides_are_values_or_texts() -> None:
    """SCN-12: quotes may be left out where they would only be in the way."""
    text = '[[fault]]\nkind = "clock-offset"\nreplica = 1\nby = "1s"\n'
    scenario = read(
        text,
        "network.loss=0.25",
        "network.latency=wan",
        'scenario.duration="20s"',
        "fault[0].by=-7s",
        "workload.mix.put_node=0",
        "workload.writers=[0, 2]",
    )
    assert scenario.network.loss == 250_000
    assert scenario.network.latency == SPREADS["wan"]
    assert scenario.heals_at_ns() == 20_000_000_000
    assert getattr(scenario.fault[0], "by", None) == -7_000_000_000
    assert (scenario.workload.mix.put_node, scenario.workload.writers) == (0, [0, 2])


PARTITION = '[[fault]]\nkind = "partition"\n'
CRASH = '[[fault]]\nkind = "crash"\n'
BAD_SCENARIOS = [
    ("[networks]", "networks", "no such key here; did you mean 'network'? (known: scenario, "),
    ("[network]\nlos = 1", "network.los", "did you mean 'loss'?"),
    ("[network]\nloss = 1.5", "network.loss", "1.5 is no share: it must lie between 0 and 1"),
    ("[network]\nloss = nan", "network.loss", "NaN is no share"),
    ("[network]\nloss = true", "network.loss", "True is no share: write a number from 0 to 1"),
    ("[network]\nloss = 0.0000001", "network.loss", "finer than a millionth"),
    ('[network]\nloss = "200%"', "network.loss", "200% is no share"),
    ('[network]\nlatency = "wam"', "network.latency", "did you mean 'wan'?"),
    ("[network]\nlatency = []", "network.latency", "a name such as"),
    ("[network]\nlatency = [5]", "network.latency", "5 is no duration"),
    ('[network]\nlatency = ["5ms", "4ms"]', "network.latency", "rise from 0 or more: sort them"),
    ('[network]\nlatency = "-4ms"', "network.latency", "rise from 0 or more"),
    ('[network]\ntopology = "rings"', "network.topology", "did you mean 'ring'? (known: mesh"),
    ("[network]\ntopology = 3", "network.topology", "3 does not fit: write a text"),
    ("network = 3", "scenario.network", "no such key here"),
    ("[[link]]\nform = [1]", "link[0].form", "did you mean 'from'?"),
    ("[[link]]\nfrom = [7]", "link[0]", "replica 7 does not exist: there are 5, counted from 0"),
    ("[[link]]\nfrom = [-1]", "link[0].from[0]", "-1 does not fit: write a whole number >= 0"),
    ('[disk]\nsink = "ssd"', "disk.sink", "did you mean 'sync'?"),
    ("[workload]\nwriters = [5]", "workload.writers", "replica 5 does not exist"),
    ('[workload]\nevery = "0s"', "workload.every", "write a positive duration"),
    ("[workload]\nevery = 3", "workload.every", '3 is no duration: write a text such as "250ms"'),
    ('[workload]\nevery = "3 weeks"', "workload.every", "units: ns, us, ms, s, min, h, d"),
    ('[workload]\nevery = "0.5ns"', "workload.every", "finer than a nanosecond"),
    ('[workload]\nevery = "9999d"', "workload.every", "longer than ten years"),
    ('[workload]\nstart = "-1s"', "workload.start", "a run starts at 0s"),
    ('[workload]\nstart = "10s"', "workload.start", "clients stop at 10s"),
    ('[workload]\nuntil = "11s"', "workload.until", "the run ends before, after 10s"),
    ("[workload]\nhot_entities = 0", "workload.hot_entities", "write a whole number >= 1"),
    ("[workload.mix]\npatch = 1", "workload.mix.patch", "did you mean 'patch_node'?"),
    ("[workload.mix]\nput_edge = 1.5", "workload.mix.put_edge", "1.5 does not fit: write a whole"),
    ("[workload.mix]\nput_edge = -1", "workload.mix.put_edge", "write a whole number >= 0"),
    ("[fault]\nat = 3", "fault", "does not fit: write a list"),
    ('[[fault]]\nat = "1s"', "fault[0].kind", "this key must be given"),
    ('[[fault]]\nkind = "partitoin"', "fault[0].kind", "did you mean 'partition'? (known: part"),
    (PARTITION, "fault[0].groups", "this key must be given"),
    (PARTITION + "groups = [[0]]", "fault[0].groups", "two groups or more"),
    (PARTITION + "groups = [[0], []]", "fault[0].groups", "none of them empty"),
    (PARTITION + "groups = [[0], [0]]", "fault[0].groups", "stands on one side only"),
    (PARTITION + "groups = [[0], [9]]", "fault[0]", "replica 9 does not exist"),
    (PARTITION + "groups = [0, 1]", "fault[0].groups[0]", "0 does not fit: write a list"),
    (PARTITION + "group = [[0], [1]]", "fault[0].group", "did you mean 'groups'? (known: kind,"),
    (CRASH + "replica = 0", "fault[0].until", "needs an end"),
    (CRASH + 'replica = 0\nuntil = "11s"', "fault[0].until", "after 0ns and up to 10s"),
    (CRASH + 'replica = 0\nat = "3s"\nuntil = "3s"', "fault[0].until", "after 3s and up to 10s"),
    (CRASH + 'replica = 0\nat = "10s"\nuntil = "9s"', "fault[0].at", "inside the run"),
    (CRASH + 'replica = 0\nuntil = "1s"\ntorn = 1', "fault[0].torn", "1 does not fit: write true"),
    (
        '[[fault]]\nkind = "clock-drift"\nreplica = 0\nppm = -1_000_001',
        "fault[0].ppm",
        "write a whole number >= -1000000",
    ),
    (
        '[[fault]]\nkind = "degrade"\nlinks = { lass = 0.1 }',
        "fault[0].links.lass",
        "did you mean 'loss'?",
    ),
    ('[expect]\noccurred = ["ties"]', "expect.occurred[0]", "did you mean 'tie'?"),
    ('[expect]\noccured = ["tie"]', "expect.occured", "did you mean 'occurred'?"),
    ('[checks]\nconverge_within = "0s"', "checks.converge_within", "write a positive duration"),
    ("[checks]\nwaiting_max = 0", "checks.waiting_max", "write a whole number >= 1"),
]


@pytest.mark.parametrize(("text", "key", "reason"), BAD_SCENARIOS)
def test_mistake_is_named_with_file_and_key(text: str, key: str, reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(text)
    error = caught.value
    assert (error.file, error.key) == (str(HERE), key)
    assert reason in error.reason
    assert str(error).startswith(f"{HERE}, {key}: ")


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("", "scenario", "this key must be given"),
        ('[scenario]\nabout = "x"', "scenario.duration", "this key must be given"),
        (LEAST.replace('"10s"', '"0s"'), "scenario.duration", "longer than nothing"),
        (LEAST + "seed = -1", "scenario.seed", "write a whole number >= 0"),
        (LEAST + "replicas = 0", "scenario.replicas", "write a whole number >= 1"),
        (LEAST + "replicas = 1001", "scenario.replicas", "write a whole number <= 1000"),
        (LEAST + "replicas = 2.5", "scenario.replicas", "2.5 does not fit"),
        (LEAST + "about = 1\n\n", "line 4, column ", "not TOML (Cannot overwrite a value)"),
        (LEAST + "seed = \n", "line 4, column ", "not TOML (Invalid value)"),
        (LEAST + "[network", "its end", "not TOML"),
    ],
)
def test_mistake_in_the_first_table(text: str, key: str, reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(HERE, text)
    # Python versions do not agree on the column of a mistake in TOML.
    assert caught.value.key.rstrip("0123456789") == key
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("override", "key", "reason"),
    [
        ("network.los=1", "network.los", "did you mean 'loss'?"),
        ("network.loss=much", "network.loss", "'much' is no share"),
        ("network.loss", "network.loss", "write key=value"),
        ("=3", "=3", "write key=value"),
        ("a b=3", "a b=3", "write key=value"),
        ("fault[1].at=1s", "fault[1]", "there are only 1 entries, counted from 0"),
        ("fault.at=1s", "fault.at", "name the entries of a list as fault[0]"),
        ("scenario.seed.x=1", "scenario.seed.x", "there is nothing of this name inside"),
        ("scenario.replicas=1", "", "too few for this scenario: fault[0]"),
        ("scenario.duration=1s", "", "this does not fit fault[0].at of the file"),
    ],
)
def test_mistake_in_an_override(override: str, key: str, reason: str) -> None:
    text = LEAST + 'seed = 1\n[[fault]]\nkind = "clock-offset"\nreplica = 1\nby = "1s"\nat = "2s"\n'
    with pytest.raises(ScenarioError) as caught:
        read_scenario(HERE, text, [override])
    error = caught.value
    assert (error.key, reason in error.reason) == (key, True), str(error)
    assert error.file == ("--set" if key else f"--set {override}")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario of this name; did you mean 'partition'"):
        find_scenario("partiton")
    with pytest.raises(ScenarioError, match="it cannot be read"):
        load_scenario(find_scenario(str(tmp_path / "none.toml")))
    with pytest.raises(ScenarioError, match="no graph of this name; did you mean 'les_mis"):
        find_graph("les_miserable", tmp_path)
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(ScenarioError, match="byte 0 is not UTF-8"):
        load_scenario(tmp_path / "bad.toml")
    with pytest.raises(ScenarioError, match="small letters"):
        new_scenario("../x")


def test_own_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(new_scenario("mine"))
    assert load_scenario(find_scenario(str(tmp_path / "mine.toml"))).name == "mine"
    assert find_graph("les_miserables", tmp_path) == DATA / "les_miserables.csv"
    assert find_graph("g.csv", tmp_path) == tmp_path / "g.csv"
