"""For which apps a token source has tokens; in the component flow WeChat's own list tells."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import connect
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import BadReply, OutcomeUnknown
from pulumi_wechat_miniprogram.wechat.tokens import open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, OTHER, A

COMPONENT = "wxc0c0c0c0c0c0c0c0"
LIST = "api_get_authorizer_list"
LIST_PATH = f"/cgi-bin/component/{LIST}"


def settings(url, **more):
    """The component flow with the emulator's ticket and no refresh token at all."""
    given = {
        "component_appid": COMPONENT,
        "component_appsecret": f"emulator-secret-{COMPONENT}",
        "component_verify_ticket": f"emulator-ticket-{COMPONENT}",
        "authorizer_refresh_tokens": {},
    }
    return Settings(endpoint=url, **{**given, **more})


@pytest.fixture
def control(wechat_emulator):
    """An emulator whose platform two apps authorise."""
    for appid in (OTHER, APPID):
        wechat_emulator.seed(appid, live=[A])
    wechat_emulator.clear_calls()
    return wechat_emulator


@pytest.fixture
def use(control):
    """Opens the use cases by settings; what is logged and warned of goes to `said`."""
    opened = []

    def use(said=None, **more):
        warn = (said if said is not None else []).append
        opened.append(connect(settings(control.url, **more), warn=warn))
        return opened[-1]

    yield use
    for each in opened:
        each.close()


@pytest.fixture
def quick(control):
    """Opens the tokens of the component flow, whose tries follow each other without a pause."""
    opened = []

    def quick(transport=None):
        chosen = settings(control.url)
        attempts = Attempts(chosen.max_attempts, sleep=lambda _: None)
        opened.append(Wire(chosen, transport=transport, attempts=attempts, warn=print))
        return open_tokens(chosen, opened[-1], warn=print)

    yield quick
    for wire in opened:
        wire.close()


def test_the_platforms_list_gives_every_app(use, control):
    """Sorted; one call of the platform, none for an app."""
    assert use().appids() == (APPID, OTHER)
    assert [call.name for call in control.calls()] == ["api_component_token", LIST]


def test_a_long_list_is_read_page_by_page(use, control):
    """500 at a time; those without a component are not on it."""
    many = [f"wx{number:016x}" for number in range(499)]
    control.sow({"apps": [{"appid": appid} for appid in many]})
    control.sow({"apps": [{"appid": "wx00000000ffffffff", "component": None}]})

    assert use().appids() == (*many, APPID, OTHER)
    assert [call.name for call in control.calls()].count(LIST) == 2


def test_a_list_that_repeats_itself_ends(control, quick):
    """A cache before the API may answer every page with the first."""
    page = {"total_count": 10**6, "list": [{"authorizer_appid": APPID, "refresh_token": "r-1"}]}
    control.fault(path=LIST_PATH, body=json.dumps(page), times=None)

    with pytest.raises(BadReply, match="its page repeats earlier pages"):
        quick().appids()

    assert [call.name for call in control.calls()].count(LIST) == 2


def test_a_listed_refresh_token_serves_where_none_is_configured(use, control):
    """So that all apps can be read without a list of tokens made by hand."""
    reconciler = use()

    with pytest.raises(UserError, match="is an empty map; add the one of this appid"):
        reconciler.observe(APPID)
    reconciler.appids()

    assert reconciler.observe(APPID).live == (A,)


def test_a_configured_refresh_token_comes_before_the_listed_one(use, control):
    """What the user set is what is used."""
    reconciler = use(authorizer_refresh_tokens={APPID: "not-the-present-refresh-token"})
    reconciler.appids()

    with pytest.raises(UserError, match="61023"):
        reconciler.observe(APPID)
    assert reconciler.observe(OTHER).live == (A,)


def test_no_refresh_token_is_ever_shown(use, control, caplog):
    """Neither in logs and warnings nor in an error's text or cause."""
    said: list[str] = []
    reconciler = use(said)
    caplog.set_level(logging.DEBUG)

    reconciler.appids()
    reconciler.observe(APPID)
    control.fault(
        LIST_PATH,
        body=json.dumps({"total_count": "many", "list": [{"refresh_token": "hidden-one"}]}),
        times=None,
    )
    with pytest.raises(UserError) as bad:
        use(said, max_attempts=1).appids()

    shown = "\n".join(
        [*said, caplog.text, str(bad.value), repr(bad.value.__cause__), repr(bad.value.__context__)]
    )
    assert f"emulator-refresh-{APPID}" not in shown
    assert "hidden-one" not in shown
    assert "its fields are not as documented: list, total_count\n" in str(bad.value)


def test_a_busy_answer_is_asked_for_again(quick, control):
    """A page is a read: it repeats by the policy of every read."""
    control.fault(LIST_PATH, errcode=-1)

    assert quick().appids() == (APPID, OTHER)


