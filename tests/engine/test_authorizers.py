"""A resource for each app that authorises the platform: no app loses its domains because a list is wrong."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import APPID, A, both_faces

face = both_faces

OTHER = "wxfedcba9876543210"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
LIST = "/cgi-bin/component/api_get_authorizer_list"
LOOP = (
    "for appid in list_authorizers():\n    MiniProgramWebviewDomains(appid, appid=appid, domains=[{!r}]{})\n"
)
RETAIN = ", opts=pulumi.ResourceOptions(retain_on_delete=True)"
KEEP = {"WECHAT_MINIPROGRAM_ON_UNAUTHORIZED": "keep"}


@pytest.fixture
def fleet(project):
    """Runs the first up of a loop over two apps, in the component flow."""
    del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    project.environment |= {
        "WECHAT_MINIPROGRAM_MAX_ATTEMPTS": "1",
        "WECHAT_MINIPROGRAM_COMPONENT_APPID": COMPONENT,
        "WECHAT_MINIPROGRAM_COMPONENT_APPSECRET": f"emulator-secret-{COMPONENT}",
        "WECHAT_MINIPROGRAM_COMPONENT_VERIFY_TICKET": f"emulator-ticket-{COMPONENT}",
        "WECHAT_MINIPROGRAM_AUTHORIZER_REFRESH_TOKENS": json.dumps(
            {appid: f"emulator-refresh-{appid}" for appid in (APPID, OTHER)}
        ),
    }
    project.control.seed(OTHER)

    def up(options=""):
        project.program(LOOP.format(A, options))
        project.up()
        project.calls()
        return project

    return up


@pytest.mark.parametrize(
    "fault",
    [
        {"errcode": 61004},
        {"http_status": 502},
        {"body": '{"total_count": 0, "list": []}'},
        {"body": '{"total_count": 2, "list": []}'},
        {"body": '{"errcode": 0, "errmsg": "ok"}'},
    ],
    ids=["refused", "no answer", "empty", "cut", "no list"],
)
def test_a_list_that_cannot_be_read_deletes_nothing(fleet, fault):
    """The program ends with an error before it has declared anything; the engine then deletes nothing."""
    project = fleet()
    project.control.fault(LIST, times=None, **fault)

    printed = project.preview(fails=True) + project.up(fails=True)

    assert "Traceback" not in printed
    assert "to delete" not in printed
    assert {*project.resources()} == {APPID, OTHER}
    assert project.control.writes() == []
    assert (project.control.live(APPID), project.control.live(OTHER)) == ([A], [A])


def test_an_app_that_left_fails_the_run_and_is_dropped_by_keep(fleet):
    """Its resource is to be deleted, which nobody may do any more; the list of the app stays as it is."""
    project = fleet()
    project.control.revoke(OTHER)

    printed = project.up(fails=True)
    kept = {*project.resources()}
    dropped = project.up(**KEEP)

    assert (
        "If the app has left for good, run the same command with WECHAT_MINIPROGRAM_ON_UNAUTHORIZED=keep"
        in printed
    )
    assert "Its domains stay on WeChat's list, and the resource leaves the state" in dropped
    assert kept == {APPID, OTHER}
    assert {*project.resources()} == {APPID}
    assert project.control.writes() == []
    assert project.control.live(OTHER) == [A]


def test_an_app_that_left_is_dropped_where_it_is_retained(fleet):
    """Without a call about it."""
    project = fleet(RETAIN)
    project.control.revoke(OTHER)

    project.up()

    assert {*project.resources()} == {APPID}
    assert project.control.calls(OTHER) == []
    assert project.control.live(OTHER) == [A]
