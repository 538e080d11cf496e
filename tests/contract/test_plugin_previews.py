"""Creates and updates of the native plugin: what their previews show and refuse, and what a failure leaves."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from tests.bench import APPID, OTHER, A, B, C
from tests.contract.test_plugin_answers import state_of
from tests.contract.test_plugin_config import check_config
from tests.native_face import UNKNOWN, InProcess, RefusedError, struct

MANY = [f"https://h{number}.example.com" for number in range(10)]
COMPUTED = {
    "effective_domains": UNKNOWN,
    "pending_domains": UNKNOWN,
    "release_required": UNKNOWN,
    "added_domains": UNKNOWN,
    "shared_domains": UNKNOWN,
    "declared_as": UNKNOWN,
}


@pytest.fixture
def start(wechat_emulator):
    """Starts the plugin with tokens for two apps, of which one exists."""
    wechat_emulator.seed(APPID)
    tokens = json.dumps({appid: f"emulator-{appid}" for appid in (APPID, OTHER)})
    config = {"endpoint": wechat_emulator.url, "accessTokens": tokens, "probe": False}

    def start(*, engine="", **more):
        return InProcess({**config, **more}, engine=engine)

    return start


def checked(plugin, *domains, olds=None, **more):
    """Return inputs that passed the check."""
    inputs, reasons = plugin.domains.check({"appid": APPID, "domains": [*domains], **more}, olds)
    assert reasons == []
    return inputs


def computed(outputs):
    """The outputs that no input says."""
    return {key: value for key, value in outputs.items() if key in COMPUTED}


def names(control):
    """The calls that arrived, in one word each."""
    return [call.name for call in control.calls()]


def test_the_preview_of_a_create_shows_what_is_certain(plugin, wechat_emulator):
    """And keeps what it read; it has no id yet."""
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    inputs = checked(plugin, A, B)

    id_, shown = plugin.domains.create(inputs, preview=True)
    again = plugin.domains.create(inputs, preview=True)

    assert (id_, shown) == again
    assert id_ == ""
    assert shown == {
        **inputs,
        "effective_domains": [A],
        "pending_domains": [B],
        "release_required": True,
        "added_domains": UNKNOWN,
        "shared_domains": UNKNOWN,
        "declared_as": "shop",
    }
    assert names(wechat_emulator) == ["effective"]
    assert plugin.errors == ""


def test_the_preview_of_an_update_shows_what_is_certain(plugin, wechat_emulator):
    """What is in force after a removal, only WeChat will tell."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    inputs = checked(plugin, A, C)

    shown = plugin.domains.update(state_of(A, B), inputs, preview=True)

    assert computed(shown) == {
        **COMPUTED,
        "pending_domains": [C],
        "release_required": True,
        "declared_as": "shop",
    }
    assert names(wechat_emulator) == ["effective"]
    assert plugin.errors == (
        f"warning: {APPID}: {B} is in force and will be removed, while {C} waits for the next release of the "
        "Mini Program. Safer: add, release, then remove\n"
    )


def test_a_domain_that_is_in_force_and_comes_again_may_lose_its_force(plugin, wechat_emulator):
    """So the preview says nothing of what waits."""
    wechat_emulator.seed(APPID, live=[], effective=[A])

    _, shown = plugin.domains.create(checked(plugin, A), preview=True)

    assert computed(shown) == {**COMPUTED, "declared_as": "shop"}


