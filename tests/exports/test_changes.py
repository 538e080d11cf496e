"""What changed between two exports."""

from __future__ import annotations

from pulumi_wechat_miniprogram.exports.changes import AppChange, find_changes
from pulumi_wechat_miniprogram.exports.inventory import take_inventory
from pulumi_wechat_miniprogram.exports.reader import read_export
from tests.exports.stacks import APPID, OTHER, A, B, C, export, resource, secret


def changes(before, now):
    """From resources before to resources now."""
    old, new = (take_inventory([read_export(export(*each), "x.json")]) for each in (before, now))
    return find_changes(old, new)


def test_nothing_changed_is_nothing():
    """Another order does not count as a change, nor does another name."""
    assert changes([resource("shop", A, B)], [resource("store", B, A)]) == ()


def test_domains_come_go_and_come_into_force():
    """A domain that came and is in force immediately counts only as added."""
    (change,) = changes([resource("shop", A, B, effective=[A])], [resource("shop", B, C)])

    assert change == AppChange(
        APPID,
        "changed",
        added=(C,),
        removed=(A,),
        released=(B,),
        modes_before=("authoritative",),
        modes_now=("authoritative",),
    )
    assert not change.mode_changed


def test_apps_come_and_go():
    """Sorted by appid, each with its domains."""
    came = AppChange(OTHER, "new", added=(B,), modes_now=("additive",))
    went = AppChange(APPID, "gone", removed=(A,), modes_before=("authoritative",))

    assert changes([resource("shop", A)], [resource("pay", B, appid=OTHER, mode="additive")]) == (went, came)
    assert not came.mode_changed


def test_another_mode_is_a_change():
    """It decides what an update may remove."""
    (change,) = changes([resource("shop", A)], [resource("shop", A, mode="additive")])

    assert change.mode_changed
    assert (change.added, change.removed) == ((), ())


def test_what_is_encrypted_is_unknown():
    """Nothing is called added or removed by mistake."""
    hidden = resource("shop", A, outputs={"domains": secret()})

    (hides,) = changes([resource("shop", A)], [hidden])
    (shows,) = changes([hidden], [resource("shop", A)])

    assert (hides.unknown, hides.removed) == (True, ())
    assert (shows.unknown, shows.added) == (True, ())


def test_an_undeclared_domain_is_no_change():
    """It is not the program's."""
    assert changes([resource("shop", A)], [resource("shop", A, effective=[A, C])]) == ()
