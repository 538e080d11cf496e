"""The provider's calls without a provider: httpx, one client, four threads, answers looked at no further."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.fleet import App, changed
from benchmarks.races import Lap
from benchmarks.wechat import WeChat

__all__ = ["CALLS", "THREADS", "raw_lap"]

THREADS = 4
"""As many as Pulumi's dynamic host has."""
CALLS: Mapping[str, int] = {"create": 3, "no-op": 0, "refresh": 2, "destroy": 2}
"""Calls to WeChat for each app, by docs/lifecycle.md."""
_LIST = "/wxa/setwebviewdomain_directly"
_EFFECTIVE = "/wxa/get_effective_webviewdomain"


class _Calls:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def _post(self, path: str, app: App, body: Mapping[str, object]) -> None:
        answer = self._client.post(path, params={"access_token": f"emulator-{app.appid}"}, json=body)
        answer.raise_for_status()

    def get(self, app: App) -> None:
        self._post(_LIST, app, {"action": "get"})

    def write(self, app: App, action: str) -> None:
        self._post(_LIST, app, {"action": action, "webviewdomain": app.domains})

    def effective(self, app: App) -> None:
        self._post(_EFFECTIVE, app, {})

    def create(self, app: App) -> None:
        self.get(app)
        self.write(app, "set")
        self.effective(app)

    def change(self, app: App) -> None:
        self.get(app)
        self.write(App(app.appid, app.domains[-1:]), "add")
        self.effective(app)

    def refresh(self, app: App) -> None:
        self.get(app)
        self.effective(app)

    def destroy(self, app: App) -> None:
        self.get(app)
        self.write(app, "delete")


def raw_lap(wechat: WeChat, apps: list[App], operations: Sequence[str]) -> Lap:
    """Return a lap that makes the calls of each operation; one without calls measures nothing."""

    def lap() -> Iterator[Mapping[str, float]]:
        with httpx.Client(base_url=wechat.url) as client, ThreadPoolExecutor(THREADS) as pool:
            calls = _Calls(client)
            legs: Mapping[str, tuple[Callable[[App], None], list[App]]] = {
                "create": (calls.create, apps),
                "change one": (calls.change, changed(apps)[:1]),
                "refresh": (calls.refresh, apps),
                "destroy": (calls.destroy, apps),
            }
            for operation in operations:
                if operation not in legs:
                    yield {}
                    continue
                call, chosen = legs[operation]
                began = time.perf_counter()
                list(pool.map(call, chosen))
                yield {operation: time.perf_counter() - began}

    return lap
