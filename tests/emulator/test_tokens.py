"""Tickets, component tokens, authorizer tokens, refresh tokens, an account's own tokens; and no leak."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

from tests.emulator.conftest import APPID, COMPONENT, OTHER, SET_PATH
from tests.emulator.flow import REFRESH_TOKEN, SECRET, TOKENS, Flow
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator.routes import ROUTES

DAY = 86400
OWN_SECRET = f"emulator-secret-{APPID}"


@pytest.fixture
def control(wechat_emulator):
    """An emulator with one app that authorises the default platform."""
    wechat_emulator.seed(APPID)
    return wechat_emulator


@pytest.fixture
def flow(control, wechat):
    """The platform's calls."""
    return Flow(control, wechat)


def error(answer):
    """An answer's code, and its text without the rid."""
    return answer["errcode"], answer["errmsg"].partition(" rid: ")[0]


# --- the component token


def test_secret_and_ticket_give_a_component_token(flow):
    """The answer has a token for two hours, and no errcode."""
    answer = flow.component_token()

    assert answer == {"component_access_token": flow.component, "expires_in": 7200}
    assert len(flow.component) > 100


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"component_appid": None}, (41018, "missing component_appid")),
        ({"component_appid": 7}, (41018, "missing component_appid")),
        ({"component_appid": "wx1"}, (40013, "invalid appid")),
        ({"component_appid": OTHER}, (61011, "invalid component")),
        ({"component_appid": APPID}, (61011, "invalid component")),
        ({"component_appsecret": None}, (41004, "appsecret missing")),
        ({"component_appsecret": "wrong"}, (40125, "invalid appsecret")),
        ({"component_appsecret": OWN_SECRET}, (40125, "invalid appsecret")),
        ({"component_verify_ticket": None}, (61006, "component ticket is invalid")),
        ({"component_verify_ticket": "wrong"}, (61006, "component ticket is invalid")),
    ],
)
def test_a_component_token_is_refused(flow, body, refusal):
    """Each wrong or missing field has its code."""
    assert error(flow.component_token(**body)) == refusal


def file_of_platform(control, wechat, appid=COMPONENT):
    """The code of a call with the token that a platform has from the start."""
    path = f"{TOKENS}get_domain_confirmfile"
    return wechat.call(control.url, path, {}, f"emulator-component-{appid}")["errcode"]


def test_a_platform_has_a_token_from_the_start(control, wechat):
    """Which never expires, for a platform that is there."""
    first = file_of_platform(control, wechat)
    control.advance(10 * DAY)

    assert (first, file_of_platform(control, wechat)) == (0, 0)
    assert file_of_platform(control, wechat, OTHER) == 40001


def test_a_new_component_token_ends_the_first_one(control, wechat, flow):
    """As it ends any other."""
    file_of_platform(control, wechat)
    flow.component_token()

    assert file_of_platform(control, wechat) == 40001


def test_another_platforms_ticket_is_invalid(flow):
    """A ticket is one platform's."""
    flow.control.platform(OTHER, ticket="ticket-of-the-other")

    assert error(flow.component_token(component_verify_ticket="ticket-of-the-other"))[0] == 61006


def test_a_ticket_lives_twelve_hours(flow):
    """The last good ticket may be used again until then."""
    ticket = flow.control.ticket()
    flow.control.advance(DAY / 2 - 60)
    before = flow.component_token(component_verify_ticket=ticket)

    flow.control.advance(61)

    assert "errcode" not in before
    assert error(flow.component_token(component_verify_ticket=ticket)) == (
        61005,
        "component ticket is expired",
    )


def test_a_ticket_comes_every_ten_minutes(flow):
    """The control plane reads the present one, as the last push brought it."""
    first = flow.control.ticket()
    flow.control.advance(599)
    same = flow.control.ticket()
    flow.control.advance(1)
    second = flow.control.ticket()

    assert first == same != second
    assert "errcode" not in flow.component_token(component_verify_ticket=second)


