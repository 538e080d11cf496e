"""Each resource's inputs and outputs as a stack export holds them, and their published JSON Schema.

State written by any released version is read here: a field is never renamed and never loses a meaning, new
ones have defaults, and what a newer version wrote beside them is ignored.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from pulumi_wechat_miniprogram.exports.type_tokens import CONFIRM_FILE, WEBVIEW_DOMAINS
from pulumi_wechat_miniprogram.lifecycle.state import Mode

__all__ = [
    "SCHEMA_VERSION",
    "SECRET_KEY",
    "SECRET_SIGNATURE",
    "ConfirmFileOutputs",
    "Secret",
    "WebviewDomainsOutputs",
    "state_schema",
]

SCHEMA_VERSION: Final = 1
"""Raised when a reader of the schema has to change; a new field is no such change."""

SECRET_KEY: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the mark of a secret, not one
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one


class _Stored(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Secret(_Stored):
    """A value that the program marked as secret: encrypted, or in clear by `--show-secrets`."""

    mark: Literal["1b47061264138c4ac30d75fd1eb44270"] = Field(
        alias=SECRET_KEY, description="tells a secret from an object"
    )
    ciphertext: str | None = Field(default=None, description="the encrypted value")
    plaintext: str | None = Field(default=None, description="the value as JSON text")


Text = str | Secret
Texts = tuple[str, ...] | Secret


class WebviewDomainsInputs(_Stored):
    """What the program declared, after checks."""

    appid: Text = Field(description="the authorizer's appid, `wx` and 16 hex digits")
    domains: Texts = Field(
        description="declared, canonical: `https://` and a lower-case A-label host; in the user's order",
    )
    mode: Mode | Secret = Field(
        default="authoritative",
        description="`authoritative` owns the whole live list, `additive` only what it lists",
    )
    overwrite_existing: bool | Secret = Field(
        default=False, description="may remove live domains that nobody declared"
    )
    confirm_file_timeout: float | Secret = Field(
        default=0.0, description="seconds to wait for new hosts to serve the confirm file"
    )
    allow_mass_removal: bool | Secret = Field(default=False, description="lifts the safety valve")


class WebviewDomainsOutputs(WebviewDomainsInputs):
    """The inputs, and what was seen at the last operation."""

    effective_domains: Texts = Field(
        default=(),
        description="in force since the last release; in authoritative mode also what is not declared; "
        "canonical",
    )
    pending_domains: Texts = Field(
        default=(), description="declared, not in force until the next release; canonical"
    )
    release_required: bool | Secret = Field(
        default=False, description="a release would change what is in force"
    )
    added_domains: Texts = Field(
        default=(), description="put on the list by this resource, not there before it; canonical"
    )
    shared_domains: dict[str, list[str]] | Secret = Field(
        default_factory=dict,
        description="declared by other resources of the program too, with the names of these resources",
    )
    declared_as: str | Secret = Field(
        default="", description="the name by which `shared_domains` of other resources names this one"
    )


class ConfirmFileInputs(_Stored):
    """What the program declared, after checks."""

    appid: Text = Field(description="the authorizer's appid, `wx` and 16 hex digits")


class ConfirmFileOutputs(ConfirmFileInputs):
    """The inputs, and the file that every webview domain serves at its root."""

    file_name: Text = Field(default="", description="ten letters or digits and `.txt`; case matters")
    file_content: Text = Field(default="", description="32 lower-case hex digits")


class _Resource(_Stored):
    urn: str
    id: str = Field(description="the appid")


class WebviewDomainsResource(_Resource):
    """One `MiniProgramWebviewDomains` in `deployment.resources` of a stack export."""

    type: str = Field(json_schema_extra={"enum": list[JsonValue](sorted(WEBVIEW_DOMAINS))})
    inputs: WebviewDomainsInputs
    outputs: WebviewDomainsOutputs


class ConfirmFileResource(_Resource):
    """One `MiniProgramConfirmFile` in `deployment.resources` of a stack export."""

    type: str = Field(json_schema_extra={"enum": list[JsonValue](sorted(CONFIRM_FILE))})
    inputs: ConfirmFileInputs
    outputs: ConfirmFileOutputs


class _Untitled(GenerateJsonSchema):
    """Leaves out titles that only repeat a field's name."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        """Set none."""
        return False


def state_schema() -> dict[str, Any]:
    """Return the JSON Schema of one resource of this provider in a stack export."""
    resources: TypeAdapter[WebviewDomainsResource | ConfirmFileResource] = TypeAdapter(
        WebviewDomainsResource | ConfirmFileResource
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pulumi-wechat-miniprogram:state:{SCHEMA_VERSION}",
        "title": "Resources of pulumi-wechat-miniprogram in `deployment.resources` of a stack export",
        **resources.json_schema(schema_generator=_Untitled),
    }
