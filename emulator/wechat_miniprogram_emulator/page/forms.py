"""What the page's forms and links send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from wechat_miniprogram_emulator.edits import WAYS, Edit
from wechat_miniprogram_emulator.faults import FaultRule
from wechat_miniprogram_emulator.strict import Appid, Strict

EFFECTS = {
    "errcode": "answer with this errcode",
    "http_status": "answer with this HTTP status and a page",
    "body": "answer with this text",
    "cut before": "cut before the call takes effect",
    "cut after": "cut after the call took effect",
    "truncate": "cut after this many bytes of the answer",
    "slow_body": "pause this many seconds within the answer",
    "": "only the delay or content type below",
}
FREE = ("path", "action", "appid", "skip", "probability", "seed", "delay", "content_type", "errmsg")
EMPTY = {"effect": "errcode", "value": "", "times": "1", "apply": "", **dict.fromkeys(FREE, "")}
CHANGES = ("add", "remove")
EDITORS = {by: way.editor for by, way in WAYS.items()}
NO_EDIT = {"change": "add", "domain": "", "by": "other"}

_Number = Annotated[int, Field(ge=1, lt=2**63)]


class Query(Strict):
    """What the page is asked to show, and what was done before."""

    q: str = ""
    page: Annotated[int, Field(ge=1, lt=2**31)] = 1
    app: Appid | None = None
    arm: Appid | None = None
    before: _Number | None = None
    done: str | None = None


class ArmedFault(Strict):
    """Which fault to disarm."""

    number: _Number


def fault_rule(form: Mapping[str, str]) -> FaultRule:
    """Read a fault from its form; what is left empty is left out, and an empty `times` is forever.

    Raises:
        ValueError: the effect is none of those that the form offers, or the fault is wrong.
    """
    effect = form.get("effect", "")
    if effect not in EFFECTS:
        raise ValueError(f"effect: {effect} is unknown; allowed: {', '.join(filter(None, EFFECTS))}")
    given: dict[str, object] = {name: form[name] for name in FREE if form.get(name)}
    given["times"] = form.get("times") or None
    if effect.startswith("cut "):
        given["cut"] = effect.removeprefix("cut ")
    elif effect:
        given[effect] = form.get("value", "")
    if form.get("apply"):
        given["apply"] = True
    return FaultRule.model_validate(given)


def list_edit(form: Mapping[str, str]) -> Edit:
    """Read an edit of an app's list from its form.

    Raises:
        ValueError: the change is none of those that the form offers, or the edit is wrong.
    """
    change = form.get("change", "")
    if change not in CHANGES:
        raise ValueError(f"change: {change} is unknown; allowed: {', '.join(CHANGES)}")
    domains = [domain] if (domain := form.get("domain", "").strip()) else []
    return Edit.model_validate({"appid": form.get("appid"), "by": form.get("by"), change: domains})
