"""Which certificate authorities count."""

from __future__ import annotations

import ssl

from pulumi_wechat_miniprogram.settings import Settings

__all__ = ["trusted_authorities"]


def trusted_authorities(settings: Settings) -> ssl.SSLContext | bool:
    """Return what httpx takes for `verify`: the authorities of `caFile`, or the usual ones."""
    return ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else True
