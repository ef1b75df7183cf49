"""The page in a real browser, where the machine has one.

What can be known without a browser is tested in `test_report`; nothing here stands in for it.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from loomweave_sim.report import render_page
from tests.sim.fabricated import fabricate
from tests.sim.test_report import SECTIONS, hostile, outline

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
BROWSER: Final = next((path for name in BROWSERS if (path := shutil.which(name))), None)
SECONDS_MAX: Final = 60


def load(page: str, folder: Path) -> tuple[str, str]:
    """Open a page in the browser; return its document after scripts ran, and what it logged."""
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here; test_report covers the structure")
def test_browser_runs_the_script_and_complains_of_nothing(tmp_path: Path) -> None:
    document, log = load(render_page(fabricate()), tmp_path)
    assert 'class="hair"' in document  # put there by the script, so its policy let it run
    assert "CONSOLE" not in log
    assert set(SECTIONS) <= set(outline(document).ids)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here; test_report covers the structure")
def test_browser_finds_no_foreign_element(tmp_path: Path) -> None:
    document, log = load(render_page(hostile()), tmp_path)
    assert "CONSOLE" not in log
    assert "img" not in outline(document).tags
    assert outline(document).tags.count("script") == 2
