"""The command `wechat-miniprogram drift`."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.alerting.webhook import SHAPES
from pulumi_wechat_miniprogram.cli.drift import WebhookType
from pulumi_wechat_miniprogram.exports.drift import AppDrift, drift_document
from tests.exports.stacks import APPID, OTHER, A, B, C, D, export, resource, secret, urn
from tests.webhooks import receiving
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
    """A typo in an appid is not "fine"; nothing is asked."""
    wechat.clear_calls()

    code, output, errors = printed("drift", exported, "--appid", "wxoops*")

    assert (code, output, wechat.calls()) == (1, "", [])
    assert "no Mini Program of the exports matches --appid 'wxoops*'" in errors


def test_a_dead_endpoint_is_one_error(printed, wechat, exported, monkeypatch):
    """The first app tells why; the next is not asked, because each try takes its time."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "http://127.0.0.1:9")

    code, output, errors = printed("drift", exported, "--concurrency", 1)

    assert (code, output) == (1, "0 Mini Programs compared, 0 with drift, 2 failed\n")
    assert f"get for {APPID} not sent: no connection to 127.0.0.1:9" in errors
    assert errors.endswith(f"\n  the same: {OTHER}\n")
    assert errors.count("error: ") == 1


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

    document = json.loads(output)
    times = [document.pop("time"), *(app.pop("time") for app in document["apps"])]
    assert [bool(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)) for time in times] == [True] * 3
    assert all(0 <= app.pop("seconds") < 10 for app in document["apps"])
    same = {
        "missing": [],
        "extra": [],
        "pending": [],
        "other_modes": [],
        "left_platform": False,
        "problem": "",
    }
    shop = {"appid": APPID, "stacks": ["shop/dev"], "resources": [urn("shop")], **same, "missing": [B]}
    shop |= {"result": "drift", "reason": f"missing {B}"}
    pay = {"appid": OTHER, "stacks": ["shop/dev"], "resources": [urn("pay")], **same}
    pay |= {"result": "in-sync", "reason": ""}
    assert code == 2
    assert document == {"version": 1, "compared": 2, "drifted": 1, "failed": 0, "apps": [shop, pay]}


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


def test_a_problem_of_many_apps_is_reported_once(printed, wechat, tmp_path):
    """With the appids that share it."""
    path = tmp_path / "dev.json"
    hidden = {"domains": secret()}
    path.write_bytes(export(resource("a", outputs=hidden), resource("b", appid=OTHER, outputs=hidden)))

    code, _, errors = printed("drift", path)

    assert code == 1
    assert errors.splitlines() == [
        f"error: {APPID}: its domains are encrypted in the export; use one written by `pulumi stack export "
        "--show-secrets`, and keep it in a safe place",
        f"  the same: {OTHER}",
    ]


def test_an_app_that_left_is_shown(printed, wechat, exported, monkeypatch):
    """With onUnauthorized: keep, and is not an error."""
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
    page = (Path(__file__).parents[2] / "docs/reference/command-line/drift.md").read_text(encoding="utf-8")

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


def test_one_answer_for_many_apps_is_reported_once(printed, wechat, exported):
    """Although each has a rid of its own."""
    wechat.fault("/wxa/setwebviewdomain_directly", times=None, errcode=45009)

    code, _, errors = printed("drift", exported)

    assert code == 1
    assert errors.count("reach max api daily quota limit") == 1
    assert errors.endswith(f"\n  the same: {OTHER}\n")