def test_the_next_ticket_can_be_issued_at_once(flow):
    """By the control plane, or by api_start_push_ticket; the one before stays good."""
    first = flow.control.ticket()
    second = flow.control.push_ticket()
    flow.post("api_start_push_ticket", component_appid=COMPONENT, component_secret=SECRET)
    third = flow.control.ticket()

    assert len({first, second, third}) == 3
    assert "errcode" not in flow.component_token(component_verify_ticket=first)


@pytest.mark.parametrize(("seconds", "errmsg"), [(599, "in a normal state"), (600, "ok")])
def test_a_push_of_tickets_tells_whether_it_was_needed(flow, seconds, errmsg):
    """It was not where a ticket was pushed in the last ten minutes."""
    flow.control.push_ticket()
    flow.control.advance(seconds)

    answer = flow.post("api_start_push_ticket", component_appid=COMPONENT, component_secret=SECRET)

    assert answer == {"errcode": 0, "errmsg": errmsg}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"component_secret": SECRET}, 41018),
        ({"component_appid": COMPONENT}, 41004),
        ({"component_appid": COMPONENT, "component_secret": "wrong"}, 40125),
        ({"component_appid": OTHER, "component_secret": SECRET}, 61011),
    ],
)
def test_a_push_of_tickets_is_refused(flow, body, errcode):
    """The platform must prove itself; no ticket is issued."""
    before = flow.control.ticket()

    assert error(flow.post("api_start_push_ticket", **body))[0] == errcode
    assert flow.control.ticket() == before


# --- the authorizer token


def test_a_refresh_token_gives_an_authorizer_token(flow):
    """The answer has both tokens and no errcode; the token opens the domain endpoints."""
    answer = flow.authorizer_token()

    assert answer == {
        "authorizer_access_token": flow.authorizer,
        "expires_in": 7200,
        "authorizer_refresh_token": REFRESH_TOKEN,
    }
    assert flow.get() == 0


@pytest.mark.parametrize("name", ["access_token", "component_access_token"])
def test_the_component_token_goes_by_two_names(flow, name):
    """The query parameter of the old and of the new pages."""
    flow.component_token()
    body = {
        "component_appid": COMPONENT,
        "authorizer_appid": APPID,
        "authorizer_refresh_token": REFRESH_TOKEN,
    }

    response = flow.wechat.request(
        "POST",
        f"{flow.control.url}{TOKENS}api_authorizer_token",
        params={name: flow.component},
        content=json.dumps(body).encode(),
    )

    assert "authorizer_access_token" in response.json()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"component_appid": None}, (41018, "missing component_appid")),
        ({"component_appid": OTHER}, (61011, "invalid component")),
        ({"authorizer_appid": None}, (41002, "appid missing")),
        ({"authorizer_appid": "shop"}, (40013, "invalid appid")),
        ({"authorizer_appid": OTHER}, (61003, "component is not authorized by this account")),
        ({"authorizer_refresh_token": None}, (61023, "refresh_token is invalid")),
        ({"authorizer_refresh_token": "wrong"}, (61023, "refresh_token is invalid")),
        ({"authorizer_refresh_token": f"emulator-{APPID}"}, (61023, "refresh_token is invalid")),
    ],
)
def test_an_authorizer_token_is_refused(flow, body, refusal):
    """Each wrong or missing field has its code; the old token stays as it was."""
    assert error(flow.authorizer_token(**body)) == refusal
    assert flow.get(f"emulator-{APPID}") == 0


def test_another_apps_refresh_token_is_invalid(flow):
    """A refresh token is one app's."""
    flow.control.seed(OTHER, refresh_token="refresh-of-the-other")

    assert error(flow.authorizer_token(authorizer_refresh_token="refresh-of-the-other"))[0] == 61023


@pytest.mark.parametrize(
    ("kind", "token", "refusal"),
    [
        ("component", None, (41021, "missing component_access_token")),
        ("component", "nobody", (40001, "invalid credential, access_token is invalid or not latest")),
        ("component", f"emulator-{APPID}", (61014, "must use component token for component api")),
        ("authorizer", None, (41001, "access_token missing")),
    ],
)
def test_a_token_of_the_wrong_kind_is_refused(flow, kind, token, refusal):
    """Platform endpoints take the component's token, domain endpoints the authorizer's."""
    path = f"{TOKENS}api_get_authorizer_list" if kind == "component" else SET_PATH

    answer = flow.wechat.call(flow.control.url, path, {"action": "get"}, token)

    assert error(answer) == refusal


