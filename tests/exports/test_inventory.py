"""What stacks declare, put together from their exports."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.inventory import by_host, by_release, select, take_inventory
from pulumi_wechat_miniprogram.exports.reader import read_export
from tests.exports.stacks import APPID, OTHER, A, B, C, D, confirm_file, export, resource, secret, urn

DEV, PROD = "shop/dev", "shop/prod"


def inventory(*contents):
    """The inventory of exports."""
    return take_inventory([read_export(content, "x.json") for content in contents])


@pytest.fixture
def two_stacks():
    """An app in one stack, another in two; A is shared, B waits, D is in force though nobody declares it."""
    return inventory(
        export(
            resource("shop", A, B, effective=[A, D]),
            resource("pay", A, appid=OTHER, mode="additive"),
            confirm_file("file"),
        ),
        export(resource("pay", A, C, appid=OTHER, mode="additive", stack=PROD, effective=[]), stack=PROD),
    )


def test_an_app_is_one_row_over_all_stacks(two_stacks):
    """Declared by whom, what is in force, what waits, what nobody declares."""
    shop, pay = two_stacks.apps

    assert (shop.appid, shop.stacks, shop.resources) == (APPID, (DEV,), (urn("shop"),))
    assert (shop.in_force, shop.pending, shop.undeclared) == ((A,), (B,), (D,))
    assert (shop.modes, shop.release_required, shop.sealed) == (("authoritative",), True, False)
    assert shop.confirm_file == "q1l804kl3Y.txt"
    assert (pay.appid, pay.stacks) == (OTHER, (DEV, PROD))
    assert pay.resources == (urn("pay"), urn("pay", stack=PROD))
    assert (pay.in_force, pay.pending, pay.undeclared) == ((A,), (C,), ())


def test_a_host_names_its_apps_stacks_and_resources(two_stacks):
    """The most shared host first, with WeChat's limit beside the count."""
    rows = by_host(two_stacks)

    assert [(row.domain, row.apps, row.count, row.limit) for row in rows] == [
        (A, (APPID, OTHER), 2, 100),
        (B, (APPID,), 1, 100),
        (C, (OTHER,), 1, 100),
        (D, (APPID,), 1, 100),
    ]
    assert rows[0].stacks == (DEV, PROD)
    assert rows[0].resources == (urn("shop"), urn("pay"), urn("pay", stack=PROD))
    assert [row.pending for row in rows] == [(), (APPID,), (OTHER,), ()]


def test_what_waits_comes_first(two_stacks):
    """Pending, then undeclared, then in force; by appid and domain within."""
    rows = by_release(two_stacks)

    assert [(row.release, row.appid, row.domain) for row in rows] == [
        ("pending", APPID, B),
        ("pending", OTHER, C),
        ("undeclared", APPID, D),
        ("in-force", APPID, A),
        ("in-force", OTHER, A),
    ]
    assert [row.resources for row in rows] == [
        (urn("shop"),),
        (urn("pay", stack=PROD),),
        (),
        (urn("shop"),),
        (urn("pay"), urn("pay", stack=PROD)),
    ]


def test_encrypted_domains_leave_no_wrong_figure():
    """What is in force cannot be called undeclared when the declaration is not known."""
    (row,) = inventory(export(resource("shop", A, outputs={"domains": secret()}))).apps

    assert (row.sealed, row.in_force, row.pending, row.undeclared) == (True, (), (), ())


def test_an_app_in_both_modes_names_both():
    """Which is a mistake that the inventory shows."""
    (row,) = inventory(export(resource("a", A, mode="additive"), resource("b", B))).apps

    assert row.modes == ("authoritative", "additive")


@pytest.mark.parametrize(
    ("filters", "apps", "domains"),
    [
        ({}, [APPID, OTHER], [A, B, D, A, C]),
        ({"appid": OTHER}, [OTHER], [A, C]),
        ({"appid": "wx0*"}, [APPID], [A, B, D]),
        ({"host": "a.example.com"}, [APPID, OTHER], [A, A]),
        ({"host": "https://C.example.com"}, [OTHER], [C]),
        ({"host": "?.example.com", "release": "pending"}, [APPID, OTHER], [B, C]),
        ({"release": "undeclared"}, [APPID], [D]),
        ({"appid": OTHER, "release": "undeclared"}, [], []),
    ],
)
def test_filters_keep_what_matches(two_stacks, filters, apps, domains):
    """Together; an app without a match is gone."""
    found = select(two_stacks, **filters)

    assert [app.appid for app in found.apps] == apps
    assert [listing.domain for listing in found.listings] == domains


def test_an_app_without_domains_is_kept_unless_a_domain_is_asked_for():
    """An additive resource may list nothing."""
    empty = inventory(export(resource("shop", mode="additive")))

    assert [app.appid for app in select(empty, appid=APPID).apps] == [APPID]
    assert select(empty, appid=OTHER).apps == ()
    assert select(empty, host="a*").apps == ()
