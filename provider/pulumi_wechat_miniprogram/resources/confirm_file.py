"""`MiniProgramConfirmFile`, as the engine asks for it. Nothing is ever written in WeChat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_wechat_miniprogram.exports.marks import UNKNOWN, is_unknown
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.resources.domain_lists import Difference
from pulumi_wechat_miniprogram.resources.inputs import check_appid
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.interruption import Interrupted

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import ConfirmFile


class ConfirmFiles:
    """As `WebviewDomains`: plain values in snake_case, and `UserError` with a text for the user."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @staticmethod
    def check(news: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Validate the appid."""
        return {"appid": news.get("appid")}, check_appid(news.get("appid"))

    @staticmethod
    def diff(id_: str, olds: dict[str, Any], news: dict[str, Any]) -> Difference:
        """Replace when the appid changes, but not while it is unknown; see `WebviewDomains`."""
        if is_unknown(news["appid"]):
            return "inputs"
        return "appid" if (olds.get("appid") or id_) != news["appid"] else "none"

    def preview(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what `fetch` would, if it can be read now; it writes nothing."""
        blind = {"appid": inputs["appid"], "file_name": UNKNOWN, "file_content": UNKNOWN}
        if is_unknown(inputs["appid"]) or not self._session.settings.preview_reads:
            return blind
        try:
            return _outputs(inputs["appid"], self._session.reconciler.foresee_confirm_file(inputs["appid"]))
        except Interrupted:
            raise
        except UserError as error:
            self._session.warn_once(error.alike, f"{error.summary}. The confirm file is not known yet")
            return blind

    def fetch(self, appid: str, olds: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs. What `olds` hold is kept for an app that left, if these are to be kept."""
        from pulumi_wechat_miniprogram.lifecycle.reconcile import ConfirmFile  # noqa: PLC0415 - see `Session`

        props = Properties(olds)
        name, content = props.text("file_name"), props.text("file_content")
        stored = ConfirmFile(file_name=name, file_content=content) if name and content else None
        return _outputs(appid, self._session.reconciler.confirm_file(appid, stored))


def _outputs(appid: str, file: ConfirmFile) -> dict[str, Any]:
    return {"appid": appid, "file_name": file.file_name, "file_content": file.file_content}
