"""The page: one self-contained file, rendered from a `Report`; nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from pulumi_wechat_miniprogram.cli.console import plural
from pulumi_wechat_miniprogram.exports.inventory import Release
from pulumi_wechat_miniprogram.exports.reader import declared_by
from pulumi_wechat_miniprogram.exports.report import Entry, Point, Report, State, parse_time
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_SUBJECTS
from pulumi_wechat_miniprogram.safety.masking import shown

_FILES: Final = files(__package__)
_LABELS: Final[dict[State, str]] = {
    "drifted": "Drifted",
    "failed": "Not compared",
    "pending": "Waiting for a release",
    "settled": "No action needed",
}
"""The states of Mini Programs in the order of the page, as it names them."""
_WIDE, _HIGH = 1000, 100
"""The units of a picture of what changes over time."""
_AFTER: Final = 1.08
"""How far it goes on after the last day, so that the newest count shows."""
_LONG: Final = 30
"""Characters of a text that fit into a line everywhere."""
_BETWEEN: Final = re.compile(r"\.|::")


def render(report: Report, title: str) -> str:
    """Return the page. Every value is masked and escaped; style and script are allowed by their hashes."""
    css, js = _file("page.css"), _file("page.js")
    first, *rest = verdict(report)
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        report=report,
        title=title,
        verdict=first,
        more=rest,
        labels=_LABELS,
        limit=MAX_SUBJECTS,
        css=css,
        css_hash=_hash(css),
        js=js,
        js_hash=_hash(js),
    )


def verdict(report: Report) -> list[str]:
    """Return sentences on the fleet, the most urgent first."""
    drifted, failed, waiting = report.of("drifted"), report.of("failed"), report.of("pending")
    said = []
    if drifted:
        text = f"{_many(len(drifted), 'Mini Program')} {_verb(drifted, 'differ')} from what is declared"
        found = [each.drift for each in drifted if each.drift]
        missing, extra = sum(len(each.missing) for each in found), sum(len(each.extra) for each in found)
        parts = [f"{_many(missing, 'domain')} {_be(missing)} missing live"] if missing else []
        if extra:
            parts.append(f"{extra if missing else _many(extra, 'domain')} {_be(extra)} extra")
        said.append(f"{text}; {' and '.join(parts)}.")
    if failed:
        said.append(f"{_many(len(failed), 'Mini Program')} could not be compared.")
    if report.interrupted:
        count = len(report.interrupted)
        said.append(f"A killed run left {_many(count, 'resource')} half done.")
    if report.compared and not (drifted or failed):
        said.append("Every live list that was compared matches its declaration.")
    domains = len(report.waiting)
    if domains:
        apps = sum(bool(entry.pending) for entry in report.entries)
        said.append(
            f"{_many(domains, 'domain')} {'wait' if domains > 1 else 'waits'} for a release "
            f"of {_many(apps, 'Mini Program')}."
        )
    elif waiting:
        said.append(
            f"A release of {_many(len(waiting), 'Mini Program')} would end the effect of undeclared domains."
        )
    else:
        said.append("Nothing waits for a release.")
    if report.crowded:
        count = len(report.crowded)
        limit = f"the limit of {MAX_SUBJECTS} subjects"
        said.append(f"{_many(count, 'domain')} {_be(count)} near or above {limit}.")
    return said


def summary(entry: Entry) -> str:
    """Return what there is to say of an app in a few words."""
    drift = entry.drift
    if drift and entry.state == "drifted":
        counts = {"missing": drift.missing, "extra": drift.extra}
        return ", ".join(f"{len(found)} {name}" for name, found in counts.items() if found)
    if entry.state == "pending" and entry.pending:
        return f"{len(entry.pending)} pending"
    return _LABELS[entry.state].lower()


def _many(count: int, noun: str) -> str:
    """Return a count with its noun, its thousands parted."""
    return plural(count, noun).replace(str(count), f"{count:,}", 1)


def _verb(of: Sequence[object], verb: str) -> str:
    return verb if len(of) > 1 else f"{verb}s"


def _be(count: int) -> str:
    return "are" if count > 1 else "is"


def _figures(states: Mapping[State, int]) -> str:
    """Return how many apps need attention, and why, or that none does."""
    urgent = [state for state in _LABELS if states.get(state) and state != "settled"]
    said = (f"{states[state]:,} {_LABELS[state].lower()}" for state in urgent)
    return ", ".join(said) or _LABELS["settled"].lower()


def _shares(states: Mapping[State, int]) -> Iterator[tuple[State, str, str]]:
    """Yield each state of the apps of a stack, with the start and the width of its part of a bar of 100."""
    total, start = sum(states.values()), 0.0
    for state in _LABELS:
        if count := states.get(state):
            width = 100 * count / total
            yield state, f"{start:.2f}", f"{width:.2f}"
            start += width


def _steps(points: Sequence[Point], release: Release) -> str:
    """Return the line of a count over time: it holds from the day on which it was written."""
    days = [(point.day - points[0].day).days for point in points]
    counts = [point.counts.get(release, 0) for point in points]
    wide, high = days[-1] * _AFTER, max(counts) or 1
    xs = [f"{_WIDE * day / wide:.0f}" for day in days]
    ys = [f"{_HIGH - 2 - (_HIGH - 4) * count / high:.0f}" for count in counts]
    steps = "".join(f"H{x}V{y}" for x, y in zip(xs[1:], ys[1:], strict=True))
    return f"M0 {ys[0]}{steps}H{_WIDE}"


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _plain(value: object) -> object:
    """Mask secrets, and make control characters and those that change the direction of text visible."""
    return shown(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _breakable(text: str) -> Markup:
    """Return a long domain or URN that may be broken between its parts: none breaks that fits into a line."""
    found = str(escape(shown(text)))
    return Markup(_BETWEEN.sub(r"\g<0><wbr>", found) if len(text) > _LONG else found)  # noqa: S704 - escaped


def _moment(time: str | datetime) -> Markup:
    """Return a time in UTC to the minute; a text that is not a time is shown as it is."""
    found = parse_time(time) if isinstance(time, str) else time
    return Markup("<time>{}</time>").format(f"{found:%Y-%m-%d %H:%M} UTC" if found else shown(time))


def _period(times: Iterable[str]) -> Markup:
    """Return the first and the last of some times."""
    known = sorted(filter(None, times), key=lambda time: (parse_time(time) or _NEVER, time))
    if not known:
        return Markup("at an unknown time")
    return Markup(" to ").join(dict.fromkeys(map(_moment, (known[0], known[-1]))))


_NEVER: Final = datetime.min.replace(tzinfo=timezone.utc)
_ENVIRONMENT: Final = Environment(
    loader=FunctionLoader(_file),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_plain,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(
    breakable=_breakable,
    declared=lambda resources: list(filter(None, [declared_by(resources)])),
    figures=_figures,
    fragment=lambda appid: quote(shown(appid)),
    moment=_moment,
    period=_period,
    plural=_many,
    shares=_shares,
    steps=_steps,
    summary=summary,
)