@pytest.mark.parametrize(
    ("live", "olds", "declares", "reported"),
    [
        ([B], None, [A], f"create would remove {B} from {APPID}, which this program does not declare"),
        (
            [A, B],
            state_of(A),
            [A, C],
            f"{B} on the live list of {APPID} was added outside Pulumi: the state does not contain it",
        ),
        (MANY, state_of(*MANY), MANY[:6], f"4 of 10 domains (40%) of {APPID} would be removed"),
        ([A], None, [A, *(f"https://n{number}.example.com" for number in range(300))], "301 domains"),
    ],
    ids=["undeclared", "unseen", "many", "limit"],
)
def test_a_preview_refuses_what_the_update_would(plugin, wechat_emulator, live, olds, declares, reported):
    """With the same text and the same code, and it reads only."""
    wechat_emulator.seed(APPID, live=live, effective=live)
    inputs = {
        **checked(plugin, A),
        "domains": declares,
    }

    def run(*, preview):
        apply = partial(plugin.domains.update, olds) if olds else plugin.domains.create
        with pytest.raises(RefusedError) as refused:
            apply(inputs, preview=preview)
        assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION
        return str(refused.value)

    text = run(preview=True)

    assert wechat_emulator.writes() == []
    assert reported in text
    assert run(preview=False) == text
    assert wechat_emulator.writes() == []


def test_a_preview_names_what_overwrite_existing_removes(plugin, wechat_emulator):
    """That no state knew."""
    wechat_emulator.seed(APPID, live=[A, B, C], effective=[A, B])

    plugin.domains.create(checked(plugin, A, overwrite_existing=True), preview=True)

    assert plugin.errors == (
        f"warning: {APPID}: {B}, {C} will be removed (1 in force), although neither this program nor its "
        "state contains them (overwrite_existing)\n"
    )


def test_a_preview_refuses_a_domain_that_moves_too_late(plugin, wechat_emulator):
    """One resource drops it before the other is known to declare it: it goes out of force in between."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    one = checked(plugin, A, mode="additive")
    plugin.domains.update(state_of(A, B, mode="additive"), one, preview=True)
    two, _ = plugin.domains.check({"appid": APPID, "domains": [B], "mode": "additive"}, name="two")

    with pytest.raises(
        RefusedError, match="removed by a resource that the engine updates earlier"
    ) as refused:
        plugin.domains.create(two, preview=True)

    assert "Make the resource that drops it depend on this one" in str(refused.value)
    assert wechat_emulator.writes() == []


def test_a_preview_lets_a_domain_move_that_is_not_in_force(plugin, wechat_emulator):
    """It waits for the next release before and after."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A])
    one = checked(plugin, A, mode="additive")
    plugin.domains.update(state_of(A, B, mode="additive"), one, preview=True)
    two, _ = plugin.domains.check({"appid": APPID, "domains": [B], "mode": "additive"}, name="two")

    plugin.domains.create(two, preview=True)

    assert plugin.errors == ""


def test_a_preview_asks_no_more_once_nothing_answers(start, wechat_emulator):
    """Each app of a large stack would wait in its turn."""
    wechat_emulator.seed(OTHER)
    wechat_emulator.fault(times=None, errcode=45011)
    with start() as plugin:
        for appid in (APPID, OTHER):
            inputs, _ = plugin.domains.check({"appid": appid, "domains": [A]})
            plugin.domains.create(inputs, preview=True)

    assert names(wechat_emulator) == ["effective"]


def test_a_preview_goes_on_after_an_answer_about_one_app(start, wechat_emulator):
    """The next app may be better off."""
    wechat_emulator.seed(OTHER, live=[B], effective=[])
    wechat_emulator.fault(errcode=61007)
    with start() as plugin:
        inputs, _ = plugin.domains.check({"appid": APPID, "domains": [A]})
        plugin.domains.create(inputs, preview=True)
        inputs, _ = plugin.domains.check({"appid": OTHER, "domains": [B]})
        _, shown = plugin.domains.create(inputs, preview=True)

    assert shown["pending_domains"] == [B]


def test_a_preview_that_must_not_read_reads_nothing(start, wechat_emulator):
    """And shows nothing that needs it, of either resource."""
    wechat_emulator.seed(APPID, live=[B])
    with start(previewReads=False) as plugin:
        inputs = checked(plugin, A)
        _, created = plugin.domains.create(inputs, preview=True)
        updated = plugin.domains.update(state_of(B), inputs, preview=True)
        _, file = plugin.confirm_file.create({"appid": APPID}, preview=True)

    assert created == updated == {**inputs, **COMPUTED}
    assert file == {"appid": APPID, "file_name": UNKNOWN, "file_content": UNKNOWN}
    assert wechat_emulator.calls() == []


