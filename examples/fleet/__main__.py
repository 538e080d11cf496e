"""One stack of the fleet: the Mini Programs that the manifest puts into it."""

from pathlib import Path

import pulumi

import pulumi_wechat_miniprogram as wechat
from pulumi_wechat_miniprogram.fleet.manifest import read_fleet

for app in read_fleet(Path("fleet.yaml")).stacks[pulumi.get_stack()]:
    wechat.MiniProgramWebviewDomains(
        app.appid,
        appid=app.appid,
        domains=app.domains,
        mode=app.mode,
        overwrite_existing=app.overwrite_existing,
        allow_mass_removal=app.allow_mass_removal,
    )
