"""Mode one, the platform's own lists and its confirm file, and prefetch domains, against the emulator."""

from __future__ import annotations

import json
import logging

import pytest

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    NothingChanged,
    OutcomeUnknown,
    TokenRejected,
    WeChatError,
)
from pulumi_wechat_miniprogram.wechat.tokens import open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID

A, B, X = "https://a.example.com", "https://b.example.com", "https://x.org"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
PATHS = {
    "webview": "/cgi-bin/component/modify_wxa_jump_domain",
    "server": "/cgi-bin/component/modify_wxa_server_domain",
}
FIELDS = {"webview": "wxa_jump_h5_domain", "server": "wxa_server_domain"}


def open_client(control, **given):
    """A client of the emulator that never sleeps."""
    settings = Settings(endpoint=control.url, **given)
    wire = Wire(settings, attempts=Attempts(4, sleep=lambda _: None), warn=print)
    return Client(wire, open_tokens(settings, wire, warn=print))


@pytest.fixture
def control(wechat_emulator):
    """An app of a platform whose lists have example.com; every host serves its file."""
    wechat_emulator.platform(jump_hosts=["example.com"], server_hosts=["example.com"])
    wechat_emulator.seed(APPID)
    wechat_emulator.clear_calls()
    return wechat_emulator


@pytest.fixture
def client(control):
    """With a ready token of the platform, and the refresh token of the app."""
    client = open_client(
        control,
        component_appid=COMPONENT,
        component_access_token=f"emulator-component-{COMPONENT}",
        authorizer_refresh_tokens={APPID: f"emulator-refresh-{APPID}"},
    )
    yield client
    client.close()


def made(control):
    """The calls to domains since the last look: the end of the path, and the action."""
    calls = [(call.path.rpartition("/")[2], call.action) for call in control.calls()]
    control.clear_calls()
    return [call for call in calls if call[0] != "api_authorizer_token"]


# --- mode one


@pytest.mark.parametrize(
    ("action", "before", "sent", "after"),
    [("add", [A], [B], (A, B)), ("delete", [A, B], [B], (A,)), ("set", [A], [B], (B,))],
)
def test_webview_domains_of_mode_one(control, client, action, before, sent, after):
    """They are read and written by its endpoint, always with an action, and mode two's list stays."""
    control.seed(APPID, live=[X], third=before)
    control.clear_calls()

    client.write(APPID, action, sent, channel="registered")

    assert (client.live(APPID, channel="registered"), client.live(APPID)) == (after, (X,))
    assert made(control) == [
        ("setwebviewdomain", action),
        ("setwebviewdomain", "get"),
        ("setwebviewdomain_directly", "get"),
    ]


def test_a_webview_domain_that_the_platform_does_not_list(client):
    """The error says where to add it."""
    with pytest.raises(WeChatError) as refused:
        client.write(APPID, "add", [X], channel="registered")

    assert refused.value.errcode == 89021
    assert str(refused.value).splitlines()[1:] == [
        "  Add the host to the third-party platform's own list first (ThirdPartyPlatformWebviewDomains).",
        f"  This concerns {X}.",
    ]


def test_server_domains_of_mode_one(control, client):
    """Kinds without entries are not sent. What the answer leaves out is in it."""
    control.seed(APPID, server={"direct": {"requestdomain": [X]}})

    answer = client.write_server_domains(
        APPID, "add", [f"request {A}", f"request {X}", "tcp tcp://t.example.com"], channel="registered"
    )

    state = client.server_domains(APPID)
    assert (state.third_domain.requestdomain, state.third_domain.tcpdomain) == (
        (A,),
        ("tcp://t.example.com",),
    )
    assert state.direct_domain.requestdomain == (X,)
    assert answer.refused == (X,)


def test_server_domains_that_the_platform_does_not_list(control, client):
    """An error of the whole call names them too, in WeChat's spelling, and says where to add them."""
    control.unfiled("example.com")
    sent = [f"request {X}", "socket wss://x.org", f"upload {A}", f"download {A}"]

    with pytest.raises(WeChatError) as refused:
        client.write_server_domains(APPID, "add", sent, channel="registered")

    assert (refused.value.errcode, refused.value.refused) == (85303, (X, "wss://x.org", A))
    assert 'With channel="registered": add the host to the third-party platform' in str(refused.value)
    assert str(refused.value).splitlines()[-1] == f"  WeChat refused {X}, wss://x.org, {A}."


