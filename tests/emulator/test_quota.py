"""How often endpoints may be called, how quotas are read and cleared, and refused calls found by rid."""

from __future__ import annotations

import json

import pytest

from tests.emulator.conftest import APPID, COMPONENT, OTHER, SET_PATH
from tests.emulator.flow import SECRET, Flow

QUOTA, CLEAR, RID = (f"/cgi-bin/openapi/{name}" for name in ("quota/get", "quota/clear", "rid/get"))
COMPONENT_TOKEN = "/cgi-bin/component/api_component_token"
AUTHORIZER_TOKEN = "/cgi-bin/component/api_authorizer_token"
OWN = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
DAY = 86400


@pytest.fixture
def control(wechat_emulator):
    """An emulator with two apps."""
    wechat_emulator.seed(APPID)
    wechat_emulator.seed(OTHER)
    return wechat_emulator


@pytest.fixture
def flow(control, wechat):
    """The platform's calls."""
    return Flow(control, wechat)


@pytest.fixture
def get(control, wechat):
    """The code of a get of webview domains."""
    return lambda appid=APPID: wechat.domains(control.url, "get", appid=appid)["errcode"]


# --- limits


def test_a_day_has_so_many_calls(control, get):
    """For each app; refused calls count too; the next day begins at midnight in China."""
    control.limit(SET_PATH, daily=2)
    seen = [get(), get(), get(), get(OTHER)]
    control.advance(DAY)

    assert seen == [0, 0, 45009, 0]
    assert get() == 0


def test_a_minute_has_so_many_calls(control, get):
    """The next minute begins anew."""
    control.limit(SET_PATH, minutely=1)
    seen = [get(), get()]
    control.advance(60)

    assert seen == [0, 45011]
    assert get() == 0


def test_a_platform_has_its_own_count(control, flow):
    """A component token counts for the platform, and for nobody else."""
    control.limit(COMPONENT_TOKEN, daily=1)

    assert [flow.component_token().get("errcode") for _ in "12"] == [None, 45009]


def test_a_platform_and_its_apps_share_a_minute(control, flow, wechat, get):
    """Whichever of them calls, and whatever; the next minute begins anew."""
    flow.component_token()
    own = wechat.call(control.url, "/cgi-bin/stable_token", OWN, None)["access_token"]
    control.platform_limit(3)
    seen = [get(), get(OTHER), flow.ask("get_domain_confirmfile")["errcode"], get(), get(OTHER)]
    other = wechat.call(control.url, "/wxa/getwxadevinfo", {}, own)["errcode"]
    control.advance(60)

    assert (seen, other) == ([0, 0, 0, 45011, 45011], 0)
    assert get() == 0


def test_another_platform_has_a_minute_of_its_own(control, get):
    """The limit is the same for each."""
    control.platform("wxc1c1c1c1c1c1c1c1")
    control.seed(OTHER, component="wxc1c1c1c1c1c1c1c1")
    control.platform_limit(1)

    assert [get(), get(OTHER), get(), get(OTHER)] == [0, 0, 45011, 45011]


def test_the_shared_minute_has_no_limit_unless_one_is_set(control, get):
    """None takes it away again."""
    control.platform_limit(0)
    refused = get()
    control.platform_limit(None)

    assert (refused, get()) == (45011, 0)


def test_a_call_with_no_account_counts_for_nobody(control, wechat, get):
    """A wrong token uses up nothing."""
    control.limit(SET_PATH, daily=1)
    wechat.raw(control.url, token="nobody")

    assert get() == 0


def test_limits_are_for_known_endpoints(control):
    """A misspelt path is an error."""
    with pytest.raises(ValueError, match="^path: /wxa/typo is not emulated$"):
        control.limit("/wxa/typo", daily=1)


# --- quota/get


@pytest.mark.parametrize(
    ("path", "daily"), [(COMPONENT_TOKEN, 10_000), (AUTHORIZER_TOKEN, 1_000_000), (QUOTA, 1_000_000)]
)
def test_a_platform_reads_its_quota(flow, wechat, path, daily):
    """The limit, what is used, what remains."""
    flow.component_token()
    flow.authorizer_token()

    answer = wechat.call(flow.control.url, QUOTA, {"cgi_path": path}, flow.component)

    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": daily, "used": 1, "remain": daily - 1},
    }


def test_an_app_reads_its_quota(control, wechat, get):
    """With the limit of a minute, where there is one: by name of who calls."""
    control.limit(SET_PATH, daily=5, minutely=7)
    get()

    answer = wechat.call(control.url, QUOTA, {"cgi_path": SET_PATH})

    assert answer["quota"] == {"daily_limit": 5, "used": 1, "remain": 4}
    assert answer["component_rate_limit"] == {"call_count": 7, "refresh_second": 60}
    assert "rate_limit" not in answer


