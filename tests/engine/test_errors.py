"""What a user reads when a call to WeChat fails."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, B


def test_an_unreachable_endpoint(project, golden):
    """Host and cause, and that nothing was sent."""
    project.domains(A)
    unreachable = {
        "WECHAT_MINIPROGRAM_ENDPOINT": "http://127.0.0.1:9",
        "WECHAT_MINIPROGRAM_MAX_ATTEMPTS": "1",
    }

    golden("error-unreachable", project.up(fails=True, **unreachable))


def test_no_credentials(project, golden):
    """The keys are named at first use."""
    project.domains(A)

    golden("error-no-token", project.up(fails=True, WECHAT_MINIPROGRAM_ACCESS_TOKENS=""))
    assert project.calls() == []


def test_a_personal_subject(project, golden):
    """89231 is answered to the first `get` already."""
    project.control.seed(APPID, subject="personal")
    project.domains(A)

    golden("error-89231", project.up(fails=True))
    assert project.calls() == ["get"]


def test_a_domain_that_is_bound_too_often(project, golden):
    """506015 names no domain; the error names those of the call, and what is live."""
    project.control.fault(action="set", errcode=506015)
    project.domains(A, B)

    golden("error-506015", project.up(fails=True))
    assert project.calls() == ["get", "set", "get"]
