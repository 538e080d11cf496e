"""What is wrong with a value of the user, in words that fit after its name: "is not a number"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

WORDS: Final[Mapping[str, str]] = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "datetime_from_date_parsing": "must be a time such as 2026-01-31T09:00:00+08:00",
    "datetime_parsing": "must be a time such as 2026-01-31T09:00:00+08:00",
    "dict_type": "must be an object",
    "enum": "must be {expected}",
    "extra_forbidden": "is not a known field",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "has too many digits",
    "int_type": "must be a whole number",
    "json_invalid": "is not valid JSON",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "mapping_type": "must be an object",
    "missing": "is missing",
    "model_type": "must be an object",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be text",
    "timezone_aware": "must have a time zone, such as +08:00",
    "tuple_type": "must be a list",
}
"""By pydantic's name of a problem; what is not here is said in pydantic's words."""


def said(problem: Mapping[str, Any]) -> str:
    """Return what is wrong, of one entry of `ValidationError.errors()`."""
    words = WORDS.get(problem["type"])
    if words is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    return words.format_map({key: as_given(value) for key, value in problem.get("ctx", {}).items()})


def as_given(value: object) -> object:
    """Return a number as people write it: the engine and pydantic make 5.0 of a 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
