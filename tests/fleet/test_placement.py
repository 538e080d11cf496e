"""What an update of the fleet would do to live domains that nobody asked for."""

from __future__ import annotations

from pulumi_wechat_miniprogram.fleet.manifest import App, Fleet
from pulumi_wechat_miniprogram.fleet.placement import Held, refusals

APPIDS = [f"wx{number:016x}" for number in range(14)]
FLEET = Fleet(shards=2, apps=[App(appid=APPIDS[0], domains=[])])
HERE = FLEET.stack_of(APPIDS[0])
OTHER = next(stack for stack in FLEET.stacks if stack != HERE)


def test_an_app_in_its_stack():
    """Nothing to refuse."""
    assert refusals(FLEET, [Held(APPIDS[0], HERE, "urn")], allow_removals=False) == []


def test_an_app_in_another_stack():
    """The command moves its state, in any folder."""
    reported = refusals(FLEET, [Held(APPIDS[0], OTHER, "urn")], allow_removals=True)

    assert reported[0].startswith("1 app would move to another stack")
    assert reported[0].endswith("Create each target stack that does not exist yet with `pulumi stack init`:")
    place = "organization/wechat-miniprogram-fleet"
    assert reported[1:] == [f"  pulumi state move --yes --source {place}/{OTHER} --dest {place}/{HERE} 'urn'"]


def test_apps_that_left_the_manifest():
    """Ten are shown; the rest is counted. A stack that left too is never deleted from."""
    lives = [Held(appid, HERE, appid) for appid in APPIDS[1:]]

    reported = refusals(FLEET, lives, allow_removals=False)

    assert reported[0].startswith("13 apps in a stack, but not in the manifest")
    assert reported[1] == f"  {APPIDS[1]} in {HERE}"
    assert reported[-1] == "  and 3 more"
    assert refusals(FLEET, lives, allow_removals=True) == []
    left = refusals(FLEET, [Held(APPIDS[1], "fleet-99", "urn")], allow_removals=True)
    assert left[1] == f"  {APPIDS[1]} in fleet-99: not a stack of the manifest, destroy it separately"
