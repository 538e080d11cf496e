"""The emulator: WeChat's conventions, switches, faults, confirm files, its data."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.emulator.conftest import APPID, COMPONENT, CONFIRM_FILE_PATH, EFFECTIVE_PATH, OTHER, SET_PATH
from wechat_miniprogram_emulator import Emulator, EmulatorControl
from wechat_miniprogram_emulator import host as emulator_host
from wechat_miniprogram_emulator.faults import FaultRule
from wechat_miniprogram_emulator.model import Switches
from wechat_miniprogram_emulator.routes import ROUTES

A, B, C = (f"https://{name}.example.com" for name in "abc")
RID = r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
CANARY = "canary-token-that-must-stay-secret"


@pytest.fixture
def control(wechat_emulator):
    """An emulator with one app whose two domains are in force."""
    wechat_emulator.seed(APPID, live=[A, B])
    return wechat_emulator


@pytest.fixture
def call(control, wechat):
    """Calls the domain endpoint for that app."""
    return lambda action, *values: wechat.domains(control.url, action, *values)


# --- conventions


@pytest.mark.parametrize(
    ("request_", "errcode", "errmsg"),
    [
        ({"content": b""}, 44002, "empty post data"),
        ({"content": b" \n"}, 44002, "empty post data"),
        ({"content": b"{"}, 47001, "data format error"),
        ({"content": b"[]"}, 47001, "data format error"),
        ({"content": b"\xff"}, 47001, "data format error"),
        ({"content": "{}".encode("utf-16")}, 47001, "data format error"),
        ({"content": b'{"action": "\xed\xa0\x80"}'}, 47001, "data format error"),
        ({"content": b"[" * 100_000}, 47001, "data format error"),
        ({"method": "GET"}, 43002, "require POST method"),
        ({"method": "PUT"}, 43002, "require POST method"),
        ({"token": None}, 41001, "access_token missing"),
        ({"token": ""}, 41001, "access_token missing"),
        ({"token": "nobody"}, 40001, "invalid credential, access_token is invalid or not latest"),
        ({"content": b"{}"}, 40097, "invalid args"),
        ({"content": b'{"action": "replace", "webviewdomain": []}'}, 40097, "invalid args"),
        ({"content": b'{"action": ["set"], "webviewdomain": []}'}, 40097, "invalid args"),
        ({"content": b'{"action": "set"}'}, 40097, "invalid args"),
        ({"content": b'{"action": "set", "webviewdomain": [1]}'}, 40097, "invalid args"),
        ({"content": b'{"action": "set", "webviewdomain": "https://a.example.com"}'}, 40097, "invalid args"),
    ],
)
def test_a_refusal_is_http_200_with_an_errcode(control, wechat, request_, errcode, errmsg):
    """WeChat refuses in the body: code, text with a rid, text/plain, and nothing is changed."""
    response = wechat.raw(control.url, **request_)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert response.json()["errcode"] == errcode
    assert response.json()["errmsg"].startswith(errmsg + " rid: ")
    assert control.live(APPID) == [A, B]
    assert [(c.errcode, c.applied) for c in control.calls()] == [(errcode, False)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/plain; charset=latin-1"},
    ],
)
def test_the_content_type_does_not_matter(control, wechat, headers):
    """JSON is read whatever it is called, or if it is not called anything."""
    response = wechat.request(
        "POST",
        control.url + SET_PATH,
        params={"access_token": f"emulator-{APPID}"},
        content=b'{"action": "get"}',
        headers=headers,
    )

    assert response.json()["webviewdomain"] == [A, B]


def test_a_refusal_names_its_request(control, wechat):
    """The rid has three groups of eight hex digits, and no two are alike."""
    texts = [wechat.raw(control.url, token="nobody").json()["errmsg"] for _ in range(2)]

    assert texts[0] != texts[1]
    assert all(re.search(RID + "$", text) for text in texts)


def test_an_answer_is_written_as_wechat_writes_it(control, wechat):
    r"""Without spaces, and with `https:\/\/`: the same JSON, but other bytes than most programs write."""
    response = wechat.raw(control.url, content=b'{"action": "get"}')

    domains = r'"https:\/\/a.example.com","https:\/\/b.example.com"'
    assert response.text == f'{{"errcode":0,"errmsg":"ok","webviewdomain":[{domains}]}}'


def test_a_token_expires_by_the_emulators_clock(wechat_emulator, wechat):
    """A token with a life of an hour is refused once the clock has moved an hour on."""
    wechat_emulator.seed(APPID, token_expires_in=3600)
    before = wechat.domains(wechat_emulator.url, "get")["errcode"]

    wechat_emulator.advance(3601)

    assert (before, wechat.domains(wechat_emulator.url, "get")["errcode"]) == (0, 42001)


@pytest.mark.parametrize("path", [SET_PATH, EFFECTIVE_PATH, CONFIRM_FILE_PATH])
@pytest.mark.parametrize(
    ("app", "errcode"), [({"permission_sets": [1, 2]}, 61007), ({"subject": "personal"}, 89231)]
)
def test_an_app_may_not_be_allowed_to(wechat_emulator, wechat, app, errcode, path):
    """Every endpoint wants permission set 18, and an owner that is not a person."""
    wechat_emulator.seed(APPID, **app)

    response = wechat.raw(wechat_emulator.url, path, b'{"action": "get"}')

    assert response.json()["errcode"] == errcode


def test_a_token_of_a_component_is_read_too(control, wechat):
    """Third-party platforms name the query parameter component_access_token."""
    path = f"{SET_PATH}?component_access_token=emulator-{APPID}"

    response = wechat.request("POST", control.url + path, content=b'{"action": "get"}')

    assert response.json()["errcode"] == 0


def test_an_unknown_path_is_loud(control, wechat):
    """What is not emulated answers 404, never a plausible errcode; the call is logged."""
    response = wechat.raw(control.url, "/wxa/nowhere")

    assert response.status_code == 404
    assert response.json() == {
        "error": "the emulator has no /wxa/nowhere; its documentation lists what it emulates"
    }
    assert [c.name for c in control.calls()] == ["nowhere"]


def test_the_other_endpoints_answer(wechat_emulator, wechat):
    """The four lists, and a confirm file that follows from the appid."""
    wechat_emulator.seed(APPID, live=[A], mp=[B], third=[C], effective=[A])

    lists = wechat.effective(wechat_emulator.url)
    confirm_file = wechat.confirm_file(wechat_emulator.url)

    assert lists == {
        "errcode": 0,
        "errmsg": "ok",
        "mp_webviewdomain": [B],
        "third_webviewdomain": [C],
        "direct_webviewdomain": [A],
        "effective_webviewdomain": [A],
    }
    state = wechat_emulator.state(APPID)
    assert (confirm_file["file_name"], confirm_file["file_content"]) == (state.file_name, state.file_content)
    assert (len(state.file_name), len(state.file_content)) == (14, 32)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
@example(body=b"9" * 5000)
@example(body=b'{"action": "set", "webviewdomain": ["https://[", "\\u0000"]}')
def test_no_body_breaks_the_emulator(control, wechat, body):
    """Arbitrary bytes get HTTP 200 and a refusal."""
    response = wechat.raw(control.url, content=body)

    assert response.status_code == 200
    assert response.json()["errcode"] != 0


# --- what is in force


def test_a_new_domain_waits_for_a_release(control, call):
    """An added domain is configured immediately and in force only after a release."""
    call("add", C)
    before = control.effective(APPID)

    control.release(APPID)

    assert (before, control.effective(APPID)) == ([A, B], [A, B, C])


def test_setting_the_same_list_again_takes_it_out_of_force(control, call):
    """The trap of set: every domain it names starts over, also those that were in force."""
    call("set", A, B)

    assert (control.live(APPID), control.effective(APPID)) == ([A, B], [])


def test_adding_a_domain_again_takes_it_out_of_force(control, call):
    """The trap of add: a domain that is there already starts over, the others stay."""
    call("add", A)

    assert (control.live(APPID), control.effective(APPID)) == ([A, B], [B])


def test_a_deleted_domain_is_out_of_force_at_once(control, call):
    """A delete needs no release."""
    call("delete", B)

    assert (control.live(APPID), control.effective(APPID)) == ([A], [A])


def test_a_domain_of_another_list_stays_in_force(wechat_emulator, wechat):
    """What the platform's page configured keeps a domain in force whatever this API does."""
    wechat_emulator.seed(APPID, live=[A, B], mp=[A], third=[B])

    wechat.domains(wechat_emulator.url, "set", A)

    assert wechat_emulator.effective(APPID) == [A, B]


