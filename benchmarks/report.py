"""`wechat-miniprogram report` over a fleet: writing the page, and opening it in Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.drift import export_of
from benchmarks.races import Lap
from benchmarks.wechat import sow

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PAINTED = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
  done(performance.now()))))"""
"""How long after the start of the navigation the loaded page has been painted."""


def chromium() -> str | None:
    """Return the first Chromium on PATH."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def report_lap(folder: Path, count: int, browser: str | None) -> Lap:
    """Return a lap over so many apps, a fifth of which drifted; without a browser the page is not opened."""
    apps = sow(count)
    export, drift, page = folder / "report.json", folder / "report-drift.json", folder / "report.html"
    export.write_text(export_of(apps), encoding="utf-8")
    found = [
        {"appid": app.appid, "stacks": [], "resources": [], "missing": app.domains[:2]} for app in apps[::5]
    ]
    drift.write_text(json.dumps({"version": 1, "apps": found}), encoding="utf-8")
    command = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "report", str(export)]
    command += ["--drift", str(drift), "-o", str(page)]

    def lap() -> Iterator[Mapping[str, float]]:
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        yield {"command": time.monotonic() - began}
        if browser:
            yield {"page": _opened(browser, page)}

    return lap


def _opened(browser: str, page: Path) -> float:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, headless=False, args=list(_ARGUMENTS))
        opened = running.new_page(viewport={"width": 1440, "height": 900})
        opened.goto("about:blank")  # the first page of a browser also waits for its processes
        opened.goto(page.as_uri())
        milliseconds = float(opened.evaluate(_PAINTED))
        running.close()
        return milliseconds / 1000
