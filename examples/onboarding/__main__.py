"""All that WeChat must know of a new merchant's Mini Program before its first release."""

import pulumi
from web_root import FileAtRoot

import pulumi_wechat_miniprogram as wechat

config = pulumi.Config()
component = config.require("component")
appid = config.require("appid")
platform_host = config.require("platformHost")
merchant_host = config.require("merchantHost")
allow_removal = config.require_bool("allowRemoval")

# The platform's part, once for all merchants.
platform_file = wechat.ThirdPartyPlatformConfirmFile("platform", component_appid=component)
platform_file_at_root = FileAtRoot(
    "platform",
    folder=config.require("webRoot"),
    name=platform_file.file_name,
    content=platform_file.file_content,
)
webviews = wechat.ThirdPartyPlatformWebviewDomains(
    "platform",
    component_appid=component,
    domains=[platform_host],
    allow_removal=allow_removal,
    opts=pulumi.ResourceOptions(
        depends_on=[platform_file_at_root],
        protect=not allow_removal,  # a destroy is refused before it takes the apps' domains
    ),
)
servers = wechat.ThirdPartyPlatformServerDomains(
    "platform",
    component_appid=component,
    domains=[platform_host],
    allow_removal=allow_removal,
    opts=pulumi.ResourceOptions(protect=not allow_removal),
)

# What the merchant's app takes from the platform: the registered channel.
registered_webviews = wechat.MiniProgramWebviewDomains(
    "registered",
    appid=appid,
    channel="registered",
    domains=[platform_host],
    opts=pulumi.ResourceOptions(depends_on=[webviews]),
)
registered_servers = wechat.MiniProgramServerDomains(
    "registered",
    appid=appid,
    channel="registered",
    request=[platform_host],
    socket=[platform_host],
    opts=pulumi.ResourceOptions(depends_on=[servers]),
)

# The merchant's own host: the direct channel, with the app's own confirm file.
app_file = wechat.MiniProgramConfirmFile("merchant", appid=appid)
app_file_at_root = FileAtRoot(
    "merchant", folder=config.require("webRoot"), name=app_file.file_name, content=app_file.file_content
)
own_webviews = wechat.MiniProgramWebviewDomains(
    "merchant",
    appid=appid,
    domains=[merchant_host],
    opts=pulumi.ResourceOptions(depends_on=[app_file_at_root]),
)
own_servers = wechat.MiniProgramServerDomains("merchant", appid=appid, download=[merchant_host])

wechat.MiniProgramPrefetchDomains("merchant", appid=appid, hosts=[platform_host, merchant_host])

pulumi.export("ready for release", appid)
pulumi.export(
    "in force after it",
    pulumi.Output.all(
        registered_webviews.pending_domains,
        own_webviews.pending_domains,
        registered_servers.pending,
        own_servers.pending,
    ),
)
