"""Both faces of the provider: what the engine asks of a resource, and what it gets back. Call counts included.

The dynamic face runs in Pulumi's own host. The native plugin is asked in this process, in the engine's messages;
test_plugin.py starts it as the engine does.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_wechat_miniprogram.lifecycle.state import Recorded
from pulumi_wechat_miniprogram.resources.inputs import to_recorded
from tests.contract.host import UNKNOWN, HostProcess
from tests.native_face import InProcess, RefusedError

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")


FACES = {HostProcess: "dynamic", InProcess: "native"}


@pytest.fixture(params=FACES, ids=FACES.get)
def face(request):
    """A face: makes a process of it from a config."""
    return request.param


@pytest.fixture
def is_native(face):
    """Whether this is the native face: it knows the names of resources without the program's note."""
    return face is InProcess


def configured(endpoint):
    """The config of a plugin process with tokens for two apps."""
    tokens = {appid: f"emulator-{appid}" for appid in (APPID, OTHER)}
    return {"endpoint": endpoint, "accessTokens": json.dumps(tokens)}


@pytest.fixture
def start(face, wechat_emulator):
    """Starts plugin processes for two seeded apps; the engine starts one an operation."""
    wechat_emulator.seed(APPID)
    wechat_emulator.seed(OTHER)
    return lambda: face(configured(wechat_emulator.url))


@pytest.fixture
def host(start):
    """One plugin process."""
    with start() as process:
        yield process


@pytest.fixture(scope="module", params=FACES, ids=FACES.get)
def preview(request, wechat_emulator_server):
    """One plugin process for all tests that only check and diff."""
    with request.param(configured(wechat_emulator_server.control.url)) as process:
        yield process


