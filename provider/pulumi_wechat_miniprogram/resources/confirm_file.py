"""`MiniProgramConfirmFile` and `ThirdPartyPlatformConfirmFile`, as the engine asks for them.

Nothing is ever written in WeChat.
"""

from __future__ import annotations

from collections.abc import Mapping
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

    account: str = "appid"
    _of_platform = False

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def id_of(cls, props: Mapping[str, Any]) -> str:
        """Return the id of a resource."""
        return str(props[cls.account])

    @classmethod
    def check(cls, news: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Validate the appid."""
        appid = news.get(cls.account)
        return {cls.account: appid}, check_appid(appid, f"`{cls.account}`")

    @classmethod
    def diff(cls, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> Difference:
        """Replace when the appid changes, but not while it is unknown; see `WebviewDomains`."""
        if is_unknown(news[cls.account]):
            return "inputs"
        return "appid" if (olds.get(cls.account) or id_) != news[cls.account] else "none"

    def preview(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what `fetch` would, if it can be read now; it writes nothing."""
        appid = inputs[self.account]
        blind = {self.account: appid, "file_name": UNKNOWN, "file_content": UNKNOWN}
        if is_unknown(appid) or not self._session.settings.preview_reads:
            return blind
        try:
            file = self._session.reconciler.foresee_confirm_file(appid, of_platform=self._of_platform)
            return self._outputs(appid, file)
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
        file = self._session.reconciler.confirm_file(appid, stored, of_platform=self._of_platform)
        return self._outputs(appid, file)

    def _outputs(self, appid: str, file: ConfirmFile) -> dict[str, Any]:
        return {self.account: appid, "file_name": file.file_name, "file_content": file.file_content}


class PlatformConfirmFiles(ConfirmFiles):
    """`ThirdPartyPlatformConfirmFile`: the file that each host of the platform's list for webviews serves."""

    account = "component_appid"
    _of_platform = True
