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
for appid in wechat.list_authorizers():
    seen: wechat.GetWebviewDomainsResult = wechat.get_webview_domains(appid)
    of_kinds: wechat.GetServerDomainsResult = wechat.get_server_domains(appid)
    listed: list[str] = seen.domains + of_kinds.effective_domains["request"]
    root: wechat.GetConfirmFileResult = wechat.get_confirm_file(appid)
apps: pulumi.Output[list[str]] = wechat.list_authorizers_output()
later: pulumi.Output[wechat.GetWebviewDomainsResult] = wechat.get_webview_domains_output(file.appid)
lists: pulumi.Output[wechat.GetServerDomainsResult] = wechat.get_server_domains_output("wx0123456789abcdef")
content: pulumi.Output[str] = wechat.get_confirm_file_output(file.appid).apply(
    lambda found: found.file_content
)
