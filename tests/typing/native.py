"""Never run: mypy and pyright read it as a user's program."""

from __future__ import annotations

import pulumi

from pulumi_wechat_miniprogram import native

acme = native.Provider(
    "acme",
    access_tokens={"wx0123456789abcdef": pulumi.Output.secret("token")},
    access_token_command=["print-token", pulumi.Output.from_input("--quiet")],
    component_appsecret=pulumi.Output.secret("secret"),
    request_timeout=5,
    max_attempts=2,
    on_unauthorized="keep",
    log="debug",
    probe=False,
)
opts = pulumi.ResourceOptions(provider=acme, custom_timeouts=pulumi.CustomTimeouts(create="5m"))
file = native.MiniProgramConfirmFile("file", appid="wx0123456789abcdef", opts=opts)
url: pulumi.Output[str] = file.url_for("https://a.example.com")

shop = native.MiniProgramWebviewDomains(
    "shop",
    appid=file.appid,
    domains=["a.example.com", pulumi.Output.concat("b", ".example.com")],
    mode="additive",
    overwrite_existing=False,
    confirm_file_timeout=300,
    allow_mass_removal=True,
    opts=pulumi.ResourceOptions(import_="wx0123456789abcdef"),
)
pending: pulumi.Output[list[str]] = shop.pending_domains
required: pulumi.Output[bool] = shop.release_required
shared: pulumi.Output[dict[str, list[str]]] = shop.shared_domains

other: native.MiniProgramWebviewDomains = native.MiniProgramWebviewDomains.get("other", shop.appid)
read: native.MiniProgramConfirmFile = native.MiniProgramConfirmFile.get("read", "wx0123456789abcdef", opts)

asked = pulumi.InvokeOptions(provider=acme)
for appid in native.list_authorizers(asked):
    seen: native.GetWebviewDomainsResult = native.get_webview_domains(appid, asked)
later: pulumi.Output[native.GetServerDomainsResult] = native.get_server_domains_output(shop.appid, opts=asked)
