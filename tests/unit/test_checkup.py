"""What `doctor` finds out about one endpoint, one token source and one Mini Program."""

from __future__ import annotations

import contextlib
import socket

import pytest

from pulumi_wechat_miniprogram.lifecycle.diagnosis import (
    Check,
    check_app,
    check_endpoint,
    check_server_domains,
    check_token_source,
)
from pulumi_wechat_miniprogram.lifecycle.reconcile import connect
from pulumi_wechat_miniprogram.settings import Settings
from tests.https_hosts import FILE, GOOD, NAME, http

APPID = "wx0123456789abcdef"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
LIVE = f"https://{NAME}"
NEW = "https://new.example.com"
DOMAINS_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"


@pytest.fixture
def opened(wechat_emulator):
    """Gives the settings and the use cases for an emulator with one app."""
    wechat_emulator.seed(
        APPID, live=[LIVE], confirm_file=FILE.model_dump(include={"file_name", "file_content"})
    )
    with contextlib.ExitStack() as stack:

        def opened(**keys):
            given = {"access_tokens": {APPID: f"emulator-{APPID}"}, "max_attempts": 1, "probe": False, **keys}
            settings = Settings(**{"endpoint": wechat_emulator.url, **given})
            reconciler = connect(settings, warn=pytest.fail)
            stack.callback(reconciler.close)
            return settings, reconciler

        yield opened


@pytest.fixture
def examined(opened, wechat_emulator):
    """Looks at the app, and returns (name, status) of each finding and the text of each."""

    def examined(*new, **keys):
        _, reconciler = opened(**keys)
        wechat_emulator.clear_calls()
        checks = list(check_app(reconciler, APPID, new))
        assert {check.appid for check in checks} == {APPID}
        assert not any(call.name in {"set", "add", "delete"} for call in wechat_emulator.calls())
        return [(check.name, check.status) for check in checks], [check.text for check in checks]

    return examined


def test_an_endpoint_is_sound_when_it_refuses_a_call_without_a_token(opened, wechat_emulator):
    """One call; nothing is asked of any app."""
    settings, reconciler = opened()
    wechat_emulator.clear_calls()

    check = check_endpoint(reconciler, settings)

    assert (check.name, check.status) == ("endpoint", "ok")
    assert [(call.name, call.errcode) for call in wechat_emulator.calls()] == [("get", 41001)]


def test_an_endpoint_without_a_server_has_failed(opened):
    """The text names the connection."""
    with contextlib.closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses connections
        settings, reconciler = opened(endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}")

        check = check_endpoint(reconciler, settings)

    assert check.status == "failed"
    assert "Check the endpoint, DNS, proxy and firewall." in check.text


def test_an_endpoint_that_takes_anything_is_not_wechats(opened, wechat_emulator):
    """Such as a gateway that answers every call with an empty success."""
    settings, reconciler = opened()
    wechat_emulator.fault(DOMAINS_PATH, body='{"errcode":0,"errmsg":"ok"}')

    check = check_endpoint(reconciler, settings)

    assert check.status == "failed"
    assert "it accepts a call without a token" in check.text


def test_a_token_source_tells_for_whom_it_has_tokens(opened):
    """By the name of its environment variable."""
    settings, reconciler = opened()

    check = check_token_source(reconciler, settings)

    assert check.status == "ok"
    assert check.text == f"WECHAT_MINIPROGRAM_ACCESS_TOKENS knows 1: {APPID}"


def test_many_appids_are_counted_and_some_named(opened):
    """A fleet of hundreds does not fit on a line."""
    tokens = {f"wx{n:016x}": f"token-of-{n}" for n in range(7)}
    settings, reconciler = opened(access_tokens=tokens)

    check = check_token_source(reconciler, settings)

    assert check.text.startswith("WECHAT_MINIPROGRAM_ACCESS_TOKENS knows 7: wx0000000000000000, ")
    assert check.text.endswith("wx0000000000000004 and 2 more")


