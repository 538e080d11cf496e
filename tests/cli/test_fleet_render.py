"""What `fleet` prints: totals first, each change and each cause once."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.cli.fleet.render import render
from pulumi_wechat_miniprogram.exports.planned import Planned
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome

APPIDS = [f"wx{number:016x}" for number in range(40)]
PAY = "https://pay.example.com"


def failing(appid, rid):
    """An app that WeChat refused."""
    return AppFailure(
        appid, f"get for {appid} refused: no (61007, rid {rid}): not authorised\n  Fix it.", 61007, rid
    )


OUTCOMES = [
    Outcome(
        "fleet-00",
        "done",
        4,
        {"update": 2, "create": 1},
        (
            Planned(APPIDS[2], "update", (PAY,), ()),
            Planned(APPIDS[1], "update", (PAY,), ()),
            Planned(APPIDS[0], "create", ("https://a.example.com",), ()),
            Planned(APPIDS[3], "same"),
        ),
    ),
    Outcome("fleet-01", "failed", 40, failures=tuple(failing(each, f"r-{each}") for each in APPIDS)),
    Outcome(
        "fleet-02", "locked", 1, message="locked by another run:\n  process 7\nWait, or `--stack p/fleet-02`."
    ),
    Outcome("fleet-03", "not run", 1),
    Outcome("fleet-04", "not run", 1),
]


def test_text():
    """Forty apps with one cause are one line, and so are apps with one change."""
    assert render("preview", OUTCOMES, "text").splitlines() == [
        "preview: 1 of 5 stacks done, 3 of 47 apps would change: +3 −0 domains, 40 apps failed",
        "",
        "Mini Program         change    domains",
        f"{APPIDS[0]}   new       + https://a.example.com",
        f"{APPIDS[1]}   changed   + https://pay.example.com",
        APPIDS[2],
        "",
        f"40 apps ({', '.join(APPIDS[:3])} and 37 more): "
        f"get for {APPIDS[0]} refused: no (61007, rid r-{APPIDS[0]}): not authorised",
        "  Fix it.",
        "fleet-02 locked: locked by another run:",
        "  process 7",
        "  Wait, or `--stack p/fleet-02`.",
        "2 stacks (fleet-03, fleet-04) not run",
    ]


def test_markdown():
    """A table, in which nothing that WeChat or a manifest says is markup."""
    odd = Outcome(
        "fleet-05",
        "failed",
        1,
        changes=(Planned(APPIDS[9], "odd", removed=("a|b`c",)),),
        message="<b>* @everyone",
    )

    lines = render("up", [OUTCOMES[0], odd], "markdown").splitlines()

    assert lines == [
        "**up: 1 of 2 stacks done, 4 of 5 apps changed: +3 −1 domains**",
        "",
        "| Mini Program | | domains |",
        "|---|---|---|",
        f"| {APPIDS[0]} | new | + `https://a.example.com` |",
        f"| {APPIDS[1]}<br>{APPIDS[2]} | changed | + `https://pay.example.com` |",
        f"| {APPIDS[9]} | odd | − `a\\|bc` |",
        "",
        "- fleet-05 failed: \\<b\\>\\* @&#8203;everyone",
    ]


def test_an_app_that_left_the_manifest_is_counted_too():
    """It changes, and the manifest has no app in its stack any more."""
    removed = Outcome("fleet-00", "done", 0, changes=(Planned(APPIDS[0], "delete", removed=(PAY,)),))

    text = render("preview", [removed], "text")

    assert text.startswith("preview: 1 of 1 stack done, 1 of 1 app would change: +0 −1 domains")


def test_a_comment_has_an_end():
    """What does not fit in a comment on GitHub is counted."""
    changes = tuple(
        Planned(f"wx{number:016x}", "create", (f"https://{'a' * 40}{number}.example.com",))
        for number in range(1000)
    )

    text = render("preview", [Outcome("fleet-00", "done", 1000, changes=changes)], "markdown")

    assert len(text) < 65_536
    shown = text.count("| new |")
    assert f"{1000 - shown} more apps would not fit here; `--format json` has all." in text


def test_json():
    """Totals, then the stacks as the result has them."""
    found = json.loads(render("up", OUTCOMES, "json"))

    assert found["totals"]["apps failed"] == 40
    assert found["totals"]["apps changed"] == 3
    assert [each["stack"] for each in found["stacks"]] == [each.stack for each in OUTCOMES]
    assert found["stacks"][1]["failures"][0]["errcode"] == 61007


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_nothing(form):
    """An empty run has a total too."""
    assert "0 of 0 stacks done" in render("up", [], form)