def declared(domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": domains, **more}


def names(control):
    """The calls that arrived, in one word each."""
    return [call.name for call in control.calls()]


def test_check_canonicalises_and_fills_in_defaults(preview):
    """The engine stores what check returns: canonical domains and every input."""
    inputs, failures = preview.domains.check(declared(["A.example.com", "https://b.example.com/"]))

    assert failures == []
    assert inputs == {
        "appid": APPID,
        "domains": [A, B],
        "mode": "authoritative",
        "overwrite_existing": False,
        "confirm_file_timeout": 0.0,
        "allow_mass_removal": False,
        "channel": "direct",
    }


def test_check_lists_every_reason_at_once(preview, wechat_emulator):
    """One failure in preview names all that is wrong; nothing is called."""
    news = {
        "appid": "wx1",
        "domains": ["http://a.example.com", "localhost"],
        "mode": "both",
        "overwrite_existing": "yes",
        "confirm_file_timeout": 3601,
    }

    _, (reason,) = preview.domains.check(news)

    assert reason.splitlines() == [
        "`appid` 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits (0-9, a-f), "
        "as in wx0123456789abcdef",
        '`mode` \'both\' is neither "authoritative" nor "additive"',
        "`overwrite_existing` 'yes' is neither True nor False",
        "`confirm_file_timeout` must be a number of seconds from 0 to 3600, not 3601",
        "`domains` has 2 problems:",
        "  'http://a.example.com': uses the scheme http, but WeChat accepts only https",
        "  'localhost': is this machine, but WeChat must be able to reach the host",
    ]
    assert wechat_emulator.calls() == []


def test_check_refuses_what_is_no_list(preview):
    """A single string is not taken for a list of characters."""
    _, (reason,) = preview.domains.check(declared("a.example.com"))

    assert reason == "`domains` is not a list of domains"


@pytest.mark.parametrize(
    "news",
    [
        declared(UNKNOWN),
        declared(["A.example.com", UNKNOWN]),
        {
            "appid": UNKNOWN,
            "domains": [A],
            "mode": UNKNOWN,
            "overwrite_existing": UNKNOWN,
            "confirm_file_timeout": UNKNOWN,
            "allow_mass_removal": UNKNOWN,
        },
    ],
)
def test_check_lets_unknowns_pass(preview, news):
    """What is known only after an update stays unknown; the rest is still checked."""
    inputs, failures = preview.domains.check(news)

    assert failures == []
    assert json.dumps(inputs).count(UNKNOWN) == json.dumps(news).count(UNKNOWN)
    assert "A.example" not in json.dumps(inputs)


def test_the_valve_closes_in_preview(preview):
    """A list that loses more than 30 % of its domains is refused before anything is applied."""
    olds = declared([f"https://h{n}.example.com" for n in range(10)])

    _, (reason,) = preview.domains.check(declared(olds["domains"][:6]), olds)
    _, allowed = preview.domains.check(declared(olds["domains"][:6], allow_mass_removal=True), olds)
    _, other_app = preview.domains.check({"appid": OTHER, "domains": olds["domains"][:6]}, olds)
    _, (empty,) = preview.domains.check(declared([]))

    assert reason.startswith(f"4 of 10 domains (40%) of {APPID} would be removed, which is more than 30%: ")
    assert empty.startswith(
        f"`domains` of {APPID} is empty. If this is intended, set allow_mass_removal=True"
    )
    assert (allowed, other_app) == ([], [])


@pytest.mark.parametrize(
    ("news", "answer"),
    [
        (declared([B, A]), ("none", [])),
        (declared([A, B], overwrite_existing=True), ("none", [])),
        (declared([A]), ("inputs", [])),
        (declared(UNKNOWN), ("inputs", [])),
        (declared([A, B], mode="additive"), ("inputs", [])),
        (declared([A, B], mode=UNKNOWN), ("inputs", [])),
        ({"appid": OTHER, "domains": [A, B]}, ("inputs", ["appid"])),
        ({"appid": UNKNOWN, "domains": [A, B]}, ("inputs", [])),
    ],
)
def test_diff_compares_meaning(preview, news, answer):
    """Order and operational inputs are no change; otherwise the engine makes the detailed diff."""
    olds = declared([A, "https://B.example.com/"], mode="authoritative")

    assert preview.domains.diff(olds, {"mode": "authoritative", **news}) == answer


def test_the_whole_life_of_a_resource(start, is_native, wechat_emulator):
    """Create sets, update sends the difference, read sees drift, delete removes, each with exactly its calls."""
    with start() as up:
        inputs, _ = up.domains.check(declared([A, B]))
        id_, created = up.domains.create(inputs)
    assert (id_, names(wechat_emulator)) == (APPID, ["get", "set", "effective"])
    assert created == {
        **inputs,
        "effective_domains": [],
        "pending_domains": [A, B],
        "release_required": True,
        "added_domains": [A, B],
        "shared_domains": {},
        "declared_as": "shop" if is_native else "",
    }

    wechat_emulator.release(APPID)
    wechat_emulator.clear_calls()
    with start() as up:
        news, _ = up.domains.check(declared([C, A]), inputs)
        updated = up.domains.update(created, news)
    assert names(wechat_emulator) == ["get", "add", "delete", "effective"]
    assert updated == {
        **news,
        "effective_domains": [A],
        "pending_domains": [C],
        "release_required": True,
        "added_domains": [C, A],
        "shared_domains": {},
        "declared_as": "shop" if is_native else "",
    }

    wechat_emulator.seed(APPID, live=["https://Z.example.com", "https://a.example.com/"])
    wechat_emulator.clear_calls()
    with start() as refresh:
        outputs, read_inputs = refresh.domains.read(APPID, updated)
    assert names(wechat_emulator) == ["get", "effective"]
    assert read_inputs == {**news, "domains": [A, "https://z.example.com"]}
    assert (outputs["added_domains"], outputs["release_required"]) == ([A], False)

    wechat_emulator.clear_calls()
    with start() as destroy:
        destroy.domains.delete(outputs)
    assert names(wechat_emulator) == ["get", "delete", "effective"]
    assert wechat_emulator.live(APPID) == []


def test_delete_spares_what_the_running_operation_declares(start, is_native, wechat_emulator):
    """A rename without alias creates, then deletes the same appid: the declared domain stays."""
    wechat_emulator.seed(APPID, live=[A, B])
    with start() as up:
        inputs, _ = up.domains.check(declared([A]))
        up.domains.delete({**inputs, "domains": [A, B]})

    assert wechat_emulator.live(APPID) == [A]
    who = "'shop'" if is_native else "another resource"
    assert (
        f"warning: {APPID}: {A} stays on the live list, because {who} of this stack declares it too"
        in up.errors
    )


def test_destroy_removes_by_the_servers_spelling(host, wechat_emulator):
    """Without a program nothing is declared: delete takes all of the state off the list."""
    wechat_emulator.seed(APPID, live=["https://A.example.com/", C])
    outputs = {**declared([A]), "mode": "authoritative"}

    host.domains.delete(outputs)

    assert wechat_emulator.live(APPID) == [C]


def test_a_refused_create_is_a_message_without_traceback(host, wechat_emulator):
    """The user reads our text alone, and nothing was written."""
    wechat_emulator.seed(APPID, live=[C])
    inputs, _ = host.domains.check(declared([A]))

    with pytest.raises(RefusedError) as refused:
        host.domains.create(inputs)

    assert str(refused.value) == (
        f"create would remove {C} from {APPID}, which this program does not declare. "
        'Add it to `domains`, use mode="additive", or set overwrite_existing=True. '
        "If this is part of a replacement, remove the domains in a separate update first."
    )
    assert wechat_emulator.writes() == []


def test_no_credentials_is_one_error_at_first_use(face, wechat_emulator):
    """Check passes without a token; the first call names the keys."""
    with face({"endpoint": wechat_emulator.url}) as process:
        _, failures = process.domains.check(declared([A]))
        with pytest.raises(RefusedError) as refused:
            process.domains.create(
                declared(
                    [A],
                    mode="authoritative",
                    overwrite_existing=False,
                    confirm_file_timeout=0,
                    allow_mass_removal=False,
                )
            )

    assert failures == []
    assert "WECHAT_MINIPROGRAM_ACCESS_TOKEN" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_wrong_endpoint_is_a_check_failure(face):
    """A preview tells what is wrong with the settings."""
    with face({"endpoint": "http://api.example.com", "acessToken": "x"}) as process:
        _, (reason,) = process.domains.check(declared([A]))

    assert reason == (
        "wechat-miniprogram:endpoint is plain http to another machine, which would show the token on the way; "
        "use https"
    )


def test_a_token_of_another_app_is_refused_in_check(face, wechat_emulator):
    """A token selects the Mini Program by itself, so it never serves a second appid."""
    config = {"endpoint": wechat_emulator.url, "accessToken": "t", "accessTokenAppid": OTHER, "typo": "x"}
    with face(config) as process:
        _, (reason,) = process.domains.check(declared([A]))
        _, unknown = process.domains.check({"appid": UNKNOWN, "domains": [A]})

    assert reason == (
        f"the configured access token belongs to {OTHER} (wechat-miniprogram:accessTokenAppid), not to {APPID}. "
        "Replace it with wechat-miniprogram:accessTokens, a JSON object from appid to token"
    )
    assert unknown == []
    assert "warning: wechat-miniprogram:typo is not a setting of this provider" in process.errors


def test_the_confirm_file_is_read_and_never_written(host, wechat_emulator):
    """Create and read give name and content; a delete makes no call."""
    inputs, failures = host.confirm_file.check({"appid": APPID})
    id_, outputs = host.confirm_file.create(inputs)
    read = host.confirm_file.read(id_, outputs)
    host.confirm_file.delete(outputs)

    state = wechat_emulator.state(APPID)
    assert failures == []
    assert outputs == {"appid": APPID, "file_name": state.file_name, "file_content": state.file_content}
    assert read == (outputs, inputs)
    assert names(wechat_emulator) == ["confirmfile", "confirmfile"]
    assert host.confirm_file.diff(outputs, inputs) == ("none", [])
    assert host.confirm_file.diff(outputs, {"appid": OTHER}) == ("inputs", ["appid"])
    assert host.confirm_file.diff(outputs, {"appid": UNKNOWN}) == ("inputs", [])
    assert host.confirm_file.check({})[1] != []


def test_four_operations_at_once_on_one_app_lose_nothing(host, wechat_emulator):
    """Additive resources of one appid are applied one after the other."""
    inputs = [
        host.domains.check(declared([f"https://h{n}.example.com"], mode="additive"), name=f"h{n}")[0]
        for n in range(12)
    ]

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(host.domains.create, inputs))

    assert sorted(wechat_emulator.live(APPID)) == sorted(i["domains"][0] for i in inputs)
    assert names(wechat_emulator) == ["get", "add", "effective"] * 12


