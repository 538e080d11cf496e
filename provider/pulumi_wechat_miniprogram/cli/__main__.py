"""`python -m pulumi_wechat_miniprogram.cli`, where the script is not on PATH."""

from __future__ import annotations

from pulumi_wechat_miniprogram.cli import main

main()
