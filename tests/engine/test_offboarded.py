"""Apps that left the third-party platform, beside one that stays."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import APPID, A, B

OTHER = "wxfedcba9876543210"
KEEP = {"WECHAT_MINIPROGRAM_ON_UNAUTHORIZED": "keep"}


@pytest.fixture
def left(project):
    """A stack of two apps, each with its confirm file; the first has left, the second has drifted."""
    tokens = {appid: f"emulator-{appid}" for appid in (APPID, OTHER)}
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    project.control.seed(OTHER)
    project.program(
        f"for name, appid in {{'left': {APPID!r}, 'stays': {OTHER!r}}}.items():\n"
        f"    MiniProgramWebviewDomains(name, appid=appid, domains=[{A!r}])\n"
        "    MiniProgramConfirmFile(f'file of {name}', appid=appid)\n"
    )
    project.up()
    project.control.seed(APPID, live=[A], permission_sets=[])
    project.control.seed(OTHER, live=[A, B])
    return project


def test_by_default_a_refresh_records_the_other_apps_and_fails(left, golden):
    """The error names the way out; an app that left is never taken for one with an empty list."""
    golden("offboarded-refresh", left.refresh(fails=True))

    resources = left.resources()
    assert resources["left"]["outputs"]["domains"] == [A]
    assert resources["stays"]["outputs"]["domains"] == [A, B]


def test_by_default_a_destroy_fails_and_the_other_apps_may_go_on(left, golden):
    """With `--continue-on-error` only the resource of that app stays."""
    golden("offboarded-destroy", left.destroy("--continue-on-error", fails=True))

    assert list(left.resources()) == ["left"]
    assert (left.control.live(APPID), left.control.live(OTHER)) == ([A], [B])


def test_keep_lets_a_fleet_go_on(left, golden):
    """Refresh keeps the stored state, destroy drops the resource; each warns and leaves WeChat alone."""
    golden("offboarded-refresh-keep", left.refresh(**KEEP))
    resources = left.resources()
    assert resources["left"]["outputs"]["domains"] == [A]
    assert resources["stays"]["outputs"]["domains"] == [A, B]

    golden("offboarded-destroy-keep", left.destroy(**KEEP))
    assert (left.control.live(APPID), left.control.live(OTHER)) == ([A], [])
    assert left.resources() == {}