@pytest.mark.parametrize("unknown", [{"appid": UNKNOWN}, {"domains": [A, UNKNOWN]}, {"mode": UNKNOWN}])
def test_a_preview_asks_nothing_while_an_input_is_unknown(plugin, wechat_emulator, unknown):
    """It says so, and passes."""
    inputs, _ = plugin.domains.check({"appid": APPID, "domains": [A], **unknown})

    _, shown = plugin.domains.create(inputs, preview=True)

    (name,) = unknown
    assert shown == {**inputs, **COMPUTED}
    assert plugin.errors == (
        f"not compared with the live list: `{name}` will be known only during the update\n"
    )
    assert wechat_emulator.calls() == []


FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no token": ({}, {"accessTokens": json.dumps({"wx00000000000000ff": "another-token"})}),
    "no network": ({}, {"endpoint": "http://127.0.0.1:9", "maxAttempts": 1}),
    "an error of WeChat": ({"errcode": 45009}, {}),
    "a gateway": ({"body": "<html>"}, {"maxAttempts": 1}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_preview_that_cannot_look_warns_once(start, wechat_emulator, name):
    """Only a refusal fails it; each app that fails alike adds no line."""
    fault, config = FAULTS[name]
    wechat_emulator.seed(OTHER)
    if fault:
        wechat_emulator.fault(times=None, **fault)
    with start(**config) as plugin:
        for appid in (APPID, OTHER):
            inputs, _ = plugin.domains.check({"appid": appid, "domains": [A]})
            _, shown = plugin.domains.create(inputs, preview=True)
            assert shown == {**inputs, **COMPUTED}
            _, file = plugin.confirm_file.create({"appid": appid}, preview=True)
            assert file["file_name"] in {UNKNOWN, wechat_emulator.state(appid).file_name}
        reported = plugin.errors

    assert (
        reported.count("The preview was not compared with the live list, so `pulumi up` may refuse") == 1
    ), reported
    assert all(line.startswith("warning: ") for line in reported.splitlines())


def test_a_cancelled_preview_is_no_warning(plugin):
    """The engine stops, of both resources."""
    inputs = checked(plugin, A)
    plugin.domains.stub.Cancel(empty_pb2.Empty())

    for preview, news in ((plugin.domains.create, inputs), (plugin.confirm_file.create, {"appid": APPID})):
        with pytest.raises(RefusedError, match="interrupted") as refused:
            preview(news, preview=True)
        assert refused.value.code == grpc.StatusCode.CANCELLED
    assert plugin.errors == ""


def test_the_preview_of_a_confirm_file_shows_it(plugin, wechat_emulator):
    """It is a read."""
    file = wechat_emulator.state(APPID)
    id_, shown = plugin.confirm_file.create({"appid": APPID}, preview=True)
    _, unknown = plugin.confirm_file.create({"appid": UNKNOWN}, preview=True)

    assert id_ == ""
    assert shown == {"appid": APPID, "file_name": file.file_name, "file_content": file.file_content}
    assert unknown == dict.fromkeys(shown, UNKNOWN)


def test_a_half_done_update_leaves_a_state(plugin, wechat_emulator):
    """What is live now, with what this run put there as its own, beside the error."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    wechat_emulator.fault(action="delete", errcode=45009)
    old_inputs = {"appid": APPID, "domains": [A, B]}
    inputs = checked(plugin, B, C)

    with pytest.raises(RefusedError) as refused:
        plugin.domains.update(state_of(A, B, added_domains=[A]), inputs, old_inputs=old_inputs)

    left = refused.value.left
    assert refused.value.code == grpc.StatusCode.UNKNOWN
    assert left.id == APPID
    assert list(left.reasons) == [str(refused.value)]
    assert dict(left.inputs) == dict(struct(old_inputs))
    assert "(45009" in left.reasons[0]
    assert dict(left.properties) == dict(
        struct(
            {
                **inputs,
                "domains": [A, B, C],
                "effective_domains": [],
                "pending_domains": [A, B, C],
                "release_required": True,
                "added_domains": [A, C],
                "shared_domains": {},
                "declared_as": "shop",
            }
        )
    )
    assert wechat_emulator.live(APPID) == [A, B, C]


def test_a_half_done_create_leaves_a_state(plugin, wechat_emulator):
    """The next update goes on from there."""
    wechat_emulator.switch(multi_failure="non-atomic")
    wechat_emulator.trust("a.example.com")
    inputs = checked(plugin, A, B)

    with pytest.raises(RefusedError) as refused:
        plugin.domains.create(inputs)
    left = refused.value.left
    wechat_emulator.trust("*")
    updated = plugin.domains.update({**state_of(A), "added_domains": [A]}, inputs)

    assert list(left.properties["domains"]) == list(left.properties["addedDomains"]) == [A]
    assert left.inputs == struct({**inputs, **plugin.domains.added})
    assert updated["added_domains"] == [A, B]


def test_a_failure_that_wrote_nothing_leaves_none(plugin, wechat_emulator):
    """The state is as before, and the code says so."""
    wechat_emulator.fault(action="set", errcode=45009)

    with pytest.raises(RefusedError) as refused:
        plugin.domains.create(checked(plugin, A))

    assert (refused.value.code, refused.value.left) == (grpc.StatusCode.FAILED_PRECONDITION, None)


def test_a_custom_timeout_bounds_a_wait(plugin, wechat_emulator):
    """A wait for confirm files that would go on for an hour ends in time, and says what is live."""
    wechat_emulator.trust()
    inputs = checked(plugin, A, mode="additive", confirm_file_timeout=3600)

    with pytest.raises(RefusedError) as refused:
        plugin.domains.create(inputs, timeout=0.5)

    assert str(refused.value).endswith(
        "\n  The time that `custom_timeouts` gives to this operation, 0.5 s, is over."
    )
    assert wechat_emulator.live(APPID) == []


def test_a_custom_timeout_ends_with_its_operation(plugin, wechat_emulator):
    """The next one has its own."""
    wechat_emulator.trust()
    with pytest.raises(RefusedError):
        plugin.domains.create(checked(plugin, A), timeout=0.000001)
    wechat_emulator.trust("*")

    plugin.domains.create(checked(plugin, A))

    assert wechat_emulator.live(APPID) == [A]


def test_a_delete_of_a_confirm_file_asks_nothing(plugin, wechat_emulator):
    """There is nothing to remove."""
    plugin.confirm_file.delete({"appid": APPID})

    assert wechat_emulator.calls() == []


def test_a_provider_of_its_own_asks_with_its_own_token(wechat_emulator, monkeypatch):
    """The variable is for the default provider; two platforms in one program both work."""
    wechat_emulator.seed(APPID, live=[A])
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", json.dumps({OTHER: "emulator-other"}))
    config = {"endpoint": wechat_emulator.url, "accessTokens": {APPID: f"emulator-{APPID}"}}

    with InProcess(config, provider="acme") as acme:
        outputs, _ = acme.domains.read(APPID)
    with InProcess(config) as default, pytest.raises(RefusedError, match=f"belong to {OTHER}"):
        default.domains.read(APPID)

    assert outputs["domains"] == [A]
    assert check_config(acme, config, provider="acme")[1] == []


def test_an_error_of_the_provider_itself_is_one_line(plugin):
    """The engine counts the state as unknown; a traceback is for `--debug`."""
    request = provider_pb2.CreateRequest(urn=plugin.domains.urn, properties=struct({}))

    with pytest.raises(RefusedError) as refused:
        plugin.domains.call("Create", request)

    assert refused.value.code == grpc.StatusCode.UNKNOWN
    assert str(refused.value) == "internal error of the provider, please report it: KeyError: 'appid'"
    assert [line.severity for line in plugin.listener.heard] == [0]
    assert plugin.listener.heard[0].message.startswith("Traceback")


@pytest.mark.parametrize("preview", [True, False])
def test_what_was_imported_in_this_run_is_not_removed_unseen(plugin, wechat_emulator, preview):
    """It may have come since the preview, and no state has shown it to anybody."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    olds, _ = plugin.domains.read(APPID)

    with pytest.raises(RefusedError) as refused:
        plugin.domains.update(olds, checked(plugin, A), preview=preview)

    assert str(refused.value) == (
        f"{B} of {APPID} was imported, but this program does not declare it: it would be removed. Add it to "
        '`domains`, use mode="additive", or set overwrite_existing=True.'
    )
    assert wechat_emulator.live(APPID) == [A, B]


def test_what_was_imported_is_removed_where_the_program_says_so(plugin, wechat_emulator):
    """The preview names it."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    olds, _ = plugin.domains.read(APPID)
    news = checked(plugin, A, overwrite_existing=True)

    plugin.domains.update(olds, news, preview=True)
    assert f"{B} will be removed (1 in force)" in plugin.errors
    plugin.domains.update(olds, news)

    assert wechat_emulator.live(APPID) == [A]


@pytest.fixture
def pair(start, tmp_path, monkeypatch):
    """Two processes of one run of the engine."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    engine = f"127.0.0.1:{os.getpid()}"
    with start(engine=engine) as one, start(engine=engine) as two:
        yield one, two


def test_a_process_spares_what_another_one_declares(pair, wechat_emulator):
    """A resource that changes its provider is created by one and deleted by the other."""
    one, two = pair
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    inputs = checked(two, A, B)
    two.domains.create(inputs)

    one.domains.delete(state_of(A, B))

    assert wechat_emulator.writes() == []
    assert one.errors == (
        f"warning: {APPID}: {A}, {B} stay on the live list, because 'shop' of this stack declares them too\n"
    )


def test_a_process_spares_what_another_one_reads(pair, wechat_emulator):
    """A managed resource that becomes a `get` of another provider, beside another resource of the app."""
    one, two = pair
    wechat_emulator.seed(APPID, live=[A, B, C], effective=[A, B, C])
    two.domains.name = "shop"
    two.domains.read(APPID, {"appid": APPID}, {"appid": APPID})
    two.domains.check({"appid": APPID, "domains": [C], "mode": "additive"}, name="two")

    one.domains.delete({**state_of(A, B), "declared_as": "shop"})

    assert wechat_emulator.writes() == []
    assert one.errors == (
        f"warning: {APPID}: {A}, {B} stay on the live list, because this program now reads the list with "
        "`get` under the name of the resource that managed it\n"
    )


def test_a_get_of_another_name_keeps_nothing(pair, wechat_emulator):
    """It was there before, and the resource leaves the program."""
    one, two = pair
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    two.domains.name = "seen"
    two.domains.read(APPID, {"appid": APPID}, {"appid": APPID})

    one.domains.delete({**state_of(A), "declared_as": "shop"})

    assert wechat_emulator.live(APPID) == []


def test_two_processes_with_one_app_are_a_warning(pair):
    """They know less of each other than the resources of one."""
    one, two = pair
    checked(one, A, mode="additive")
    assert one.errors == ""
    for _ in range(2):
        checked(two, B, mode="additive")

    assert two.errors == (
        f"warning: {APPID}: 'shop' also declares domains of this app, with another provider. Each provider "
        "keeps what the other one declares, but does not know what the other one added to the live list. "
        "Manage each Mini Program with a single provider\n"
    )


def test_two_processes_share_no_domain(pair):
    """Neither knows which of them put it on the list."""
    one, two = pair
    checked(one, A, B, mode="additive")

    _, reasons = two.domains.check({"appid": APPID, "domains": [B, C], "mode": "additive"}, name="two")

    assert reasons == [
        f"{B} is also declared by 'shop' for {APPID}. Two providers cannot share a domain, because neither "
        "knows what the other one added to the live list. Declare it once, or give both resources the same "
        "provider"
    ]


def test_a_move_between_processes_is_refused_where_it_is_late(pair, wechat_emulator):
    """One removes it before the other is known to declare it."""
    one, two = pair
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    one.domains.update(state_of(A, B, mode="additive"), checked(one, A, mode="additive"), preview=True)
    inputs, _ = two.domains.check({"appid": APPID, "domains": [B], "mode": "additive"}, name="two")

    with pytest.raises(RefusedError, match="Make the resource that drops it depend on this one"):
        two.domains.create(inputs, preview=True)


def test_a_process_that_cannot_hear_writes_nothing(pair, wechat_emulator, tmp_path, monkeypatch):
    """Another one may declare what it would delete."""
    one, _ = pair
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    (tmp_path / "wechat-miniprogram-runs").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))

    _, (reason,) = one.domains.check({"appid": APPID, "domains": [A]})
    assert "wechat-miniprogram-runs cannot be used" in reason
    assert wechat_emulator.writes() == []


