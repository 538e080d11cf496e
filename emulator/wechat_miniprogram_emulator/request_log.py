"""What the request log and the look-up by rid keep of a call: no token, no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from wechat_miniprogram_emulator.admission import Admission
from wechat_miniprogram_emulator.incoming import EMPTY_BODY, Incoming
from wechat_miniprogram_emulator.model.apps import APPID_PATTERN
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS
from wechat_miniprogram_emulator.model.platform_lists import split

_APPID_FIELDS = ("authorizer_appid", "component_appid", "appid")
_ACTIONS = ("get", *WRITE_ACTIONS, "getbizdomain", "getserverdomain")
_PLAIN_FIELDS = ("offset", "count", "is_modify_published_together", "cgi_path", "rid")
_HIDDEN = "***"


def named_appid(admission: Admission, incoming: Incoming) -> str | None:
    """Return which account a call is about; whatever else a request has put there is not logged."""
    if admission.app:
        return admission.app.appid
    sent = [*(incoming.body.get(name) for name in _APPID_FIELDS), incoming.query.get("appid")]
    found = [value for value in sent if _is_appid(value)]
    if found:
        return str(found[0])
    return admission.platform.appid if admission.platform else None


def sent_domains(fields: Sequence[str], body: Mapping[str, object]) -> tuple[str, ...]:
    """Give the domains of a body, from the fields that have them: lists, or text with semicolons."""
    found: list[str] = []
    for name in fields:
        value = body.get(name)
        if isinstance(value, str):
            found += split(value)
        elif isinstance(value, list):
            found += [item for item in value if isinstance(item, str)]
    return tuple(found)


def readable_body(fields: Sequence[str], incoming: Incoming) -> str:
    """Give a body as it may be shown; the values of fields that are not known are hidden."""
    if incoming.problem == EMPTY_BODY:
        return ""
    shown = {name: _shown(fields, name, value) for name, value in incoming.body.items()}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _shown(fields: Sequence[str], name: str, value: object) -> object:
    is_plain = (
        name in {*fields, *_PLAIN_FIELDS}
        or (name == "action" and value in _ACTIONS)
        or (name in _APPID_FIELDS and _is_appid(value))
    )
    return value if is_plain else _HIDDEN


def _is_appid(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(APPID_PATTERN, value) is not None
