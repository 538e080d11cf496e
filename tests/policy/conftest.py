"""Resources as policies see them, and policies called as functions."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.policy.configuration import parse_config
from pulumi_wechat_miniprogram.policy.resources import Resource, make_stack_view, read_declared
from pulumi_wechat_miniprogram.policy.rule import tell
from pulumi_wechat_miniprogram.policy.run import Run

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
TYPE = TOKENS["dynamic"]["webview-domains"]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NOON = datetime(2026, 11, 11, 12, tzinfo=timezone.utc)


def secret(value):
    """A value as the engine sends a secret."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


def props(*domains, **more):
    """Checked inputs, with what a test is about."""
    return {
        "appid": APPID,
        "domains": list(domains),
        "mode": "authoritative",
        "overwrite_existing": False,
        "confirm_file_timeout": 0.0,
        "allow_mass_removal": False,
        **more,
    }


@pytest.fixture(params=TOKENS)
def face(request):
    """One face after the other."""
    return request.param


def spelled(face, held):
    """Properties as a face spells them."""
    return to_wire(held) if face == "native" else held


def declare(*domains, name="shop", protected=False, face="dynamic", **more):
    """A resource as policies see it."""
    held = spelled(face, props(*domains, **more))
    return read_declared(f"urn:{name}", name, held, protected=protected, face=face)


def resource(*domains, name="shop", face="dynamic", **more):
    """A resource at the end of a run."""
    held = spelled(face, props(*domains, **more))
    return Resource(TOKENS[face]["webview-domains"], f"urn:{name}", name, held)


def config_of(rule, **config):
    """A policy's configuration as it is configured."""
    return parse_config(rule, config)


def run_of(*before, at=NOON):
    """A run that has seen some resources."""
    run = Run(lambda: at)
    for declared in before:
        run.note(declared)
    return run


def judge(rule, declared, *before, at=NOON, **config):
    """Violations, and what was not judged, as a person reads them."""
    run = run_of(*before, declared, at=at)
    return _texts(rule, rule.judge(declared, config_of(rule, **config), run))


def judge_stack(rule, *resources, at=NOON, **config):
    """The same at the end of a run."""
    return _texts(
        rule, rule.judge_stack(make_stack_view(resources), config_of(rule, **config), run_of(at=at))
    )


def _texts(rule, findings):
    reported = tell(rule, findings)
    violations = [finding.text.removesuffix(f"\n{rule.steps}") for finding in reported if finding.judged]
    return violations, [finding.text for finding in reported if not finding.judged]
