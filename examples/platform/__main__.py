"""The platform's own lists come first, then what its Mini Programs take from them."""

import pulumi
from web_root import FileAtRoot

import pulumi_wechat_miniprogram as wechat

APPIDS = ["wx0123456789abcdef", "wxfedcba9876543210"]

config = pulumi.Config()
component = config.require("component")
host = config.require("host")
allow_removal = config.require_bool("allowRemoval")

confirm_file = wechat.ThirdPartyPlatformConfirmFile("confirm-file", component_appid=component)

at_root = FileAtRoot(
    "at-root",
    folder=config.require("webRoot"),
    name=confirm_file.file_name,
    content=confirm_file.file_content,
)

webviews = wechat.ThirdPartyPlatformWebviewDomains(
    "webviews",
    component_appid=component,
    domains=[host],
    allow_removal=allow_removal,
    opts=pulumi.ResourceOptions(
        depends_on=[at_root],  # WeChat looks for the file when a host is added
        protect=not allow_removal,  # a destroy is refused before it takes the apps' domains
    ),
)
servers = wechat.ThirdPartyPlatformServerDomains(
    "servers",
    component_appid=component,
    domains=[host],
    allow_removal=allow_removal,
    opts=pulumi.ResourceOptions(protect=not allow_removal),
)

for appid in APPIDS:
    wechat.MiniProgramWebviewDomains(
        appid,
        appid=appid,
        channel="registered",
        domains=[host],
        opts=pulumi.ResourceOptions(depends_on=[webviews]),  # the platform's list has the host by then
    )
    wechat.MiniProgramServerDomains(
        appid,
        appid=appid,
        channel="registered",
        request=[host],
        socket=[host],
        opts=pulumi.ResourceOptions(depends_on=[servers]),
    )

pulumi.export("served at", confirm_file.url_for(host))
pulumi.export("published", webviews.published_domains)