# --- limits


def test_three_hundred_domains_and_no_more(wechat_emulator, wechat):
    """A list takes 300 domains; the next is refused by add and by set, one that is there is not."""
    full = [f"https://h{n}.example.com" for n in range(300)]
    wechat_emulator.seed(APPID)

    first = wechat.domains(wechat_emulator.url, "set", *full)
    refused = [
        wechat.domains(wechat_emulator.url, "add", A),
        wechat.domains(wechat_emulator.url, "set", *full, A),
    ]

    assert first["errcode"] == 0
    assert [answer["errcode"] for answer in refused] == [89029, 89029]
    assert wechat.domains(wechat_emulator.url, "add", full[0])["errcode"] == 0
    assert wechat_emulator.live(APPID) == full


@pytest.mark.parametrize(("others", "errcode"), [(99, 0), (100, 506015)])
def test_a_host_belongs_to_a_hundred_apps_at_most(wechat_emulator, wechat, others, errcode):
    """Other apps count once each, in whatever spelling and list they have the host."""
    apps = [{"appid": f"wx{n:016x}", "live": ["https://A.example.com/"], "mp": [A]} for n in range(others)]
    wechat_emulator.sow({"apps": apps})
    wechat_emulator.seed(APPID)

    answer = wechat.domains(wechat_emulator.url, "add", A)

    assert answer["errcode"] == errcode


