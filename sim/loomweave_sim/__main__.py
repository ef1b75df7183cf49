"""Runs the command line: `python -m loomweave_sim`. Spec: SCN-31."""

import sys

from loomweave_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