@pytest.mark.parametrize("listed", ['["https://x.org\\n::error::"]', "5"])
def test_what_an_error_names_is_shown_in_one_line(control, client, listed):
    """A field that is not as documented is none, and leaves the error what it is."""
    body = f'{{"errcode": 85301, "errmsg": "no", "invalid_requestdomain": {listed}}}'
    control.fault("/wxa/modify_domain", body=body)

    with pytest.raises(WeChatError, match=r"refused: no \(85301\)") as refused:
        client.write_server_domains(APPID, "add", [f"request {X}"], channel="registered")

    assert str(refused.value).splitlines()[2:] == [
        r"  WeChat refused https://x.org\n::error::."
        if "x.org" in listed
        else (f"  This concerns request {X}.")
    ]


# --- the platform's lists


@pytest.mark.parametrize("of", PATHS)
@pytest.mark.parametrize(
    ("fields", "testing", "published"),
    [
        ({"testing": ""}, (), None),
        ({"testing": "", "published": ""}, (), ()),
        ({"testing": "a.com;https://b.com", "published": "a.com"}, ("a.com", "https://b.com"), ("a.com",)),
        ({"testing": "a.com; b.com\nc.com ;", "published": None}, ("a.com", "b.com", "c.com"), None),
        ({"testing": None, "published": "a.com"}, (), ("a.com",)),
        ({"testing": ["a.com"], "published": ["b.com"]}, ("a.com",), ("b.com",)),
        ({"testing": "a.com", "errcode": 0, "errmsg": "ok"}, ("a.com",), None),
    ],
)
def test_the_platforms_hosts_are_read_as_wechat_spells_them(control, client, of, fields, testing, published):
    """With or without an errcode. A list that is absent is that of a platform that is not published."""
    body = {f"{name}_{FIELDS[of]}" if name[:3] != "err" else name: value for name, value in fields.items()}
    control.fault(PATHS[of], body=json.dumps(body))

    hosts = client.platform_hosts(COMPONENT, of)

    assert (hosts.testing, hosts.published, hosts.invalid) == (testing, published, ())


@pytest.mark.parametrize(
    "body", ["{}", '{"errcode": 0, "errmsg": "ok"}', '{"testing_wxa_server_domain": ""}']
)
def test_an_answer_without_the_platforms_list_is_not_an_empty_one(control, client, body):
    """A gateway may have answered, or another call's answer came back."""
    control.fault(PATHS["webview"], times=4, body=body)

    with pytest.raises(BadReply, match="a field of this call's answer"):
        client.platform_hosts(COMPONENT, "webview")


@pytest.mark.parametrize("of", PATHS)
@pytest.mark.parametrize("publish", [True, False])
def test_the_platforms_hosts_are_written(control, client, of, publish):
    """As one text, to the testing list or to both, with the platform's token."""
    added = client.write_platform_hosts(COMPONENT, of, "add", ["a.net", "b.net"], publish=publish)
    deleted = client.write_platform_hosts(COMPONENT, of, "delete", ["a.net", "nowhere.net"], publish=publish)

    both = ("example.com", "a.net", "b.net"), ("example.com", "b.net")
    assert (added.testing, deleted.testing) == both
    assert (added.published, deleted.published) == (both if publish else (("example.com",),) * 2)
    assert [(call.path, call.action, call.domains, call.appid) for call in control.calls()] == [
        (PATHS[of], "add", ("a.net", "b.net"), COMPONENT),
        (PATHS[of], "delete", ("a.net", "nowhere.net"), COMPONENT),
    ]


def test_a_host_that_was_left_out_is_in_the_answer(client):
    """Although it reports success."""
    hosts = client.write_platform_hosts(COMPONENT, "server", "add", ["a.net", "192.0.2.1"], publish=False)

    assert (hosts.testing, hosts.invalid, hosts.refused) == (
        ("example.com", "a.net"),
        ("192.0.2.1",),
        ("192.0.2.1",),
    )


