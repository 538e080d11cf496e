"""Credentials in stack config."""

from __future__ import annotations

from pulumi_wechat_miniprogram.policy import NO_CREDENTIALS_IN_CONFIG
from pulumi_wechat_miniprogram.policy.credentials import credential_keys
from pulumi_wechat_miniprogram.policy.rule import tell


def test_the_keys_of_credentials_are_the_providers():
    """Tokens, refresh tokens, secret, ticket, bearer, and what posts an alert: one by one, or as a map by appid."""
    keys = [key.removeprefix("wechat-miniprogram:") for key in credential_keys()]

    assert keys == [
        "accessToken",
        "accessTokens",
        "accessTokenUrlBearer",
        "componentAppsecret",
        "componentVerifyTicket",
        "componentAccessToken",
        "authorizerRefreshTokens",
        "alertUrl",
        "alertSecret",
    ]


def test_a_credential_is_a_violation_by_the_name_of_its_key():
    """What is not a credential of this provider is not its matter."""
    keys = ["wechat-miniprogram:endpoint", "wechat-miniprogram:accessTokens", "other:accessToken"]

    assert NO_CREDENTIALS_IN_CONFIG.judge_config is not None
    (reported,) = tell(NO_CREDENTIALS_IN_CONFIG, NO_CREDENTIALS_IN_CONFIG.judge_config(keys, "default"))

    assert reported.text == (
        "wechat-miniprogram:accessTokens is set in stack config; set WECHAT_MINIPROGRAM_ACCESS_TOKENS in the "
        f"environment instead.\n{NO_CREDENTIALS_IN_CONFIG.steps}"
    )
