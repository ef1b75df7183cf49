"""Runs the simulator from a bare checkout: `python sim run partition`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if __name__ == "__main__":
    from loomweave_sim.cli import main

    sys.exit(main())
