"""Switches of mode one, server domains, the platform's lists and prefetch domains."""

from __future__ import annotations

from typing import Annotated, Literal

from wechat_miniprogram_emulator.model.open_point import Number, Open
from wechat_miniprogram_emulator.strict import Strict


class ListSwitches(Strict):
    """Mode one, server domains, the platform's lists, prefetch domains."""

    third_set_empty: Annotated[
        Literal["clear", "error"],
        Open(
            "mode one: a `set` of nothing: an empty list, or 85017",
            "loses the list, so that a test notices",
            strict="error",
            lenient="clear",
        ),
    ] = "clear"
    third_delete_missing: Annotated[
        Literal["error", "ok"],
        Open(
            "mode one: a `delete` of what is not there: 89022, or nothing",
            "89022 is listed with mode one's codes",
            strict="error",
            lenient="ok",
        ),
    ] = "error"
    release_filter: Annotated[
        Literal["drop", "keep"],
        Open(
            "mode one: whether a release drops what the platform no longer lists",
            "the page says so; one user doubts it",
            strict="drop",
            lenient="keep",
        ),
    ] = "drop"
    server_nothing_left: Annotated[
        Literal["85301", "85017", "85018"],
        Number,
        Open(
            "mode one: the code when no server domain is left to change",
            "newer accounts were seen to get it",
            strict="85301",
            lenient="85017",
        ),
    ] = "85301"
    server_set_empty: Annotated[
        Literal["keep", "clear"],
        Open(
            "server domains: whether an empty kind in a `set` keeps its list",
            "a vendor found that it does",
            strict="keep",
            lenient="clear",
        ),
    ] = "keep"
    server_set_absent: Annotated[
        Literal["keep", "clear"],
        Open(
            "server domains: whether a kind that a `set` lacks keeps its list",
            "most clients send four kinds, and none reports a loss",
            strict="clear",
            lenient="keep",
        ),
    ] = "keep"
    server_answer: Annotated[
        Literal["full", "codes"],
        Open(
            "server domains, mode two: fifteen fields in each answer, or the errcode alone after a write",
            "fifteen were seen, and the page names two",
            strict="codes",
            lenient="full",
        ),
    ] = "full"
    server_partial: Annotated[
        Literal["error", "listed"],
        Open(
            "server domains, mode two: a bad domain refuses the call, or is left out and named",
            "the page has codes for the call",
            strict="error",
            lenient="listed",
        ),
    ] = "error"
    server_add_existing: Annotated[
        Literal["ok", "85301"],
        Number,
        Open(
            "server domains, mode two: an `add` without anything new: nothing, or 85301",
            "mode one answers 85301",
            strict="85301",
            lenient="ok",
        ),
    ] = "ok"
    server_delete_missing: Annotated[
        Literal["ok", "85301"],
        Number,
        Open(
            "server domains, mode two: a `delete` of nothing that is there: nothing, or 85301",
            "as for an `add`",
            strict="85301",
            lenient="ok",
        ),
    ] = "ok"
    server_third_delete_missing: Annotated[
        Literal["error", "ok"],
        Open(
            "server domains, mode one: a `delete` of nothing that is there: `server_nothing_left`, or 0",
            "as for an `add`, whose answer was seen",
            strict="error",
            lenient="ok",
        ),
    ] = "error"
    server_socket: Annotated[
        Literal["prefix", "keep"],
        Open(
            "server domains: whether `wss://` is put before a socket domain that lacks it",
            "seen in mode one",
            strict="keep",
            lenient="prefix",
        ),
    ] = "prefix"
    platform_add_existing: Annotated[
        Literal["ok", "error"],
        Open(
            "an `add` of what the platform lists already: nothing, or 89019",
            "a `delete` of nothing succeeds too",
            strict="error",
            lenient="ok",
        ),
    ] = "ok"
    platform_set_empty: Annotated[
        Literal["clear", "error"],
        Open(
            "a `set` of nothing on the platform's list: an empty list, or 85017",
            "loses the list, so that a test notices",
            strict="error",
            lenient="clear",
        ),
    ] = "clear"
    platform_unpublished: Annotated[
        Literal["61028", "testing"],
        Number,
        Open(
            "a change of the published list too, on a platform that is not published: 61028, or the list for "
            "testing alone",
            "a vendor met it",
            strict="61028",
            lenient="testing",
        ),
    ] = "61028"
    platform_invalid: Annotated[
        Literal["listed", "error"],
        Open(
            "an invalid host among others on the platform's list: left out and named, or 9410016",
            "the answer has a field for it",
            strict="error",
            lenient="listed",
        ),
    ] = "listed"
    platform_missing_file: Annotated[
        Literal["-1", "invalid"],
        Open(
            "a platform host without its confirm file: -1, or named as invalid",
            "seen",
            strict="-1",
            lenient="invalid",
        ),
    ] = "-1"
    platform_scheme: Annotated[
        Literal["accept", "refuse"],
        Open(
            "`https://` before a platform's host: kept, or named as invalid",
            "such values were seen",
            strict="refuse",
            lenient="accept",
        ),
    ] = "accept"
    platform_get: Annotated[
        Literal["bare", "full"],
        Open("whether the platform's `get` has an errcode", "seen without", strict="bare", lenient="full"),
    ] = "bare"
    prefetch_empty: Annotated[
        Literal["clear", "error"],
        Open(
            "no prefetch domain at all: an empty list, or 40097",
            "each call replaces the list",
            strict="error",
            lenient="clear",
        ),
    ] = "clear"
    prefetch_errcode: Annotated[
        Literal["number", "text"],
        Open(
            "whether the answer to prefetch domains is an errcode as text, and no more",
            "every other answer has a number",
            strict="text",
            lenient="number",
        ),
    ] = "number"
