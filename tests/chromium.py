"""A headless Chromium for tests: the one on PATH, or else Debian's package, where that may be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def installed() -> str | None:
    """The first Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium(callers_proxies: dict[str, str]) -> str:
    """The path of a Chromium."""
    told = ""
    if installed() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            done = subprocess.run(
                ["apt-get", "--quiet", *command],
                env={**os.environ, **callers_proxies, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            told = done.stdout[-1000:]
    found = installed()
    if found is None:
        pytest.fail(
            f"no {', '.join(NAMES)} on PATH: install Debian's package chromium. {told}", pytrace=False
        )
    return found


# Playwright keeps an event loop running in this thread; a wider scope would get in the way of other tests.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A running browser with an empty profile."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, headless=False, args=list(ARGUMENTS), env={**os.environ}
        )
        yield running
        running.close()