def test_a_command_is_asked_for_each_app(opened):
    """It cannot tell for whom it has tokens, and is not run to find out."""
    settings, reconciler = opened(access_tokens=None, access_token_command='["no-such-command"]')

    check = check_token_source(reconciler, settings)

    assert (check.status, check.text) == (
        "ok",
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND is asked for each Mini Program",
    )


def test_no_token_source_has_failed(wechat_emulator):
    """The text leads to the page that tells them."""
    settings = Settings(endpoint=wechat_emulator.url)
    reconciler = connect(settings, warn=pytest.fail)

    check = check_token_source(reconciler, settings)
    reconciler.close()

    assert check.status == "failed"
    assert "docs/guides/credentials.md" in check.text


def test_the_embedded_emulator_needs_no_token_source(tmp_path):
    """It gives its own tokens."""
    settings = Settings(endpoint=f"emulator:{tmp_path / 'data.sqlite3'}")
    reconciler = connect(settings, warn=pytest.fail)

    checks = [check_endpoint(reconciler, settings), check_token_source(reconciler, settings)]
    reconciler.close()

    assert [check.status for check in checks] == ["ok", "ok"]


def test_the_component_flow_is_tried(opened, wechat_emulator):
    """A ticket that has ended shows at the token source, before any app."""
    settings, reconciler = opened(
        access_tokens=None,
        component_appid=COMPONENT,
        component_access_token="no-such-token",
        authorizer_refresh_tokens={APPID: f"emulator-refresh-{APPID}"},
    )

    check = check_token_source(reconciler, settings)

    assert check.status == "failed"
    assert check.text.startswith("WECHAT_MINIPROGRAM_COMPONENT_APPID: ")
    assert "no-such-token" not in check.text


def test_a_sound_app_passes_every_check(examined, hosts):
    """From the token to the host."""
    host = hosts.start()

    found, texts = examined(probe=True, ca_file=hosts.ca_file, probe_host_map={NAME: host.target})

    assert found == [
        ("token", "ok"),
        ("permission", "ok"),
        ("live-list", "ok"),
        ("in-force", "ok"),
        ("confirm-file", "ok"),
        ("host", "ok"),
    ]
    assert texts[2:] == ["1 of 300", "1 in force", f"/{FILE.file_name}", f"{LIVE}: serves the file"]


def test_a_new_host_without_the_file_has_failed_and_a_live_one_is_a_warning(examined, hosts):
    """WeChat would refuse the new one; the live one works as long as nothing is written."""
    live, new = hosts.start(http(b"", "404 Not Found")), hosts.start(http(b"other"), name="new.example.com")
    targets = {NAME: live.target, "new.example.com": new.target}

    found, texts = examined(NEW, probe=True, ca_file=hosts.ca_file, probe_host_map=targets)

    assert found[5:] == [("host", "failed"), ("host", "warning")]
    assert texts[5] == (
        f"{NEW}: answers with other content (5 bytes). Serve the file unchanged, byte for byte."
    )
    assert texts[6].startswith(f"{LIVE}: answers with HTTP status 404. ")
    assert texts[6].endswith(
        " The domain is live; WeChat is known to check the file only when a domain is written."
    )


def test_a_slow_host_is_a_warning(opened, hosts, monkeypatch):
    """WeChat recommends at most one second."""
    host = hosts.start(GOOD)
    _, reconciler = opened(probe=True, ca_file=hosts.ca_file, probe_host_map={NAME: host.target})
    ticks = iter(range(0, 100, 2))
    monkeypatch.setattr(reconciler._prober, "_clock", lambda: float(next(ticks)))

    check = list(check_app(reconciler, APPID))[-1]

    assert (check.name, check.status) == ("host", "warning")
    assert check.text.endswith("s; WeChat recommends at most 1 s")


def test_hosts_are_left_alone_where_probing_is_off(examined):
    """The key says so."""
    found, texts = examined()

    assert found[-1] == ("host", "skipped")
    assert texts[-1] == "not probed, because WECHAT_MINIPROGRAM_PROBE is off"


def test_an_app_without_domains_has_no_host_to_ask(examined, wechat_emulator):
    """An empty list is sound."""
    wechat_emulator.seed(APPID)

    found, _ = examined()

    assert found[-1] == ("confirm-file", "ok")


