"""Which certificate authorities count."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from pulumi_wechat_miniprogram.settings import Settings, SettingsError, config_name, redact

__all__ = ["trusted_authorities", "usable_environment"]


def trusted_authorities(settings: Settings) -> ssl.SSLContext | bool:
    """Return what httpx takes for `verify`: the authorities of `caFile`, or the usual ones.

    Raises:
        SettingsError: the file cannot be read, or holds no certificate.
    """
    if not settings.ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.ca_file))
    except OSError as error:  # ssl.SSLError is one
        reason = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        message = f"{config_name('ca_file')} {settings.ca_file} cannot be used: {reason}"
        raise SettingsError(message) from None


@contextmanager
def usable_environment() -> Iterator[None]:
    """Turn what a proxy or certificate variable of the environment breaks into one error.

    Raises:
        SettingsError: a client cannot be made in this environment.
    """
    try:
        yield
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        message = (
            "the environment's proxy or certificate variables (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE, "
            f"SSL_CERT_DIR) cannot be used: {redact(str(error))}"
        )
        raise SettingsError(message) from None
