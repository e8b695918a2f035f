"""A Chromium for tests: found by RECKONS_CHROMIUM or in the usual places, or a plain word that it is not there."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest

PLACES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--proxy-server=127.0.0.1:9"]  # a request that slips through leads nowhere


def chromium() -> str | None:
    """The path of a Chromium, if there is one."""
    named = os.environ.get("RECKONS_CHROMIUM")
    return named or next((found for found in map(shutil.which, PLACES) if found), None)


@contextmanager
def browser_of(what: str, *, flags: list[str] = FLAGS):
    """A started browser; without one the tests of ``what`` are left out and say so."""
    api = pytest.importorskip("playwright.sync_api", reason=f"Left out: {what} in a browser, because the package playwright is not installed.")
    if chromium() is None:
        pytest.skip(f"Left out: {what} in a browser, because there is no Chromium. Install one, or name it in RECKONS_CHROMIUM.")
    with api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=flags)
        yield started
        started.close()
