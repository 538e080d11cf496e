"""The fleet by a dynamic provider as tutorials write it: in the program, and so pickled by value.

It has what such a provider usually has (create, diff, update, delete, a look at the HTTP status) and no more.
It is here to be measured, not to be copied.
"""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from pulumi import dynamic

ENDPOINT = os.environ["WECHAT_MINIPROGRAM_ENDPOINT"]
TOKENS = json.loads(os.environ["WECHAT_MINIPROGRAM_ACCESS_TOKENS"])


class DomainsProvider(dynamic.ResourceProvider):
    """Sends the whole list by `set`."""

    def _send(self, token: str, action: str, domains: list[str]) -> None:
        url = f"{ENDPOINT}/wxa/setwebviewdomain_directly?access_token={token}"
        body = json.dumps({"action": action, "webviewdomain": domains}).encode()
        with urllib.request.urlopen(url, body) as response:  # noqa: S310 - the endpoint is the emulator's
            response.read()

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Set the list."""
        self._send(props["token"], "set", props["domains"])
        return dynamic.CreateResult(props["appid"], props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare what was declared."""
        return dynamic.DiffResult(changes=olds["domains"] != news["domains"])

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.UpdateResult:
        """Set the list."""
        self._send(news["token"], "set", news["domains"])
        return dynamic.UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete what was declared."""
        self._send(props["token"], "delete", props["domains"])


class Domains(dynamic.Resource):
    """One app's list."""

    def __init__(self, name: str, props: dict[str, Any]) -> None:
        """Register it."""
        super().__init__(DomainsProvider(), name, props)


for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
    Domains(app["appid"], {**app, "token": TOKENS[app["appid"]]})
