"""Drift as Markdown and as metrics."""

from __future__ import annotations

from pulumi_wechat_miniprogram.exports.drift import AppDrift, Comparison
from pulumi_wechat_miniprogram.exports.drift_formats import as_markdown, as_metrics
from tests.exports.stacks import APPID, OTHER, A, B, urn

TIME = "2026-01-31T06:00:00Z"
APPS = Comparison.of(
    [
        AppDrift(APPID, (), (urn("shop"),), extra=('"a\\b"\n', A), pending=(B,), time=TIME, seconds=0.25),
        AppDrift(OTHER, (), (urn("pay"),), problem="refused\n  Do this.", time=TIME),
        AppDrift("wx0000000000000000", (), (), left_platform=True, time=TIME),
    ],
    ["missing", "extra"],
)


def test_metrics_are_gauges_in_openmetrics():
    """Each family in one piece, values escaped once for a line and once for a label, and an end."""
    assert as_metrics(APPS).splitlines() == [
        "# TYPE wechat_miniprogram_drift_apps gauge",
        "# HELP wechat_miniprogram_drift_apps Mini Programs by result of the last comparison.",
        'wechat_miniprogram_drift_apps{result="drift"} 1',
        'wechat_miniprogram_drift_apps{result="failed"} 1',
        'wechat_miniprogram_drift_apps{result="in-sync"} 1',
        "# TYPE wechat_miniprogram_drift_app_drifted gauge",
        "# HELP wechat_miniprogram_drift_app_drifted 1 if a Mini Program drifted. Absent if it could not be compared.",
        f'wechat_miniprogram_drift_app_drifted{{appid="{APPID}",declared_by="shop/dev: shop"}} 1',
        'wechat_miniprogram_drift_app_drifted{appid="wx0000000000000000",declared_by=""} 0',
        "# TYPE wechat_miniprogram_drift_app_failed gauge",
        "# HELP wechat_miniprogram_drift_app_failed 1 if a Mini Program could not be compared.",
        f'wechat_miniprogram_drift_app_failed{{appid="{APPID}",declared_by="shop/dev: shop"}} 0',
        f'wechat_miniprogram_drift_app_failed{{appid="{OTHER}",declared_by="shop/dev: pay"}} 1',
        'wechat_miniprogram_drift_app_failed{appid="wx0000000000000000",declared_by=""} 0',
        "# TYPE wechat_miniprogram_drift_app_seconds gauge",
        "# HELP wechat_miniprogram_drift_app_seconds How long the comparison of a Mini Program took.",
        f'wechat_miniprogram_drift_app_seconds{{appid="{APPID}",declared_by="shop/dev: shop"}} 0.25',
        f'wechat_miniprogram_drift_app_seconds{{appid="{OTHER}",declared_by="shop/dev: pay"}} 0',
        'wechat_miniprogram_drift_app_seconds{appid="wx0000000000000000",declared_by=""} 0',
        "# TYPE wechat_miniprogram_drift_app_timestamp_seconds gauge",
        "# HELP wechat_miniprogram_drift_app_timestamp_seconds When a Mini Program was compared, in seconds since 1970.",
        f'wechat_miniprogram_drift_app_timestamp_seconds{{appid="{APPID}",declared_by="shop/dev: shop"}} 1769839200',
        f'wechat_miniprogram_drift_app_timestamp_seconds{{appid="{OTHER}",declared_by="shop/dev: pay"}} 1769839200',
        'wechat_miniprogram_drift_app_timestamp_seconds{appid="wx0000000000000000",declared_by=""} 1769839200',
        "# TYPE wechat_miniprogram_drift_domain gauge",
        "# HELP wechat_miniprogram_drift_domain 1 for each domain that differs, by kind of difference.",
        f'wechat_miniprogram_drift_domain{{appid="{APPID}",kind="extra",domain="\\"a\\\\b\\"\\\\n"}} 1',
        f'wechat_miniprogram_drift_domain{{appid="{APPID}",kind="extra",domain="{A}"}} 1',
        f'wechat_miniprogram_drift_domain{{appid="{APPID}",kind="pending",domain="{B}"}} 1',
        "# EOF",
    ]


def test_markdown_shows_every_value_as_it_is():
    """No value is a link, a cell or markup; drift comes first, then what failed."""
    _, _, _, _, *rows = as_markdown(APPS).splitlines()

    assert rows == [
        f'| drift | {APPID} | shop/dev: shop | extra "a\\\\b"\\\\n; extra {A}; pending {B} | {TIME} | 0.25 |',
        f"| failed | {OTHER} | shop/dev: pay | refused | {TIME} | 0 |",
        f"| in-sync | wx0000000000000000 |  | left the third-party platform | {TIME} | 0 |",
    ]


def test_nothing_to_show_is_no_table():
    """The counts alone."""
    assert as_markdown(Comparison.of([], [])) == "**0 Mini Programs compared, 0 with drift, 0 failed**"
