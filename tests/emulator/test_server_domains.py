"""Server domains of six kinds, in both modes, and the hosts whose DNS is looked up beforehand."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import APPID
from tests.emulator.flow import Flow

LISTED, DIRECT = "/wxa/modify_domain", "/wxa/modify_domain_directly"
KINDS = ("requestdomain", "wsrequestdomain", "uploaddomain", "downloaddomain", "udpdomain", "tcpdomain")
NONE: dict[str, list[str]] = {kind: [] for kind in KINDS}
LEFT_OUT: dict[str, list[str]] = {**{f"invalid_{kind}": [] for kind in KINDS}, "no_icp_domain": []}
A, B = "https://a.example.com", "https://b.example.com"
MONTH = 31 * 86400


@pytest.fixture
def control(wechat_emulator):
    """An app with one request domain in each mode, of a platform that lists example.com."""
    wechat_emulator.platform(server_hosts=["example.com"])
    seeded = {"direct": {"requestdomain": [A]}, "third": {"requestdomain": [A]}, "mp": {"udpdomain": []}}
    wechat_emulator.seed(APPID, server=seeded)
    return wechat_emulator


@pytest.fixture
def direct(control, wechat):
    """Calls the endpoint of mode two."""
    return lambda action, **lists: wechat.call(control.url, DIRECT, {"action": action, **lists})


@pytest.fixture
def listed(control, wechat):
    """Calls the endpoint of mode one."""
    return lambda action, **lists: wechat.call(control.url, LISTED, {"action": action, **lists})


@pytest.fixture
def effective(control, wechat):
    """Calls get_effective_domain."""
    return lambda: wechat.call(control.url, "/wxa/get_effective_domain", {})


# --- mode two


def test_mode_two_has_six_lists(direct):
    """A write answers with the lists as they are then; a get as well."""
    written = direct(
        "add",
        wsrequestdomain=["wss://b.example.com"],
        tcpdomain=["tcp://t.net:900"],
        udpdomain=["udp://u.net"],
    )

    assert written == {
        "errcode": 0,
        "errmsg": "ok",
        **NONE,
        **LEFT_OUT,
        "requestdomain": [A],
        "wsrequestdomain": ["wss://b.example.com"],
        "tcpdomain": ["tcp://t.net:900"],
        "udpdomain": ["udp://u.net"],
    }
    assert direct("get") == written


@pytest.mark.parametrize(
    ("action", "lists", "after"),
    [
        ("set", {"requestdomain": [B]}, {"requestdomain": [B]}),
        ("set", {"requestdomain": [B + ":8443"], "uploaddomain": []}, {"requestdomain": [B + ":8443"]}),
        ("set", {"uploaddomain": [B]}, {"requestdomain": [A], "uploaddomain": [B]}),
        ("add", {"requestdomain": [A, B, B]}, {"requestdomain": [A, B]}),
        ("delete", {"requestdomain": [A, B]}, {}),
    ],
)
def test_writes_in_mode_two(direct, action, lists, after):
    """A kind that is not sent stays as it is."""
    answer = direct(action, **lists)

    assert answer == {"errcode": 0, "errmsg": "ok", **NONE, **LEFT_OUT, **after}


@pytest.mark.parametrize(
    ("lists", "errcode"),
    [
        ({}, 85017),
        ({"requestdomain": []}, 85017),
        ({"requestdomain": "https://b.example.com"}, 40097),
        ({"requestdomain": ["b.example.com"]}, 86100),
        ({"requestdomain": ["wss://b.example.com"]}, 86100),
        ({"wsrequestdomain": ["https://b.example.com"]}, 86100),
        ({"downloaddomain": ["https://b.example.com/path"]}, 86100),
        ({"requestdomain": ["https://b.example.com:x"]}, 86100),
        ({"requestdomain": ["https://192.0.2.1"]}, 86100),
        ({"requestdomain": ["https://api.weixin.qq.com"]}, 86101),
        ({"requestdomain": [B, "https://x.unfiled.net"]}, 45082),
        ({"requestdomain": [f"https://h{n}.net" for n in range(200)]}, 85016),
        (
            {
                kind: [f"{scheme}://h{n}.net" for n in range(199)]
                for kind, scheme in (
                    ("requestdomain", "https"),
                    ("wsrequestdomain", "wss"),
                    ("uploaddomain", "https"),
                    ("downloaddomain", "https"),
                    ("udpdomain", "udp"),
                    ("tcpdomain", "tcp"),
                )
            },
            85016,
        ),
    ],
)
def test_a_write_in_mode_two_is_refused(control, direct, lists, errcode):
    """All of it: nothing is changed."""
    control.unfiled("unfiled.net")

    assert direct("add", **lists)["errcode"] == errcode
    assert direct("get")["requestdomain"] == [A]


def test_two_hundred_of_a_kind_and_a_thousand_in_all(direct):
    """The limits are still allowed, in one write."""
    schemes = {"requestdomain": "https", "wsrequestdomain": "wss", "uploaddomain": "https"}
    schemes |= {"downloaddomain": "https", "udpdomain": "udp"}
    full = {kind: [f"{scheme}://h{n}.net" for n in range(200)] for kind, scheme in schemes.items()}

    assert direct("set", **full)["errcode"] == 0
    assert direct("add", tcpdomain=["tcp://t.net"])["errcode"] == 85016


def test_a_delete_in_mode_two_takes_any_value(control, direct):
    """Also one that an `add` would refuse."""
    control.seed(APPID, server={"direct": {"requestdomain": ["odd one", A]}})

    assert direct("delete", requestdomain=["odd one"])["requestdomain"] == [A]


def test_fifty_changes_a_month(control, direct, listed):
    """In both modes together; a get is none, nor is a refused write; the next month begins anew."""
    for n in range(49):
        direct("set", requestdomain=[f"https://h{n}.net"])
    direct("get")
    direct("add", requestdomain=["bad"])
    last = listed("add", requestdomain=[B])["errcode"]
    refused = direct("set", requestdomain=[A])["errcode"], listed("add", uploaddomain=[B])["errcode"]
    control.advance(MONTH)

    assert (last, refused) == (0, (86102, 86102))
    assert direct("set", requestdomain=[A])["errcode"] == 0


# --- mode one


def test_mode_one_names_what_it_leaves_out(control, listed):
    """Invalid and unlisted values by kind, unfiled ones in one list; the rest is taken."""
    control.unfiled("c.example.com")
    answer = listed(
        "add",
        requestdomain=[B, "https://elsewhere.net", "http://x.example.com", "https://c.example.com"],
        tcpdomain=["tcp://t.example.com"],
    )

    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        **NONE,
        "requestdomain": [A, B],
        "tcpdomain": ["tcp://t.example.com"],
        **{f"invalid_{kind}": [] for kind in KINDS},
        "invalid_requestdomain": ["https://elsewhere.net", "http://x.example.com"],
        "no_icp_domain": ["https://c.example.com"],
    }


@pytest.mark.parametrize("sent", ["https://c.example.com", "wss://https://c.example.com"])
def test_an_error_in_mode_one_has_empty_lists(listed, sent):
    """The text is long, and the lists stand in the answer; a socket domain is shown with its scheme."""
    answer = listed("add", wsrequestdomain=[sent])

    text, _, rid = answer.pop("errmsg").partition(" rid: ")
    assert answer == {
        "errcode": 85301,
        **NONE,
        **{f"invalid_{kind}": [] for kind in KINDS},
        "invalid_wsrequestdomain": ["wss://https://c.example.com"],
        "no_icp_domain": [],
    }
    assert text == (
        "no domain to modify after filtered, please confirm the domain has been set in miniprogram or open, "
        "and follows the rule of domains"
    )
    assert len(rid) == 26


@pytest.mark.parametrize(
    ("lists", "errcode"),
    [
        ({}, 85017),
        ({"requestdomain": [A]}, 85301),
        ({"requestdomain": ["https://elsewhere.net"]}, 85301),
        ({"requestdomain": ["https://c.example.com"]}, 85302),
        ({"requestdomain": ["https://c.example.com", "bad"]}, 85303),
        ({"requestdomain": [f"https://h{n}.example.com" for n in range(200)]}, 85016),
    ],
)
def test_a_write_in_mode_one_is_refused(control, listed, lists, errcode):
    """Where nothing is left to change, and where there would be too many."""
    control.unfiled("c.example.com")

    assert listed("add", **lists)["errcode"] == errcode
    assert listed("get")["requestdomain"] == [A]


def test_a_delete_in_mode_one_asks_no_list(control, listed):
    """What the platform no longer lists can be taken out."""
    control.platform()

    assert listed("delete", requestdomain=[A])["requestdomain"] == []


def test_duplicates_are_refused_by_the_switch(control, direct, listed):
    """In mode two. Mode one takes them for one domain, as staff say."""
    control.switch(duplicates="error")

    assert direct("add", requestdomain=[B, B])["errcode"] == 40097
    assert listed("add", requestdomain=[B, B])["requestdomain"] == [A, B]


@pytest.mark.parametrize("path", [LISTED, DIRECT])
@pytest.mark.parametrize("body", [{}, {"action": "replace"}, {"action": ["get"]}])
def test_an_action_is_needed(control, wechat, path, body):
    """One of four."""
    assert wechat.call(control.url, path, body)["errcode"] == 40097


def test_a_person_may_have_server_domains(control, direct):
    """Only webview domains are closed to a personal Mini Program."""
    control.seed(APPID, subject="personal")

    assert direct("add", requestdomain=[B])["errcode"] == 0


# --- what is in force


def test_the_four_ways_of_looking(control, effective):
    """The console's, mode one's, mode two's, and what is in force."""
    ways = {
        "mp": {"tcpdomain": ["tcp://m.net"]},
        "direct": {"requestdomain": [A]},
        "third": {"requestdomain": [B]},
    }
    control.seed(APPID, server=ways)

    assert effective() == {
        "errcode": 0,
        "errmsg": "ok",
        "mp_domain": {**NONE, "tcpdomain": ["tcp://m.net"]},
        "third_domain": {**NONE, "requestdomain": [B]},
        "direct_domain": {**NONE, "requestdomain": [A]},
        "effective_domain": {**NONE, "requestdomain": [A, B], "tcpdomain": ["tcp://m.net"]},
    }


