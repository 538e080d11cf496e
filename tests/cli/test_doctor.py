"""The command `wechat-miniprogram doctor`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.exports.stacks import APPID, OTHER, A, B

DOMAINS_PATH = "/wxa/setwebviewdomain_directly"


@pytest.fixture(autouse=True)
def _outside_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def refusing(monkeypatch):
    """Let every host of the tests refuse connections."""
    with contextlib.closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening
        target = f"127.0.0.1:{nobody.getsockname()[1]}"
        hosts = json.dumps({domain.removeprefix("https://"): target for domain in (A, B)})
        monkeypatch.setenv("WECHAT_MINIPROGRAM_PROBE_HOST_MAP", hosts)
        yield


@pytest.fixture
def unprobed(monkeypatch):
    """Let no host be asked."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_PROBE", "false")


def statuses(output):
    """Name and status of each finding of the JSON document."""
    return [(check["name"], check["status"]) for check in json.loads(output)["checks"]]


def test_settings_endpoint_and_tokens_are_looked_at_without_an_app(printed, wechat):
    """No app is asked."""
    wechat.clear_calls()

    code, output, errors = printed("doctor")

    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        "ok      settings      from the environment, otherwise defaults",
        f"                      WECHAT_MINIPROGRAM_ACCESS_TOKENS  *** for 2: {APPID}, {OTHER}",
        f"                      WECHAT_MINIPROGRAM_ENDPOINT  {wechat.url}",
        "                      WECHAT_MINIPROGRAM_MAX_ATTEMPTS  1",
        f"ok      endpoint      {wechat.url} answers as WeChat's API does",
        f"ok      token-source  WECHAT_MINIPROGRAM_ACCESS_TOKENS knows 2: {APPID}, {OTHER}",
        "",
        "3 ok",
    ]
    assert [call.errcode for call in wechat.calls()] == [41001]


@pytest.mark.usefixtures("unprobed")
def test_every_app_can_be_looked_at(printed, wechat):
    """Sorted by appid, those that are sound and those that are not; one failure is exit code 1."""
    wechat.fault(DOMAINS_PATH, appid=OTHER, times=None, errcode=61007)

    code, output, _ = printed("doctor", "--all")

    assert code == 1
    assert [line for line in output.splitlines() if line in {APPID, OTHER}] == [APPID, OTHER]
    assert "failed  permission    get for wxfedcba9876543210 refused" in output
    assert "permission set 18" in output
    assert output.splitlines()[-1] == "10 ok, 1 failed, 2 skipped"


@pytest.mark.usefixtures("refusing")
def test_a_new_host_is_asked_before_it_is_declared(printed, wechat):
    """Exit code 1, the cause and the remedy."""
    wechat.seed(APPID, live=[A])

    code, output, _ = printed("doctor", "--app", APPID, "--host", "b.example.com")

    assert code == 1
    refuses = "refuses the connection on port 443. Make the web server listen on port 443."
    assert f"failed  host          {B}: {refuses}" in output.splitlines()
    assert f"warning host          {A}: {refuses}" in output


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(("strict", "expected"), [((), 0), (("--strict",), 1)])
def test_a_warning_fails_when_strict(printed, wechat, strict, expected):
    """In a check that guards a change."""
    wechat.seed(APPID, live=[A])

    assert printed("doctor", "--app", APPID, *strict)[0] == expected


@pytest.mark.usefixtures("unprobed")
def test_json_holds_every_finding(printed, wechat):
    """The documented shape; nothing else on standard output."""
    wechat.seed(APPID, live=[A], effective=[])

    code, output, errors = printed("doctor", "--app", APPID, "--json")
    document = json.loads(output)

    assert (code, errors) == (0, "")
    assert (document["version"], document["healthy"]) == (1, True)
    assert document["checks"][-1] == {
        "name": "host",
        "status": "skipped",
        "text": "not probed, because WECHAT_MINIPROGRAM_PROBE is off",
        "appid": APPID,
    }
    assert statuses(output) == [
        ("settings", "ok"),
        ("endpoint", "ok"),
        ("token-source", "ok"),
        ("token", "ok"),
        ("permission", "ok"),
        ("live-list", "ok"),
        ("in-force", "warning"),
        ("server-lists", "ok"),
        ("confirm-file", "ok"),
        ("host", "skipped"),
    ]