def test_a_component_token_opens_no_domain_endpoint(flow):
    """It needs the authorizer's."""
    flow.component_token()

    answer = flow.wechat.call(flow.control.url, SET_PATH, {"action": "get"}, flow.component)

    assert error(answer) == (61015, "must use biz account token for not component api")


def test_tokens_live_two_hours(flow):
    """By the emulator's clock; both kinds end with their code, and the flow starts anew."""
    flow.authorizer_token()
    flow.control.advance(7199)
    before = flow.get()
    flow.control.advance(1)

    assert (before, flow.get()) == (0, 42001)
    assert error(flow.authorizer_token()) == (42001, "access_token expired")
    flow.component_token()
    flow.authorizer_token()
    assert flow.get() == 0


@pytest.mark.parametrize(
    ("kind", "becomes", "errcodes"),
    [
        ("authorizer_access_token", "expired", (42001, None)),
        ("authorizer_access_token", "invalid", (40001, None)),
        ("component_access_token", "expired", (0, 42001)),
        ("component_access_token", "invalid", (0, 40001)),
        ("authorizer_refresh_token", "expired", (0, 61023)),
        ("authorizer_refresh_token", "invalid", (0, 61023)),
    ],
)
def test_the_control_plane_ends_tokens_at_once(flow, kind, becomes, errcodes):
    """Every token of a kind that an account has, and no other kind."""
    flow.authorizer_token()
    flow.control.end_tokens(COMPONENT if kind.startswith("component") else APPID, kind, becomes)

    got = (flow.get(), flow.authorizer_token().get("errcode"))

    assert got == errcodes


@pytest.mark.parametrize(("becomes", "errcode"), [("expired", 61005), ("invalid", 61006)])
def test_the_control_plane_ends_tickets(flow, becomes, errcode):
    """The ticket that was pushed no longer works; the next one does."""
    ticket = flow.control.ticket()
    flow.control.end_tokens(COMPONENT, "component_verify_ticket", becomes)

    assert flow.component_token(component_verify_ticket=ticket)["errcode"] == errcode
    assert "errcode" not in flow.component_token(component_verify_ticket=flow.control.push_ticket())


# --- authorisations


def test_an_authorization_code_is_good_once(flow):
    """It gives the app's tokens and what it granted; the second time it is invalid."""
    code = flow.control.authorize(APPID)

    info = flow.ask("api_query_auth", authorization_code=code)["authorization_info"]
    again = flow.ask("api_query_auth", authorization_code=code)

    assert set(info) == {
        "authorizer_appid",
        "authorizer_access_token",
        "expires_in",
        "authorizer_refresh_token",
        "func_info",
    }
    assert (info["authorizer_appid"], info["expires_in"]) == (APPID, 7200)
    assert info["func_info"] == [{"funcscope_category": {"id": 18}}]
    assert flow.get(info["authorizer_access_token"]) == 0
    assert "errcode" not in flow.authorizer_token(authorizer_refresh_token=info["authorizer_refresh_token"])
    assert error(again) == (61009, "code is invalid")


def test_an_authorization_code_expires(flow):
    """After an hour of the emulator's clock."""
    code = flow.control.authorize(APPID)
    flow.control.advance(3600)

    assert error(flow.ask("api_query_auth", authorization_code=code)) == (61010, "code is expired")


def test_an_authorization_code_is_for_one_platform(flow):
    """Another platform's code does not work here."""
    flow.control.platform(OTHER)
    code = flow.control.authorize(APPID, OTHER)

    assert error(flow.ask("api_query_auth", authorization_code=code))[0] == 61003
    assert error(flow.ask("api_query_auth"))[0] == 61009


def test_a_new_authorisation_changes_the_refresh_token(flow):
    """The old one is invalid, and so is the old access token."""
    flow.control.authorize(APPID)

    assert error(flow.authorizer_token())[0] == 61023
    assert flow.get(f"emulator-{APPID}") == 40001