@pytest.mark.parametrize("of", PATHS)
def test_an_invalid_host_is_named(control, client, of):
    """9410016 is about the whole call; the answer blames some of its hosts."""
    control.switch(platform_invalid="error")

    with pytest.raises(WeChatError) as refused:
        client.write_platform_hosts(COMPONENT, of, "add", ["a.net", "192.0.2.1", "-"], publish=False)

    assert (refused.value.errcode, refused.value.refused) == (9410016, ("192.0.2.1", "-"))
    assert str(refused.value).splitlines()[-1] == "  WeChat refused 192.0.2.1, -."


def test_a_platform_that_is_not_published(control, client):
    """The error is distinguished by its code; nothing was changed."""
    control.platform(published=False)

    with pytest.raises(WeChatError, match="61028") as refused:
        client.write_platform_hosts(COMPONENT, "webview", "add", ["a.net"], publish=True)

    assert "change only its testing list" in str(refused.value)
    assert client.platform_hosts(COMPONENT, "webview").testing == ()
    hosts = client.write_platform_hosts(COMPONENT, "webview", "add", ["a.net"], publish=False)
    assert (hosts.testing, hosts.published) == (("a.net",), None)


def test_a_missing_confirm_file_of_the_platform(control, client):
    """-1 may mean that; it is the platform's file, not an app's."""
    control.trust()

    with pytest.raises(WeChatError) as refused:
        client.write_platform_hosts(COMPONENT, "webview", "add", ["a.net"], publish=False)

    assert (refused.value.errcode, refused.value.in_doubt) == (-1, True)
    assert str(refused.value).splitlines()[1:] == [
        "  WeChat also returns this code if a host does not serve the platform's confirm file. Serve the "
        "file of ThirdPartyPlatformConfirmFile, not that of an app, at the root of each new host, then run "
        "the command again."
    ]


@pytest.mark.parametrize(("of", "action"), [("server", "add"), ("webview", "delete")])
def test_no_confirm_file_is_asked_for(control, client, of, action):
    """Where WeChat looks for none, -1 is not explained by one."""
    control.fault(PATHS[of], errcode=-1)

    with pytest.raises(WeChatError) as refused:
        client.write_platform_hosts(COMPONENT, of, action, ["example.com"], publish=False)

    assert "ThirdPartyPlatformConfirmFile" not in str(refused.value)


def test_an_existing_host_may_be_refused(control, client):
    """By a code that is success once an observation confirms it."""
    control.switch(platform_add_existing="error")

    with pytest.raises(NothingChanged):
        client.write_platform_hosts(COMPONENT, "server", "add", ["example.com"], publish=False)


def test_the_platforms_confirm_file(control, client):
    """It is not that of an app."""
    file = client.platform_confirm_file(COMPONENT)

    assert (len(file.file_name), len(file.file_content)) == (14, 32)
    assert file != client.confirm_file(APPID)


def test_a_rejected_token_of_the_platform(control, client):
    """The advice is about that token, and not about an app's."""
    control.end_tokens(COMPONENT, "component_access_token")
    client.platform_confirm_file(COMPONENT)
    control.end_tokens(COMPONENT, "component_access_token")

    with pytest.raises(TokenRejected) as rejected:
        client.platform_confirm_file(COMPONENT)

    assert str(rejected.value).splitlines()[1:] == [
        "  This error concerns the platform's own token: give a current component_access_token, and check "
        "that nothing else renewed it."
    ]


# --- prefetch domains


def test_prefetch_domains(control, client):
    """They are read by GET, and replaced as a whole."""
    before = client.prefetch_hosts(APPID)

    client.write_prefetch_hosts(APPID, ["a.example.com", "b.example.com"])
    client.write_prefetch_hosts(APPID, ["c.example.com"])

    after = client.prefetch_hosts(APPID)
    assert [(each.hosts, each.size_limit) for each in (before, after)] == [((), 5), (("c.example.com",), 5)]
    assert [call.method for call in control.calls() if "prefetch" in call.path] == [
        "GET",
        "POST",
        "POST",
        "GET",
    ]