@pytest.mark.parametrize(
    "value",
    [
        "http://a.example.com",
        "https://",
        "https://a.example.com:8443",
        "https://a.example.com/path",
        "https://a.example.com//",
        "https://192.0.2.1",
        "https://a_b.example.com",
        "https://-a.example.com",
        "https://[",
        " https://a.example.com",
    ],
)
def test_what_is_no_https_host_is_refused(control, call, value):
    """A value is https:// and a host name."""
    assert call("add", value)["errcode"] == 86100


# --- faults


@pytest.mark.parametrize(
    ("errcode", "text"),
    [
        (45009, "reach max api daily quota limit"),
        (40014, "invalid access_token"),
        (7654321, "system error"),
    ],
)
def test_a_fault_answers_with_an_errcode(control, call, errcode, text):
    """The call is not carried out unless the fault says so, and the log names the fault."""
    control.fault(errcode=errcode)

    answer = call("add", C)

    assert answer["errcode"] == errcode
    assert answer["errmsg"].startswith(f"{text} rid: ")
    assert control.live(APPID) == [A, B]
    logged = [(c.fault, c.errcode, c.applied) for c in control.calls()]
    assert logged == [(f"errcode {errcode}", errcode, False)]


def test_a_fault_may_have_its_own_text_and_apply(control, call):
    """The lost acknowledgement: the write happens, the answer is an error."""
    control.fault(errcode=-1, errmsg="系统繁忙", apply=True)

    answer = call("add", C)

    assert answer["errcode"] == -1
    assert answer["errmsg"].startswith("系统繁忙 rid: ")
    assert control.live(APPID) == [A, B, C]
    assert control.calls()[0].applied


