"""Removals while changes are frozen, by a clock that the tests move."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.policy import FREEZE
from pulumi_wechat_miniprogram.policy.freeze import read_baseline
from pulumi_wechat_miniprogram.policy.resources import ListKey
from pulumi_wechat_miniprogram.policy.run import Run
from tests.exports.stacks import secret as shown_secret
from tests.policy.conftest import (
    APPID,
    NOON,
    OTHER,
    TYPE,
    UNKNOWN,
    declare,
    judge,
    judge_stack,
    props,
    resource,
    spelled,
)

A, B, C = (f"https://{name}.example.com" for name in "abc")
FROZEN = {"frozen": True, "keep": {APPID: [A, B]}}


def test_an_authoritative_list_that_lacks_a_frozen_domain_is_a_violation():
    """One that was put beside them is none."""
    assert judge(FREEZE, declare(A, C), **FROZEN) == (
        [
            f"{B} of {APPID} would be removed, and removals are frozen: shop does not declare what the baseline contains."
        ],
        [],
    )
    assert judge(FREEZE, declare(A, B, C), **FROZEN) == ([], [])


def test_many_domains_are_counted():
    """A message is for reading."""
    keep = {APPID: [f"h{number}.example.com" for number in range(7)]}

    (violation,), _ = judge(FREEZE, declare(), frozen=True, keep=keep)

    assert violation.startswith("https://h0.example.com, ")
    assert " https://h4.example.com and 2 more of " in violation


@pytest.mark.parametrize(
    ("moment", "frozen"),
    [
        (NOON - timedelta(seconds=1), False),
        (NOON, True),
        (NOON + timedelta(hours=1, seconds=-1), True),
        (NOON + timedelta(hours=1), False),
    ],
)
def test_the_window_begins_and_ends(moment, frozen):
    """From is in it, until is not."""
    window = {
        "from": NOON.isoformat(),
        "until": (NOON + timedelta(hours=1)).isoformat(),
        "keep": {APPID: [A]},
    }

    violations, _ = judge(FREEZE, declare(), at=moment, **window)
    at_the_end, _ = judge_stack(FREEZE, at=moment, **window)

    assert (bool(violations), bool(at_the_end)) == (frozen, frozen)


def test_the_message_says_until_when():
    """In the zone in which it was configured."""
    until = {"until": "2026-11-12T00:00:00+08:00", "keep": {APPID: [A]}}

    (violation,), _ = judge(FREEZE, declare(), **until)

    assert "removals are frozen until 2026-11-12T00:00:00+08:00: " in violation


def test_the_clock_of_a_pack_has_a_zone():
    """A window is compared with a moment, not with a wall clock."""
    assert Run().clock().utcoffset() == timedelta(0)


def test_a_begin_alone_is_frozen_from_then_on():
    """Until somebody takes it out."""
    begin = {"from": "2026-11-01T00:00:00Z", "keep": {APPID: [A]}}

    (violation,), _ = judge(FREEZE, declare(), **begin)

    assert "removals are frozen: " in violation


@pytest.mark.parametrize("field", ["appid", "mode", "domains"])
def test_an_unknown_list_is_not_judged(field):
    """It may hold what is missing; the update knows before it writes."""
    violations, open_ends = judge(FREEZE, declare(A, **{field: UNKNOWN}), **FROZEN)

    assert (violations, [text.partition(" of ")[0] for text in open_ends]) == ([], [f"`{field}`"])


def test_additive_lists_are_judged_together_at_the_end():
    """A domain may move from one to the other."""
    first, second = resource(A, name="x", mode="additive"), resource(B, name="y", mode="additive")

    assert judge(FREEZE, declare(A, mode="additive"), **FROZEN) == ([], [])
    assert judge_stack(FREEZE, second, first, **FROZEN) == ([], [])
    assert judge_stack(FREEZE, first, **FROZEN) == (
        [
            f"{B} of {APPID} would be removed, and removals are frozen: no resource of this appid declares them any "
            "more."
        ],
        [],
    )


def test_a_resource_that_is_gone_is_seen_at_the_end():
    """No policy is asked about a resource that left the program."""
    assert judge_stack(FREEZE, resource(A, appid=OTHER), **FROZEN) == (
        [
            f"{A}, {B} of {APPID} would be removed, and removals are frozen: no resource declares this appid any more."
        ],
        [],
    )


def test_an_authoritative_list_is_not_judged_twice():
    """It was judged before the write."""
    assert judge_stack(FREEZE, resource(A), **FROZEN) == ([], [])


def test_an_unknown_resource_may_be_the_missing_one():
    """At the end of a preview too much may be open."""
    violations, open_ends = judge_stack(FREEZE, resource(A, B, mode="additive", appid=UNKNOWN), **FROZEN)

    assert violations == []
    assert open_ends == [
        "`appid` of shop is known only during the update: not checked in this preview, but in the update, "
        "at its end, after its writes."
    ]


def test_what_was_reported_before_is_not_repeated():
    """An authoritative list was named when it was registered."""
    assert judge_stack(FREEZE, resource(A, B, appid=UNKNOWN), **FROZEN) == ([], [])


def test_an_additive_list_is_reported_at_the_end_only():
    """That is when it is judged."""
    assert judge(FREEZE, declare(A, UNKNOWN, mode="additive"), **FROZEN) == ([], [])


def export(*entries):
    return json.dumps({"version": 3, "deployment": {"resources": list(entries)}})


def entry(name, inputs, **more):
    return {"urn": f"urn:pulumi:dev::p::{TYPE}::{name}", "type": TYPE, "inputs": inputs, "id": "", **more}


def test_a_baseline_may_be_of_either_face(tmp_path, face):
    """A freeze that began before a move holds after it."""
    path = tmp_path / "export.json"
    token = TOKENS[face]["webview-domains"]
    path.write_text(export(entry("a", spelled(face, props(A)), type=token)), encoding="utf-8")

    assert read_baseline(str(path)).hosts == {ListKey(APPID, "domains"): {"a.example.com"}}
    assert judge_stack(FREEZE, resource(A, mode="additive", face=face), **FROZEN)[0] == [
        f"{B} of {APPID} would be removed, and removals are frozen: no resource of this appid declares them any more."
    ]


def test_a_stack_export_is_a_baseline(tmp_path):
    """Every resource that the stack owns, of ours; the copies that a replacement left are not."""
    path = tmp_path / "export.json"
    path.write_text(
        export(
            {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
            entry("a", props(A, mode="additive")),
            entry("b", props(B, mode="additive")),
            entry("c", props(C), delete=True),
            entry("d", props(C), external=True),
            entry("e", props(C), pendingReplacement=True),
        ),
        encoding="utf-8",
    )

    assert read_baseline(str(path)).hosts == {ListKey(APPID, "domains"): {"a.example.com", "b.example.com"}}
    (violation,), _ = judge(FREEZE, declare(A), frozen=True, baseline=str(path), keep={APPID: [C]})
    assert violation.startswith(f"{B}, {C} of {APPID} would be removed")


def test_a_secret_that_the_export_shows_is_read(tmp_path):
    """The engine's form of a secret is the same in both places."""
    path = tmp_path / "export.json"
    path.write_text(export(entry("a", props(domains=shown_secret([A])))), encoding="utf-8")

    assert read_baseline(str(path)).hosts == {ListKey(APPID, "domains"): {"a.example.com"}}
    assert judge(FREEZE, declare(), frozen=True, baseline=str(path))[0] == [
        f"a secret domain of {APPID} would be removed, and removals are frozen: shop does not declare what the "
        "baseline contains."
    ]


