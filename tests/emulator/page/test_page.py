"""The page at /_emulator/ over HTTP: what it answers, and what its forms do."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from tests.emulator.conftest import APPID
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator.page.routes import APPS_AT_ONCE, CALLS_AT_ONCE

OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")


@pytest.fixture
def control(served):
    """An emulator with one app: A in force, B to come, C to go."""
    served.seed(APPID, live=[A, B], effective=[A, C])
    return served


@pytest.fixture
def get(control):
    """Reads the page."""
    return lambda query="": httpx.get(f"{control.url}/_emulator/{query}", trust_env=False)


@pytest.fixture
def post(control):
    """Sends a form of the page."""
    return lambda name, **form: httpx.post(f"{control.url}/_emulator/page/{name}", data=form, trust_env=False)


def text(response):
    """What a reader sees, in one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", response.text)))


def test_a_policy_lets_nothing_but_the_page_in(get):
    """No script, no frame, and nothing from elsewhere."""
    response = get()

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert "<script" not in response.text


def test_the_path_without_its_slash_leads_there(control):
    """What people type."""
    response = httpx.get(f"{control.url}/_emulator", trust_env=False)

    assert (response.status_code, response.headers["location"]) == (307, "/_emulator/")


@pytest.mark.parametrize(("name", "kind"), [("page.css", "text/css"), ("icon.svg", "image/svg+xml")])
def test_the_page_brings_its_files(get, name, kind):
    """Style and icon come from the emulator too."""
    response = get(name)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)


def test_looking_at_the_page_is_no_call(control, get):
    """The request log holds what was asked of WeChat."""
    for query in ("", "page.css", "icon.svg", f"?app={APPID}"):
        get(query)

    assert control.calls() == []


def test_an_app_says_what_a_release_would_change(get):
    """Each domain with its standing now and after."""
    shown = text(get(f"?app={APPID}"))

    assert f"{A} this API in force no change" in shown
    assert f"{B} this API not in force in force" in shown
    assert f"{C} nobody now in force out of force" in shown


def test_a_release_drops_what_the_platform_no_longer_lists(control, get):
    """Domains of mode one and of the console: the page foretells it by the release's own rules."""
    control.platform(jump_hosts=["a.example.com"])
    control.seed(APPID, third=[A, B], mp=[C], effective=[A, B])

    shown = text(get(f"?app={APPID}"))

    assert f"{A} the platform's list in force no change" in shown
    assert f"{B} the platform's list in force out of force" in shown
    assert f"{C} the app's console not in force no change" in shown
    assert "3 2 drops 1" in text(get(""))


@pytest.mark.parametrize(
    ("effective", "reported"),
    [
        ([A, C], "2 2 adds 1, drops 1"),
        ([A], "2 1 adds 1"),
        ([A, B], "2 2 no change"),
        ([A, B, C], "2 3 drops 1"),
    ],
)
def test_the_list_counts_what_a_release_would_change(control, get, effective, reported):
    """Configured, in force, and the difference."""
    control.seed(APPID, live=[A, B], effective=effective)

    assert f"{APPID} {reported}" in text(get())


def test_an_edit_comes_back_to_the_app(control, post):
    """The list and what is in force are in view."""
    response = post("edit", appid=APPID, app=APPID, change="remove", domain=" a.example.com ", by="other")

    assert (response.status_code, response.headers["location"]) == (
        303,
        f"/_emulator/?app={APPID}&done=edit#main",
    )
    assert (control.live(APPID), control.effective(APPID)) == ([B], [C])


@pytest.mark.parametrize(
    ("form", "reported"),
    [
        ({"domain": ""}, "nothing to do: name a domain to add or to remove"),
        ({"domain": "http://x"}, "'http://x' is not a domain: expected https://HOST"),
        ({"change": "set"}, "change: set is unknown; allowed: add, remove"),
        ({"by": "boss"}, "by: must be 'other', 'console' or 'registered'"),
    ],
)
def test_a_wrong_edit_keeps_what_was_filled_in(control, post, form, reported):
    """The app's page with the fault and the open form; nothing is written."""
    filled = {"change": "add", "domain": "https://d.example.com", "by": "console", **form}

    response = post("edit", appid=APPID, app=APPID, **filled)

    assert response.status_code == 400
    assert reported in html.unescape(response.text)
    assert f'value="{filled["domain"]}"' in response.text
    assert "<details open>" in response.text
    assert (control.live(APPID), control.state(APPID).mp) == ([A, B], ())


