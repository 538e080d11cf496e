"""The fleet by this package."""

import json
import os
from importlib import import_module
from pathlib import Path

face = import_module(f"pulumi_wechat_miniprogram{os.environ['FACE']}")
for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
    face.MiniProgramWebviewDomains(app["appid"], appid=app["appid"], domains=app["domains"])
