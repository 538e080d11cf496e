"""The table of open points: the positions of each, how it is seen from outside, or why it cannot be.

The names and positions are those of the emulator's switches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pulumi_wechat_miniprogram.calibration import rules
from pulumi_wechat_miniprogram.calibration.rules import Says
from pulumi_wechat_miniprogram.calibration.seen import Exchange, Seen, Step, steps_of

Needs = Literal["read", "write", "nothing"]
"""What shows a point: reads, writes of an own host, or nothing that can be done safely in one run."""


_Seen = Callable[[Seen], Iterable[Says]]
_Step = Callable[[Step], Iterable[Says]]


@dataclass(frozen=True, slots=True)
class Point:
    """One open point. `how` says what shows it, or why nothing does."""

    switch: str
    positions: tuple[str, ...]
    needs: Needs
    how: str
    seen: _Seen | None = None
    step: _Step | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one point. `position` is None where several are left."""

    point: Point
    left: tuple[str, ...]
    certain: bool = False
    by: Exchange | None = None

    @property
    def position(self) -> str | None:
        return self.left[0] if len(self.left) == 1 else None

    @property
    def contradictory(self) -> bool:
        return not self.left


def judge(exchanges: Iterable[Exchange]) -> list[Finding]:
    """Return what recorded answers say about each point, in the order of the table."""
    states, steps = steps_of(exchanges)
    return [_judge(point, states, steps) for point in POINTS]


def settled(findings: Iterable[Finding]) -> dict[str, str]:
    """Return the points of which one position is left."""
    return {finding.point.switch: finding.position for finding in findings if finding.position}


def _judge(point: Point, states: Iterable[Seen], steps: Iterable[Step]) -> Finding:
    says = [each for seen in states for each in (point.seen(seen) if point.seen else ())]
    says += [each for step in steps for each in (point.step(step) if point.step else ())]
    left, certain, by = {*point.positions}, False, None
    for each in says:
        narrower = left & each.left
        if narrower != left:
            left, by, certain = narrower, each.by, not each.likely
        elif by is not None and len(left) == 1 and each.left == left and not each.likely:
            certain = True
    return Finding(point, tuple(name for name in point.positions if name in left), certain, by)


_OWN: Final = "needs the account's own secret; calibrate uses the platform's tokens only"
_DISTURBS: Final = "needs new tokens, and fetching them may cut off whoever uses the present ones"
_SHARED: Final = "the platform's lists are shared by all its apps, so calibrate never writes them"
_SERVES: Final = "needs a host that serves its confirm file in this way on purpose"
_EMPTY_APP: Final = "needs an app without any domain, since `set` replaces a whole list"
_RELEASE: Final = "needs a release of the app, which calibrate never sends"


def _nothing(switch: str, positions: str, how: str) -> Point:
    return Point(switch, tuple(positions.split()), "nothing", how)


def _read(
    switch: str, positions: str, how: str, seen: _Seen | None = None, step: _Step | None = None
) -> Point:
    return Point(switch, tuple(positions.split()), "read", how, seen, step)


def _write(switch: str, positions: str, how: str, step: _Step, seen: _Seen | None = None) -> Point:
    return Point(switch, tuple(positions.split()), "write", how, seen, step)


