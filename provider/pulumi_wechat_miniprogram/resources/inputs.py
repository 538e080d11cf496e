"""Inputs as the engine sends them, checked: all reasons together, unknowns passed through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pulumi_wechat_miniprogram.exports.kinds import NAME_KEY, PROVIDER_KEY, SIBLINGS_KEY
from pulumi_wechat_miniprogram.exports.marks import has_unknowns, is_unknown
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import CHANNELS, MODES, WEBVIEW_DOMAINS_INPUTS
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration, Siblings
from pulumi_wechat_miniprogram.lifecycle.domain import (
    InvalidDomains,
    Listed,
    parse_domains,
    read_listed,
)
from pulumi_wechat_miniprogram.lifecycle.plan import empties_list
from pulumi_wechat_miniprogram.lifecycle.refusals import refuse_mass_removal
from pulumi_wechat_miniprogram.lifecycle.state import Recorded
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.problems import as_given
from pulumi_wechat_miniprogram.settings import APPID

FLAGS = ("overwrite_existing", "allow_mass_removal")
_OPERATIONAL = (*FLAGS, "confirm_file_timeout")
_LONGEST_WAIT = 3600.0
_Recorded = TypeVar("_Recorded", bound=Recorded)
_PRIVATE = (PROVIDER_KEY, SIBLINGS_KEY, NAME_KEY)
_DEFAULTS = {field.name: field.default for field in WEBVIEW_DOMAINS_INPUTS if not field.required}


def given_inputs(news: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the program gives, without the notes that travel with it, over the defaults."""
    return {**defaults, **{key: value for key, value in news.items() if key not in _PRIVATE}}


def check_appid(value: object, name: str = "`appid`") -> list[str]:
    """Return what is wrong with an appid, if anything; `name` is how the message calls the value."""
    if is_unknown(value) or (isinstance(value, str) and APPID.fullmatch(value)):
        return []
    return [
        f'{name} {value!r} is not a valid appid: expected "wx" followed by 16 hexadecimal digits '
        "(0-9, a-f), as in wx0123456789abcdef"
    ]


