"""Every endpoint and action under every fault: what the operation does about it, in one table.

Words of the table. `again`: the same call goes out once more. `observed`: the list is read again, and what is
still missing is sent; never a `set`. `fails`: the operation ends with the class of the last column and makes no
further write. `warned`: what is written stays written, and a line says that the outputs are not fresh.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import Recorded
from pulumi_wechat_miniprogram.wechat import errors
from pulumi_wechat_miniprogram.wechat.wire import MAX_REPLY_BYTES
from tests.bench import APPID, A, B, C, declare

HTML = "<html><body>Bad gateway</body></html>"
# fault: (what the emulator or the line to it does, a read, a write, the read of the effective lists after a write, class)
TABLE: dict[str, tuple[Any, str, str, str, type[errors.CallFailed]]] = {
    "busy": ({"errcode": -1}, "again", "observed", "again", errors.WeChatError),
    "busy, done": ({"errcode": -1, "apply": True}, "again", "observed", "again", errors.WeChatError),
    "minute quota": ({"errcode": 45011}, "again", "observed", "again", errors.WeChatError),
    "crossed": ({"errcode": 9402202}, "again", "observed", "again", errors.WeChatError),
    "nothing to add": ({"errcode": 89019}, "again", "observed", "again", errors.NothingChanged),
    "nothing to add, done": (
        {"errcode": 89019, "apply": True},
        *("again", "observed", "again"),
        errors.NothingChanged,
    ),
    "nothing to delete": ({"errcode": 89022}, "again", "observed", "again", errors.NothingChanged),
    "token": ({"errcode": 40001}, "fails", "fails", "warned", errors.TokenRejected),
    "token expired": ({"errcode": 42001}, "fails", "fails", "warned", errors.TokenRejected),
    "day quota": ({"errcode": 45009}, "fails", "fails", "warned", errors.WeChatError),
    "IP": ({"errcode": 61004}, "fails", "fails", "warned", errors.WeChatError),
    "left": ({"errcode": 61007}, "fails", "fails", "warned", errors.Offboarded),
    "frozen": ({"errcode": 50002}, "fails", "fails", "warned", errors.Offboarded),
    "confirm file": ({"errcode": 86103}, "fails", "fails", "warned", errors.ConfirmFileRejected),
    "subjects": ({"errcode": 506015}, "fails", "fails", "warned", errors.WeChatError),
    "too many": ({"errcode": 89029}, "fails", "fails", "warned", errors.WeChatError),
    "personal": ({"errcode": 89231}, "fails", "fails", "warned", errors.WeChatError),
    "unknown code": ({"errcode": 7654321}, "fails", "fails", "warned", errors.WeChatError),
    "HTTP 429": ({"http_status": 429}, "again", "observed", "again", errors.GatewayFault),
    "HTTP 500": ({"http_status": 500}, "again", "observed", "again", errors.GatewayFault),
    "HTTP 502": ({"http_status": 502}, "again", "observed", "again", errors.GatewayFault),
    "HTTP 504, done": (
        {"http_status": 504, "apply": True},
        "again",
        "observed",
        "again",
        errors.GatewayFault,
    ),
    "empty": ({"body": ""}, "again", "observed", "again", errors.BadReply),
    "malformed": ({"body": '{"errcode":0,"errm'}, "again", "observed", "again", errors.BadReply),
    "HTML": ({"body": HTML, "content_type": "text/html"}, "again", "observed", "again", errors.BadReply),
    "HTML, done": ({"body": HTML, "apply": True}, "again", "observed", "again", errors.BadReply),
    "no object": ({"body": "[]"}, "again", "observed", "again", errors.BadReply),
    "huge": ({"body": " " * (MAX_REPLY_BYTES + 1)}, "again", "observed", "again", errors.BadReply),
    "cut": ({"cut": "before"}, "again", "observed", "again", errors.OutcomeUnknown),
    "cut, done": ({"cut": "after"}, "again", "observed", "again", errors.OutcomeUnknown),
    "too late": (("before", httpx.ReadTimeout), "again", "observed", "again", errors.OutcomeUnknown),
    "too late, done": (("after", httpx.ReadTimeout), "again", "observed", "again", errors.OutcomeUnknown),
    "no connection": (("before", httpx.ConnectError), "again", "observed", "again", errors.NotSent),
}
# case: (the call that fails, the column that holds for it, the calls without the fault)
CASES = {
    "get of a refresh": ("get", "read", ["get", "effective"]),
    "effective of a refresh": ("effective", "read", ["get", "effective"]),
    "confirm file": ("confirmfile", "read", ["confirmfile"]),
    "get of a create": ("get", "read", ["get", "set", "effective"]),
    "effective before a decision": ("effective", "read", ["get", "effective", "add", "effective"]),
    "get of a delete": ("get", "read", ["get", "delete", "effective"]),
    "set": ("set", "write", ["get", "set", "effective"]),
    "add": ("add", "write", ["get", "add", "effective"]),
    "delete of an update": ("delete", "write", ["get", "delete", "effective"]),
    "delete": ("delete", "write", ["get", "delete", "effective"]),
    "effective after a write": ("effective", "after", ["get", "set", "effective"]),
}
COLUMNS = {"read": 1, "write": 2, "after": 3}
TAKEN = {"busy, done", "nothing to add, done", "HTTP 504, done", "HTML, done", "cut, done", "too late, done"}
LEFT_BY_A_WRITE = ["get"]
"""After a write that failed for good, the list is read once more for the message."""


SHORT_OF_WECHAT = [("before", httpx.ReadTimeout), ("before", httpx.ConnectError)]
"""What fails before WeChat hears of it leaves no trace in its log."""
TOKENLESS = rf"^(?!(?s:.*)emulator-{APPID})"
MAY_GO = {"delete of an update": {B}, "delete": {A}}


def run(bench, case):
    """Run the operation of a case."""
    match case:
        case "get of a refresh" | "effective of a refresh":
            return bench.use.read(Recorded(APPID, (A,)))
        case "confirm file":
            return bench.use.confirm_file(APPID)
        case "get of a create" | "set" | "effective after a write":
            return bench.use.create(declare(A))
        case "effective before a decision" | "add":
            return bench.use.update(Recorded(APPID, (A,)), declare(A, B))
        case "delete of an update":
            return bench.use.update(Recorded(APPID, (A, B)), declare(A))
        case "get of a delete" | "delete":
            return bench.use.delete(Recorded(APPID, (A,)))
    raise AssertionError(case)


def seed(bench, case):
    """Put in place what is live before, all of it in force."""
    match case:
        case "get of a create" | "set" | "effective after a write":
            live = []
        case "delete of an update":
            live = [A, B]
        case _:
            live = [A]
    bench.control.seed(APPID, live=live, mp=[C] if case == "effective before a decision" else [])
    if case == "effective before a decision":
        bench.control.switch(get_returns="all")


def arm(bench, case, fault, *, stays=False):
    """Let the fault meet the case's call, once or for ever (a set is followed by adds)."""
    effect = TABLE[fault][0]
    call, _, usual = CASES[case]
    if isinstance(effect, tuple):
        when, error = effect
        bench.line.fail(usual.index(call), when, error("at its limit"), times=99 if stays else 1)
        return
    for action in ("set", "add") if stays and call == "set" else (call,):
        bench.control.fault(action=action, times=None if stays else 1, **effect)


