"""Input of the control plane: unknown fields are errors, and an error is one line of text."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from wechat_miniprogram_emulator.problems import said

_APPID: Final = re.compile(r"^wx[0-9a-f]{16}$")


def _checked_appid(value: str) -> str:
    if not _APPID.fullmatch(value):
        raise ValueError(f'{value!r} is not a valid appid: expected "wx" followed by 16 hexadecimal digits')
    return value


Appid = Annotated[str, Field(json_schema_extra={"pattern": _APPID.pattern}), AfterValidator(_checked_appid)]


class Strict(BaseModel):
    """A value of the control plane that knows all its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_what_is_allowed(cls, value: Any) -> Any:
        names = [str(name) for name in value] if isinstance(value, dict) else []
        unknown = [name for name in names if name not in cls.model_fields]
        if unknown:
            context = {
                "unknown": ", ".join(unknown),
                "allowed": ", ".join(cls.model_fields),
                "below": unknown[:1],
            }
            raise PydanticCustomError("unknown", "unknown: {unknown}; allowed: {allowed}", context)
        return value


def describe(error: ValidationError) -> str:
    """Say in one line which fields are wrong and what they take."""
    return "; ".join(describe_one(detail) for detail in error.errors(include_input=False, include_url=False))


def describe_one(detail: ErrorDetails, whole: str = "body") -> str:
    """Say which field is wrong and what it takes; `whole` names what all fields are in."""
    where = ".".join(map(str, detail["loc"])) or whole
    return f"{where}: {said(detail)}"
