"""Puts a result and its page into a folder, each whole or not at all. Spec: SCN-31."""

import os
from pathlib import Path
from typing import Final

from loomweave.core.errors import UsageError
from loomweave_sim.report import render_page
from loomweave_sim.result import RunResult, to_json

RESULT_NAME: Final = "result.json"
PAGE_NAME: Final = "index.html"


def write_output(result: RunResult, folder: Path) -> Path:
    """Write `result.json` and the page beside it; return the page's path. Spec: SCN-31.

    Raises:
        UsageError: the folder cannot be written to.
    """
    page = folder / PAGE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / RESULT_NAME, to_json(result))
        write_whole(page, render_page(result, folder.as_posix()).encode())
    except OSError as error:
        reason = f"it cannot be written to ({error.strerror}): choose another folder with --out"
        raise UsageError("SCN-31", str(folder), reason) from None
    return page


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in its place in one step, so that no one ever reads half of it. Spec: SCN-31."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