def test_an_emulator_endpoint_that_is_no_data_file_is_a_check_failure(face, tmp_path):
    """One text names the endpoint and what is wrong with it; the file is left as it was."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and long enough to be read as one " * 4, encoding="utf-8")
    with face({"endpoint": f"emulator:{path}"}) as process:
        _, (reason,) = process.domains.check(declared([A]))

    assert reason.startswith(f"the endpoint emulator:{path} cannot be used: {path} holds no emulator data")
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_a_token_of_another_app_is_refused_in_a_refresh_too(face, wechat_emulator):
    """Two apps, one token: the second appid is refused, whichever comes first."""
    config = {"endpoint": wechat_emulator.url, "accessTokenCommand": f"echo emulator-{APPID}"}
    for appid in (APPID, OTHER):
        wechat_emulator.seed(appid, live=[A])
    with face(config) as refresh, ThreadPoolExecutor(2) as threads:
        reads = [
            threads.submit(refresh.domains.read, appid, {**declared([A]), "appid": appid})
            for appid in (APPID, OTHER)
        ]
        refused = [read.exception() for read in reads if read.exception()]

    (error,) = refused
    assert "its token source returned the token of wx" in str(error)


def test_a_state_that_lacks_what_older_ones_lack_is_read(preview):
    """No mode, no list: the defaults."""
    state = {"appid": APPID, "domains": None}

    assert preview.domains.diff(state, declared([A], mode="authoritative")) == ("inputs", [])


def note(name, *, appid=APPID, computed=(), anywhere=(), failed=False, **others):
    """What a program says to `name` of its other resources for the appid."""
    said = {"appid": appid, "name": name, "others": others, "failed": failed}
    return {"__siblings": {**said, "computed": [*computed], "anywhere": [*anywhere]}}


def test_a_note_of_the_program_reaches_neither_state_nor_policies(preview):
    """Check takes it out of the inputs."""
    inputs, failures = preview.domains.check({**declared([A]), **note("one", two=[B])})

    assert failures == []
    assert set(inputs) == {
        *("appid", "domains", "mode"),
        *("overwrite_existing", "allow_mass_removal", "confirm_file_timeout", "channel"),
    }


def test_a_removal_spares_what_the_program_declares_elsewhere(start, wechat_emulator):
    """Although the other resource is not checked yet; the state names it."""
    with start() as first:
        inputs, _ = first.domains.check(declared([A, B], mode="additive"))
        _, created = first.domains.create(inputs)
    with start() as up:
        news, _ = up.domains.check({**declared([A], mode="additive"), **note("one", two=[B])}, inputs)
        assert up.domains.diff(created, news) == ("inputs", [])
        updated = up.domains.update(created, news)

    assert wechat_emulator.live(APPID) == [A, B]
    assert updated["added_domains"] == [A, B]
    assert (updated["shared_domains"], updated["declared_as"]) == ({B: ["two"]}, "one")
    assert f"{B} stays on the live list, because 'two' of this stack declares it too" in up.errors


def shared_state(**more):
    """The outputs of a resource that put A and B there and whose B another one declares."""
    return {
        **declared([A, B], mode="additive"),
        "effective_domains": [A, B],
        "pending_domains": [],
        "release_required": False,
        "added_domains": [A, B],
        "shared_domains": {B: ["two"]},
        "declared_as": "one",
        **more,
    }


@pytest.mark.parametrize(
    ("state", "said", "answer", "heard"),
    [
        (shared_state(), note("one", two=[B]), "none", ""),
        (
            shared_state(),
            note("one", two=[A, B]),
            "outputs",
            f"{A} is now also declared by 'two'. This update records",
        ),
        (
            shared_state(),
            note("one"),
            "outputs",
            f"{B} is no longer also declared by 'two'. This update records it",
        ),
        (shared_state(), note("one", computed=["two"]), "none", ""),
        (shared_state(added_domains=[A, B, C]), note("one", two=[B]), "outputs", ""),
        (shared_state(shared_domains={}), {}, "none", ""),
    ],
    ids=["as before", "more", "less", "computed", "left over", "no program"],
)
def test_what_others_declare_is_a_change_by_itself(start, state, said, answer, heard):
    """It is recorded, so that a run without a program knows it; what is left over is removed."""
    with start() as up:
        news, _ = up.domains.check({**declared([A, B], mode="additive"), **said}, declared([A, B]))
        assert up.domains.diff(state, news) == (answer, [])

    assert heard in up.errors
    assert bool(heard) == ("warning" in up.errors)


def test_what_is_unknown_in_a_preview_passes(preview):
    """A list that another resource computes, an appid that it computes."""
    lists, no_list = preview.domains.check({**declared(UNKNOWN), **note("one")})
    apps, no_app = preview.domains.check({**declared([A]), "appid": UNKNOWN, "__siblings": UNKNOWN})

    assert (no_list, no_app) == ([], [])
    assert (lists["domains"], apps["appid"]) == (UNKNOWN, UNKNOWN)


def test_a_note_about_another_app_says_nothing_of_this_one(start, wechat_emulator):
    """A transform changed the appid of a resource after its constructor; its name still counts."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    with start() as up:
        said = note("one", appid=OTHER, two=[B])
        news, _ = up.domains.check({**declared([A], mode="additive"), **said}, declared([A, B]))
        updated = up.domains.update(shared_state(shared_domains={}), news)

    assert wechat_emulator.live(APPID) == [A]
    assert updated["declared_as"] == "one"


