"""What differs between a state and its program, by property path, as the engine shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pulumi_wechat_miniprogram.exports.marks import has_unknowns
from pulumi_wechat_miniprogram.resources.inputs import known_domains

Kind = Literal["ADD", "DELETE", "UPDATE", "UPDATE_REPLACE"]


def detailed(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Kind]:
    """Return each path that differs, one entry for each: `appid`, `mode`, `domains[2]`.

    `olds` are outputs. A `__provider`, which only states of the dynamic face have, is left out: with
    `replace_on_changes=["*"]` the engine would replace a resource that only moves, and empty its live list.
    """
    paths: dict[str, Kind] = {}
    if olds.get("appid") != news.get("appid"):
        paths["appid"] = "UPDATE" if has_unknowns(news.get("appid")) else "UPDATE_REPLACE"
    if "mode" in news and olds.get("mode") != news["mode"]:
        paths["mode"] = "UPDATE"
    if "domains" in news:
        paths |= _domains(olds.get("domains") or (), news["domains"])
    return paths


def _domains(olds: Sequence[str], news: object) -> dict[str, Kind]:
    """Compare as sets. An index with a domain that goes and one that comes is an update."""
    if has_unknowns(news):
        return {"domains": "UPDATE"}
    before, now = known_domains(olds), known_domains(news)
    gone = {index for index, domain in enumerate(before) if domain not in now}
    new = {index for index, domain in enumerate(now) if domain not in before}
    kinds: dict[int, Kind] = {
        **dict.fromkeys(gone, "DELETE"),
        **dict.fromkeys(new, "ADD"),
        **dict.fromkeys(gone & new, "UPDATE"),
    }
    return {f"domains[{index}]": kinds[index] for index in sorted(kinds)}
