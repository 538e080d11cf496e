"""The provider in Pulumi's own dynamic host: what the engine sends, and what it gets back."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_wechat_miniprogram import pinned
from pulumi_wechat_miniprogram.dynamic import provider, resources
from tests.contract.host import UNKNOWN, HostProcess, RefusedError

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")


@pytest.fixture
def start(wechat_emulator):
    """Starts plugin processes with tokens for two seeded apps; the engine starts one an operation."""
    wechat_emulator.seed(APPID)
    wechat_emulator.seed(OTHER)
    tokens = {appid: f"emulator-{appid}" for appid in (APPID, OTHER)}
    return lambda: HostProcess({"endpoint": wechat_emulator.url, "accessTokens": json.dumps(tokens)})


@pytest.fixture
def host(start):
    """One plugin process."""
    with start() as process:
        yield process


def declared(domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": domains, **more}


def names(control):
    """The calls that arrived, in one word each."""
    return [call.name for call in control.calls()]


def test_the_pinned_strings_stand_in_users_state():
    """Both constants are frozen letter for letter, and name classes that load."""
    assert pinned.WEBVIEW_DOMAINS_PROVIDER == (
        "gASMKnB1bHVtaV93ZWNoYXRfbWluaXByb2dyYW0uZHluYW1pYy5wcm92aWRlcowWV2Vidmlld0RvbWFpbnNQcm92aWRlcpMpgS4="
    )
    assert pinned.CONFIRM_FILE_PROVIDER == (
        "gASMKnB1bHVtaV93ZWNoYXRfbWluaXByb2dyYW0uZHluYW1pYy5wcm92aWRlcowTQ29uZmlybUZpbGVQcm92aWRlcpMpgS4="
    )
    loaded = pickle.loads(base64.b64decode(pinned.WEBVIEW_DOMAINS_PROVIDER))  # noqa: S301 - our own constant
    assert type(loaded) is provider.WebviewDomainsProvider


def test_check_canonicalises_and_fills_in_defaults(host):
    """The engine stores what check returns: canonical domains and every input."""
    inputs, failures = host.domains.check(declared(["A.example.com", "https://b.example.com/"]))

    assert failures == []
    assert inputs == {
        "appid": APPID,
        "domains": [A, B],
        "mode": "authoritative",
        "overwrite_existing": False,
        "confirm_file_timeout": 0.0,
        "allow_mass_removal": False,
    }


def test_check_lists_every_reason_at_once(host, wechat_emulator):
    """One failure in preview names all that is wrong; nothing is called."""
    news = {
        "appid": "wx1",
        "domains": ["http://a.example.com", "localhost"],
        "mode": "both",
        "overwrite_existing": "yes",
        "confirm_file_timeout": 3601,
    }

    _, (reason,) = host.domains.check(news)

    assert reason.splitlines() == [
        "`appid` 'wx1' is not an appid: wx and 16 of 0-9a-f, as in wx0123456789abcdef",
        '`mode` \'both\' is neither "authoritative" nor "additive"',
        "`overwrite_existing` 'yes' is neither True nor False",
        "`confirm_file_timeout` 3601.0 is no number of seconds from 0 to 3600",
        "`domains` has 2 problems:",
        "  'http://a.example.com': has scheme http, WeChat takes https only",
        "  'localhost': is this machine, WeChat must reach the host",
    ]
    assert wechat_emulator.calls() == []


def test_check_refuses_what_is_no_list(host):
    """A single string is not taken for a list of characters."""
    _, (reason,) = host.domains.check(declared("a.example.com"))

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
def test_check_lets_unknowns_pass(host, news):
    """What is known only after an update stays unknown; the rest is still checked."""
    inputs, failures = host.domains.check(news)

    assert failures == []
    assert json.dumps(inputs).count(UNKNOWN) == json.dumps(news).count(UNKNOWN)
    assert "A.example" not in json.dumps(inputs)


def test_the_valve_closes_in_preview(host):
    """A list that loses more than 30 % of its domains is refused before anything is applied."""
    olds = declared([f"https://h{n}.example.com" for n in range(10)])

    _, (reason,) = host.domains.check(declared(olds["domains"][:6]), olds)
    _, allowed = host.domains.check(declared(olds["domains"][:6], allow_mass_removal=True), olds)
    _, other_app = host.domains.check({"appid": OTHER, "domains": olds["domains"][:6]}, olds)
    _, (empty,) = host.domains.check(declared([]))

    assert reason.startswith(f"4 of 10 domains (40%) of {APPID} would be removed, more than 30%: ")
    assert empty.startswith(f"`domains` of {APPID} is empty. If this is meant, set allow_mass_removal=True")
    assert (allowed, other_app) == ([], [])


@pytest.mark.parametrize(
    ("news", "answer"),
    [
        (declared([B, A]), ("none", [])),
        (declared([A, B], overwrite_existing=True), ("none", [])),
        (declared([A]), ("unknown", [])),
        (declared(UNKNOWN), ("unknown", [])),
        (declared([A, B], mode="additive"), ("unknown", [])),
        (declared([A, B], mode=UNKNOWN), ("unknown", [])),
        ({"appid": OTHER, "domains": [A, B]}, ("unknown", ["appid"])),
        ({"appid": UNKNOWN, "domains": [A, B]}, ("unknown", ["appid"])),
    ],
)
def test_diff_compares_meaning(host, news, answer):
    """Order and operational inputs are no change; otherwise the engine makes the detailed diff."""
    olds = declared([A, "https://B.example.com/"], mode="authoritative")

    assert host.domains.diff(olds, {"mode": "authoritative", **news}) == answer


def test_the_whole_life_of_a_resource(start, wechat_emulator):
    """Create sets, update sends the difference, read sees drift, delete removes: with section 5's calls."""
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
    assert names(wechat_emulator) == ["get", "delete"]
    assert wechat_emulator.live(APPID) == []


