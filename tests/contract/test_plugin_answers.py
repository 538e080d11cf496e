"""What the native plugin answers about providers and resources, in the engine's own messages."""

from __future__ import annotations

import sys

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_wechat_miniprogram.exports.kinds import PROVIDER_KEY, TOKENS
from pulumi_wechat_miniprogram.exports.state import WEBVIEW_DOMAINS_OUTPUTS
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.plugin.schema import schema
from pulumi_wechat_miniprogram.resources.found import (
    GET_CONFIRM_FILE,
    GET_SERVER_DOMAINS,
    GET_WEBVIEW_DOMAINS,
    LIST_AUTHORIZERS,
)
from tests.bench import APPID, OTHER, A, B, C
from tests.contract.test_plugin_config import check_config
from tests.native_face import (
    UNKNOWN,
    InProcess,
    RefusedError,
    Resource,
    plain,
    struct,
    urn_of,
)

CANARY = "caNary-7f3a91b2"
SECRET = "https://unspoken.example.com"
EMPTY_SECRETS = (rpc.wrap_rpc_secret([]), rpc.wrap_rpc_secret({}))


def declared(*domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": [*domains], **more}


def state_of(*domains, **more):
    """Outputs as the plugin gives them."""
    computed = {field.name: field.default for field in WEBVIEW_DOMAINS_OUTPUTS if field.default is not ...}
    return {**computed, "appid": APPID, "domains": [*domains], "added_domains": [*domains], **more}


def test_a_check_speaks_the_names_of_the_schema(plugin):
    """And names the resource, with what it is inside of, since two components may use one name."""
    inside = Resource(plugin.domains.stub, f"my:Shop${TOKENS['native']['webview-domains']}")
    request = provider_pb2.CheckRequest(
        urn=inside.urn, news=struct(declared("A.example.com", confirm_file_timeout=5))
    )

    reply = inside.call("Check", request)

    assert dict(reply.inputs) == {
        "appid": APPID,
        "domains": [A],
        "channel": "direct",
        "mode": "authoritative",
        "overwriteExisting": False,
        "confirmFileTimeout": 5.0,
        "allowMassRemoval": False,
        "__name": "shop (my:Shop)",
    }


def test_a_secret_list_makes_what_names_its_domains_secret(plugin):
    """No text for the user shows it; what is live and nobody's is not secret."""
    hidden = ["https://hidden.example.com", "https://hidden-too.example.com"]
    inputs, _ = plugin.domains.check(
        declared(appid=APPID, mode="additive") | {"domains": rpc.wrap_rpc_secret(hidden)}
    )
    _, outputs = plugin.domains.create(inputs)
    one = rpc.wrap_rpc_secret("https://hidden.example.com:8443")
    _, (refused,) = plugin.domains.check(declared(B, one))

    assert inputs["domains"] == rpc.wrap_rpc_secret(hidden)
    assert {name for name, value in outputs.items() if value in (inputs["domains"], *EMPTY_SECRETS)} == {
        *("domains", "effective_domains", "pending_domains", "added_domains", "shared_domains"),
    }
    assert "hidden" not in f"{refused}{plugin.errors}"


def test_a_secret_appid_stays_one(plugin, wechat_emulator):
    """It is the id of the resource all the same, which no engine hides."""
    appid = "wx00000000000000ee"
    news = {"appid": rpc.wrap_rpc_secret(appid), "domains": [A]}
    inputs, reasons = plugin.domains.check(news)
    with pytest.raises(RefusedError) as refused:
        plugin.domains.create(inputs)

    assert (inputs["appid"], reasons) == (news["appid"], [])
    assert appid not in str(refused.value)


def test_one_secret_inside_makes_its_list_secret(plugin):
    """The engine can store it no other way, once it is canonical."""
    inputs, reasons = plugin.domains.check(declared(A, rpc.wrap_rpc_secret("Covert.example.com")))

    assert reasons == []
    assert inputs["domains"] == rpc.wrap_rpc_secret([A, "https://covert.example.com"])


def test_numbers_and_blanks_are_taken_as_they_are_meant(plugin):
    """The wire has floats only; a text with blanks is not a host."""
    inputs, reasons = plugin.domains.check(declared(A, confirm_file_timeout=60))
    _, (refused,) = plugin.domains.check(declared(" ", "a b.example.com"))

    assert reasons == []
    assert inputs["confirm_file_timeout"] == 60.0
    assert refused.startswith("`domains` has 2 problems:")


@pytest.mark.parametrize(
    ("olds", "news", "paths"),
    [
        (state_of(A, B), declared(B, A), {}),
        (state_of(A, B), declared(B, C), {"domains[0]": "DELETE", "domains[1]": "ADD"}),
        (state_of(A, B), declared(C, B), {"domains[0]": "UPDATE"}),
        (state_of(A, B), declared(A, UNKNOWN), {"domains": "UPDATE"}),
        (state_of(A), declared(A, mode="additive"), {"mode": "UPDATE"}),
        (state_of(A), declared(A, mode=UNKNOWN), {"mode": "UPDATE"}),
        (state_of(A), declared(A, appid=OTHER), {"appid": "UPDATE_REPLACE"}),
        (state_of(A), declared(A, appid=UNKNOWN), {"appid": "UPDATE"}),
        (state_of(A, appid=None), declared(A, appid=OTHER), {"appid": "UPDATE_REPLACE"}),
        (state_of(A, **{PROVIDER_KEY: "x"}), declared(B), {"domains[0]": "UPDATE"}),
        (state_of(A), declared(A, overwrite_existing=True, confirm_file_timeout=9), {}),
    ],
)
def test_a_diff_names_each_path_once(plugin, olds, news, paths):
    """Another order makes no difference. Where a path is named, its neighbours are not."""
    reply = plugin.domains.diff_in_full(olds, {"mode": "authoritative", **news}, id_=APPID)

    kind = provider_pb2.PropertyDiff.Kind
    assert {path: kind.Name(each.kind) for path, each in reply.detailedDiff.items()} == paths
    assert reply.changes == (reply.DIFF_SOME if paths else reply.DIFF_NONE)
    assert reply.hasDetailedDiff == bool(paths)
    assert list(reply.diffs) == sorted({path.partition("[")[0] for path in paths})
    assert list(reply.replaces) == (["appid"] if "UPDATE_REPLACE" in paths.values() else [])
    assert list(reply.stables) == ([] if "appid" in paths else ["appid"])
    assert not reply.deleteBeforeReplace


def test_what_only_the_outputs_say_is_a_difference_without_paths(start, wechat_emulator):
    """No input differs, so there is none to show."""
    wechat_emulator.seed(APPID, live=[B])
    with start(liveDiff=True) as plugin:
        reply = plugin.domains.diff_in_full(state_of(A), declared(A, mode="authoritative"), id_=APPID)
        reported = plugin.errors

    assert (reply.changes, list(reply.diffs), reply.hasDetailedDiff) == (reply.DIFF_SOME, ["domains"], False)
    assert f"{APPID}: the live list differs from the state: missing {A}; extra {B}" in reported


def test_a_state_of_the_other_face_is_a_difference_without_paths(plugin):
    """The engine replaces by paths (`replace_on_changes`), and a mere move must not be replaced."""
    moved = [
        plugin.domains.diff_in_full(
            state_of(A, **{PROVIDER_KEY: "x"}), declared(A, mode="authoritative"), id_=APPID
        ),
        plugin.confirm_file.diff_in_full({"appid": APPID, PROVIDER_KEY: "x"}, {"appid": APPID}),
    ]

    for reply in moved:
        assert (reply.changes, list(reply.diffs), dict(reply.detailedDiff)) == (reply.DIFF_SOME, [], {})
        assert not reply.hasDetailedDiff


def test_a_confirm_file_differs_by_its_app_alone(plugin):
    """As the domains do."""
    olds = {"appid": APPID, "file_name": "a.txt", "file_content": "0"}
    file = plugin.confirm_file

    replies = [file.diff_in_full(olds, {"appid": appid}) for appid in (APPID, OTHER, UNKNOWN)]

    assert [list(reply.detailedDiff) for reply in replies] == [[], ["appid"], ["appid"]]
    assert [list(reply.replaces) for reply in replies] == [[], ["appid"], []]
    assert file.update({**olds, PROVIDER_KEY: "x"}, {"appid": APPID}) == olds


def test_a_state_of_the_dynamic_face_is_written_anew_without_a_call(plugin, wechat_emulator):
    """With the names of this face, as long as nothing else is to be done."""
    olds = state_of(A, declared_as="one", **{PROVIDER_KEY: "x"})
    message = struct_pb2.Struct()
    message.update(olds)
    news, _ = plugin.domains.check(declared(A))
    request = provider_pb2.UpdateRequest(
        id=APPID, urn=plugin.domains.urn, olds=message, news=struct({**news, **plugin.domains.added})
    )

    written = plain(plugin.domains.call("Update", request).properties)

    assert written == {**{key: value for key, value in olds.items() if key != PROVIDER_KEY}, **news}
    assert wechat_emulator.calls() == []


def test_a_state_of_the_dynamic_face_with_a_change_is_an_update(plugin, wechat_emulator):
    """In one step."""
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    news, _ = plugin.domains.check(declared(B))

    written = plugin.domains.update(state_of(A, **{PROVIDER_KEY: "x"}), news)

    assert PROVIDER_KEY not in written
    assert wechat_emulator.live(APPID) == [B]


def test_an_import_reads_by_the_id_alone(plugin, wechat_emulator):
    """The next check of its inputs passes, and the diff says none."""
    wechat_emulator.seed(APPID, live=["https://B.example.com/", "https://a.example.com"], effective=[A])

    outputs, inputs = plugin.domains.read(APPID)
    news, reasons = plugin.domains.check(inputs, inputs)

    assert outputs["domains"] == inputs["domains"] == [B, A]
    assert (outputs["effective_domains"], outputs["added_domains"], outputs["mode"]) == (
        [A],
        [],
        "authoritative",
    )
    assert reasons == []
    assert plugin.domains.diff(outputs, news) == ("none", [])
    assert [call.name for call in wechat_emulator.calls()] == ["get", "effective"]


def test_a_get_reads_as_an_import_does(plugin, wechat_emulator):
    """The engine sends what the program gave as inputs and as properties."""
    wechat_emulator.seed(APPID, live=[A], effective=[A])
    given = {"appid": APPID, "domains": []}

    outputs, _ = plugin.domains.read(APPID, given, given)

    assert outputs["domains"] == [A]


@pytest.mark.parametrize("given", [{"appid": APPID, "domains": []}, None])
def test_an_empty_list_is_read_as_one(plugin, wechat_emulator, given):
    """By an import, or by a `get`, which looks the same in YAML."""
    wechat_emulator.seed(APPID)

    outputs, _ = plugin.domains.read(APPID, given, given)

    assert outputs["domains"] == []
    assert outputs["release_required"] is False


@pytest.mark.parametrize(
    ("id_", "reported"),
    [
        ("shop", "the id 'shop' is not a valid appid: expected"),
        (OTHER, f"{OTHER}: the configured access tokens belong to {APPID}; add one for this appid"),
    ],
)
def test_an_import_that_finds_nothing_is_one_error(plugin, wechat_emulator, id_, reported):
    """An empty answer would say that the app does not exist."""
    wechat_emulator.seed(APPID)
    with pytest.raises(RefusedError) as refused:
        plugin.domains.read(id_)

    assert str(refused.value).startswith(reported)
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.parametrize("effect", [{"errcode": 61003}, {"errcode": 61007}])
def test_an_import_of_an_app_that_did_not_authorise_is_one_error(start, wechat_emulator, effect):
    """Also where `keep` lets a refresh pass."""
    wechat_emulator.seed(APPID, live=[A])
    wechat_emulator.fault(action="get", times=None, **effect)
    with start(onUnauthorized="keep") as plugin, pytest.raises(RefusedError) as refused:
        plugin.domains.read(APPID)

    assert f"({effect['errcode']}" in str(refused.value)
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION


def test_a_refresh_reads_the_mode_of_the_state(plugin, wechat_emulator):
    """And what it owns."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A, B])

    outputs, inputs = plugin.domains.read(APPID, state_of(A, C, mode="additive"))

    assert (outputs["domains"], outputs["added_domains"], inputs["mode"]) == ([A], [A], "additive")


def test_a_refresh_keeps_secrets(plugin, wechat_emulator):
    """The engine marks them in the inputs or in the outputs."""
    wechat_emulator.seed(APPID, live=[SECRET])
    sealed = {"appid": APPID, "domains": rpc.wrap_rpc_secret([SECRET])}

    for outputs, inputs in (
        (state_of(SECRET), sealed),
        (state_of() | sealed, sealed),
        (state_of() | sealed, {}),
    ):
        read, read_inputs = plugin.domains.read(APPID, outputs, inputs)
        assert read["domains"] == read_inputs["domains"] == sealed["domains"]
        assert read["effective_domains"] == sealed["domains"]


def test_the_confirm_file_is_imported_by_its_id(plugin, wechat_emulator):
    """It is the app's."""
    outputs, inputs = plugin.confirm_file.read(APPID)

    assert outputs["file_name"] == wechat_emulator.state(APPID).file_name
    assert inputs == {"appid": APPID}


def invoke(plugin, function, **arguments):
    """Call a function of a program."""
    request = provider_pb2.InvokeRequest(tok=f"wechat-miniprogram:index:{function}", args=struct(arguments))
    reply = plugin.domains.call("Invoke", request)
    return json_format.MessageToDict(getattr(reply, "return"))


def test_functions_read_and_write_nothing(plugin, wechat_emulator):
    """Each answers in the names of the schema."""
    mp = {"requestdomain": [B], "wsrequestdomain": ["wss://push.example.com"]}
    server = {"direct": {"requestdomain": [A]}, "mp": mp}
    lists = {"live": [A, B], "effective": [A, C], "mp": [C], "server": server}
    wechat_emulator.sow({"apps": [{"appid": APPID, **lists}]})
    inputs, _ = plugin.server.check({"appid": APPID, "mode": "additive", "upload": [C]})
    plugin.server.create(inputs)
    wechat_emulator.clear_calls()
    file, none = wechat_emulator.state(APPID), {kind: list[str]() for kind in KINDS}

    assert invoke(plugin, "listAuthorizers") == {"appids": [APPID]}
    assert invoke(plugin, "getWebviewDomains", appid=APPID) == {
        "domains": [A, B],
        "effectiveDomains": [A, C],
        "pendingDomains": [B],
        "otherDomains": [C],
    }
    assert invoke(plugin, "getServerDomains", appid=APPID) == {
        "domains": {**none, "request": [A], "upload": [C]},
        "effectiveDomains": {**none, "request": [A, B], "socket": ["wss://push.example.com"]},
        "pendingDomains": {**none, "upload": [C]},
        "otherDomains": {**none, "request": [B], "socket": ["wss://push.example.com"]},
    }
    assert invoke(plugin, "getConfirmFile", appid=APPID) == {
        "fileName": file.file_name,
        "fileContent": file.file_content,
    }
    assert [call.name for call in wechat_emulator.calls()] == [
        "get",
        "effective",
        "get_effective_domain",
        "confirmfile",
    ]


@pytest.mark.parametrize(
    "function", [GET_WEBVIEW_DOMAINS, GET_SERVER_DOMAINS, GET_CONFIRM_FILE, LIST_AUTHORIZERS]
)
def test_an_answer_is_that_of_the_schema(plugin, function):
    """A generated SDK reads each value that it promises."""
    name = function.rpartition(":")[2]
    promised = schema()["functions"][function]

    answer = invoke(plugin, name, **({"appid": APPID} if "inputs" in promised else {}))

    assert {*answer} == {*promised["outputs"]["required"]}


@pytest.mark.parametrize("source", [{"accessTokenCommand": "true"}, {"accessTokens": "{}"}])
def test_an_empty_list_of_apps_is_an_error(start, source):
    """A program that declares a resource for each app would delete them all."""
    cleared = {"accessTokens": "", **source}
    with (
        start(**cleared) as process,
        pytest.raises(RefusedError, match="no Mini Program is known") as refused,
    ):
        invoke(process, "listAuthorizers")

    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.parametrize(
    ("function", "arguments", "code", "reported"),
    [
        (
            "getWebviewDomains",
            {"appid": "shop"},
            grpc.StatusCode.FAILED_PRECONDITION,
            "`appid` 'shop' is not a valid",
        ),
        ("getConfirmFile", {}, grpc.StatusCode.FAILED_PRECONDITION, "`appid` None is not a valid appid"),
        (
            "getConfirmFile",
            {"appid": UNKNOWN},
            grpc.StatusCode.FAILED_PRECONDITION,
            "`appid` is not known yet",
        ),
        (
            "deleteAll",
            {},
            grpc.StatusCode.UNIMPLEMENTED,
            "has no function wechat-miniprogram:index:deleteAll",
        ),
    ],
)
def test_a_function_that_cannot_answer_says_why(plugin, wechat_emulator, function, arguments, code, reported):
    """In one line, without a call."""
    with pytest.raises(RefusedError, match=reported) as refused:
        invoke(plugin, function, **arguments)

    assert refused.value.code == code
    assert wechat_emulator.calls() == []


MALFORMED = {
    "unknown type": ("Check", provider_pb2.CheckRequest(urn=urn_of("x:index:Y", "y"))),
    "no URN": ("Check", provider_pb2.CheckRequest(urn="y", news=struct(declared(A)))),
    "no properties": ("Create", provider_pb2.CreateRequest(urn=Resource(None).urn)),
    "no olds": ("Update", provider_pb2.UpdateRequest(urn=Resource(None).urn, id=APPID)),
    "no news": ("Diff", provider_pb2.DiffRequest(urn=Resource(None).urn, id=APPID)),
    "wrong types": (
        "Create",
        provider_pb2.CreateRequest(
            urn=Resource(None).urn,
            properties=struct(
                {
                    **{field.name: rpc.wrap_rpc_secret(CANARY) for field in WEBVIEW_DOMAINS_OUTPUTS},
                    "appid": APPID,
                }
            ),
        ),
    ),
    "a state of wrong types": (
        "Delete",
        provider_pb2.DeleteRequest(
            urn=Resource(None).urn,
            id=APPID,
            properties=struct({"domains": rpc.wrap_rpc_secret({CANARY: CANARY})}),
        ),
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_one_text_without_values(plugin, wechat_emulator, name):
    """An engine sends none; a proxy or a fuzzer may. Nothing is written."""
    method, request = MALFORMED[name]

    with pytest.raises(RefusedError) as refused:
        plugin.domains.call(method, request)

    text = f"{refused.value}\n{plugin.errors}"
    assert "Traceback" not in text
    assert CANARY not in text
    assert wechat_emulator.writes() == []


def test_no_credential_is_in_any_answer(wechat_emulator, capfd):
    """Nor in a line for the user, nor in what `--debug` shows, wherever one is configured."""
    wechat_emulator.seed(APPID, live=[A])
    program = f"import sys; sys.stderr.write({CANARY!r}); sys.exit('the token is {CANARY}')"
    for config in (
        {"accessTokens": {APPID: CANARY}},
        {"accessToken": CANARY, "accessTokenAppid": OTHER},
        {"accessTokenCommand": [sys.executable, "-c", program]},
        {"componentAppid": OTHER, "componentAppsecret": CANARY, "componentVerifyTicket": CANARY},
    ):
        with InProcess({"endpoint": wechat_emulator.url, "log": "debug", **config}) as plugin:
            inputs, reasons = plugin.domains.check(declared(A))
            reported = [str(inputs), *reasons]
            for method, arguments in (
                (plugin.domains.create, [inputs]),
                (plugin.domains.read, [APPID]),
                (plugin.confirm_file.read, [APPID]),
            ):
                with pytest.raises(RefusedError) as refused:
                    method(*arguments)
                reported.append(str(refused.value))
            reported += [check_config(plugin, config)[1], plugin.listener.heard]

        assert CANARY not in f"{reported}{capfd.readouterr()}"
