"""The provider's own cost as a fleet grows: the dynamic host without the engine, app after app.

The processor time of the plugin process counts, since what else the machine does matters less for it. A host
with the provider that does nothing shows which part of it is the SDK's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contestants import FLOOR, PEERS
from benchmarks.fleet import App, sow, tokens
from benchmarks.hosts import Host, host_running
from benchmarks.machine import memory_mib
from benchmarks.raw_loop import THREADS
from benchmarks.wechat import WeChat
from pulumi_wechat_miniprogram.exports.pinned import WEBVIEW_DOMAINS_PROVIDER

__all__ = ["NOTHING", "Slice", "grow"]

NOTHING = "gASMDmZsb29yX3Byb3ZpZGVyjAdOb3RoaW5nkymBLg=="
"""The pickle of the floor's provider by reference, as in its program."""
_SHAPE: Mapping[str, object] = {
    "mode": "authoritative",
    "overwrite_existing": False,
    "confirm_file_timeout": 0,
    "allow_mass_removal": False,
}


@dataclass(frozen=True)
class Slice:
    """Milliseconds of processor time for each app of a slice, by operation, and the memory after it."""

    ms: Mapping[str, float]
    memory_mib: float


def grow(wechat: WeChat, folder: Path, count: int, slices: int) -> tuple[list[Slice], list[Slice]]:
    """Drive a host of ours and one of the floor over `count` apps, in turn for each slice; ours first."""
    apps = sow(count)
    wechat.prepare(apps, 0.0)
    secrets = folder / "tokens.json"  # a variable of the environment may have 128 KiB, about 2,000 tokens
    secrets.write_text(tokens(apps), encoding="utf-8")
    environment = {
        "PULUMI_PROJECT": "growth",
        "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": f"file:{secrets}",
    }
    size = count // slices
    ours, floor = [], []
    with (
        host_running(WEBVIEW_DOMAINS_PROVIDER, folder, environment) as provider,
        host_running(NOTHING, PEERS / FLOOR.folder, environment) as nothing,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        for host in (provider, nothing):
            _drive(host, apps[:1], pool)  # what a process loads once
        for first in range(0, count, size):
            chosen = apps[first : first + size]
            ours.append(_drive(provider, chosen, pool))
            floor.append(_drive(nothing, chosen, pool))
    return ours, floor


def _drive(host: Host, apps: list[App], pool: ThreadPoolExecutor) -> Slice:
    used: dict[str, float] = {}

    def spend(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what a map returns
        before = host.cpu_seconds()
        result = work()
        used[name] = (host.cpu_seconds() - before) * 1000 / len(apps)
        return result

    def compare(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        outputs, inputs = pair
        host.diff(outputs, host.check(inputs))

    declared = [{"appid": app.appid, "domains": list(app.domains), **_SHAPE} for app in apps]
    inputs = [host.check(each) for each in declared]
    outputs = spend("create", lambda: list(pool.map(host.create, inputs)))
    spend("check and diff", lambda: list(map(compare, zip(outputs, declared, strict=True))))
    spend("refresh", lambda: list(pool.map(host.read, outputs)))
    return Slice(used, memory_mib(host.pid))
