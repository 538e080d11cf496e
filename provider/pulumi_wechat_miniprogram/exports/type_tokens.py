"""Type tokens of every face of the provider, as they stand in users' state. Frozen."""

from __future__ import annotations

from typing import Final

__all__ = ["CONFIRM_FILE", "DYNAMIC_WEBVIEW_DOMAINS", "MODULE", "STACK_CONFIG_HOLDERS", "WEBVIEW_DOMAINS"]

MODULE: Final = "wechat-miniprogram"
DYNAMIC_WEBVIEW_DOMAINS: Final = f"pulumi-python:dynamic/{MODULE}:MiniProgramWebviewDomains"
WEBVIEW_DOMAINS: Final = frozenset({DYNAMIC_WEBVIEW_DOMAINS})
CONFIRM_FILE: Final = frozenset({f"pulumi-python:dynamic/{MODULE}:MiniProgramConfirmFile"})
STACK_CONFIG_HOLDERS: Final = frozenset({"pulumi:providers:pulumi-python"})
"""Provider resources whose properties are the whole stack config."""