def test_an_app_that_left_is_not_authorised(flow):
    """Neither its access token nor its refresh token works, and the list no longer has it."""
    flow.control.seed(OTHER)
    flow.authorizer_token()
    flow.control.revoke(APPID)

    listed = flow.ask("api_get_authorizer_list", offset=0, count=500)

    assert flow.get() == 61003
    assert error(flow.authorizer_token())[0] == 61003
    assert [item["authorizer_appid"] for item in listed["list"]] == [OTHER]


def test_an_app_may_be_seeded_with_another_platform(flow):
    """Its token works, but the default platform cannot fetch one for it."""
    flow.control.platform(OTHER)
    flow.control.seed(APPID, component=OTHER)

    assert flow.get(f"emulator-{APPID}") == 0
    assert error(flow.authorizer_token())[0] == 61003


# --- accounts


def test_the_account_tells_what_it_granted(wechat_emulator, wechat):
    """Permission sets, status, refresh token, and the webview domains in force."""
    wechat_emulator.seed(
        APPID, live=["https://a.example.com"], permission_sets=[18, 25], account_status=18, subject="personal"
    )

    answer = Flow(wechat_emulator, wechat).ask("api_get_authorizer_info", authorizer_appid=APPID)

    info, authorization = answer["authorizer_info"], answer["authorization_info"]
    program = info.pop("MiniProgramInfo")
    assert "errcode" not in answer
    assert info == {
        "nick_name": f"emulated {APPID}",
        "service_type_info": {"id": 0},
        "verify_type_info": {"id": -1},
        "user_name": "gh_0123456789ab",
        "principal_name": "个人",
        "account_status": 18,
    }
    assert (program["categories"], program["visit_status"]) == ([], 0)
    assert program["network"]["BizDomain"] == ["https://a.example.com"]
    assert authorization == {
        "authorizer_appid": APPID,
        "authorizer_refresh_token": REFRESH_TOKEN,
        "func_info": [{"funcscope_category": {"id": 18}}, {"funcscope_category": {"id": 25}}],
    }


@pytest.mark.parametrize(("status", "errcode"), [(1, 0), (18, 0), (14, 50002), (16, 48004), (19, 50002)])
def test_an_accounts_status_may_end_its_calls(flow, status, errcode):
    """Normal and warned accounts may call; deregistered, banned and frozen ones may not."""
    flow.control.seed(APPID, account_status=status)

    assert flow.get(f"emulator-{APPID}") == errcode


def test_the_list_of_authorizers_has_pages(flow):
    """Oldest first, with the refresh token that recovers a lost one."""
    flow.control.advance(60)
    flow.control.seed(OTHER)

    first, second = (flow.ask("api_get_authorizer_list", offset=offset, count=1) for offset in (0, 1))

    assert [(page["total_count"], len(page["list"])) for page in (first, second)] == [(2, 1), (2, 1)]
    assert (first["list"][0]["authorizer_appid"], first["list"][0]["refresh_token"]) == (APPID, REFRESH_TOKEN)
    assert second["list"][0]["authorizer_appid"] == OTHER
    assert second["list"][0]["auth_time"] - first["list"][0]["auth_time"] in {60, 61}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"offset": 0, "count": 501}, 40170),
        ({"offset": 0, "count": 0}, 40097),
        ({"offset": -1, "count": 1}, 40097),
        ({"count": 1}, 40097),
        ({"offset": "0", "count": "1"}, 40097),
    ],
)
def test_a_page_of_authorizers_is_refused(flow, body, errcode):
    """At most 500 in one page."""
    assert error(flow.ask("api_get_authorizer_list", **body))[0] == errcode


def test_a_far_page_of_authorizers_is_empty(flow):
    """Also where the offset is more than a database counts."""
    assert flow.ask("api_get_authorizer_list", offset=10**30, count=1)["list"] == []


# --- the platform's allow-list


def test_a_platform_lets_its_addresses_in(flow):
    """An allow-list with the caller's address changes nothing."""
    flow.control.platform(allowed_ips=["127.0.0.1"])

    assert "errcode" not in flow.authorizer_token()
    assert flow.get() == 0


