"""What commands show: names and sentences as they are, no secret, and no line of somebody else's."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from tests.exports.stacks import APPID, OTHER, A, B, export, resource, urn

STACK = "ticketing/prod"
NAME = "ticket: 1 password: 2"


@pytest.fixture
def exported(tmp_path):
    """An export of a stack and a resource that are named like credentials."""
    path = tmp_path / "prod.json"
    path.write_bytes(export(resource(NAME, A, B, effective=[A], stack=STACK), stack=STACK))
    return path


def test_names_that_look_like_credentials_are_shown_in_every_form(printed, exported):
    """A table, CSV and JSON: the URN is what one searches for."""
    _, table, _ = printed("inventory", exported)
    _, as_csv, _ = printed("inventory", exported, "--csv")
    _, as_json, _ = printed("inventory", exported, "--json")

    assert f"{STACK}: {NAME}" in table
    assert next(csv.DictReader(io.StringIO(as_csv)))["resources"] == urn(NAME, stack=STACK)
    assert json.loads(as_json)["rows"][0]["resources"] == [urn(NAME, stack=STACK)]


def test_drift_names_the_stack(printed, wechat, exported):
    """Standard output and errors alike."""
    code, output, _ = printed("drift", exported)

    assert code == 2
    assert f"{APPID}  {STACK}: {NAME}" in output


def test_a_report_keeps_its_heading(printed, exported, tmp_path):
    """`Ticketing: webview domains` is not a ticket."""
    page = tmp_path / "page.html"

    printed("report", exported, "-o", page, "--title", "Ticketing: webview domains")

    assert "<h1>Ticketing: webview domains</h1>" in page.read_text(encoding="utf-8")


def test_the_products_own_errors_are_shown_whole(printed, wechat, monkeypatch):
    """They name the key `accessTokenCommand`, as it was set."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND", "false")

    _, output, _ = printed("doctor", "--app", APPID)

    assert (f"{APPID}: WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND: false ended with exit status 1") in output


def test_foreign_variables_are_one_warning(printed, wechat, monkeypatch):
    """No command stops for the variables of the Mini Program's own server."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_APPID", APPID)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_SECRET", "canary-of-a-server")

    code, _, errors = printed("doctor")

    assert (code, errors) == (
        0,
        "warning: WECHAT_MINIPROGRAM_APPID, WECHAT_MINIPROGRAM_SECRET are not settings of this provider; "
        "ignored\n",
    )


def test_a_live_value_forges_no_line(printed, wechat, tmp_path):
    """A line break, an escape, and the beginning of a command to a CI system become visible."""
    path = tmp_path / "dev.json"
    forged = "x\n::error::forged\x1b[31m"
    path.write_bytes(export(resource("shop", A, effective=[A, forged])))

    for arguments in (("inventory", path, "--by", "release"), ("inventory", path, "--by", "host")):
        _, output, _ = printed(*arguments)
        assert not any(line.lstrip().startswith("::") for line in output.splitlines())
        assert "\x1b" not in output


def test_a_pipe_of_the_shell_is_read_and_a_pipe_in_a_folder_is_not(tmp_path, exported):
    """`<(pulumi stack export)` and `/dev/stdin` work; nobody writes into the other."""
    command = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "inventory"]
    os.mkfifo(tmp_path / "x.json")

    by_pipe = subprocess.run(
        ["bash", "-c", f'"$@" <(cat {exported})', "bash", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    with exported.open("rb") as file:
        by_stdin = subprocess.run(
            [*command, "/dev/stdin"], stdin=file, capture_output=True, text=True, check=False
        )
    in_folder = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False, timeout=30)

    assert STACK in by_pipe.stdout
    assert STACK in by_stdin.stdout
    assert in_folder.stderr == (f"error: {tmp_path}/x.json cannot be read: it is a named pipe, not a file\n")


@pytest.mark.parametrize("option", ["--drift", "--domains"])
def test_other_files_of_a_command_have_a_bound_too(printed, exported, option, tmp_path):
    """A device gives without end."""
    arguments = {
        "--drift": ("report", exported, "-o", tmp_path / "page.html", "--drift", "/dev/zero"),
        "--domains": ("plan", exported, "--appid", OTHER, "--domains", "/dev/zero"),
    }

    code, _, errors = printed(*arguments[option])

    assert code == 1
    assert errors.startswith("error: /dev/zero: it is larger than ")
