"""Observe, plan, write, observe: over the real client and the emulator, sleeping by a list."""

from __future__ import annotations

import contextlib

import pytest

from pulumi_wechat_miniprogram.lifecycle.declarations import Declarations, Siblings
from pulumi_wechat_miniprogram.lifecycle.reconcile import Drift, HalfDone, Reconciler, Recorded, connect
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused
from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat import errcodes, errors
from pulumi_wechat_miniprogram.wechat.attempts import OPERATION_SECONDS
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable
from tests.bench import APPID, A, B, Bench, C, FailingTokens, RotatingTokens, declare


def test_create_on_a_fresh_app_is_one_set(bench):
    """get, set, effective; everything waits for a release."""
    recorded = bench.use.create(declare(A, B))

    assert bench.calls == ["get", "set", "effective"]
    assert recorded == Recorded(
        APPID, (A, B), pending_domains=(A, B), release_required=True, added_domains=(A, B)
    )


def test_create_adopts_without_a_write(bench):
    """What is live already is taken over; nothing counts as added."""
    bench.control.seed(APPID, live=["https://A.example.com/", B])

    recorded = bench.use.create(declare(B, A))

    assert bench.calls == ["get", "effective"]
    assert recorded == Recorded(APPID, (B, A), effective_domains=(B, A))


def test_a_domain_of_the_console_is_left_alone(bench):
    """One more read tells that only another mode lists it; it is named and neither drift nor removed."""
    bench.control.switch(get_returns="all")
    bench.control.seed(APPID, live=[A], mp=[C])

    created = bench.use.create(declare(A))
    read = bench.use.read(created)
    bench.use.delete(read)

    assert bench.calls == [
        *("get", "effective", "effective", "get", "effective", "get", "effective", "delete", "effective")
    ]
    assert created.effective_domains == (A, C)
    assert (read.domains, read.release_required) == ((A,), False)
    *left, removed = bench.warnings
    assert (
        left
        == [
            f"{APPID}: {C} is only on the list of the WeChat console or of mode one (registered domains), so it "
            "is left unchanged"
        ]
        * 3
    )
    assert removed.startswith(f"{APPID}: {A} was removed from the live list (1 in force until now). ")
    assert bench.control.state(APPID).mp == (C,)


def test_a_declared_domain_that_only_the_console_lists_is_named(bench):
    """It may drop out at the next release."""
    bench.control.switch(get_returns="all")
    bench.control.seed(APPID, mp=[A])

    bench.use.create(declare(A))

    assert bench.warnings == [
        f"{APPID}: {A} is declared, but only on the list of the WeChat console or of mode one (registered "
        "domains), and may drop out at the next release"
    ]


def test_removing_before_the_release_is_warned_of(bench):
    """Both domains are named, and the safe order."""
    created = bench.use.create(declare(A))
    bench.control.release(APPID)

    bench.use.update(created, declare(B))

    assert bench.warnings == [
        f"{APPID}: {A} was removed while {B} waits for the next release of the Mini Program. "
        "Safer: add, release, then remove"
    ]


def test_additive_resources_own_what_they_added(bench):
    """Others' domains are neither drift nor removed; what was there before stays at destroy and is named."""
    bench.control.seed(APPID, live=[A, C])

    created = bench.use.create(declare(A, B, mode="additive"))
    read = bench.use.read(created)
    bench.use.delete(read)

    assert bench.calls == ["get", "add", "effective", "get", "effective", "get", "delete", "effective"]
    assert created == Recorded(
        APPID,
        (A, B),
        mode="additive",
        effective_domains=(A,),
        pending_domains=(B,),
        release_required=True,
        added_domains=(B,),
    )
    assert read == created
    assert bench.control.live(APPID) == [A, C]
    assert bench.warnings == [
        f"{APPID}: {A} stays on the live list, because this resource is not known to have added it",
        f"{APPID}: {B} was removed from the live list. If a resource that this run left out (--target, "
        "--exclude) or that was renamed without an alias still declares one of them, `pulumi up --refresh` "
        "adds it again",
    ]


