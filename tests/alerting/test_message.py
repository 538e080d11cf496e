"""What an alert says."""

from __future__ import annotations

from pulumi_wechat_miniprogram.alerting.message import alert
from pulumi_wechat_miniprogram.exports.drift import AppDrift, Comparison
from tests.exports.stacks import APPID, OTHER, A, B, C, D, urn

DEFAULT = ["missing", "extra"]


def said(*apps, kinds=DEFAULT, problems=(), limit=10_000):
    """The alert about some apps."""
    return alert(Comparison.of(apps, kinds), kinds, problems, limit)


def test_an_alert_names_the_app_the_domain_and_what_to_do():
    """And how many of how many differ."""
    drifted = AppDrift(APPID, ("shop/dev",), (urn("shop"),), missing=(A,), extra=(B, C), pending=(D,))

    assert said(drifted, AppDrift(OTHER, (), ())) == (
        "Mini Program domains: 1 of 2 differs from what is declared.\n"
        "\n"
        "wx0123456789abcdef (shop/dev: shop)\n"
        "Declared, but not on the live list: https://a.example.com\n"
        "To add it again, run `pulumi refresh`, then `pulumi up`. Otherwise remove it from the program.\n"
        "Added outside Pulumi: https://b.example.com, https://c.example.com\n"
        "To keep it, declare it in the program. To remove it, run `pulumi refresh`, then `pulumi up`."
    )


def test_what_counts_as_drift_is_named_and_nothing_else():
    """As `--fail-on` has it."""
    drifted = AppDrift(APPID, (), (urn("shop"),), missing=(A,), pending=(B,), other_modes=(C,))

    assert said(drifted, kinds=["pending", "other-modes"]).splitlines()[3:] == [
        "Waits for a release: https://b.example.com",
        "Release the Mini Program.",
        "Listed by the WeChat console or another channel only: https://c.example.com",
        "If nobody needs it, remove it there.",
    ]


def test_apps_that_could_not_be_compared_are_named():
    """After those that drifted; nobody knows whether they did."""
    apps = [AppDrift(APPID, (), (urn("shop"),), extra=(A,)), AppDrift(OTHER, (), (), problem="refused")]

    text = said(*apps, problems=[f"{OTHER}: refused\n  Do this."])

    assert text.startswith(
        "Mini Program domains: 1 of 2 differs from what is declared, 1 could not be compared.\n\n" + APPID
    )
    assert text.endswith(f"\n\nNot compared: {OTHER}: refused\n  Do this.")


def test_a_limit_keeps_whole_apps_and_counts_the_others():
    """WeCom takes 2,048 bytes."""
    apps = [AppDrift(f"wx{n:016x}", (), (urn("shop"),), extra=(A,)) for n in range(40)]

    text = said(*apps, limit=2048)

    named = text.count("Added outside Pulumi")
    assert 1700 < len(text.encode()) <= 2048
    assert text.endswith(f"\n\nAnd {40 - named} more: run `wechat-miniprogram drift`.")


def test_a_text_that_just_fits_is_whole():
    """Nothing is kept free for a line that is not needed."""
    app = AppDrift(APPID, (), (urn("shop"),), extra=(A,))
    whole = said(app)

    assert said(app, limit=len(whole)) == whole
    assert said(app, limit=len(whole) - 1).endswith("\n\nAnd 1 more: run `wechat-miniprogram drift`.")


def test_many_domains_are_counted_and_a_live_value_forges_no_line():
    """Live values may be anything."""
    values = tuple(f"https://{n:02}.example.com\nx" for n in range(12))

    line = said(AppDrift(APPID, (), (urn("shop"),), extra=values)).splitlines()[3]

    assert line.startswith(r"Added outside Pulumi: https://00.example.com\nx, ")
    assert line.endswith(" and 2 more")
