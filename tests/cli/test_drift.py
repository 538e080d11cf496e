"""The command `wechat-miniprogram drift`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.exports.drift import AppDrift, drift_document
from tests.exports.stacks import APPID, OTHER, A, B, C, D, export, resource, secret, urn
from wechat_miniprogram_emulator import Emulator

COMMAND = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "drift")


@pytest.fixture
def exported(tmp_path):
    """An export of two apps."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", A, B), resource("pay", C, appid=OTHER, mode="additive")))
    return path


def test_no_drift_is_exit_code_0(printed, wechat, exported):
    """Two reads an app, no write."""
    wechat.seed(APPID, live=[A, B])
    wechat.seed(OTHER, live=[C, D])
    wechat.clear_calls()

    assert printed("drift", exported) == (0, "2 Mini Programs compared, 0 with drift, 0 failed\n", "")
    assert sorted(call.name for call in wechat.calls()) == ["effective", "effective", "get", "get"]


def test_drift_is_exit_code_2(printed, wechat, exported):
    """Each app with its stacks and resources, each domain with the kind of difference."""
    wechat.seed(APPID, live=[A, D], effective=[], mp=["https://console.example.com"])
    wechat.seed(OTHER, live=[C])

    code, output, errors = printed("drift", exported)

    assert (code, errors) == (2, "")
    assert output.splitlines() == [
        f"{APPID}  shop/dev: shop",
        f"  missing      {B}",
        f"  extra        {D}",
        f"  pending      {A}",
        "  other-modes  https://console.example.com",
        "2 Mini Programs compared, 1 with drift, 0 failed",
    ]


def test_a_pattern_that_matches_nothing_is_an_error(printed, wechat, exported):
    """A slip in an appid is no "fine"; nothing is asked."""
    wechat.clear_calls()

    code, output, errors = printed("drift", exported, "--appid", "wxoops*")

    assert (code, output, wechat.calls()) == (1, "", [])
    assert "no Mini Program of the exports matches --appid 'wxoops*'" in errors


def test_a_dead_endpoint_is_one_error(printed, wechat, exported, monkeypatch):
    """The first app tells why; the next is not asked, since each try takes its time."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "http://127.0.0.1:9")

    code, output, errors = printed("drift", exported, "--concurrency", 1)

    assert (code, output) == (1, "0 Mini Programs compared, 0 with drift, 2 failed\n")
    assert f"get for {APPID} not sent: no connection to 127.0.0.1:9" in errors
    assert f"error: {OTHER}: not asked, since no connection could be made for {APPID}\n" in errors


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [([], 0), (["missing"], 0), (["pending"], 2), (["missing", "other-modes"], 2)],
)
def test_what_counts_as_drift_is_chosen(printed, wechat, exported, fail_on, expected):
    """By default missing and extra."""
    wechat.seed(APPID, live=[A, B], effective=[A], mp=[D])
    wechat.seed(OTHER, live=[C])

    code, _, _ = printed("drift", exported, *(f"--fail-on={kind}" for kind in fail_on))

    assert code == expected


def test_json_has_every_app(printed, wechat, exported):
    """The documented shape; nothing else on standard output."""
    wechat.seed(APPID, live=[A])
    wechat.seed(OTHER, live=[C])

    code, output, _ = printed("drift", exported, "--json")

    same = {
        "missing": [],
        "extra": [],
        "pending": [],
        "other_modes": [],
        "left_platform": False,
        "problem": "",
    }
    shop = {"appid": APPID, "stacks": ["shop/dev"], "resources": [urn("shop")], **same, "missing": [B]}
    pay = {"appid": OTHER, "stacks": ["shop/dev"], "resources": [urn("pay")], **same}
    assert code == 2
    assert json.loads(output) == {"version": 1, "compared": 2, "drifted": 1, "failed": 0, "apps": [shop, pay]}


def test_a_failing_app_is_an_error_and_the_others_are_shown(printed, wechat, exported):
    """Exit code 1, since nobody knows whether it drifted."""
    wechat.seed(OTHER, live=[])
    wechat.fault(appid=APPID, errcode=45009, times=None)

    code, output, errors = printed("drift", exported)

    assert code == 1
    assert output.splitlines() == [
        f"{OTHER}  shop/dev: pay",
        f"  missing      {C}",
        "1 Mini Program compared, 1 with drift, 1 failed",
    ]
    assert errors.startswith(f"error: get for {APPID} refused: reach max api daily quota limit")


def test_a_problem_of_many_apps_is_told_once(printed, wechat, tmp_path):
    """With the appids that share it."""
    path = tmp_path / "dev.json"
    hidden = {"domains": secret()}
    path.write_bytes(export(resource("a", outputs=hidden), resource("b", appid=OTHER, outputs=hidden)))

    code, _, errors = printed("drift", path)

    assert code == 1
    assert errors.splitlines() == [
        f"error: {APPID}: its domains are encrypted in the export; give one that "
        "`pulumi stack export --show-secrets` wrote, in a safe place",
        f"  the same: {OTHER}",
    ]


def test_an_app_that_left_is_shown(printed, wechat, exported, monkeypatch):
    """With onUnauthorized: keep, and is no error."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ON_UNAUTHORIZED", "keep")
    wechat.seed(APPID, live=[A, B])
    wechat.fault(appid=OTHER, errcode=61003, times=None)

    code, output, errors = printed("drift", exported)

    assert code == 0
    assert output.splitlines()[:2] == [f"{OTHER}  shop/dev: pay", "  left the third-party platform"]
    assert errors.startswith(f"warning: get for {OTHER} refused: ")