def test_delete_spares_what_the_running_operation_declares(start, wechat_emulator):
    """A rename without alias creates, then deletes the same appid: the declared domain stays."""
    wechat_emulator.seed(APPID, live=[A, B])
    with start() as up:
        inputs, _ = up.domains.check(declared([A]))
        up.domains.delete({**inputs, "domains": [A, B]})

    assert wechat_emulator.live(APPID) == [A]
    assert (
        f"warning: {APPID}: {A} stays on the live list, since another resource of this program declares"
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
        f"wechat-miniprogram: create would remove {C} from {APPID}, which nobody declared. "
        'Add it to `domains`, use mode="additive", or set overwrite_existing=True.\n'
    )
    assert wechat_emulator.writes() == []


def test_no_credentials_is_one_error_at_first_use(wechat_emulator):
    """Check passes without a token; the first call names the keys."""
    with HostProcess({"endpoint": wechat_emulator.url}) as process:
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


def test_a_wrong_endpoint_is_a_check_failure():
    """A preview tells what is wrong with the settings."""
    with HostProcess({"endpoint": "http://api.example.com", "acessToken": "x"}) as process:
        _, (reason,) = process.domains.check(declared([A]))

    assert reason == (
        "wechat-miniprogram:endpoint is plain http to another machine, which would show the token on the way; "
        "use https"
    )


def test_a_token_of_another_app_is_refused_in_check(wechat_emulator):
    """A token selects the Mini Program by itself, so it never serves a second appid."""
    config = {"endpoint": wechat_emulator.url, "accessToken": "t", "accessTokenAppid": OTHER, "typo": "x"}
    with HostProcess(config) as process:
        _, (reason,) = process.domains.check(declared([A]))
        _, unknown = process.domains.check({"appid": UNKNOWN, "domains": [A]})

    assert reason == (
        f"the configured access token belongs to {OTHER} (accessTokenAppid), not to {APPID}: "
        "use accessTokens, a JSON object from appid to token"
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
    assert host.confirm_file.diff(outputs, {"appid": OTHER}) == ("unknown", ["appid"])
    assert host.confirm_file.diff(outputs, {"appid": UNKNOWN}) == ("unknown", ["appid"])
    assert host.confirm_file.check({})[1] != []


def test_four_operations_at_once_on_one_app_lose_nothing(host, wechat_emulator):
    """Additive resources of one appid are applied one after the other."""
    inputs = [
        host.domains.check(declared([f"https://h{n}.example.com"], mode="additive"))[0] for n in range(12)
    ]

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(host.domains.create, inputs))

    assert sorted(wechat_emulator.live(APPID)) == sorted(i["domains"][0] for i in inputs)
    assert names(wechat_emulator) == ["get", "add", "effective"] * 12


