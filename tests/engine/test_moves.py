"""Domains that pass from one resource to another, in one `up` or in several: none goes out of force silently."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.state import from_wire
from tests.engine.conftest import APPID, A, B, C, D, both_faces

face = both_faces

ADDITIVE = "MiniProgramWebviewDomains({!r}, appid={!r}, domains={}, mode='additive'{})\n"
SLOW = '''
import time, urllib.request


class _Slow(pulumi.dynamic.ResourceProvider):
    """Something that is done only after a domain has been deleted, if `log` tells where to look for it."""

    def create(self, props):
        return pulumi.dynamic.CreateResult("it", self.done(props))

    def diff(self, _id, olds, news):
        return pulumi.dynamic.DiffResult(changes=(olds["log"], olds["stamp"]) != (news["log"], news["stamp"]))

    def update(self, _id, _olds, news):
        return pulumi.dynamic.UpdateResult(self.done(news))

    def done(self, props):
        for _ in range(200 if props["log"] else 0):
            with urllib.request.urlopen(props["log"]) as answer:
                if b'"delete"' in answer.read():
                    break
            time.sleep(0.05)
        return {**props, "host": "https://d.example.com"}


class Server(pulumi.dynamic.Resource):
    host: pulumi.Output[str]

    def __init__(self, log, stamp):
        super().__init__(_Slow(), "server", {"log": log, "stamp": stamp, "host": None})


server = Server(LOG, STAMP)
'''


def slow(log="", stamp="1"):
    """A resource that is done immediately, or after the first removal that the emulator's log shows.

    Another `stamp` updates it.
    """
    return SLOW.replace("LOG", repr(log)).replace("STAMP", repr(stamp))


def additive(name, *domains, opts=""):
    """A line of a program: one additive resource; `domains` may be expressions in braces."""
    written = ", ".join(item[1:-1] if item.startswith("{") else repr(item) for item in domains)
    return ADDITIVE.format(
        name, APPID, f"[{written}]", f", opts=pulumi.ResourceOptions({opts})" if opts else ""
    )


@pytest.fixture
def common(project, prepare):
    """A project whose `common` has put A, B and C on the list, released and refreshed."""
    project.begin(prepare(project.face, additive("common", A, B, C)))
    project.log = f"{project.control.url}/_emulator/calls"
    return project


@pytest.mark.parametrize("order", [("common", "shop"), ("shop", "common")])
def test_a_move_in_one_update_keeps_the_domain_in_force(common, order):
    """Whichever of the two comes first in the program."""
    lines = {"common": additive("common", A, B), "shop": additive("shop", C)}
    common.program("".join(lines[name] for name in order))

    printed = common.up()

    assert f"{APPID}: {C} stays on the live list, because 'shop' of this stack declares it too" in printed
    assert common.control.writes(APPID) == []
    assert common.control.effective(APPID) == [A, B, C]
    assert "3 unchanged" in common.up()


@pytest.mark.parametrize("first", ["", slow()], ids=["created", "updated"])
def test_a_move_to_a_resource_that_is_checked_much_later(common, first):
    """The receiver depends on something that is created or updated in the same run, as a confirm file may be."""
    common.program(first + additive("common", A, B, C))
    common.up()
    shop = additive("shop", C, opts="depends_on=[server]")
    common.program(slow(common.log) + additive("common", A) + shop)

    common.up()

    assert [call.domains for call in common.control.writes(APPID)] == [(B,)]
    assert common.control.effective(APPID) == [A, C]


def test_a_shared_domain_that_one_resource_drops(common):
    """Declared before, during and after by `shop`, which is checked after a slow web server: it stays."""
    shop = additive("shop", D, C, opts="depends_on=[server]")
    common.program(slow() + additive("common", A, B, C) + shop)
    common.up()
    common.control.release(APPID)
    common.control.clear_calls()
    common.program(slow(common.log) + additive("common", A) + shop)

    common.up()

    assert [(call.action, call.domains) for call in common.control.writes(APPID)] == [("delete", (B,))]
    assert common.control.effective(APPID) == [A, C, D]


def test_a_move_to_a_computed_list_keeps_the_domain_in_force(common):
    """What a list that is not known yet may declare is not removed before its check."""
    common.program(additive("common", A, B, D))
    common.up()
    common.control.release(APPID)
    common.control.clear_calls()
    common.program(slow() + additive("common", A, B) + additive("shop", "{server.host}"))

    printed = common.up()

    assert f"{D} stays on the live list, because 'shop' of this stack declares it too" in printed
    assert common.control.writes(APPID) == []
    assert common.control.effective(APPID) == [A, B, D]


def test_a_move_to_a_computed_appid_is_said_before_and_after(common):
    """Nobody can know that it is the same app: the preview warns, and so does the update."""
    common.program(additive("common", A, B, D))
    common.up()
    common.control.release(APPID)
    common.control.clear_calls()
    shop = additive("shop", D).replace(f"appid={APPID!r}", f"appid=server.host.apply(lambda _: {APPID!r})")
    common.program(slow(common.log) + additive("common", A, B) + shop)

    preview = common.preview()
    printed = common.up()

    assert f"warning: {APPID}: {D} will be removed. The domains of 'shop' are not known yet" in preview
    assert f"{APPID}: {D} was removed earlier in this run" in printed
    assert D in common.control.live(APPID)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_what_was_moved_has_an_owner_afterwards(project, order):
    """Moved in two updates, dropped by its new resource, it is removed; so it is by a destroy."""

    def up(**lists):
        project.program("".join(additive(name, *lists[name]) for name in order if name in lists))
        return project.up()

    up(a=[C, A], b=[B])
    up(a=[C, A], b=[B, C])
    up(a=[A], b=[B, C])
    assert sorted(project.control.live(APPID)) == [A, B, C]
    up(a=[A], b=[B])
    up(a=[A], b=[B])
    assert sorted(project.control.live(APPID)) == [A, B]
    up(a=[A], b=[B, C])
    up(a=[A, C], b=[B, C])
    up(a=[A, C], b=[B])
    project.destroy()
    assert project.control.live(APPID) == []


def test_a_domain_that_the_first_resource_still_declares_is_not_lost_with_it(project):
    """The old resource leaves the program; the new one owns what both declared, and removes it at the end."""
    project.program(additive("a", A, C) + additive("b", B))
    project.up()
    project.program(additive("a", A, C) + additive("b", B, C))
    project.up()
    project.program(additive("b", B, C))
    project.up()
    assert sorted(project.control.live(APPID)) == [B, C]

    project.destroy()

    assert project.control.live(APPID) == []


def test_an_unchanged_run_of_resources_that_share_a_domain_makes_no_call(project):
    """Which resources share what is recorded once."""
    project.program(additive("a", A, C) + additive("b", B, C))
    project.up()
    project.up()
    project.calls()

    assert "3 unchanged" in project.up()

    assert project.calls() == []
    assert from_wire(project.resources()["a"]["outputs"])["shared_domains"] == {C: ["b"]}
    entry = project.resources()["a"]
    assert "__siblings" not in {*entry["inputs"], *entry["outputs"]}
