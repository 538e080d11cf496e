"""What the engine runs: thin methods that parse, call one use case, and answer.

The module path and both class names stand in users' state (`pinned`) and never change. Instances come
from a pickle without `__init__`: they have no state until `configure`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

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

from pulumi_wechat_miniprogram.dynamic.inputs import (
    check_appid,
    check_inputs,
    is_unknown,
    mass_removal,
    operational,
    same_domains,
    stored_mode,
    to_declaration,
    to_recorded,
)
from pulumi_wechat_miniprogram.dynamic.session import Session, StackConfig, open_session, own_config
from pulumi_wechat_miniprogram.observation import Recorded
from pulumi_wechat_miniprogram.settings import SettingsError

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.reconcile import ConfirmFile

__all__ = ["ConfirmFileProvider", "WebviewDomainsProvider"]

_INPUTS = ("appid", "domains", "mode", "overwrite_existing", "confirm_file_timeout", "allow_mass_removal")


class _Failed(Exception):
    """Carries a message to the user. The SDK prints the type before it: `builtins` is left out there."""

    __module__ = "builtins"
    __qualname__ = "wechat-miniprogram"


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _for_the_user() as error:
        raise _Failed(str(error)) from None


def _for_the_user() -> tuple[type[Exception], ...]:
    from pulumi_wechat_miniprogram.reconcile import FOR_THE_USER  # noqa: PLC0415 - only what failed needs it

    return FOR_THE_USER


class _Provider(ResourceProvider):
    _config: StackConfig

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the config. Without a traceback limit the user would see one above every message."""
        sys.tracebacklimit = 0
        self._config = own_config(req.config)

    def _session(self) -> Session:
        return open_session(self._config)


class WebviewDomainsProvider(_Provider):
    """Create, read, update and delete of `MiniProgramWebviewDomains`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Canonicalise and validate; refuse here what must not be applied, since preview runs no write."""
        try:
            session = self._session()
        except SettingsError as error:
            return CheckResult(news, [CheckFailure("", str(error))])
        inputs, problems = check_inputs(news, allow_reserved=session.settings.allow_reserved_hosts)
        problems = problems or mass_removal(olds, inputs) or _check_token_owner(session, inputs)
        if problems:
            return CheckResult(inputs, [CheckFailure("", "\n".join(problems))])
        if not is_unknown(inputs["appid"]) and not is_unknown(inputs["domains"]):
            session.declared.add(inputs["appid"], inputs["domains"])
        return CheckResult(inputs, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare meaning: the sets of domains, `mode` and `appid`."""
        if is_unknown(news["appid"]) or olds["appid"] != news["appid"]:
            return DiffResult(replaces=["appid"])
        if is_unknown(news["domains"]) or is_unknown(news["mode"]) or stored_mode(olds) != news["mode"]:
            return DiffResult()
        drifted = self._drifted(olds)
        return DiffResult(changes=drifted) if same_domains(olds, news) else DiffResult()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt what is live and write what is missing."""
        with _readable():
            recorded = self._session().reconciler.create(to_declaration(props))
        return CreateResult(recorded.appid, _outputs(recorded, props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Send the difference."""
        with _readable():
            recorded = self._session().reconciler.update(to_recorded(olds), to_declaration(news))
        return UpdateResult(_outputs(recorded, news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is live as outputs and as inputs."""
        with _readable():
            recorded = self._session().reconciler.read(to_recorded({"appid": id_, **props}))
        outputs = _outputs(recorded, props)
        return ReadResult(id_, outputs, {key: outputs[key] for key in _INPUTS})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove what this resource owns."""
        with _readable():
            self._session().reconciler.delete(to_recorded(props))

    def _drifted(self, olds: dict[str, Any]) -> bool:
        with _readable():
            session = self._session()
            return session.settings.live_diff and bool(session.reconciler.drift(to_recorded(olds)))


class ConfirmFileProvider(_Provider):
    """Create and read of `MiniProgramConfirmFile`; nothing is ever written in WeChat."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate the appid."""
        inputs = {"appid": news.get("appid")}
        problems = check_appid(inputs["appid"])
        return CheckResult(inputs, [CheckFailure("", problem) for problem in problems])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace when the appid changes."""
        if is_unknown(news["appid"]) or olds["appid"] != news["appid"]:
            return DiffResult(replaces=["appid"])
        return DiffResult(changes=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Read the file."""
        return CreateResult(props["appid"], self._fetch(props["appid"]))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the file again."""
        return ReadResult(id_, self._fetch(id_, _stored_file(props)), {"appid": id_})

    def _fetch(self, appid: str, stored: ConfirmFile | None = None) -> dict[str, Any]:
        with _readable():
            file = self._session().reconciler.confirm_file(appid, stored)
        return {"appid": appid, "file_name": file.file_name, "file_content": file.file_content}


def _stored_file(outputs: dict[str, Any]) -> ConfirmFile | None:
    from pulumi_wechat_miniprogram.reconcile import ConfirmFile  # noqa: PLC0415 - a read has loaded it

    name, content = outputs.get("file_name"), outputs.get("file_content")
    return ConfirmFile(file_name=name, file_content=content) if name and content else None


def _check_token_owner(session: Session, inputs: dict[str, Any]) -> list[str]:
    owner = session.settings.access_token_appid
    if not session.settings.access_token or is_unknown(inputs["appid"]) or owner == inputs["appid"]:
        return []
    problem = (
        f"the configured access token belongs to {owner} (accessTokenAppid), not to {inputs['appid']}: "
        "use accessTokens, a JSON object from appid to token"
    )
    return [problem]


def _outputs(recorded: Recorded, inputs: dict[str, Any]) -> dict[str, Any]:
    facts = asdict(recorded)
    return {**operational(inputs), **{k: list(v) if isinstance(v, tuple) else v for k, v in facts.items()}}