def test_a_refusal_writes_nothing(bench):
    """Somebody else's domain stops an update before its first write."""
    created = bench.use.create(declare(A))
    bench.control.seed(APPID, live=[A, C])
    bench.control.clear_calls()

    with pytest.raises(PlanRefused):
        bench.use.update(created, declare(A, B))

    assert bench.calls == ["get", "effective"]


@pytest.mark.parametrize("cut", ["before", "after"])
def test_an_ambiguous_write_is_observed_and_never_set_again(bench, cut):
    """After a cut connection the list is read; what is missing is added, what is there is not re-sent."""
    bench.control.fault(action="set", cut=cut)

    recorded = bench.use.create(declare(A, B))

    expected = (
        ["get", "set", "get", "add", "effective"] if cut == "before" else ["get", "set", "get", "effective"]
    )
    assert bench.calls == expected
    assert recorded.added_domains == (A, B)
    assert len(bench.pauses) == 1


@pytest.mark.parametrize(
    ("fault", "pauses"),
    [({"errcode": -1}, 1), ({"http_status": 502}, 1), ({"errcode": 45011}, 1), ({"body": "<html>"}, 1)],
)
def test_a_busy_write_is_observed_and_tried_again(bench, fault, pauses):
    """Gateway faults, -1 and 45011 on a write lead to a fresh observation."""
    bench.control.fault(action="set", **fault)

    bench.use.create(declare(A))

    assert bench.calls == ["get", "set", "get", "add", "effective"]
    assert len(bench.pauses) == pauses
    assert (bench.pauses[0] >= errcodes.MINUTE_PAUSE) == (fault == {"errcode": 45011})


def test_nothing_changed_is_good_once_observed(bench):
    """89019 for a write that is done already ends well."""
    bench.control.fault(action="set", errcode=89019, apply=True)

    bench.use.create(declare(A))

    assert bench.calls == ["get", "set", "get", "effective"]


@pytest.mark.parametrize("mode", ["authoritative", "additive"])
@pytest.mark.parametrize("operation", ["update", "delete"])
def test_a_removal_that_wechat_cannot_find_may_belong_to_the_console(bench, mode, operation):
    """`get` shows a domain that the console took over, 89022 says it is not ours: it is left alone and named."""
    bench.control.switch(get_returns="all", delete_missing="error")
    created = bench.use.create(declare(A, B, mode=mode))
    bench.control.seed(APPID, live=[B], mp=[A])
    bench.control.clear_calls()

    if operation == "update":
        bench.use.update(created, declare(B, mode=mode))
    else:
        bench.use.delete(created)

    assert bench.calls[:4] == ["get", "delete", "get", "effective"]
    assert bench.warnings[0] == (
        f"{APPID}: {A} is only on the list of the WeChat console or of mode one (registered domains), so it "
        "is left unchanged"
    )
    assert bench.control.live(APPID) == ([B] if operation == "update" else [])


def test_a_refresh_names_a_declared_domain_that_only_the_console_lists(bench):
    """As create and update do: it may drop out at the next release."""
    bench.control.switch(get_returns="all")
    created = bench.use.create(declare(A))
    bench.control.seed(APPID, mp=[A])

    assert bench.use.read(created).domains == (A,)
    assert bench.warnings == [
        f"{APPID}: {A} is declared, but only on the list of the WeChat console or of mode one (registered "
        "domains), and may drop out at the next release"
    ]


@pytest.mark.parametrize("use", ["read", "drift"])
def test_the_reads_of_a_refresh_share_one_deadline(wechat_emulator, use):
    """Both calls together stay within the 240 seconds of an operation."""
    bench = Bench(wechat_emulator, max_attempts=10)
    bench.control.seed(APPID, live=[A])
    bench.control.fault(action="get", errcode=45011, times=3)
    bench.control.fault(action="effective", errcode=45011, times=None)

    with pytest.raises(errors.WeChatError, match="45011"):
        getattr(bench.use, use)(Recorded(APPID, ()))

    assert OPERATION_SECONDS - 75 < bench.now <= OPERATION_SECONDS
    bench.client.close()


