"""The functions that a program may call: each reads from WeChat and writes nothing."""

from __future__ import annotations

from pulumi_wechat_miniprogram.exports.marks import is_unknown
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, by_kind
from pulumi_wechat_miniprogram.resources.found import (
    GetConfirmFileResult,
    GetServerDomainsResult,
    GetWebviewDomainsResult,
    ListAuthorizersResult,
)
from pulumi_wechat_miniprogram.resources.inputs import check_appid
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.safety.errors import UserError


def list_authorizers(session: Session) -> ListAuthorizersResult:
    """Return the apps that the token source knows: those configured, or all that authorise the platform.

    Raises:
        UserError: there are none, or the source cannot tell. A program that declares a resource for each app
            would delete them all if it were given an empty list.
    """
    appids = session.reconciler.appids()
    if not appids:
        raise UserError(
            "no Mini Program is known to authorise the third-party platform. An empty list is not returned, "
            "because a program that declares a resource for each app would then delete all of them",
            "The component flow lists every app that authorises the platform, and maps of tokens list their "
            "own apps. A token command, a token service and the embedded emulator cannot list apps.",
        )
    return ListAuthorizersResult(sorted(appids))


def get_webview_domains(session: Session, appid: object) -> GetWebviewDomainsResult:
    """Return what WeChat holds of an app. Raises as `Reconciler.look` does."""
    seen = session.reconciler.look(_checked(appid))
    return GetWebviewDomainsResult(
        domains=list(seen.live),
        effective_domains=sorted(seen.effective),
        pending_domains=[domain for domain in seen.live if domain not in seen.effective],
        other_domains=sorted(seen.only_other_modes),
    )


def get_server_domains(session: Session, appid: object) -> GetServerDomainsResult:
    """Return the same by kind of server domain."""
    seen = session.reconciler.of("server").look(_checked(appid))
    return GetServerDomainsResult(
        domains=by_kind(seen.live, KINDS),
        effective_domains=by_kind(sorted(seen.effective), KINDS),
        pending_domains=by_kind((domain for domain in seen.live if domain not in seen.effective), KINDS),
        other_domains=by_kind(sorted(seen.only_other_modes), KINDS),
    )


def get_confirm_file(session: Session, appid: object) -> GetConfirmFileResult:
    """Return the confirm file of an app. Raises as `Reconciler.confirm_file` does."""
    file = session.reconciler.confirm_file(_checked(appid))
    return GetConfirmFileResult(file_name=file.file_name, file_content=file.file_content)


def _checked(appid: object) -> str:
    if is_unknown(appid):
        raise UserError("`appid` is not known yet, so nothing can be read")
    if problems := check_appid(appid):
        raise UserError("\n".join(problems))
    return str(appid)
