"""Never run: mypy and pyright read it as a user's program."""

from __future__ import annotations

import pulumi

import pulumi_wechat_miniprogram as wechat

file = wechat.MiniProgramConfirmFile("file", appid="wx0123456789abcdef")
url: pulumi.Output[str] = file.url_for("https://a.example.com")
name: pulumi.Output[str] = file.file_name

shop = wechat.MiniProgramWebviewDomains(
    "shop",
    appid=file.appid,
    domains=["a.example.com", pulumi.Output.concat("b", ".example.com")],
    mode="additive",
    overwrite_existing=False,
    confirm_file_timeout=300,
    allow_mass_removal=True,
    opts=pulumi.ResourceOptions(protect=True),
)
declared: pulumi.Output[list[str]] = shop.domains
pending: pulumi.Output[list[str]] = shop.pending_domains
required: pulumi.Output[bool] = shop.release_required
hosts = wechat.MiniProgramServerDomains(
    "hosts",
    appid=file.appid,
    request=["api.example.com", pulumi.Output.concat("b", ".example.com")],
    udp=[],
    mode="authoritative",
)
calls: pulumi.Output[list[str] | None] = hosts.request
waiting: pulumi.Output[dict[str, list[str]]] = hosts.pending
writes: pulumi.Output[int] = hosts.writes
version: str = wechat.__version__