def test_what_was_left_to_a_resource_that_is_out_of_sight_is_released(start, wechat_emulator):
    """It left the program without a deletion that this process saw: the domain is not ours to remove any more."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    with start() as up:
        state = {**shared_state(), "domains": [A]}
        news, _ = up.domains.check({**declared([A], mode="additive"), **note("one")}, declared([A]))
        assert up.domains.diff(state, news) == ("outputs", [])
        updated = up.domains.update(state, news)

    assert wechat_emulator.live(APPID) == [A, B]
    assert (updated["added_domains"], updated["shared_domains"]) == ([A], {})
    assert (
        f"{B} stays on the live list. This resource added it there and no longer manages it: "
        "'two'" in up.errors
    )


def test_a_program_that_failed_removes_nothing(preview):
    """What it would have declared after the error is not known."""
    said = note("one", failed=True)

    _, (refused,) = preview.domains.check({**declared([A], mode="additive"), **said}, declared([A, B]))
    same, passed = preview.domains.check({**declared([A, B], mode="additive"), **said}, declared([A, B]))
    _, whole = preview.domains.check({**declared([A]), **said}, declared([A, B]))

    assert f"so {B} of {APPID} cannot be removed: another resource may declare it" in refused
    assert (passed, whole) == ([], [])
    assert preview.domains.diff(shared_state(), same) == ("none", [])


def test_a_deletion_before_a_creation_in_the_same_run_leaves_the_list(start, wechat_emulator):
    """The engine has asked with unknown inputs, and no check has come yet."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    with start() as up:
        up.domains.diff(shared_state(), {**declared(UNKNOWN), "mode": "additive"})
        up.domains.delete(shared_state())
        news, _ = up.domains.check({**declared([A, B], mode="additive"), **note("one")})
        _, created = up.domains.create(news)

    assert names(wechat_emulator) == ["get", "effective"]
    assert created["added_domains"] == [A, B]


