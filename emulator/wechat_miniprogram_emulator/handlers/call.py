"""What a handler gets and gives: handlers parse and answer, the rules are in `model`, the data in `store`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from wechat_miniprogram_emulator.clock import Clock
from wechat_miniprogram_emulator.model.apps import AppState, new_app
from wechat_miniprogram_emulator.model.confirm_files import ConfirmFile
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.periods import Unit
from wechat_miniprogram_emulator.model.platforms import Platform, new_platform
from wechat_miniprogram_emulator.model.quota import Limit, documented
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.tokens import Kind
from wechat_miniprogram_emulator.store import Store


@dataclass(frozen=True)
class World:
    """What the emulator is at the moment of a call.

    `platform_minutely` is how many calls a platform and its apps may make in a minute together, if limited.
    `unfiled_hosts` have no ICP filing, nor have the hosts below them. `endpoints` tells whose token an
    endpoint takes.
    """

    store: Store
    switches: Switches
    trusted_hosts: tuple[str, ...]
    unfiled_hosts: tuple[str, ...]
    limits: Mapping[str, Limit]
    platform_minutely: int | None
    endpoints: Mapping[str, str]
    auto_apps: bool
    clock: Clock
    now: float = 0.0

    def distrusted(self, hosts: frozenset[str]) -> frozenset[str]:
        """Give those of some hosts that are not taken to serve their confirm file."""
        return frozenset() if "*" in self.trusted_hosts else hosts - set(self.trusted_hosts)

    def known_platform(self, appid: str) -> Platform | None:
        """Read a platform; where every appid exists, make it on its first call."""
        found = self.store.platforms.find(appid, self.now)
        if found is None and self.auto_apps:
            self.store.platforms.put(new_platform(appid, self.now))
            found = self.store.platforms.find(appid, self.now)
        return found

    def limit(self, path: str) -> Limit:
        """Give the limits of an endpoint."""
        return self.limits.get(path) or documented(path)

    def known_app(self, appid: str) -> AppState | None:
        """Read an app; where every appid exists, make it on its first call."""
        app = self.store.app(appid)
        if app is None and self.auto_apps:
            self.store.add_app(replace(new_app(appid), authorized_at=self.now))
            app = self.store.app(appid)
        return app


@dataclass(frozen=True)
class Answer:
    """An answer's fields, and whether the app's lists were written; `bare` leaves errcode and errmsg out."""

    fields: Mapping[str, object] = field(default_factory=dict)
    error: ApiError | None = None
    applied: bool = False
    bare: bool = False


class Refused(Exception):
    """WeChat answers with an errcode, and nothing was changed."""

    def __init__(self, errcode: int, more: str = "") -> None:
        """Take WeChat's text of the code; `more` goes before the rid."""
        text = api_error(errcode).errmsg
        self.error = ApiError(errcode, f"{text} {more}".rstrip())
        super().__init__(self.error.errmsg)


@dataclass(frozen=True)
class Call:
    """A call that was let in: what it sends and for whom. The route decides which account it has.

    `without_file` are the hosts that were asked for the confirm file and do not serve it; `stale_app` is the
    app as it was before they were asked.
    """

    world: World
    client_ip: str
    query: Mapping[str, str]
    body: Mapping[str, object]
    account_app: AppState | None = None
    account_platform: Platform | None = None
    token_kind: Kind | None = None
    without_file: frozenset[str] = frozenset()
    stale_app: AppState | None = None

    @property
    def app(self) -> AppState:
        """The Mini Program whose token came with the call."""
        if self.account_app is None:
            raise LookupError("this route takes no Mini Program's token")
        return self.account_app

    @property
    def app_at_first(self) -> AppState:
        """The Mini Program as it was when the call came."""
        return self.stale_app or self.app

    @property
    def platform(self) -> Platform:
        """The third-party platform whose token came with the call."""
        if self.account_platform is None:
            raise LookupError("this route takes no platform's token")
        return self.account_platform

    @property
    def holder(self) -> str | None:
        """The appid of whichever account's token came with the call, if one did."""
        found = self.account_app or self.account_platform
        return found.appid if found else None

    @property
    def by_platform(self) -> str | None:
        """The third-party platform that makes the call, or that an app's token was given to."""
        if self.account_platform:
            return self.account_platform.appid
        given = self.account_app if self.token_kind == "authorizer_access_token" else None
        return given.component if given else None

    @property
    def account(self) -> str:
        """The appid of the account whose token came with the call."""
        if self.holder is None:
            raise LookupError("this route takes no token")
        return self.holder

    def text(self, name: str, *, missing: int) -> str:
        """Read a field of the body that is text; `missing` is the code where it is none, or empty."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(missing)
        return value

    def texts(self, name: str, *, wrong: int) -> tuple[str, ...]:
        """Read a field of the body that is a list of texts; `wrong` is the code where it is not."""
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Refused(wrong)
        return tuple(value)

    def action(self, *allowed: str) -> str:
        """Read the action."""
        value = self.body.get("action")
        if not isinstance(value, str) or value not in allowed:
            raise Refused(40097)
        return value

    def take(self, name: str, unit: Unit, limit: int, errcode: int, by: int = 1) -> None:
        """Count something that the account may do so often in a day or month, or refuse it."""
        if not self.world.store.usage.take(self.account, name, unit, self.world.now, limit, by):
            raise Refused(errcode)


Handler = Callable[[Call], Answer]
"""Runs inside the call's transaction, which is kept: it refuses before it writes anything."""


@dataclass(frozen=True)
class FilesWanted:
    """The hosts that must serve a file before a handler is asked."""

    hosts: frozenset[str] = frozenset()
    file: ConfirmFile | None = None


FilesOf = Callable[[Call], FilesWanted]


def no_files(_call: Call) -> FilesWanted:
    """Ask no host for a file."""
    return FilesWanted()