def expected(case, fault):
    """The calls of the operation when the fault comes once."""
    call, column, usual = CASES[case]
    at = usual.index(call)
    match TABLE[fault][COLUMNS[column]]:
        case "again":
            return [*usual[:at], call, *usual[at:]]
        case "warned":
            return usual
        case "fails" if column == "write":
            return [*usual[: at + 1], *LEFT_BY_A_WRITE]
        case "fails":
            return usual[: at + 1]
    look = ["get", "effective"] if call == "delete" and TABLE[fault][4] is errors.NothingChanged else ["get"]
    rest = [] if fault in TAKEN else ["add" if call == "set" else call]
    return [*usual[: at + 1], *look, *rest, *usual[at + 1 :]]


def without(calls, call):
    """The calls without the first of one name."""
    at = calls.index(call) if call else len(calls)
    return [*calls[:at], *calls[at + 1 :]]


@pytest.mark.parametrize("fault", TABLE)
@pytest.mark.parametrize("case", CASES)
def test_a_fault_that_comes_once(bench, case, fault):
    """The calls are those of the table, and the operation ends as it says."""
    seed(bench, case)
    arm(bench, case, fault)
    word = TABLE[fault][COLUMNS[CASES[case][1]]]

    with pytest.raises(TABLE[fault][4]) if word == "fails" else nullcontext():
        run(bench, case)

    never_arrived = TABLE[fault][0] in SHORT_OF_WECHAT
    assert bench.calls == without(expected(case, fault), CASES[case][0] if never_arrived else None)
    assert any("could not be read" in line for line in bench.warnings) == (word == "warned")


@pytest.mark.parametrize("fault", TABLE)
@pytest.mark.parametrize("case", CASES)
def test_a_fault_that_stays(bench, case, fault):
    """The tries end with the table's class, no token in its text, and what was in force stays in force."""
    seed(bench, case)
    before = set(bench.control.effective(APPID))
    arm(bench, case, fault, stays=True)
    column = CASES[case][1]
    good = column == "after" or (column == "write" and fault in TAKEN - {"too late, done"})

    with nullcontext() if good else pytest.raises(TABLE[fault][4], match=TOKENLESS):
        run(bench, case)

    assert before - set(bench.control.effective(APPID)) <= MAY_GO.get(case, set())
