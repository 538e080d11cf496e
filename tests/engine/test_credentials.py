"""Credentials under the real engine: rotation makes no diff, stale stored config does no harm, nothing leaks."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.engine.conftest import APPID, Project
from wechat_miniprogram_emulator import Emulator

COMPONENT = "wxc0c0c0c0c0c0c0c0"
A, B = "https://a.example.com", "https://b.example.com"
TOKEN = "canary-access-token-7f31"
SECRETS = {
    "token": TOKEN,
    "bearer": "canary-bearer-99d0",
    "query": "canary-query-key-18ab",
    "stderr": "canary-on-stderr-5c5c",
    "appsecret": "canary-appsecret-e3e3",
    "ticket": "canary-ticket-4b4b",
    "refresh": "canary-refresh-token-0d0d",
}
IN_A_URL = re.compile(r"access_token=(?!\*\*\*)")
QUIET = ("--suppress-progress",)


class TokenService(ThreadingHTTPServer):
    """Gives the app's token to whoever has bearer and key."""

    def __init__(self):
        """Listen on loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/tokens/{{appid}}?key={SECRETS['query']}"
        self.thread = threading.Thread(target=self.serve_forever, args=[0.01])
        self.thread.start()

    def stop(self):
        """End it."""
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        """Answer for one appid."""
        expected = f"/tokens/{APPID}?key={SECRETS['query']}"
        good = self.path == expected and self.headers["Authorization"] == f"Bearer {SECRETS['bearer']}"
        body = json.dumps({"access_token": TOKEN, "expires_in": 7200}).encode()
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write(body if good else b"who are you")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def token_service():
    """A running token service."""
    service = TokenService()
    yield service
    service.stop()


@pytest.fixture
def secretive(tmp_path, empty_stack):
    """A project over an emulator with a data file, where every credential is a canary."""
    data = tmp_path / "wechat.db"
    folder = tmp_path / "project"
    shutil.copytree(empty_stack, folder)
    with Emulator(data) as emulator:
        emulator.control.sow(
            {
                "platforms": [
                    {
                        "component_appid": COMPONENT,
                        "appsecret": SECRETS["appsecret"],
                        "ticket": SECRETS["ticket"],
                    }
                ],
                "apps": [{"appid": APPID, "token": TOKEN, "refresh_token": SECRETS["refresh"]}],
            }
        )
        project = Project(folder, emulator.control)
        del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
        project.environment["WECHAT_MINIPROGRAM_LOG"] = "debug"
        project.environment["PULUMI_DEBUG_GRPC"] = str(tmp_path / "grpc.jsonl")
        yield project


def give(project, **keys):
    """Configure a source in the environment."""
    for key, value in keys.items():
        project.environment[f"WECHAT_MINIPROGRAM_{key.upper()}"] = value


def files_below(folder):
    """What the run wrote, as text."""
    return {str(path): path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()}


def live_through_everything(project, *loud):
    """Run every command, and meet refusals, gateways, cuts and strange answers; return what each printed."""
    project.domains(A)
    project.control.fault(action="set", errcode=45009)
    project.control.fault(action="get", body="<html>Log in</html>", skip=1)
    printed = {"refused": project.run("up", "--yes", "--skip-preview", *QUIET, *loud, fails=True)}
    project.control.fault(action="set", cut="after")
    printed["up"] = project.run("up", "--yes", *QUIET, *loud)
    project.control.fault(path="/wxa/setwebviewdomain_directly", http_status=403)
    printed["refresh"] = project.run("refresh", "--yes", "--skip-preview", *QUIET, *loud)
    printed["export"] = project.run("stack", "export", "--show-secrets")
    printed["destroy"] = project.run("destroy", "--yes", "--skip-preview", *QUIET, *loud)
    return printed


def resource_calls(path):
    """The engine's calls of our resources, as its debug log has them; Configure is the engine's own matter."""
    kinds = ("Check", "Diff", "Create", "Update", "Read", "Delete")
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if json.loads(line)["method"].rpartition("/")[2] in kinds]


@pytest.mark.parametrize("source", ["tokens", "command", "url", "component"])
def test_no_secret_of_the_environment_is_anywhere(secretive, token_service, tmp_path, source):
    """Output, logs, state, export, the engine's calls, the emulator's log and data: no canary in any of them."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in ("appsecret", "refresh"):
        (secrets / name).write_text(SECRETS[name], encoding="utf-8")
    program = f"import sys; sys.stderr.write('access_token={SECRETS['stderr']}'); print('{TOKEN}')"
    ways = {
        "tokens": {"access_tokens": json.dumps({APPID: TOKEN})},
        "command": {"access_token_command": json.dumps([sys.executable, "-c", program])},
        "url": {"access_token_url": token_service.url, "access_token_url_bearer": SECRETS["bearer"]},
        "component": {
            "component_appid": COMPONENT,
            "component_appsecret": f"file:{secrets}/appsecret",
            "component_verify_ticket": SECRETS["ticket"],
            "authorizer_refresh_tokens": json.dumps({APPID: f"file:{secrets}/refresh"}),
        },
    }
    failing = {
        "command": {"access_token_command": json.dumps([sys.executable, "-c", f"{program}; sys.exit(1)"])},
        "url": {"access_token_url_bearer": f"wrong-{SECRETS['bearer']}"},
    }
    secretive.domains(A)
    give(secretive, **{**ways[source], **failing.get(source, {"max_attempts": SECRETS["query"]})})
    refused = secretive.run("up", "--yes", "--skip-preview", *QUIET, fails=True)
    secretive.environment.pop("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", None)
    give(secretive, **ways[source])

    printed = live_through_everything(secretive, "--logtostderr", "-v=9")

    places = printed | {"misconfigured": refused} | files_below(secretive.folder)
    places |= {"grpc": "\n".join(resource_calls(tmp_path / "grpc.jsonl"))}
    places |= {str(path): path.read_bytes().decode("latin-1") for path in tmp_path.glob("wechat.db*")}
    places |= {"emulator": str(secretive.control.calls())}
    found = [
        (place, name) for place, text in places.items() for name, secret in SECRETS.items() if secret in text
    ]
    assert found == []
    assert [place for place, text in places.items() if IN_A_URL.search(text)] == []
    assert (
        'debug: {"method": "POST", "path": "/wxa/setwebviewdomain_directly", "action": "set"' in printed["up"]
    )


