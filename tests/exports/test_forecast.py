"""What an up would do, from a state and a new list."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.forecast import NoForecast, forecast
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.lifecycle.plan import Step
from tests.exports.stacks import APPID, OTHER, A, B, C, D, export, resource, secret


def plan(*resources, domains, **more):
    """The forecast for the app."""
    return forecast([read_export(export(*resources), "dev.json")], APPID, domains, **more).plan


def test_an_update_is_the_difference():
    """Against what the state declares; another app's resource does not count."""
    found = plan(resource("shop", A, B), resource("pay", D, appid=OTHER), domains=[B, C])

    assert (found.operation, found.mode, found.existing.spelled) == ("update", "authoritative", (A, B))
    assert found.steps == (Step("add", (C,)), Step("delete", (A,)))


def test_without_a_resource_it_is_a_create():
    """Nothing is known to be live."""
    found = plan(resource("pay", D, appid=OTHER), domains=[A])

    assert (found.operation, found.existing.spelled, found.steps) == ("create", (), (Step("set", (A,)),))


def test_an_additive_resource_removes_what_it_added():
    """What it did not add stays."""
    found = plan(resource("shop", A, B, mode="additive", outputs={"added_domains": [B]}), domains=[])

    assert (found.steps, found.left) == ((Step("delete", (B,)),), (A,))


def test_a_new_mode_counts():
    """As the program will say."""
    found = plan(resource("shop", A, B, mode="additive"), domains=[A], mode="authoritative")

    assert found.steps == (Step("delete", (B,)),)


def test_what_another_resource_of_the_app_declares_is_spared():
    """As in the running operation of a program that declares both."""
    found = plan(resource("shop", A), resource("more", B, mode="additive"), domains=[C], name="shop")

    assert found.steps == (Step("add", (C,)), Step("delete", (A,)))
    assert found.spared == (B,)


@pytest.mark.parametrize(("lifted", "refusals"), [(False, ["mass-removal"]), (True, [])])
def test_the_safety_valve_is_that_of_the_provider(lifted, refusals):
    """Lifted as by the input of this name."""
    found = plan(resource("shop", A), domains=[], allow_mass_removal=lifted)

    assert [refusal.code for refusal in found.refusals] == refusals


@pytest.mark.parametrize("name", [None, "cart"])
def test_one_of_several_resources_has_to_be_named(name):
    """Those that there are stand in the message."""
    with pytest.raises(NoForecast) as ambiguous:
        plan(resource("shop", A), resource("more", B, mode="additive"), domains=[C], name=name)

    assert str(ambiguous.value) == (
        f"{APPID} has 2 resources, shop (shop/dev), more (shop/dev); name one of them with --name"
    )


def test_encrypted_domains_tell_nothing():
    """The way to a readable export is named."""
    with pytest.raises(NoForecast) as sealed:
        plan(resource("shop", A, outputs={"domains": secret()}), domains=[A])

    assert str(sealed.value) == (
        f"domains of {APPID} are encrypted in the export; use one written by `pulumi stack export "
        "--show-secrets`"
    )
