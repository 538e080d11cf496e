"""What is configured, for a person to read: names and values, and of a secret only the file that holds it."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.masking import MASK
from pulumi_wechat_miniprogram.settings.model import Settings
from pulumi_wechat_miniprogram.settings.secrets import FILE, SecretMap, reveal

__all__ = ["shown_settings"]


def shown_settings(settings: Settings) -> list[str]:
    """Return `NAME  value` for every key that is set, by the name with which it was set.

    Every secret is read, so that a file that is missing shows here.

    Raises:
        SettingsError: a secret's file cannot be read, or does not hold what it should.
    """
    return [
        f"{settings.name_of(field)}  {_shown(field, getattr(settings, field))}"
        for field in Settings.model_fields
        if field in settings.model_fields_set
    ]


def _shown(field: str, value: object) -> str:
    if isinstance(value, SecretMap):
        appids = value.read()
        place = f"{FILE}{value.source}" if isinstance(value.source, Path) else MASK
        return f"{place} for {len(appids)}: {', '.join(appids)}"
    if isinstance(value, SecretStr):
        reveal(value)
        place = value.get_secret_value()
        return place if place.startswith(FILE) else MASK
    return str(value) if Settings.model_fields[field].repr else MASK
