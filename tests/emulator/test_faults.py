"""Faults by chance, on a named endpoint, of a body that ends early or lies about its type."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import pytest

from tests.emulator.conftest import APPID, EFFECTIVE_PATH, SET_PATH
from wechat_miniprogram_emulator import Store, create_app
from wechat_miniprogram_emulator.faults import ConnectionCut, FaultRule

A, B = (f"https://{name}.example.com" for name in "ab")


@pytest.fixture
def control(wechat_emulator):
    """An emulator with one app whose domain is in force."""
    wechat_emulator.seed(APPID, live=[A])
    return wechat_emulator


def errcodes(control, wechat, calls):
    """The errcodes of so many calls in a row."""
    return [wechat.domains(control.url, "get")["errcode"] for _ in range(calls)]


def test_the_same_seed_gives_the_same_faults(control, wechat):
    """Which calls a fault meets by chance follows from its seed, and another seed meets others."""
    runs = []
    for seed in (7, 7, 8):
        control.clear_faults()
        control.fault(errcode=-1, times=None, probability=0.5, seed=seed)
        runs.append(errcodes(control, wechat, 32))

    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_fault_without_a_seed_is_repeatable_too(control, wechat):
    """The seed is 0 unless it is given."""
    control.fault(errcode=-1, times=None, probability=0.5)
    unseeded = errcodes(control, wechat, 32)
    control.clear_faults()
    control.fault(errcode=-1, times=None, probability=0.5, seed=0)

    assert errcodes(control, wechat, 32) == unseeded


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.99])
def test_a_fault_goes_off_as_often_as_its_probability_says(probability):
    """Over 20,000 calls the share is within three standard deviations (of one draw each)."""
    rule = FaultRule(errcode=-1, probability=probability)

    met = sum(rule.falls_on(draw) for draw in range(20_000))

    deviation = (20_000 * probability * (1 - probability)) ** 0.5
    assert abs(met - 20_000 * probability) < 3 * deviation


def test_a_probability_of_one_meets_every_call(control, wechat):
    """Certainty is the end of the scale."""
    control.fault(errcode=-1, times=2, probability=1)

    assert errcodes(control, wechat, 3) == [-1, -1, 0]


def test_times_counts_the_faults_that_went_off(control, wechat):
    """After so many faults by chance the calls are answered again; skipped calls are not drawn."""
    control.fault(errcode=-1, times=3, skip=2, probability=0.5, seed=3)
    drawn = [FaultRule(errcode=-1, probability=0.5, seed=3).falls_on(draw) for draw in range(20)]
    third = [draw for draw, met in enumerate(drawn) if met][2]

    got = errcodes(control, wechat, 22)

    assert got == [0, 0, *(-1 if met and at <= third else 0 for at, met in enumerate(drawn))]


def test_a_call_that_chance_spares_goes_to_the_next_fault(control, wechat):
    """A fault that does not go off leaves the call to the faults armed after it."""
    control.fault(errcode=45011, times=None, probability=0.5, seed=1)
    control.fault(errcode=45009, times=None)

    assert set(errcodes(control, wechat, 20)) == {45011, 45009}


@pytest.mark.parametrize(
    ("path", "met"),
    [
        ("setwebviewdomain_directly", [-1, 0]),
        ("wxa/get_effective_webviewdomain", [0, -1]),
        ("get_effective_webviewdomain", [0, -1]),
        (EFFECTIVE_PATH, [0, -1]),
    ],
)
def test_an_endpoint_goes_by_its_name(control, wechat, path, met):
    """The end of a path, from a slash on, names the endpoint as the whole path does."""
    control.fault(path, errcode=-1, times=None)

    answers = (wechat.domains(control.url, "get"), wechat.effective(control.url))
    assert [answer["errcode"] for answer in answers] == met


@pytest.mark.parametrize("path", ["webviewdomain_directly", "/", "", "nowhere"])
def test_a_path_that_names_no_endpoint_is_refused(control, path):
    """A fault that can never go off is a mistake."""
    with pytest.raises(ValueError, match=f"^path: {path} is not emulated; allowed: {SET_PATH}, "):
        control.fault(path, errcode=-1)


@pytest.mark.parametrize(
    ("sent", "arrives"), [(0, b""), (5, b'{"err'), (10_000, b'{"errcode":0,"errmsg":"ok"')]
)
def test_a_truncated_body_ends_before_its_announced_length(wechat_emulator_server, sent, arrives):
    """The call was carried out, the head of the answer is whole, and the last byte never comes."""
    control = wechat_emulator_server.control
    control.reset()
    control.seed(APPID, live=[A])
    control.fault(truncate=sent)
    received: list[bytes] = []

    with (
        httpx.stream(
            "POST",
            f"{control.url}{SET_PATH}?access_token=emulator-{APPID}",
            json={"action": "add", "webviewdomain": [B]},
            trust_env=False,
        ) as response,
        pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"),
    ):
        received.extend(response.iter_raw())

    assert (response.status_code, b"".join(received)) == (200, arrives)
    assert int(response.headers["content-length"]) == len(b'{"errcode":0,"errmsg":"ok"}')
    assert [(c.fault, c.errcode, c.applied) for c in control.calls()] == [(f"truncate {sent}", None, True)]
    assert control.live(APPID) == [A, B]


@pytest.mark.parametrize("rule", [{"cut": "after"}, {"truncate": 3}])
def test_without_a_socket_a_cut_is_an_error(rule):
    """In process no connection can be closed; the call took effect all the same."""
    store = Store()

    async def add():
        transport = httpx.ASGITransport(create_app(store))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            await http.post("/_emulator/seed", json={"apps": [{"appid": APPID}]})
            await http.post("/_emulator/faults", json=rule)
            body = {"action": "add", "webviewdomain": [A]}
            await http.post(f"{SET_PATH}?access_token=emulator-{APPID}", json=body)

    with contextlib.closing(store):
        with pytest.raises(ConnectionCut, match=r"^a fault cut the connection$"):
            asyncio.run(add())

        assert [call.applied for call in store.calls()] == [True]


@pytest.mark.parametrize(
    ("rule", "kind", "errcode"),
    [
        ({"content_type": "text/html"}, "text/html; charset=utf-8", 0),
        ({"content_type": "application/json", "errcode": -1}, "application/json", -1),
        ({"content_type": "text/xml", "slow_body": 0}, "text/xml; charset=utf-8", 0),
        ({"delay": 0}, "text/plain; charset=utf-8", 0),
    ],
)
def test_an_answer_may_have_another_type(control, wechat, rule, kind, errcode):
    """The body is WeChat's, whatever the header says."""
    control.fault(**rule)

    response = wechat.raw(control.url, content=b'{"action": "get"}')

    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.json()["errcode"] == errcode


