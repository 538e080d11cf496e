"""Settings of the provider, from the environment and stack config, including secrets."""

from pulumi_wechat_miniprogram.safety.masking import mask, redact, remember
from pulumi_wechat_miniprogram.settings.layers import SOURCES, load_settings, unknown_config_keys
from pulumi_wechat_miniprogram.settings.model import (
    ARGUMENTS,
    DEFAULT_ENDPOINT,
    ENV_PREFIX,
    NAMESPACE,
    OF_ONE_RUN,
    Settings,
    Spell,
    camel,
    config_name,
    env_name,
    holds_secret,
    is_loopback,
    shown_settings,
)
from pulumi_wechat_miniprogram.settings.parsing import (
    ACCESS_TOKEN,
    APPSECRET,
    COMPONENT_TOKEN,
    TICKET,
    SecretKind,
    decoded,
    load_json,
    parse_secret,
)
from pulumi_wechat_miniprogram.settings.secrets import APPID, SecretMap, SettingsError, reveal

__all__ = [
    "ACCESS_TOKEN",
    "APPID",
    "APPSECRET",
    "ARGUMENTS",
    "COMPONENT_TOKEN",
    "DEFAULT_ENDPOINT",
    "ENV_PREFIX",
    "NAMESPACE",
    "OF_ONE_RUN",
    "SOURCES",
    "TICKET",
    "SecretKind",
    "SecretMap",
    "Settings",
    "SettingsError",
    "Spell",
    "camel",
    "config_name",
    "decoded",
    "env_name",
    "holds_secret",
    "is_loopback",
    "load_json",
    "load_settings",
    "mask",
    "parse_secret",
    "redact",
    "remember",
    "reveal",
    "shown_settings",
    "unknown_config_keys",
]
