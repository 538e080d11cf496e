"""The JSON document of a drift run: written by one command, read by another and by users' programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from pulumi_wechat_miniprogram.exports.drift import AppDrift, Kind

__all__ = ["DRIFT_FORMAT", "DriftUnreadable", "drift_document", "read_drift"]

DRIFT_FORMAT: Final = 1
"""Raised when a reader has to change, not for a new field."""


class DriftUnreadable(Exception):
    """What was given is no drift document; the text names it and says what to do."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    version: Literal[1]
    apps: tuple[AppDrift, ...]


def drift_document(found: Sequence[AppDrift], kinds: Sequence[Kind]) -> dict[str, Any]:
    """Return the document: how many apps were compared, drifted in one of `kinds`, failed; and each app."""
    failed = sum(bool(app.problem) for app in found)
    return {
        "version": DRIFT_FORMAT,
        "compared": len(found) - failed,
        "drifted": sum(any(app.domains(kind) for kind in kinds) for app in found),
        "failed": failed,
        "apps": [asdict(app) for app in found],
    }


def read_drift(content: bytes, source: str) -> tuple[AppDrift, ...]:
    """Return the apps of a document.

    Raises:
        DriftUnreadable: it is something else.
    """
    try:
        return _Document.model_validate(json.loads(content)).apps
    except (ValueError, RecursionError):  # also what JSON and pydantic raise
        raise DriftUnreadable(
            f"{source} is not what `wechat-miniprogram drift --json` printed; write it again"
        ) from None
