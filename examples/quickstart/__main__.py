"""The webview domains of one Mini Program: inputs, outputs, and what waits for a release."""

import pulumi

import pulumi_wechat_miniprogram as wechat

APPID = "wx0123456789abcdef"

confirm_file = wechat.MiniProgramConfirmFile("confirm-file", appid=APPID)

shop = wechat.MiniProgramWebviewDomains(
    "shop",
    appid=APPID,
    domains=["https://shop.example.com", "pay.example.com"],
    opts=pulumi.ResourceOptions(depends_on=[confirm_file]),
)

pulumi.export("serve at", confirm_file.url_for("pay.example.com"))
pulumi.export("domains", shop.domains)
pulumi.export("effective", shop.effective_domains)
pulumi.export("pending", shop.pending_domains)
pulumi.export("release required", shop.release_required)
