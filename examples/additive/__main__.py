"""One team's domains on a Mini Program that several teams share: each runs this in a stack of its own."""

import pulumi

import pulumi_wechat_miniprogram as wechat

config = pulumi.Config()

team = wechat.MiniProgramWebviewDomains(
    "team",
    appid=config.require("appid"),
    domains=config.require_object("domains"),
    mode="additive",
)

pulumi.export("pending", team.pending_domains)
