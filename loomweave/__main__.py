"""`python -m loomweave`: the command line, whatever else is called `loomweave` here."""

import sys

from loomweave.cli import main

if __name__ == "__main__":
    sys.exit(main())
