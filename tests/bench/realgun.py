"""Real GUN, if node and npm are here: installed once into a cache outside the repository."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

VERSION: Final = "0.2020.1241"
SCRIPT: Final = Path(__file__).with_name("gun_bench.cjs")
INSTALL_S: Final = 120


def cache_folder() -> Path:
    """Return where GUN is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "loomweave-bench" / f"gun-{VERSION}"


def install() -> Path | str:
    """Return the folder that holds GUN, or say why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    folder = cache_folder()
    if not (folder / "node_modules" / "gun" / "gun.js").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        command += ["--prefix", str(folder), f"gun@{VERSION}"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            return "npm did not finish installing gun"
        if done.returncode != 0:
            return "npm could not install gun"
    return folder


def run(folder: Path, frames: Path, form: str, dump: Path | None = None) -> float:
    """Feed frames to GUN and return the seconds of CPU that it took."""
    command = ["node", str(SCRIPT), str(frames), form, *([str(dump)] if dump else [])]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["ok"], "GUN lost some of the frames"
    return float(answer["cpu"])
