"""The page: one self-contained file, rendered from a `Report`; nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from pulumi_wechat_miniprogram.exports.report import Report
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_SUBJECTS
from pulumi_wechat_miniprogram.safety.text import printable

_FILES: Final = files(__package__)


def render(report: Report, title: str) -> str:
    """Return the page. Every value is escaped; style and script are allowed by their hashes alone."""
    css, js = _file("page.css"), _file("page.js")
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        report=report,
        title=title,
        counts=_counts(report),
        limit=MAX_SUBJECTS,
        anchors={app.appid: f"app-{number}" for number, app in enumerate(report.apps, 1)},
        css=css,
        css_hash=_hash(css),
        js=js,
        js_hash=_hash(js),
    )


def _counts(report: Report) -> dict[str, int]:
    drift = report.drift or ()
    return {
        "in_force": sum(len(app.in_force) for app in report.apps),
        "pending": sum(len(app.pending) for app in report.apps),
        "undeclared": sum(len(app.undeclared) for app in report.apps),
        "drifted": sum(bool(app.missing or app.extra) for app in drift),
        "failed": sum(bool(app.problem) for app in drift),
    }


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _plain(value: object) -> object:
    """Make control characters and those that change the direction of text visible."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _moment(time: str) -> str:
    """Return a time of the engine to the minute, or what stands in its place."""
    return f"{time[:10]} {time[11:16]} UTC" if _MOMENT.match(time) and time.endswith("Z") else time


_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:")
_ENVIRONMENT: Final = Environment(
    loader=FunctionLoader(_file),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_plain,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["moment"] = _moment
