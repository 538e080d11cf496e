"""Rows of tables that docs/ has in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES


class Explained(Protocol):
    """What an errcode means, and what to do."""

    @property
    def meaning(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def errcode_rows(head: str, again: Mapping[object, str], texts: Mapping[int, Explained]) -> list[str]:
    """One row for each code; `again` has a word for each kind of repeat, and for a new token."""
    rows = [head, "|---|---|---|---|"]
    for code, row in ERRCODES.items():
        text = texts[code]
        repeat = again["token" if row.kind == "token" else row.repeat]
        rows.append(f"| {code} | {text.meaning} | {text.remedy} | {repeat} |")
    return rows
