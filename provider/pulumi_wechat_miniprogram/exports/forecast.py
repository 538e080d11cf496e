"""What an up would do to one app, from its state and new lists of domains: without Pulumi and WeChat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.exports.reader import Export, StoredDomains
from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.domain import Domain
from pulumi_wechat_miniprogram.lifecycle.plan import Plan, PlanRequest, make_plan
from pulumi_wechat_miniprogram.lifecycle.server_domain import MONTHLY_WRITES
from pulumi_wechat_miniprogram.lifecycle.state import ListName, LiveList, Mode, managed_by
from pulumi_wechat_miniprogram.safety.text import escape


class NoForecast(Exception):
    """The exports do not tell what an up would do; the text says why, and what to give."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan of an up, and lines for the user about what no step of it shows."""

    plan: Plan
    remarks: tuple[str, ...] = ()


def forecast(
    exports: Iterable[Export],
    appid: str,
    domains: Sequence[Domain],
    *,
    of: ListName = "webview",
    managed: tuple[str, ...] = (),
    name: str | None = None,
    mode: Mode | None = None,
    allow_mass_removal: bool = False,
) -> Forecast:
    """Return the plan of an up that declares these domains, canonical; `mode` is else that of the state.

    They are those `of` one list; of server domains these kinds are `managed`. What the state holds counts as
    live: the domains of every resource of the app. Without a resource it is a create, and nothing counts as
    live. `name` is the resource's, where the app has several.

    Raises:
        NoForecast: several resources are of the app, or domains are encrypted.
    """
    stored = (each for export in exports for each in export.lists)
    of_app = [each for each in stored if (each.recorded.appid, each.of) == (appid, of)]
    if any(each.sealed for each in of_app):
        raise NoForecast(
            f"domains of {appid} are encrypted in the export; use one written by `pulumi stack export "
            "--show-secrets`"
        )
    chosen = _choose(of_app, appid, name)
    known = chosen.recorded if chosen else None
    others = (each.recorded for each in of_app if each is not chosen)
    request = PlanRequest(
        appid=appid,
        operation="update" if known else "create",
        mode=mode or (known.mode if known else "authoritative"),
        desired=tuple(domains),
        known=known.domains if known else (),
        added=known.added_domains if known else (),
        declared_elsewhere=frozenset(domain for each in others for domain in each.domains),
        allow_mass_removal=allow_mass_removal,
        managed=managed,
        recorded_kinds=managed_by(known) if known else (),
        of=of,
    )
    live = dict.fromkeys(domain for each in of_app for domain in each.recorded.domains)
    plan = make_plan(request, LiveList(tuple((domain, domain) for domain in live)).within(managed))
    remarks = messages.unmanaged(appid, known, managed) if known else []
    if managed and plan.steps:
        remarks.append(
            f"uses {len(plan.steps)} of the {MONTHLY_WRITES} changes of server domains that WeChat allows an "
            "app in a month"
        )
    return Forecast(plan, tuple(remarks))


def _choose(of_app: Sequence[StoredDomains], appid: str, name: str | None) -> StoredDomains | None:
    found = [each for each in of_app if name in {None, each.urn.name}]
    if len(found) > 1 or (of_app and not found):
        names = ", ".join(escape(f"{each.urn.name} ({each.urn.stack_name})") for each in of_app)
        raise NoForecast(f"{appid} has {len(of_app)} resources, {names}; name one of them with --name")
    return found[0] if found else None
