"""`MiniProgramServerDomains`: how its properties map to its six lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import NAME_KEY
from pulumi_wechat_miniprogram.exports.marks import has_unknowns, is_unknown
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import SERVER_DOMAINS_INPUTS, SERVER_DOMAINS_OUTPUTS
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.refusals import refuse_mass_removal
from pulumi_wechat_miniprogram.lifecycle.server_domain import (
    KINDS,
    ServerDomain,
    by_kind,
    kind_of_entry,
    parse_server_domains,
    read_entry,
    read_server,
)
from pulumi_wechat_miniprogram.lifecycle.state import (
    ListName,
    Recorded,
    ServerRecorded,
    list_name,
    managed_by,
)
from pulumi_wechat_miniprogram.resources.domain_lists import DomainLists, plain
from pulumi_wechat_miniprogram.resources.inputs import (
    FLAGS,
    check_common,
    check_list,
    given_inputs,
    known_domains,
    stored_list,
    undamaged,
    without,
)

_INPUTS: Final = tuple(field.name for field in SERVER_DOMAINS_INPUTS)
_DEFAULTS: Final = {
    field.name: field.default for field in SERVER_DOMAINS_INPUTS if field.default not in (..., None)
}


class ServerDomains(DomainLists):
    """Six lists, by kind. A kind that is not declared is not managed."""

    lists = KINDS
    inputs = _INPUTS
    computed = tuple(field.name for field in SERVER_DOMAINS_OUTPUTS if field.name not in _INPUTS)

    def outputs_of(self, recorded: Recorded, inputs: Mapping[str, Any]) -> dict[str, Any]:
        managed = managed_by(recorded)
        return {
            "appid": recorded.appid,
            "channel": recorded.channel,
            **by_kind(recorded.domains, managed),
            "mode": recorded.mode,
            **{key: inputs.get(key, _DEFAULTS[key]) for key in FLAGS},
            "effective": by_kind(recorded.effective_domains, managed),
            "pending": by_kind(recorded.pending_domains, managed),
            "release_required": recorded.release_required,
            "added": by_kind(recorded.added_domains, managed),
            "writes": recorded.writes if isinstance(recorded, ServerRecorded) else 0,
            "shared_domains": plain(dict(recorded.shared_domains)),
            "declared_as": recorded.declared_as,
        }

    @property
    def _list(self) -> ListName:
        return list_name("server", self._channel)

    def _parsed(self, text: str) -> Listed:
        return read_entry(text)

    def _declared(self, inputs: Mapping[str, Any]) -> list[Listed]:
        return [entry for kind in KINDS for entry in known_entries(kind, inputs.get(kind))]

    def _managed(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if inputs.get(kind) is not None)

    def _held(self, live: Sequence[Listed]) -> tuple[str, ...]:
        found = set(map(kind_of_entry, live))
        return tuple(kind for kind in KINDS if kind in found)

    def _recorded(self, id_: str, outputs: Mapping[str, Any]) -> Recorded:
        props = Properties(outputs)
        recorded = undamaged(props.recorded_server(id_), props)
        return recorded if recorded.managed else replace(recorded, managed=KINDS)  # a `get` reads all lists

    def _declaration(self, inputs: Mapping[str, Any]) -> Declaration:
        return Declaration(
            appid=inputs["appid"],
            domains=tuple(self._declared(inputs)),
            mode=inputs["mode"],
            overwrite_existing=inputs["overwrite_existing"],
            allow_mass_removal=inputs["allow_mass_removal"],
            name=inputs.get(NAME_KEY, ""),
            managed=self._managed(inputs),
            channel=inputs.get("channel", "direct"),
        )

    def _checked(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        inputs = given_inputs({key: value for key, value in news.items() if value is not None}, _DEFAULTS)
        problems = check_common(inputs)
        managed = self._managed(inputs)
        if not managed:
            names = ", ".join(f"`{kind}`" for kind in KINDS)
            problems.append(f"no list is declared: declare at least one of {names}, or [] for an empty list")
        reserved = self._session.settings.allow_reserved_hosts
        for kind in managed:
            parse = partial(_values, kind, allow_reserved=reserved)
            inputs[kind], reasons = check_list(kind, inputs[kind], stored_list(olds, inputs, kind), parse)
            problems += reasons
        return inputs, problems

    def _remarks(self, inputs: Mapping[str, Any]) -> list[str]:
        ports = [
            entry.value
            for entry in known_entries("socket", inputs.get("socket"))
            if isinstance(entry, ServerDomain) and entry.port
        ]
        if not ports or is_unknown(inputs["appid"]):
            return []
        return [
            f"{inputs['appid']}: `socket` has a port in {', '.join(ports)}, which WeChat does not need: "
            "wss://host allows every port of the host"
        ]

    def _mass_removal(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        if inputs["allow_mass_removal"] or is_unknown(inputs["appid"]) or is_unknown(inputs["mode"]):
            return []
        texts = []
        for kind in (kind for kind in self._managed(inputs) if not has_unknowns(inputs[kind])):
            before = known_entries(kind, stored_list(olds, inputs, kind))
            gone = without(before, known_entries(kind, inputs[kind]))
            empties = inputs["mode"] == "authoritative" and not inputs[kind] and bool(gone)
            if refusal := refuse_mass_removal(inputs["appid"], before, gone, empties=empties, kind=kind):
                texts.append(refusal.text)
        return texts


def known_entries(kind: str, values: object) -> list[Listed]:
    """Return the canonical form of what is known of a list."""
    return known_domains(values, partial(read_server, kind))


def _values(kind: str, values: Sequence[object], *, allow_reserved: bool) -> list[str]:
    parsed = parse_server_domains(kind, values, allow_reserved=allow_reserved)
    return [domain.value for domain in parsed]
