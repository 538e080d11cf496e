"""Which certificate authorities are trusted."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

import httpx

from pulumi_wechat_miniprogram.safety.files import check_file
from pulumi_wechat_miniprogram.settings import Settings, SettingsError


def trusted_authorities(settings: Settings, *, environment: bool = True) -> ssl.SSLContext:
    """Return the authorities of `caFile`, or else of the `environment`, or else httpx's default ones.

    Raises:
        SettingsError: a file or folder cannot be used. The message names the setting or variable.
    """
    _check_key_log()
    if settings.ca_file:
        return _of_file(f"{settings.name_of('ca_file')} {settings.ca_file}", str(settings.ca_file))
    if environment and (file := os.environ.get("SSL_CERT_FILE")):
        return _of_file(f"SSL_CERT_FILE {file}", file)
    if environment and (folders := os.environ.get("SSL_CERT_DIR")):
        if not any(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
            raise SettingsError(f"SSL_CERT_DIR {folders} cannot be used: the directory does not exist")
        return ssl.create_default_context(capath=folders)
    return httpx.create_ssl_context(trust_env=False)


def _check_key_log() -> None:
    """Every context opens this file, and its errors look like those for a file of authorities."""
    path = os.environ.get("SSLKEYLOGFILE")
    if not path or sys.flags.ignore_environment:
        return
    try:
        if Path(path).is_fifo():  # it would wait for a reader
            check_file(Path(path))
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = path
    except OSError as error:
        raise SettingsError(
            f"SSLKEYLOGFILE {path} cannot be used: {error.strerror}. Unset it, or name a file to write to"
        ) from None


def _of_file(name: str, path: str) -> ssl.SSLContext:
    try:
        check_file(Path(path))
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        reason = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(f"{name} cannot be used: {reason}") from None
