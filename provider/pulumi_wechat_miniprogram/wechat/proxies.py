"""Which proxy of the environment a call goes through. Errors name its variable and never show its URL."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import urllib.request
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from pulumi_wechat_miniprogram.safety.masking import remember_foreign
from pulumi_wechat_miniprogram.settings import SettingsError, is_loopback, remember

_SOCKS: Final = {"socks5", "socks5h"}
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, with its variable in the spelling that was set."""

    variable: str
    url: httpx.URL = field(repr=False)

    @property
    def is_socks(self) -> bool:
        return self.url.scheme in _SOCKS

    @property
    def auth(self) -> tuple[bytes, bytes] | None:
        if not self.url.userinfo:
            return None
        return self.url.username.encode(), self.url.password.encode()


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy of the environment for a URL, never one for loopback.

    Raises:
        SettingsError: a proxy variable cannot be used; the message names it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = {} if is_loopback(host) else urllib.request.getproxies()
    scheme = next((name for name in (parts.scheme, "all") if proxies.get(name)), None)
    if scheme is None or _goes_past(host, parts.port or _PORTS[parts.scheme], proxies.get("no", "")):
        return None
    return _parse(_variable(scheme), proxies[scheme])


def through(proxy: Proxy | None) -> str:
    """Return what an error adds to the name of a host, since the proxy may be the cause."""
    return f" through the proxy of {proxy.variable}" if proxy else ""


def _variable(scheme: str) -> str:
    """Return the name of a variable in the spelling that was set. Lowercase takes precedence."""
    name = f"{scheme}_proxy"
    spellings = [name, *(each for each in sorted(os.environ) if each.lower() == name)]
    return next((each for each in spellings if os.environ.get(each)), name.upper())


def _parse(variable: str, value: str) -> Proxy:
    text = value.strip()
    whole = text if "://" in text else f"http://{text}"
    _remember_login(whole.partition("://")[2].rpartition("@")[0])
    try:
        url = httpx.URL(whole)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host or "@" in url.path + url.query.decode("ascii", "replace") + url.fragment:
        raise SettingsError(
            f"{variable} is not the URL of a proxy, such as http://user:password@proxy.example.com:3128. "
            "Percent-encode characters such as / # ? @ in the user or password (%2F %23 %3F %40)"
        )
    if url.scheme not in {*_PORTS, *_SOCKS}:
        raise SettingsError(
            f"{variable} names a proxy of an unknown kind. Use http, https, socks5 or socks5h"
        )
    if url.scheme in _SOCKS and importlib.util.find_spec("socksio") is None:
        raise SettingsError(
            f"{variable} names a SOCKS proxy, which needs one more package: run `pip install 'httpx[socks]'`"
        )
    return Proxy(variable, url)


def _remember_login(login: str) -> None:
    """Mask the password everywhere, and a user name without one too, since it may be a token."""
    user, _, password = login.partition(":")
    for secret in (login, password or user):
        remember(secret)
        remember(unquote(secret))
    for word in (user, password):
        remember_foreign(word)
        remember_foreign(unquote(word))


def _goes_past(host: str, port: int, entries: str) -> bool:
    """Return whether NO_PROXY, or the settings of macOS or Windows, exclude a host from proxies."""
    listed = entries.replace(",", " ").lower().split()
    return any(_covers(entry, host, port) for entry in listed) or bool(urllib.request.proxy_bypass(host))


def _covers(entry: str, host: str, port: int) -> bool:
    name, its_port = _split_port(entry)
    if its_port and its_port != str(port):
        return False
    try:
        if "/" in name:
            network = _network(entry, name)
            return ipaddress.ip_address(host) in network
        return ipaddress.ip_address(name) == ipaddress.ip_address(host)
    except ValueError:
        suffix = name.removeprefix("*").lstrip(".")
        return name == "*" or (suffix != "" and (host == suffix or host.endswith(f".{suffix}")))


def _split_port(entry: str) -> tuple[str, str]:
    """Split `host:port` or `[address]:port`. An IPv6 address without brackets has no port."""
    if entry.startswith("["):
        name, closed, rest = entry[1:].partition("]")
        if not closed or rest[:1] not in {"", ":", "/"}:
            raise _bad_entry(entry, "its brackets do not match")
        return (name + rest, "") if rest.startswith("/") else (name, rest[1:])
    name, _, port = entry.rpartition(":")
    return (name, port) if name and ":" not in name and port.isdecimal() else (entry, "")


def _network(entry: str, name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        raise _bad_entry(entry, "it is neither a host nor a network such as 10.0.0.0/8") from None


def _bad_entry(entry: str, problem: str) -> SettingsError:
    shown = "an entry" if "@" in entry or "//" in entry else f"the entry {entry[:100]!r}"
    return SettingsError(
        f"{_variable('no')} has {shown} that cannot be used: {problem}. Correct or remove the entry"
    )