def test_a_refused_write_says_what_is_live(bench):
    """WeChat's code, text and rid, meaning, remedy, and the list as it was read again."""
    bench.control.trust()

    with pytest.raises(errors.ConfirmFileRejected) as refused:
        bench.use.create(declare(A))

    first, *rest = str(refused.value).splitlines()
    assert first.startswith(f"set of 1 domain for {APPID} refused: check confirmfile fail! (86103, rid ")
    assert rest[-1] == "  The live list was read again: unchanged (0 domains)."
    assert bench.calls == ["get", "set", "get"]


def test_a_half_done_write_names_what_is_live(bench):
    """Where WeChat keeps the good part of a refused write, the message lists it."""
    bench.control.switch(multi_failure="non-atomic")
    bench.control.trust("a.example.com")

    with pytest.raises(HalfDone) as refused:
        bench.use.create(declare(A, B))

    assert isinstance(refused.value.error, errors.ConfirmFileRejected)
    assert refused.value.recorded == Recorded(
        APPID, (A,), pending_domains=(A,), release_required=True, added_domains=(A,)
    )
    assert str(refused.value).endswith(f"The live list was read again: {A}.")


def test_an_unknown_end_is_said(bench):
    """If the list cannot be read after a failed write either, the message says so."""
    bench.control.trust()
    bench.control.fault(action="get", skip=1, times=None, errcode=45009)

    with pytest.raises(errors.ConfirmFileRejected) as refused:
        bench.use.create(declare(A))

    assert "What is live now is not known, because get for" in str(refused.value)


def test_a_write_that_stays_ambiguous_ends(bench):
    """After max_attempts the error says what is live."""
    bench.control.fault(action="add", cut="before", times=None)
    bench.control.fault(action="set", cut="before", times=None)

    with pytest.raises(errors.OutcomeUnknown) as unknown:
        bench.use.create(declare(A))

    assert "unchanged (0 domains)" in str(unknown.value)
    assert bench.calls == ["get", "set", "get", "add", "get", "add", "get", "add", "get"]


def test_a_write_in_doubt_is_named_when_the_list_cannot_be_read(bench):
    """A cut write followed by a failing read tells that the write may have been done."""
    bench.control.fault(action="set", cut="after")
    bench.control.fault(action="get", skip=1, errcode=45009)

    with pytest.raises(errors.WeChatError) as failed:
        bench.use.create(declare(A))

    assert str(failed.value).endswith(
        "A write was sent, but it is not known whether it took effect. Run `pulumi refresh`, then `pulumi "
        "up`."
    )


def test_an_effective_read_that_fails_after_a_write_does_not_fail_it(bench):
    """The last known effective domains stay, a release is required, and a line says so."""
    created = bench.use.create(declare(A))
    bench.control.release(APPID)
    read = bench.use.read(created)
    bench.control.fault(action="effective", times=None, errcode=45009)

    updated = bench.use.update(read, declare(A, B))

    assert (updated.effective_domains, updated.pending_domains, updated.release_required) == (
        (A,),
        (B,),
        True,
    )
    assert bench.warnings[0].startswith(
        f"{APPID}: the domains were written, but the domains in force could not be"
    )


def test_an_effective_read_that_fails_without_a_write_is_an_error(bench):
    """Nothing was written, so nothing is lost by failing."""
    bench.control.seed(APPID, live=[A])
    bench.control.fault(action="effective", times=None, errcode=45009)

    with pytest.raises(errors.WeChatError):
        bench.use.create(declare(A))


def test_reads_are_tried_again(bench):
    """A cut read goes out again by itself, and the next one too."""
    bench.control.fault(action="get", cut="before", times=2)

    bench.use.read(Recorded(APPID, ()))

    assert bench.calls == ["get", "get", "get", "effective"]


@pytest.mark.parametrize("code", [45009, 61007, 89231, 123456])
def test_a_final_code_is_not_tried_again(bench, code):
    """Quota, permission and unknown codes end immediately, typed."""
    bench.control.fault(action="get", errcode=code, errmsg="text", times=None)

    with pytest.raises(errors.WeChatError) as refused:
        bench.use.read(Recorded(APPID, ()))

    assert (refused.value.errcode, bench.calls) == (code, ["get"])