def test_an_ended_component_token_is_renewed(quick, control):
    """Once, by the ticket."""
    tokens = quick()
    tokens.appids()
    control.end_tokens(COMPONENT, kind="component_access_token")
    control.clear_calls()

    assert tokens.appids() == (APPID, OTHER)
    assert [call.name for call in control.calls()] == [LIST, "api_component_token", LIST]


def test_a_refusal_is_a_typed_error(use, control):
    """With WeChat's code and what to do."""
    control.fault(LIST_PATH, errcode=61004, errmsg="access clientip is not registered requestIP: 203.0.113.7")

    with pytest.raises(UserError) as refused:
        use().appids()

    assert str(refused.value).startswith(f"read of the authorizer list from 0 for {COMPONENT} refused: ")
    assert "Add the IP 203.0.113.7 to the platform's IP allow-list" in str(refused.value)


@pytest.fixture
def paged(quick):
    """Opens the tokens over a list with these pages, each of a total and appids; gives the offsets too."""

    def paged(*pages):
        offsets = []

        def answer(request):
            if LIST not in request.url.path:
                return httpx.Response(200, json={"component_access_token": "t" * 20, "expires_in": 7200})
            offsets.append(json.loads(request.content)["offset"])
            total, appids = pages[len(offsets) - 1]
            listed = [{"authorizer_appid": appid, "refresh_token": "r" * 20} for appid in appids]
            return httpx.Response(200, json={"total_count": total, "list": listed})

        return quick(httpx.MockTransport(answer)), offsets

    return paged


def test_short_pages_are_followed_by_the_next_account(paged):
    """The next page begins after what came."""
    tokens, offsets = paged((2, [APPID]), (2, [OTHER]))

    assert tokens.appids() == (APPID, OTHER)
    assert offsets == [0, 1]


@pytest.mark.parametrize(
    ("pages", "reported"),
    [
        ([(1200, [APPID]), (1200, [])], "it counts 1200 accounts and lists 1"),
        ([(3, [])], "it counts 3 accounts and lists 0"),
        ([(3, [APPID]), (2, [OTHER])], "it counted 3 accounts before and counts 2 now"),
    ],
)
def test_a_list_that_lacks_accounts_is_an_error(paged, pages, reported):
    """An empty page before the end, or a page that one who left moved: who goes by the list would miss some."""
    tokens, _ = paged(*pages)

    with pytest.raises(BadReply, match=reported):
        tokens.appids()


def test_a_platform_that_nobody_authorises_has_an_empty_list(paged):
    """One page tells."""
    tokens, offsets = paged((0, []))

    assert tokens.appids() == ()
    assert offsets == [0]


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ({"access_tokens": {OTHER: "b" * 10, APPID: "a" * 10}}, (APPID, OTHER)),
        ({"access_token": "a" * 10, "access_token_appid": APPID}, (APPID,)),
        ({"access_token_command": "true"}, ()),
        ({"access_token_url": "https://tokens.example.com/{appid}"}, ()),
        ({}, ()),
    ],
)
def test_other_sources_know_whom_they_name(source, known):
    """A command or URL answers for any appid, and cannot list them."""
    reconciler = connect(Settings(endpoint="http://127.0.0.1:9", **source), warn=print)

    assert reconciler.appids() == known
    reconciler.close()


def endless(count):
    """A transport whose every page has accounts that no page had before, `count(offset)` in all."""
    offsets = []

    def answer(request):
        if LIST not in request.url.path:
            return httpx.Response(200, json={"component_access_token": "t" * 20, "expires_in": 7200})
        offsets.append(json.loads(request.content)["offset"])
        listed = [
            {"authorizer_appid": f"wx{offsets[-1] + number:016x}", "refresh_token": "r" * 20}
            for number in range(500)
        ]
        return httpx.Response(200, json={"total_count": count(offsets[-1]), "list": listed})

    return offsets, httpx.MockTransport(answer)


def test_a_list_that_grows_ends_where_its_first_page_says(quick):
    """Each page counts more accounts than the one before."""
    offsets, transport = endless(lambda offset: offset + 1001)

    assert len(quick(transport).appids()) == 1500
    assert offsets == [0, 500, 1000]


def test_a_list_beyond_measure_is_refused(quick):
    """At its first page."""
    offsets, transport = endless(lambda _: 10**6 + 1)

    with pytest.raises(BadReply, match="it counts more than 1000000 accounts"):
        quick(transport).appids()

    assert offsets == [0]


def test_a_list_that_does_not_end_in_time_is_an_error(control):
    """The time of an operation is that of all its pages."""
    now = iter(range(0, 10**6, 50))
    chosen = settings(control.url)
    offsets, transport = endless(lambda _: 10**6)
    wire = Wire(chosen, transport=transport, attempts=Attempts(1, clock=lambda: next(now)), warn=print)

    with pytest.raises(OutcomeUnknown, match="the list did not end within 240 s"):
        open_tokens(chosen, wire, warn=print).appids()

    assert 0 < len(offsets) < 9
    wire.close()
