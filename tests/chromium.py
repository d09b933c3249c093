"""The system's Chromium, as tests start it."""

from __future__ import annotations

import os
import shutil

import pytest

QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def chromium_path(bundled: str) -> str | None:
    """Return the system's browser, None for Playwright's own; fail when there is neither."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    if not os.path.exists(bundled):
        pytest.fail("No browser: install Debian's chromium or run `playwright install chromium`.")
    return None
