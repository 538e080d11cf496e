"""The constant `__provider` of each resource: a pickle that names a provider class by reference.

The SDK's `serialize_provider` wraps pickle anew at each call and fails with RecursionError after some
hundred resources; its bytes also change with file paths and Python versions. The strings below stand in
users' state: the module path and the class names in them are frozen.
"""

from __future__ import annotations

import base64
from typing import Final

__all__ = ["CONFIRM_FILE_PROVIDER", "WEBVIEW_DOMAINS_PROVIDER"]

_PROTOCOL_4: Final = b"\x80\x04"
_BY_REFERENCE: Final = b"\x93"
_NEW_WITHOUT_ARGUMENTS: Final = b")\x81."


def _short_text(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def _pin(module: str, name: str) -> str:
    pickled = _PROTOCOL_4 + _short_text(module) + _short_text(name) + _BY_REFERENCE + _NEW_WITHOUT_ARGUMENTS
    return base64.b64encode(pickled).decode()


WEBVIEW_DOMAINS_PROVIDER: Final = _pin("pulumi_wechat_miniprogram.dynamic.provider", "WebviewDomainsProvider")
CONFIRM_FILE_PROVIDER: Final = _pin("pulumi_wechat_miniprogram.dynamic.provider", "ConfirmFileProvider")
