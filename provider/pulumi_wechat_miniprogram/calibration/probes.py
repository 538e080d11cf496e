"""What a calibration asks, and in which order: what shows most comes first, as far as the budget goes.

`app` counts each write, reads after it, and restores the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from pulumi_wechat_miniprogram.calibration.app import App
from pulumi_wechat_miniprogram.calibration.journal import Journal
from pulumi_wechat_miniprogram.calibration.recorder import Recorder
from pulumi_wechat_miniprogram.lifecycle.reconcile import open_client
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import WeChatError

MAX_WRITES: Final = 20
FEWEST_WRITES: Final = 3
"""One write, and one to restore each of the two lists."""


def open_app(settings: Settings, appid: str, *, warn: Callable[[str], None], journal: Journal) -> App:
    """Return an app at the endpoint of the settings."""
    recorder = Recorder()
    client = open_client(settings, warn=warn, attempts=Attempts(settings.max_attempts), heard=recorder)
    return App(client, appid, recorder=recorder, journal=journal, platform=settings.component_appid)


def read(app: App) -> None:
    """Send every read once. A refusal is an answer too; anything else ends the run."""
    with app.reported():
        _read(app)


def write(app: App, hosts: Sequence[str], endpoint: str, most: int) -> None:
    """Send the reads, then the writes on the given hosts, and restore whatever happens.

    Raises:
        NotRestored: something that was added is still there.
    """
    with app.reported():
        _read(app)
        with app.writable(hosts, endpoint, most):
            _write(app)


def _write(app: App) -> None:
    if app.hosts:
        _webview_domains(app)
    if app.server_hosts:
        _server_domains(app, app.server_hosts[0])
    _deletes_in_mode_one(app)
    _empty_lists(app)


def _webview_domains(app: App) -> None:
    waiting = list(app.hosts)
    host = ""
    while waiting and not host:
        if app.send("add", f"https://{waiting[0]}") == 0:
            host = waiting[0]
        waiting.pop(0)
    if not host:
        return
    domain = f"https://{host}"
    with suppress(WeChatError):
        app.client.app_info(app.appid)
    app.send("add", domain)
    if app.ours == (domain,):
        app.send("set", domain)
    if app.ours == (domain,):
        app.send("set")
    app.drop()
    app.send("delete", domain)
    app.send("add", domain, domain)
    app.drop()
    app.send("add", host)
    app.drop()
    app.send("add", domain, f"http://{host}")
    app.drop()
    for each in waiting:
        if app.send("add", f"https://{each}") not in {0, None}:
            app.send("add", domain, f"https://{each}")
        app.drop()


def _server_domains(app: App, host: str) -> None:
    request, udp = f"request https://{host}", f"udp udp://{host}"
    if app.send_server("add", request, udp) != 0:
        return
    app.send_server("add", request, udp)
    app.send_server("set", request, emptied=["udp"])
    if udp not in app.ours_of_server:
        app.send_server("add", udp)
    if udp in app.ours_of_server:
        app.send_server("set", request)
    app.send_server("add", f"request https://{host}:8443", f"request http://{host}")
    app.send_server("add", f"socket {host}")
    app.drop_server()
    app.send_server("delete", request)


def _deletes_in_mode_one(app: App) -> None:
    """Delete what mode one does not have: nothing changes, whatever the answer."""
    if app.hosts:
        app.send("delete", f"https://{app.hosts[0]}", channel="registered")
    if app.server_hosts:
        app.send_server("delete", f"request https://{app.server_hosts[0]}", channel="registered")


def _empty_lists(app: App) -> None:
    """Empty what is proven empty: nothing changes, whatever the answer."""
    if app.hosts and not app.ours:
        app.send("set", channel="registered")
    app.send_no_prefetch_hosts()


def _read(app: App) -> None:
    client, appid = app.client, app.appid
    reads: list[Callable[[], object]] = [
        lambda: client.live(appid),
        lambda: client.effective(appid),
        lambda: client.server_domains(appid),
        lambda: client.app_info(appid),
        lambda: client.prefetch_hosts(appid),
    ]
    if platform := app.platform:
        reads.append(lambda: client.platform_hosts(platform, "webview"))
    for read in reads:
        try:
            read()
        except WeChatError as error:
            app.outcome.notes.append(error.headline)
