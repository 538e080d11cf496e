"""A headless Chromium for tests: the one on PATH, or else Debian's package, where that may be installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)


def installed() -> str | None:
    """The first Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium(callers_proxies: dict[str, str]) -> str:
    """The path of a Chromium."""
    reported = ""
    if installed() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with (Path(tempfile.gettempdir()) / "apt-get-chromium.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the tests run in several processes
            reported = "" if installed() else _install(callers_proxies)
    found = installed()
    if found is None:
        pytest.fail(
            f"no {', '.join(NAMES)} on PATH: install Debian's package chromium. {reported}", pytrace=False
        )
    return found


def _install(proxies: dict[str, str]) -> str:
    """Install Debian's package and return the end of what was printed."""
    printed = ""
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "--quiet", *command],
            env={**os.environ, **proxies, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed = done.stdout[-1000:]
    return printed


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


@contextmanager
def visits(browser: Browser, ignored: str = "") -> Iterator[Callable[..., Page]]:
    """Give a function that opens a URL as a new visitor; what went wrong in the browser fails the test."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def visit(url: str, **settings: Any) -> Page:
        context = browser.new_context(**settings)
        contexts.append(context)
        context.on("weberror", lambda error: trouble.append(str(error.error)))
        context.on("console", lambda message: trouble.append(message.text))
        context.on("dialog", lambda dialog: trouble.append(dialog.message))
        page = context.new_page()
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [text for text in trouble if text != ignored] == []
