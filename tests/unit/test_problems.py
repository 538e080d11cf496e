"""What is wrong with a value, in our words."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from pulumi_wechat_miniprogram.__about__ import docs_page
from pulumi_wechat_miniprogram.safety.problems import WORDS, said
from wechat_miniprogram_emulator import problems as emulator


class Colour(Enum):
    """Two."""

    RED = "red"
    BLUE = "blue"


class One(BaseModel):
    """Something with a field."""

    field: int


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (bool, "perhaps", "must be true or false"),
        (bool, [], "must be true or false"),
        (float, "soon", "must be a number"),
        (float, [], "must be a number"),
        (Annotated[float, Field(allow_inf_nan=False)], "inf", "must be a finite number"),
        (int, "soon", "must be a whole number"),
        (int, [], "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (int, "9" * 5000, "has too many digits"),
        (Annotated[float, Field(gt=0)], 0, "must be above 0"),
        (Annotated[float, Field(le=300)], 301, "must be at most 300"),
        (Annotated[float, Field(ge=0.5)], 0, "must be at least 0.5"),
        (Annotated[int, Field(lt=3)], 3, "must be below 3"),
        (Literal["a", "b"], "c", "must be 'a' or 'b'"),
        (Colour, "green", "must be 'red' or 'blue'"),
        (str, 5, "must be text"),
        (Annotated[str, Field(pattern="^a$")], "b", "must match ^a$"),
        (Annotated[str, Field(max_length=1)], "ab", "must have at most 1 characters"),
        (Annotated[str, Field(min_length=1)], "", "must have at least 1 characters"),
        (list[int], 5, "must be a list"),
        (tuple[int, ...], 5, "must be a list"),
        (dict[str, int], 5, "must be an object"),
        (One, 5, "must be an object"),
        (One, {}, "is missing"),
        (AwareDatetime, "2026-01-31T09:00:00", "must have a time zone, such as +08:00"),
        (datetime, "tomorrow", "must be a time such as 2026-01-31T09:00:00+08:00"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "List should have at most 1 item"),
    ],
)
def test_what_pydantic_finds_is_said_in_words_of_ours(kind: Any, value: object, text: str) -> None:
    """What is rare is said as pydantic does."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)

    assert said(refused.value.errors()[0]).startswith(text)


def test_the_emulator_has_the_same_words():
    """It imports nothing of the provider."""
    assert emulator.WORDS == WORDS


def test_a_page_of_the_docs_is_named_by_its_address():
    """It lies beside the page that the distribution names."""
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")

    assert f'Documentation = "{docs_page("index")}"' in project
    assert (Path(__file__).parents[2] / "docs/guides/credentials.md").exists()