def check_inputs(
    olds: Mapping[str, Any], news: Mapping[str, Any], *, allow_reserved: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the inputs in canonical form and every reason to refuse them.

    A value that the old inputs of the same app hold passes as it is: with `ignore_changes` the engine puts
    them, as a refresh took them from WeChat, in the place of what the program declares.
    """
    inputs = given_inputs(news, _DEFAULTS)
    problems = check_common(inputs)
    if not is_unknown(inputs["confirm_file_timeout"]):
        problems += _check_wait(inputs["confirm_file_timeout"])
        if inputs["channel"] == "registered" and inputs["confirm_file_timeout"]:
            problems.append(
                "`confirm_file_timeout` has no effect in the registered channel: WeChat checked each host "
                "for the platform's confirm file when the host was added to the platform's list"
            )
    stored = stored_list(olds, inputs)
    parse = partial(parse_domains, allow_reserved=allow_reserved)
    inputs["domains"], reasons = check_list("domains", inputs.get("domains"), stored, parse)
    return inputs, problems + reasons


def check_common(inputs: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the inputs that every list of an app's domains has."""
    problems = check_appid(inputs.get("appid"))
    channel = inputs["channel"]
    if is_unknown(channel):
        problems.append(
            "`channel` must be known before the update, because it selects a list: give a plain value"
        )
    elif channel not in CHANNELS:
        problems.append(f'`channel` {channel!r} is neither "direct" nor "registered"')
    return problems + check_modes(inputs, FLAGS)


def check_modes(inputs: Mapping[str, Any], flags: Sequence[str]) -> list[str]:
    """Return what is wrong with `mode`, and with inputs that are true or false."""
    problems = []
    mode = inputs["mode"]
    if not is_unknown(mode) and mode not in MODES:
        problems.append(f'`mode` {mode!r} is neither "authoritative" nor "additive"')
    return problems + check_flags(inputs, flags)


def check_flags(inputs: Mapping[str, Any], flags: Sequence[str]) -> list[str]:
    """Return which inputs are neither true nor false."""
    return [
        f"`{key}` {inputs[key]!r} is neither True nor False"
        for key in flags
        if not is_unknown(inputs[key]) and not isinstance(inputs[key], bool)
    ]


def mass_removal(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """Return the safety valve's text if the new list drops too much of the old one of the same appid."""
    watched = ("appid", "domains", "mode", "allow_mass_removal")
    if any(has_unknowns(inputs[key]) for key in watched) or inputs["allow_mass_removal"]:
        return []
    stored = stored_list(olds, inputs)
    before = known_domains(stored)
    empties = empties_list(inputs["mode"], inputs["domains"]) and stored != []
    dropped = without(before, known_domains(inputs["domains"]))
    refusal = refuse_mass_removal(inputs["appid"], before, dropped, empties=empties)
    return [refusal.text] if refusal else []


def recorded_inputs(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that guide an operation, for the outputs: a change of only these is not a diff."""
    return {key: props.get(key, _DEFAULTS[key]) for key in _OPERATIONAL}


def to_declaration(inputs: Mapping[str, Any]) -> Declaration:
    """Parse checked inputs, none of them unknown."""
    return Declaration(
        appid=inputs["appid"],
        domains=tuple(map(read_listed, inputs["domains"])),
        mode=inputs["mode"],
        overwrite_existing=inputs["overwrite_existing"],
        allow_mass_removal=inputs["allow_mass_removal"],
        confirm_file_timeout=float(inputs["confirm_file_timeout"]),
        name=inputs.get(NAME_KEY, ""),
        channel=inputs.get("channel", "direct"),
    )


def to_recorded(id_: str, outputs: Mapping[str, Any]) -> Recorded:
    """Parse stored outputs; what an older state lacks is empty, and the appid is the id.

    Raises:
        UserError: the state is damaged, so nobody knows what the resource may remove.
    """
    props = Properties(outputs)
    return undamaged(props.recorded(id_), props)


def undamaged(recorded: _Recorded, props: Properties) -> _Recorded:
    """Return what was read of the properties. Raises as `to_recorded` does."""
    if props.gaps:
        faults = ", ".join(f"`{gap.path}` {gap.fault or 'cannot be read'}" for gap in props.gaps)
        raise UserError(
            f"the state of {recorded.appid} is damaged: {faults}",
            "Correct it with `pulumi state edit`, then run the same command again",
        )
    return recorded


def to_siblings(
    news: Mapping[str, Any], read: Callable[[str], Listed] = read_listed, *, account: str = "appid"
) -> Siblings:
    """Parse what the program says of its other resources for the same app, if it does.

    A transform may have changed the appid since: then only the name in the note still applies.
    """
    note = news.get(SIBLINGS_KEY)
    if not isinstance(note, Mapping) or has_unknowns(note):
        return Siblings(stated=note is not None)
    if note["appid"] != news.get(account):
        return Siblings(note["name"], anywhere=frozenset(note["anywhere"]), failed=note["failed"])
    siblings = _siblings_of(note, read)
    beside = note.get("beside")
    return replace(
        siblings,
        name=note["name"],
        failed=note["failed"],
        beside=_siblings_of(beside, read) if beside else None,
    )


def _siblings_of(note: Mapping[str, Any], read: Callable[[str], Listed]) -> Siblings:
    others = {name: frozenset(map(read, domains)) for name, domains in note["others"].items()}
    return Siblings("", others, frozenset(note["computed"]), frozenset(note["anywhere"]))


def failed_program(appid: str, dropped: Sequence[Listed]) -> list[str]:
    """Return why nothing may be removed after a program that did not come to its end."""
    if not dropped:
        return []
    return [
        "the program ended with an error before it had declared all of its resources, so "
        f"{', '.join(dropped)} of {appid} cannot be removed: another resource may declare it. "
        "Fix the program's error, then run the same command again"
    ]


def known_domains(domains: object, read: Callable[[str], Listed] = read_listed) -> list[Listed]:
    """Return the canonical form of what is known of a list."""
    if isinstance(domains, str) or not isinstance(domains, Sequence):
        return []
    return [read(item) for item in domains if isinstance(item, str)]


def without(before: Sequence[Listed], declared: Sequence[Listed]) -> list[Listed]:
    """Return what of an old list is not declared."""
    left = frozenset(declared)
    return [key for key in before if key not in left]


def stored_list(
    olds: Mapping[str, Any], inputs: Mapping[str, Any], name: str = "domains", *, account: str = "appid"
) -> list[str] | None:
    """Return an old list if it is one of the same app."""
    if olds.get(account) != inputs.get(account) or not isinstance(olds.get(name), list):
        return None
    return [item for item in olds[name] if isinstance(item, str)]


def _check_wait(value: object) -> list[str]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _LONGEST_WAIT:
        return []
    return [
        f"`confirm_file_timeout` must be a number of seconds from 0 to {_LONGEST_WAIT:g}, not "
        f"{as_given(value)!r}"
    ]


def check_list(
    name: str,
    value: object,
    stored: Sequence[str] | None,
    parse: Callable[[Sequence[object]], Sequence[str]],
) -> tuple[object, list[str]]:
    """Return the canonical form of a list that an input declares, and why it is refused."""
    if is_unknown(value):
        return value, []
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value, [f"`{name}` is not a list of domains"]
    known = [item for item in value if not is_unknown(item)]
    if known == stored and len(known) == len(value):
        return value, []
    ours = [item for item in known if item in (stored or ())]
    kept = [item for item in ours if not _may_be_declared(item, parse)]
    try:
        parsed = parse([item for item in known if item not in kept])
    except InvalidDomains as error:
        return value, [str(error)]
    canonical = iter(parsed)
    return [item if is_unknown(item) or item in kept else next(canonical) for item in value], []


def _may_be_declared(value: str, parse: Callable[[Sequence[object]], Sequence[str]]) -> bool:
    try:
        parse([value])
    except InvalidDomains:
        return False
    return True
