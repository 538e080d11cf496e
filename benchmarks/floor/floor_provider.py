"""Two providers, imported by reference: one does nothing, the other makes calls and looks at no answer."""

from __future__ import annotations

import functools
import json
import os
import threading
from typing import Any

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider

INPUTS = ("appid", "domains", "mode", "overwrite_existing", "confirm_file_timeout", "allow_mass_removal")
LIST = "/wxa/setwebviewdomain_directly"
EFFECTIVE = "/wxa/get_effective_webviewdomain"


class Nothing(ResourceProvider):
    """Answers at once, with outputs of the same shape and size as the package's."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult({key: news[key] for key in INPUTS}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["appid"], outputs(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, outputs(props), {key: props[key] for key in INPUTS})


class Calls(Nothing):
    """Makes the calls of docs/lifecycle.md for each operation: what no provider on httpx can be without."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        _post(props["appid"], LIST, {"action": "get"})
        _post(props["appid"], LIST, {"action": "set", "webviewdomain": props["domains"]})
        _post(props["appid"], EFFECTIVE, {})
        return super().create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        _post(id_, LIST, {"action": "get"})
        _post(id_, EFFECTIVE, {})
        return super().read(id_, props)


def outputs(props: dict[str, Any]) -> dict[str, Any]:
    """Return what a new resource has: all pending until a release."""
    return {
        **{key: props[key] for key in INPUTS},
        "effective_domains": [],
        "pending_domains": props["domains"],
        "release_required": True,
        "added_domains": props["domains"],
        "shared_domains": {},
        "declared_as": props["appid"],
    }


def _post(appid: str, path: str, body: dict[str, object]) -> None:
    with _connecting:
        client, tokens = _connected()
    client.post(path, params={"access_token": tokens[appid]}, json=body).raise_for_status()


_connecting = threading.Lock()


@functools.cache
def _connected() -> tuple[Any, dict[str, str]]:
    import httpx  # noqa: PLC0415 - loaded by the first call, as the package does

    client = httpx.Client(base_url=os.environ["WECHAT_MINIPROGRAM_ENDPOINT"])
    return client, json.loads(os.environ["WECHAT_MINIPROGRAM_ACCESS_TOKENS"])
