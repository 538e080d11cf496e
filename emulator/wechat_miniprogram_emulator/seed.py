"""What an emulator starts with: apps, trusted hosts and switches."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from wechat_miniprogram_emulator.model import DOMAIN_PERMISSION_SET, Subject, Switches
from wechat_miniprogram_emulator.model.apps import DEFAULT_COMPONENT, NORMAL
from wechat_miniprogram_emulator.model.server_domains import ServerKind
from wechat_miniprogram_emulator.model.tokens import first_value
from wechat_miniprogram_emulator.strict import Appid, Strict


class ConfirmFileSeed(Strict):
    """An app's own confirm file."""

    file_name: str = Field(description="Such as Ab3dE5fG7h.txt; served at the root of each host.")
    file_content: str = Field(description="The whole file, 32 hex digits at WeChat.")


class ServerSeed(Strict):
    """An app's server domains, by the way they were configured; all of them are in force."""

    direct: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict, description="By mode two.")
    mp: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict, description="By the WeChat console.")
    third: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict, description="By mode one.")


class PlatformSeed(Strict):
    """A third-party platform to start with; it replaces what its appid had."""

    component_appid: Appid = Field(description="wx and 16 lower-case hex digits.")
    appsecret: str | None = Field(None, description="If left out, emulator-secret-APPID.")
    ticket: str | None = Field(None, description="Its verify ticket; if left out, emulator-ticket-APPID.")
    allowed_ips: tuple[str, ...] | None = Field(None, description="By default, every address may call.")
    published: bool = Field(default=True, description="Whether its published lists bind.")
    jump_hosts: tuple[str, ...] = Field((), description="Its list of webview hosts.")
    server_hosts: tuple[str, ...] = Field((), description="Its list of server hosts.")


class AppSeed(Strict):
    """One app to start with; it replaces what its appid had."""

    appid: Appid = Field(description="wx and 16 lower-case hex digits.")
    live: tuple[str, ...] = Field((), description="What setwebviewdomain_directly configured, verbatim.")
    mp: tuple[str, ...] = Field((), description="What the console of the Mini Program configured.")
    third: tuple[str, ...] = Field((), description="What the third-party platform's own list brought.")
    effective: tuple[str, ...] | None = Field(
        None, description="What is in force; if left out, all of these."
    )
    token: str | None = Field(None, description="Its access token; if left out, emulator-APPID.")
    token_expires_in: float | None = Field(
        None, allow_inf_nan=False, description="Seconds; by default, it never expires."
    )
    subject: Subject = Field("enterprise", description="The owner; persons may not use these endpoints.")
    permission_sets: tuple[int, ...] = Field(
        (DOMAIN_PERMISSION_SET,), description="What the app granted; 18 is what the domain endpoints need."
    )
    confirm_file: ConfirmFileSeed | None = Field(None, description="If left out, derived from the appid.")
    component: Appid | None = Field(DEFAULT_COMPONENT, description="The platform it authorises; null: none.")
    refresh_token: str | None = Field(None, description="If left out, emulator-refresh-APPID.")
    secret: str | None = Field(None, description="Its own appsecret; if left out, emulator-secret-APPID.")
    account_status: int = Field(NORMAL, description="1 normal, 14 gone, 16 banned, 18 warned, 19 frozen.")
    owner: str | None = Field(None, description="The subject that registered it; if left out, its own.")
    server: ServerSeed = Field(default_factory=ServerSeed, description="Its server domains.")


class Seed(Strict):
    """What to start with."""

    apps: tuple[AppSeed, ...] = Field((), description="Each appid and each token once.")
    platforms: tuple[PlatformSeed, ...] = Field((), description="The default platform exists anyway.")
    trusted_hosts: list[str] | None = Field(
        None, description='Hosts whose confirm file counts as served; "*" is every host.'
    )
    unfiled_hosts: list[str] | None = Field(None, description="Hosts without an ICP filing.")
    switches: Switches | None = Field(None, description="Those left out are not changed.")

    @model_validator(mode="after")
    def _each_once(self) -> Seed:
        for name, values in (
            ("appid", [app.appid for app in self.apps]),
            ("token", [app.token or first_value("authorizer_access_token", app.appid) for app in self.apps]),
        ):
            for index, value in enumerate(values):
                if value in values[:index]:
                    context = {"index": index, "name": name, "first": values.index(value)}
                    raise PydanticCustomError(
                        "repeated",
                        "apps.{index} has the {name} of apps.{first}",
                        {**context, "below": ("apps", index, name)},
                    )
        return self


def seed_schema() -> dict[str, Any]:
    """Give the JSON Schema of a seed, for editors and other validators."""
    schema = Seed.model_json_schema()
    for switch in schema["$defs"]["Switches"]["properties"].values():
        codes = [int(position) for position in switch["enum"] if position.lstrip("-").isdigit()]
        if codes:  # YAML reads them as numbers
            switch["enum"] += codes
            del switch["type"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Seed of the WeChat emulator",
    }
