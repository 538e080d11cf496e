"""`liveDiff` and `onUnauthorized` under the real engine."""

from __future__ import annotations

import json

from tests.engine.conftest import APPID

A, B, C = (f"https://{name}.example.com" for name in "abc")
LIVE = {"WECHAT_MINIPROGRAM_LIVE_DIFF": "true"}
KEEP = {"WECHAT_MINIPROGRAM_ON_UNAUTHORIZED": "keep"}
OTHER = "wxfedcba9876543210"


def calls(project):
    """The calls since the last look, in one word each."""
    names = [call.name for call in project.control.calls()]
    project.control.clear_calls()
    return names


def test_a_plain_preview_shows_drift(project):
    """One `get` (and the other modes, for what is extra), one line, and an update; without drift nothing."""
    project.domains(A, B)
    project.up()
    calls(project)
    assert "2 unchanged" in project.run("preview", "--suppress-progress", **LIVE)
    assert calls(project) == ["get"]

    project.control.seed(APPID, live=[A])
    preview = project.run("preview", "--suppress-progress", **LIVE)
    assert calls(project) == ["get"]
    assert f"warning: {APPID}: the live list differs from the state: missing {B}" in preview
    assert "~ 1 to update" in preview

    project.up(**LIVE)
    assert calls(project) == ["get", "get", "add", "effective"]
    assert project.control.live(APPID) == [A, B]


def test_somebody_elses_domain_shows_in_a_preview_and_is_not_removed_unseen(project):
    """The line says what leads on; after the refresh the update removes it."""
    project.domains(A)
    project.up()
    project.control.seed(APPID, live=[A, C])
    calls(project)

    preview = project.run("preview", "--suppress-progress", **LIVE)
    assert f"extra {C} (an update removes it only after `pulumi refresh`)" in preview
    assert calls(project) == ["get", "effective"]
    refused = project.up(fails=True, **LIVE)
    assert "Run `pulumi refresh`" in refused
    assert project.control.writes() == []

    project.run("refresh", "--yes", "--skip-preview", "--suppress-progress", **LIVE)
    assert calls(project)[-2:] == ["get", "effective"]
    project.up(**LIVE)
    assert project.control.live(APPID) == [A]


def test_a_drift_that_cannot_be_seen_fails_the_preview(project):
    """Never a silent "no change"."""
    project.domains(A)
    project.up()
    project.control.fault(action="get", errcode=45009)

    text = project.run("preview", "--suppress-progress", fails=True, **LIVE)

    assert (
        f"wechat-miniprogram: get for {APPID} refused: reach max api daily quota limit (45009, rid " in text
    )
    assert "Traceback" not in text


def test_an_app_that_left_stops_the_refresh_or_is_kept(project):
    """By default one error names the appid and the way out; `keep` warns, and the other apps go on."""
    tokens = {a: f"emulator-{a}" for a in (APPID, OTHER)}
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    project.control.seed(OTHER)
    project.program(
        f"for name, appid in {{'left': {APPID!r}, 'stays': {OTHER!r}}}.items():\n"
        f"    MiniProgramWebviewDomains(name, appid=appid, domains=[{A!r}])\n"
        "    MiniProgramConfirmFile(name, appid=appid)\n"
    )
    project.up()
    project.control.seed(APPID, live=[A], permission_sets=[])
    project.control.seed(OTHER, live=[A, B])

    text = project.run("refresh", "--yes", "--skip-preview", "--suppress-progress", fails=True)
    assert f"for {APPID} refused: api is unauthorized to component (61007, rid " in text
    assert "take the resource out with `pulumi state delete URN`" in text
    kept = project.run("refresh", "--yes", "--skip-preview", "--suppress-progress", **KEEP)
    assert f"warning: get for {APPID} refused: api is unauthorized to component (61007, rid " in kept
    assert "The state is kept as it is (onUnauthorized: keep)" in kept
    domains = {
        resource["id"]: resource["outputs"]["domains"]
        for resource in project.export()["deployment"]["resources"]
        if resource["type"].endswith("MiniProgramWebviewDomains")
    }
    assert domains == {APPID: [A], OTHER: [A, B]}

    destroyed = project.run("destroy", "--yes", "--skip-preview", "--suppress-progress", **KEEP)
    assert "Its domains stay on WeChat's list, and the resource leaves the state" in destroyed
    assert (project.control.live(APPID), project.control.live(OTHER)) == ([A], [])
