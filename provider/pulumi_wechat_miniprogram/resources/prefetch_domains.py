"""`MiniProgramPrefetchDomains`: the hosts whose DNS an app looks up in advance. A write replaces them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import NAME_KEY
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import PREFETCH_DOMAINS_INPUTS, PREFETCH_DOMAINS_OUTPUTS
from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration, Siblings
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import parse_hosts, read_host
from pulumi_wechat_miniprogram.lifecycle.state import ListName, Recorded
from pulumi_wechat_miniprogram.resources.domain_lists import DomainLists
from pulumi_wechat_miniprogram.resources.inputs import (
    check_appid,
    check_flags,
    check_list,
    given_inputs,
    known_domains,
    stored_list,
    undamaged,
)

_INPUTS: Final = tuple(field.name for field in PREFETCH_DOMAINS_INPUTS)
_FLAGS: Final = ("overwrite_existing",)
_DEFAULTS: Final = {field.name: field.default for field in PREFETCH_DOMAINS_INPUTS if not field.required}


class PrefetchDomains(DomainLists):
    """One list, `hosts`, of one resource: two could not tell which hosts the other one put there."""

    lists = ("hosts",)
    inputs = _INPUTS
    computed = tuple(field.name for field in PREFETCH_DOMAINS_OUTPUTS if field.name not in _INPUTS)

    @property
    def _list(self) -> ListName:
        return "prefetch"

    def outputs_of(self, recorded: Recorded, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "appid": recorded.appid,
            "hosts": list(recorded.domains),
            **{key: inputs.get(key, _DEFAULTS[key]) for key in _FLAGS},
            "declared_as": recorded.declared_as,
        }

    def _parsed(self, text: str) -> Listed:
        return read_host(text)

    def _declared(self, inputs: Mapping[str, Any]) -> list[Listed]:
        return known_domains(inputs.get("hosts"), read_host)

    def _recorded(self, id_: str, outputs: Mapping[str, Any]) -> Recorded:
        props = Properties(outputs)
        return undamaged(props.recorded_prefetch(id_), props)

    def _declaration(self, inputs: Mapping[str, Any]) -> Declaration:
        return Declaration(
            appid=inputs["appid"],
            domains=tuple(self._declared(inputs)),
            overwrite_existing=inputs["overwrite_existing"],
            name=inputs.get(NAME_KEY, ""),
        )

    def _checked(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        inputs = given_inputs(news, _DEFAULTS)
        problems = check_appid(inputs.get("appid")) + check_flags(inputs, _FLAGS)
        reserved = self._session.settings.allow_reserved_hosts
        # WeChat's answer tells how many hosts it takes, so the operation counts them.
        parse = partial(parse_hosts, name="hosts", most=MAX_DOMAINS, allow_reserved=reserved)
        inputs["hosts"], reasons = check_list(
            "hosts", inputs.get("hosts"), stored_list(olds, inputs, "hosts"), parse
        )
        return inputs, problems + reasons

    def _declare(self, inputs: dict[str, Any], siblings: Siblings) -> list[str]:
        problems = super()._declare(inputs, siblings)
        others = self._declarations.elsewhere(inputs["appid"], but=inputs[NAME_KEY])
        names = {name for each in others.values() for name in each}
        names.update(self._declarations.heard(inputs["appid"]))
        return problems or messages.declared_twice(inputs["appid"], names)
