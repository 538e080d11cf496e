"""The fleet by the usual script: `set` for every app, and HTTP 200 is success."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import httpx

ENDPOINT = os.environ["WECHAT_MINIPROGRAM_ENDPOINT"]
TOKENS = json.loads(os.environ["WECHAT_MINIPROGRAM_ACCESS_TOKENS"])


def set_domains(client: httpx.Client, appid: str, domains: list[str]) -> None:
    """Set the list of one app."""
    answer = client.post(
        f"{ENDPOINT}/wxa/setwebviewdomain_directly",
        params={"access_token": TOKENS[appid]},
        json={"action": "set", "webviewdomain": domains},
    )
    answer.raise_for_status()
    print(f"{appid}: {len(domains)} domains set")


def main() -> None:
    """Set the lists of all apps, one after the other."""
    with httpx.Client() as client:
        for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
            try:
                set_domains(client, app["appid"], app["domains"])
            except httpx.HTTPError as error:
                print(f"{app['appid']}: {type(error).__name__}", file=sys.stderr)
                sys.exit(1)


main()