@pytest.mark.parametrize("action", ["set", "add"])
def test_a_rejected_token_is_renewed_once(wechat_emulator, action):
    """With a new token an add goes out again; a set is observed first."""
    good = f"emulator-{APPID}"
    bench = Bench(wechat_emulator, RotatingTokens(good, "stale", good))
    bench.control.seed(APPID, live=[] if action == "set" else [B])

    bench.use.create(declare(A, B))

    again = ["get", "add"] if action == "set" else ["add"]
    shown = [action, *again]
    assert [name for name in bench.calls if name != "effective"] == ["get", *shown]
    bench.client.close()


def test_a_source_that_keeps_a_bad_token_ends(wechat_emulator):
    """The same token again is not tried again."""
    bench = Bench(wechat_emulator, RotatingTokens("bad"))

    with pytest.raises(errors.TokenRejected):
        bench.use.read(Recorded(APPID, ()))

    assert bench.calls == ["get"]
    bench.client.close()


def test_live_drift_is_one_get_for_each_app_until_a_write(bench):
    """Missing and extra domains are named; a second look asks nothing, and a write makes it ask again."""
    created = bench.use.create(declare(A, B))
    bench.control.seed(APPID, live=[B, C])
    bench.control.clear_calls()

    found = bench.use.drift(created)
    again = bench.use.drift(created)

    assert found == again == Drift(missing=(A,), extra=(C,))
    assert bench.calls == ["get", "effective"]
    assert bench.warnings[0] == (
        f"{APPID}: the live list differs from the state: missing {A}; extra {C} (added outside Pulumi: "
        "`pulumi up` refuses to remove it until `pulumi refresh` has recorded it)"
    )
    refreshed = bench.use.read(created)
    updated = bench.use.update(refreshed, declare(A, B))
    bench.control.clear_calls()
    assert not bench.use.drift(updated)
    assert bench.calls == ["get"]


def test_live_drift_after_a_refresh_asks_nothing(bench):
    """The refresh has just observed."""
    created = bench.use.create(declare(A))
    read = bench.use.read(created)
    bench.control.clear_calls()

    assert not bench.use.drift(read)
    assert bench.calls == []
    assert bench.warnings == []


def test_live_drift_of_an_additive_resource_is_what_is_missing(bench):
    """Others' domains are none of its business; an authoritative one of the same app sees them."""
    bench.control.seed(APPID, live=[C])

    found = bench.use.drift(Recorded(APPID, (A,), mode="additive"))

    assert found == Drift(missing=(A,))
    assert bench.use.drift(Recorded(APPID, ())) == Drift(extra=(C,))
    assert bench.warnings[0] == f"{APPID}: the live list differs from the state: missing {A}"
    assert bench.calls == ["get", "effective"]


def test_live_drift_leaves_other_modes_out(bench):
    """One more read tells that only the console lists a domain."""
    bench.control.switch(get_returns="all")
    bench.control.seed(APPID, live=[A], mp=[C])

    assert not bench.use.drift(Recorded(APPID, (A,)))
    assert bench.calls == ["get", "effective"]


def test_live_drift_that_cannot_be_seen_is_an_error(bench):
    """Never a silent "no change"."""
    bench.control.fault(action="get", errcode=45009)

    with pytest.raises(errors.WeChatError, match="45009"):
        bench.use.drift(Recorded(APPID, (A,)))


OFFBOARDED = [43007, 48004, 50002, 61003, 61007, 61023]


@pytest.mark.parametrize("errcode", OFFBOARDED)
def test_an_app_that_left_is_an_error_that_names_the_way_out(bench, errcode):
    """Never "gone": neither refresh nor delete takes it for an empty list."""
    bench.control.fault(errcode=errcode, times=None)
    recorded = Recorded(APPID, (A,))

    keep, forget = "WECHAT_MINIPROGRAM_ON_UNAUTHORIZED=keep", "`pulumi state delete URN`"
    tried = {
        bench.use.read: {keep, forget},
        bench.use.drift: {keep, forget},
        bench.use.delete: {keep},
        lambda _: bench.use.create(declare(A)): {forget},
        lambda known: bench.use.update(known, declare(A, B)): {forget},
    }
    for use, ways in tried.items():
        with pytest.raises(errors.Offboarded) as refused:
            use(recorded)
        text = str(refused.value)
        assert text.startswith(f"get for {APPID} refused: ")
        assert {way for way in (keep, forget) if way in text} == ways
    with pytest.raises(errors.Offboarded):
        bench.use.confirm_file(APPID, ConfirmFile(file_name="a", file_content="b"))