def test_a_new_server_domain_waits_for_a_release(control, direct, effective):
    """And a deleted one is out immediately, unless it is configured in another way too."""
    direct("add", requestdomain=[B])
    waiting = effective()["effective_domain"]["requestdomain"]
    control.release(APPID)
    released = effective()["effective_domain"]["requestdomain"]
    direct("delete", requestdomain=[A, B])

    assert (waiting, released) == ([A], [A, B])
    assert effective()["effective_domain"]["requestdomain"] == [A]


def test_a_release_drops_unlisted_server_domains(control, effective):
    """Those of mode one and of the console, where mode one is used."""
    ways = {"mp": {"tcpdomain": ["tcp://m.net"]}, "direct": {"requestdomain": ["https://d.net"]}}
    control.seed(APPID, server={**ways, "third": {"requestdomain": [A, "https://t.net"]}})

    control.release(APPID)

    shown = effective()
    assert shown["third_domain"]["requestdomain"] == [A]
    assert shown["mp_domain"]["tcpdomain"] == []
    assert shown["effective_domain"] == {**NONE, "requestdomain": ["https://d.net", A]}


# --- the platform's list


def modify(flow, action, *hosts, **more):
    """The answer of modify_wxa_server_domain."""
    return flow.ask("modify_wxa_server_domain", action=action, wxa_server_domain=";".join(hosts), **more)