@pytest.mark.parametrize("applied", [(False, [A, B]), (True, [A, B, C])])
@pytest.mark.parametrize(
    ("effect", "seen"),
    [
        ({"http_status": 502}, (502, "text/html", "<html><body><h1>502</h1></body></html>")),
        ({"body": "not json"}, (200, "text/plain", "not json")),
        ({"body": "<p>", "content_type": "text/html"}, (200, "text/html", "<p>")),
    ],
)
def test_a_fault_replaces_the_answer(control, wechat, effect, seen, applied):
    """An HTTP status or a body instead of the answer, before or after the call took effect."""
    apply, live = applied
    control.fault(**effect, apply=apply)

    body = json.dumps({"action": "add", "webviewdomain": [C]}).encode()
    response = wechat.raw(control.url, content=body)

    kind = response.headers["content-type"].partition(";")[0]
    assert (response.status_code, kind, response.text) == seen
    assert control.live(APPID) == live


@pytest.mark.parametrize(("cut", "live"), [("before", [A, B]), ("after", [A, B, C])])
def test_a_fault_cuts_the_connection(control, call, cut, live):
    """The client sees no answer; whether the write happened is what differs."""
    control.fault(cut=cut)

    with pytest.raises(httpx.TransportError):
        call("add", C)

    assert control.live(APPID) == live
    assert call("get")["errcode"] == 0


@pytest.mark.parametrize(
    ("rule", "label"), [({"delay": 0.02}, "delay 0.02"), ({"slow_body": 0.02}, "slow_body 0.02")]
)
def test_a_fault_slows_an_answer_down(control, call, rule, label):
    """The answer is the usual one, and complete."""
    control.fault(**rule)

    answer = call("add", C)

    assert answer == {"errcode": 0, "errmsg": "ok"}
    assert control.live(APPID) == [A, B, C]
    assert control.calls()[0].fault == label


@pytest.mark.parametrize("rule", [{"delay": 0.5}, {"slow_body": 0.5}])
def test_a_client_may_give_up_on_a_slow_answer(rule):
    """A read timeout shorter than the pause is what a test of timeouts needs."""
    with Emulator() as emulator:  # one of its own: what is still to come must not meet another test
        emulator.control.seed(APPID)
        emulator.control.fault(**rule)

        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{emulator.url}{SET_PATH}?access_token=emulator-{APPID}",
                content=b'{"action": "get"}',
                timeout=httpx.Timeout(5, read=0.05),
                trust_env=False,
            )


@pytest.mark.parametrize(
    ("rule", "errcodes"),
    [
        ({}, [-1, 0, 0, 0]),
        ({"times": 2}, [-1, -1, 0, 0]),
        ({"times": None}, [-1, -1, -1, -1]),
        ({"skip": 1}, [0, -1, 0, 0]),
        ({"skip": 2, "times": None}, [0, 0, -1, -1]),
    ],
)
def test_a_fault_skips_and_repeats(control, call, rule, errcodes):
    """A fault meets one call, or so many, after so many."""
    control.fault(errcode=-1, **rule)

    assert [call("get")["errcode"] for _ in errcodes] == errcodes


@pytest.mark.parametrize(
    ("rule", "errcodes"),
    [
        ({"path": SET_PATH}, [-1, -1, 0]),
        ({"path": EFFECTIVE_PATH}, [0, 0, -1]),
        ({"action": "get"}, [-1, 0, 0]),
        ({"action": "delete"}, [0, -1, 0]),
        ({"action": "effective"}, [0, 0, -1]),
        ({"appid": APPID}, [-1, -1, -1]),
        ({"appid": OTHER}, [0, 0, 0]),
    ],
)
def test_a_fault_meets_only_what_it_names(control, call, wechat, rule, errcodes):
    """Path, action and appid filter; the endpoint for what is in force goes by `effective`."""
    control.fault(errcode=-1, times=None, **rule)

    answers = [call("get"), call("delete", C), wechat.effective(control.url)]

    assert [answer["errcode"] for answer in answers] == errcodes


