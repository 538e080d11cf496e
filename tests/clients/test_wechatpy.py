"""wechatpy from PyPI, unmodified except for its base URL, runs the token flow and the domain calls.

It does not name the domain endpoints, so its generic `post` calls them. An account's own token is not tried: the
library fetches it from an address that cannot be changed.
"""

from __future__ import annotations

import pytest
from wechatpy.component import WeChatComponent
from wechatpy.exceptions import APILimitedException, WeChatClientException

from tests.clients.conftest import APPID, COMPONENT, REFRESH_TOKEN, SECRET, A, B, C

DOMAINS = "/wxa/setwebviewdomain_directly"


@pytest.fixture
def component(control):
    """The library's platform."""
    component = WeChatComponent(COMPONENT, SECRET, "token", "a" * 43)
    component.API_BASE_URL = f"{control.url}/cgi-bin"
    component.session.set("component_verify_ticket", control.ticket())
    component.session.set(f"{APPID}_refresh_token", REFRESH_TOKEN)
    yield component
    component._http.close()


@pytest.fixture
def client(control, component):
    """The library's client of one authorizer."""
    client = component.get_client_by_appid(APPID)
    client.API_BASE_URL = control.url
    yield client
    client._http.close()


def domains(client, action, *values):
    """The answer to one call on the domain list."""
    return client.post(DOMAINS, data={"action": action, "webviewdomain": list(values)})


def test_the_token_flow(control, client):
    """Ticket, component token, authorizer token, in this order, each once."""
    assert domains(client, "get")["webviewdomain"] == [A]
    assert [call.name for call in control.calls()] == ["api_component_token", "api_authorizer_token", "get"]


def test_set_get_add_delete(control, client):
    """The library reads slash-escaped JSON that comes as text/plain."""
    written = [domains(client, "add", B, C), domains(client, "delete", A), domains(client, "set", C, A)]

    assert written == [{"errcode": 0, "errmsg": "ok"}] * 3
    assert domains(client, "get") == {"errcode": 0, "errmsg": "ok", "webviewdomain": [C, A]}
    assert control.live(APPID) == [C, A]


def test_what_is_in_force_and_the_confirm_file(control, client):
    """By the two other endpoints."""
    domains(client, "add", B)
    effective = client.post("/wxa/get_effective_webviewdomain", data={})
    file = client.post("/wxa/get_webviewdomain_confirmfile", data={})

    assert effective["direct_webviewdomain"] == [A, B]
    assert effective["effective_webviewdomain"] == [A]
    assert file["file_name"] == control.state(APPID).file_name


@pytest.mark.parametrize("becomes", ["expired", "invalid"])
def test_an_ended_token_is_fetched_anew_and_the_call_repeated(control, client, becomes):
    """After 42001 or 40001 the library fetches a token by itself and sends the call once more."""
    control.end_tokens(APPID, "authorizer_access_token", becomes)

    answer = domains(client, "add", B)

    assert answer["errcode"] == 0
    assert [(call.name, call.errcode == 0) for call in control.calls()][-3:] == [
        ("add", False),
        ("api_authorizer_token", True),
        ("add", True),
    ]


@pytest.mark.parametrize("becomes", ["expired", "invalid"])
def test_an_ended_component_token_is_fetched_anew_too(control, component, client, becomes):
    """Both tokens are over: the call ends well all the same."""
    control.end_tokens(APPID, "authorizer_access_token")
    control.end_tokens(COMPONENT, "component_access_token", becomes)

    assert domains(client, "get")["webviewdomain"] == [A]
    assert [call.name for call in control.calls()][-5:] == [
        "get",
        "api_authorizer_token",
        "api_component_token",
        "api_authorizer_token",
        "get",
    ]


def test_a_refusal_is_an_exception_with_code_and_text(client):
    """The library raises what WeChat says."""
    with pytest.raises(WeChatClientException) as refused:
        domains(client, "add", "http://b.example.com")

    assert refused.value.errcode == 86100
    assert refused.value.errmsg.startswith("invalid url protocol rid: ")


def test_a_quota_that_is_used_up_has_its_own_exception(control, client):
    """45009 is what the library calls a limit."""
    control.limit(DOMAINS, daily=0)

    with pytest.raises(APILimitedException):
        domains(client, "get")


def test_an_authorization_code(control, component):
    """Gives the tokens of the app that gave it."""
    info = component.query_auth(control.authorize(APPID))["authorization_info"]

    assert info["authorizer_appid"] == APPID
    assert component.session.get(f"{APPID}_refresh_token") == info["authorizer_refresh_token"]


def test_a_platform_reads_its_authorizers(component):
    """The list, and one account's domains in force."""
    listed = component.get_authorizer_list()
    info = component.get_authorizer_info(APPID)

    assert [item["authorizer_appid"] for item in listed["list"]] == [APPID]
    assert info["authorizer_info"]["MiniProgramInfo"]["network"]["BizDomain"] == [A]