def test_a_token_that_no_app_gets_is_reported_once(printed, wechat, exported, monkeypatch):
    """Nobody reads a hundred times that no source is configured."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")

    code, _, errors = printed("drift", exported)

    assert code == 1
    assert errors.count("no access token is configured") == 1
    assert errors.endswith(f"\n  the same: {OTHER}\n")


def test_problems_that_differ_are_distinguished(printed, wechat, exported):
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
        f"the endpoint emulator:wechat.db cannot be used: {missing} has no emulator data" in output + errors
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


@pytest.fixture
def drifted(wechat, exported):
    """One app in sync, and one with a domain too many and one that waits."""
    wechat.seed(APPID, live=[A, B], effective=[A])
    wechat.seed(OTHER, live=[C])
    path = exported.with_name("more.json")
    path.write_bytes(export(resource("shop", A, B), resource("pay", D, appid=OTHER)))
    return path


def test_a_table_has_every_app_and_drift_comes_first(printed, drifted):
    """With the reason, the time and the duration of each."""
    code, output, _ = printed("drift", drifted, "--format", "table")

    head, *rows, _, counts = output.splitlines()
    assert code == 2
    assert head.split() == ["result", "appid", "declared", "by", "reason", "time", "seconds"]
    assert [" ".join(row.split()[:-2]) for row in rows] == [
        f"drift {OTHER} shop/dev: pay missing {D}",
        "",
        f"in-sync {APPID} shop/dev: shop pending {B}",
    ]
    assert rows[1].split() == ["extra", C]
    assert counts == "2 Mini Programs compared, 1 with drift, 0 failed"


def test_only_drift_leaves_out_apps_in_sync(printed, wechat, drifted):
    """They are counted all the same; of those that failed nobody knows."""
    _, output, _ = printed("drift", drifted, "--only-drift", "--format", "csv")
    assert [line.partition(",")[0] for line in output.splitlines()] == ["appid", OTHER]

    wechat.fault(appid=APPID, errcode=45009, times=None)
    _, output, _ = printed("drift", drifted, "--only-drift", "--json")
    document = json.loads(output)
    assert [app["result"] for app in document["apps"]] == ["failed", "drift"]
    assert (document["compared"], document["drifted"], document["failed"]) == (1, 1, 1)


def test_csv_has_every_field(printed, drifted):
    """Those of the JSON document, by the same names."""
    _, as_csv, _ = printed("drift", drifted, "--format", "csv")
    _, as_json, _ = printed("drift", drifted, "--format", "json")

    first, _ = csv.DictReader(io.StringIO(as_csv))
    assert [*first] == [*json.loads(as_json)["apps"][0]]
    assert (first["result"], first["reason"]) == ("drift", f"missing {D}; extra {C}")


def test_markdown_is_a_table(printed, drifted):
    """For the summary of a CI job."""
    _, output, _ = printed("drift", drifted, "--format", "markdown", "--only-drift")

    head, _, columns, rule, row = output.splitlines()
    assert head == "**2 Mini Programs compared, 1 with drift, 0 failed**"
    assert columns == "| result | Mini Program | declared by | reason | time | seconds |"
    assert rule == "|---|---|---|---|---|---|"
    assert row.startswith(f"| drift | {OTHER} | shop/dev: pay | missing {D}; extra {C} | 20")


def test_colours_come_to_a_terminal_only(printed, drifted, monkeypatch):
    """Rich knows a terminal by its variables too."""
    assert "\x1b[" not in printed("drift", drifted)[1]

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    _, output, _ = printed("drift", drifted)

    assert output.splitlines()[0] == f"\x1b[31m{OTHER}  shop/dev: pay\x1b[0m"
    assert output.splitlines()[3] == f"{APPID}  shop/dev: shop"


def test_a_metrics_file_is_written_whole(printed, drifted, tmp_path):
    """Beside the result, for node_exporter; it is what --format prometheus prints."""
    place = tmp_path / "wechat.prom"
    place.write_text("old", encoding="utf-8")

    code, _, _ = printed("drift", drifted, "--metrics-file", place, "--only-drift")
    _, output, _ = printed("drift", drifted, "--format", "prometheus")

    timeless = [
        [re.sub(r"(seconds\{.*\}) .*", r"\1", line) for line in text.splitlines()]
        for text in (place.read_text(encoding="utf-8"), output)
    ]
    assert code == 2
    assert timeless[0] == timeless[1]
    assert f'wechat_miniprogram_drift_domain{{appid="{OTHER}",kind="extra",domain="{C}"}} 1' in timeless[0]


@pytest.mark.parametrize(
    ("place", "problem"),
    [("no/wechat.prom", "No such file or directory"), (".", "Is a directory")],
)
def test_a_metrics_file_that_cannot_be_written_changes_nothing_else(
    printed, drifted, tmp_path, place, problem
):
    """One warning; the result and the exit code are those without it."""
    plain = printed("drift", drifted)

    code, output, errors = printed("drift", drifted, "--metrics-file", tmp_path / place)

    assert (code, output) == plain[:2] == (2, output)
    assert errors == f"warning: the metrics were not written to {tmp_path / place}: {problem}\n"


def test_an_alert_is_posted(printed, drifted, monkeypatch):
    """The URL comes from the environment; the exit code and the result are those without it."""
    plain = printed("drift", drifted)

    with receiving() as receiver:
        monkeypatch.setenv("WECHAT_MINIPROGRAM_ALERT_URL", f"{receiver.url}/hook")
        code, output, errors = printed("drift", drifted)

    ((_, body),) = receiver.posts
    assert (code, output) == plain[:2]
    assert errors == f"alert posted to webhook at {receiver.url.removeprefix('http://')}\n"
    assert f"\n{OTHER} (shop/dev: pay)\n" in body["text"]
    assert f"\nAdded outside Pulumi: {C}\n" in body["text"]
    assert [app["appid"] for app in body["drift"]["apps"]] == [OTHER]


def test_an_alert_is_posted_although_nobody_reads_the_output(drifted, tmp_path):
    """As before a `head` that has read enough; the metrics are written, too."""
    metrics = tmp_path / "drift.prom"
    command = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "drift", str(drifted)]
    with receiving() as receiver, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--notify", f"{receiver.url}/hook", "--metrics-file", str(metrics)],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode != 0
    assert len(receiver.posts) == 1
    assert metrics.exists()


def test_a_failing_webhook_changes_nothing(printed, drifted):
    """One warning; a URL from the command line wins."""
    plain = printed("drift", drifted)

    with receiving() as receiver:
        receiver.status = 500
        code, output, errors = printed(
            "drift", drifted, "--notify", f"{receiver.url}/hook", "--notify-kind", "slack"
        )

    assert (code, output) == plain[:2]
    assert errors == (
        f"warning: the alert was not posted to slack at {receiver.url.removeprefix('http://')}: HTTP status 500\n"
    )


def test_no_drift_posts_nothing(printed, wechat, exported):
    """Nobody is woken to read that all is well."""
    wechat.seed(APPID, live=[A, B])
    wechat.seed(OTHER, live=[C])

    with receiving() as receiver:
        assert printed("drift", exported, "--notify", receiver.url)[0] == 0
    assert receiver.posts == []


def test_apps_that_could_not_be_compared_are_an_alert(printed, wechat, exported):
    """A token service that is down must not look like no drift. Secrets of the program stay out."""
    wechat.fault(errcode=45009, times=None)

    with receiving() as receiver:
        assert printed("drift", exported, "--notify", receiver.url)[0] == 1
    ((_, body),) = receiver.posts
    assert "2 could not be compared" in body["text"]
    assert "daily quota" in body["text"]


def test_secrets_of_a_program_are_in_no_alert(printed, wechat, tmp_path):
    """Neither in its text nor in its document, nor in the metrics."""
    path, place = tmp_path / "dev.json", tmp_path / "wechat.prom"
    path.write_bytes(export(resource("shop", outputs={"domains": secret(["https://hush.example.com"])})))
    wechat.seed(APPID, live=[])

    with receiving() as receiver:
        printed("drift", path, "--notify", receiver.url, "--metrics-file", place)

    assert "https://***" in receiver.posts[0][1]["text"]
    assert "hush" not in str(receiver.posts) + place.read_text(encoding="utf-8")


def test_a_webhook_that_cannot_be_used_is_wrong_usage(printed, wechat, exported):
    """Before anything is asked."""
    wechat.clear_calls()

    code, output, errors = printed("drift", exported, "--notify", "http://alerts.example.com/k3y")

    assert (code, output, wechat.calls()) == (1, "", [])
    assert "is plain http to another machine" in " ".join(errors.replace("│", "").split())
    assert "k3y" not in errors


def test_the_command_offers_every_kind_of_webhook():
    """One that is known by its host alone could not be reached through a proxy of one's own."""
    assert [each.value for each in WebhookType] == [*SHAPES]