@pytest.mark.parametrize("errcode", OFFBOARDED)
def test_an_app_that_left_may_be_kept(wechat_emulator, errcode):
    """Read returns the state, delete succeeds, each with a warning; create and update still fail."""
    bench = Bench(wechat_emulator, on_unauthorized="keep")
    bench.control.fault(errcode=errcode, times=None)
    recorded = Recorded(APPID, (A,), effective_domains=(A,))
    file = ConfirmFile(file_name="a", file_content="b")

    assert bench.use.read(recorded) == recorded
    assert not bench.use.drift(recorded)
    bench.use.delete(recorded)
    assert bench.use.confirm_file(APPID, file) == file

    assert [line.partition("refused: ")[0] for line in bench.warnings] == [
        *[f"get for {APPID} "] * 3,
        f"read of the confirm file for {APPID} ",
    ]
    assert [line.rpartition(". ")[2] for line in bench.warnings] == [
        "The state is kept unchanged (onUnauthorized: keep)",
        "The live list was not compared (onUnauthorized: keep)",
        "Its domains stay on WeChat's list, and the resource leaves the state (onUnauthorized: keep)",
        "The state is kept unchanged (onUnauthorized: keep)",
    ]
    with pytest.raises(errors.Offboarded):
        bench.use.create(declare(A))
    with pytest.raises(errors.Offboarded):
        bench.use.confirm_file(APPID)
    bench.client.close()


@pytest.mark.parametrize("errcode", OFFBOARDED)
def test_a_refused_platform_says_nothing_about_its_apps(wechat_emulator, errcode):
    """Else one `pulumi destroy` would drop every app from the state when the platform's own account is frozen."""

    class RefusedPlatform:
        """Is refused its own token, as a frozen third-party platform is."""

        def fetch(self, _appid):
            """Fail."""
            call = errors.Call("wxfedcba9876543210", "fetch of the component access token")
            raise errors.wechat_error(call, errcode, "user limited", None)

    bench = Bench(wechat_emulator, RefusedPlatform(), on_unauthorized="keep")
    recorded = Recorded(APPID, (A,))
    file = ConfirmFile(file_name="a", file_content="b")

    for use in (
        bench.use.read,
        bench.use.drift,
        bench.use.delete,
        lambda _: bench.use.observe(APPID),
        lambda _: bench.use.confirm_file(APPID, file),
        lambda _: bench.use.create(declare(A)),
    ):
        with pytest.raises(errors.Offboarded) as refused:
            use(recorded)
        assert "If the app has left" not in str(refused.value)

    assert bench.warnings == []
    bench.client.close()


def test_a_refusal_after_a_part_was_written_says_so(bench):
    """Somebody adds a domain while a refused deletion waits for the next minute."""
    bench.control.seed(APPID, live=[A, B])
    recorded = bench.use.create(declare(A, B))
    bench.control.fault(action="delete", errcode=45011)
    sleep = bench.attempts.sleep

    def seed_and_sleep(seconds):
        bench.control.seed(APPID, live=[*bench.control.live(APPID), "https://x.example.com"])
        sleep(seconds)

    bench.attempts.sleep = seed_and_sleep

    with pytest.raises(HalfDone) as refused:
        bench.use.update(recorded, declare(B, C))

    assert isinstance(refused.value.error, PlanRefused)
    assert str(refused.value).startswith("https://x.example.com on the live list of")
    assert str(refused.value).endswith(
        "\n  Part of this change has been written. Run `pulumi refresh`, then `pulumi up`."
    )


def test_a_read_that_fails_after_a_part_was_written_says_so(bench):
    """The addition is live, and the deletion was to follow a new observation."""
    bench.control.seed(APPID, live=[A, B])
    recorded = bench.use.create(declare(A, B))
    bench.control.fault(action="delete", errcode=45011)
    bench.control.fault(action="get", skip=1, errcode=45009)

    with pytest.raises(HalfDone, match="45009") as failed:
        bench.use.update(recorded, declare(B, C))

    assert bench.control.live(APPID) == [A, B, C]
    assert failed.value.recorded.domains == (A, B, C)
    assert failed.value.recorded.added_domains == (C,)
    assert failed.value.error.facts == (
        "Part of this change has been written. Run `pulumi refresh`, then `pulumi up`.",
    )


