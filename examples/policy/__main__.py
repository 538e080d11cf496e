"""The webview domains of one Mini Program, as policy.json wants them."""

import pulumi

import pulumi_wechat_miniprogram as wechat

shop = wechat.MiniProgramWebviewDomains(
    "pay-shop",
    appid="wx0123456789abcdef",
    domains=["https://shop.example.com", "https://pay.example.com"],
    opts=pulumi.ResourceOptions(protect=True),
)

pulumi.export("pending", shop.pending_domains)
