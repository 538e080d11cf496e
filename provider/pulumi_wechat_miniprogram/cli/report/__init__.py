"""`report`: a fleet as one HTML file."""

from pulumi_wechat_miniprogram.cli.report.command import report

__all__ = ["report"]
