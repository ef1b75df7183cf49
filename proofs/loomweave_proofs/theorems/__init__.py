"""The theorems about LoomWeave's kernels, by chapter of the specification."""

import importlib
from typing import Final

CHAPTERS: Final = (
    "clocks",
    "register",
    "ham",
    "waiting",
    "bounds",
    "rows",
    "hotloop",
    "admission",
    "life",
    "stamps",
    "lattices_bounds",
    "lattices_dots",
    "lattices_sets",
    "lattices_observed",
    "lattices_counters",
    "lattices_registers",
    "merges",
    "settling",
    "breakers",
    "outboxes",
    "vectors",
    "locks",
    "retries",
    "compaction",
    "capabilities",
    "trees",
)


def load() -> None:
    """Enter all theorems into the ledger."""
    for chapter in CHAPTERS:
        importlib.import_module(f"{__name__}.{chapter}")