def test_every_call_of_a_platform_needs_its_address(flow):
    """Before the first token and with each; the text names the address that WeChat saw."""
    flow.authorizer_token()
    flow.control.platform(allowed_ips=["203.0.113.7"])

    answers = [
        flow.component_token(),
        flow.post("api_start_push_ticket", component_appid=COMPONENT, component_secret=SECRET),
        flow.authorizer_token(),
        flow.wechat.call(flow.control.url, SET_PATH, {"action": "get"}, flow.authorizer),
    ]

    text = "access clientip is not registered requestIP: 127.0.0.1"
    assert [error(answer) for answer in answers] == [(61004, text)] * 4


# --- an account's own tokens


def token(control, wechat, **query):
    """The answer of /cgi-bin/token."""
    sent = {"grant_type": "client_credential", "appid": APPID, "secret": OWN_SECRET, **query}
    params = {name: value for name, value in sent.items() if value is not None}
    return wechat.request("GET", f"{control.url}/cgi-bin/token", params=params).json()


def stable_token(control, wechat, **body):
    """The answer of /cgi-bin/stable_token."""
    sent = {"grant_type": "client_credential", "appid": APPID, "secret": OWN_SECRET, **body}
    return wechat.call(control.url, "/cgi-bin/stable_token", sent, None)


def test_an_account_has_a_token_of_its_own(control, wechat):
    """For two hours; the domain endpoints are not open to it."""
    answer = token(control, wechat)

    assert answer == {"access_token": answer["access_token"], "expires_in": 7200}
    assert Flow(control, wechat).get(answer["access_token"]) == 48001


@pytest.mark.parametrize("get", [token, stable_token])
@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        ({"grant_type": None}, (40002, "invalid grant_type")),
        ({"appid": None}, (41002, "appid missing")),
        ({"appid": "shop"}, (40013, "invalid appid")),
        ({"appid": OTHER}, (40013, "invalid appid")),
        (
            {"appid": COMPONENT},
            (61024, "must use api(api_component_token) to get token for component acct"),
        ),
        ({"secret": None}, (41004, "appsecret missing")),
        ({"secret": "wrong"}, (40125, "invalid appsecret")),
        ({"secret": SECRET}, (40125, "invalid appsecret")),
    ],
)
def test_an_accounts_own_token_is_refused(control, wechat, get, sent, refusal):
    """Each wrong or missing field has its code."""
    assert error(get(control, wechat, **sent)) == refusal


def test_a_new_own_token_ends_the_one_before_after_five_minutes(control, wechat):
    """Both are good until then."""
    first = token(control, wechat)["access_token"]
    second = token(control, wechat)["access_token"]
    flow = Flow(control, wechat)
    control.advance(299)
    before = flow.get(first)
    control.advance(1)

    assert (before, flow.get(first), flow.get(second)) == (48001, 40001, 48001)


def test_a_stable_token_stays_the_same(control, wechat):
    """Until five minutes before its end, and however often the other kind is fetched."""
    first = stable_token(control, wechat)
    token(control, wechat)
    control.advance(6890)
    same = stable_token(control, wechat)
    control.advance(10)
    second = stable_token(control, wechat)

    assert first["expires_in"] == 7200
    assert same["access_token"] == first["access_token"]
    assert same["expires_in"] in {309, 310}
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200


def test_a_stable_token_may_be_forced(control, wechat):
    """A new one immediately, and the one before is dead."""
    first = stable_token(control, wechat)["access_token"]
    control.advance(30)

    second = stable_token(control, wechat, force_refresh=True)["access_token"]

    flow = Flow(control, wechat)
    assert (flow.get(first), flow.get(second)) == (40001, 48001)


def test_stable_tokens_are_not_forced_in_a_row(control, wechat):
    """Thirty seconds must lie between; the token stays."""
    first = stable_token(control, wechat)["access_token"]
    control.advance(28)

    refused = stable_token(control, wechat, force_refresh=True)

    assert error(refused)[0] == 45011
    assert stable_token(control, wechat)["access_token"] == first


