"""The native plugin as a process: how it starts and ends, what it says of itself, Cancel, its environment.

What it answers is in test_faces.py, test_plugin_config.py, test_plugin_answers.py and test_plugin_previews.py.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.plugin.schema import schema
from tests.bench import APPID, A, B
from tests.contract.plugin_process import PluginProcess
from tests.native_face import RefusedError, configure_request

LANES = 16


def config_of(control, **more):
    """A config with a token for the app, which exists from now on."""
    control.seed(APPID)
    return {"endpoint": control.url, "accessTokens": json.dumps({APPID: f"emulator-{APPID}"}), **more}


def declared(*domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": [*domains], **more}


def names(control):
    """The calls that arrived, in one word each."""
    return [call.name for call in control.calls()]


@pytest.fixture(scope="module")
def unconfigured():
    """One plugin process that was not configured."""
    with PluginProcess() as process:
        yield process


def test_it_tells_its_version_and_its_schema(unconfigured):
    """Both before it is configured."""
    info = unconfigured.stub.GetPluginInfo(empty_pb2.Empty())
    reported = unconfigured.stub.GetSchema(provider_pb2.GetSchemaRequest(version=0))

    assert info.version == semantic(__version__)
    assert json.loads(reported.schema) == schema()


def test_a_handshake_says_that_it_takes_secrets(unconfigured):
    """The engine then sends it secrets as such, and marks them in the state."""
    reply = unconfigured.stub.Handshake(
        provider_pb2.ProviderHandshakeRequest(engine_address=unconfigured.engine.address)
    )

    assert reply.accept_secrets
    assert not reply.accept_resources


def test_what_is_not_configured_is_refused_in_one_line(unconfigured):
    """An engine that asks too early hears it; the process goes on."""
    _, reasons = unconfigured.domains.check(declared(A))
    with pytest.raises(RefusedError, match="^the provider was not configured$") as refused:
        unconfigured.domains.create(declared(A))

    assert reasons == ["the provider was not configured"]
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION


def test_a_method_that_it_lacks_is_said_to_be_missing(unconfigured):
    """The engine asks for some on the chance."""
    with pytest.raises(grpc.RpcError) as missing:
        unconfigured.stub.GetMapping(provider_pb2.GetMappingRequest())

    assert missing.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_an_engine_that_attaches_hears_its_lines(wechat_emulator):
    """A plugin that runs in a debugger has no engine's address to begin with."""
    with PluginProcess(attached=False) as process:
        process.stub.Configure(configure_request({"endpoint": wechat_emulator.url, "typo": "x"}))
        assert process.lines == []
        process.stub.Attach(plugin_pb2.PluginAttach(address=process.engine.address))
        process.stub.Configure(configure_request({"endpoint": wechat_emulator.url, "typo": "x"}))

        assert process.lines == ["warning: wechat-miniprogram:typo is not a setting of this provider"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_trace(sent):
    """That is how the engine ends it."""
    with PluginProcess({}) as process:
        ended = process.end(sent)

        assert (ended, process.written) == (0, ("", ""))


def test_a_signal_ends_a_wait_too(wechat_emulator):
    """The engine kills what is there 5 seconds later."""
    wechat_emulator.trust()
    with PluginProcess(config_of(wechat_emulator)) as process, ThreadPoolExecutor(1) as pool:
        inputs, _ = process.domains.check(declared(A, confirm_file_timeout=3600, mode="additive"))
        create = pool.submit(process.domains.create, inputs)
        while "confirmfile" not in names(wechat_emulator):
            assert not create.done()
        ended = process.end()

        with pytest.raises(RefusedError, match=f"create of {APPID} stopped, because the run was interrupted"):
            create.result(30)
        assert ended == 0


def test_it_ends_when_nobody_reads_its_output():
    """The engine was killed, and sent nothing."""
    with PluginProcess({}) as process:
        assert process.process.stdout is not None
        process.process.stdout.close()
        process.process.stdout = None

        assert process.wait() == 0


@pytest.mark.parametrize("waiting", [1, 64])
def test_cancel_ends_every_wait_and_nothing_is_written_after_it(wechat_emulator, waiting):
    """Also while every lane is taken and more operations wait for one."""
    wechat_emulator.trust()
    with PluginProcess(config_of(wechat_emulator)) as process, ThreadPoolExecutor(waiting) as pool:
        inputs, _ = process.domains.check(declared(A, confirm_file_timeout=3600, mode="additive"))
        creates = [pool.submit(process.domains.create, inputs) for _ in range(waiting)]
        while names(wechat_emulator).count("confirmfile") < min(waiting, LANES):
            assert not any(create.done() for create in creates)
        before = names(wechat_emulator)
        process.stub.Cancel(empty_pb2.Empty(), timeout=30)

        for create in creates:
            with pytest.raises(RefusedError, match="run was interrupted") as refused:
                create.result(30)
            assert refused.value.code == grpc.StatusCode.CANCELLED
        with pytest.raises(RefusedError, match="run was interrupted"):
            process.domains.create(inputs)

    assert names(wechat_emulator) == before


def test_the_embedded_emulator_outlives_the_process(tmp_path):
    """Every appid exists in it; the next process finds the data."""
    config = {"endpoint": f"emulator:{tmp_path / 'new' / 'wechat.db'}"}
    with PluginProcess(config) as up:
        inputs, _ = up.domains.check(declared(A))
        _, created = up.domains.create(inputs)
    with PluginProcess(config) as refresh:
        outputs, _ = refresh.domains.read(APPID, created)

    assert outputs == created


def test_a_token_command_inherits_no_stack_config(wechat_emulator):
    """PULUMI_CONFIG has the secrets of the stack in clear."""
    wechat_emulator.seed(APPID, live=[A])
    program = f"import os; assert 'PULUMI_CONFIG' not in os.environ; print('emulator-{APPID}')"
    config = {
        "endpoint": wechat_emulator.url,
        "accessTokenCommand": json.dumps([sys.executable, "-c", program]),
    }
    with PluginProcess(config, environment={"PULUMI_CONFIG": '{"x:token": "canary"}'}) as process:
        outputs, _ = process.domains.read(APPID)

    assert outputs["domains"] == [A]


LOADED = """
import sys
from pulumi_wechat_miniprogram.plugin import serve
loaded = sorted(name for name in sys.modules if name.partition(".")[0] == "pulumi")
print(*(name for name in loaded if ".proto" not in name and vars(sys.modules[name]).get("__file__")))
print(*sorted({"httpx", "tenacity", "pulumi_wechat_miniprogram.lifecycle.reconcile"} & sys.modules.keys()))
"""


def test_the_process_loads_neither_the_sdk_nor_a_client():
    """The SDK costs as much as all the rest; an `up` without changes makes no call."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert done.stdout == "\n\n"


def test_debug_lines_go_to_the_engine(wechat_emulator):
    """It shows nothing of what a plugin writes to stderr, and no line names a token."""
    with PluginProcess(config_of(wechat_emulator, log="debug")) as process:
        wechat_emulator.seed(APPID, live=[A, B])
        process.domains.read(APPID)
        said = process.lines

    assert [json.loads(line.removeprefix("debug: "))["action"] for line in said] == [
        "get",
        "read of the effective list",
    ]
    assert f"emulator-{APPID}" not in str([*said, *process.written])
