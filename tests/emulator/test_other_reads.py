"""Domains read in other ways, versions and releases by the API."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import APPID
from tests.emulator.flow import Flow

A, B = "https://a.example.com", "https://b.example.com"
OWN = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
SERVER = {"requestdomain": ["https://r.net"], "tcpdomain": ["tcp://t.net"]}
READ = ("requestdomain", "wsrequestdomain", "uploaddomain", "downloaddomain", "udpdomain")
RELEASE, VERSIONS = "/wxa/release", "/wxa/getversioninfo"


@pytest.fixture
def control(wechat_emulator):
    """An app with a webview domain and server domains."""
    wechat_emulator.seed(APPID, live=[A], server={"direct": SERVER})
    return wechat_emulator


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"action": "getbizdomain"}, {"bizdomain"}),
        ({"action": "getserverdomain"}, set(READ)),
        ({}, {"bizdomain", *READ}),
    ],
)
def test_getwxadevinfo(control, wechat, body, fields):
    """One group of domains, the other, or both; five kinds of server domains."""
    answer = wechat.call(control.url, "/wxa/getwxadevinfo", body)

    assert set(answer) - {"errcode", "errmsg"} == fields
    assert answer.get("bizdomain", [A]) == [A]
    assert answer.get("requestdomain", ["https://r.net"]) == ["https://r.net"]


def test_getwxadevinfo_refuses_other_actions(control, wechat):
    """There are two."""
    assert wechat.call(control.url, "/wxa/getwxadevinfo", {"action": "get"})["errcode"] == 40097


@pytest.mark.parametrize("token", ["authorizer", "own"])
def test_getwxadevinfo_of_a_person(control, wechat, token):
    """Is refused by a code of its own."""
    control.seed(APPID, subject="personal")
    own = wechat.call(control.url, "/cgi-bin/stable_token", OWN, None)["access_token"]
    sent = own if token == "own" else f"emulator-{APPID}"

    assert wechat.call(control.url, "/wxa/getwxadevinfo", {}, sent)["errcode"] == 9410018


def test_an_own_token_needs_no_authorisation(control, wechat):
    """Neither a permission set nor the platform's allow-list is asked."""
    control.seed(APPID, permission_sets=[], component=None, live=[A])
    own = wechat.call(control.url, "/cgi-bin/stable_token", OWN, None)["access_token"]

    assert wechat.call(control.url, "/wxa/getwxadevinfo", {}, own)["bizdomain"] == [A]
    assert wechat.call(control.url, "/wxa/getwxadevinfo", {})["errcode"] == 61003


def test_authorizer_info_has_server_domains_too(control, wechat):
    """Under names of its own."""
    info = Flow(control, wechat).ask("api_get_authorizer_info", authorizer_appid=APPID)

    assert info["authorizer_info"]["MiniProgramInfo"]["network"] == {
        "RequestDomain": ["https://r.net"],
        "WsRequestDomain": [],
        "UploadDomain": [],
        "DownloadDomain": [],
        "UDPDomain": [],
        "BizDomain": [A],
    }


# --- versions


def test_an_app_without_code_has_no_version(control, wechat):
    """Neither on trial nor online, and nothing can be released."""
    assert wechat.call(control.url, VERSIONS, {}) == {"errcode": 0, "errmsg": "ok"}
    assert wechat.call(control.url, RELEASE, {})["errcode"] == 85019


def test_a_submitted_version_can_be_released_once(control, wechat):
    """It is on trial, then online, and what is configured is in force."""
    wechat.domains(control.url, "add", B)
    control.submit(APPID, "2.0.1", "web views")
    trial = wechat.call(control.url, VERSIONS, {})
    before = control.effective(APPID)

    released = wechat.call(control.url, RELEASE, {})

    online = wechat.call(control.url, VERSIONS, {})["release_info"]
    assert (trial["exp_info"]["exp_version"], trial["exp_info"]["exp_desc"]) == ("2.0.1", "web views")
    assert "release_info" not in trial
    assert (released["errcode"], before, control.effective(APPID)) == (0, [A], [A, B])
    assert (online["release_version"], online["release_desc"]) == ("2.0.1", "web views")
    assert online["release_time"] >= trial["exp_info"]["exp_time"]
    assert wechat.call(control.url, RELEASE, {})["errcode"] == 85020


def test_the_control_plane_releases_without_a_version(control, wechat):
    """For those who need no more than what it does to domains."""
    wechat.domains(control.url, "add", B)

    control.release(APPID)

    assert control.effective(APPID) == [A, B]
    assert wechat.call(control.url, VERSIONS, {}) == {"errcode": 0, "errmsg": "ok"}


@pytest.mark.parametrize("step", ["submit", "release"])
def test_an_unknown_app_has_no_release(control, step):
    """The text says what to do."""
    with pytest.raises(ValueError, match="^appid: wx0000000000000000 is not known here; seed it first$"):
        getattr(control, step)("wx0000000000000000")
