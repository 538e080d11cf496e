"""What a program may ask WeChat, on either face: it reads in previews and updates, and fails without harm."""

from __future__ import annotations

import json
import signal

import pytest

from tests.engine.conftest import APPID, QUIET, A, B, C, both_faces
from tests.engine.test_stopping import await_calls, end

face = both_faces

OTHER = "wxfedcba9876543210"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
EVERYTHING = f"""
seen = get_webview_domains({APPID!r})
hosts = get_server_domains({APPID!r})
file = get_confirm_file({APPID!r})
pulumi.export("apps", list_authorizers())
pulumi.export("webview", seen)
pulumi.export("pending", seen.pending_domains)
pulumi.export("request", hosts.domains["request"])
pulumi.export("other", hosts.other_domains["socket"])
pulumi.export("file", file.file_name)
"""
OUTPUTS = f"""
appid = pulumi.Output.from_input({APPID!r})
pulumi.export("apps", list_authorizers_output())
pulumi.export("webview", get_webview_domains_output(appid))
pulumi.export("pending", get_webview_domains_output({APPID!r}).pending_domains)
pulumi.export("request", get_server_domains_output(appid).domains["request"])
pulumi.export("other", get_server_domains_output(appid).other_domains["socket"])
pulumi.export("file", get_confirm_file_output(appid).file_name)
"""


@pytest.fixture
def live(project):
    """An app with domains on every list."""
    server = {"direct": {"requestdomain": [A]}, "mp": {"wsrequestdomain": ["wss://push.example.com"]}}
    lists = {"live": [A, B], "effective": [A, C], "mp": [C], "server": server}
    project.control.sow({"apps": [{"appid": APPID, **lists}]})
    return project


@pytest.mark.parametrize("program", [EVERYTHING, OUTPUTS], ids=["plain", "outputs"])
def test_each_function_answers_in_previews_and_updates(live, program):
    """Nothing is written, and no thread, socket or warning is left over."""
    live.environment["PYTHONWARNINGS"] = "error"
    live.program(program)

    printed = live.preview() + live.up()

    assert live.exports() == {
        "apps": [APPID],
        "webview": {
            "domains": [A, B],
            "effective_domains": [A, C],
            "pending_domains": [B],
            "other_domains": [C],
        },
        "pending": [B],
        "request": [A],
        "other": ["wss://push.example.com"],
        "file": live.control.state(APPID).file_name,
    }
    assert "arning" not in printed
    assert live.control.writes() == []


@pytest.mark.parametrize("form", ["", "_output"])
@pytest.mark.parametrize(
    ("appid", "reported"),
    [
        ("shop", "`appid` 'shop' is not a valid appid"),
        (OTHER, f"the configured access tokens belong to {APPID}"),
    ],
)
def test_a_function_that_cannot_answer_ends_the_program(project, form, appid, reported):
    """With its message and no traceback."""
    project.program(f"get_webview_domains{form}({appid!r})\n")

    printed = project.preview(fails=True)

    assert reported in printed
    assert "Traceback" not in printed
    assert printed.count(reported) == 2  # in the progress and in the diagnostics


def test_an_interrupt_ends_a_function_that_waits(project):
    """The pause of a minute after 45011 is over immediately."""
    project.control.fault(action="get", errcode=45011, times=None)
    project.program(f"get_webview_domains({APPID!r})\n")
    run = project.start("up", *QUIET)
    await_calls(project, "get")

    run.process.send_signal(signal.SIGINT)
    end(run)

    assert project.calls() == ["get"]


def test_a_token_in_the_config_is_used_and_not_shown(project):
    """Also where it does not work: the program has it in clear."""
    del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    tokens = json.dumps({APPID: f"emulator-{APPID}", OTHER: "not-the-token-of-this-app"})
    project.run("config", "set", "--secret", "wechat-miniprogram:accessTokens", tokens)
    project.control.seed(APPID, live=[A])
    project.control.seed(OTHER)
    project.program(f"print(get_webview_domains({APPID!r}).domains)\nget_webview_domains({OTHER!r})\n")

    printed = project.up(fails=True)

    assert A in printed
    assert "40001" in printed
    assert "not-the-token-of-this-app" not in printed


def test_a_secret_appid_makes_what_is_read_a_secret(project):
    """And no error shows it."""
    project.control.seed(APPID, live=[A])
    read = "pulumi.export('seen', get_webview_domains_output(pulumi.Output.secret({!r})).domains)\n"
    project.program(read.format(APPID))
    project.up()
    seen = project.exports()
    project.program(read.format(OTHER))

    printed = project.up(fails=True)

    assert seen == {"seen": "[secret]"}
    assert "***: the configured access tokens belong to" in printed
    assert OTHER not in printed


def test_what_an_update_provides_is_read_then(project):
    """An appid that only the update knows is unknown in the preview, and so is what is read of its app."""
    project.control.seed(APPID, live=[A])
    project.program(
        f"file = MiniProgramConfirmFile('file', appid={APPID!r})\n"
        f"appid = file.file_name.apply(lambda _: {APPID!r})\n"
        "pulumi.export('seen', get_webview_domains_output(appid).domains)\n"
    )

    project.preview()
    project.up()

    assert project.exports() == {"seen": [A]}