def test_what_was_not_called_is_not_used(control, wechat):
    """Today: yesterday's calls are forgotten."""
    wechat.call(control.url, "/wxa/getversioninfo", {})
    control.advance(DAY)

    answer = wechat.call(control.url, QUOTA, {"cgi_path": "/wxa/getversioninfo"})

    assert answer["quota"] == {"daily_limit": 1_000_000, "used": 0, "remain": 1_000_000}


def test_a_quota_that_shrank_has_nothing_left(control, get, wechat):
    """What remains is never below zero."""
    get()
    control.limit(SET_PATH, daily=0)

    answer = wechat.call(control.url, QUOTA, {"cgi_path": SET_PATH})

    assert answer["quota"] == {"daily_limit": 0, "used": 1, "remain": 0}


def test_an_account_reads_its_own_quota(control, wechat):
    """By its own token."""
    own = wechat.call(control.url, "/cgi-bin/stable_token", OWN, None)["access_token"]

    answer = wechat.call(control.url, QUOTA, {"cgi_path": "/cgi-bin/stable_token"}, own)

    assert answer["quota"] == {"daily_limit": 500_000, "used": 1, "remain": 499_999}
    assert answer["rate_limit"] == {"call_count": 10_000, "refresh_second": 60}


@pytest.mark.parametrize("endpoint", [QUOTA, CLEAR])
@pytest.mark.parametrize(
    ("kind", "path", "errcode"),
    [
        ("authorizer", None, 76021),
        ("authorizer", "/wxa/typo", 76021),
        ("authorizer", "wxa/modify_domain", 76003),
        ("authorizer", COMPONENT_TOKEN, 76022),
        ("component", SET_PATH, 76022),
        ("own", SET_PATH, 76022),
        ("own", "/wxa/getwxadevinfo", 0),
        ("component", QUOTA, 0),
    ],
)
def test_a_path_must_be_the_accounts(flow, wechat, endpoint, kind, path, errcode):
    """A path that is none, or that takes another kind of token."""
    flow.component_token()
    own = wechat.call(flow.control.url, "/cgi-bin/stable_token", OWN, None)["access_token"]
    token = {"authorizer": f"emulator-{APPID}", "component": flow.component, "own": own}[kind]

    assert wechat.call(flow.control.url, endpoint, {"cgi_path": path}, token)["errcode"] == errcode


# --- clearing


def test_one_quota_is_cleared(control, wechat, get):
    """The calls of the day are forgotten for that endpoint alone."""
    control.limit(SET_PATH, daily=1)
    control.limit("/wxa/getversioninfo", daily=1)
    get()
    wechat.call(control.url, "/wxa/getversioninfo", {})

    cleared = wechat.call(control.url, CLEAR, {"cgi_path": SET_PATH})

    assert (cleared, get()) == ({"errcode": 0, "errmsg": "ok"}, 0)
    assert wechat.call(control.url, "/wxa/getversioninfo", {})["errcode"] == 45009


def test_all_quotas_are_cleared_ten_times_a_month(control, wechat, get):
    """Each way of clearing counts."""
    control.limit(SET_PATH, daily=1)
    get()
    codes = [wechat.call(control.url, "/cgi-bin/clear_quota", {"appid": APPID})["errcode"] for _ in range(9)]
    first = get()
    codes += [wechat.call(control.url, CLEAR, {"cgi_path": SET_PATH})["errcode"] for _ in "12"]
    control.advance(31 * DAY)

    assert (codes, first) == ([*[0] * 10, 48006], 0)
    assert wechat.call(control.url, CLEAR, {"cgi_path": SET_PATH})["errcode"] == 0


@pytest.mark.parametrize(("body", "errcode"), [({}, 41002), ({"appid": OTHER}, 40013), ({"appid": APPID}, 0)])
def test_an_account_clears_its_own_quotas(control, wechat, body, errcode):
    """It names itself."""
    assert wechat.call(control.url, "/cgi-bin/clear_quota", body)["errcode"] == errcode


def test_a_secret_clears_quotas_when_no_token_can_be_had(control, flow):
    """The platform's own, or those of an app that authorises it."""
    control.limit(COMPONENT_TOKEN, daily=1)
    flow.component_token()
    sent = {"component_appid": COMPONENT, "appsecret": SECRET}

    cleared = flow.post("clear_quota/v2", appid=COMPONENT, **sent)

    assert cleared == {"errcode": 0, "errmsg": "ok"}
    assert "errcode" not in flow.component_token()
    assert flow.post("clear_quota/v2", appid=APPID, **sent)["errcode"] == 0