def test_faults_go_off_oldest_first_and_can_be_cleared(control, call):
    """Two armed faults meet two calls in their order; cleared faults meet none."""
    control.fault(errcode=45009)
    control.fault(errcode=45011)
    control.fault(errcode=-1, times=None)

    met = [call("get")["errcode"] for _ in "123"]
    control.clear_faults()

    assert met == [45009, 45011, -1]
    assert call("get")["errcode"] == 0


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            {},
            "body: a fault needs an effect: errcode, http_status, cut, body, truncate, slow_body, delay, content_type",
        ),
        ({"errcode": 1, "cut": "before"}, "body: a fault has one effect, got errcode and cut"),
        ({"errmsg": "x", "delay": 1}, "body: errmsg needs errcode"),
        ({"content_type": "x", "cut": "after"}, "body: content_type does not go with cut"),
        ({"seed": 1, "errcode": 1}, "body: seed needs probability"),
        ({"probability": 0, "errcode": 1}, "probability: must be above 0"),
        ({"cut": "after", "apply": True}, "body: apply does not go with cut"),
        ({"truncate": 3, "apply": True}, "body: apply does not go with truncate"),
        ({"content_type": "x", "apply": True}, "body: apply does not go with content_type"),
        (
            {"errcode": 1, "appid": "wx1"},
            ("appid: 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits"),
        ),
        ({"cut": "middle"}, "cut: must be 'before' or 'after'"),
        ({"errcode": 1, "times": 0}, "times: must be at least 1"),
        ({"http_status": 99}, "http_status: must be at least 200"),
    ],
)
def test_a_bad_fault_is_refused(control, rule, text):
    """A fault that cannot go off is a mistake in the test that arms it, and the text names it."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole text is compared
        control.fault(**rule)

    assert str(refusal.value) == text


# --- the control plane


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        (
            "seed",
            '{"apps": [{"appid": "wx1"}]}',
            "apps.0.appid: 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits",
        ),
        (
            "seed",
            '{"app": []}',
            "body: unknown: app; allowed: apps, platforms, trusted_hosts, unfiled_hosts, switches",
        ),
        ("seed", '{"apps": [{"live": []}]}', "apps.0.appid: is missing"),
        ("clock", '{"sleep": 1}', "body: unknown: sleep; allowed: at, advance, frozen"),
        ("clock", "{}", "body: a clock request needs one of at, advance, frozen"),
        (
            "faults",
            '{"path": "/wxa/nowhere", "errcode": 1}',
            f"path: /wxa/nowhere is not emulated; allowed: {', '.join(ROUTES)}, or the end of one",
        ),
        ("release", f'{{"appid": "{OTHER}"}}', f"appid: {OTHER} is not known here; seed it first"),
        ("tokens", f'{{"appid": "{OTHER}"}}', f"appid: {OTHER} is not known here; seed it first"),
        (
            "switches",
            '{"colour": "red"}',
            f"body: unknown: colour; allowed: {', '.join(Switches.model_fields)}",
        ),
        ("faults", '{"errcod": 1}', f"body: unknown: errcod; allowed: {', '.join(FaultRule.model_fields)}"),
        ("switches", '{"empty_get": "maybe"}', "empty_get: must be 'list' or 'omit'"),
        ("trust", "{}", "hosts: is missing"),
        (
            "clock",
            '{"advance": "soon"}',
            "advance: must be a number",
        ),
    ],
)
def test_a_wrong_control_request_says_what_is_wrong(control, wechat, name, body, text):
    """The control plane answers HTTP 400 with one text that names the field."""
    response = wechat.request("POST", f"{control.url}/_emulator/{name}", content=body)

    assert (response.status_code, response.json()) == (400, {"error": text})
    assert control.live(APPID) == [A, B]


@pytest.mark.parametrize("name", ["seed", "release", "faults", "switches", "trust", "clock"])
def test_a_control_request_that_is_no_json_is_refused(control, wechat, name):
    """A body that does not parse is HTTP 400 too."""
    response = wechat.request("POST", f"{control.url}/_emulator/{name}", content=b"{")

    assert response.status_code == 400
    assert list(response.json()) == ["error"]


def test_the_control_plane_can_be_read(control, call, wechat):
    """Apps, switches, faults and calls can be looked at, and none of that is logged as a call."""
    control.fault(errcode=-1, skip=5)
    call("get")

    shown = {
        name: wechat.request("GET", f"{control.url}/_emulator/{name}").json()
        for name in ("state", "switches", "faults", "calls")
    }

    assert [app["appid"] for app in shown["state"]["apps"]] == [APPID]
    assert shown["switches"] == Switches().model_dump()
    assert [(f["id"], f["errcode"]) for f in shown["faults"]["faults"]] == [(1, -1)]
    assert [c["action"] for c in shown["calls"]["calls"]] == ["get"]


def test_a_state_nobody_seeded_is_an_error(control):
    """A test that looks at the wrong app finds out."""
    with pytest.raises(LookupError, match=f"the emulator knows no {OTHER}"):
        control.live(OTHER)


def test_calls_are_logged_by_app(control, call, wechat):
    """The log has each call's app, domains and outcome, and may be emptied."""
    control.seed(OTHER)
    call("add", C)
    wechat.domains(control.url, "get", appid=OTHER)

    ours, writes, everything = control.calls(APPID), control.writes(), control.calls()
    control.clear_calls()

    assert [(c.seq, c.name, c.appid, c.domains, c.errcode, c.applied) for c in everything] == [
        (1, "add", APPID, (C,), 0, True),
        (2, "get", OTHER, (), 0, False),
    ]
    assert ours == writes == everything[:1]
    assert control.calls() == []


