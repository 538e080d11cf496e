"""What a report on a fleet says, as values."""

from __future__ import annotations

from pulumi_wechat_miniprogram.exports.drift import AppDrift
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.exports.report import StackLine, make_report
from tests.exports.stacks import APPID, OTHER, WEBVIEW_DOMAINS, A, B, C, D, export, resource, urn


def exports(*contents):
    """Exports that were read."""
    return [read_export(content, "x.json") for content in contents]


def test_a_report_of_one_export():
    """Stacks, apps, what waits, what is shared; nothing of drift and changes where nobody asked."""
    content = export(
        resource("shop", A, B, effective=[A]),
        resource("pay", A, C, appid=OTHER),
        pending_operations=[{"resource": {"urn": urn("half"), "type": WEBVIEW_DOMAINS}}],
    )

    report = make_report(exports(content))

    assert report.stacks == (StackLine("shop/dev", "2026-01-02T03:04:05Z", 2, 3),)
    assert [app.appid for app in report.apps] == [APPID, OTHER]
    assert [app.appid for app in report.waiting] == [APPID]
    assert [(host.domain, host.count) for host in report.shared_hosts] == [(A, 2)]
    assert (report.domains, report.interrupted, report.crowded) == (3, (urn("half"),), ())
    assert (report.drift, report.changes, report.since) == (None, None, "")


def test_an_app_waits_for_different_reasons():
    """A domain that is pending, one that is undeclared, or only that a release is required."""
    content = export(
        resource("a", A, appid="wx000000000000000a", effective=[]),
        resource("b", A, appid="wx000000000000000b", effective=[A, D], outputs={"release_required": False}),
        resource("c", A, appid="wx000000000000000c", outputs={"release_required": True}),
        resource("d", A, appid="wx000000000000000d"),
    )

    assert [app.appid[-1] for app in make_report(exports(content)).waiting] == ["a", "b", "c"]


def test_a_domain_near_the_limit_stands_out():
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

    assert report.drift == tuple(found[1:])


def test_changes_are_those_since_the_older_exports():
    """With the time of the oldest."""
    old, now = exports(export(resource("shop", A))), exports(export(resource("shop", A, B)))

    report = make_report(now, since=old)

    assert [change.added for change in report.changes or ()] == [(B,)]
    assert report.since == "2026-01-02T03:04:05Z"


def test_an_empty_stack_has_a_line():
    """Its name is not known."""
    report = make_report(
        exports(b'{"version": 3, "deployment": {}}'), since=exports(b'{"version": 3, "deployment": {}}')
    )

    assert report.stacks == (StackLine("an empty stack", "", 0, 0),)
    assert (report.changes, report.since) == ((), "")
