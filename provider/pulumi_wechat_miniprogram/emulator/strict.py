"""Input of the control plane: unknown fields are errors, and an error is one line of text."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator


class Strict(BaseModel):
    """A value of the control plane that knows all its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_what_is_allowed(cls, value: Any) -> Any:
        names = [str(name) for name in value] if isinstance(value, dict) else []
        unknown = [name for name in names if name not in cls.model_fields]
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; allowed: {', '.join(cls.model_fields)}")
        return value


def describe(error: ValidationError) -> str:
    """Say in one line which fields are wrong and what they take."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_input=False, include_url=False)
    )
