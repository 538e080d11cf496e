"""What the language host runs for every stack of a fleet: the Mini Programs of the file beside it.

An update has a second file with what was checked. It runs under the lock of its stack, and so does this
program: what others have done to the state before that is noticed here, before a resource is registered.
"""

import json
import signal
from pathlib import Path

import pulumi

import pulumi_wechat_miniprogram as wechat

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run that is interrupted must not wait for this program
apps = json.loads(Path("apps.json").read_text(encoding="utf-8"))
checked = Path("checked.json")
if checked.exists():
    from pulumi_wechat_miniprogram.fleet.manifest import App
    from pulumi_wechat_miniprogram.fleet.states import Place, find_change

    place = Place(pulumi.get_project(), pulumi.get_stack())
    found = json.loads(checked.read_text(encoding="utf-8"))
    if change := find_change(place, [App(**app) for app in apps], found):
        raise pulumi.RunError(change)
for app in apps:
    wechat.MiniProgramWebviewDomains(app["appid"], **app)