def test_a_secret_in_stack_config_is_the_engines_and_encrypted(secretive):
    """The engine keeps it with its provider resource, encrypted; nothing of ours repeats it."""
    secretive.run("config", "set", "--secret", "wechat-miniprogram:accessTokens", json.dumps({APPID: TOKEN}))

    printed = live_through_everything(secretive)

    exported = json.loads(printed.pop("export"))["deployment"]["resources"]
    assert [what for what, text in printed.items() if TOKEN in text] == []
    assert [path for path, text in files_below(secretive.folder).items() if TOKEN in text] == []
    holders = [resource["type"] for resource in exported if TOKEN in json.dumps(resource)]
    assert holders == ["pulumi:providers:pulumi-python"]


def test_refresh_and_destroy_work_when_the_stored_token_is_stale(project):
    """The engine gives them the config of the last `up`; the environment is of now, and its source alone counts."""
    del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    project.control.seed(APPID, token="first-token-0001")
    stored = json.dumps({APPID: "first-token-0001"})
    project.run("config", "set", "--secret", "wechat-miniprogram:accessTokens", stored)
    project.domains(A)
    project.up()
    project.control.seed(APPID, live=[A, B], token="second-token-0002")

    stale = project.run("refresh", "--yes", "--skip-preview", *QUIET, fails=True)
    assert f"get for {APPID} refused: invalid credential" in stale
    assert "Traceback" not in stale
    give(project, access_token="second-token-0002", access_token_appid=APPID)
    project.run("refresh", "--yes", "--skip-preview", *QUIET)
    project.control.clear_calls()
    project.run("destroy", "--yes", "--skip-preview", *QUIET)

    assert [call.name for call in project.control.calls()] == ["get", "delete", "effective"]
    assert project.control.live(APPID) == []


def test_a_new_token_is_no_change(project):
    """Another value, another source: the preview is empty and no call is made."""
    project.domains(A)
    project.up()
    project.control.seed(APPID, live=[A], token="other-token-0003")
    project.control.clear_calls()
    del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    give(project, access_token_command=f"{sys.executable} -c \"print('other-token-0003')\"")

    assert "2 unchanged" in project.run("preview", "--expect-no-changes", *QUIET)
    assert project.control.calls() == []
