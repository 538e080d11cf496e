"""No credential in any text, wherever a user can put one and whatever goes wrong with it.

Each case puts a canary of its own where a credential may stand. Everything that can be read of the outcome is
searched: the error, the settings' `repr`, what `doctor` shows of them, the logs, and standard error.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import logging
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from pulumi_wechat_miniprogram.alerting.webhook import Webhook
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import Settings, load_settings, shown_settings, unknown_config_keys
from pulumi_wechat_miniprogram.settings.model import camel
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.tokens import open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.family import COMPONENT
from tests.native_face import InProcess, RefusedError
from tests.webhooks import receiving

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
CANARY = "CaNaRy"
CODED = "CoDeD"
"""Stand for the canary of a case and its base64: one that another case used would be known, and masked anywhere."""
_numbers = itertools.count(100)


def python(program, *arguments):
    """A command that runs a program."""
    return json.dumps([sys.executable, "-c", program, *arguments])


def component(**more):
    """A component flow with canaries."""
    return {
        "component_appid": OTHER,
        "component_appsecret": CANARY,
        "component_verify_ticket": CANARY,
        "authorizer_refresh_tokens": json.dumps({APPID: CANARY}),
        **more,
    }


OUT = f"import sys; sys.stdout.write({CANARY!r} + ' '); "
ERR = f"sys.stderr.write({CANARY!r}); "
TOKEN_JSON = json.dumps({"access_token": CANARY})

CASES = {
    "every key but that of a source, as a value of the wrong type": dict.fromkeys(
        ("request_timeout", "max_attempts", "live_diff", "on_unauthorized", "probe", "log"), CANARY
    )
    | {
        "probe_host_map": CANARY,
        "allow_reserved_hosts": CANARY,
        "endpoint": CANARY,
        "fallback_endpoint": CANARY,
    },
    "endpoint with a password": {"endpoint": f"https://u:{CANARY}@api.example.com"},
    "endpoint with a raw password": {"endpoint": f"https://u:a/#?{CANARY}@api.example.com"},
    "endpoint with a query": {"endpoint": f"https://api.example.com?key={CANARY}"},
    "host map with a password": {"probe_host_map": json.dumps({"a.example.com": f"u:{CANARY}"})},
    "token of another app": {"access_token": CANARY, "access_token_appid": OTHER},
    "token as its own appid": {"access_token": CANARY, "access_token_appid": CANARY},
    "token without its appid": {"access_token": CANARY},
    "token with a word too many": {"access_token": f"{CANARY} x", "access_token_appid": APPID},
    "token in quotes": {"access_token": f"'{CANARY}'", "access_token_appid": APPID},
    "tokens with single quotes": {"access_tokens": f'\'{{"{APPID}": "{CANARY}"}}\''},
    "tokens by a wrong key": {"access_tokens": json.dumps({CANARY: CANARY})},
    "tokens cut off": {"access_tokens": f'{{"{APPID}": "{CANARY}'},
    "tokens in an array": {"access_tokens": json.dumps([CANARY])},
    "one token for two": {"access_tokens": json.dumps({APPID: CANARY, OTHER: CANARY})},
    "file with a word too many": {"access_tokens": json.dumps({APPID: "file:{two}"})},
    "file with a damaged map": {"access_tokens": "file:{two}"},
    "file that is a map": {"access_tokens": f'file:{{"{APPID}":"{CANARY}"}}'},
    "file that is a token in JSON": {"access_token": f'file: "{CANARY}"', "access_token_appid": APPID},
    "file that is a token": {"access_token": f"file:{CANARY}", "access_token_appid": APPID},
    "file in a map that is a token": {"access_tokens": json.dumps({APPID: f"file:{CANARY}"})},
    "two sources": {"access_token_command": f"get {CANARY}", "access_tokens": json.dumps({APPID: CANARY})},
    "command that is not there": {"access_token_command": f"no-such-program --password {CANARY}"},
    "command that is a token": {"access_token_command": CANARY + "x" * 30},
    "command that is a short token": {"access_token_command": CANARY},
    "command in one word of an array": {"access_token_command": json.dumps([f"get --password {CANARY}"])},
    "command in one word with a path": {"access_token_command": json.dumps([f"/bin/get?key={CANARY}"])},
    "command in one word, a URL": {"access_token_command": json.dumps([f"https://u:{CANARY}@e.com/x y"])},
    "command in quotes": {"access_token_command": f"'get --password {CANARY}'"},
    "command array in quotes": {"access_token_command": f'\'["get", "{CANARY}"]\''},
    "command with an open quote": {"access_token_command": f"get '{CANARY}"},
    "command with an assignment": {"access_token_command": f"TOKEN={CANARY} get"},
    "command with an object": {"access_token_command": json.dumps([{"password": CANARY}])},
    "command that fails": {"access_token_command": python(f"{OUT}{ERR}sys.exit(1)")},
    "command that prints a word too many": {
        "access_token_command": python(f"{OUT}sys.stdout.write('x'); {ERR}")
    },
    "command that prints a ticket of WeChat's push": {
        "access_token_command": python(f"import sys; sys.exit('<Ticket><![CDATA[{CANARY}]]></Ticket>')")
    },
    "command that repeats a key of its own": {
        "access_token_command": python(f"import sys; {ERR}sys.exit(1)", f"http://127.0.0.1:9/?k={CANARY}")
    },
    "command that prints nothing": {
        "access_token_command": python(f"import sys; sys.stderr.write('password={CANARY}')")
    },
    "command that repeats the token as set -x does": {
        "access_token_command": python(f"{OUT}sys.stderr.write('+ printf %s ' + {CANARY!r}); sys.exit(2)")
    },
    "command that repeats the JSON's token": {
        "access_token_command": python(
            f"import sys; sys.stdout.write({TOKEN_JSON!r}); {ERR}sys.stderr.write({TOKEN_JSON!r}); sys.exit(2)"
        )
    },
    "command that repeats half a JSON": {
        "access_token_command": python(f"import sys; sys.stdout.write({TOKEN_JSON[:-2]!r}); {ERR}")
    },
    "command that repeats its own password": {
        "access_token_command": python(f"import sys; {ERR}sys.exit(1)", "--password", CANARY)
    },
    "command that repeats the token in base64": {
        "access_token_command": python(f"{OUT}sys.stderr.write({CODED!r}); sys.exit(1)")
    },
    "command that repeats the token after much else": {
        "access_token_command": python(
            f"{OUT}sys.stderr.write('x' * 65530 + ' ' + {CANARY!r} * 9000 + '\\n' + {CANARY!r}); sys.exit(1)"
        )
    },
    "command that passes on an error of WeChat with the token": {
        "access_token_command": python(
            "print("
            + repr(json.dumps({"errcode": 40001, "errmsg": f"bad {CANARY}", "access_token": CANARY}))
            + ")"
        )
    },
    "URL with a password": {"access_token_url": f"https://u:{CANARY}@e.com/{{appid}}"},
    "URL with a raw password": {"access_token_url": f"https://u:/#?{CANARY}@e.com/{{appid}}"},
    "URL with a key in its path": {"access_token_url": f"http://127.0.0.1:9/hook/{CANARY}/{{appid}}"},
    "URL without an appid": {"access_token_url": f"https://e.com/?key={CANARY}"},
    "URL over plain http": {"access_token_url": f"http://e.com/{{appid}}?key={CANARY}"},
    "bearer of two words": {
        "access_token_url": "https://e.com/{appid}",
        "access_token_url_bearer": f"Bearer {CANARY}",
    },
    "webhook": {
        "alert_url": f"https://alerts.example.com/hook/{CANARY}?key={CANARY}",
        "alert_secret": CANARY,
    },
    "webhook of two words": {"alert_url": f"https://alerts.example.com/ {CANARY}"},
    "webhook in quotes": {"alert_url": f"'https://alerts.example.com/{CANARY}'"},
    "webhook in JSON": {"alert_url": json.dumps({"url": CANARY})},
    "webhook's secret of two words": {"alert_secret": f"{CANARY} x"},
    "bearer alone": {"access_token_url_bearer": CANARY},
    "component flow out of reach": component(),
    "component flow of another app": component(authorizer_refresh_tokens=json.dumps({OTHER: CANARY})),
    "component flow with two ways": component(component_access_token=CANARY),
    "component token in quotes": {
        "component_appid": OTHER,
        "component_access_token": f"'{CANARY}'",
        "authorizer_refresh_tokens": json.dumps({APPID: CANARY}),
    },
    "ticket and secret as objects": component(
        component_appsecret=json.dumps({"x": CANARY}), component_verify_ticket=json.dumps([CANARY])
    ),
    "file for the secret with two words": component(component_appsecret="file:{two}"),
}


@pytest.fixture
def canary():
    """A credential that no other test has."""
    return f"canary-{next(_numbers)}-f3b9d7e1"


@pytest.fixture
def reported(tmp_path, monkeypatch, caplog, capfd, canary):
    """Gets a token by some settings, and returns all that was said about it."""
    (tmp_path / "two").write_text(f"{canary} {canary}", encoding="utf-8")
    coded = base64.b64encode(canary.encode()).decode()

    def filled(text):
        return text.replace(CANARY, canary).replace(CODED, coded).replace("{two}", str(tmp_path / "two"))

    def reported(layer, settings, *, of_platform=False):
        given = {key: filled(value) for key, value in settings.items()}
        config = {camel(key): value for key, value in given.items()} if layer == "stack config" else {}
        if layer == "environment":
            for key, value in given.items():
                monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{key.upper()}", value)
        texts = []
        with caplog.at_level(logging.DEBUG):
            try:
                loaded = load_settings({"endpoint": "http://127.0.0.1:9", "maxAttempts": "1", **config})
                texts += [repr(loaded), str(loaded), *unknown_config_keys(config)]
                wire = Wire(loaded, attempts=Attempts(1), warn=texts.append)
                tokens = open_tokens(loaded, wire, warn=texts.append)
                texts += [repr(tokens), repr(wire)]
                client = Client(wire, tokens)
                _ = client.platform_hosts(OTHER, "server") if of_platform else tokens.token(APPID)
            except UserError as error:
                texts += [str(error), repr(error), str(error.__cause__)]
            with contextlib.suppress(UserError):
                texts += shown_settings(load_settings(config))
        said = "\n".join([*texts, caplog.text, *capfd.readouterr()])
        return said.replace(coded[4:-4], f"{canary} in base64")

    return reported


@pytest.mark.parametrize("layer", ["environment", "stack config"])
@pytest.mark.parametrize("case", CASES)
def test_no_credential_is_in_any_text(reported, canary, layer, case):
    """Nor what it is in base64."""
    text = reported(layer, CASES[case])

    assert len(text) > 40
    assert canary not in text


PLATFORM_CASES = {
    "component flow out of reach": component(),
    "ticket and secret as objects": CASES["ticket and secret as objects"],
    "component token": {"component_appid": OTHER, "component_access_token": CANARY},
    "component token in quotes": CASES["component token in quotes"],
    "component token beside those of apps": {"access_tokens": json.dumps({OTHER: CANARY})},
    "component token as the one token": {"access_token": CANARY, "access_token_appid": OTHER},
    "component token of another platform": {"component_appid": APPID, "component_access_token": CANARY},
    "command": {"access_token_command": python(f"print({CANARY!r})")},
    "command that prints it as an app's": {
        "access_token_command": python(f"print({json.dumps({'authorizer_access_token': CANARY})!r})")
    },
}


@pytest.mark.parametrize("layer", ["environment", "stack config"])
@pytest.mark.parametrize("case", PLATFORM_CASES)
def test_no_credential_of_a_platform_is_in_any_text(reported, canary, layer, case):
    """Asked for its own lists, which take its own token, at an endpoint where nobody answers."""
    text = reported(layer, PLATFORM_CASES[case], of_platform=True)

    assert len(text) > 40
    assert canary not in text


PLATFORM_KEYS = {
    "component flow": ("componentAppsecret", "componentVerifyTicket"),
    "ready token": ("componentAccessToken",),
}


@pytest.mark.parametrize("way", PLATFORM_KEYS)
def test_no_credential_of_a_platform_is_in_its_states(wechat_emulator, caplog, capfd, canary, way):
    """Nor in a warning, an error that repeats it, or the log of all calls."""
    every = {
        "componentAppsecret": f"{canary}-secret",
        "componentVerifyTicket": f"{canary}-ticket",
        "componentAccessToken": f"emulator-component-{COMPONENT}",
    }
    secrets = {key: every[key] for key in PLATFORM_KEYS[way]}
    wechat_emulator.platform(COMPONENT, appsecret=f"{canary}-secret", ticket=f"{canary}-ticket")
    config = {"endpoint": wechat_emulator.url, "componentAppid": COMPONENT, "log": "debug", **secrets}
    with caplog.at_level(logging.DEBUG), InProcess(config) as face:
        lists = face.of["platform-server-domains"]
        inputs, _ = lists.check({"component_appid": COMPONENT, "domains": ["a.example.com"]})
        id_, outputs = lists.create(inputs)
        more, _ = lists.check({**inputs, "domains": ["a.example.com", "b.example.com"]}, inputs)
        repeated = f"invalid credential {' '.join(secrets.values())}"
        wechat_emulator.fault(action="add", errcode=40013, errmsg=repeated)
        with pytest.raises(RefusedError) as refused:
            lists.update(outputs, more)
        read = lists.read(id_, outputs)

    said = f"{outputs} {read} {refused.value} {face.errors} {caplog.text} {capfd.readouterr()}"
    assert "invalid credential" in said
    assert [secret for secret in secrets.values() if secret in said] == []


ANSWERS = {
    "two words": (200, f"{CANARY} {CANARY}"),
    "an error of WeChat": (200, json.dumps({"errcode": 40001, "errmsg": f"no {CANARY}", "token": CANARY})),
    "another object": (200, json.dumps({"token": CANARY})),
    "half an object": (200, TOKEN_JSON[:-1]),
    "a page": (200, f"<html>{CANARY}"),
    "an array": (200, json.dumps([CANARY])),
    "a refusal": (403, CANARY),
    "no answer": (0, ""),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_credential_of_a_token_service_is_in_any_text(reported, canary, answer):
    """Neither what it answers nor what it is asked with."""
    status, body = ANSWERS[answer]
    body = body.replace(CANARY, canary)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            """Give the answer."""
            if status:
                self.send_response(status, "OK")
                self.end_headers()
                self.wfile.write(body.encode())

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        text = reported(
            "environment",
            {
                "access_token_url": f"http://127.0.0.1:{server.server_port}/{{appid}}?key={CANARY}",
                "access_token_url_bearer": CANARY,
            },
        )
        thread.join()

    assert "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL" in text
    assert canary not in text


WEBHOOKS = {
    "key in its path": f"/services/T0/{CANARY}",
    "key in its query": f"/robot/send?access_token={CANARY}",
    "key as a name of its query": f"/send?{CANARY}",
}
FORMS = {
    "url": lambda url, _: {"url": url},
    "file": lambda _, path: {"url": f"file:{path}"},
    "variable": lambda url, _: {"alert_url": url},
    "variable with a file": lambda _, path: {"alert_url": f"file:{path}"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", WEBHOOKS)
def test_no_credential_of_a_webhook_is_in_any_text(tmp_path, caplog, capfd, canary, where, form):
    """It may answer with what it was sent; an alert that repeats the key of its webhook does not show it."""
    path = tmp_path / "url"
    with receiving() as receiver, caplog.at_level(logging.DEBUG):
        url = receiver.url + WEBHOOKS[where].replace(CANARY, canary)
        path.write_text(url, encoding="utf-8")
        given = FORMS[form](url, path)
        signing = f"{canary}-signs"
        held = {"alert_secret": signing, **{key: text for key, text in given.items() if key != "url"}}
        settings = Settings.model_validate(held)
        webhook = Webhook(settings, given.get("url", ""), "feishu")
        receiver.status, receiver.said = 403, f"{url} {signing} {canary}"
        with pytest.raises(UserError) as refused:
            webhook.post("drift", {})
        receiver.shutdown()
        receiver.server_close()
        with pytest.raises(UserError) as lost:
            webhook.post("drift", {})
        said = [refused.value, lost.value, repr(webhook), repr(settings), *shown_settings(settings)]

    text = "\n".join([*map(str, said), caplog.text, *capfd.readouterr()])
    assert "HTTP status 403" in text
    assert canary not in text.replace(str(path), "")


@pytest.mark.parametrize(
    "url",
    [f"http://alerts.example.com/{CANARY}", f"https://u:{CANARY}@alerts.example.com/", f"ftp://{CANARY}"],
)
def test_no_refusal_of_a_webhook_shows_it(canary, url):
    """Given as an option, which the settings do not see."""
    with pytest.raises(ValueError, match="--notify") as refused:
        Webhook(Settings(), url.replace(CANARY, canary))

    assert canary not in str(refused.value)
