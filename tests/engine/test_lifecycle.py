"""The provider under the real engine: calls compared with design section 5, texts as a user reads them."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import APPID

A, B, C, D = (f"https://{name}.example.com" for name in "abcd")


def calls(project):
    """The calls since the last look, in one word each."""
    names = [call.name for call in project.control.calls()]
    project.control.clear_calls()
    return names


def test_create_no_op_change_drift_refresh_repair_destroy(project):
    """The whole life of a resource, each step with exactly its calls."""
    project.domains("https://A.example.com", "b.example.com")
    project.up()
    assert calls(project) == ["get", "set", "effective"]
    assert project.outputs() == {
        "domains": [A, B],
        "effective_domains": [],
        "pending_domains": [A, B],
        "release_required": True,
        "added_domains": [A, B],
    }

    project.domains("b.example.com", "a.example.com")
    assert "2 unchanged" in project.up()
    assert calls(project) == []

    project.control.release(APPID)
    project.run("refresh", "--yes", "--skip-preview", "--suppress-progress")
    assert calls(project) == ["get", "effective"]
    project.up()
    assert project.outputs()["effective_domains"] == [A, B]
    assert project.outputs()["release_required"] is False
    assert calls(project) == []

    project.domains("a.example.com", "c.example.com")
    project.up()
    assert calls(project) == ["get", "add", "delete", "effective"]
    assert project.control.live(APPID) == [A, C]
    assert project.control.effective(APPID) == [A]

    project.control.seed(APPID, live=[A, D], effective=[A])
    project.control.clear_calls()
    assert D in project.run("refresh", "--yes", "--skip-preview", "--diff", "--suppress-progress")
    assert calls(project) == ["get", "effective"]
    preview = project.run("preview", "--diff", "--suppress-progress")
    assert f'~ [1]: "{D}" => "{C}"' in preview
    assert calls(project) == []
    project.up()
    assert calls(project) == ["get", "add", "delete", "effective"]
    assert project.control.live(APPID) == [A, C]

    project.run("destroy", "--yes", "--skip-preview", "--suppress-progress")
    assert calls(project) == ["get", "delete"]
    assert project.control.live(APPID) == []


def test_a_preview_refuses_bad_input_with_every_reason(project):
    """One error, no traceback, no call."""
    project.domains("http://a.example.com", "localhost")

    text = project.run("preview", "--suppress-progress", fails=True)

    assert (
        "has a problem: `domains` has 2 problems:\n"
        "      'http://a.example.com': has scheme http, WeChat takes https only\n"
        "      'localhost': is this machine, WeChat must reach the host\n"
    ) in text
    assert "Traceback" not in text
    assert calls(project) == []


def test_a_refused_create_reads_as_one_message(project):
    """Undeclared live domains stop a create; the text is ours alone."""
    project.control.seed(APPID, live=[D])
    project.domains(A)

    text = project.up(fails=True)

    assert (
        f"wechat-miniprogram: create would remove {D} from {APPID}, which nobody declared. "
        'Add it to `domains`, use mode="additive", or set overwrite_existing=True.'
    ) in text
    assert "Traceback" not in text
    assert project.control.writes() == []


def test_an_unreachable_endpoint_is_one_error(project):
    """Host and cause, without a traceback."""
    project.domains(A)

    text = project.up(
        fails=True, WECHAT_MINIPROGRAM_ENDPOINT="http://127.0.0.1:9", WECHAT_MINIPROGRAM_MAX_ATTEMPTS="1"
    )

    assert f"wechat-miniprogram: get for {APPID} not sent: no connection to 127.0.0.1:9: " in text
    assert "Traceback" not in text


def test_no_credentials_is_one_error(project):
    """The keys are named at first use."""
    project.domains(A)

    text = project.up(fails=True, WECHAT_MINIPROGRAM_ACCESS_TOKENS="")

    assert (
        f"wechat-miniprogram: {APPID}: no access token is configured. Set WECHAT_MINIPROGRAM_ACCESS_TOKEN"
        in text
    )
    assert "Traceback" not in text


def test_what_wechat_refuses_has_code_text_rid_meaning_and_remedy(project):
    """86103 is explained, and the live list was read again."""
    project.control.trust()
    project.domains(A)

    text = project.up(fails=True)

    assert (
        f"wechat-miniprogram: set of 1 domain for {APPID} refused: check confirmfile fail! (86103, rid "
        in text
    )
    assert "Serve the file of MiniProgramConfirmFile at every new host's root" in text
    assert "The live list was read again: unchanged (0 domains)." in text


@pytest.mark.parametrize("how", ["rename", "replace", "taint"])
def test_create_then_delete_of_one_appid_keeps_every_declared_domain(project, how):
    """The engine creates, then deletes the same appid; nothing is removed and nothing re-sent."""
    project.domains(A, B)
    project.up()
    project.control.release(APPID)
    calls(project)
    urn = next(r["urn"] for r in project.export()["deployment"]["resources"] if r["urn"].endswith("::shop"))
    project.domains(A, B, name="store" if how == "rename" else "shop")
    if how == "taint":
        project.run("state", "taint", urn, "--yes")

    project.up(*(["--replace", urn] if how == "replace" else []))

    assert calls(project) == ["get", "effective", "get"]
    assert project.control.effective(APPID) == [A, B]


def test_unknown_domains_pass_the_preview(project):
    """A domain that another resource computes is unknown in preview and checked in up."""
    project.program(
        f"file = MiniProgramConfirmFile('file', appid={APPID!r})\n"
        "host = file.file_name.apply(lambda name: name.removesuffix('.txt').lower() + '.example.com')\n"
        f"r = MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[host])\n"
        "pulumi.export('url', file.url_for('https://a.example.com'))\n"
    )

    project.run("preview", "--suppress-progress")
    assert calls(project) == []
    project.up()

    name = project.control.state(APPID).file_name
    assert calls(project) == ["confirmfile", "get", "set", "effective"]
    assert project.control.live(APPID) == [f"https://{name.removesuffix('.txt').lower()}.example.com"]
    assert project.outputs()["url"] == f"https://a.example.com/{name}"


def test_no_secret_in_state_or_output(project):
    """The tokens of the environment stand nowhere."""
    project.domains(A)

    printed = project.up("--logtostderr", "-v=9")
    state = json.dumps(project.export())

    assert f"emulator-{APPID}" not in state
    assert f"emulator-{APPID}" not in printed.replace("WECHAT_MINIPROGRAM_ACCESS_TOKENS", "")


def test_fifteen_hundred_resources_in_one_program(project):
    """No RecursionError: the provider string is a constant."""
    project.program(
        "for n in range(1500):\n"
        "    MiniProgramWebviewDomains(f'app-{n}', appid=f'wx{n:016x}', domains=[f'h{n}.example.com'])\n"
    )

    text = project.run("preview", "--suppress-progress")

    assert "+ 1501 to create" in text
