"""The laws of the machine are watched while they are sampled."""

import importlib

import pytest

from tests.laws.conclusions import ELSEWHERE, Conclusions, ask_last, laws_in

WATCHED = Conclusions()


def pytest_configure() -> None:
    """Watch the laws that are sampled here."""
    for name in ELSEWHERE:
        WATCHED.watch(laws_in(importlib.import_module(name)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask what was reached after all else."""
    ask_last(items, "machines")
