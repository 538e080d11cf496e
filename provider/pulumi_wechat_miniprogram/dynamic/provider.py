"""What the engine runs: thin methods that ask `resources` and answer in the SDK's types.

Users' state refers to this module and to its public classes by name (`exports.kinds`), so neither may be
renamed. Instances come from a pickle without `__init__`: they have no state until `configure`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from pulumi_wechat_miniprogram.dynamic.program import IS_UPDATE
from pulumi_wechat_miniprogram.dynamic.session import StackConfig, open_session, own_config
from pulumi_wechat_miniprogram.exports.kinds import PROVIDER_KEY, SIBLINGS_KEY
from pulumi_wechat_miniprogram.exports.state import from_wire
from pulumi_wechat_miniprogram.resources.confirm_file import ConfirmFiles, PlatformConfirmFiles
from pulumi_wechat_miniprogram.resources.domain_lists import Difference, DomainLists
from pulumi_wechat_miniprogram.resources.platform_domains import PlatformServerDomains, PlatformWebviewDomains
from pulumi_wechat_miniprogram.resources.prefetch_domains import PrefetchDomains
from pulumi_wechat_miniprogram.resources.server_domains import ServerDomains
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.resources.webview_domains import WebviewDomains
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import shown
from pulumi_wechat_miniprogram.settings import SettingsError

_CHANGES: Final[dict[Difference, bool | None]] = {
    "none": False,
    "inputs": None,  # the engine compares them itself
    "outputs": True,
}


class _Failed(Exception):
    """Carries a message to the user. The SDK prints the type before it: `builtins` is left out there."""

    __module__ = "builtins"
    __qualname__ = "wechat-miniprogram"


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise _Failed(shown(error)) from None


class _Provider(ResourceProvider):
    _config: StackConfig

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the config. Without a traceback limit the user would see one above every message."""
        sys.tracebacklimit = 0
        self._config = own_config(req.config)

    def _session(self) -> Session:
        return open_session(self._config)


class _DomainsProvider(_Provider):
    _lists: type[DomainLists]

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Canonicalise and validate; refuse here what must not be applied, since preview runs no write."""
        try:
            session = self._session()
        except SettingsError as error:
            return _checked(news, [str(error)])
        note = news.get(SIBLINGS_KEY)
        if isinstance(note, dict) and note.get(IS_UPDATE):
            session.is_update = True  # its operations say themselves what they do
        resource = self._lists(session)
        inputs, problems = resource.check(olds, _marked(news))
        if not problems and not olds and not session.is_update:
            problems = resource.look_ahead(inputs)
        return _checked(inputs, ["\n".join(problems)] if problems else [])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare meaning; see `DomainLists.diff`."""
        with _readable():
            resource, news = self._resource(), _marked(news)
            difference = resource.diff(id_, olds, news)
            if difference != "none" and not self._session().is_update:
                warn = resource.warn_of_replacement if difference == "appid" else resource.warn_of_update
                warn(id_, olds, news)
            return _differing(olds, difference, self._lists.account)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt what is live and write what is missing."""
        with _readable():
            resource = self._resource()
            return CreateResult(resource.id_of(props), resource.create(props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Send the difference; a state of the native face is only written anew."""
        with _readable():
            resource = self._resource()
            moved = None if PROVIDER_KEY in olds else resource.move(id_, olds, news)
            return UpdateResult(resource.update(id_, olds, news) if moved is None else moved)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is live as outputs and as inputs."""
        with _readable():
            return ReadResult(id_, *self._resource().read(id_, props))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Remove what this resource owns."""
        with _readable():
            self._resource().delete(id_, props)

    def _resource(self) -> DomainLists:
        return self._lists(self._session())


class WebviewDomainsProvider(_DomainsProvider):
    """Create, read, update and delete of `MiniProgramWebviewDomains`."""

    _lists = WebviewDomains


class ServerDomainsProvider(_DomainsProvider):
    """Create, read, update and delete of `MiniProgramServerDomains`."""

    _lists = ServerDomains


class PrefetchDomainsProvider(_DomainsProvider):
    """Create, read, update and delete of `MiniProgramPrefetchDomains`."""

    _lists = PrefetchDomains


class PlatformWebviewDomainsProvider(_DomainsProvider):
    """Create, read, update and delete of `ThirdPartyPlatformWebviewDomains`."""

    _lists = PlatformWebviewDomains


class PlatformServerDomainsProvider(_DomainsProvider):
    """Create, read, update and delete of `ThirdPartyPlatformServerDomains`."""

    _lists = PlatformServerDomains


class _FileProvider(_Provider):
    _files: type[ConfirmFiles]

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate the appid."""
        return _checked(*self._files.check(_marked(news)))

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace when the appid changes."""
        return _differing(olds, self._files.diff(id_, olds, _marked(news)), self._files.account)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Read the file."""
        id_ = self._files.id_of(props)
        return CreateResult(id_, self._fetch(id_, {}))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the file again."""
        return ReadResult(id_, self._fetch(id_, props), {self._files.account: id_})

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Write a state of the native face anew."""
        return UpdateResult(from_wire(olds))

    def _fetch(self, appid: str, olds: dict[str, Any]) -> dict[str, Any]:
        with _readable():
            return self._files(self._session()).fetch(appid, olds)


class ConfirmFileProvider(_FileProvider):
    """Create and read of `MiniProgramConfirmFile`; nothing is ever written in WeChat."""

    _files = ConfirmFiles


class PlatformConfirmFileProvider(_FileProvider):
    """Create and read of `ThirdPartyPlatformConfirmFile`; nothing is ever written in WeChat."""

    _files = PlatformConfirmFiles


def _differing(olds: dict[str, Any], difference: Difference, account: str) -> DiffResult:
    """Return a result for the SDK. A state of the native face, without `__provider`, must be written anew."""
    if difference == "none" and PROVIDER_KEY not in olds:
        difference = "outputs"
    return (
        DiffResult(replaces=[account]) if difference == "appid" else DiffResult(changes=_CHANGES[difference])
    )


def _checked(inputs: dict[str, Any], problems: list[str]) -> CheckResult:
    return CheckResult(inputs, [CheckFailure("", shown(problem)) for problem in problems])


def _marked(value: Any) -> Any:
    """Return inputs with the mark that the engine knows in the place of the SDK's objects for unknowns."""
    if isinstance(value, dict):
        return {key: _marked(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_marked(held) for held in value]
    return UNKNOWN if isinstance(value, Unknown) else value