@pytest.mark.parametrize(
    ("form", "reported"),
    [
        ({"appid": OTHER, "app": OTHER, "by": "other"}, f"appid: {OTHER} is not known here; seed it first"),
        ({}, "appid: must be text"),
    ],
)
def test_an_app_that_is_not_there_is_not_edited(post, form, reported):
    """The list of apps says so."""
    response = post("edit", change="add", domain=A, **form)

    assert response.status_code == 400
    assert reported in html.unescape(response.text)


def test_a_release_comes_back_to_where_it_was_asked_for(control, post):
    """A list keeps its search and page, an app stays in view."""
    places = [
        post("release", appid=APPID, q="shop & co", page="2").headers["location"],
        post("release", appid=APPID, app=APPID).headers["location"],
    ]

    assert places == [
        "/_emulator/?q=shop+%26+co&page=2&done=release#main",
        f"/_emulator/?app={APPID}&done=release#main",
    ]
    assert control.effective(APPID) == [A, B]


@pytest.mark.parametrize("appid", [OTHER, "", "<b>"])
def test_an_app_that_is_not_there_is_not_released(post, appid):
    """The page says so."""
    response = post("release", appid=appid)

    assert response.status_code == 400
    assert f"appid: {appid} is not known here; seed it first" in html.unescape(response.text)


@pytest.mark.parametrize(
    ("query", "status", "reported"),
    [
        (f"?app={OTHER}", 404, f"The emulator has no app {OTHER}."),
        (
            "?app=wx1",
            400,
            ("app: 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits"),
        ),
        ("?page=0", 400, "page: must be at least 1"),
        ("?page=many", 400, "page: must be a whole number"),
        ("?before=99999999999999999999", 400, "before: must be below 9223372036854775808"),
        ("?colour=red", 400, "body: unknown: colour; allowed: q, page, app, arm, before, done"),
    ],
)
def test_what_cannot_be_shown_is_reported(get, query, status, reported):
    """The page itself comes with it."""
    response = get(query)

    assert response.status_code == status
    assert reported in text(response)
    assert APPID in response.text


def test_an_unknown_note_is_not_shown(get):
    """A link cannot put words into the page."""
    assert "hacked" not in get("?done=hacked").text


FAULTS = [
    ({"effect": "errcode", "value": "45009"}, {"errcode": 45009, "times": 1}),
    (
        {"effect": "errcode", "value": "-1", "errmsg": "x", "apply": "1"},
        {"errcode": -1, "errmsg": "x", "apply": True},
    ),
    ({"effect": "http_status", "value": "502", "times": ""}, {"http_status": 502, "times": None}),
    ({"effect": "cut before", "value": "ignored"}, {"cut": "before"}),
    ({"effect": "cut after"}, {"cut": "after"}),
    ({"effect": "truncate", "value": "3"}, {"truncate": 3}),
    ({"effect": "slow_body", "value": "0.5"}, {"slow_body": 0.5}),
    (
        {"effect": "body", "value": "<p>", "content_type": "text/html"},
        {"body": "<p>", "content_type": "text/html"},
    ),
    ({"effect": "", "value": "", "delay": "1.5"}, {"delay": 1.5}),
    (
        {
            "effect": "errcode",
            "value": "1",
            "path": "/wxa/setwebviewdomain_directly",
            "action": "add",
            "appid": APPID,
            "skip": "2",
            "times": "3",
            "probability": "0.5",
            "seed": "7",
        },
        {
            "errcode": 1,
            "path": "/wxa/setwebviewdomain_directly",
            "action": "add",
            "appid": APPID,
            "skip": 2,
            "times": 3,
            "probability": 0.5,
            "seed": 7,
        },
    ),
]


@pytest.mark.parametrize(("form", "rule"), FAULTS)
def test_a_form_arms_a_fault(control, post, form, rule):
    """What is left empty is left out."""
    response = post("arm", **{"times": "1", **form})

    (armed,) = httpx.get(f"{control.url}/_emulator/faults", trust_env=False).json()["faults"]
    assert (response.status_code, response.headers["location"]) == (303, "/_emulator/?done=arm#faults")
    assert {"times": None, **armed} == {"id": 1, "skip": 0, "times": 1, "apply": False, **rule}


