"""What the language host runs for every stack of a fleet: the Mini Programs of the file beside it."""

import json
import signal
from pathlib import Path

import pulumi_wechat_miniprogram as wechat

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run that is interrupted must not wait for this program
for app in json.loads(Path("apps.json").read_text(encoding="utf-8")):
    wechat.MiniProgramWebviewDomains(app["appid"], **app)