@pytest.mark.parametrize(
    ("body", "hosts", "limit"),
    [
        ('{"prefetch_dns_domain": [{"url": "a.com", "status": "0"}], "size_limit": 9}', ("a.com",), 9),
        ('{"errcode": "0", "prefetch_dns_domain": null, "size_limit": 5}', (), 5),
        ('{"errcode": 0, "errmsg": "ok", "size_limit": 5}', (), 5),
        ('{"prefetch_dns_domain": []}', (), 5),
    ],
)
def test_prefetch_domains_are_read_in_every_shape(control, client, body, hosts, limit):
    """Without a limit it is the documented one."""
    control.fault("get_prefetchdnsdomain", body=body)

    found = client.prefetch_hosts(APPID)

    assert (found.hosts, found.size_limit) == (hosts, limit)


@pytest.mark.parametrize(
    "body",
    [
        '{"errcode": 0, "errmsg": "ok"}',
        '{"prefetch_dns_domain": [{"host": "a.com"}]}',
        '{"prefetch_dns_domain": ["a.com", 5]}',
        '{"prefetch_dns_domain": "a.com"}',
    ],
)
def test_prefetch_domains_that_cannot_be_read(control, client, body):
    """They are not taken for an empty list, which the next write would make of them."""
    control.fault("get_prefetchdnsdomain", times=4, body=body)

    with pytest.raises(BadReply):
        client.prefetch_hosts(APPID)


@pytest.mark.parametrize(
    ("hosts", "errcode", "text"),
    [
        ([f"h{n}.net" for n in range(6)], 9420002, "too many prefetch hosts"),
        (["192.0.2.1", "a.net"], 9420001, "This concerns at least one of 192.0.2.1, a.net."),
    ],
)
def test_refused_prefetch_domains(client, hosts, errcode, text):
    """The number, or which hosts there were."""
    with pytest.raises(WeChatError, match=text) as refused:
        client.write_prefetch_hosts(APPID, hosts)

    assert refused.value.errcode == errcode


# --- all writes

WRITES = {
    "mode one": lambda client: client.write(APPID, "add", [A], channel="registered"),
    "servers": lambda client: client.write_server_domains(
        APPID, "add", [f"request {A}"], channel="registered"
    ),
    "platform": lambda client: client.write_platform_hosts(
        COMPONENT, "server", "add", ["a.net"], publish=False
    ),
    "prefetch": lambda client: client.write_prefetch_hosts(APPID, ["a.net"]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    "fault", [{"errcode": 86102}, {"errcode": 45104}, {"errcode": 9420000}, {"cut": "after"}]
)
def test_a_write_goes_out_once(control, client, write, fault):
    """What is used up for the month, and what may have had its effect."""
    client.live(APPID)
    control.clear_calls()
    control.fault(**fault)

    with pytest.raises((WeChatError, OutcomeUnknown)) as failed:
        write(client)

    assert failed.value.call.is_write
    assert len(made(control)) == 1


def test_the_log_has_the_method(control, client, caplog):
    """And no token, also where it is the platform's."""
    with caplog.at_level(logging.DEBUG):
        client.prefetch_hosts(APPID)
        client.platform_hosts(COMPONENT, "server")

    lines = [json.loads(r.message) for r in caplog.records if r.name == "pulumi_wechat_miniprogram.calls"]
    assert [(line["method"], line["action"]) for line in lines[1:]] == [
        ("GET", "read of the prefetch hosts"),
        ("POST", "read of the platform's server hosts"),
    ]
    assert "emulator-component" not in caplog.text


def test_prefetch_domains_are_not_replaced_again_with_a_new_token(control, client):
    """The list may have changed in between; the error says that there is another token by now."""
    client.live(APPID)
    control.end_tokens(APPID, becomes="invalid")
    control.clear_calls()

    with pytest.raises(TokenRejected) as rejected:
        client.write_prefetch_hosts(APPID, ["a.net"])

    assert rejected.value.renewed
    assert made(control) == [("set_prefetchdnsdomain", None)]