def test_what_waits_and_what_others_list_is_a_warning(examined, wechat_emulator):
    """With the domains."""
    wechat_emulator.seed(APPID, live=[LIVE, NEW], effective=[LIVE], mp=["https://console.example.org"])

    found, texts = examined()

    assert found[3] == ("in-force", "warning")
    assert texts[3] == (
        f"1 in force; waiting for the next release of the Mini Program: {NEW}; only on the list of the "
        "WeChat console or of mode one (registered domains): https://console.example.org"
    )


@pytest.mark.parametrize(
    ("live", "effective", "body", "problem"),
    [
        ([LIVE, NEW], [LIVE], None, f"`get` does not show {NEW}, which this channel has configured"),
        (
            [LIVE],
            [LIVE],
            f'{{"errcode":0,"webviewdomain":["{LIVE}","{NEW}"]}}',
            f"`get` shows {NEW}, which no channel has configured",
        ),
        ([f"https://h{n}.example.com" for n in range(301)], None, None, "there are more than 300 domains"),
    ],
)
def test_an_answer_that_the_provider_does_not_expect_is_a_warning(
    examined, wechat_emulator, live, effective, body, problem
):
    """With the command that finds out more."""
    wechat_emulator.seed(APPID, live=live, effective=effective)
    wechat_emulator.switch(get_state="in-force")
    if body:
        wechat_emulator.fault(DOMAINS_PATH, body=body)

    found, texts = examined()

    assert found[4] == ("assumptions", "warning")
    assert texts[4] == (
        f"WeChat's answers contradict what the provider assumes: {problem}. A plan for this app may be "
        f"wrong. Unless the list was changed just now, run `wechat-miniprogram calibrate --app {APPID}` and "
        "report its findings."
    )


def test_a_live_value_that_cannot_be_declared_is_named_and_not_probed(examined, wechat_emulator):
    """A port: the provider would never write it."""
    wechat_emulator.seed(APPID, live=["https://a.example.com:8443"])

    found, texts = examined()

    assert found[2] == ("live-list", "warning")
    assert texts[2] == "1 of 300; these cannot be declared: https://a.example.com:8443"
    assert found[-1] == ("confirm-file", "ok")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ({"errcode": 40001}, [("token", "failed"), ("confirm-file", "skipped")]),
        ({"errcode": 61007}, [("token", "ok"), ("permission", "failed"), ("confirm-file", "skipped")]),
        ({"errcode": 61003}, [("token", "ok"), ("permission", "failed"), ("confirm-file", "skipped")]),
        (
            {"errcode": 89231},
            [("token", "ok"), ("permission", "ok"), ("live-list", "failed"), ("confirm-file", "ok")],
        ),
        ({"http_status": 502}, [("live-list", "failed"), ("confirm-file", "ok")]),
    ],
)
def test_a_failed_read_is_reported_at_the_stage_that_it_shows(examined, wechat_emulator, fault, found):
    """What an answer of WeChat proves on the way is ok; a gateway's proves nothing."""
    wechat_emulator.fault(DOMAINS_PATH, times=None, **fault)

    assert examined()[0] == found


def test_a_failed_read_of_what_is_in_force_is_a_stage_of_its_own(examined, wechat_emulator):
    """The live list was read before."""
    wechat_emulator.fault(EFFECTIVE_PATH, times=None, errcode=-1)

    found, texts = examined()

    assert found[2:4] == [("live-list", "ok"), ("in-force", "failed")]
    assert texts[3].startswith("read of the effective list for ")


def test_a_confirm_file_that_cannot_be_read_has_failed(examined, wechat_emulator):
    """No host is asked then."""
    wechat_emulator.fault(CONFIRM_FILE_PATH, times=None, errcode=-1)

    found, _ = examined()

    assert found[-1] == ("confirm-file", "failed")


def test_a_token_that_is_missing_fails_at_the_token(examined):
    """No call is made for it."""
    found, texts = examined(access_tokens={COMPONENT: "somebody-elses"})

    assert found == [("token", "failed"), ("confirm-file", "skipped")]
    assert texts[1] == "needs the token"


