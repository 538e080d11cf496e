"""The confirm file goes to the web server's root, then the host goes on WeChat's list."""

import pulumi
from web_root import FileAtRoot

import pulumi_wechat_miniprogram as wechat

config = pulumi.Config()
appid = config.require("appid")
domain = config.require("domain")

confirm_file = wechat.MiniProgramConfirmFile("confirm-file", appid=appid)

at_root = FileAtRoot(
    "at-root",
    folder=config.require("webRoot"),
    name=confirm_file.file_name,
    content=confirm_file.file_content,
)

app = wechat.MiniProgramWebviewDomains(
    "app",
    appid=appid,
    domains=[domain],
    confirm_file_timeout=60,  # a bucket, a CDN or a new certificate may need a moment
    opts=pulumi.ResourceOptions(depends_on=[at_root]),  # WeChat looks for the file when a domain is added
)

pulumi.export("served at", confirm_file.url_for(domain))
pulumi.export("pending", app.pending_domains)
