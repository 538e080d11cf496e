"""What the engine runs: thin methods that parse, call one use case, and answer.

The module path and both class names stand in users' state (`exports.kinds`) and never change. Instances come
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
    NAME,
    check_appid,
    check_inputs,
    failed_program,
    is_unknown,
    known_domains,
    mass_removal,
    recorded_inputs,
    to_declaration,
    to_recorded,
    to_siblings,
)
from pulumi_wechat_miniprogram.dynamic.session import Session, StackConfig, open_session, own_config
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import WEBVIEW_DOMAINS_INPUTS
from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.state import Recorded
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import mask
from pulumi_wechat_miniprogram.safety.text import printable
from pulumi_wechat_miniprogram.settings import SettingsError

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import ConfirmFile


class _Failed(Exception):
    """Carries a message to the user. The SDK prints the type before it: `builtins` is left out there."""

    __module__ = "builtins"
    __qualname__ = "wechat-miniprogram"


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise _Failed(_shown(str(error))) from None


class _Provider(ResourceProvider):
    _config: StackConfig

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the config. Without a traceback limit the user would see one above every message."""
        sys.tracebacklimit = 0
        self._config = own_config(req.config)

    def _session(self) -> Session:
        return open_session(self._config)

    def _session_for_the_user(self) -> Session:
        with _readable():
            return self._session()


