"""The domains that a stack export declares, to hold a later program against."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_wechat_miniprogram.policy.resources import host_of

__all__ = ["Baseline", "read_baseline"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The hosts of each appid; `secrets` are the appids and hosts that the program marked as secret."""

    hosts: Mapping[str, frozenset[str]]
    secrets: frozenset[str] = frozenset()


def read_baseline(path: str) -> Baseline:
    """Read a stack export as the command line does: plain or compressed, in any encoding, or a checkpoint.

    Raises:
        ValueError: the file cannot be read or is not a stack export; it names no Mini Program; or its
            domains are encrypted.
    """
    # Every run starts this process, and few of them have a baseline: 25 ms.
    from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable  # noqa: PLC0415
    from pulumi_wechat_miniprogram.exports.sources import read_exports  # noqa: PLC0415

    try:
        exports = read_exports([str(Path(path).absolute())], [], io.BytesIO())
    except ExportUnreadable as error:
        raise ValueError(str(error)) from None
    hosts: dict[str, frozenset[str]] = {}
    for stored in (stored for export in exports for stored in export.domains):
        if stored.sealed or not stored.recorded.appid:
            message = f"{stored.urn.text} in {path} has no readable appid or domains; name them in `keep`"
            raise ValueError(message)
        appid = stored.recorded.appid
        hosts[appid] = hosts.get(appid, frozenset()) | {host_of(each)[0] for each in stored.recorded.domains}
    if not hosts:
        message = (
            f"{path} names no Mini Program, so the freeze would guard nothing. "
            "Export the stack that declares them, or name the domains in `keep`"
        )
        raise ValueError(message)
    return Baseline(hosts, frozenset(secret for export in exports for secret in export.secrets))
