"""The arrows between the layers, and the purity of core, laws and wire. Spec: MCH-1."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import layers
from tests.repo.tree import ROOT, plant


@pytest.mark.parametrize("check", layers.CHECKS, ids=lambda check: check.__name__)
def test_tree_keeps_the_layers(check: layers.Check) -> None:
    assert check(ROOT) == []


def caught(root: Path, check: layers.Check, path: str, text: str) -> str:
    """Plant one bad file and return the only finding about it."""
    plant(root, {"loomweave/core/values.py": "", "loomweave/core/machine.py": "", path: text})
    findings = check(root)
    assert len(findings) == 1, findings
    assert path in findings[0] or "circle" in findings[0]
    return findings[0]


AGAINST_THE_ARROWS = [
    ("loomweave/core/clocks.py", "import loomweave.core.machine\n"),
    ("loomweave/core/clocks.py", "from loomweave.core import machine\n"),
    ("loomweave/core/lattices/x.py", "def f():\n    from loomweave.core.graph import ham\n"),
    ("loomweave/core/graph/x.py", "import loomweave.wire.native\n"),
    ("loomweave/core/graph/x.py", "from . import ham\n"),
    ("loomweave/wire/x.py", "from loomweave.storage.journal import File\n"),
    ("loomweave/runtime/x.py", "import loomweave_sim.world\n"),
    ("sim/loomweave_sim/x.py", "import loomweave.runtime.node\n"),
    ("proofs/loomweave_proofs/check.py", "import loomweave_sim\n"),
    ("proofs/loomweave_proofs/ham.py", "def f():\n    import loomweave_sim\n"),
]


@pytest.mark.parametrize(("path", "text"), AGAINST_THE_ARROWS)
def test_import_against_the_arrows_is_caught(tmp_path: Path, path: str, text: str) -> None:
    caught(tmp_path, layers.check_arrows, path, text)


@pytest.mark.parametrize(
    "path", ["loomweave/extra/x.py", "loomweave/extra.py", "loomweave/core/extra/x.py"]
)
def test_folder_without_a_row_is_caught(tmp_path: Path, path: str) -> None:
    caught(tmp_path, layers.check_rows, path, "")


def test_each_name_of_the_arrows_exists() -> None:
    assert layers.check_arrow_names(ROOT) == []


def test_unheard_of_name_in_the_arrows_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(layers.ARROWS, "loomweave.attic", ("loomweave.cellar",))
    monkeypatch.setitem(layers.LAZY_ARROWS, "loomweave_proofs.gone", "loomweave_sim")
    assert layers.check_arrow_names(ROOT) == [
        "table of arrows: no module is called loomweave.attic",
        "table of arrows: no row of the table is called loomweave.cellar",
        "table of arrows: no module is called loomweave_proofs.gone",
    ]


def test_import_along_the_arrows_passes(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "loomweave/core/values.py": "",
            "loomweave/core/graph/ham.py": "from loomweave.core.values import order\n",
            "loomweave/laws/ham.py": "from loomweave.core.graph import ham\n",
            "loomweave/cli/main.py": "import loomweave.runtime.node\nimport argparse\n",
            "proofs/loomweave_proofs/lattice/partition.py": (
                "def f():\n    import loomweave_sim.world\n"
            ),
        },
    )
    assert layers.check_arrows(tmp_path) == []
    assert layers.check_cycles(tmp_path) == []
    assert layers.check_pure_imports(tmp_path) == []


def test_circle_is_caught(tmp_path: Path) -> None:
    plant(tmp_path, {"loomweave/core/clocks.py": "import loomweave.core.values\n"})
    text = "import loomweave.core.clocks\n"
    assert "clocks" in caught(tmp_path, layers.check_cycles, "loomweave/core/values.py", text)


IMPURE_IMPORTS = [
    ("loomweave/core/clocks.py", "import time\n"),
    ("loomweave/core/clocks.py", "from random import Random\n"),
    ("loomweave/laws/ham.py", "def f():\n    import os\n"),
    ("loomweave/wire/gun.py", "import logging\n"),
    ("loomweave/wire/gun.py", "import cbor2\n"),
    ("loomweave/core/clocks.py", "from blake3 import blake3\n"),
    ("loomweave/core/graph/store.py", "import immutables\n"),
    ("sim/loomweave_sim/chance.py", "import random\n"),
]


@pytest.mark.parametrize(("path", "text"), IMPURE_IMPORTS)
def test_impure_import_is_caught(tmp_path: Path, path: str, text: str) -> None:
    caught(tmp_path, layers.check_pure_imports, path, text)


IMPURE_TEXTS = [
    "print('here')\n",
    "def f(x: object) -> int:\n    return hash(x)\n",
    "key = id\n",
    "def f() -> None:\n    global state\n    state = 1\n",
    "cache: dict[str, int] = {}\ndef f(x):\n    cache[x] = 1\n",
    "seen = set()\ndef f(x):\n    seen.add(x)\n",
    "def f(path: str) -> object:\n    return open(path)\n",
    "eval('1')\n",
]


@pytest.mark.parametrize("text", IMPURE_TEXTS)
def test_impure_name_is_caught(tmp_path: Path, text: str) -> None:
    caught(tmp_path, layers.check_pure_names, "loomweave/core/graph/x.py", text)


def test_own_name_that_looks_impure_passes(tmp_path: Path) -> None:
    text = "class Row:\n    id: str\ndef key(id: str) -> str:\n    return id\n"
    plant(tmp_path, {"loomweave/core/x.py": text + "def f(k):\n    a, id = k\n    return id\n"})
    assert layers.check_pure_names(tmp_path) == []


SET_ORDERS = [
    "for x in {a, b}:\n    pass\n",
    "for x in set(rows):\n    pass\n",
    "y = [x for x in frozenset(rows)]\n",
    "y = tuple(set(a) | set(b))\n",
    "y = ','.join(set(a))\n",
    "y = [*set(a)]\n",
    "y = {x: 1 for x in set(a).union(b)}\n",
    "for n, x in enumerate({a, b}):\n    pass\n",
    "y = list(a if b else {c})\n",
]


@pytest.mark.parametrize("text", SET_ORDERS)
def test_order_of_a_set_is_caught(tmp_path: Path, text: str) -> None:
    caught(tmp_path, layers.check_set_order, "loomweave/core/x.py", text)


def test_blind_use_of_a_set_passes(tmp_path: Path) -> None:
    text = "for x in sorted(set(a)):\n    pass\nif x in {1, 2} or any(y for y in set(a)): pass\n"
    plant(tmp_path, {"loomweave/core/x.py": text + "y = {x for x in set(a)}\n"})
    assert layers.check_set_order(tmp_path) == []


def test_core_loads_without_the_world() -> None:
    """Whoever embeds the core gets neither the event loop nor the network with it."""
    program = (
        "import sys, loomweave.core.machine\n"
        "outside = ('loomweave.runtime', 'loomweave.storage', 'loomweave.cli', 'asyncio',"
        " 'websockets', 'rich')\n"
        "sys.exit(' '.join(name for name in sys.modules if name.startswith(outside)) or 0)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
