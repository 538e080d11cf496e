"""What a report on a fleet says, as values."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.drift import AppDrift
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.exports.report import StackLine, State, make_report
from tests.exports.stacks import APPID, OTHER, WEBVIEW_DOMAINS, A, B, C, D, export, resource, urn


def exports(*contents):
    """Exports that were read."""
    return [read_export(content, "x.json") for content in contents]


def at(time, content):
    """An export whose state was written at another time."""
    return read_export(content.replace(b"2026-01-02T03:04:05Z", time.encode()), "x.json")


def test_a_report_of_one_export():
    """Stacks, apps, what waits, what is shared; nothing of drift and changes where nobody asked."""
    content = export(
        resource("shop", A, B, effective=[A]),
        resource("pay", A, C, appid=OTHER),
        pending_operations=[{"resource": {"urn": urn("half"), "type": WEBVIEW_DOMAINS}}],
    )

    report = make_report(exports(content))

    states: dict[State, int] = {"pending": 1, "settled": 1}
    assert report.stacks == (StackLine("shop/dev", "2026-01-02T03:04:05Z", 2, 3, states),)
    assert [(entry.name, entry.appid) for entry in report.entries] == [("pay", OTHER), ("shop", APPID)]
    assert [entry.appid for entry in report.of("pending")] == [APPID]
    assert [(host.domain, host.count) for host in report.shared_hosts] == [(A, 2)]
    assert (report.domains, report.interrupted, report.crowded) == (3, (urn("half"),), ())
    assert (report.mini_programs, report.counts) == (2, {"in-force": 3, "pending": 1})
    assert (report.compared, report.changes, report.since, report.timeline) == (False, None, "", ())


def test_an_app_waits_for_different_reasons():
    """A domain that is pending, one that is undeclared, or only that a release is required."""
    content = export(
        resource("a", A, appid="wx000000000000000a", effective=[]),
        resource("b", A, appid="wx000000000000000b", effective=[A, D], outputs={"release_required": False}),
        resource("c", A, appid="wx000000000000000c", outputs={"release_required": True}),
        resource("d", A, appid="wx000000000000000d"),
    )

    waiting = make_report(exports(content)).of("pending")

    assert [entry.appid[-1] for entry in waiting] == ["a", "b", "c"]


def test_a_domain_near_the_limit_is_highlighted():
    """From 80 of 100 apps on."""
    apps = [resource(f"r{n}", A, *([B] if n < 79 else []), appid=f"wx{n:016x}") for n in range(80)]

    assert [host.domain for host in make_report(exports(export(*apps))).crowded] == [A]


def test_drift_without_anything_to_say_is_left_out():
    """The others stay, also those that failed or left."""
    found = [
        AppDrift(APPID, (), ()),
        AppDrift(OTHER, (), (), extra=(A,)),
        AppDrift("a", (), (), problem="refused"),
        AppDrift("b", (), (), left_platform=True),
    ]

    report = make_report([], drift=found)

    assert {entry.appid for entry in report.entries} == {OTHER, "a", "b"}
    assert [entry.drift for entry in report.of("drifted")] == [found[1]]
    assert [entry.drift for entry in report.of("failed")] == found[2:]
    assert [entry.name for entry in report.of("failed")] == ["a", "b"]


def test_an_app_counts_once_by_what_is_most_urgent():
    """Drift before a failure, a failure before a release."""
    pending = [
        resource(name, A, appid=f"wx000000000000000{name}", effective=[], stack=f"{name}/dev")
        for name in "abcd"
    ]
    found = [
        AppDrift("wx000000000000000d", (), (), extra=(D,), pending=(A,)),
        AppDrift("wx000000000000000b", (), (), problem="refused"),
    ]

    report = make_report(
        exports(*(export(each, stack=each["urn"][-1] + "/dev") for each in pending)), drift=found
    )

    assert [(entry.name, entry.state) for entry in report.entries] == [
        ("a", "pending"),
        ("b", "failed"),
        ("c", "pending"),
        ("d", "drifted"),
    ]
    assert [stack.name for stack in report.stacks] == ["d/dev", "b/dev", "a/dev", "c/dev"]
    assert report.of("settled") == ()


def test_what_wechat_answered_counts_before_the_state():
    """A domain came into force since the last operation; where WeChat was not asked, the state counts."""
    content = export(resource("shop", A, effective=[]), resource("pay", A, appid=OTHER, effective=[]))

    report = make_report(exports(content), drift=[AppDrift(APPID, (), (), time="2026-01-03T00:00:00Z")])

    assert [(entry.name, entry.state) for entry in report.entries] == [
        ("pay", "pending"),
        ("shop", "pending"),
    ]
    assert [entry.name for entry in report.entries if entry.pending] == ["pay"]
    assert report.compared_at == ("2026-01-03T00:00:00Z",)


def test_a_pending_domain_has_an_age():
    """From the first export in a row that shows it pending: by its resource's own time, else the stack's."""
    older = [
        at("2025-11-01T00:00:00Z", export(resource("shop", A, B, C, effective=[A, C]))),
        at("2025-12-01T00:00:00Z", export(resource("shop", A, B, C, effective=[A]))),
    ]
    now = at(
        "2026-01-01T00:00:00.123456789+08:00",
        export(
            resource("shop", A, B, C, D, effective=[], modified="2025-12-31T10:00:00Z"),
            resource("pay", D, appid=OTHER, effective=[], modified="2025-12-25T00:00:00Z"),
        ),
    )

    report = make_report([now], since=older)

    shop, pay = report.of("pending")
    assert [(each.domain, f"{each.since:%m-%d}") for each in shop.pending] == [
        (A, "12-31"),
        (B, "11-01"),
        (C, "12-01"),
        (D, "12-31"),
    ]
    assert [f"{each.since:%m-%d}" for each in pay.pending] == ["12-25"]
    assert report.ages == {"4 weeks or more": 2, "1 to 4 weeks": 0, "1 to 6 days": 1, "less than 1 day": 2}


@pytest.mark.parametrize("times", [(5, 6), (6, 5)])
@pytest.mark.parametrize("stacks", [("a/dev", "a/dev"), ("a/dev", "b/dev")], ids=["one-stack", "two-stacks"])
def test_two_resources_of_a_domain_have_one_age(stacks, times):
    """The greater one."""
    stored = [
        resource(f"r{time}", A, effective=[], modified=f"2025-0{time}-01T00:00:00Z", stack=stack)
        for stack, time in zip(stacks, times, strict=True)
    ]
    contents = {
        stack: export(*(each for each, of in zip(stored, stacks, strict=True) if of == stack), stack=stack)
        for stack in stacks
    }

    assert [each.since and each.since.month for each in make_report(exports(*contents.values())).waiting] == [
        5
    ]


def test_an_age_may_not_be_known():
    """Where no time of the export is one."""
    content = export(resource("shop", A, effective=[]))

    report = make_report([at("yesterday", content)])

    assert [each.since for each in report.waiting] == [None]
    assert (report.as_of, report.ages["not known"]) == (None, 1)


def test_a_timeline_begins_when_every_older_stack_is_known():
    """A point for each day; a stack that is gone counts until the newest day, a new one from its first day."""
    older = [
        at("2025-11-01T00:00:00Z", export(resource("a", A), stack="shop/dev")),
        at("2025-11-03T00:00:00Z", export(resource("b", A, appid=OTHER, effective=[]), stack="pay/dev")),
        at("2025-11-03T10:00:00Z", export(resource("a", A, B), stack="shop/dev")),
    ]
    now = [
        at("2025-11-09T00:00:00Z", export(resource("a", A, effective=[]), stack="shop/dev")),
        at("2025-11-07T00:00:00Z", export(resource("c", A, C, appid="wx000000000000000c"), stack="new/dev")),
    ]

    points = make_report(now, since=older).timeline

    assert [(point.day.day, dict(point.counts)) for point in points] == [
        (3, {"in-force": 2, "pending": 1}),
        (7, {"in-force": 4, "pending": 1}),
        (9, {"in-force": 2, "pending": 1}),
    ]


def test_a_timeline_needs_two_days_and_every_time():
    """Otherwise there is none."""
    content = export(resource("shop", A))

    assert make_report(exports(content), since=exports(content)).timeline == ()
    assert make_report(exports(content), since=[at("yesterday", content)]).timeline == ()


def test_names_come_before_those_of_resources():
    """Also for an app that only the older exports know."""
    old, now = exports(export(resource("gone", A, appid=OTHER))), exports(export(resource("shop", A)))

    report = make_report(now, since=old, names={APPID: "Bakery"})

    assert [entry.name for entry in report.entries] == ["Bakery"]
    assert report.names == {APPID: "Bakery", OTHER: "gone"}


def test_changes_are_those_since_the_older_exports():
    """With the time of the oldest, with which the stack is compared."""
    old = [
        at(f"2026-01-0{day}T03:04:05Z", export(resource("shop", A, *more)))
        for day, more in ((3, [B]), (2, []))
    ]

    report = make_report([at("2026-01-04T03:04:05Z", export(resource("shop", A, B)))], since=old)

    assert [change.added for change in report.changes or ()] == [(B,)]
    assert report.since == "2026-01-02T03:04:05Z"


def test_an_empty_stack_has_a_line():
    """Its name is not known."""
    report = make_report(
        exports(b'{"version": 3, "deployment": {}}'), since=exports(b'{"version": 3, "deployment": {}}')
    )

    assert report.stacks == (StackLine("an empty stack", "", 0, 0, {}),)
    assert (report.changes, report.since) == ((), "")
