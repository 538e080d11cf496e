"""Lines for the user about an operation that goes on: what stays, what waits, what others hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import PUBLISHED, hosts_of
from pulumi_wechat_miniprogram.lifecycle.plan import Plan, PlanRequest
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry
from pulumi_wechat_miniprogram.lifecycle.state import Channel, Recorded, managed_by, resource_id
from pulumi_wechat_miniprogram.safety.text import some

IMPORT_IS_STORED = (
    "The import is already recorded in the state. Correct the program and run it again. To undo the import "
    "instead, run `pulumi state delete` on the resource: removing it from the program would delete its "
    "domains"
)
_REGISTER = (
    "Declare the host in ThirdPartyPlatformWebviewDomains or ThirdPartyPlatformServerDomains, and make this "
    "resource depend on it"
)
_NAMED = 3
"""How many resources a line names; the number of the others follows."""


def import_of_channel(appid: str, before: str, now: str) -> str:
    """Say that a resource was imported from another channel than it declares."""
    return (
        f"`channel` is {now}, but the import read the {before} channel of {appid}. Import it by the id "
        f'{resource_id(appid, now)}, or declare channel="{before}"'
    )


def channel_changes(appid: str, before: str, now: str) -> str:
    """Say why the channel of a resource cannot change, and the safe order."""
    return (
        f"`channel` of {appid} cannot change from {before} to {now}: the domains would not be in force until "
        f'the next release. Keep this resource, declare a second one with channel="{now}", release the Mini '
        "Program, then remove this one"
    )


def unpublished(component: str, kinds: Sequence[str], declared: Sequence[str]) -> list[str]:
    """Report that only one of the declared lists of a platform exists."""
    if not kinds or set(declared) <= set(kinds):
        return []
    return [
        f"{component}: the platform is not published (61028), so only its testing list is changed. Publish "
        "it, then run `pulumi up --refresh`"
    ]


def removed_early(plan: Plan, pending: Sequence[Listed]) -> list[str]:
    """Report domains that are gone while declared ones are not in force yet."""
    if not (plan.removed and pending):
        return []
    return [
        f"{plan.appid}: {_name(plan.removed, 'was', 'were')} removed while {_name(pending, 'waits', 'wait')} "
        "for the next release of the Mini Program. Safer: add, release, then remove"
    ]


def overwrites(
    request: PlanRequest, plan: Plan, effective: Collection[Listed], *, done: bool = False
) -> list[str]:
    """Report, before or once it is `done`, what `overwrite_existing` removes that no state knew."""
    unseen = [each for each in plan.removed if each not in request.known and each not in request.added]
    if not unseen:
        return []
    one, many = ("was", "were") if done else ("will be", "will be")
    return [
        f"{plan.appid}: {_name(unseen, one, many)} removed{_in_force(unseen, effective)}, although neither "
        f"this program nor its state contains {'it' if len(unseen) == 1 else 'them'} (overwrite_existing)"
    ]


def exchange(
    appid: str, removed: Iterable[Listed], pending: Sequence[Listed], effective: Collection[Listed]
) -> list[str]:
    """Report, before it happens, that domains go out of force while declared ones wait for a release."""
    lost = [each for each in removed if each in effective]
    if not (lost and pending):
        return []
    return [
        f"{appid}: {_name(lost, 'is', 'are')} in force and will be removed, while "
        f"{_name(pending, 'waits', 'wait')} for the next release of the Mini Program. Safer: add, release, "
        "then remove"
    ]


def goes_with_replacement(
    appid: str, new: str, domains: Sequence[Listed], effective: Collection[Listed]
) -> list[str]:
    """Report, before it happens, what a replacement by a resource for another account takes away."""
    if not domains:
        return []
    return [
        f"{appid}: {', '.join(domains)} will be removed{_in_force(domains, effective)}, because this "
        f"resource is now declared for {new}"
    ]


def no_token(account: str, problem: str) -> str:
    """Say in a preview why the update will fail; it is said for one account of perhaps many."""
    return f"{account}: {problem}. `pulumi up` will fail for it, and for every other account without a token"


def other_lists(channel: Channel) -> str:
    """Name the lists that are not of a channel, and so not ours to change."""
    mode = "one (registered domains)" if channel == "direct" else "two (direct domains)"
    return f"only on the list of the WeChat console or of mode {mode}"


def only_elsewhere(
    appid: str, declared: Iterable[Listed], others: Collection[Listed], channel: Channel
) -> list[str]:
    """Report declared domains that only the console or the other channel lists."""
    foreign = [domain for domain in declared if domain in others]
    if not foreign:
        return []
    return [
        f"{appid}: {_name(foreign, 'is', 'are')} declared, but {other_lists(channel)}, and "
        "may drop out at the next release"
    ]


def left_alone(appid: str, domains: Iterable[Listed], channel: Channel) -> list[str]:
    """Report undeclared domains that are not ours to remove."""
    return [
        f"{appid}: {domain} is {other_lists(channel)}, so it is left unchanged" for domain in sorted(domains)
    ]


def survivors(
    plan: Plan, elsewhere: Mapping[Listed, Sequence[str]], *, remembered: bool = False
) -> list[str]:
    """Report domains that a resource no longer declares and that stay on WeChat's list.

    `elsewhere` names the resources that declare them; it is `remembered` where no program was run.
    """
    lines = []
    if spared := [domain for domain in plan.spared if domain in elsewhere]:
        who = _resources({name for domain in spared for name in elsewhere[domain]})
        lines.append(
            f"{plan.appid}: {_name(spared, 'stays', 'stay')} on the live list, because {who} of this "
            f"stack declares {'it' if len(spared) == 1 else 'them'} too"
            + (", as of the last `pulumi up`" if remembered else "")
        )
    if plan.left:
        lines.append(
            f"{plan.appid}: {_name(plan.left, 'stays', 'stay')} on the live list, because this resource is "
            "not known to have added it"
        )
    return lines


def unmanaged(appid: str, state: Recorded, managed: Collection[str]) -> list[str]:
    """Report the kinds of server domains that a resource no longer manages."""
    lines = []
    for kind in managed_by(state):
        left = [domain for domain in state.domains if kind_of_entry(domain) == kind]
        if kind == PUBLISHED and kind not in managed and left:
            lines.append(
                f"{appid}: {_name(hosts_of(left), 'stays', 'stay')} on the published list, because `publish` "
                "is now False. To take hosts off both lists, set publish=True and allow_removal=True, and "
                "stop declaring them"
            )
        elif kind not in managed and left:
            lines.append(
                f"{appid}: {_name(left, 'stays', 'stay')} on the live list, because `{kind}` is no longer "
                f"managed. To remove domains, declare `{kind}` without them, or as []"
            )
    return lines


def deleted(plan: Plan, effective: Collection[Listed]) -> list[str]:
    """Report what a deletion removed when no resource of the running program was seen for this app."""
    if not plan.removed:
        return []
    return [
        f"{plan.appid}: {_name(plan.removed, 'was', 'were')} removed from the live "
        f"list{_in_force(plan.removed, effective, ' until now')}. If a resource that this run left out "
        "(--target, --exclude) or that was renamed without an alias still declares one of them, `pulumi up "
        "--refresh` adds it again"
    ]


def released(appid: str, domains: Sequence[Listed], names: Iterable[str]) -> list[str]:
    """Report live domains that a resource put there and now leaves to others for good."""
    if not domains:
        return []
    them = "it" if len(domains) == 1 else "them"
    return [
        f"{appid}: {_name(domains, 'stays', 'stay')} on the live list. This resource added {them} there and "
        f"no longer manages {them}: {_resources(names)} declared {them} since and left this program without "
        "being deleted (retain_on_delete, `pulumi state move`, `pulumi state delete`)"
    ]


def replaced(appid: str, domains: Sequence[Listed]) -> list[str]:
    """Report a deletion that leaves the live list alone, since a creation follows in the same run."""
    return [
        f"{appid}: {_name(domains, 'stays', 'stay')} on the live list, because this resource is deleted "
        "before it is created again"
    ]


def put_back(appid: str, domains: Sequence[Listed]) -> list[str]:
    """Report domains that one resource removed and another one, checked later, adds again."""
    if not domains:
        return []
    it, are = ("it", "is") if len(domains) == 1 else ("them", "are")
    return [
        f"{appid}: {_name(domains, 'was', 'were')} removed earlier in this run, because no resource known by "
        f"then declared {it}, and {are} added again now, but not in force until the next release of the Mini "
        "Program. Next time, declare a domain in its new resource first, and drop it from the old one in a "
        "later update"
    ]


def several_processes(appid: str, names: Iterable[str]) -> str:
    """Report that resources of several faces or providers declare one list."""
    return (
        f"{appid}: {_resources(names)} also declares domains of this app, with another provider. Each "
        "provider keeps what the other one declares, but does not know what the other one added to the live "
        "list. Manage each Mini Program with a single provider"
    )


def not_shared(appid: str, clashes: Mapping[Listed, Sequence[str]]) -> list[str]:
    """Say why resources of two providers may not declare the same domain."""
    return _also_declared(
        appid,
        clashes,
        "Two providers cannot share a domain, because neither knows what the other one added to the live "
        "list. Declare it once, or give both resources the same provider",
    )


def not_shared_silently(appid: str, clashes: Mapping[Listed, Sequence[str]]) -> list[str]:
    """Say why resources of a program that says nothing of them may not declare the same domain."""
    return _also_declared(
        appid,
        clashes,
        "A program in this language cannot tell the provider in time which resources share a domain, so one "
        "of them could remove it. Declare it once. To move a domain, make the resource that drops it depend "
        "on the resource that takes it over",
    )


def _also_declared(appid: str, clashes: Mapping[Listed, Sequence[str]], why: str) -> list[str]:
    if not clashes:
        return []
    who = _resources({name for names in clashes.values() for name in names})
    return [f"{_name(list(clashes), 'is', 'are')} also declared by {who} for {appid}. {why}"]


def unregistered(component: str, lacking: Sequence[Listed], *, is_preview: bool) -> list[str]:
    """Name the domains that the platform's own list does not cover."""
    if not lacking:
        now = (
            f"The list of the platform {component} now covers each of these domains. If a resource of this "
            "program added them, make this resource depend on it, then run the command again."
        )
        return [] if is_preview else [now]
    names = _name(lacking, "is", "are")
    if is_preview:
        return [
            f"{names} not covered by the list of the platform {component}, so WeChat will refuse "
            f"{'it' if len(lacking) == 1 else 'them'}. {_REGISTER}"
        ]
    return [f"{names} not covered by the list of the platform {component}. {_REGISTER}."]