def test_a_secret_alone_clears_the_platforms_quotas(control, flow):
    """Without an appid, the platform is meant."""
    control.limit(COMPONENT_TOKEN, daily=1)
    flow.component_token()

    cleared = flow.post("clear_quota/v2", component_appid=COMPONENT, appsecret=SECRET)

    assert cleared == {"errcode": 0, "errmsg": "ok"}
    assert "errcode" not in flow.component_token()


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 41018),
        ({"component_appid": COMPONENT}, 41004),
        ({"component_appid": COMPONENT, "appsecret": "wrong"}, 40125),
        ({"component_appid": COMPONENT, "appsecret": SECRET, "appid": ""}, 41002),
        ({"component_appid": COMPONENT, "appsecret": SECRET, "appid": "nobody"}, 40013),
        ({"component_appid": COMPONENT, "appsecret": SECRET, "appid": "wx0000000000000000"}, 43007),
    ],
)
def test_clearing_by_secret_is_refused(flow, body, errcode):
    """Each wrong or missing field has its code."""
    assert flow.post("clear_quota/v2", **body)["errcode"] == errcode


# --- rid


def rid_of(answer):
    """The rid that ends an errmsg."""
    return answer["errmsg"].rpartition("rid: ")[2]


def test_a_refused_call_is_found_by_its_rid(control, wechat):
    """When, how long, from where, with what, and what was answered; the token is hidden."""
    body = {"action": "add", "webviewdomain": ["http://a.net"]}
    refused = wechat.call(control.url, SET_PATH, body)

    found = wechat.call(control.url, RID, {"rid": rid_of(refused)})

    request = found["request"]
    assert int(rid_of(refused)[:8], 16) == request["invoke_time"] == int(control.calls()[0].time)
    assert 0 <= request["cost_in_ms"] < 10_000
    assert request["request_url"] == "access_token=***"
    assert json.loads(request["request_body"]) == body
    assert json.loads(request["response_body"]) == refused
    assert request["client_ip"] == "127.0.0.1"


@pytest.mark.parametrize(("sent", "shown"), [(b"", ""), (b"{}", "{}")])
def test_a_rid_tells_a_body_that_was_empty(control, wechat, sent, shown):
    """It is shown as no text."""
    control.limit(SET_PATH, daily=0)
    refused = wechat.raw(control.url, SET_PATH, sent).json()

    found = wechat.call(control.url, RID, {"rid": rid_of(refused)})

    assert (refused["errcode"], found["request"]["request_body"]) == (45009, shown)


def test_a_platforms_refused_call_is_found_by_the_platform(flow, wechat):
    """What the body says of secrets is hidden."""
    refused = flow.authorizer_token(authorizer_refresh_token="wrong-one")

    found = wechat.call(flow.control.url, RID, {"rid": rid_of(refused)}, flow.component)
    other = wechat.call(flow.control.url, RID, {"rid": rid_of(refused)})

    assert json.loads(found["request"]["request_body"]) == {
        "component_appid": COMPONENT,
        "authorizer_appid": APPID,
        "authorizer_refresh_token": "***",
    }
    assert other["errcode"] == 76003


def test_another_accounts_rid_is_not_reported(control, wechat):
    """Nor that of a call whose account is not known."""
    refused = [wechat.domains(control.url, "set", "bad"), wechat.raw(control.url, token="nobody").json()]
    codes = [
        wechat.call(control.url, RID, {"rid": rid_of(answer)}, f"emulator-{OTHER}")["errcode"]
        for answer in refused
    ]

    assert codes == [76003, 76003]


@pytest.mark.parametrize(
    ("rid", "errcode"),
    [
        (None, 76002),
        ("", 76002),
        ("x", 76002),
        (7, 76002),
        ("ffffffff-6aaf22fd-1ffae523", 76001),
        ("66cc41ab-6aaf22fd-1ffae523", 76004),
    ],
)
def test_a_wrong_rid(control, wechat, rid, errcode):
    """Not of the form, of no call, or by its own time of a call long ago."""
    assert wechat.call(control.url, RID, {"rid": rid})["errcode"] == errcode


def test_a_rid_is_kept_seven_days(control, wechat):
    """By the emulator's clock."""
    rid = rid_of(wechat.domains(control.url, "set", "bad"))
    control.advance(7 * DAY - 60)
    before = wechat.call(control.url, RID, {"rid": rid})["errcode"]
    control.advance(61)

    assert (before, wechat.call(control.url, RID, {"rid": rid})["errcode"]) == (0, 76004)
