"""node-easywechat from npm, unmodified except for its base URL, runs the token flow and the domain calls."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import APPID, COMPONENT, REFRESH_TOKEN, SECRET, A, B, C

HERE = Path(__file__).resolve().parent
DOMAINS = "wxa/setwebviewdomain_directly"


@pytest.fixture(scope="session")
def node(callers_proxies):
    """Node's path, with the packages of package-lock.json installed."""
    for program in ("node", "npm"):
        assert shutil.which(program), f"no {program} on PATH; install Node.js 18 or newer with npm"
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        environment = {**os.environ, **callers_proxies}
        done = subprocess.run(
            command, cwd=HERE, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return shutil.which("node")


@pytest.fixture
def run(control, node):
    """Walks one step of the client and gives its result."""
    arguments = [node, "easywechat.js", control.url, COMPONENT, SECRET, APPID]
    with subprocess.Popen(
        arguments, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        reported, heard = process.stdin, process.stdout
        assert reported is not None
        assert heard is not None

        def step(name, **given):
            reported.write(json.dumps({"step": name, **given}) + "\n")
            reported.flush()
            return json.loads(heard.readline())

        yield step
        reported.close()
        assert process.wait(timeout=10) == 0


@pytest.fixture
def opened(control, run):
    """The client with a ticket and the tokens that follow from it."""
    run("ticket", value=control.ticket())
    assert run("open", refreshToken=REFRESH_TOKEN) == {}
    return run


def domains(run, action, *values):
    """The answer to one call on the domain list."""
    return run("call", path=DOMAINS, body={"action": action, "webviewdomain": list(values)})


def test_the_token_flow(control, opened):
    """Ticket, component token, authorizer token, in this order, each once."""
    assert domains(opened, "get")["webviewdomain"] == [A]
    assert [call.name for call in control.calls()] == ["api_component_token", "api_authorizer_token", "get"]
    assert {call.errcode for call in control.calls()} == {0}


def test_without_a_ticket_there_is_no_token(control, run):
    """The client passes WeChat's refusal on."""
    run("ticket", value="wrong")

    thrown = run("open", refreshToken=REFRESH_TOKEN)["thrown"]

    assert "61006" in thrown
    assert "component ticket is invalid" in thrown


def test_an_authorization_code(control, run):
    """Gives the tokens of the app that gave it."""
    run("ticket", value=control.ticket())

    info = run("authorize", code=control.authorize(APPID))["authorization_info"]

    assert info["authorizer_appid"] == APPID
    assert run("open", refreshToken=info["authorizer_refresh_token"]) == {}
    assert domains(run, "get")["errcode"] == 0


def test_set_get_add_delete(control, opened):
    """The client reads slash-escaped JSON that comes as text/plain."""
    written = [domains(opened, "add", B, C), domains(opened, "delete", A), domains(opened, "set", C, A)]

    assert written == [{"errcode": 0, "errmsg": "ok"}] * 3
    assert domains(opened, "get") == {"errcode": 0, "errmsg": "ok", "webviewdomain": [C, A]}
    assert control.live(APPID) == [C, A]


def test_what_is_in_force_and_the_confirm_file(control, opened):
    """By the two other endpoints."""
    domains(opened, "add", B)
    effective = opened("call", path="wxa/get_effective_webviewdomain", body={})
    file = opened("call", path="wxa/get_webviewdomain_confirmfile", body={})

    assert effective["direct_webviewdomain"] == [A, B]
    assert effective["effective_webviewdomain"] == [A]
    assert file["file_name"] == control.state(APPID).file_name


def test_an_expired_token_is_fetched_anew(control, opened):
    """The client reports 42001; opened again without its cache it goes on."""
    control.advance(7200)
    expired = domains(opened, "get")["errcode"]
    opened("forget")
    opened("ticket", value=control.ticket())
    opened("open", refreshToken=REFRESH_TOKEN)

    assert (expired, domains(opened, "get")["errcode"]) == (42001, 0)


def test_a_platform_reads_who_authorises_it(control, opened):
    """With the token in `component_access_token`, as this client names it."""
    body = {"component_appid": COMPONENT, "offset": 0, "count": 500}

    answer = opened("platform", path="cgi-bin/component/api_get_authorizer_list", body=body)

    assert [item["authorizer_appid"] for item in answer["list"]] == [APPID]
    assert answer["total_count"] == 1


def test_a_dead_component_token_is_fetched_anew(control, opened):
    """After 40001 the client refreshes by hand, and the platform's calls work again."""
    body = {"component_appid": COMPONENT, "offset": 0, "count": 500}
    path = "cgi-bin/component/api_get_authorizer_list"
    control.end_tokens(COMPONENT, "component_access_token", "invalid")
    refused = opened("platform", path=path, body=body)["errcode"]
    opened("refreshComponent")

    assert (refused, opened("platform", path=path, body=body)["total_count"]) == (40001, 1)
