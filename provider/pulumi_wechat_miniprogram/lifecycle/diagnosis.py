"""What works and what does not, from the endpoint down to one host's confirm file. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Literal

from pulumi_wechat_miniprogram.__about__ import docs_page
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, Domain
from pulumi_wechat_miniprogram.lifecycle.reconcile import Observation, Reconciler
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, MAX_OF_A_KIND, kind_of_entry
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.text import some
from pulumi_wechat_miniprogram.settings import Settings, env_name, token_source
from pulumi_wechat_miniprogram.wechat.client import READ_EFFECTIVE
from pulumi_wechat_miniprogram.wechat.errors import (
    CallFailed,
    NotPermitted,
    Offboarded,
    TokenRejected,
    WeChatError,
)
from pulumi_wechat_miniprogram.wechat.probe import SLOW_SECONDS, HostFinding

Status = Literal["ok", "warning", "failed", "skipped"]

_PROVEN: Final = {
    "token": "WeChat accepts it",
    "permission": "permission set 18 is granted",
    "live-list": "readable",
}
"""What two reads of an app prove, in the order in which WeChat looks at it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was checked (a stable id), its status, and what to do if it is not fine."""

    name: str
    status: Status
    text: str
    appid: str = ""


def check_endpoint(reconciler: Reconciler, settings: Settings) -> Check:
    """Ask WeChat's API without a token: it has to answer, by refusing."""
    try:
        reconciler.reach()
    except UserError as error:
        return Check("endpoint", "failed", str(error))
    return Check("endpoint", "ok", f"{settings.endpoint} answers as WeChat's API does")


def check_token_source(reconciler: Reconciler, settings: Settings) -> Check:
    """Tell where tokens come from, and for whom; in the component flow WeChat is asked who authorises it."""
    if settings.emulator_path:
        return Check("token-source", "ok", "the embedded emulator gives its own")
    source = token_source(settings)
    if not source:
        return Check("token-source", "failed", f"none is configured: see {docs_page('guides/credentials')}")
    try:
        appids = reconciler.appids()
    except UserError as error:
        return Check("token-source", "failed", f"{env_name(source)}: {error}")
    known = f"knows {len(appids)}: {some(appids)}" if appids else "is asked for each Mini Program"
    return Check("token-source", "ok", f"{env_name(source)} {known}")


def check_app(reconciler: Reconciler, appid: str, new_domains: Sequence[str] = ()) -> Iterator[Check]:
    """Look at one Mini Program: token, permission, lists, confirm file, and whether each host serves it.

    `new_domains` are canonical and not on the list yet. One that does not serve the file has failed; a live
    one is a warning, since WeChat is only known to look when a domain is written.
    """
    seen = None
    try:
        seen = reconciler.observe(appid)
    except UserError as error:
        stage, text = _stage(error), str(error)
        if isinstance(error, WeChatError):  # it came so far
            yield from _proven_before(stage, appid)
    else:
        stage, text = "permission", "it left the third-party platform"
    if seen:
        yield from _proven_before("live-list", appid)
        yield _live_list(seen)
        yield _in_force(seen)
        yield from _assumptions(seen)
    else:
        yield Check(stage, "failed", text, appid)
        if stage in {"token", "permission"}:
            yield Check("confirm-file", "skipped", f"needs the {stage}", appid)
            return
    yield from _confirm_file(reconciler, appid, seen, new_domains)


def check_server_domains(reconciler: Reconciler, appid: str, checks: Sequence[Check]) -> Check:
    """Look at the server domains of one Mini Program, whose other `checks` are done: one call."""
    failed = {check.name for check in checks if check.status == "failed"}
    if needed := [stage for stage in ("token", "permission") if stage in failed]:
        return Check("server-lists", "skipped", f"needs the {needed[0]}", appid)
    try:
        seen = reconciler.of("server").observe(appid)
    except UserError as error:
        return Check("server-lists", "failed", str(error), appid)
    if seen is None:
        return Check("server-lists", "failed", "it left the third-party platform", appid)
    of_kind = Counter(map(kind_of_entry, seen.live))
    counts = ", ".join(f"{of_kind[kind]} of {MAX_OF_A_KIND} `{kind}`" for kind in KINDS if of_kind[kind])
    in_force = _in_force(seen)
    text = f"{counts or 'none'}; {in_force.text}" if seen.live or seen.effective else "none"
    refused = [value for value in seen.live if not isinstance(value, Domain)]
    if refused:
        text += f"; these cannot be declared: {', '.join(refused)}"
    return Check("server-lists", "warning" if refused else in_force.status, text, appid)


