"""Finds the browser that the browser suite drives. A missing one fails the suite, unless it is asked to go without."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CURE = (
    "No Chromium was found. Install it (Debian: apt-get install chromium), name it in CHAPERONE_CHROMIUM, "
    "or go without the browser suite with CHAPERONE_WITHOUT_BROWSER=1."
)


def chromium() -> str:
    """The path of the browser. Skips the test where CHAPERONE_WITHOUT_BROWSER is set, else fails it with the cure."""
    if os.environ.get("CHAPERONE_WITHOUT_BROWSER"):
        pytest.skip("CHAPERONE_WITHOUT_BROWSER is set")
    for name in (os.environ.get("CHAPERONE_CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    pytest.fail(CURE)
