"""Webview domains in mode one, the platform's own lists that bind them, and what a release drops."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import APPID
from tests.emulator.flow import Flow

PATH = "/wxa/setwebviewdomain"
A, B, C = (f"https://{name}.example.com" for name in "abc")


@pytest.fixture
def control(wechat_emulator):
    """An app with one domain of mode one, of a platform that lists example.com and shop.org."""
    wechat_emulator.platform(jump_hosts=["example.com", "shop.org"])
    wechat_emulator.seed(APPID, third=[A])
    return wechat_emulator


@pytest.fixture
def flow(control, wechat):
    """The platform's calls."""
    return Flow(control, wechat)


@pytest.fixture
def call(control, wechat):
    """Calls the endpoint of mode one: its code, and the list after it."""

    def call(action, *values):
        sent = {"action": action, "webviewdomain": list(values)}
        answer = wechat.call(control.url, PATH, sent)
        return answer["errcode"], list(control.state(APPID).third)

    return call


@pytest.mark.parametrize(
    ("action", "sent", "errcode", "third"),
    [
        ("add", [B], 0, [A, B]),
        ("add", ["https://x.shop.org"], 0, [A, "https://x.shop.org"]),
        ("add", ["https://shop.org"], 0, [A, "https://shop.org"]),
        ("add", [A, B], 0, [A, B]),
        ("set", [B], 0, [B]),
        ("delete", [A], 0, []),
        ("add", [A], 89019, [A]),
        ("set", [A], 89019, [A]),
        ("add", ["b.example.com"], 89021, [A]),
        ("add", ["http://b.example.com"], 89021, [A]),
        ("add", ["https://b.example.com:8443"], 89021, [A]),
        ("add", ["https://shop.com"], 89021, [A]),
        ("add", ["https://notexample.com"], 89021, [A]),
        ("add", [B, "https://shop.com"], 89021, [A]),
        ("delete", [B], 89022, [A]),
    ],
)
def test_the_platforms_list_binds_the_app(call, action, sent, errcode, third):
    """Its hosts and those below them, with https:// and nothing more."""
    assert call(action, *sent) == (errcode, third)


def test_get_shows_the_list_of_mode_one(control, wechat):
    """Not the other lists, and not the platform's."""
    control.seed(APPID, live=[B], mp=[C], third=[A])

    answer = wechat.call(control.url, PATH, {"action": "get"})

    assert answer == {"errcode": 0, "errmsg": "ok", "webviewdomain": [A]}


def test_without_an_action_all_that_the_platform_lists_is_added(control, wechat):
    """The one endpoint where the action may be left out; a second time nothing changes."""
    first = wechat.call(control.url, PATH, {})
    second = wechat.call(control.url, PATH, {})

    assert (first["errcode"], second["errcode"]) == (0, 89019)
    assert control.state(APPID).third == (A, "https://example.com", "https://shop.org")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"action": "replace", "webviewdomain": []}, 40097),
        ({"action": None}, 40097),
        ({"action": "add", "webviewdomain": '["https://b.example.com"]'}, 89021),
        ({"action": "add"}, 89021),
        ({"action": "add", "webviewdomain": [1]}, 89021),
        ({"action": "add", "webviewdomain": [B, B]}, 0),
    ],
)
def test_a_wrong_body(control, wechat, body, errcode):
    """A list that came as text is treated as a domain that is not listed."""
    assert wechat.call(control.url, PATH, body)["errcode"] == errcode


def test_duplicates_are_refused_by_the_switch(control, call):
    """The switch is for every way."""
    control.switch(duplicates="error")

    assert call("add", B, B)[0] == 40097


def test_the_platform_must_list_something(control, call):
    """Until it does, no write is possible."""
    control.platform()

    assert call("add", B) == (89020, [A])
    assert call("delete", A) == (89020, [A])


def test_three_hundred_domains_and_no_more(call):
    """As in mode two."""
    names = [f"https://h{n}.example.com" for n in range(301)]

    assert call("set", *names[:300])[0] == 0
    assert call("add", names[300])[0] == 89029


def test_a_person_has_no_webview_domains(control, call):
    """Also where the switch for mode two allows it."""
    control.seed(APPID, subject="personal", third=[A])
    control.switch(personal_owner="accept")

    assert call("get")[0] == 89231


def test_what_is_in_force(control, call):
    """A new domain waits for a release; one that is sent again stays in force; a deleted one is out immediately."""
    call("add", A, B)
    waiting = control.effective(APPID)
    control.release(APPID)
    released = control.effective(APPID)
    call("delete", A)

    assert (waiting, released, control.effective(APPID)) == ([A], [A, B], [B])


def test_a_set_starts_domains_over(control, call):
    """As in mode two: what it names is out of force until the next release."""
    call("set", A, B)

    assert control.effective(APPID) == []


def test_a_release_drops_what_the_platform_no_longer_lists(control, flow):
    """Mode one's domains and the console's; not those of mode two."""
    control.seed(APPID, live=["https://direct.net"], mp=["https://console.net", B], third=[A])

    control.release(APPID)

    assert control.state(APPID).third == (A,)
    assert control.state(APPID).mp == (B,)
    assert control.effective(APPID) == ["https://direct.net", B, A]


def test_an_app_that_does_not_use_mode_one_loses_nothing(control):
    """The console's domains stay."""
    control.seed(APPID, live=["https://direct.net"], mp=["https://console.net"])

    control.release(APPID)

    assert control.effective(APPID) == ["https://direct.net", "https://console.net"]


