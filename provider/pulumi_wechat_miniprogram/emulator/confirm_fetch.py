"""Fetch a confirm file from the loopback address that stands for its host."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TIME_LIMIT_SECONDS = 5.0


class ConfirmFetcher:
    """Ask mapped hosts for their confirm file: HTTPS, no redirects, exact bytes."""

    def __init__(
        self,
        host_map: Mapping[str, str],
        ca_file: str | Path | None = None,
        time_limit: float = TIME_LIMIT_SECONDS,
    ) -> None:
        self._targets = {host.lower(): loopback_target(host, to) for host, to in host_map.items()}
        self._time_limit = time_limit
        self._context: ssl.SSLContext | bool = False
        if self._targets:
            self._context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))

    def maps(self, host: str) -> bool:
        """Tell whether a host is in the host map."""
        return host in self._targets

    async def served(self, hosts: Iterable[str], file_name: str, content: str) -> dict[str, bool]:
        """Tell for each mapped host whether it serves the file."""
        mapped = sorted({host for host in hosts if self.maps(host)})
        if not mapped:
            return {}
        async with httpx.AsyncClient(
            verify=self._context,
            trust_env=False,
            follow_redirects=False,
            timeout=self._time_limit,
            limits=httpx.Limits(max_connections=None),
        ) as client:
            found = await asyncio.gather(
                *(self._serves(client, host, file_name, content.encode()) for host in mapped)
            )
        return dict(zip(mapped, found, strict=True))

    async def _serves(self, client: httpx.AsyncClient, host: str, file_name: str, content: bytes) -> bool:
        try:
            return await asyncio.wait_for(
                _fetch(client, self._targets[host], host, file_name, content), self._time_limit
            )
        except (httpx.HTTPError, asyncio.TimeoutError, OSError):
            return False


async def _fetch(client: httpx.AsyncClient, target: str, host: str, file_name: str, content: bytes) -> bool:
    async with client.stream(
        "GET",
        f"https://{target}/{file_name}",
        headers={"host": host, "accept-encoding": "identity"},
        extensions={"sni_hostname": host},
    ) as response:
        if response.status_code != httpx.codes.OK:
            return False
        received = b""
        async for part in response.aiter_raw():
            received += part
            if len(received) > len(content):
                return False
    return received == content


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
