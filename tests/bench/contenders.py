"""Who is measured on a workload: each contender gives seconds of CPU for all its fields."""

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from attrs import define, field

from loomweave.core.entities import node_key
from loomweave.core.gun_stamps import ms_of_stamp
from loomweave.core.values import plain
from tests.bench import crdts, ours, realgun
from tests.bench.plain import run_plain, run_plain_kernel
from tests.bench.workload import Workload

GUN_TEXT = "gun, from text"
GUN_OBJECTS = "gun, from objects"
KERNEL = "ours, kernel"
GUN_STEP = "ours, whole step from GUN's JSON"
NATIVE_STEP = "ours, whole step from native frames"
GUN_DECODE = "ours, only decoding GUN's JSON"
NATIVE_DECODE = "ours, only decoding native frames"
ADMISSION = "ours, decoding GUN's JSON and admission"
PLAIN_KERNEL = "dict loop, decoded"
PLAIN = "dict loop, from GUN's JSON"
PYCRDT = "pycrdt, apply_update"
LORO = "loro, import"


@define
class Measured:
    """The times of every contender on one workload."""

    workload: Workload
    runs: dict[str, Callable[[], float]]
    times_s: dict[str, list[float]] = field(factory=dict)

    def round(self) -> None:
        """Let each contender run once."""
        for name, run in self.runs.items():
            self.times_s.setdefault(name, []).append(run())

    def rate(self, name: str) -> float:
        """Return fields a second of CPU, by the median; 0 for who is not there."""
        if name not in self.times_s:
            return 0.0
        return self.workload.fields / median(self.times_s[name])


def cpu(run: Callable[[], object]) -> Callable[[], float]:
    """Measure a function in this process, what was loaded before frozen for the collector."""

    def timed() -> float:
        gc.collect()
        gc.freeze()
        began = time.process_time()
        run()
        return time.process_time() - began

    return timed


def contenders(
    workload: Workload, folder: Path, gun: Path | str, libraries: dict[str, object]
) -> Measured:
    """Prepare everybody who is there for a workload, and check that we end like GUN."""
    frames = workload.gun_json()
    parts, batches = ours.parts_of(workload), ours.batches_of(workload)
    rows = ours.rows_of(parts)
    decoded = [list(frame) for frame in workload.frames]
    is_own = workload.shape == "own"
    runs: dict[str, Callable[[], float]] = {
        KERNEL: cpu(lambda: ours.run_rows_kernel(rows) if is_own else ours.run_kernel(parts)),
        GUN_STEP: cpu(lambda: ours.run_gun_steps(frames)),
        NATIVE_STEP: cpu(lambda: ours.run_native_steps(batches)),
        GUN_DECODE: cpu(lambda: ours.run_decoding(frames, is_gun=True)),
        NATIVE_DECODE: cpu(lambda: ours.run_decoding(batches, is_gun=False)),
        ADMISSION: cpu(lambda: ours.run_admission(frames)),
        PLAIN_KERNEL: cpu(lambda: run_plain_kernel(decoded)),
        PLAIN: cpu(lambda: run_plain(frames)),
    }
    if isinstance(gun, Path):
        path = folder / f"{workload.shape}.jsonl"
        path.write_bytes(b"\n".join(frames))
        check_against_gun(workload, frames, gun, path)
        runs[GUN_TEXT] = lambda: realgun.run(gun, path, "text")
        runs[GUN_OBJECTS] = lambda: realgun.run(gun, path, "objects")
    if (pycrdt := libraries.get("pycrdt")) is not None:
        updates = crdts.pycrdt_updates(pycrdt, workload)
        runs[PYCRDT] = cpu(crdts.pycrdt_runner(pycrdt, updates))
    if (loro := libraries.get("loro")) is not None:
        updates = crdts.loro_updates(loro, workload)
        runs[LORO] = cpu(crdts.loro_runner(loro, updates))
    return Measured(workload, runs)


def check_against_gun(workload: Workload, frames: list[bytes], gun: Path, path: Path) -> None:
    """Assert that our graph and GUN's are one, states and values."""
    dump = path.with_suffix(".graph.json")
    realgun.run(gun, path, "text", dump)
    theirs = json.loads(dump.read_text())
    held = ours.run_gun_steps(frames).graph.held
    found = {
        soul: {
            name: [float(ms_of_stamp(element.stamp_ns)), plain(element.value)]
            for name, element in held[node_key(soul)].items()
        }
        for soul in theirs
    }
    assert len(held) == len(theirs), "we hold what GUN holds"
    for soul, fields in theirs.items():
        expected = {name: [float(state), value] for name, (state, value) in fields.items()}
        assert repr(sorted(expected.items())) == repr(sorted(found[soul].items())), soul
