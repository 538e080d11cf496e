"""The calls of docs/reference/calls.md for each operation, by a bare httpx client that looks at no answer."""

from __future__ import annotations

import functools
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

INPUTS = ("appid", "domains", "mode", "overwrite_existing", "confirm_file_timeout", "allow_mass_removal")
_LIST = "/wxa/setwebviewdomain_directly"
_EFFECTIVE = "/wxa/get_effective_webviewdomain"


def create(appid: str, domains: Sequence[str]) -> None:
    _post(appid, _LIST, {"action": "get"})
    _post(appid, _LIST, {"action": "set", "webviewdomain": domains})
    _post(appid, _EFFECTIVE, {})


def read(appid: str) -> None:
    _post(appid, _LIST, {"action": "get"})
    _post(appid, _EFFECTIVE, {})


def delete(appid: str, domains: Sequence[str]) -> None:
    _post(appid, _LIST, {"action": "get"})
    _post(appid, _LIST, {"action": "delete", "webviewdomain": domains})


def computed(appid: str, domains: Sequence[str]) -> dict[str, Any]:
    """Return the outputs of a new resource beside its inputs: all pending until a release."""
    return {
        "effective_domains": [],
        "pending_domains": domains,
        "release_required": True,
        "added_domains": domains,
        "shared_domains": {},
        "declared_as": appid,
    }


def _post(appid: str, path: str, body: dict[str, object]) -> None:
    with _connecting:
        client, tokens = _connected()
    client.post(path, params={"access_token": tokens[appid]}, json=body).raise_for_status()


_connecting = threading.Lock()


@functools.cache
def _connected() -> tuple[Any, dict[str, str]]:
    import httpx  # noqa: PLC0415 - loaded by the first call, as the package does

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = httpx.Client(base_url=os.environ["WECHAT_MINIPROGRAM_ENDPOINT"], limits=limits)
    given = os.environ["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    file = given.removeprefix("file:")
    return client, json.loads(given if file == given else Path(file).read_text(encoding="utf-8"))