def test_retries_end_at_the_deadline(wechat_emulator):
    """Three pauses of a minute fit into the 240 seconds of an operation, a fourth does not."""
    bench = Bench(wechat_emulator, max_attempts=10)
    bench.control.fault(errcode=45011, times=None)

    with pytest.raises(errors.WeChatError, match="45011"):
        bench.use.create(declare(A))

    assert len(bench.pauses) == 3
    assert all(60 <= pause <= 75 for pause in bench.pauses)
    assert len({*bench.pauses}) == 3  # not in step with other threads
    assert bench.now <= OPERATION_SECONDS
    bench.client.close()


def test_the_reads_of_an_operation_share_its_deadline(wechat_emulator):
    """A write that is answered 45011 and the reads after it stay within the 240 seconds together."""
    bench = Bench(wechat_emulator, max_attempts=10)
    bench.control.fault(action="set", errcode=45011, times=None)
    bench.control.fault(action="get", errcode=45011, times=None, skip=1)

    with pytest.raises(errors.WeChatError, match="45011"):
        bench.use.create(declare(A))

    assert OPERATION_SECONDS - 75 < bench.now <= OPERATION_SECONDS
    bench.client.close()


def test_a_refused_number_of_domains_comes_with_the_count(bench):
    """WeChat names no figure."""
    bench.control.seed(APPID, live=[A])
    bench.control.fault(action="add", errcode=89029)

    with pytest.raises(errors.WeChatError, match="1 were live and 2 new; WeChat accepts at most 300."):
        bench.use.create(declare(A, B, C))


class Overtaken(Bench):
    """A bench on which somebody else writes while it sleeps."""

    def sleep(self, seconds):
        """Let the other one write."""
        super().sleep(seconds)
        self.control.seed(APPID, live=[C])


@pytest.mark.parametrize(
    ("fault", "in_doubt"),
    [
        ({"cut": "after"}, True),
        ({"http_status": 502}, True),
        ({"errcode": -1}, True),
        ({"errcode": 89019}, False),
    ],
)
def test_a_refusal_after_a_doubtful_write_says_so(wechat_emulator, fault, in_doubt):
    """Somebody else's write meets ours in doubt: the plan refuses, and the text names the write."""
    bench = Overtaken(wechat_emulator)
    bench.control.fault(action="set", **fault)

    with pytest.raises(PlanRefused) as refused:
        bench.use.create(declare(A))

    assert ("A write was sent, but" in str(refused.value)) == in_doubt
    bench.client.close()


def test_the_confirm_file(bench):
    """Name and content as WeChat gives them."""
    file = bench.use.confirm_file(APPID)

    assert (file.file_name, file.file_content) == (
        bench.control.state(APPID).file_name,
        bench.control.state(APPID).file_content,
    )


def test_connect_to_wechat_opens_no_connection():
    """Without an emulator the endpoint of the settings is used, at the first call."""
    assert isinstance(connect(Settings(), warn=print), Reconciler)