@pytest.mark.parametrize(
    ("form", "reported"),
    [
        ({"effect": "errcode", "value": "much"}, "errcode: must be a whole number"),
        ({"effect": "errcode", "value": ""}, "errcode: must be a whole number"),
        ({"effect": "", "value": "1"}, "a fault needs an effect"),
        (
            {"effect": "explode", "value": "1"},
            "effect: explode is unknown; allowed: errcode, http_status, body, ",
        ),
        (
            {"effect": "errcode", "value": "1", "path": "/wxa/x"},
            "path: /wxa/x is not emulated; allowed: /wxa/",
        ),
        ({}, "a fault needs an effect"),
    ],
)
def test_a_wrong_fault_is_reported_and_kept(control, post, form, reported):
    """The form stays open with what was filled in, and nothing is armed."""
    response = post("arm", **form, delay="", content_type="", action="my action")

    assert response.status_code == 400
    assert reported in html.unescape(response.text)
    assert 'value="my action"' in response.text
    assert "<details open>" in response.text
    assert "None is armed." in response.text


def test_a_form_is_closed_where_nothing_was_filled_in(get):
    """It is long."""
    assert "<details open>" not in get().text


def test_a_fault_for_an_app_starts_with_its_appid(get):
    """The link on an app's page opens the form."""
    response = get(f"?arm={APPID}")

    assert f'name="appid" value="{APPID}"' in response.text
    assert "<details open>" in response.text


def test_armed_faults_are_reported_in_words(control, get):
    """What each meets, what it does and how often."""
    control.fault("get_effective_webviewdomain", "get", APPID, errcode=-1, errmsg="busy", apply=True, skip=3)
    control.fault(body="<p>", delay=2, times=None, probability=0.25)

    shown = text(get())

    assert (
        f"1 get calls to get_effective_webviewdomain for {APPID} errcode -1: busy, after the call took effect "
        "1 more, after 3" in shown
    )
    assert "2 25% of all calls delay 2, body: <p> for ever" in shown


def test_faults_are_disarmed_one_by_one_or_together(control, post):
    """By the number that is shown there."""
    numbers = [control.fault(errcode=code, times=None) for code in (1, 2, 3)]
    post("disarm", number=numbers[1])
    left = httpx.get(f"{control.url}/_emulator/faults", trust_env=False).json()["faults"]

    post("disarm-all")

    assert [fault["errcode"] for fault in left] == [1, 3]
    assert httpx.get(f"{control.url}/_emulator/faults", trust_env=False).json()["faults"] == []


@pytest.mark.parametrize("number", ["", "x", "99999999999999999999"])
def test_a_fault_without_a_number_is_not_disarmed(post, number):
    """The page says so."""
    response = post("disarm", number=number)

    assert response.status_code == 400
    assert "number: must be " in response.text


def test_a_reset_forgets_everything(control, post):
    """As the control plane's does."""
    response = post("reset")

    assert response.headers["location"] == "/_emulator/?done=reset#main"
    assert control.appids() == []


def test_an_empty_emulator_says_how_to_fill_it(served):
    """Not an empty table."""
    response = httpx.get(f"{served.url}/_emulator/", trust_env=False)

    assert "No app is known. Start the emulator with --seed FILE" in text(response)
    assert "No request." in text(response)


def test_requests_are_reported_newest_first(control, get, wechat):
    """Name, domains, answer and fault; a path where the name does not tell it."""
    wechat.domains(control.url, "add", "https://d.example.com")
    control.fault(errcode=45009)
    wechat.domains(control.url, "delete", *(f"https://h{n}.example.com" for n in range(7)))
    control.fault(cut="after")
    with pytest.raises(httpx.TransportError):
        wechat.effective(control.url)
    wechat.raw(control.url, "/wxa/nowhere")

    shown = text(get("#requests"))

    wanted = (
        r"4 [-0-9]+ [:0-9]+ nowhere /wxa/nowhere – no such endpoint "
        rf"3 [-0-9]+ [:0-9]+ effective {APPID} no errcode fault: cut after "
        rf"2 [-0-9]+ [:0-9]+ delete (https://h[0-4]\.example\.com ){{5}}and 2 more {APPID} 45009 fault: errcode 45009 "
        rf"1 [-0-9]+ [:0-9]+ add https://d\.example\.com {APPID} ok, applied "
    )
    assert re.search(wanted, shown)


def test_older_requests_are_a_link_away(control, get, wechat):
    """Each page of the log leads to the next, of one app or of all."""
    for _ in range(CALLS_AT_ONCE + 1):
        wechat.domains(control.url, "get")

    first, second = get(f"?app={APPID}"), get(f"?app={APPID}&before=2")

    assert f"?app={APPID}&amp;before=2#requests" in first.text
    assert "Before number 2, newest first" in text(second)
    assert (first.text.count("no change"), second.text.count("before=")) == (1, 0)


