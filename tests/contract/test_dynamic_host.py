"""The provider in Pulumi's own dynamic host: what only this face has; test_faces.py asks both."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from pulumi_wechat_miniprogram.dynamic import provider
from pulumi_wechat_miniprogram.exports import kinds
from tests import native_face
from tests.contract.host import HostProcess, plain, struct
from tests.native_face import RefusedError

APPID = "wx0123456789abcdef"
A = "https://a.example.com"


@pytest.fixture
def start(wechat_emulator):
    """Starts plugin processes with a token for a seeded app; the engine starts one an operation."""
    wechat_emulator.seed(APPID)
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    return lambda: HostProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens})


def declared(domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": domains, **more}


def names(control):
    """The calls that arrived, in one word each."""
    return [call.name for call in control.calls()]


def test_the_pinned_strings_stand_in_users_state():
    """Both constants are frozen letter for letter, and name classes that load."""
    assert kinds.PROVIDERS["webview-domains"] == (
        "gASMKnB1bHVtaV93ZWNoYXRfbWluaXByb2dyYW0uZHluYW1pYy5wcm92aWRlcowWV2Vidmlld0RvbWFpbnNQcm92aWRlcpMpgS4="
    )
    assert kinds.PROVIDERS["confirm-file"] == (
        "gASMKnB1bHVtaV93ZWNoYXRfbWluaXByb2dyYW0uZHluYW1pYy5wcm92aWRlcowTQ29uZmlybUZpbGVQcm92aWRlcpMpgS4="
    )
    assert base64.b64decode(kinds.PROVIDERS["server-domains"]) == (
        b"\x80\x04\x8c*pulumi_wechat_miniprogram.dynamic.provider\x8c\x15ServerDomainsProvider\x93)\x81."
    )
    loaded = pickle.loads(base64.b64decode(kinds.PROVIDERS["webview-domains"]))  # noqa: S301 - our own constant
    assert type(loaded) is provider.WebviewDomainsProvider


def test_the_embedded_emulator_needs_no_credentials_and_outlives_the_run(tmp_path):
    """Every appid exists in it; the next process finds the data."""
    config = {"endpoint": f"emulator:{tmp_path / 'new' / 'wechat.db'}"}
    with HostProcess(config) as up:
        inputs, _ = up.domains.check(declared([A]))
        _, created = up.domains.create(inputs)

    with HostProcess(config) as refresh:
        outputs, _ = refresh.domains.read(APPID, created)

    assert outputs == created


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


LOADED = """
import sys
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider

provider = WebviewDomainsProvider()
provider.configure(ConfigureRequest(Config({"wechat-miniprogram:endpoint": "http://127.0.0.1:1"}, "p")))
inputs = provider.check({}, {"appid": "wx0123456789abcdef", "domains": ["a.example.com"]}).inputs
assert provider.diff("x", {**inputs, "__provider": ""}, inputs).changes is False
print(*sorted({"tenacity", "pulumi_wechat_miniprogram.lifecycle.reconcile"} & sys.modules.keys()))
"""


def test_check_and_diff_load_no_client():
    """An `up` without changes makes no call, and does not wait for what makes them."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert done.stdout == "\n"


@pytest.mark.parametrize("waiting", [1, 6])
def test_the_engines_cancel_ends_every_wait(start, wechat_emulator, waiting):
    """Also while all four threads of the host wait, and more operations are queued: nothing more is written."""
    wechat_emulator.trust()
    with start() as up, ThreadPoolExecutor(waiting) as pool:
        inputs, _ = up.domains.check(declared([A], confirm_file_timeout=3600, mode="additive"))
        creates = [pool.submit(up.domains.create, inputs) for _ in range(waiting)]
        while names(wechat_emulator).count("confirmfile") < min(waiting, 4):
            assert not any(create.done() for create in creates)
        before = names(wechat_emulator)
        up.domains.stub.Cancel(empty_pb2.Empty(), timeout=30)

        for create in creates:
            with pytest.raises(
                RefusedError, match=f"create of {APPID} stopped, because the run was interrupted"
            ):
                create.result(30)

    assert names(wechat_emulator) == before


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        (
            "domains",
            {
                **declared([A], mode="additive", overwrite_existing=False),
                "confirm_file_timeout": 0.0,
                "allow_mass_removal": False,
                "channel": "direct",
                "effective_domains": [A],
                "pending_domains": [],
                "release_required": False,
                "added_domains": [A],
                "shared_domains": {},
                "declared_as": "shop",
            },
        ),
        ("confirm_file", {"appid": APPID, "file_name": "a.txt", "file_content": "0"}),
    ],
)
def test_a_state_of_the_native_face_is_written_anew_without_a_call(start, wechat_emulator, resource, state):
    """It lacks `__provider`, without which every refresh and destroy fails, and has other names."""
    with start() as up:
        host = getattr(up, resource)
        news = {"__provider": host.provider, **host.check(state)[0]}
        request = {"id": APPID, "olds": native_face.struct(state), "news": struct(news)}
        changes = host.stub.Diff(provider_pb2.DiffRequest(**request)).changes
        written = plain(host.stub.Update(provider_pb2.UpdateRequest(**request)).properties)

    assert changes == provider_pb2.DiffResponse.DIFF_SOME
    assert written == state
    assert names(wechat_emulator) == []