def test_an_emulator_that_is_not_installed_is_a_settings_error(tmp_path, monkeypatch):
    """The message says what to install."""
    import sys  # noqa: PLC0415 - used here alone

    monkeypatch.delitem(sys.modules, "wechat_miniprogram_emulator", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for name in [name for name in sys.modules if name.startswith("wechat_miniprogram_emulator.")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(SettingsError, match=r"pip install 'pulumi-wechat-miniprogram\[emulator\]'"):
        connect(Settings(endpoint=f"emulator:{tmp_path / 'x.db'}"), warn=print)


def test_a_token_lost_after_a_write_does_not_fail_it(wechat_emulator):
    """What is written is written: the outputs say so, and a line says what they cannot tell."""
    bench = Bench(wechat_emulator, FailingTokens(2))

    recorded = bench.use.create(declare(A))

    assert recorded.added_domains == (A,)
    assert bench.warnings == [
        f"{APPID}: the domains were written, but the domains in force could not be read ({APPID}: the source "
        "is gone); run `pulumi refresh` to read them"
    ]
    bench.client.close()


def test_a_token_lost_after_a_refusal_does_not_hide_it(wechat_emulator):
    """The refusal stays the error, with its remedy; that the list could not be read is a line of it."""
    bench = Bench(wechat_emulator, FailingTokens(2))
    bench.control.trust()

    with pytest.raises(errors.ConfirmFileRejected) as refused:
        bench.use.create(declare(A))

    assert str(refused.value).endswith(f"What is live now is not known, because {APPID}: the source is gone.")
    bench.client.close()


def test_a_token_lost_between_two_writes_tells_of_the_first(wechat_emulator):
    """The add is done, the delete is not."""
    bench = Bench(wechat_emulator, FailingTokens(2))
    bench.control.seed(APPID, live=[A])

    with pytest.raises(HalfDone) as lost:
        bench.use.update(Recorded(APPID, (A,)), declare(B))

    assert isinstance(lost.value.error, TokenUnavailable)
    assert str(lost.value) == (
        f"{APPID}: the source is gone\n"
        "  Part of this change has been written. Run `pulumi refresh`, then `pulumi up`."
    )
    assert bench.control.live(APPID) == [A, B]
    bench.client.close()


def test_a_token_lost_after_a_doubtful_write_tells_of_it(wechat_emulator):
    """Whether WeChat took it cannot be read any more."""
    bench = Bench(wechat_emulator, FailingTokens(2))
    bench.control.fault(action="set", cut="after")

    with pytest.raises(TokenUnavailable, match="it is not known whether it took effect"):
        bench.use.create(declare(A))

    bench.client.close()


def test_a_token_lost_before_anything_is_only_that(wechat_emulator):
    """Nothing was sent, and nothing is said of a write."""
    bench = Bench(wechat_emulator, FailingTokens(1))

    with pytest.raises(TokenUnavailable) as lost:
        bench.use.create(declare(A))

    assert str(lost.value) == f"{APPID}: the source is gone"
    bench.client.close()


class _MeanwhileTokens(RotatingTokens):
    """Does something else of the same process while an operation asks for its first token."""

    def __init__(self, meanwhile):
        """Keep it."""
        super().__init__(f"emulator-{APPID}")
        self.meanwhile = meanwhile

    def fetch(self, appid):
        """Do it once."""
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return super().fetch(appid)


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_spared_for_a_resource_that_is_checked_meanwhile_is_an_orphan(wechat_emulator, fails):
    """Its check may come between the question who declares a domain and the end of the write."""
    known, orphans = Declarations(), []
    known.check(APPID, [A], Siblings("common", computed=frozenset({"shop"})))

    def meanwhile():
        known.check(APPID, [C], Siblings("shop"))
        orphans.append(known.orphans(APPID))
        if fails:
            raise TokenUnavailable(APPID, "the source is gone")

    bench = Bench(wechat_emulator, _MeanwhileTokens(meanwhile), live=[A, B, C], declarations=known)
    state = Recorded(APPID, (A, B), mode="additive", added_domains=(A, B))
    refused = pytest.raises(TokenUnavailable) if fails else contextlib.nullcontext()

    with contextlib.closing(bench.use), refused:
        bench.use.update(state, declare(A, mode="additive", name="common"))

    assert orphans == [{B}]
    assert known.orphans(APPID) == (set() if fails else {B})


def test_what_is_removed_was_never_spared(wechat_emulator):
    """A resource that is compared meanwhile has nothing to do with it."""
    known, orphans = Declarations(), []
    known.check(APPID, [A], Siblings("common", {"shop": frozenset({C})}))
    tokens = _MeanwhileTokens(lambda: orphans.append(known.orphans(APPID)))
    bench = Bench(wechat_emulator, tokens, live=[A, B, C], declarations=known)
    state = Recorded(APPID, (A, B), mode="additive", added_domains=(A, B))

    with contextlib.closing(bench.use):
        bench.use.update(state, declare(A, mode="additive", name="common"))

    assert orphans == [frozenset()]
    assert bench.control.live(APPID) == [A, C]