def test_a_reset_forgets_everything(control, call):
    """Apps, switches, trust, faults, calls and the clock are as at the start."""
    control.switch(empty_get="omit")
    control.trust()
    control.fault(errcode=-1, times=None)
    control.advance(1e6)
    call("get")

    control.reset()

    assert (control.calls(), call("get")["errcode"]) == ([], 40001)
    control.seed(APPID)
    assert call("get") == {"errcode": 0, "errmsg": "ok", "webviewdomain": []}
    assert call("add", C)["errcode"] == 0
    assert [c.seq for c in control.calls()] == [1, 2, 3]


# --- data


def test_two_emulators_share_a_file(tmp_path, wechat):
    """What one writes the other reads immediately; the file is there after both have closed."""
    path = tmp_path / "data.db"
    with Emulator(path) as one, Emulator(path) as other:
        one.control.seed(APPID)
        wechat.domains(other.url, "add", A)
        wechat.domains(one.url, "add", B)

        assert wechat.domains(other.url, "get")["webviewdomain"] == [A, B]
        assert one.control.calls() == other.control.calls()

    assert [app.direct for app, _ in emulator_host.read_releases(path)] == [(A, B)]
    assert [c.name for c in emulator_host.read_calls(path)] == ["add", "add", "get"]


def test_writes_of_two_emulators_do_not_get_lost(tmp_path, wechat):
    """Adds that run at the same time through two servers are all in the list."""
    path = tmp_path / "data.db"
    with Emulator(path) as one, Emulator(path) as other:
        one.control.seed(APPID)
        threads = [
            threading.Thread(target=wechat.domains, args=(url, "add", f"https://h{n}-{at}.example.com"))
            for at, url in enumerate((one.url, other.url))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(one.control.live(APPID)) == 16


SERVER = """
import sys, threading
from wechat_miniprogram_emulator import Emulator
print(Emulator(sys.argv[1]).url, flush=True)
threading.Event().wait()
"""


def test_a_killed_emulator_loses_no_acknowledged_write(tmp_path, wechat):
    """What was answered is in the file although the process got no chance to close it."""
    path = tmp_path / "data.db"
    with subprocess.Popen([sys.executable, "-c", SERVER, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with contextlib.closing(EmulatorControl(url)) as remote:
            remote.seed(APPID)
        answer = wechat.domains(url, "set", A, B)
        process.kill()

    assert (answer["errcode"], process.returncode) == (0, -signal.SIGKILL)
    assert [app.direct for app, _ in emulator_host.read_releases(path)] == [(A, B)]
    assert [c.applied for c in emulator_host.read_calls(path)] == [True]


def test_data_of_another_version_are_refused(tmp_path):
    """The text says what to do; the file is left as it was."""
    path = tmp_path / "data.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table in ("app", "domain", "call", "of_the_future"):
            connection.execute(f"CREATE TABLE {table} (x)")
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()

    with pytest.raises(
        ValueError, match="has emulator data of version 99, this emulator reads version 2; delete"
    ):
        Emulator(path)

    assert path.read_bytes() == before


def test_the_log_holds_no_token(tmp_path, wechat):
    """A token sent with good and bad calls is in no logged call, neither in the file nor over HTTP."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        emulator.control.seed(APPID, token=CANARY)
        for sent in (b'{"action": "get"}', b"", b"{"):
            wechat.raw(emulator.url, content=sent, token=CANARY)
        wechat.raw(emulator.url, "/nowhere", token=CANARY)
        wechat.raw(emulator.url, token=CANARY + "x")
        calls = emulator.control.calls()

    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM call").fetchall()
    assert (len(calls), len(rows)) == (5, 5)
    assert CANARY not in repr(calls)
    assert CANARY not in repr(rows)


# --- the door


def test_the_embedded_emulator_knows_every_app(tmp_path, wechat):
    """Its folder is made, and an app is there on its first call; the file outlives it."""
    path = tmp_path / "made" / "on demand" / "data.db"
    embedded = emulator_host.open_embedded(str(path))
    answer = wechat.domains(embedded.url, "add", A)
    unknown = wechat.raw(embedded.url, token="emulator-wx1").json()
    embedded.close()

    assert (embedded.token(APPID), answer["errcode"], unknown["errcode"]) == (f"emulator-{APPID}", 0, 40001)
    assert [(state.appid, state.direct) for state, _ in emulator_host.read_releases(path)] == [(APPID, (A,))]


@pytest.mark.parametrize("platform", [COMPONENT, "wxc1c1c1c1c1c1c1c1"])
def test_the_embedded_emulator_knows_every_platform(tmp_path, wechat, platform):
    """As it knows every app; the token outlives a restart."""
    codes = []
    for _ in "12":
        embedded = emulator_host.open_embedded(str(tmp_path / "data.db"))
        path, token = "/cgi-bin/component/get_domain_confirmfile", embedded.platform_token(platform)
        codes.append(wechat.call(embedded.url, path, {}, token)["errcode"])
        embedded.close()

    assert codes == [0, 0]


def test_a_release_in_a_file(tmp_path, wechat):
    """A release needs no running server, and names an app that the file has."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        emulator.control.seed(APPID, live=[A], effective=[])

    emulator_host.release_in(path, APPID)

    assert [state.effective for state, _ in emulator_host.read_releases(path)] == [(A,)]
    with pytest.raises(LookupError, match=f"data.db has no app {OTHER}"):
        emulator_host.release_in(path, OTHER)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("switches", b"[1]"),
        ("clock", b'{"advance": 1e999}'),
        ("faults", b'{"errcode": 1, "times": 10000000000000000000}'),
        ("faults", b'{"body": "x", "content_type": "a\\r\\nb"}'),
    ],
)
def test_odd_control_requests_are_refused(control, wechat, path, body):
    """Numbers that SQLite cannot hold, other shapes and broken headers answer 400 and change nothing."""
    response = wechat.request("POST", f"{control.url}/_emulator/{path}", content=body)

    assert response.status_code == 400
    assert response.json()["error"]


def test_a_lone_surrogate_is_no_json_text(control, wechat):
    """A body that is not Unicode text is answered as malformed."""
    response = wechat.raw(control.url, content=b'{"action": "\\ud800"}')

    assert response.json()["errcode"] == 47001
