"""The command `wechat-miniprogram wait`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.exports.stacks import APPID, OTHER, A, B, C, export, resource


@pytest.fixture
def exported(tmp_path):
    """An export of two apps."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", A, B), resource("pay", C, appid=OTHER)))
    return path


def untimed(output):
    """The lines of an output without the times before them."""
    return [re.sub(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", "", line) for line in output.splitlines()]


def test_it_ends_when_everything_is_in_force(printed, wechat, exported):
    """Of the apps that are named; the others are not asked."""
    wechat.seed(APPID, live=[A, B])
    wechat.clear_calls()

    code, output, errors = printed("wait", APPID, "--effective", "--export", exported)

    assert (code, errors) == (0, "")
    assert untimed(output) == [
        f"{APPID} (shop/dev: shop): 2 of 2 domains in force",
        "1 Mini Program: every declared domain is in force",
    ]
    assert {call.appid for call in wechat.calls()} == {APPID}


def test_the_end_of_the_time_is_exit_code_124(printed, wechat, exported):
    """With what waits, and what to do."""
    wechat.seed(APPID, live=[A, B], effective=[A])

    code, output, errors = printed("wait", APPID, "--effective", "--export", exported, "--timeout", "0")

    assert code == 124
    assert untimed(output) == [
        f"{APPID} (shop/dev: shop): 1 of 2 domains in force, waiting for a release: {B}"
    ]
    assert errors == (
        f"error: not everything is in force (--timeout 0): {APPID}. Release what is not released yet, then run "
        "the same command again.\n"
    )


def test_a_domain_on_no_list_is_exit_code_2(printed, wechat, exported):
    """Immediately: no release brings it into force."""
    wechat.seed(APPID, live=[A])

    code, output, errors = printed("wait", APPID, "--effective", "--export", exported)

    assert code == 2
    assert untimed(output) == [f"{APPID} (shop/dev: shop): 1 of 2 domains in force, on no list: {B}"]
    assert errors == (
        f"error: {APPID}: {B} is declared but on none of WeChat's lists, so no release can bring it into "
        "force. Run `pulumi refresh`, then `pulumi up`.\n"
    )


def test_a_refusal_is_exit_code_1(printed, wechat, exported):
    """Immediately."""
    wechat.fault(appid=APPID, errcode=48001, times=None)

    code, output, errors = printed("wait", APPID, "--effective", "--export", exported)

    assert (code, output) == (1, "")
    assert errors.startswith(f"error: get for {APPID} refused: ")


def test_a_fault_that_may_pass_is_a_warning(printed, wechat, exported):
    """In one line; the time is over before the next look."""
    wechat.fault(appid=APPID, http_status=502, times=None)

    code, output, errors = printed("wait", APPID, "--effective", "--export", exported, "--timeout", "0s")

    first, last = errors.splitlines()
    assert (code, output) == (124, "")
    assert first.startswith(f"warning: {APPID} (shop/dev: shop): get for {APPID} got HTTP status 502 from ")
    assert first.endswith("; trying again")
    assert last.startswith("error: not everything is in force")


def test_domains_may_be_named(printed, wechat):
    """Without an export, as a user writes them."""
    wechat.seed(APPID, live=[A])

    code, output, _ = printed("wait", APPID, "--effective", "--domain", "A.example.com/")

    assert code == 0
    assert untimed(output)[0] == f"{APPID}: 1 of 1 domain in force"


def test_the_selected_stack_is_the_default(printed, wechat, exported, tmp_path, monkeypatch):
    """A pipeline runs in the folder of its program."""
    script = tmp_path / "bin/pulumi"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {exported}\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    wechat.seed(APPID, live=[A, B])

    assert printed("wait", APPID, "--effective")[0] == 0
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked == "stack export --non-interactive --color=never\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([APPID], "say what to wait for: --effective"),
        (
            [APPID, "--effective", "--timeout", "soon"],
            "--timeout 'soon' is not a duration such as 90s, 30m, 1h or",
        ),
        ([APPID, "--effective", "--timeout", ""], "is not a duration"),
        (["shop", "--effective"], "'shop' is not a valid appid: expected"),
        (
            ["wx00000000000000ff", "--effective"],
            "no resource of the given stacks declares domains of wx00000000",
        ),
        ([APPID, "--effective", "--domain", "ftp://a"], "WeChat accepts only https"),
    ],
)
def test_wrong_usage_is_exit_code_1(printed, wechat, exported, arguments, problem):
    """Before anything is asked."""
    wechat.clear_calls()
    sources = [] if "--domain" in arguments else ["--export", exported]

    code, output, errors = printed("wait", *arguments, *sources)

    assert (code, output, wechat.calls()) == (1, "", [])
    assert problem in " ".join(errors.replace("│", "").split())


def test_what_is_declared_has_one_source(printed, wechat, exported):
    """Either the stacks tell it, or the command line."""
    code, _, errors = printed("wait", APPID, "--effective", "--domain", A, "--export", exported)

    assert code == 1
    assert "--domain already gives the declared domains" in errors


@pytest.fixture
def _hangup():
    """Let programs end by SIGHUP, also where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hangup")
@pytest.mark.parametrize(
    ("sent", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_an_interruption_ends_a_pause(wechat, exported, sent, expected):
    """The line of each change is there immediately, also for a pipe."""
    wechat.seed(APPID, live=[A, B], effective=[A])
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    environment = {**os.environ, "WECHAT_MINIPROGRAM_ACCESS_TOKENS": tokens}
    command = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "wait", APPID, "--effective")

    with subprocess.Popen(
        [*command, "--export", exported],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(sent)
        try:
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()

    assert line.endswith(f"waiting for a release: {B}\n")
    assert (process.returncode, errors) == (expected, "interrupted\n" if sent == signal.SIGINT else "")
