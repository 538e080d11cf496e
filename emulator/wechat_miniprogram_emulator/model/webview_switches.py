"""Switches of the webview domains' endpoint of mode two, and of what all ways share."""

from __future__ import annotations

from typing import Annotated, Literal

from wechat_miniprogram_emulator.model.open_point import Number, Open
from wechat_miniprogram_emulator.strict import Strict


class WebviewSwitches(Strict):
    """Webview domains by the endpoint of mode two, and what all ways share."""

    get_returns: Annotated[
        Literal["direct", "all"],
        Open(
            "whether `get` shows domains configured by other ways",
            "the page speaks of this API's own domains",
            strict="direct",
            lenient="all",
        ),
    ] = "direct"
    get_state: Annotated[
        Literal["configured", "in-force"],
        Open(
            "whether `get` shows a domain before it is in force",
            "the page says: `get` before `add`",
            strict="in-force",
            lenient="configured",
        ),
    ] = "configured"
    empty_get: Annotated[
        Literal["list", "omit"],
        Open(
            "whether an empty list is in the answer of `get`",
            "the effective lists were seen empty",
            strict="omit",
            lenient="list",
        ),
    ] = "list"
    write_answer: Annotated[
        Literal["bare", "list"],
        Open(
            "whether a write's answer has the list too",
            "the page's example of `add`",
            strict="bare",
            lenient="list",
        ),
    ] = "bare"
    add_existing: Annotated[
        Literal["reset", "noop", "error"],
        Open(
            "an `add` of what is there: out of force again, nothing, or 89019",
            "costs the most, so that a test notices",
            strict="error",
            lenient="noop",
        ),
    ] = "reset"
    set_unchanged: Annotated[
        Literal["accept", "error"],
        Open(
            "a `set` of the same list: as any other, or 89019",
            "89019 is documented for mode one only",
            strict="error",
            lenient="accept",
        ),
    ] = "accept"
    set_empty: Annotated[
        Literal["clear", "error"],
        Open(
            "a `set` of nothing: an empty list, or 85017",
            "loses the list, so that a test notices",
            strict="error",
            lenient="clear",
        ),
    ] = "clear"
    set_recheck: Annotated[
        Literal["recheck", "new-only"],
        Open(
            "whether `set` checks confirm files of hosts already there",
            "the platform's page was seen to do it",
            strict="recheck",
            lenient="new-only",
        ),
    ] = "recheck"
    delete_missing: Annotated[
        Literal["ok", "error"],
        Open(
            "a `delete` of what is not there: nothing, or 89022",
            "the platform's endpoints document success",
            strict="error",
            lenient="ok",
        ),
    ] = "ok"
    duplicates: Annotated[
        Literal["dedupe", "keep", "error"],
        Open(
            "one value twice in a call, except for server domains in mode one; `error` is 40097",
            "the least surprising",
            strict="error",
            lenient="dedupe",
        ),
    ] = "dedupe"
    multi_failure: Annotated[
        Literal["atomic", "non-atomic"],
        Open(
            "whether values before a refused one are kept",
            "an errcode reads as: nothing was done",
            strict="atomic",
            lenient="non-atomic",
        ),
    ] = "atomic"
    value_form: Annotated[
        Literal["strict", "normalise", "echo"],
        Open(
            "a value that is not `https://host`: refused, brought to that form, or stored as it is",
            "the rules of domains forbid it",
            strict="strict",
            lenient="echo",
        ),
    ] = "strict"
    bad_value: Annotated[
        Literal["86100", "86103", "85301"],
        Number,
        Open(
            "the code for such a value",
            "means just that where it is documented, for server domains",
            strict="85301",
            lenient="86100",
        ),
    ] = "86100"
    unfiled_host: Annotated[
        Literal["refuse", "accept"],
        Open(
            "a host without ICP filing: 45082, or stored",
            "the rules of domains demand a filing",
            strict="refuse",
            lenient="accept",
        ),
    ] = "refuse"
    missing_file: Annotated[
        Literal["86103", "-1"],
        Number,
        Open(
            "the code for a confirm file that is not served",
            "seen; -1 was seen on the platform's endpoint",
            strict="-1",
            lenient="86103",
        ),
    ] = "86103"
    confirm_file_life: Annotated[
        Literal["for-ever", "a-day"],
        Open(
            "whether an app's confirm file changes",
            "nobody reports a change",
            strict="a-day",
            lenient="for-ever",
        ),
    ] = "for-ever"
    redirects: Annotated[
        Literal["refuse", "follow"],
        Open(
            "whether a redirected confirm file counts",
            "no source says that it does",
            strict="refuse",
            lenient="follow",
        ),
    ] = "refuse"
    plain_http: Annotated[
        Literal["refuse", "accept"],
        Open(
            "whether a file over plain HTTP counts",
            "staff: it must be https",
            strict="refuse",
            lenient="accept",
        ),
    ] = "refuse"
    file_seconds: Annotated[
        Literal["5", "1"],
        Number,
        Open(
            "how long a host may take for its file",
            "none is published; 1 s is recommended",
            strict="1",
            lenient="5",
        ),
    ] = "5"
    domain_limit: Annotated[
        Literal["300", "200", "100"],
        Number,
        Open(
            "how many webview domains there may be", "what the newest pages say", strict="100", lenient="300"
        ),
    ] = "300"
    limit_code: Annotated[
        Literal["89029", "85016"],
        Number,
        Open("the code for too many", "documented for mode one", strict="85016", lenient="89029"),
    ] = "89029"
    month_limit: Annotated[
        Literal["none", "50"],
        Open(
            "how many changes of webview domains there may be in a month",
            "no number is documented",
            strict="50",
            lenient="none",
        ),
    ] = "none"
    month_counts: Annotated[
        Literal["calls", "domains"],
        Open(
            "what counts as a change", "server domains count modifications", strict="domains", lenient="calls"
        ),
    ] = "calls"
    month_code: Annotated[
        Literal["89030", "45104", "86102"],
        Number,
        Open(
            "the code when the month's changes are used up",
            "listed among the codes of webview domains",
            strict="86102",
            lenient="89030",
        ),
    ] = "89030"
    personal_owner: Annotated[
        Literal["refuse", "accept"],
        Open(
            "a Mini Program of a person: 89231, or as any other",
            "documented for mode one",
            strict="refuse",
            lenient="accept",
        ),
    ] = "refuse"
    fanout_counts: Annotated[
        Literal["subjects", "apps"],
        Open(
            "of what a host may have 100, before 506015",
            "both pages on domains say subjects",
            strict="apps",
            lenient="subjects",
        ),
    ] = "subjects"
    parallel_writes: Annotated[
        Literal["serial", "lost", "refused"],
        Open(
            "two concurrent writes on one app: one after the other, the last one wins, or 9402202",
            "keeps every write",
            strict="refused",
            lenient="serial",
        ),
    ] = "serial"
    new_effect: Annotated[
        Literal["on-release", "on-submit", "at-once"],
        Open(
            "when a new domain is in force", "the newest page says so", strict="on-release", lenient="at-once"
        ),
    ] = "on-release"
    delete_effect: Annotated[
        Literal["at-once", "on-release"],
        Open(
            "when a deleted domain goes out of force",
            "breaks pages immediately, so that a test notices",
            strict="at-once",
            lenient="on-release",
        ),
    ] = "at-once"
    info_shows: Annotated[
        Literal["in-force", "configured"],
        Open(
            "which domains `getwxadevinfo` and `api_get_authorizer_info` show",
            "they tell what an app may open",
            strict="in-force",
            lenient="configured",
        ),
    ] = "in-force"
    devinfo_token: Annotated[
        Literal["any", "authorizer"],
        Open(
            "whether `getwxadevinfo` takes an account's own token",
            "the older page says so",
            strict="authorizer",
            lenient="any",
        ),
    ] = "any"
