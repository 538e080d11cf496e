"""Inputs as the engine sends them, checked: every reason at once, unknowns passed through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_wechat_miniprogram.declaration import Declaration
from pulumi_wechat_miniprogram.domain import InvalidDomains, canonical_or_verbatim, parse_domains
from pulumi_wechat_miniprogram.observation import Recorded
from pulumi_wechat_miniprogram.plan import Mode, empties_list, refuse_mass_removal
from pulumi_wechat_miniprogram.settings import APPID

__all__ = [
    "check_appid",
    "check_inputs",
    "is_unknown",
    "mass_removal",
    "operational",
    "same_domains",
    "stored_mode",
    "to_declaration",
    "to_recorded",
]

_MODES = ("authoritative", "additive")
_FLAGS = ("overwrite_existing", "allow_mass_removal")
_OPERATIONAL = (*_FLAGS, "confirm_file_timeout")
_LONGEST_WAIT = 3600.0
_DEFAULTS: Mapping[str, object] = {
    "mode": "authoritative",
    "overwrite_existing": False,
    "confirm_file_timeout": 0.0,
    "allow_mass_removal": False,
}


def is_unknown(value: object) -> bool:
    """Tell whether a value, or anything inside it, is known only after an update."""
    if isinstance(value, (str, float, bool)):  # most values; the SDK's walk costs ten times as much
        return False
    return bool(pulumi.contains_unknowns(value))


def check_appid(value: object) -> list[str]:
    """Return why a value is no appid, if it is none."""
    if is_unknown(value) or (isinstance(value, str) and APPID.fullmatch(value)):
        return []
    return [f"`appid` {value!r} is not an appid: wx and 16 of 0-9a-f, as in wx0123456789abcdef"]


def check_inputs(news: Mapping[str, Any], *, allow_reserved: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the inputs in canonical form and every reason to refuse them."""
    inputs = {**_DEFAULTS, **{key: value for key, value in news.items() if key != "__provider"}}
    problems = check_appid(inputs.get("appid"))
    mode = inputs["mode"]
    if not is_unknown(mode) and mode not in _MODES:
        problems.append(f'`mode` {mode!r} is neither "authoritative" nor "additive"')
    for key in _FLAGS:
        if not is_unknown(inputs[key]) and not isinstance(inputs[key], bool):
            problems.append(f"`{key}` {inputs[key]!r} is neither True nor False")
    if not is_unknown(inputs["confirm_file_timeout"]):
        problems += _check_wait(inputs["confirm_file_timeout"])
    inputs["domains"], reasons = _check_domains(inputs.get("domains"), allow_reserved=allow_reserved)
    return inputs, problems + reasons


def mass_removal(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """Return the safety valve's text if the new list drops too much of the old one of the same appid."""
    watched = ("appid", "domains", "mode", "allow_mass_removal")
    if any(is_unknown(inputs[key]) for key in watched) or inputs["allow_mass_removal"]:
        return []
    same_app = olds.get("appid") == inputs["appid"]
    before = [canonical_or_verbatim(value) for value in olds.get("domains") or ()] if same_app else []
    declared = set(inputs["domains"])
    removed = [key for key in before if key not in declared]
    empties = empties_list(inputs["mode"], inputs["domains"])
    refusal = refuse_mass_removal(inputs["appid"], before, removed, empties=empties)
    return [refusal.text] if refusal else []


def operational(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that cause no call and no diff by themselves; what a state lacks is the default."""
    return {key: props.get(key, _DEFAULTS[key]) for key in _OPERATIONAL}


def stored_mode(outputs: Mapping[str, Any]) -> Mode:
    """Return the mode in a state; an older one has none."""
    mode: Mode = outputs.get("mode") or "authoritative"
    return mode


def same_domains(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Tell whether stored and checked domains mean the same list, whatever the order."""
    stored, declared = set(outputs.get("domains") or ()), set(inputs["domains"])
    return stored == declared or set(map(canonical_or_verbatim, stored)) == declared


def to_declaration(inputs: Mapping[str, Any]) -> Declaration:
    """Parse checked inputs, none of them unknown."""
    return Declaration(
        appid=inputs["appid"],
        domains=tuple(inputs["domains"]),
        mode=inputs["mode"],
        overwrite_existing=inputs["overwrite_existing"],
        allow_mass_removal=inputs["allow_mass_removal"],
        confirm_file_timeout=float(inputs["confirm_file_timeout"]),
    )


def to_recorded(outputs: Mapping[str, Any]) -> Recorded:
    """Parse stored outputs; what an older or partial state lacks is empty."""
    return Recorded(
        appid=outputs["appid"],
        domains=tuple(map(canonical_or_verbatim, outputs.get("domains") or ())),
        mode=stored_mode(outputs),
        effective_domains=tuple(outputs.get("effective_domains") or ()),
        pending_domains=tuple(outputs.get("pending_domains") or ()),
        release_required=bool(outputs.get("release_required")),
        added_domains=tuple(outputs.get("added_domains") or ()),
    )


def _check_wait(value: object) -> list[str]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _LONGEST_WAIT:
        return []
    return [f"`confirm_file_timeout` {value!r} is no number of seconds from 0 to {_LONGEST_WAIT:g}"]


def _check_domains(value: object, *, allow_reserved: bool) -> tuple[object, list[str]]:
    if isinstance(value, pulumi.output.Unknown):
        return value, []
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value, ["`domains` is not a list of domains"]
    known = [item for item in value if not is_unknown(item)]
    try:
        canonical = iter(parse_domains(known, allow_reserved=allow_reserved))
    except InvalidDomains as error:
        return value, [str(error)]
    return [item if is_unknown(item) else next(canonical).origin for item in value], []