def platform_unread(component: str, why: str) -> str:
    """Say that the platform's own list could not be read."""
    return f"Which of them the list of the platform {component} lacks is not known: {why}."


def platform_unknown() -> str:
    """Say that the platform's own list was not read."""
    return (
        "In the component flow, or if this program declares the platform's own list, the provider names the "
        "domains that this list lacks."
    )


def declared_twice(appid: str, names: Collection[str]) -> list[str]:
    """Say why only one resource may declare the prefetch hosts of an app."""
    if not names:
        return []
    return [
        f"the prefetch hosts of {appid} are also declared by {_resources(names)}. WeChat replaces the whole "
        "list with each write, so declare all of them in one resource"
    ]


def now_read(appid: str, domains: Sequence[Listed]) -> list[str]:
    """Report what a deletion leaves alone, because the program now reads it by `get`."""
    if not domains:
        return []
    return [
        f"{appid}: {_name(domains, 'stays', 'stay')} on the live list, because this program now reads the "
        "list with `get` under the name of the resource that managed it"
    ]


def may_be_moved(appid: str, domains: Sequence[Listed], names: Sequence[str]) -> list[str]:
    """Report a removal beside resources whose domains are not known yet."""
    if not (domains and names):
        return []
    return [
        f"{appid}: {', '.join(domains)} will be removed. The domains of {_resources(names)} are not known "
        "yet; a domain that moves there is not in force until the next release of the Mini Program. Move a "
        "domain in two updates: declare it in the new resource first, then drop it from the old one"
    ]