def test_the_log_ends_without_a_link_to_nothing(control, get, wechat):
    """Exactly as many requests as a page holds."""
    for _ in range(CALLS_AT_ONCE):
        wechat.domains(control.url, "get")

    assert "before=" not in get().text


def test_the_footer_tells_clock_and_switches(control, get):
    """What makes the emulator answer as it does."""
    plain = text(get())
    control.set_clock(1_700_000_000)
    control.freeze()
    control.switch(empty_get="omit", missing_file=-1)

    assert "All switches are in their default position." in plain
    assert (
        "Emulator's clock: 2023-11-14 22:13:20 UTC, standing still. "
        "Switches that are not in their default position: empty_get=omit , missing_file=-1 ." in text(get())
    )


@pytest.fixture(scope="module")
def many():
    """An emulator with 1,000 apps of three domains each, five of which waiting for a release."""
    with Emulator() as emulator:
        emulator.control.sow(
            {
                "apps": [
                    {
                        "appid": f"wx{number:016x}",
                        "live": [f"https://s{number}-{at}.example.com" for at in range(3)],
                        **({"effective": []} if number < 5 else {}),
                    }
                    for number in range(1000)
                ]
            }
        )
        yield lambda query="": httpx.get(f"{emulator.url}/_emulator/{query}", trust_env=False)


@pytest.mark.parametrize(
    ("query", "caption", "first"),
    [
        ("", f"1 to {APPS_AT_ONCE} of 1000", "wx0000000000000000"),
        ("?page=2", f"{APPS_AT_ONCE + 1} to {2 * APPS_AT_ONCE} of 1000", f"wx{APPS_AT_ONCE:016x}"),
        ("?page=40", "976 to 1000 of 1000", f"wx{975:016x}"),
        ("?q=s777-1.example", "1 to 1 of 1 that contain “s777-1.example”", f"wx{777:016x}"),
        ("?q=wx00000000000003e", "1 to 8 of 8 that contain", "wx00000000000003e0"),
        (
            "?q=-2.example.com&page=2",
            f"{APPS_AT_ONCE + 1} to {2 * APPS_AT_ONCE} of 1000 that",
            f"wx{APPS_AT_ONCE:016x}",
        ),
    ],
)
def test_a_thousand_apps_are_paged_and_searched(many, query, caption, first):
    """By a part of an appid or of a domain."""
    response = many(query)

    assert caption in text(response)
    assert re.findall(r"wx[0-9a-f]{16}", response.text.partition("<tbody>")[2])[0] == first
    assert len(response.content) < 30_000


@pytest.mark.parametrize(
    ("query", "reported"),
    [
        ("?page=41", "There are 40 pages."),
        ("?q=nobody", "Nothing contains “nobody”."),
        ("?q=%25", "Nothing contains “%”."),
        ("?q=%27%20OR%201=1--", "Nothing contains “' OR 1=1--”."),
    ],
)
def test_a_search_or_page_beyond_the_apps_says_so(many, query, reported):
    """A way back is beside it."""
    assert reported in text(many(query))


def test_the_pager_keeps_the_search(many):
    """To the next page of what was searched, and back."""
    response = many("?q=example.com&page=2")

    assert re.findall(r'rel="(\w+)" href="([^"]*)"', response.text)[-2:] == [
        ("prev", "/_emulator/?q=example.com&amp;page=1"),
        ("next", "/_emulator/?q=example.com&amp;page=3"),
    ]


HOSTILE = "https://\"><script>alert(1)</script><img src=x onerror=alert(2)>'"


def test_values_are_escaped(served, wechat):
    """Domains, actions, paths, searches, fault texts: all that a stranger may have written."""
    control = served
    control.seed(APPID, live=[HOSTILE], confirm_file={"file_name": HOSTILE, "file_content": HOSTILE})
    control.fault(errcode=-1, errmsg=HOSTILE, action=HOSTILE, content_type="<b>")
    control.fault(body=HOSTILE, action=HOSTILE)
    wechat.domains(control.url, HOSTILE, HOSTILE)
    wechat.raw(control.url, "/" + HOSTILE)

    pages = [
        httpx.get(f"{control.url}/_emulator/", params=query, trust_env=False).text
        for query in ({}, {"app": APPID}, {"q": HOSTILE}, {"app": HOSTILE}, {"done": HOSTILE}, {HOSTILE: "1"})
    ]
    pages.append(
        httpx.post(f"{control.url}/_emulator/page/arm", data={"appid": HOSTILE}, trust_env=False).text
    )

    assert [page for page in pages if "<script" in page or "<img" in page or 'href="https' in page] == []
    assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in pages[1]