@pytest.mark.parametrize("call", ["set", "add", "delete"])
def test_a_write_without_effect_is_no_success(start, wechat_emulator, call):
    """WeChat, or a gateway before it, says "ok" and the list does not change."""
    live = [] if call == "set" else [B]
    wechat_emulator.seed(APPID, live=live, effective=live)
    wechat_emulator.fault(action=call, body='{"errcode":0,"errmsg":"ok"}')
    with start() as up:
        news, _ = up.domains.check(declared([A, B] if call == "add" else [A], overwrite_existing=True))
        with pytest.raises(RefusedError, match="reported success but had no effect"):
            up.domains.create(news)


def test_an_answer_without_a_list_is_no_empty_list(start, wechat_emulator):
    """The effective lists tell what is there: nothing is sent again, and a refresh records it."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    wechat_emulator.fault(action="get", body='{"errcode":0,"errmsg":"ok"}', times=None)
    with start() as up:
        state = {**shared_state(), "mode": "authoritative"}
        _, inputs = up.domains.read(APPID, state)
        news, _ = up.domains.check(declared([A, B, C]), declared([A, B]))
        up.domains.update(state, news)
    with start() as destroy:
        destroy.domains.delete(state)

    assert inputs["domains"] == [A, B]
    assert [(call.action, call.domains) for call in wechat_emulator.writes()] == [
        ("add", (C,)),
        ("delete", (A,)),
    ]


def test_a_removal_beside_a_computed_list_is_said_in_the_preview(start):
    """If the domain is moved there, it goes out of force."""
    with start() as preview:
        said = note("one", anywhere=["two", "three", "four", "five"])
        news, _ = preview.domains.check({**declared([A], mode="additive"), **said}, declared([A, B]))
        preview.domains.diff(shared_state(shared_domains={}), news)

    assert f"{B} will be removed. The domains of 'five', 'four', 'three' and 1 more are not" in preview.errors


def test_what_this_process_removed_and_a_later_check_declares_is_added_again(start, wechat_emulator):
    """A diff and a warning, never silence."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])
    with start() as up:
        one, _ = up.domains.check(
            {**declared([A], mode="additive"), **note("one", anywhere=["two"])}, declared([A, B])
        )
        up.domains.update(shared_state(shared_domains={}), one)
        assert wechat_emulator.live(APPID) == [A]
        two, _ = up.domains.check({**declared([B], mode="additive"), **note("two", one=[A])}, declared([B]))
        state = {**shared_state(shared_domains={}), **declared([B], mode="additive"), "added_domains": []}
        assert up.domains.diff(state, two) == ("outputs", [])
        up.domains.update(state, two)

    assert wechat_emulator.live(APPID) == [A, B]
    assert f"{B} was removed earlier in this run, because no resource known by then declared it" in up.errors


