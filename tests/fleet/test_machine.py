"""What is asked of a machine before anything runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram import __version__
from pulumi_wechat_miniprogram.__about__ import docs_page
from pulumi_wechat_miniprogram.fleet.machine import Machine, backend_url, look, problems, unlike

GOOD = Machine("a", __version__, "v3.259.0", "1f", "access_token_url")


@pytest.fixture
def settings(monkeypatch, pulumi):
    """A machine with a CLI, a backend and a token service."""
    pulumi("print('v3.259.0')")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://me:Sw0rdf1sh9@db/states")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL", "https://tokens.example.com/{appid}")
    return monkeypatch


def test_a_good_machine(settings):
    """What it says holds no credential, and no problem."""
    found = look()

    assert (found.version, found.cli, found.tokens, found.problem) == (
        __version__,
        "v3.259.0",
        "access_token_url",
        "",
    )
    assert "Sw0rdf1sh9" not in repr(found)
    assert [*problems({"w": found}, calls=True)] == []


@pytest.mark.parametrize(
    ("program", "reported"),
    [
        ("print('v3.200.1')", "the Pulumi CLI is v3.200.1: install 3.255 or newer"),
        ("print('dev')", "the Pulumi CLI is dev: install"),
        ("sys.exit(1)", "the Pulumi CLI is not on PATH"),
    ],
)
def test_another_cli(settings, pulumi, program, reported):
    """Too old, or none."""
    pulumi(program)

    assert reported in look().problem


def test_no_cli(settings):
    """It is named."""
    settings.setenv("PATH", "/nowhere")

    assert "the Pulumi CLI is not on PATH" in look().problem


def test_a_cli_that_cannot_be_started(settings, tmp_path):
    """As one of another processor."""
    (tmp_path / "bin/pulumi").write_bytes(b"\x7fELF")

    assert "the Pulumi CLI is not on PATH" in look().problem


def test_bad_settings(settings):
    """The settings' own text."""
    settings.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "ftp://x")

    assert "WECHAT_MINIPROGRAM_ENDPOINT" in look().problem


@pytest.mark.parametrize(
    ("backend", "reported"),
    [
        ("file://.", "file://{here}"),
        ("file://state?no_tmp_dir=true", "file://{here}/state?no_tmp_dir=true"),
        ("file://~/state", ""),
        ("file:///state", ""),
        ("s3://bucket", ""),
    ],
)
def test_a_relative_backend(settings, tmp_path, backend, reported):
    """Each command of a stack would find another one."""
    settings.chdir(tmp_path)
    settings.setenv("PULUMI_BACKEND_URL", backend)

    found = look().problem

    assert bool(found) == bool(reported)
    assert found.endswith(reported.format(here=tmp_path))


def test_the_embedded_emulator_needs_no_token_source(settings):
    """It gives its own."""
    settings.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL")
    settings.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "emulator:/tmp/x.db")

    assert look().tokens == "the embedded emulator"


@pytest.mark.parametrize(
    ("credentials", "backend"),
    [
        ('{"current": "file:///state"}', "file:///state"),
        ("{}", ""),
        ("[]", ""),
        ("no JSON", ""),
        (None, ""),
    ],
)
def test_the_backend_is_the_one_of_the_environment_or_of_the_login(settings, tmp_path, credentials, backend):
    """Two machines with logins of their own may differ."""
    settings.setenv("PULUMI_HOME", str(tmp_path))
    settings.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    named = look().backend
    settings.delenv("PULUMI_BACKEND_URL")
    if credentials is not None:
        (tmp_path / "credentials.json").write_text(credentials, encoding="utf-8")

    assert backend_url() == backend
    assert look().backend != named
    assert (look().backend == "none") == (not backend)


def test_a_backend_is_the_same_with_another_password(settings):
    """It tells no secret, and a result can be resumed."""
    before = look().backend
    settings.setenv("PULUMI_BACKEND_URL", "postgres://you:other@db/states")
    assert look().backend == before
    settings.setenv("PULUMI_BACKEND_URL", "postgres://you:other@db2/states")
    assert look().backend != before


@pytest.mark.parametrize(
    ("machines", "calls", "reported"),
    [
        ([replace(GOOD, tokens="none")], False, []),
        (
            [replace(GOOD, tokens="none")],
            True,
            [f"a: no token source is configured; see {docs_page('guides/credentials')}"],
        ),
        (
            [replace(GOOD, host=host, problem="no CLI") for host in "abcdefg"],
            True,
            ["a, b, c, d, e and 2 more: no CLI"],
        ),
        (
            [GOOD, replace(GOOD, host="b", version="0.0.1")],
            True,
            [f"the machines differ in the package: {__version__} on this command, a; 0.0.1 on b"],
        ),
        (
            [GOOD, replace(GOOD, host="b", backend="2e", cli="v3.260.0")],
            True,
            [
                "the machines differ in the Pulumi CLI: v3.259.0 on a; v3.260.0 on b",
                "the machines differ in backend: 1f on a; 2e on b",
            ],
        ),
        (
            [
                replace(GOOD, endpoint="https://api.weixin.qq.com"),
                replace(GOOD, host="b", endpoint="https://egress", fallback="https://api2.weixin.qq.com"),
            ],
            False,
            [
                "the machines differ in endpoint: https://api.weixin.qq.com on a; https://egress on b",
                "the machines differ in fallback endpoint: none on a; https://api2.weixin.qq.com on b",
            ],
        ),
    ],
)
def test_problems(machines, calls, reported):
    """Each is said once, with the machines that have it."""
    assert [*problems({each.host: each for each in machines}, calls=calls)] == reported


@pytest.mark.parametrize(
    ("variable", "value", "reported"),
    [
        ("PULUMI_BACKEND_URL", "s3://other", "the backend of {host}, {backend}, is"),
        ("WECHAT_MINIPROGRAM_ENDPOINT", "https://egress/", "the endpoint of {host}, https://egress, is"),
        (
            "WECHAT_MINIPROGRAM_FALLBACK_ENDPOINT",
            "https://api2.weixin.qq.com",
            "the fallback endpoint of {host}, https://api2.weixin.qq.com, is",
        ),
        (
            "WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND",
            '["token"]',
            "the token source of {host}, access_token_command, is",
        ),
    ],
)
def test_a_machine_that_joins_late_is_compared_with_those_that_were_checked(
    settings, variable, value, reported
):
    """What it would call, and where it would write, is what was checked, or it refuses."""
    checked = look()
    assert unlike(None) == unlike(checked) == ""
    if "TOKEN" in variable:
        settings.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL")
    settings.setenv(variable, value)

    found = look()

    named = reported.format(host=found.host, backend=found.backend)
    assert unlike(checked) == f"{named} not the one that was checked when the run began"


def test_a_machine_that_joins_late_and_can_run_nothing(settings):
    """Its own problem says more."""
    checked = look()
    settings.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "ftp://x")

    assert unlike(checked).startswith(f"{checked.host}: WECHAT_MINIPROGRAM_ENDPOINT")


def test_a_cli_that_is_replaced_is_asked_again(settings, pulumi):
    """A worker lives long, and asks each version once: every stack would wait for it."""
    before = look().cli
    pulumi("print('v3.260.0')")

    assert (before, look().cli) == ("v3.259.0", "v3.260.0")