def now_shared(
    appid: str, before: Mapping[Listed, Sequence[str]], now: Mapping[Listed, Sequence[str]]
) -> list[str]:
    """Report an update that only records which domains other resources declare, and which no longer do."""
    lines = []
    for old, new, verb in ((before, now, "now"), (now, before, "no longer")):
        by: dict[frozenset[str], list[Listed]] = {}
        for domain in sorted(new):
            if names := frozenset(new[domain]).difference(old.get(domain, ())):
                by.setdefault(names, []).append(domain)
        lines += [
            f"{appid}: {_name(domains, 'is', 'are')} {verb} also declared by {_resources(names)}. This "
            "update records it"
            for names, domains in by.items()
        ]
    return lines


def live_differs(
    appid: str, missing: Sequence[Listed], extra: Sequence[Listed], *, overwrites: bool = False
) -> list[str]:
    """Report how the live list differs from the state."""
    parts = []
    if missing:
        parts.append(f"missing {', '.join(missing)}")
    if extra:
        then = (
            "`pulumi up` removes it, because of overwrite_existing"
            if overwrites
            else "`pulumi up` refuses to remove it until `pulumi refresh` has recorded it"
        )
        parts.append(f"extra {', '.join(extra)} (added outside Pulumi: {then})")
    return [f"{appid}: the live list differs from the state: {'; '.join(parts)}"] if parts else []


def _in_force(domains: Sequence[Listed], effective: Collection[Listed], since: str = "") -> str:
    count = sum(domain in effective for domain in domains)
    return f" ({count} in force{since})" if count else ""


def _name(domains: Sequence[str], one: str, many: str) -> str:
    """Name domains with the verb that goes with their number."""
    return f"{', '.join(domains)} {one if len(domains) == 1 else many}"


def _resources(names: Iterable[str]) -> str:
    """Name resources; one without a name is another one."""
    named = sorted(name for name in names if not name.startswith("#"))
    if not named:
        return "another resource"
    return some([*map(repr, named)], _NAMED)
