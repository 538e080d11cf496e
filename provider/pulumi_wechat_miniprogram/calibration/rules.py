"""What an answer says about an open point: each rule names the positions that it leaves.

A rule reads recorded answers only, so it judges a live run and a transcript alike. It says nothing where it
cannot tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_wechat_miniprogram.calibration.seen import Exchange, Seen, Step, configured, entries, ways
from pulumi_wechat_miniprogram.wechat.client import SERVER_DOMAINS, SET_PREFETCH, WEBVIEW_DOMAINS
from pulumi_wechat_miniprogram.wechat.models import SERVER_FIELDS, EffectiveServerLists

_LIMITS: Final = (100, 200, 300)
_TWO: Final = 2
_PERSONAL: Final = 89231
_UNCHANGED: Final = 89019
_MISSING: Final = 89022
_EMPTY: Final = 85017
_BAD_ARGUMENT: Final = 40097
_UNFILED: Final = 45082
_MONTH: Final = (89030, 45104, 86102)
_TOO_MANY: Final = (89029, 85016)
_NOTHING_LEFT: Final = (85301, 85017, 85018)
_OF_A_VALUE: Final = frozenset({-1, 45082, 85017, 85018, 85301, 86100, 86103, 89019, 89021, 506015})
"""Codes that blame one of the domains sent."""


@dataclass(frozen=True, slots=True)
class Says:
    """The positions that an answer leaves, and the call that shows it."""

    left: frozenset[str]
    by: Exchange
    likely: bool = False


def _is(position: str, by: Exchange | None, *more: str, likely: bool = False) -> Iterator[Says]:
    if by is not None:
        yield Says(frozenset({position, *more}), by, likely)


# What reads show.


def get_returns(seen: Seen) -> Iterator[Says]:
    lists, shown = seen.lists, seen.shown
    if lists is None or shown is None:
        return
    others = {*lists.mp_webviewdomain, *lists.third_webviewdomain} - {*lists.direct_webviewdomain}
    if others & {*shown}:
        yield from _is("all", seen.get)
    elif others & {*lists.effective_webviewdomain}:  # `get` may hide what is not in force
        yield from _is("direct", seen.get)


def get_state(seen: Seen) -> Iterator[Says]:
    lists, shown = seen.lists, seen.shown
    if lists is None or shown is None:
        return
    if waiting := {*lists.direct_webviewdomain} - {*lists.effective_webviewdomain}:
        yield from _is("configured" if waiting & {*shown} else "in-force", seen.get)


def empty_get(seen: Seen) -> Iterator[Says]:
    if seen.get is None or seen.get.errcode != 0:
        return
    held = seen.get.document.get("webviewdomain")
    if held == []:
        yield from _is("list", seen.get)
    elif held is None and seen.lists is not None:
        lists = seen.lists
        if not {*lists.direct_webviewdomain} & {*lists.effective_webviewdomain}:
            yield from _is("omit", seen.get)


def personal_owner(seen: Seen) -> Iterator[Says]:
    if seen.get is not None and seen.get.errcode == _PERSONAL:
        yield from _is("refuse", seen.get)


def info_shows(seen: Seen) -> Iterator[Says]:
    info = seen.app_info
    if info is None:
        return
    if (lists := seen.lists) is not None:
        in_force = {*lists.effective_webviewdomain}
        yield from _shown_in(seen.info, {*info.bizdomain}, configured(lists), in_force)
    if (server := seen.server_lists) is not None:
        both = [{each for each in of if not each.startswith("tcp ")} for of in (ways(server), _live(server))]
        yield from _shown_in(seen.info, {*entries(info)}, *both)


def _live(lists: EffectiveServerLists) -> set[str]:
    return {*entries(lists.effective_domain)}


def _shown_in(by: Exchange | None, shown: set[str], listed: set[str], in_force: set[str]) -> Iterator[Says]:
    if waiting := listed - in_force:
        yield from _is("configured" if waiting & shown else "in-force", by)
    if lingering := in_force - listed:
        yield from _is("in-force" if lingering & shown else "configured", by)


def lingering(seen: Seen) -> Iterator[Says]:
    lists = seen.lists
    if lists is not None and {*lists.effective_webviewdomain} - configured(lists):
        yield from _is("on-release", seen.effective, likely=True)


def domain_limit(seen: Seen) -> Iterator[Says]:
    count = len(seen.lists.direct_webviewdomain) if seen.lists is not None else 0
    if above := [str(limit) for limit in _LIMITS if count <= limit]:
        yield from _is(above[0], seen.effective, *above[1:])


def platform_get(seen: Seen) -> Iterator[Says]:
    if seen.platform is not None and seen.platform.errcode == 0:
        yield from _is("full" if "errcode" in seen.platform.document else "bare", seen.platform)


# What writes of webview domains show.


def _webview(step: Step, *actions: str) -> bool:
    return step.write.endpoint == WEBVIEW_DOMAINS["direct"] and step.write.action in actions


def _direct(seen: Seen) -> tuple[str, ...] | None:
    return None if seen.lists is None else seen.lists.direct_webviewdomain


def _one_of(step: Step, codes: Collection[int]) -> Iterator[Says]:
    if step.write.errcode in codes:
        yield from _is(str(step.write.errcode), step.write)


def write_answer(step: Step) -> Iterator[Says]:
    if _webview(step, "set", "add", "delete") and step.write.errcode == 0:
        yield from _is("list" if "webviewdomain" in step.write.document else "bare", step.write)


def add_existing(step: Step) -> Iterator[Says]:
    there = {*(_direct(step.before) or ())}
    if _webview(step, "add") and step.write.values and {*step.write.values} <= there:
        if step.write.errcode == _UNCHANGED:
            yield from _is("error", step.write)
        elif step.write.errcode == 0:
            yield from _is("reset", step.write, "noop")


def set_unchanged(step: Step) -> Iterator[Says]:
    there = {*(_direct(step.before) or ())}
    if _webview(step, "set") and there and {*step.write.values} == there:
        yield from _by_code(step, {0: "accept", _UNCHANGED: "error"})


def set_empty(step: Step) -> Iterator[Says]:
    if _webview(step, "set") and not step.write.values and _direct(step.before):
        yield from _by_code(step, {0: "clear", _EMPTY: "error"})


def delete_missing(step: Step) -> Iterator[Says]:
    there = _direct(step.before)
    if _webview(step, "delete") and there is not None and not {*there} & {*step.write.values}:
        yield from _by_code(step, {0: "ok", _MISSING: "error"})


def duplicates(step: Step) -> Iterator[Says]:
    values, after = step.write.values, _direct(step.after)
    if not _webview(step, "add") or len(values) == len({*values}) or not {*values} <= step.before.took:
        return
    if step.write.errcode == _BAD_ARGUMENT:
        yield from _is("error", step.write)
    elif step.write.errcode == 0 and after is not None and values[0] in after:
        yield from _is("keep" if after.count(values[0]) > 1 else "dedupe", step.write)


def multi_failure(step: Step) -> Iterator[Says]:
    values, before, after = step.write.values, _direct(step.before), _direct(step.after)
    code = step.write.errcode
    if before is None or after is None or len({*values}) < _TWO or code in {0, None}:
        return
    first = values[0]
    if _webview(step, "add") and code in _OF_A_VALUE and first in step.before.took and first not in before:
        yield from _is("non-atomic" if first in after else "atomic", step.write)
    if _webview(step, "delete") and code == _MISSING and first in before:
        yield from _is("atomic" if first in after else "non-atomic", step.write)


def _bare(step: Step) -> str:
    """Return the domain of a write that adds its bare host alone, if the domain was accepted before."""
    values = step.write.values
    domain = f"https://{values[0]}" if len(values) == 1 else ""
    is_new = domain in step.before.took and domain not in (_direct(step.before) or ())
    return domain if _webview(step, "add") and is_new else ""


def value_form(step: Step) -> Iterator[Says]:
    domain, after = _bare(step), _direct(step.after)
    if not domain:
        return
    if step.write.errcode in _OF_A_VALUE:
        yield from _is("strict", step.write)
    elif step.write.errcode == 0 and after is not None:
        if step.write.values[0] in after:
            yield from _is("echo", step.write)
        elif domain in after:
            yield from _is("normalise", step.write)


def bad_value(step: Step) -> Iterator[Says]:
    *first, last = step.write.values or ("",)
    badly = last and not last.startswith("https://")
    if _bare(step) or (_webview(step, "add") and badly and first and {*first} <= step.before.took):
        yield from _one_of(step, (86100, 86103, 85301))


def _new_domain(step: Step) -> bool:
    """Return whether a write adds one well-formed domain, which is not on any list yet."""
    values, lists = step.write.values, step.before.lists
    if not _webview(step, "add") or len(values) != 1 or lists is None:
        return False
    return values[0].startswith("https://") and values[0] not in configured(lists)


def unfiled_host(step: Step) -> Iterator[Says]:
    if _new_domain(step) and step.write.errcode == _UNFILED:
        yield from _is("refuse", step.write)


def missing_file(step: Step) -> Iterator[Says]:
    if _new_domain(step) and step.write.errcode in {86103, -1}:
        # -1 is also WeChat's word for its own error
        yield from _is(str(step.write.errcode), step.write, likely=step.write.errcode == -1)


def full_list(step: Step) -> Iterator[Says]:
    if _new_domain(step) and step.write.errcode in _TOO_MANY:
        count = len(_direct(step.before) or ())
        if count in _LIMITS:
            yield from _is(str(count), step.write, likely=True)


def limit_code(step: Step) -> Iterator[Says]:
    if _new_domain(step):
        yield from _one_of(step, _TOO_MANY)


def month_code(step: Step) -> Iterator[Says]:
    if _new_domain(step):
        yield from _one_of(step, _MONTH)


def month_limit(step: Step) -> Iterator[Says]:
    if _new_domain(step) and step.write.errcode in _MONTH:
        yield from _is("50", step.write, likely=True)


def new_effect(step: Step) -> Iterator[Says]:
    before, after = step.before.lists, step.after.lists
    if _new_domain(step) and step.write.errcode == 0 and before is not None and after is not None:
        value = step.write.values[0]
        if value not in before.effective_webviewdomain and value in after.direct_webviewdomain:
            yield from _in_force(step, at_once=value in after.effective_webviewdomain)
    server_before, server_after = step.before.server_lists, step.after.server_lists
    if _server(step, "add") and server_before is not None and server_after is not None:
        new = {*entries(server_after.direct_domain)} - ways(server_before) - _live(server_before)
        if new:
            yield from _in_force(step, at_once=bool(new & _live(server_after)))


def _in_force(step: Step, *, at_once: bool) -> Iterator[Says]:
    yield from _is("at-once", step.write) if at_once else _is("on-release", step.write, "on-submit")


def delete_effect(step: Step) -> Iterator[Says]:
    before, after = step.before.lists, step.after.lists
    if _webview(step, "delete") and step.write.errcode == 0 and before is not None and after is not None:
        gone = {*before.direct_webviewdomain} - configured(after)
        if was := gone & {*before.effective_webviewdomain}:
            left = was & {*after.effective_webviewdomain}
            yield from _is("on-release" if left else "at-once", step.write)


# What writes in mode one show.


def _third(step: Step, codes: Mapping[int, str], action: str) -> Iterator[Says]:
    lists = step.before.lists
    if step.write.endpoint != WEBVIEW_DOMAINS["registered"] or step.write.action != action or lists is None:
        return
    if not {*lists.third_webviewdomain} & {*step.write.values}:
        yield from _by_code(step, codes)


def third_set_empty(step: Step) -> Iterator[Says]:
    if not step.write.values:  # 89019: an empty list is one, and this one is empty already
        yield from _third(step, {0: "clear", _UNCHANGED: "clear", _EMPTY: "error"}, "set")


def third_delete_missing(step: Step) -> Iterator[Says]:
    yield from _third(step, {0: "ok", _MISSING: "error"}, "delete")


def _registered_delete(step: Step) -> bool:
    """Return whether a write deletes server domains that mode one does not have."""
    lists = step.before.server_lists
    if step.write.endpoint != SERVER_DOMAINS["registered"] or step.write.action != "delete" or lists is None:
        return False
    return not {*entries(lists.third_domain)} & _sent(step)


def server_nothing_left(step: Step) -> Iterator[Says]:
    if _registered_delete(step):
        yield from _one_of(step, _NOTHING_LEFT)


def server_third_delete_missing(step: Step) -> Iterator[Says]:
    if _registered_delete(step):
        yield from _by_code(step, {0: "ok", **dict.fromkeys(_NOTHING_LEFT, "error")})


# What writes of server domains and of prefetch hosts show.


def _server(step: Step, *actions: str) -> bool:
    return step.write.endpoint == SERVER_DOMAINS["direct"] and step.write.action in actions


def _sent(step: Step) -> set[str]:
    fields = {name: kind for kind, name in SERVER_FIELDS.items()}
    return {f"{fields[name]} {value}" for name, values in step.write.of_kinds.items() for value in values}


def _held(seen: Seen) -> set[str] | None:
    return None if seen.server_lists is None else {*entries(seen.server_lists.direct_domain)}


def server_answer(step: Step) -> Iterator[Says]:
    if _server(step, "set", "add", "delete") and step.write.errcode == 0:
        bare = step.write.document.keys() <= {"errcode", "errmsg"}
        yield from _is("codes" if bare else "full", step.write)


def _server_set(step: Step, *, sent: bool) -> Iterator[Says]:
    before, after = step.before.server_lists, step.after.server_lists
    if not _server(step, "set") or step.write.errcode != 0 or before is None or after is None:
        return
    for name in SERVER_FIELDS.values():
        values = step.write.of_kinds.get(name)
        if getattr(before.direct_domain, name) and (values == () if sent else values is None):
            yield from _is("keep" if getattr(after.direct_domain, name) else "clear", step.write)


def server_set_empty(step: Step) -> Iterator[Says]:
    yield from _server_set(step, sent=True)


def server_set_absent(step: Step) -> Iterator[Says]:
    yield from _server_set(step, sent=False)


def server_partial(step: Step) -> Iterator[Says]:
    held = _held(step.after)
    if not _server(step, "add") or held is None or _held(step.before) is None:
        return
    good = {each for each in _sent(step) if each.startswith("request https://")}
    bad = {each for each in _sent(step) if each.startswith("request http://")}
    if good and bad and not held & bad and not good & (_held(step.before) or set()):
        if step.write.errcode == 0 and good <= held:
            yield from _is("listed", step.write)
        elif step.write.errcode in _OF_A_VALUE and not good & held:
            yield from _is("error", step.write)


def server_add_existing(step: Step) -> Iterator[Says]:
    held, sent = _held(step.before), _sent(step)
    if _server(step, "add") and held is not None and sent and sent <= held:
        yield from _by_code(step, {0: "ok", 85301: "85301"})


def server_delete_missing(step: Step) -> Iterator[Says]:
    held = _held(step.before)
    if _server(step, "delete") and held is not None and not held & _sent(step):
        yield from _by_code(step, {0: "ok", 85301: "85301"})


def server_socket(step: Step) -> Iterator[Says]:
    held, sent = _held(step.after), _sent(step)
    bare = {each for each in sent if each.startswith("socket ") and "://" not in each}
    if not _server(step, "add") or held is None or len(sent) != 1 or not bare:
        return
    if {each.replace("socket ", "socket wss://") for each in bare} <= held:
        yield from _is("prefix", step.write)
    elif bare <= held or step.write.errcode in _OF_A_VALUE:
        yield from _is("keep", step.write)


def _prefetch(step: Step) -> bool:
    return step.write.endpoint == SET_PREFETCH


def prefetch_empty(step: Step) -> Iterator[Says]:
    if _prefetch(step) and step.write.request.get("prefetch_dns_domain") == []:
        yield from _by_code(step, {0: "clear", _BAD_ARGUMENT: "error"})


def prefetch_errcode(step: Step) -> Iterator[Says]:
    if _prefetch(step) and step.write.errcode == 0 and "errcode" in step.write.document:
        number = isinstance(step.write.document["errcode"], int)
        yield from _is("number" if number else "text", step.write)


def _by_code(step: Step, codes: Mapping[int, str]) -> Iterator[Says]:
    if (code := step.write.errcode) is not None and code in codes:
        yield from _is(codes[code], step.write)
