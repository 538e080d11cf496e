"""Fetch a confirm file from the loopback address that represents its host."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from wechat_miniprogram_emulator.model.confirm_files import ConfirmFile

MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Manner:
    """Whether redirects are followed, whether plain HTTP will do, and how long a host may take."""

    follow: bool = False
    plain: bool = False
    seconds: float = 5.0


@dataclass(frozen=True)
class _Wanted:
    file_name: str
    content: bytes
    manner: Manner


class ConfirmFetcher:
    """Ask mapped hosts for their confirm file: HTTPS, exact bytes."""

    def __init__(self, host_map: Mapping[str, str], ca_file: str | Path | None = None) -> None:
        self._targets = {host.lower(): loopback_target(host, to) for host, to in host_map.items()}
        self._context: ssl.SSLContext | bool = False
        if self._targets:
            self._context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))

    def mapped(self, hosts: Iterable[str]) -> frozenset[str]:
        """Give those of some hosts that are in the host map."""
        return frozenset(host for host in hosts if host in self._targets)

    async def absent(self, hosts: Iterable[str], file: ConfirmFile, manner: Manner) -> frozenset[str]:
        """Ask mapped hosts for a file, and give those that do not serve it."""
        asked = sorted(hosts)
        wanted = _Wanted(file.name, file.content.encode(), manner)
        async with httpx.AsyncClient(
            verify=self._context,
            trust_env=False,
            follow_redirects=False,
            timeout=manner.seconds,
            limits=httpx.Limits(max_connections=None),
        ) as client:
            found = await asyncio.gather(*(self._serves(client, host, wanted) for host in asked))
        return frozenset(host for host, serves in zip(asked, found, strict=True) if not serves)

    async def _serves(self, client: httpx.AsyncClient, host: str, wanted: _Wanted) -> bool:
        url = httpx.URL(f"https://{host}/{wanted.file_name}")
        ways = (url, url.copy_with(scheme="http")) if wanted.manner.plain else (url,)
        try:
            return await asyncio.wait_for(self._any(client, ways, wanted), wanted.manner.seconds)
        except asyncio.TimeoutError:
            return False

    async def _any(self, client: httpx.AsyncClient, ways: Iterable[httpx.URL], wanted: _Wanted) -> bool:
        for url in ways:
            try:
                if await self._fetch(client, url, wanted, MAX_REDIRECTS):
                    return True
            except (httpx.HTTPError, httpx.InvalidURL, OSError):
                continue
        return False

    async def _fetch(self, client: httpx.AsyncClient, url: httpx.URL, wanted: _Wanted, hops: int) -> bool:
        """Fetch one URL from the loopback address that represents its host; no other address is asked."""
        target = self._targets.get(url.host)
        if target is None or url.scheme not in {"https", "http"}:
            return False
        async with client.stream(
            "GET",
            f"{url.scheme}://{target}{url.raw_path.decode('ascii')}",
            headers={"host": url.host, "accept-encoding": "identity"},
            extensions={"sni_hostname": url.host},
        ) as response:
            if response.has_redirect_location and wanted.manner.follow and hops:
                further = url.join(response.headers["location"])
                if further.scheme == "https" or wanted.manner.plain:
                    return await self._fetch(client, further, wanted, hops - 1)
            if response.status_code != httpx.codes.OK:
                return False
            received = b""
            async for part in response.aiter_raw():
                received += part
                if len(received) > len(wanted.content):
                    return False
        return received == wanted.content


def loopback_target(host: str, target: str) -> str:
    """Check one entry of the host map and give it as `address:port`.

    Raises:
        ValueError: the target is not a loopback IP address with an optional port.
    """
    address, separator, port = target.rpartition(":")
    if not separator or target.endswith("]"):
        address, port = target, "443"
    bare = address.removeprefix("[").removesuffix("]")
    try:
        loopback = ipaddress.ip_address(bare)
    except ValueError:
        loopback = None
    if loopback is None or not loopback.is_loopback or not port.isdecimal() or int(port) > 65535:
        raise ValueError(
            f"host map: {host} -> {target}: the target must be a loopback address and a port, "
            "such as 127.0.0.1:8443"
        )
    return f"[{bare}]:{port}" if loopback.version == 6 else f"{bare}:{port}"