def test_one_app_may_be_asked_alone(printed, wechat, exported):
    """Nobody else's list is read."""
    wechat.seed(OTHER, live=[C])
    wechat.clear_calls()

    assert printed("drift", exported, "--appid", OTHER)[0] == 0
    assert {call.appid for call in wechat.calls()} == {OTHER}


@pytest.mark.parametrize("hushed", ["https://hush.example.com", "https://vip.cn"])
def test_secrets_are_compared_and_not_shown(printed, wechat, tmp_path, hushed):
    """An export with `--show-secrets` can be held against the live list."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", outputs={"domains": secret([hushed])})))
    wechat.seed(APPID, live=[])

    code, output, _ = printed("drift", path)

    assert code == 2
    assert "  missing      https://***\n" in output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--rate", "0"], "be greater than or equal to 0.1"),
        (["--fail-on", "colour"], "'colour' is not one of"),
    ],
)
def test_wrong_usage_is_exit_code_1(printed, exported, arguments, text):
    """Click's own 2 means drift here."""
    code, output, errors = printed("drift", exported, *arguments)

    assert (code, output) == (1, "")
    assert text in " ".join(errors.replace("│", "").split())


def test_wrong_settings_are_one_error(printed, exported, monkeypatch):
    """By the name of the variable."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "http://192.0.2.1")

    code, output, errors = printed("drift", exported)

    assert (code, output) == (1, "")
    assert errors.startswith("error: WECHAT_MINIPROGRAM_ENDPOINT is plain http to another machine")


def test_every_field_is_documented():
    """Whoever reads the JSON finds what each field means."""
    page = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")

    (app,) = drift_document([AppDrift(APPID, (), ())], [])["apps"]
    assert [name for name in app if f"`{name}`" not in page] == []


def test_ctrl_c_ends_at_once(exported):
    """Calls that are under way are not waited for; nothing is printed but that it was interrupted."""
    tokens = json.dumps({APPID: "token-of-shop", OTHER: "token-of-pay"})

    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {
            **os.environ,
            "WECHAT_MINIPROGRAM_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": tokens,
        }
        with subprocess.Popen(
            [*COMMAND, exported], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        ) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=15)
            connection.close()

    assert (process.returncode, output, errors) == (130, "", "interrupted\n")


def test_one_answer_for_many_apps_is_told_once(printed, wechat, exported):
    """Although each has a rid of its own."""
    wechat.fault("/wxa/setwebviewdomain_directly", times=None, errcode=45009)

    code, _, errors = printed("drift", exported)

    assert code == 1
    assert errors.count("reach max api daily quota limit") == 1
    assert errors.endswith(f"\n  the same: {OTHER}\n")


def test_a_token_that_no_app_gets_is_told_once(printed, wechat, exported, monkeypatch):
    """Nobody reads a hundred times that no source is configured."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")

    code, _, errors = printed("drift", exported)

    assert code == 1
    assert errors.count("no access token is configured") == 1
    assert errors.endswith(f"\n  the same: {OTHER}\n")


def test_problems_that_differ_are_told_apart(printed, wechat, exported):
    """Also those of one call: each code has its own remedy."""
    wechat.fault("/wxa/setwebviewdomain_directly", appid=APPID, times=None, errcode=45009)
    wechat.fault("/wxa/setwebviewdomain_directly", appid=OTHER, times=None, errcode=61007)

    _, _, errors = printed("drift", exported)

    assert "the same" not in errors
    assert ("45009" in errors, "61007" in errors) == (True, True)


@pytest.mark.parametrize(
    "arguments",
    [["drift", "dev.json"], ["adopt", f"shop={APPID}"], ["doctor", "--app", APPID]],
    ids=lambda arguments: arguments[0],
)
def test_a_command_makes_no_emulator(printed, exported, monkeypatch, arguments):
    """In another folder than the program's there is none, and an empty one would show drift everywhere."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "emulator:wechat.db")
    monkeypatch.chdir(exported.parent)

    code, output, errors = printed(*arguments)

    missing = exported.parent / "wechat.db"
    assert code == 1
    assert (
        f"the endpoint emulator:wechat.db cannot be used: there is no emulator data at {missing}"
        in output + errors
    )
    assert list(exported.parent.iterdir()) == [exported]


def test_a_command_reads_an_emulator_that_is_there(printed, exported, monkeypatch):
    """As `pulumi up` left it."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "emulator:wechat.db")
    monkeypatch.chdir(exported.parent)
    with Emulator("wechat.db") as emulator:
        emulator.control.seed(APPID, live=[A, B])
        emulator.control.seed(OTHER, live=[C])

    assert printed("drift", "dev.json") == (0, "2 Mini Programs compared, 0 with drift, 0 failed\n", "")


def test_a_live_value_is_compared_and_shown_without_its_control_characters(printed, wechat, tmp_path):
    """The state has it escaped, WeChat as it is: no drift."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", r"https://x\n\x1b[31m.example.com")))
    wechat.seed(APPID, live=["https://x\n\x1b[31m.example.com", "y\n::error::forged"])

    code, output, _ = printed("drift", path)

    assert code == 2
    assert output.splitlines()[1:] == [
        r"  extra        y\n::error::forged",
        "1 Mini Program compared, 1 with drift, 0 failed",
    ]
