"""The fleet by this package."""

import json
from pathlib import Path

from pulumi_wechat_miniprogram import MiniProgramWebviewDomains

for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
    MiniProgramWebviewDomains(app["appid"], appid=app["appid"], domains=app["domains"])