def _stage(error: Exception) -> str:
    if not isinstance(error, CallFailed) or isinstance(error, TokenRejected):
        return "token"
    if error.call.action not in {"get", READ_EFFECTIVE}:
        return "token"  # the component flow's own calls
    if isinstance(error, (NotPermitted, Offboarded)):
        return "permission"
    return "live-list" if error.call.action == "get" else "in-force"


def _proven_before(stage: str, appid: str) -> Iterator[Check]:
    for name in takewhile(lambda name: name != stage, _PROVEN):
        yield Check(name, "ok", _PROVEN[name], appid)


def _live_list(seen: Observation) -> Check:
    refused = [value for value in seen.live if not isinstance(value, Domain)]
    text = f"{len(seen.live)} of {MAX_DOMAINS}"
    if refused:
        text += f"; these cannot be declared: {', '.join(refused)}"
    return Check("live-list", "warning" if refused else "ok", text, seen.appid)


def _in_force(seen: Observation) -> Check:
    pending = [value for value in seen.live if value not in seen.effective]
    text = f"{len(seen.effective)} in force"
    if pending:
        text += f"; waiting for the next release of the Mini Program: {some(pending)}"
    if others := sorted(seen.only_other_modes):
        text += (
            f"; only on the list of the WeChat console or of mode one (registered domains): {some(others)}"
        )
    return Check("in-force", "warning" if pending or others else "ok", text, seen.appid)


def _assumptions(seen: Observation) -> Iterator[Check]:
    """Report what two reads contradict: a plan may then be wrong, and nothing else would say so."""
    lists = seen.lists
    hidden = [value for value in lists.configured.domains if value not in seen.live]
    known = lists.others.union(lists.configured.domains)
    unlisted = [value for value in seen.live if value not in known]
    wrong = []
    if hidden:
        wrong.append(f"`get` does not show {some(hidden)}, which this channel has configured")
    if unlisted:
        wrong.append(f"`get` shows {some(unlisted)}, which no channel has configured")
    if len(seen.live) > MAX_DOMAINS:
        wrong.append(f"there are more than {MAX_DOMAINS} domains")
    if wrong:
        yield Check(
            "assumptions",
            "warning",
            f"WeChat's answers contradict what the provider assumes: {'; '.join(wrong)}. A plan for this app "
            "may be wrong. Unless the list was changed just now, run `wechat-miniprogram calibrate --app "
            f"{seen.appid}` and report its findings.",
            seen.appid,
        )


def _confirm_file(
    reconciler: Reconciler, appid: str, seen: Observation | None, new_domains: Sequence[str]
) -> Iterator[Check]:
    try:
        file = reconciler.confirm_file(appid)
    except UserError as error:
        yield Check("confirm-file", "failed", str(error), appid)
        return
    yield Check("confirm-file", "ok", f"/{file.file_name}", appid)
    live = [value for value in seen.live if isinstance(value, Domain)] if seen else []
    ours = [value for value in live if seen and value not in seen.only_other_modes]
    domains = list(dict.fromkeys([*new_domains, *ours]))
    if not domains:
        return
    findings = reconciler.probe(domains, file)
    if findings is None:
        yield Check("host", "skipped", f"not probed, because {env_name('probe')} is off", appid)
        return
    for finding in findings:
        yield _host(finding, appid, live=finding.domain in ours)


def _host(finding: HostFinding, appid: str, *, live: bool) -> Check:
    if finding.cause:
        note = (
            (" The domain is live; WeChat is known to check the file only when a domain is written.")
            if live
            else ("")
        )
        return Check("host", "warning" if live else "failed", f"{finding}{note}", appid)
    if finding.seconds > SLOW_SECONDS:
        slow = f", but took {finding.seconds:.1f} s; WeChat recommends at most {SLOW_SECONDS:g} s"
        return Check("host", "warning", f"{finding}{slow}", appid)
    return Check("host", "ok", str(finding), appid)