POINTS: Final = (
    _read(
        "get_returns",
        "direct all",
        "needs a domain in force that only the console or mode one lists",
        rules.get_returns,
    ),
    _read("get_state", "configured in-force", "needs a domain that waits for a release", rules.get_state),
    _read("empty_get", "list omit", "needs an app without webview domains", rules.empty_get),
    _write("write_answer", "bare list", "the answer to a write", rules.write_answer),
    _write(
        "add_existing",
        "reset noop error",
        "a second `add` shows only whether it is an error; the rest would risk a domain in force",
        rules.add_existing,
    ),
    _write("set_unchanged", "accept error", _EMPTY_APP, rules.set_unchanged),
    _write("set_empty", "clear error", _EMPTY_APP, rules.set_empty),
    _nothing(
        "set_recheck", "recheck new-only", "needs a host that stops serving its confirm file during the run"
    ),
    _write("delete_missing", "ok error", "a `delete` of a host that is not listed", rules.delete_missing),
    _write("duplicates", "dedupe keep error", "an `add` of one host twice", rules.duplicates),
    _write(
        "multi_failure",
        "atomic non-atomic",
        "an `add` of a good and a bad value; a second `--host` that does not serve the confirm file helps",
        rules.multi_failure,
    ),
    _write(
        "value_form", "strict normalise echo", "an `add` of the host without `https://`", rules.value_form
    ),
    _write("bad_value", "86100 86103 85301", "the same `add`, if it is refused", rules.bad_value),
    _write(
        "unfiled_host",
        "refuse accept",
        "only a refusal shows: give a `--host` without ICP filing",
        rules.unfiled_host,
    ),
    _write(
        "missing_file",
        "86103 -1",
        "needs a `--host` that does not serve the confirm file",
        rules.missing_file,
    ),
    _nothing("confirm_file_life", "for-ever a-day", "needs two runs on different days"),
    _nothing("redirects", "refuse follow", _SERVES),
    _nothing("plain_http", "refuse accept", _SERVES),
    _nothing("file_seconds", "5 1", _SERVES),
    _read(
        "domain_limit",
        "300 200 100",
        "needs an app with more than 100 or 200 webview domains, or with a full list",
        rules.domain_limit,
        rules.full_list,
    ),
    _write("limit_code", "89029 85016", "needs an app whose list is full", rules.limit_code),
    _write(
        "month_limit",
        "none 50",
        "only a limit shows, by a refusal; its absence takes 51 writes to prove",
        rules.month_limit,
    ),
    _nothing("month_counts", "calls domains", "would use up the app's changes of the month"),
    _write("month_code", "89030 45104 86102", "needs an app whose month is used up", rules.month_code),
    _read(
        "personal_owner", "refuse accept", "only a refusal shows: needs a person's app", rules.personal_owner
    ),
    _nothing("fanout_counts", "subjects apps", "needs a host on the lists of 100 apps"),
    _nothing("parallel_writes", "serial lost refused", "chance decides which of two writes comes first"),
    _write(
        "new_effect",
        "on-release on-submit at-once",
        f"a new domain shows only whether it is in force immediately; the rest {_RELEASE}",
        rules.new_effect,
    ),
    _write(
        "delete_effect",
        "at-once on-release",
        "needs new domains to be in force immediately, or a deleted domain that is still in force",
        rules.delete_effect,
        rules.lingering,
    ),
    _read("info_shows", "in-force configured", "needs a domain that waits for a release", rules.info_shows),
    _nothing("devinfo_token", "any authorizer", _OWN),
    _write(
        "third_set_empty",
        "clear error",
        f"{_EMPTY_APP}, and a platform that lists a host",
        rules.third_set_empty,
    ),
    _write(
        "third_delete_missing",
        "error ok",
        "a `delete` in mode one of a host that is not listed; needs a platform that lists a host",
        rules.third_delete_missing,
    ),
    _nothing("release_filter", "drop keep", _RELEASE),
    _write(
        "server_nothing_left",
        "85301 85017 85018",
        "a `delete` in mode one of a server domain that is not listed, if it is refused",
        rules.server_nothing_left,
    ),
    _write("server_set_empty", "keep clear", _EMPTY_APP, rules.server_set_empty),
    _write("server_set_absent", "keep clear", _EMPTY_APP, rules.server_set_absent),
    _write("server_answer", "full codes", "the answer to a write of server domains", rules.server_answer),
    _write(
        "server_partial", "error listed", "an `add` of a good and a bad server domain", rules.server_partial
    ),
    _write("server_add_existing", "ok 85301", "a second `add` of a server domain", rules.server_add_existing),
    _write(
        "server_delete_missing",
        "ok 85301",
        "a `delete` of a server domain that is not listed",
        rules.server_delete_missing,
    ),
    _write(
        "server_third_delete_missing",
        "error ok",
        "a `delete` in mode one of a server domain that is not listed",
        rules.server_third_delete_missing,
    ),
    _write("server_socket", "prefix keep", "an `add` of a socket host without `wss://`", rules.server_socket),
    _nothing("platform_add_existing", "ok error", _SHARED),
    _nothing("platform_set_empty", "clear error", _SHARED),
    _nothing("platform_unpublished", "61028 testing", _SHARED),
    _nothing("platform_invalid", "listed error", _SHARED),
    _nothing("platform_missing_file", "-1 invalid", _SHARED),
    _nothing("platform_scheme", "accept refuse", _SHARED),
    _read("platform_get", "bare full", "needs the component flow (`componentAppid`)", rules.platform_get),
    _write("prefetch_empty", "clear error", "needs an app without prefetch hosts", rules.prefetch_empty),
    _write(
        "prefetch_errcode",
        "number text",
        "the answer to an accepted write of prefetch hosts; needs an app without any",
        rules.prefetch_errcode,
    ),
    _nothing("previous_authorizer_token", "at-once five-minutes until-expiry", _DISTURBS),
    _nothing("previous_component_token", "at-once five-minutes until-expiry", _DISTURBS),
    _nothing("refresh_token_rotation", "same five-minutes at-once", _DISTURBS),
    _nothing("expired_component_token", "42001 42006", "needs a token that is two hours old"),
    _nothing("wrong_secret", "40125 61006", "needs a wrong secret, which might lock the platform out"),
    _nothing("own_token", "48001 86000", _OWN),
)
