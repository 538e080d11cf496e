"""One stack of the fleet: the Mini Programs that the manifest puts into it."""

import pulumi
from manifest import read_fleet

import pulumi_wechat_miniprogram as wechat

for app in read_fleet().apps_of(pulumi.get_stack()):
    wechat.MiniProgramWebviewDomains(
        app.appid,
        appid=app.appid,
        domains=app.domains,
        mode=app.mode,
        overwrite_existing=app.overwrite_existing,
        allow_mass_removal=app.allow_mass_removal,
    )
