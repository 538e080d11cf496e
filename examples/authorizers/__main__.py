"""A domain of the platform on every Mini Program that authorises it: a new one gets it in the next `up`."""

import pulumi

import pulumi_wechat_miniprogram as wechat

domain = pulumi.Config().require("domain")
apps = wechat.list_authorizers()  # an error if the list cannot be read or is empty

for appid in apps:
    wechat.MiniProgramWebviewDomains(
        appid,
        appid=appid,
        domains=[domain],
        mode="additive",  # other domains of the app stay
        opts=pulumi.ResourceOptions(retain_on_delete=True),  # one that left is dropped from the state only
    )

pulumi.export("apps", apps)