def test_a_refused_refresh_token_fails_at_the_token(examined):
    """In the component flow a call of its own gets the token."""
    found, texts = examined(
        access_tokens=None,
        component_appid=COMPONENT,
        component_appsecret=f"emulator-secret-{COMPONENT}",
        component_verify_ticket=f"emulator-ticket-{COMPONENT}",
        authorizer_refresh_tokens={APPID: "no-such-refresh-token"},
    )

    assert found == [("token", "failed"), ("confirm-file", "skipped")]
    assert "61023" in texts[0]


def test_an_app_that_left_and_is_to_be_kept_has_failed_too(opened, wechat_emulator):
    """`onUnauthorized: keep` is for stacks; here it is the finding."""
    said: list[str] = []
    settings, _ = opened(on_unauthorized="keep")
    reconciler = connect(settings, warn=said.append)
    wechat_emulator.fault(DOMAINS_PATH, times=None, errcode=61003)

    checks = list(check_app(reconciler, APPID))
    reconciler.close()

    assert [(check.name, check.status) for check in checks] == [
        ("permission", "failed"),
        ("confirm-file", "skipped"),
    ]
    assert "left the third-party platform" in checks[0].text


@pytest.fixture
def server_lists(opened, wechat_emulator):
    """Looks at the server domains of the app, after other checks."""

    def server_lists(*before, **keys):
        _, reconciler = opened(**keys)
        wechat_emulator.clear_calls()
        check = check_server_domains(reconciler, APPID, before)
        assert (check.name, check.appid) == ("server-lists", APPID)
        return check.status, check.text, [call.name for call in wechat_emulator.calls()]

    return server_lists


def test_server_domains_are_counted_by_kind(server_lists, wechat_emulator):
    """In one call; an app without any is sound."""
    assert server_lists() == ("ok", "none", ["get_effective_domain"])

    direct = {
        "requestdomain": ["https://a.example.com", "https://b.example.com"],
        "udpdomain": ["udp://u.net"],
    }
    wechat_emulator.seed(APPID, server={"direct": direct})

    assert server_lists()[:2] == ("ok", "2 of 200 `request`, 1 of 200 `udp`; 3 in force")


def test_server_domains_that_somebody_should_know_of_are_a_warning(server_lists, wechat_emulator):
    """The console's, and those that no program can declare."""
    lists = {"direct": {"requestdomain": ["https://*"]}, "mp": {"tcpdomain": ["tcp://t.example.com"]}}
    wechat_emulator.seed(APPID, server=lists)

    assert server_lists()[:2] == (
        "warning",
        "1 of 200 `request`; 2 in force; only on the list of the WeChat console or of mode one (registered "
        "domains): tcp tcp://t.example.com; these cannot be declared: request https://*",
    )


@pytest.mark.parametrize("stage", ["token", "permission"])
def test_server_domains_need_what_failed_before(server_lists, stage):
    """Nothing is asked."""
    assert server_lists(Check(stage, "failed", "")) == ("skipped", f"needs the {stage}", [])


def test_server_domains_that_cannot_be_read_have_failed(server_lists, wechat_emulator):
    """In the words of the error, or because the app left."""
    wechat_emulator.fault("get_effective_domain", errcode=45009)
    refused = server_lists(Check("live-list", "failed", ""))
    wechat_emulator.revoke(APPID)
    left = server_lists()

    assert (refused[0], "45009" in refused[1]) == ("failed", True)
    assert (left[0], "61003" in left[1]) == ("failed", True)


def test_server_domains_of_an_app_that_is_kept_have_failed_too(opened, wechat_emulator):
    """As the other findings of it."""
    said: list[str] = []
    settings, _ = opened(on_unauthorized="keep")
    wechat_emulator.fault("get_effective_domain", times=None, errcode=61003)
    with contextlib.closing(connect(settings, warn=said.append)) as reconciler:
        check = check_server_domains(reconciler, APPID, [])

    assert (check.status, check.text) == ("failed", "it left the third-party platform")