def test_the_embedded_emulator_needs_no_credentials_and_outlives_the_run(tmp_path):
    """Every appid exists in it; the next process finds the data."""
    config = {"endpoint": f"emulator:{tmp_path / 'new' / 'wechat.db'}"}
    with HostProcess(config) as up:
        inputs, _ = up.domains.check(declared([A]))
        _, created = up.domains.create(inputs)

    with HostProcess(config) as refresh:
        outputs, _ = refresh.domains.read(APPID, created)

    assert outputs == created


def test_an_emulator_endpoint_that_is_no_data_file_is_a_check_failure(tmp_path):
    """One text names the endpoint and what is wrong with it; the file is left as it was."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and long enough to be read as one " * 4, encoding="utf-8")
    with HostProcess({"endpoint": f"emulator:{path}"}) as process:
        _, (reason,) = process.domains.check(declared([A]))

    assert reason.startswith(f"the endpoint emulator:{path} cannot be used: {path} holds no emulator data")
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_four_reads_at_once_share_one_session(wechat_emulator, tmp_path):
    """A refresh begins with parallel reads: one source, asked once, which binds each token to one appid."""
    wechat_emulator.seed(APPID)
    asked = tmp_path / "asked"
    program = f"open({str(asked)!r}, 'a').write('x'); print('emulator-{APPID}')"
    config = {
        "endpoint": wechat_emulator.url,
        "accessTokenCommand": json.dumps([sys.executable, "-c", program]),
    }
    with HostProcess(config) as refresh, ThreadPoolExecutor(4) as threads:
        reads = [threads.submit(refresh.domains.read, APPID, declared([A])) for _ in range(4)]
        results = [read.result() for read in reads]

    assert len(results) == 4
    assert asked.read_text(encoding="utf-8") == "x"


def test_a_token_of_another_app_is_refused_in_a_refresh_too(wechat_emulator):
    """Two apps, one token: the second appid is refused, whichever comes first."""
    config = {"endpoint": wechat_emulator.url, "accessTokenCommand": f"echo emulator-{APPID}"}
    for appid in (APPID, OTHER):
        wechat_emulator.seed(appid, live=[A])
    with HostProcess(config) as refresh, ThreadPoolExecutor(2) as threads:
        reads = [
            threads.submit(refresh.domains.read, appid, {**declared([A]), "appid": appid})
            for appid in (APPID, OTHER)
        ]
        refused = [read.exception() for read in reads if read.exception()]

    (error,) = refused
    assert "its token source returned the token of wx" in str(error)


def test_a_state_that_lacks_what_older_ones_lack_is_read(host):
    """No mode, no list: the defaults."""
    assert host.domains.diff({"appid": APPID, "domains": None}, declared([A], mode="authoritative")) == (
        "unknown",
        [],
    )


LOADED = """
import sys
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider

provider = WebviewDomainsProvider()
provider.configure(ConfigureRequest(Config({"wechat-miniprogram:endpoint": "http://127.0.0.1:1"}, "p")))
inputs = provider.check({}, {"appid": "wx0123456789abcdef", "domains": ["a.example.com"]}).inputs
assert provider.diff("x", inputs, inputs).changes is False
print(*sorted({"httpx", "idna", "tenacity"} & sys.modules.keys()))
"""


def test_check_and_diff_load_no_client():
    """An `up` without changes makes no call, and does not wait for what makes them."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert done.stdout == "\n"


def test_the_declared_outputs_are_no_strings():
    """The SDK evaluates the annotations of a class for each of its resources: text would be compiled each time."""
    classes = (resources.MiniProgramWebviewDomains, resources.MiniProgramConfirmFile)

    assert [note for each in classes for note in each.__annotations__.values() if isinstance(note, str)] == []
