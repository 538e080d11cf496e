"""Brings the emulator into the state that an entry asks for, and sends its request."""

from __future__ import annotations

import json
import re
from string import Template
from typing import Any

from tests.corpus.entries import Entry, Request, Setup, Step
from tests.emulator.conftest import APPID
from tests.emulator.flow import Flow

HOSTS = [f"h{number}.example.com" for number in range(201)]


class Stage:
    """One emulator. Bodies, queries and tokens may refer to part of an earlier answer as `${name}`."""

    def __init__(self, control, wechat):
        """Know the long values that no file should hold."""
        self.control = control
        self.wechat = wechat
        self.known = {
            "mebibyte": "x" * (1 << 20),
            "hosts_101": ";".join(HOSTS[:101]),
            "domains_101": json.dumps([f"https://{host}" for host in HOSTS[:101]]),
            "domains_201": json.dumps([f"https://{host}" for host in HOSTS]),
        }

    def play(self, entry: Entry):
        """The whole HTTP response of the emulator to an entry's request."""
        if entry.setup is None:
            raise LookupError(f"{entry.id} has no setup")
        self._set_up(entry.setup)
        return self._send(entry.endpoint, entry.sent, entry.setup.token)

    def _set_up(self, setup: Setup) -> None:
        self.control.sow({"apps": [{"appid": APPID}], **setup.seed})
        for step in setup.before:
            for number in range(step.times):
                self.known["n"] = f"{number:016x}"
                self._learn(self._take(step))

    def _take(self, step: Step) -> dict[str, Any]:
        if step.call is not None:
            return dict(self._send(step.call, Request(body=str(step.body)), step.token).json())
        body = json.loads(self._filled(json.dumps(step.body)))
        return dict(self.control._call("GET" if body is None else "POST", step.control, body))

    def _learn(self, answer: dict[str, Any]) -> None:
        self.known |= {name: value for name, value in answer.items() if isinstance(value, str)}
        if rid := re.search("rid: (.*)", answer.get("errmsg", "")):
            self.known["rid"] = rid[1]

    def _send(self, path: str, request: Request, token: str):
        query = {name: self._filled(value) for name, value in request.query.items()}
        if (value := self._token(token)) is not None:
            query["access_token"] = value
        content = self._filled(request.body).encode()
        return self.wechat.request(request.method, self.control.url + path, params=query, content=content)

    def _token(self, name: str) -> str | None:
        if name == "authorizer":
            return f"emulator-{APPID}"
        if name == "component":
            return str(Flow(self.control, self.wechat).component_token()["component_access_token"])
        if name == "own":
            sent = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
            answer = self.wechat.call(self.control.url, "/cgi-bin/stable_token", sent, None)
            return str(answer["access_token"])
        return None if name == "none" else self._filled(name)

    def _filled(self, text: str) -> str:
        return Template(text).substitute(self.known)
