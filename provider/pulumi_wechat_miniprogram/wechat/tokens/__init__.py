"""Where access tokens come from, and how long one is kept."""

from pulumi_wechat_miniprogram.wechat.tokens.choice import ReadyTokens, open_tokens
from pulumi_wechat_miniprogram.wechat.tokens.keeper import Tokens
from pulumi_wechat_miniprogram.wechat.tokens.source import AppUnknown, Token, TokenSource, TokenUnavailable

__all__ = ["AppUnknown", "ReadyTokens", "Token", "TokenSource", "TokenUnavailable", "Tokens", "open_tokens"]