def test_stable_tokens_are_forced_twenty_times_a_day(control, wechat):
    """The next day it works again."""
    forced = []
    for _ in range(21):
        forced.append(stable_token(control, wechat, force_refresh=True).get("errcode"))
        control.advance(31)
    control.advance(DAY)

    assert forced == [*[None] * 20, 45009]
    assert "errcode" not in stable_token(control, wechat, force_refresh=True)


@pytest.mark.parametrize(
    ("path", "method", "refusal"),
    [
        ("/cgi-bin/token", "POST", (43001, "require GET method")),
        ("/cgi-bin/stable_token", "GET", (43002, "require POST method")),
        (f"{TOKENS}api_component_token", "GET", (43002, "require POST method")),
    ],
)
def test_an_endpoint_has_one_method(control, wechat, path, method, refusal):
    """The other one is refused by name."""
    assert error(wechat.raw(control.url, path, b"", method=method).json()) == refusal


@pytest.mark.parametrize("path", [path for path, route in ROUTES.items() if route.method == "POST"])
@pytest.mark.parametrize(("content", "errcode"), [(b"", 44002), (b"{", 47001), (b"a=b", 47001)])
def test_an_endpoint_wants_a_json_object(control, wechat, path, content, errcode):
    """With the right token: an empty body and one that is not valid JSON have their codes."""
    flow = Flow(control, wechat)
    flow.component_token()
    sent = flow.component if ROUTES[path].token == "component" else f"emulator-{APPID}"

    assert wechat.raw(control.url, path, content, sent).json()["errcode"] == errcode


# --- nothing leaks

CANARIES = {
    name: f"canary-{name}-f3b1"
    for name in ("token", "refresh_token", "secret", "appsecret", "ticket", "wrong")
}


def test_no_token_or_secret_can_be_found(tmp_path, wechat):
    """Neither in the request log, nor in the state, nor in an answer with an errcode, nor in the file."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        control = emulator.control
        control.platform(appsecret=CANARIES["appsecret"], ticket=CANARIES["ticket"])
        control.seed(APPID, **{name: CANARIES[name] for name in ("token", "refresh_token", "secret")})
        flow = Flow(control, wechat)
        good = {"component_appsecret": CANARIES["appsecret"], "component_verify_ticket": CANARIES["ticket"]}
        wrong = CANARIES["wrong"]
        refusals = [
            flow.component_token(**{**good, "component_appsecret": wrong}),
            flow.component_token(**{**good, "component_verify_ticket": wrong}),
            flow.component_token(**{**good, "component_appid": wrong}),
            flow.post("api_start_push_ticket", component_appid=COMPONENT, component_secret=wrong),
            token(control, wechat, secret=wrong),
            stable_token(control, wechat, secret=wrong, appid=wrong),
            wechat.call(control.url, SET_PATH, {"action": "get"}, wrong),
            wechat.call(control.url, "/wxa/nowhere", good, CANARIES["token"]),
            wechat.raw(control.url, f"{TOKENS}api_component_token", json.dumps(good).encode()[:-1]).json(),
        ]
        flow.component_token(**good)
        refusals.append(flow.authorizer_token(authorizer_refresh_token=wrong))
        refusals.append(flow.ask("api_query_auth", authorization_code=wrong))
        code = control.authorize(APPID)
        info = flow.ask("api_query_auth", authorization_code=code)["authorization_info"]
        flow.authorizer_token(authorizer_refresh_token=info["authorizer_refresh_token"])
        own = [get(control, wechat, secret=CANARIES["secret"]) for get in (token, stable_token)]
        shown = [
            wechat.request("GET", f"{control.url}/_emulator/{name}").text
            for name in ("calls", "state", "switches", "faults")
        ]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        dump = "\n".join(connection.iterdump())
    bytes_ = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    secrets = [
        *CANARIES.values(),
        code,
        flow.component,
        flow.authorizer,
        info["authorizer_access_token"],
        info["authorizer_refresh_token"],
        *(answer["access_token"] for answer in own),
    ]
    seen = "\n".join([*shown, dump, json.dumps(refusals), bytes_.decode("latin-1")])
    assert [secret for secret in secrets if secret in seen] == []
    assert len(control_calls := json.loads(shown[0])["calls"]) == 16
    assert {call["appid"] for call in control_calls} <= {None, APPID, COMPONENT}
