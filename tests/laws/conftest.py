"""The laws are watched while they are sampled; `test_conclusions` asks at the end."""

import importlib
import pkgutil

import pytest

import loomweave.laws
from tests.laws.conclusions import ELSEWHERE, Conclusions, ask_last, laws_in

WATCHED = Conclusions()


def pytest_configure() -> None:
    """Watch all laws that are sampled here."""
    for found in pkgutil.iter_modules(loomweave.laws.__path__, "loomweave.laws."):
        if found.name not in ELSEWHERE:
            WATCHED.watch(laws_in(importlib.import_module(found.name)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask what was reached after all else."""
    ask_last(items, "laws")