def test_wrong_settings_are_the_one_finding(printed, monkeypatch):
    """Nothing can be asked with them."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_REQUEST_TIMEOUT", "soon")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPONT", "https://api2.weixin.qq.com")

    code, output, _ = printed("doctor", "--app", APPID, "--json")

    assert code == 1
    assert statuses(output) == [("settings", "failed")]
    assert "did you mean WECHAT_MINIPROGRAM_ENDPOINT?" in output


def test_the_plugin_is_looked_for_first(printed, wechat, tmp_path):
    """In the project of the working directory; what lacks there fails the command."""
    (tmp_path / "Pulumi.yaml").write_text(
        "{name: test, runtime: python, plugins: {providers: [{name: wechat-miniprogram, path: venv/bin}]}}"
    )

    code, output, _ = printed("doctor", "--json")

    assert (code, statuses(output)[0]) == (1, ("plugin", "failed"))


def test_a_secret_file_that_is_missing_shows_at_the_settings(printed, wechat, monkeypatch):
    """Before any call."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", "file:/no/such")
    wechat.clear_calls()

    code, output, _ = printed("doctor", "--json")

    assert (code, statuses(output)) == (1, [("settings", "failed")])
    assert wechat.calls() == []


def test_no_app_is_asked_through_an_endpoint_that_does_not_answer(printed, wechat, monkeypatch):
    """One cause, reported only one time."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "http://127.0.0.1:1")

    code, output, _ = printed("doctor", "--app", APPID, "--json")

    assert (code, statuses(output)) == (1, [("settings", "ok"), ("endpoint", "failed")])


def test_all_needs_a_token_source_that_knows(printed, wechat, monkeypatch):
    """A command cannot tell; the apps are to be named."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND", "true")

    code, output, errors = printed("doctor", "--all")

    assert (code, output) == (1, "")
    assert "the token source cannot list" in errors


def test_a_token_source_that_fails_is_reported_with_all(printed, wechat, monkeypatch):
    """Whose apps there are is not known then."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")

    code, output, _ = printed("doctor", "--all", "--json")

    assert (code, statuses(output)[-1]) == (1, ("token-source", "failed"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--app", "wx1"), "'wx1' is not a valid appid"),
        (("--host", A), "--host requires exactly one --app"),
        (("--app", APPID, "--app", OTHER, "--host", A), "--host requires exactly one --app"),
        (("--app", APPID, "--host", "http://a.example.com"), "http://a.example.com"),
    ],
)
def test_wrong_arguments_are_one_error(printed, wechat, arguments, problem):
    """Exit code 1, nothing printed as a result."""
    code, output, errors = printed("doctor", *arguments)

    assert (code, output) == (1, "")
    assert problem in errors


def test_no_secret_is_shown(tmp_path, wechat, monkeypatch):
    """In a process of its own, with everything that it prints."""
    secret = tmp_path / "tokens.json"
    secret.write_text(json.dumps({APPID: "canary-of-a-file", OTHER: "canary-of-another"}))
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", f"file:{secret}")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_LOG", "debug")

    for form in ((), ("--json",)):
        done = subprocess.run(
            [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "doctor", "--all", *form],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parent,
        )
        assert done.returncode == 1  # the emulator does not know these tokens
        assert f"file:{secret} for 2" in done.stdout
        assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_token_command_too(wechat, tmp_path, number, code):
    """With its children; the command line does not wait for it."""
    os.mkfifo(tmp_path / "life")
    command = ["sh", "-c", f"exec 3>{tmp_path}/life; echo >&3; sleep 15; echo x"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WECHAT_")},
        "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND": json.dumps(command),
    }
    began = time.monotonic()

    arguments = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "doctor", "--app", APPID]
    with (
        subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        (tmp_path / "life").open() as life,
    ):
        life.readline()
        process.send_signal(number)
        process.communicate(timeout=10)
        assert life.read() == ""  # until nobody holds it open

    assert process.returncode == code
    assert time.monotonic() - began < 12
