"""Posting an alert to a webhook: of Slack, Feishu, DingTalk or WeCom, or any other.

Sources: the pages of Slack on incoming webhooks, of Feishu on custom bots, of DingTalk on custom robots, and
of WeCom on message push: shape, signature, limits and answers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import looks_random, redact, remember
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import Settings, check_webhook, env_name, parse_given, reveal
from pulumi_wechat_miniprogram.wechat.streams import deadline
from pulumi_wechat_miniprogram.wechat.transport import IDENTITY, read_body, redirect_target
from pulumi_wechat_miniprogram.wechat.wire import cause_of, transport_to

WebhookKind = Literal["slack", "feishu", "dingtalk", "wecom", "webhook"]
_SECONDS: Final = 10.0
_MAX_ANSWER: Final = 1 << 16
_MAX_REASON: Final = 200


class NotNotified(UserError):
    """An alert was not posted. The message names the kind and the host, never the URL."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of webhook takes a text: from which hosts, of how many bytes, and what it answers.

    `code` names the fields of which one must be 0 in its JSON answer; without them the HTTP status decides.
    """

    hosts: tuple[str, ...]
    limit: int
    body: Callable[[str], Mapping[str, object]]
    code: tuple[str, ...] = ()


def _slack(text: str) -> Mapping[str, object]:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):  # a live value could mention everybody
        text = text.replace(sign, name)
    return {"text": text, "unfurl_links": False}


def _feishu(text: str) -> Mapping[str, object]:
    return {"msg_type": "text", "content": {"text": text.replace("<", "\N{FULLWIDTH LESS-THAN SIGN}")}}


def _with_content(text: str) -> Mapping[str, object]:
    return {"msgtype": "text", "text": {"content": text}}


SHAPES: Final[Mapping[WebhookKind, Shape]] = {
    "slack": Shape(("hooks.slack.com", "hooks.slack-gov.com"), 12_000, _slack),
    "feishu": Shape(("open.feishu.cn", "open.larksuite.com"), 15_000, _feishu, ("code", "StatusCode")),
    "dingtalk": Shape(("oapi.dingtalk.com",), 15_000, _with_content, ("errcode",)),
    "wecom": Shape(("qyapi.weixin.qq.com",), 2_048, _with_content, ("errcode",)),
    "webhook": Shape((), 100_000, lambda text: {"text": text}),
}
_SIGNED: Final = frozenset({"feishu", "dingtalk"})


class Webhook:
    """One webhook. Its URL and secret are read when this is made, so that a mistake is found immediately."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        kind: WebhookKind | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the `url` or `file:PATH` of an option; if it is empty, that of the settings.

        Raises:
            SettingsError: a file cannot be read.
            ValueError: the URL cannot be used, or the secret has no use; the message shows neither.
        """
        name = "--notify" if url else env_name("alert_url")
        try:
            given = SecretStr(parse_given(url)) if url else settings.alert_url
            self._url = reveal(given) if given else ""
            check_webhook(self._url)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
        parts = urlsplit(self._url)
        for piece in (parts.path, *parts.path.split("/"), *parts.query.replace("=", "&").split("&")):
            if piece == parts.path or looks_random(piece):
                remember(piece)
        self.host = parts.netloc
        self.kind = kind or _kind_of(parts.hostname or "")
        self._secret = reveal(settings.alert_secret) if settings.alert_secret else ""
        if self._secret and self.kind not in _SIGNED:
            raise ValueError(
                f"{name} is treated as {self.kind}, and {env_name('alert_secret')} applies to feishu and "
                "dingtalk only; unset it, or give --notify-kind"
            )
        self._settings = settings
        self._clock = clock

    @property
    def shape(self) -> Shape:
        return SHAPES[self.kind]

    def post(self, text: str, document: object) -> None:
        """Post an alert once; a plain webhook also gets the JSON document.

        Raises:
            NotNotified: it was not taken.
        """
        body, added = {**self.shape.body(text)}, {}
        if self.kind == "webhook":
            body["drift"] = document
        if self._secret and self.kind == "feishu":
            body |= signed_for_feishu(self._secret, self._clock())
        elif self._secret:
            added = signed_for_dingtalk(self._secret, self._clock())
        url = httpx.URL(self._url).copy_merge_params(added) if added else httpx.URL(self._url)
        try:
            with (
                httpx.Client(
                    transport=transport_to(self._settings, [self._url]),
                    timeout=_SECONDS,
                    headers=IDENTITY,
                    trust_env=False,
                ) as client,
                deadline(_SECONDS),
                client.stream("POST", url, json=body) as response,
            ):
                status, to = response.status_code, redirect_target(response)
                content = b"" if to else read_body(response, _MAX_ANSWER)
        except Exception as error:  # noqa: BLE001 - whatever it is, the result of the comparison counts
            raise self._failed(cause_of(error)) from None
        if to:
            raise self._failed(f"it redirects to {to}")
        if problem := self._problem(status, content):
            raise self._failed(problem)

    def _problem(self, status: int, content: bytes) -> str:
        said = redact(content.decode("utf-8", "replace")).strip()[:_MAX_REASON]
        if not httpx.codes.is_success(status):
            return f"HTTP status {status}: {said}" if said else f"HTTP status {status}"
        if not self.shape.code:
            return ""
        try:
            answer = json.loads(content)
            taken = any(answer.get(code) == 0 for code in self.shape.code)
        except (AttributeError, RecursionError, ValueError):
            taken = False
        return "" if taken else f"it answered {said or 'nothing'}"

    def _failed(self, cause: str) -> NotNotified:
        return NotNotified(f"the alert was not posted to {self.kind} at {self.host}: {one_line(cause)}")


def _kind_of(host: str) -> WebhookKind:
    return next((kind for kind, shape in SHAPES.items() if host in shape.hosts), "webhook")


def signed_for_feishu(secret: str, now: float) -> dict[str, str]:
    """Return what signs a body: Feishu takes the text to sign as the key, and no message."""
    timestamp = str(int(now))
    return {"timestamp": timestamp, "sign": _signature(f"{timestamp}\n{secret}", "")}


def signed_for_dingtalk(secret: str, now: float) -> dict[str, str]:
    """Return the parameters that sign a call."""
    timestamp = str(int(now * 1000))
    return {"timestamp": timestamp, "sign": _signature(secret, f"{timestamp}\n{secret}")}


def _signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
