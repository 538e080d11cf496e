"""Settings of the provider: the environment over the stack config, and the secrets among them."""

from pulumi_wechat_miniprogram.settings.layers import SOURCES, load_settings, unknown_config_keys
from pulumi_wechat_miniprogram.settings.model import DEFAULT_ENDPOINT, Settings, holds_secret, is_loopback
from pulumi_wechat_miniprogram.settings.names import ENV_PREFIX, NAMESPACE, config_name, env_name
from pulumi_wechat_miniprogram.settings.secrets import (
    APPID,
    SecretMap,
    SettingsError,
    redact,
    remember,
    reveal,
)
from pulumi_wechat_miniprogram.settings.shown import shown_settings

__all__ = [
    "APPID",
    "DEFAULT_ENDPOINT",
    "ENV_PREFIX",
    "NAMESPACE",
    "SOURCES",
    "SecretMap",
    "Settings",
    "SettingsError",
    "config_name",
    "env_name",
    "holds_secret",
    "is_loopback",
    "load_settings",
    "redact",
    "remember",
    "reveal",
    "shown_settings",
    "unknown_config_keys",
]
