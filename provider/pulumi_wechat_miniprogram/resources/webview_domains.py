"""`MiniProgramWebviewDomains`: how its properties map to its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.state import WEBVIEW_DOMAINS_INPUTS, WEBVIEW_DOMAINS_OUTPUTS
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration
from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.state import ListName, Recorded, list_name
from pulumi_wechat_miniprogram.resources.domain_lists import DomainLists, plain
from pulumi_wechat_miniprogram.resources.inputs import (
    check_inputs,
    known_domains,
    mass_removal,
    recorded_inputs,
    to_declaration,
    to_recorded,
)

_INPUTS: Final = tuple(field.name for field in WEBVIEW_DOMAINS_INPUTS)


class WebviewDomains(DomainLists):
    """One list, `domains`."""

    lists = ("domains",)
    inputs = _INPUTS
    computed = tuple(field.name for field in WEBVIEW_DOMAINS_OUTPUTS if field.name not in _INPUTS)

    def outputs_of(self, recorded: Recorded, inputs: Mapping[str, Any]) -> dict[str, Any]:
        outputs = {each.name: plain(getattr(recorded, each.name)) for each in fields(recorded)}
        return {**recorded_inputs(inputs), **outputs}

    @property
    def _list(self) -> ListName:
        return list_name("webview", self._channel)

    def _parsed(self, text: str) -> Listed:
        return read_listed(text)

    def _declared(self, inputs: Mapping[str, Any]) -> list[Listed]:
        return known_domains(inputs["domains"])

    def _recorded(self, id_: str, outputs: Mapping[str, Any]) -> Recorded:
        return to_recorded(id_, outputs)

    def _declaration(self, inputs: Mapping[str, Any]) -> Declaration:
        return to_declaration(inputs)

    def _checked(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        return check_inputs(olds, news, allow_reserved=self._session.settings.allow_reserved_hosts)

    def _mass_removal(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        return mass_removal(olds, inputs)
