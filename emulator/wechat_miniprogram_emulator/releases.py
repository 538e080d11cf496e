"""A Mini Program goes online: what is configured is in force from then on."""

from __future__ import annotations

import time

from wechat_miniprogram_emulator.clock import read_clock
from wechat_miniprogram_emulator.model import mode_one, server_domains, versions
from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.platform_lists import PlatformLists, binding_hosts
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.versions import Version
from wechat_miniprogram_emulator.store import Store
from wechat_miniprogram_emulator.store.documents import (
    JUMP_HOSTS,
    SERVER_DOMAINS,
    SERVER_HOSTS,
    VERSIONS,
    Subject,
)


def release(store: Store, appid: str, switches: Switches, now: float) -> None:
    """Release an app.

    Raises:
        LookupError: the app does not exist.
    """
    with store.transaction():
        before = known(store, appid)
        _put_in_force(store, before, switches, now)
        documents = store.documents
        documents.write(appid, VERSIONS, versions.released(documents.read(appid, VERSIONS), now))


def release_stored(store: Store, appid: str) -> None:
    """Release an app in data that no emulator serves, by the switches and the clock that are set there.

    Raises:
        LookupError: the app does not exist.
    """
    release(store, appid, _stored_switches(store), _stored_now(store))


def after_release_stored(store: Store, before: AppState) -> AppState:
    """Return what an app would have after `release_stored`."""
    return after_release(store, before, _stored_switches(store), _stored_now(store))


def after_release(store: Store, before: AppState, switches: Switches, now: float) -> AppState:
    """Return what an app would have after a release."""
    return mode_one.released(before, listed_hosts(store, before, JUMP_HOSTS, now), switches)


def submit(store: Store, appid: str, version: Version, switches: Switches, now: float) -> None:
    """Upload and submit a version of an app's code; it passes the audit immediately.

    Raises:
        LookupError: the app does not exist.
    """
    with store.transaction():
        before = known(store, appid)
        if switches.new_effect == "on-submit":
            _put_in_force(store, before, switches.model_copy(update={"release_filter": "keep"}), now)
        documents = store.documents
        documents.write(appid, VERSIONS, versions.submitted(documents.read(appid, VERSIONS), version))


def known(store: Store, appid: str) -> AppState:
    """Read an app.

    Raises:
        LookupError: the app does not exist.
    """
    if (app := store.app(appid)) is None:
        raise LookupError(f"the app {appid} does not exist")
    return app


def listed_hosts(store: Store, app: AppState, subject: Subject[PlatformLists], now: float) -> tuple[str, ...]:
    """Give the hosts of the platform's list that binds an app in mode one."""
    platform = store.platforms.find(app.component, now) if app.component else None
    if platform is None:
        return ()
    return binding_hosts(store.documents.read(platform.appid, subject), published=platform.published)


def _stored_switches(store: Store) -> Switches:
    return Switches.model_validate(store.settings.get("switches", {}))


def _stored_now(store: Store) -> float:
    return read_clock(store).now(time.time())


def _put_in_force(store: Store, before: AppState, switches: Switches, now: float) -> None:
    store.put_lists(before, after_release(store, before, switches, now))
    server_hosts = listed_hosts(store, before, SERVER_HOSTS, now)
    server = store.documents.read(before.appid, SERVER_DOMAINS)
    store.documents.write(
        before.appid, SERVER_DOMAINS, server_domains.released(server, server_hosts, switches)
    )