def test_the_platforms_list_of_servers(control, wechat, listed):
    """No confirm file is asked for; what it lists may be configured by its apps."""
    control.trust()
    flow = Flow(control, wechat)

    answer = modify(flow, "add", "b.net", is_modify_published_together=True)

    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "published_wxa_server_domain": "example.com;b.net",
        "testing_wxa_server_domain": "example.com;b.net",
    }
    assert listed("add", requestdomain=["https://x.b.net"])["errcode"] == 0


def test_the_platforms_list_of_servers_has_limits(control, wechat):
    """A thousand hosts, and fifty changes a month."""
    flow = Flow(control, wechat)
    names = [f"h{n}.net" for n in range(1001)]
    sizes = [modify(flow, "set", *names[:count])["errcode"] for count in (1000, 1001)]
    codes = [modify(flow, "delete", "nowhere.net")["errcode"] for _ in range(50)]
    got = modify(flow, "get")

    assert sizes == [0, 65316]
    assert codes == [*[0] * 49, 45104]
    assert "errcode" not in got


# --- prefetch


def prefetch(control, wechat, *hosts):
    """The code of a set."""
    sent = {"prefetch_dns_domain": [{"url": host} for host in hosts]}
    return wechat.call(control.url, "/wxa/set_prefetchdnsdomain", sent)["errcode"]


def test_prefetch_hosts_are_replaced_as_a_whole(control, wechat):
    """And read by GET."""
    prefetch(control, wechat, "a.net", "b.net")
    prefetch(control, wechat, "c.net")

    answer = wechat.raw(control.url, "/wxa/get_prefetchdnsdomain", b"", method="GET").json()

    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "prefetch_dns_domain": [{"url": "c.net", "status": 0}],
        "size_limit": 5,
    }


@pytest.mark.parametrize(
    ("hosts", "errcode"),
    [
        ([f"h{n}.net" for n in range(5)], 0),
        ([f"h{n}.net" for n in range(6)], 9420002),
        (["https://a.net"], 9420001),
        (["192.0.2.1"], 9420001),
        (["X.unfiled.net"], 9420001),
        ([], 0),
    ],
)
def test_prefetch_hosts_have_rules(control, wechat, hosts, errcode):
    """Five bare hosts with a filing."""
    control.unfiled("unfiled.net")

    assert prefetch(control, wechat, *hosts) == errcode


@pytest.mark.parametrize("sent", [None, {}, ["a.net"], [{"url": 1}], [{}], "a.net"])
def test_prefetch_hosts_are_a_list_of_objects(control, wechat, sent):
    """Each with a url."""
    answer = wechat.call(control.url, "/wxa/set_prefetchdnsdomain", {"prefetch_dns_domain": sent})

    assert answer["errcode"] == 40097


@pytest.mark.parametrize("item", [{"url": "a.net", "status": 0}, {"url": "a.net", "x": None}])
def test_a_prefetch_host_has_no_other_member(control, wechat, item):
    """Although the answer has one."""
    answer = wechat.call(control.url, "/wxa/set_prefetchdnsdomain", {"prefetch_dns_domain": [item]})

    assert answer["errcode"] == 47001


def test_prefetch_hosts_change_fifty_times_a_month(control, wechat):
    """Then no quota applies."""
    codes = [prefetch(control, wechat, "a.net") for _ in range(51)]

    assert codes == [*[0] * 50, 9420000]