def test_a_secret_appid_of_the_export_is_not_shown(tmp_path):
    """Not in what is said at the end of a run."""
    path = tmp_path / "export.json"
    path.write_text(export(entry("a", props(A, appid=shown_secret(OTHER)))), encoding="utf-8")

    assert judge_stack(FREEZE, frozen=True, baseline=str(path))[0] == [
        f"{A} of an appid that is a secret would be removed, and removals are frozen: no resource declares this "
        "appid any more."
    ]


def test_a_baseline_may_hold_a_subclass(tmp_path):
    """Which the SDK registers under its own type."""
    path = tmp_path / "export.json"
    subclass = entry(
        "a", props(A, __provider=PROVIDERS["webview-domains"]), type="pulumi-python:dynamic:Resource"
    )
    path.write_text(export(subclass), encoding="utf-8")

    assert read_baseline(str(path)).hosts == {ListKey(APPID, "domains"): {"a.example.com"}}


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: gzip.compress(text.encode()),
        lambda text: json.dumps(
            {"version": 3, "checkpoint": {"latest": json.loads(text)["deployment"]}}
        ).encode(),
    ],
    ids=["utf-16", "byte order mark", "gzip", "checkpoint"],
)
def test_a_baseline_is_read_as_the_command_line_reads_it(tmp_path, written):
    """PowerShell writes UTF-16, a backend keeps checkpoints."""
    path = tmp_path / "export.json"
    path.write_bytes(written(export(entry("a", props(A)))))

    assert read_baseline(str(path)).hosts == {ListKey(APPID, "domains"): {"a.example.com"}}


HOW = "Write one with `pulumi stack export --file FILE`"
NO_APP = "contains no Mini Program, so the freeze would protect nothing. "
UNREADABLE = "has no readable appid or domains; name them in `keep`"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", f" is cut off in line 1. {HOW}"),
        ("[]", f" is JSON, but not a stack export: it has no `deployment`. {HOW}"),
        ("\xff", f" is not valid JSON. {HOW}"),
        (export({"type": TYPE}), " is damaged at deployment.resources.0.urn: is missing"),
        (export(entry("a", props(domains="[secret]"))), UNREADABLE),
        (export(entry("a", props(appid=""))), UNREADABLE),
        (export(entry("a", {})), "::a: `appid` is missing, see `wechat-miniprogram schema`"),
        ('{"version": 3, "deployment": {}}', NO_APP),
        (export({"urn": "urn:pulumi:dev::p::a:b:C::c", "type": "a:b:C"}), NO_APP),
        (export(entry("a", props(A), delete=True)), NO_APP),
        ('{"version": 9, "deployment": {}}', " has version 9, but only versions 3 and 4 are supported. "),
    ],
)
def test_a_file_that_tells_nothing_is_refused(tmp_path, text, problem):
    """A freeze over an empty baseline would hold nothing."""
    path = tmp_path / "export.json"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(ValueError, match=re.escape(problem)):
        read_baseline(str(path))


def test_a_missing_file_is_refused(tmp_path):
    """With its path."""
    with pytest.raises(ValueError, match=r"/none\.json cannot be read: No such file or directory$"):
        read_baseline(str(tmp_path / "none.json"))
