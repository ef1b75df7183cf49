"""The process in which a user's lattice is imported and checked, so that it may hang or crash.

It writes what it is doing, and at last what it found, into a file as JSON.
"""

import json
import sys
from pathlib import Path

from loomweave_proofs.lattice.checking import check
from loomweave_proofs.lattice.subject import BadLattice
from loomweave_proofs.lattice.target import find
from loomweave_proofs.lattice.verdict import as_json


def work(target: str, out: Path) -> None:
    """Check what a target names, and write the outcome."""

    def tell(kind: str, content: object) -> None:
        out.write_text(json.dumps({kind: content}), encoding="utf-8")

    tell("doing", "import")
    try:
        lattice = find(target)
        place = Path(target.rpartition(":")[0])
        path = place if place.suffix == ".py" else None
        tell("report", as_json(check(lattice, path, lambda doing: tell("doing", doing))))
    except BadLattice as error:
        tell("bad", str(error))


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
