"""The laws are watched while they are sampled; `test_conclusions` asks at the end."""

import importlib
import pkgutil

import pytest

import loomweave.laws
from tests.laws.conclusions import Conclusions, laws_in

WATCHED = Conclusions()
LAST = "test_conclusions.py"


def pytest_configure() -> None:
    """Watch all laws."""
    for found in pkgutil.iter_modules(loomweave.laws.__path__, "loomweave.laws."):
        WATCHED.watch(laws_in(importlib.import_module(found.name)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask what was reached after all else."""
    items.sort(key=lambda item: item.path.name == LAST)
