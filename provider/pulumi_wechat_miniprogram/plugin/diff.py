"""What differs between a state and its program, by property path, as the engine shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from pulumi_wechat_miniprogram.exports.marks import has_unknowns
from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import read_host
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.resources.inputs import known_domains
from pulumi_wechat_miniprogram.resources.server_domains import known_entries

Kind = Literal["ADD", "DELETE", "UPDATE", "UPDATE_REPLACE"]


def detailed(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Kind]:
    """Return each path that differs, one entry for each: `appid`, `mode`, `domains[2]`.

    `olds` are outputs. A `__provider`, which only states of the dynamic face have, is left out: with
    `replace_on_changes=["*"]` the engine would replace a resource that only moves, and empty its live list.
    """
    paths: dict[str, Kind] = {}
    for account in ("appid", "component_appid"):
        if olds.get(account) != news.get(account):
            paths[account] = "UPDATE" if has_unknowns(news.get(account)) else "UPDATE_REPLACE"
    if news.get("channel", "direct") != olds.get("channel", "direct"):
        paths["channel"] = "UPDATE"
    for name in ("mode", "publish", "allow_removal"):
        if name in news and olds.get(name) != news[name]:
            paths[name] = "UPDATE"
    if "domains" in news:
        read = read_host if "component_appid" in news else read_listed
        paths |= _known_list("domains", olds, news, partial(known_domains, read=read))
    if "hosts" in news:
        paths |= _known_list("hosts", olds, news, partial(known_domains, read=read_host))
    for kind in KINDS:
        paths |= _server_list(kind, olds.get(kind), news.get(kind))
    return paths


def _server_list(kind: str, olds: object, news: object) -> dict[str, Kind]:
    if olds is None or news is None:  # a list that is not managed on one side
        return {} if olds == news else {kind: "DELETE" if news is None else "ADD"}
    known = partial(known_entries, kind)
    return _list(kind, known(olds), news, known)


def _known_list(
    name: str,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    known: Callable[[object], Sequence[Listed]],
) -> dict[str, Kind]:
    return _list(name, known(olds.get(name)), news[name], known)


def _list(
    name: str, before: Sequence[Listed], news: object, known: Callable[[object], Sequence[Listed]]
) -> dict[str, Kind]:
    """Compare as sets. An index with a domain that goes and one that comes is an update."""
    if has_unknowns(news):
        return {name: "UPDATE"}
    now = known(news)
    gone = {index for index, domain in enumerate(before) if domain not in now}
    new = {index for index, domain in enumerate(now) if domain not in before}
    kinds: dict[int, Kind] = {
        **dict.fromkeys(gone, "DELETE"),
        **dict.fromkeys(new, "ADD"),
        **dict.fromkeys(gone & new, "UPDATE"),
    }
    return {f"{name}[{index}]": kinds[index] for index in sorted(kinds)}
