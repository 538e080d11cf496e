"""Live lists against exports, over the emulator."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.drift import AppDrift, find_drift
from pulumi_wechat_miniprogram.exports.inventory import take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.wechat.tokens import Token
from tests.bench import Bench
from tests.exports.stacks import APPID, OTHER, A, B, C, D, export, resource, secret, urn

X = "https://x.example.com"


class AppTokens:
    """Each app's own token."""

    def fetch(self, appid):
        """Ask each time."""
        return Token(f"emulator-{appid}", seconds=0)


@pytest.fixture
def bench(wechat_emulator):
    """A bench with two apps."""
    bench = Bench(wechat_emulator, AppTokens())
    wechat_emulator.seed(OTHER)
    yield bench
    bench.use.close()


def compare(bench, *resources):
    """The drift of each app, by appid."""
    bench.control.clear_calls()
    inventory = take_inventory([read_export(export(*resources), "dev.json")])
    return {
        drift.appid: drift for drift in find_drift(inventory, lambda of: bench.use.of(of).observe, Pace(2))
    }


def test_no_drift_is_two_reads_an_app(bench):
    """And no write."""
    bench.control.seed(APPID, live=[A, B])

    found = compare(bench, resource("shop", B, A))

    assert found == {APPID: AppDrift(APPID, ("shop/dev",), (urn("shop"),))}
    assert bench.calls == ["get", "effective"]


def test_every_kind_of_difference_is_named(bench):
    """Missing in declared order; extra and other modes sorted; pending apart."""
    bench.control.seed(APPID, live=[A, B, C], effective=[A, C, X], mp=[X], third=[D])

    drift = compare(bench, resource("shop", D, A, B, "https://gone.example.com"))[APPID]

    assert drift.missing == (D, "https://gone.example.com")
    assert drift.extra == (C,)
    assert drift.pending == (B,)
    assert drift.other_modes == (D, X)
    assert [kind for kind in ("missing", "extra", "pending", "other-modes") if drift.domains(kind)] == [
        "missing",
        "extra",
        "pending",
        "other-modes",
    ]


def test_a_domain_of_the_console_on_the_live_list_is_no_drift(bench):
    """Where WeChat's `get` shows it too."""
    bench.control.switch(get_returns="all")
    bench.control.seed(APPID, live=[A], mp=[D])

    drift = compare(bench, resource("shop", A))[APPID]

    assert (drift.extra, drift.other_modes) == ((), (D,))


def test_resources_of_one_app_are_compared_together(bench):
    """What one of them declares is not extra for the other; additive ones mind nobody else's domains."""
    bench.control.seed(APPID, live=[A, B, C])
    bench.control.seed(OTHER, live=[A, B, C])

    found = compare(
        bench,
        resource("whole", A),
        resource("part", B, mode="additive"),
        resource("one", A, appid=OTHER, mode="additive"),
    )

    assert found[APPID].extra == (C,)
    assert found[APPID].resources == (urn("whole"), urn("part"))
    assert found[OTHER] == AppDrift(OTHER, ("shop/dev",), (urn("one"),))


def test_what_is_in_force_and_not_declared_is_not_missing(bench):
    """The state's own record of undeclared domains counts for nothing here."""
    bench.control.seed(APPID, live=[A])

    assert not compare(bench, resource("shop", A, effective=[A, D]))[APPID].domains("missing")


def test_a_failing_app_does_not_stop_the_others(bench):
    """It is a result with its problem."""
    bench.control.seed(OTHER, live=[A])
    bench.control.fault(appid=APPID, errcode=45009, times=None)

    found = compare(bench, resource("shop", A), resource("pay", B, appid=OTHER))

    assert found[APPID].problem.startswith(f"get for {APPID} refused: ")
    assert not any(found[APPID].domains(kind) for kind in ("missing", "extra", "pending", "other-modes"))
    assert found[OTHER].missing == (B,)


def test_encrypted_domains_cannot_be_compared(bench):
    """And WeChat is not asked."""
    found = compare(bench, resource("shop", A, outputs={"domains": secret()}))

    assert found[APPID].problem.startswith("its domains are encrypted in the export; use one ")
    assert bench.calls == []


def test_an_app_that_left_the_platform_may_be_passed_over(wechat_emulator):
    """With onUnauthorized: keep it is neither drift nor an error."""
    bench = Bench(wechat_emulator, AppTokens(), on_unauthorized="keep")
    bench.control.fault(errcode=61003, times=None)

    drift = compare(bench, resource("shop", A))[APPID]
    bench.use.close()

    assert (drift.left_platform, drift.problem, drift.missing) == (True, "", ())
