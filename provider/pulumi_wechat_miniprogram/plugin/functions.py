"""The functions that a program may call: each reads from WeChat and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_wechat_miniprogram.exports.marks import is_unknown
from pulumi_wechat_miniprogram.plugin.schema import GET_CONFIRM_FILE, GET_WEBVIEW_DOMAINS, LIST_AUTHORIZERS
from pulumi_wechat_miniprogram.resources.inputs import check_appid
from pulumi_wechat_miniprogram.safety.errors import UserError

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler


def _appid(arguments: Mapping[str, Any]) -> str:
    appid = arguments.get("appid")
    if is_unknown(appid):
        raise UserError("`appid` is not known yet, so nothing can be read")
    if problems := check_appid(appid):
        raise UserError("\n".join(problems))
    return str(appid)


def _list_authorizers(use: Reconciler, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"appids": sorted(use.appids())}


def _get_webview_domains(use: Reconciler, arguments: Mapping[str, Any]) -> dict[str, Any]:
    seen = use.look(_appid(arguments))
    return {
        "domains": list(seen.live),
        "effectiveDomains": sorted(seen.effective),
        "pendingDomains": [domain for domain in seen.live if domain not in seen.effective],
        "otherDomains": sorted(seen.only_other_modes),
    }


def _get_confirm_file(use: Reconciler, arguments: Mapping[str, Any]) -> dict[str, Any]:
    file = use.confirm_file(_appid(arguments))
    return {"fileName": file.file_name, "fileContent": file.file_content}


FUNCTIONS: Final[Mapping[str, Callable[[Reconciler, Mapping[str, Any]], dict[str, Any]]]] = {
    LIST_AUTHORIZERS: _list_authorizers,
    GET_WEBVIEW_DOMAINS: _get_webview_domains,
    GET_CONFIRM_FILE: _get_confirm_file,
}
