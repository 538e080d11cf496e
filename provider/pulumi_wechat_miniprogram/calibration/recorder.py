"""The calls of a run as they are sent and answered, those about domains alone."""

from __future__ import annotations

from typing import Final

from pulumi_wechat_miniprogram.calibration.seen import Exchange
from pulumi_wechat_miniprogram.wechat.client import (
    APP_INFO,
    GET_PREFETCH,
    PLATFORM_LISTS,
    SERVER_DOMAINS,
    SERVER_EFFECTIVE,
    SET_PREFETCH,
    WEBVIEW_DOMAINS,
    WEBVIEW_EFFECTIVE,
)
from pulumi_wechat_miniprogram.wechat.wire import Post

_RECORDED: Final = frozenset(
    {
        *WEBVIEW_DOMAINS.values(),
        WEBVIEW_EFFECTIVE,
        *SERVER_DOMAINS.values(),
        SERVER_EFFECTIVE,
        APP_INFO,
        SET_PREFETCH,
        GET_PREFETCH,
        *(path for path, _, _ in PLATFORM_LISTS.values()),
    }
)
"""Endpoints of domains alone: no token, ticket or secret is in their bodies or answers."""


class Recorder:
    """Keeps the calls of a run in their order."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def __call__(self, post: Post, answer: bytes) -> None:
        if post.path in _RECORDED:
            self.exchanges.append(Exchange(post.path, post.content, answer.decode("utf-8", "replace")))
