"""`ThirdPartyPlatformWebviewDomains` and `ThirdPartyPlatformServerDomains`: a platform's own lists of hosts.

A platform's list is shared by all its Mini Programs: a host that leaves it leaves each of them at its next
release. So these resources only add, unless an input says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import NAME_KEY, Kind
from pulumi_wechat_miniprogram.exports.marks import has_unknowns
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import INPUTS, OUTPUTS
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import (
    PUBLISHED,
    STAGES,
    UNPUBLISHED,
    hosts_of,
    in_all,
    parse_hosts,
    read_host,
    read_staged,
    staged,
)
from pulumi_wechat_miniprogram.lifecycle.plan import MOST
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused, refuse_removal
from pulumi_wechat_miniprogram.lifecycle.state import (
    ListName,
    PlatformRecorded,
    Recorded,
    ServerRecorded,
    managed_by,
)
from pulumi_wechat_miniprogram.resources.domain_lists import DomainLists, plain
from pulumi_wechat_miniprogram.resources.inputs import (
    check_appid,
    check_list,
    check_modes,
    given_inputs,
    known_domains,
    stored_list,
    undamaged,
    without,
)
from pulumi_wechat_miniprogram.safety.errors import UserError

_OF_ONE: Final[Kind] = "platform-webview-domains"  # the other one has the same names and defaults
_INPUTS: Final = tuple(field.name for field in INPUTS[_OF_ONE])
_FLAGS: Final = ("publish", "overwrite_existing", "allow_removal")
_DEFAULTS: Final = {field.name: field.default for field in INPUTS[_OF_ONE] if not field.required}


class _PlatformDomains(DomainLists):
    """Hosts, each on the testing list and, with `publish`, on the published one."""

    account = "component_appid"
    lists = ("domains",)
    inputs = _INPUTS
    computed = tuple(field.name for field in OUTPUTS[_OF_ONE] if field.name not in _INPUTS)

    def outputs_of(self, recorded: Recorded, inputs: Mapping[str, Any]) -> dict[str, Any]:
        stages = managed_by(recorded)
        effective = recorded.effective_domains
        shared = {
            host: names for entry, names in recorded.shared_domains.items() for host in hosts_of([entry])
        }
        return {
            "component_appid": recorded.appid,
            "domains": in_all(recorded.domains, stages),
            "mode": recorded.mode,
            **{key: inputs.get(key, _DEFAULTS[key]) for key in _FLAGS},
            "testing_domains": list(hosts_of(each for each in effective if not _is_published(each))),
            "published_domains": list(hosts_of(each for each in effective if _is_published(each))),
            "pending_domains": list(hosts_of(recorded.pending_domains)),
            "added_domains": list(hosts_of(recorded.added_domains)),
            "writes": recorded.writes if isinstance(recorded, ServerRecorded) else 0,
            "shared_domains": plain(shared),
            "declared_as": recorded.declared_as,
        }

    def delete(self, id_: str, olds: dict[str, Any], *, name: str = "") -> None:
        try:
            super().delete(id_, olds, name=name)
        except PlanRefused as error:
            raise self._with_usage(error) from None

    def _parsed(self, text: str) -> Listed:
        stage, _, value = text.partition(" ")
        return read_staged(stage, value)

    def _declared(self, inputs: Mapping[str, Any]) -> list[Listed]:
        return staged(known_domains(inputs.get("domains"), read_host), self._managed(inputs))

    def _claimed(self, inputs: Mapping[str, Any]) -> list[Listed]:
        """On both lists: WeChat takes a host off the published one by taking it off both."""
        return staged(known_domains(inputs.get("domains"), read_host), STAGES)

    def _managed(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        return UNPUBLISHED if inputs.get("publish") is False else STAGES

    def _held(self, live: Sequence[Listed]) -> tuple[str, ...]:
        return STAGES if any(map(_is_published, live)) else UNPUBLISHED

    def _recorded(self, id_: str, outputs: Mapping[str, Any]) -> Recorded:
        props = Properties(outputs)
        return undamaged(props.recorded_platform(id_), props)

    def _declaration(self, inputs: Mapping[str, Any]) -> Declaration:
        return Declaration(
            appid=inputs["component_appid"],
            domains=tuple(self._declared(inputs)),
            mode=inputs["mode"],
            overwrite_existing=inputs["overwrite_existing"],
            allow_mass_removal=inputs["allow_removal"],
            name=inputs.get(NAME_KEY, ""),
            managed=self._managed(inputs),
            claims=tuple(self._claimed(inputs)),
        )

    def _checked(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        inputs = given_inputs(news, _DEFAULTS)
        problems = check_appid(inputs.get("component_appid"), "`component_appid`")
        problems += check_modes(inputs, _FLAGS)
        parse = partial(
            parse_hosts,
            name="domains",
            most=MOST[self._list],
            allow_reserved=self._session.settings.allow_reserved_hosts,
        )
        stored = stored_list(olds, inputs, account=self.account)
        inputs["domains"], reasons = check_list("domains", inputs.get("domains"), stored, parse)
        return inputs, problems + reasons

    def _differs(self, recorded: Recorded, news: Mapping[str, Any]) -> bool:
        """Also record `allow_removal`: a delete, which has no inputs, reads it from the state."""
        allowed = isinstance(recorded, PlatformRecorded) and recorded.allow_removal
        return (
            super()._differs(recorded, news)
            or has_unknowns(news["publish"])
            or allowed != news["allow_removal"]
        )

    def _refuse_update(self, recorded: Recorded, news: Mapping[str, Any], name: str) -> None:
        """Refuse in the preview already what would take hosts off the list."""
        if news["allow_removal"] is not False:
            return
        owned = recorded.domains if news["mode"] == "authoritative" else recorded.added_domains
        elsewhere = self._declarations.elsewhere(
            recorded.appid, recorded.shared_domains, but=name, owned=owned, known=owned
        )
        dropped = [each for each in without(owned, self._declared(news)) if each not in elsewhere]
        managed = self._managed(news)
        dropped = [each for each in dropped if each.partition(" ")[0] in managed]
        if refusal := refuse_removal(recorded.appid, dropped):
            raise self._with_usage(PlanRefused([refusal]))

    def _with_usage(self, error: PlanRefused) -> UserError:
        from pulumi_wechat_miniprogram.resources.usage import about_usage  # noqa: PLC0415 - rarely used

        hosts = hosts_of(each for refusal in error.refusals for each in refusal.domains)
        return error.adding(*about_usage(self._session, self._list, hosts))


class PlatformWebviewDomains(_PlatformDomains):
    """Hosts that the platform's apps may open in web views."""

    @property
    def _list(self) -> ListName:
        return "platform-webview"


class PlatformServerDomains(_PlatformDomains):
    """Hosts that the code of the platform's apps may call."""

    @property
    def _list(self) -> ListName:
        return "platform-server"


def _is_published(entry: str) -> bool:
    return entry.startswith(f"{PUBLISHED} ")