# --- the platform's list


def modify(flow, action, *hosts, **more):
    """The answer of modify_wxa_jump_domain."""
    return flow.ask("modify_wxa_jump_domain", action=action, wxa_jump_h5_domain=";".join(hosts), **more)


def test_the_list_for_testing_and_the_published_one(flow):
    """A change is made on the list for testing alone, unless it says: on both."""
    testing = modify(flow, "add", "a.net")
    both = modify(flow, "add", "b.net", is_modify_published_together=True)

    assert testing == {
        "errcode": 0,
        "errmsg": "ok",
        "published_wxa_jump_h5_domain": "example.com;shop.org",
        "testing_wxa_jump_h5_domain": "example.com;shop.org;a.net",
    }
    assert both["published_wxa_jump_h5_domain"] == "example.com;shop.org;b.net"
    assert both["testing_wxa_jump_h5_domain"] == "example.com;shop.org;a.net;b.net"


def test_apps_of_a_published_platform_are_bound_by_its_published_list(flow, call):
    """What is listed for testing only is refused to them."""
    modify(flow, "add", "a.net")

    assert call("add", "https://a.net")[0] == 89021


def test_apps_of_an_unpublished_platform_are_bound_by_its_list_for_testing(control, flow, call):
    """Which is the only one that it has."""
    control.platform(published=False)
    answer = modify(flow, "set", "a.net")

    assert answer == {"errcode": 0, "errmsg": "ok", "testing_wxa_jump_h5_domain": "a.net"}
    assert call("add", "https://a.net")[0] == 0


@pytest.mark.parametrize(
    ("action", "hosts", "testing"),
    [
        ("delete", ["shop.org"], "example.com"),
        ("delete", ["nowhere.net"], "example.com;shop.org"),
        ("set", ["a.net", "b.net"], "a.net;b.net"),
        ("add", ["shop.org", "a.net"], "example.com;shop.org;a.net"),
        ("add", ["a.net", "a.net"], "example.com;shop.org;a.net"),
    ],
)
def test_writes_on_the_platforms_list(flow, action, hosts, testing):
    """A delete of what is not there succeeds."""
    answer = modify(flow, action, *hosts)

    assert (answer["errcode"], answer["testing_wxa_jump_h5_domain"]) == (0, testing)


def test_invalid_hosts_are_named(flow):
    """The others are taken; where none is left, nothing is."""
    some = modify(flow, "add", "a.net", "192.0.2.1", "b.net/path")
    none = modify(flow, "add", "bad_host")

    assert some["testing_wxa_jump_h5_domain"] == "example.com;shop.org;a.net"
    assert some["invalid_wxa_jump_h5_domain"] == "192.0.2.1;b.net/path"
    assert (none.pop("errcode"), none.pop("errmsg")[:14]) == (9410016, "invalid domain")
    assert none == {"invalid_wxa_jump_h5_domain": "bad_host"}


@pytest.mark.parametrize("sent", ["a.net\nb.net", "a.net;\r\nb.net", "\na.net; \nb.net"])
def test_nothing_after_a_line_break_counts(flow, sent):
    """As users saw who sent one host on each line."""
    assert modify(flow, "set", sent)["testing_wxa_jump_h5_domain"] == "a.net"


@pytest.mark.parametrize("sent", ["a.net,b.net", "a.net b.net"])
def test_hosts_are_separated_by_semicolons_alone(flow, sent):
    """Anything else makes one invalid host of them."""
    assert modify(flow, "set", sent)["errcode"] == 9410016


@pytest.mark.parametrize(
    "body", [{"action": "add"}, {"action": "add", "wxa_jump_h5_domain": ["a.net"]}, {"action": "join"}, {}]
)
def test_a_wrong_body_on_the_platforms_list(flow, body):
    """The hosts are one text, parted by semicolons."""
    assert flow.ask("modify_wxa_jump_domain", **body)["errcode"] == 40097


def test_the_platforms_list_has_a_limit(flow):
    """Three hundred hosts, on either list."""
    names = [f"h{n}.net" for n in range(301)]

    assert modify(flow, "set", *names[:300])["errcode"] == 0
    assert modify(flow, "add", names[300])["errcode"] == 65316
    assert modify(flow, "set", *names)["errcode"] == 65316


def test_a_platforms_host_serves_the_platforms_file(control, flow):
    """Which is not an app's; a host that is not trusted has none."""
    control.trust("a.net")
    file = flow.ask("get_domain_confirmfile")

    assert set(file) == {"errcode", "errmsg", "file_name", "file_content"}
    assert (len(file["file_name"]), len(file["file_content"])) == (14, 32)
    assert file["file_name"] != control.state(APPID).file_name
    assert modify(flow, "add", "a.net")["errcode"] == 0
    assert modify(flow, "add", "b.net")["errcode"] == -1
    assert modify(flow, "delete", "b.net")["errcode"] == 0


def test_the_request_log_has_the_hosts(control, flow):
    """One by one, and whether the write was applied."""
    modify(flow, "add", "a.net", "b.net")

    call = control.calls()[-1]
    assert (call.name, call.action, call.domains, call.applied) == (
        "modify_wxa_jump_domain",
        "add",
        ("a.net", "b.net"),
        True,
    )