class WebviewDomainsProvider(_Provider):
    """Create, read, update and delete of `MiniProgramWebviewDomains`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Canonicalise and validate; refuse here what must not be applied, since preview runs no write."""
        try:
            session = self._session()
        except SettingsError as error:
            return CheckResult(news, [CheckFailure("", _shown(str(error)))])
        allow_reserved = session.settings.allow_reserved_hosts
        inputs, problems = check_inputs(olds, news, allow_reserved=allow_reserved)
        siblings = to_siblings(news)
        problems = problems or mass_removal(olds, inputs) or _check_token_owner(session, inputs)
        problems = problems or failed_program(olds, inputs, siblings)
        if problems:
            return CheckResult(inputs, [CheckFailure("", _shown("\n".join(problems)))])
        if not is_unknown(inputs["appid"]):
            now = known_domains(inputs["domains"])
            inputs[NAME] = session.declarations.check(inputs["appid"], now, siblings)
        return CheckResult(inputs, [])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare meaning: the sets of domains, `mode` and `appid`.

        An unknown appid does not replace the resource. The engine asks for this diff for each resource that
        depends on one that is deleted before it is replaced. It would delete this one too, and so empty a
        live list, before it knows that the appid stays the same.
        """
        with _readable():
            recorded = to_recorded(id_, olds)
        declarations = self._session_for_the_user().declarations
        if is_unknown(news["appid"]) or is_unknown(news["domains"]):
            declarations.replace(recorded.appid)
            return DiffResult()
        if recorded.appid != news["appid"]:
            return DiffResult(replaces=["appid"])
        name = news.get(NAME, "")
        declared = known_domains(news["domains"])
        declarations.settle(recorded.appid, name, declared)
        declarations.own(recorded.appid, name, recorded.added_domains)
        if is_unknown(news["mode"]) or recorded.mode != news["mode"]:
            return DiffResult()
        drifted = self._drifted(recorded)
        if set(recorded.domains) != set(declared):
            self._warn_of_moves(recorded, news, name)
            return DiffResult()
        return DiffResult(changes=drifted or self._record_sharing(recorded, name))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt what is live and write what is missing."""
        with _readable():
            recorded = self._session().reconciler.create(to_declaration(props))
        return CreateResult(recorded.appid, _outputs(recorded, props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Send the difference."""
        with _readable():
            recorded = self._session().reconciler.update(to_recorded(id_, olds), to_declaration(news))
        return UpdateResult(_outputs(recorded, news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is live as outputs and as inputs."""
        with _readable():
            recorded = self._session().reconciler.read(to_recorded(id_, props))
        outputs = _outputs(recorded, props)
        inputs = {field.name: outputs[field.name] for field in WEBVIEW_DOMAINS_INPUTS}
        return ReadResult(
            id_, outputs, {**inputs, NAME: recorded.declared_as} if recorded.declared_as else inputs
        )

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Remove what this resource owns."""
        with _readable():
            self._session().reconciler.delete(to_recorded(id_, props))

    def _drifted(self, recorded: Recorded) -> bool:
        with _readable():
            session = self._session()
            return session.settings.live_diff and bool(session.reconciler.drift(recorded))

    def _record_sharing(self, recorded: Recorded, name: str) -> bool:
        """Tell whether a resource with the same domains needs an update because of other resources.

        It also warns, and notes what is spared: ask only if nothing else is a change. Only a program that
        came to its end tells of other resources, since no check comes before the diff of a refresh.
        """
        appid, session = recorded.appid, self._session_for_the_user()
        declarations = session.declarations
        if not declarations.checked(appid, name) or declarations.failed(appid):
            return False
        stored = recorded.shared_domains
        before = {key: stored[key] for key in recorded.domains if key in stored}
        shared = declarations.shared(appid, recorded.domains, stored, but=name)
        if shared != before:
            for line in messages.now_shared(appid, before, shared):
                session.warn(line)
        left = [key for key in recorded.added_domains if key not in recorded.domains]
        waits = [key for key in left if declarations.may_remove(appid, key, stored, but=name) is False]
        declarations.spare(appid, waits)
        gone = declarations.removed(appid, recorded.domains)
        return bool(waits != left or gone or declarations.orphans(appid) or shared != before)

    def _warn_of_moves(self, recorded: Recorded, news: dict[str, Any], name: str) -> None:
        appid, session = recorded.appid, self._session_for_the_user()
        declarations = session.declarations
        if news["mode"] == "authoritative":
            return
        elsewhere = declarations.elsewhere(
            appid, recorded.shared_domains, but=name, owned=recorded.added_domains
        )
        kept = {*known_domains(news["domains"]), *elsewhere}
        dropped = [key for key in recorded.added_domains if key not in kept]
        for line in messages.may_be_moved(appid, dropped, declarations.unknown(appid)):
            session.warn(line)


class ConfirmFileProvider(_Provider):
    """Create and read of `MiniProgramConfirmFile`; nothing is ever written in WeChat."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate the appid."""
        inputs = {"appid": news.get("appid")}
        problems = check_appid(inputs["appid"])
        return CheckResult(inputs, [CheckFailure("", _shown(problem)) for problem in problems])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace when the appid changes, but not while it is unknown; see `WebviewDomainsProvider`."""
        if is_unknown(news["appid"]):
            return DiffResult()
        other = (olds.get("appid") or id_) != news["appid"]
        return DiffResult(replaces=["appid"]) if other else DiffResult(changes=False)

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


def _shown(text: str) -> str:
    """Return a text for the user: no secret that was used, and nothing that acts on a terminal or a log."""
    return printable(mask(text))


def _stored_file(outputs: dict[str, Any]) -> ConfirmFile | None:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import ConfirmFile  # noqa: PLC0415 - see `Session`

    props = Properties(outputs)
    name, content = props.text("file_name"), props.text("file_content")
    return ConfirmFile(file_name=name, file_content=content) if name and content else None


def _check_token_owner(session: Session, inputs: dict[str, Any]) -> list[str]:
    settings = session.settings
    owner = settings.access_token_appid
    if not settings.access_token or is_unknown(inputs["appid"]) or owner == inputs["appid"]:
        return []
    problem = (
        f"the configured access token belongs to {owner} ({settings.name_of('access_token_appid')}), not to "
        f"{inputs['appid']}. Replace it with {settings.name_of('access_tokens')}, a JSON object from appid "
        "to token"
    )
    return [problem]


def _outputs(recorded: Recorded, inputs: dict[str, Any]) -> dict[str, Any]:
    return {**recorded_inputs(inputs), **_plain(asdict(recorded))}


def _plain(value: Any) -> Any:
    """Return a value with lists in the place of tuples, at any depth."""
    if isinstance(value, dict):
        return {key: _plain(held) for key, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, tuple) else value