def test_what_is_in_the_old_inputs_passes_as_it_is(start):
    """`ignore_changes` puts it there: a refresh took it from WeChat. What the program adds is still judged."""
    odd = "https://shop.example.com:8443"

    with start() as preview:
        unchanged, passed = preview.domains.check(declared([odd, A]), declared([odd, A]))
        empty, nothing = preview.domains.check(declared([]), declared([]))
        grown, grows = preview.domains.check(declared([odd, A, "b.example.com"]), declared([odd, A]))
        _, (refused,) = preview.domains.check(declared([odd, "https://b.example.com:1"]), declared([odd]))
        _, (other_app,) = preview.domains.check(declared([odd]), {"appid": OTHER, "domains": [odd]})

    assert (passed, nothing, grows) == ([], [], [])
    assert (unchanged["domains"], empty["domains"]) == ([odd, A], [])
    assert grown["domains"] == [odd, A, B]
    assert odd not in refused
    assert odd in other_app


def test_a_state_without_an_appid_is_healed_by_its_id(start, wechat_emulator):
    """Damaged, or edited by hand: the id of a resource is its appid, so a refresh repairs it."""
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    with start() as refresh:
        outputs, inputs = refresh.domains.read(APPID, {"domains": [A]})

    assert (outputs["appid"], inputs["appid"], inputs["domains"]) == (APPID, APPID, [A])
    assert to_recorded(APPID, {}) == Recorded(APPID, ())


def test_a_damaged_state_is_one_error(start, wechat_emulator):
    """Nothing is removed by what is left of it."""
    damaged = {"appid": APPID, "domains": [A, 7], "mode": "additive", "added_domains": 3}
    heard = (
        f"the state of {APPID} is damaged: `domains[1]` is not text, `added_domains` is not a list\n"
        "  Correct it with `pulumi state edit`, then run the same command again"
    )

    with start() as up, pytest.raises(RefusedError) as refused:
        up.domains.delete(damaged)

    assert str(refused.value) == heard
    assert wechat_emulator.calls() == []


def test_foreign_text_cannot_forge_a_line(start, wechat_emulator):
    """A live domain and an errmsg are anybody's: control characters and line breaks are shown, not obeyed."""
    hostile = "https://x\n::error::forged\x1b[31m"
    wechat_emulator.switch(value_form="echo")
    wechat_emulator.seed(APPID, live=[hostile])
    with start() as up:
        inputs, _ = up.domains.check(declared([A]))
        with pytest.raises(RefusedError) as refused:
            up.domains.create(inputs)

    assert r"https://x\n::error::forged\x1b[31m" in str(refused.value)
    assert "\x1b" not in str(refused.value)
