"""An answer as WeChat writes it: errcode first, a rid that tells the time, escaped slashes, no spaces."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from wechat_miniprogram_emulator.handlers.call import Answer


@dataclass(frozen=True)
class Rendered:
    """The text of an answer, and its rid if it is a refusal."""

    text: bytes
    rid: str | None


def render(answer: Answer, now: float) -> Rendered:
    """Write an answer."""
    rid = None
    head: dict[str, object] = {} if answer.bare else {"errcode": 0, "errmsg": "ok"}
    if answer.error:
        rid = f"{int(now) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        head = {"errcode": answer.error.errcode, "errmsg": f"{answer.error.errmsg} rid: {rid}"}
    answered = {**head, **answer.fields}
    text = json.dumps(answered, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return Rendered(text.encode("utf-8", "replace"), rid)