def test_resources_of_another_language_share_no_domain(plugin):
    """The one that is checked first never learns of the other."""
    checked(plugin, A, B, mode="additive")

    _, reasons = plugin.domains.check({"appid": APPID, "domains": [B, C], "mode": "additive"}, name="two")

    assert reasons == [
        f"{B} is also declared by 'shop' for {APPID}. A program in this language cannot tell the provider in "
        "time which resources share a domain, so one of them could remove it. Declare it once. To move a "
        "domain, make the resource that drops it depend on the resource that takes it over"
    ]


def test_an_import_stays_one_until_an_update(start, wechat_emulator):
    """Whatever refused it, in whichever run: what it found and nobody declares is not removed."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    with start() as first:
        olds, old_inputs = first.domains.read(APPID)
        _, (reason,) = first.domains.check({"appid": APPID, "domains": ["http://a.example.com"]}, old_inputs)
    assert "uses the scheme http" in reason
    assert "The import is already recorded in the state" in reason
    with start() as second:
        olds, _ = second.domains.read(APPID, olds, old_inputs)
        with pytest.raises(RefusedError, match="was imported, but this program does not declare it"):
            second.domains.update(olds, checked(second, A))
        state = second.domains.update(olds, checked(second, A, B, C))
    with start() as third:
        third.domains.update(state, checked(third, A, C))
    assert wechat_emulator.live(APPID) == [A, C]


@pytest.mark.parametrize("name", ["shop", "store"])
def test_a_read_that_fails_lets_nothing_be_deleted(plugin, wechat_emulator, name):
    """With `--continue-on-error` the engine goes on to the deletions, and nobody knows what was to be declared."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    wechat_emulator.fault(action="get", errcode=45009)
    plugin.domains.name = name
    with pytest.raises(RefusedError, match="45009"):
        plugin.domains.read(APPID)

    plugin.domains.delete({**state_of(A, B), "declared_as": "shop"})

    assert wechat_emulator.writes() == []


def test_a_list_with_a_domain_of_a_failed_resource_lets_nothing_be_deleted(plugin, wechat_emulator):
    """It is checked with what is known, and never created."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    plugin.domains.check({"appid": APPID, "domains": [A, UNKNOWN]}, name="store")

    plugin.domains.delete({**state_of(A, B), "declared_as": "shop"})

    assert wechat_emulator.writes() == []


@pytest.mark.parametrize("what", ["domains", "confirm_file"])
def test_a_preview_gives_a_token_source_no_more_than_its_time(start, monkeypatch, what):
    """And asks no more once it took all of that."""
    monkeypatch.setattr("pulumi_wechat_miniprogram.lifecycle.reconcile._LOOK_SECONDS", 0.2)
    with start(accessTokens=None, accessTokenCommand=json.dumps(["sleep", "60"])) as plugin:
        for appid in (APPID, OTHER):
            if what == "domains":
                inputs, _ = plugin.domains.check({"appid": appid, "domains": [A]})
                plugin.domains.create(inputs, preview=True)
            else:
                plugin.confirm_file.create({"appid": appid}, preview=True)
        reported = plugin.errors

    assert reported.count("sleep did not end within its time") == 1
