"""Waiting until what is declared is in force, on the emulator, with a clock that is moved."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from pulumi_wechat_miniprogram.exports.inventory import take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.exports.waiting import LONGEST_PAUSE, Outlook, declaring, watch_until_effective
from pulumi_wechat_miniprogram.wechat.tokens import Token
from tests.bench import Bench
from tests.exports.stacks import APPID, OTHER, A, B, C, export, resource, secret, server


class AppTokens:
    """Each app's own token."""

    def fetch(self, appid):
        """Ask each time."""
        return Token(f"emulator-{appid}", seconds=0)


@pytest.fixture
def bench(wechat_emulator):
    """A bench with two apps."""
    bench = Bench(wechat_emulator, AppTokens(), max_attempts=1, on_unauthorized="keep")
    wechat_emulator.seed(OTHER)
    yield bench
    bench.use.close()


class Watch:
    """Waits for some resources or domains; `events` happen in the pauses, one in each."""

    def __init__(self, bench, inventory, seconds=3600.0, events=()):
        """Wait to the end."""
        self.now, self.pauses = 0.0, []
        self.limits: list[float] = []
        self.events = list(events)
        self.outlooks = list(
            watch_until_effective(
                inventory,
                lambda of: bench.use.of(of).observe,
                Pace(2),
                seconds,
                within=self.within,
                clock=lambda: self.now,
                sleep=self.sleep,
            )
        )

    @contextmanager
    def within(self, seconds):
        """Remember how long the calls may take."""
        self.limits.append(seconds)
        yield

    def sleep(self, seconds):
        """Let time pass, and something happen."""
        self.pauses.append(round(seconds, 1))
        self.now += seconds
        if self.events:
            self.events.pop(0)()


def declared(*resources):
    """The inventory of a stack."""
    return take_inventory([read_export(export(*resources), "dev.json")])


def test_it_ends_when_every_declared_domain_is_in_force(bench):
    """Of every list, each change is reported only one time; an app that is done is not asked again."""
    bench.control.seed(APPID, live=[A, B], effective=[A])
    bench.control.seed(OTHER, live=[C])
    bench.control.clear_calls()

    watch = Watch(
        bench,
        declared(resource("shop", A, B), resource("pay", C, appid=OTHER)),
        events=[lambda: None, lambda: bench.control.release(APPID)],
    )

    first, last = (
        {outlook.appid: outlook for outlook in each} for each in (watch.outlooks[:2], watch.outlooks[2:])
    )
    assert first == {APPID: Outlook(APPID, 2, waiting=(B,)), OTHER: Outlook(OTHER, 1)}
    assert last == {APPID: Outlook(APPID, 2)}
    assert [call.appid for call in bench.control.calls()].count(OTHER) == 2
    assert watch.pauses == [5.0, 6.5]


def test_pauses_grow_smoothly_and_end_with_the_time(bench):
    """From five seconds to a minute; calls get the time that is left, or what a look takes."""
    bench.control.seed(APPID, live=[A], effective=[])

    watch = Watch(bench, declared(resource("shop", A)), seconds=600)

    assert watch.outlooks == [Outlook(APPID, 1, waiting=(A,))]
    assert watch.pauses[:4] == [5.0, 6.5, 8.5, 11.0]
    assert max(watch.pauses) == LONGEST_PAUSE
    assert (watch.now, watch.limits[0], watch.limits[-1]) == (600, 600, 5)


def test_no_time_is_one_look(bench):
    """`--timeout 0` asks whether it is so now."""
    bench.control.seed(APPID, live=[A], effective=[])

    assert Watch(bench, declared(resource("shop", A)), seconds=0).pauses == []


def test_a_domain_on_no_list_is_hopeless(bench):
    """No release brings it into force, so nobody waits an hour for it."""
    bench.control.seed(APPID, live=[A], effective=[A])

    watch = Watch(bench, declared(resource("shop", A, B)))

    assert watch.outlooks == [Outlook(APPID, 2, absent=(B,))]
    assert (watch.outlooks[0].hopeless, watch.pauses) == (True, [])


def test_a_domain_of_another_mode_counts_by_what_is_in_force(bench):
    """A domain that only the console lists waits for a release, or is in force."""
    bench.control.seed(APPID, live=[], effective=[A], mp=[A, B])

    (outlook,) = Watch(bench, declaring((APPID,), (A, B)), seconds=0).outlooks

    assert outlook == Outlook(APPID, 2, waiting=(B,))


def test_a_fault_that_may_pass_is_waited_out(bench):
    """It is reported only one time, however often it comes; WeChat's rid differs each time."""
    bench.control.seed(APPID, live=[A])
    bench.control.fault(times=2, errcode=45011)

    watch = Watch(bench, declared(resource("shop", A)))

    assert [(each.passing, each.hopeless, each.in_force) for each in watch.outlooks] == [
        (True, False, False),
        (False, False, True),
    ]
    assert len(watch.pauses) == 2


@pytest.mark.parametrize("errcode", [61003, 48001, 40013])
def test_a_refusal_is_hopeless(bench, errcode):
    """Also of an app that left and is kept in the state."""
    bench.control.fault(times=None, errcode=errcode)

    watch = Watch(bench, declared(resource("shop", A)))

    assert [(each.hopeless, bool(each.problem)) for each in watch.outlooks] == [(True, True)]
    assert watch.pauses == []


def test_domains_that_an_export_hides_are_hopeless(bench):
    """Nothing is asked."""
    bench.control.clear_calls()

    (outlook,) = Watch(bench, declared(resource("shop", outputs={"domains": secret()}))).outlooks

    assert outlook.hopeless
    assert outlook.problem.startswith("its domains are encrypted in the export")
    assert bench.control.calls() == []


def test_server_domains_count_too(bench):
    """With their kind."""
    bench.control.seed(APPID, server={"direct": {"requestdomain": [A]}})

    (outlook,) = Watch(bench, declared(server(request=[A, B])), seconds=0).outlooks

    assert outlook == Outlook(APPID, 2, absent=(f"request {B}",))