def test_a_page_may_have_another_type(control, wechat):
    """A gateway's page that says it is JSON."""
    control.fault(http_status=502, content_type="application/json")

    response = wechat.raw(control.url, content=b'{"action": "get"}')

    assert (response.status_code, response.headers["content-type"]) == (502, "application/json")
    assert response.text.startswith("<html>")


def test_the_log_names_a_wrong_type(control, wechat):
    """The label of a fault holds its content type."""
    control.fault(content_type="text/html", errcode=-1)
    wechat.raw(control.url)

    assert [call.fault for call in control.calls()] == ["errcode -1, content_type text/html"]


def test_one_fault_is_disarmed_by_its_number(control, wechat):
    """The others stay armed, and a number that is gone already is not an error."""
    first = control.fault(errcode=45009, times=None)
    control.fault(errcode=45011, times=None)

    control.clear_faults(first)
    control.clear_faults(first)

    assert errcodes(control, wechat, 1) == [45011]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("id=one", "id: must be a whole number"),
        ("number=1", "body: unknown: number; allowed: id"),
    ],
)
def test_a_fault_is_disarmed_by_number_only(control, wechat, query, text):
    """A request that is not understood disarms nothing."""
    control.fault(errcode=45009, times=None)

    response = wechat.request("DELETE", f"{control.url}/_emulator/faults?{query}")

    assert (response.status_code, json.loads(response.text)) == (400, {"error": text})
    assert errcodes(control, wechat, 1) == [45009]
