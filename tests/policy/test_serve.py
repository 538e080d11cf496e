"""The process that the engine starts."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2_grpc

from pulumi_wechat_miniprogram import __version__, policy
from pulumi_wechat_miniprogram.__about__ import semantic
from pulumi_wechat_miniprogram.policy.serve import serve
from tests.policy.analyzers import Pack

EXECUTABLE = Path(sysconfig.get_path("scripts"), "pulumi-analyzer-wechat-miniprogram")
DIRECTORY = Path(policy.__file__).parent / "pack"


@contextmanager
def started(*command):
    """A pack that serves, and its process, ended by the test or at its end."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel)), process
        finally:
            process.kill()


def test_the_executable_serves_every_policy_until_it_is_interrupted():
    """Its first line is the port, and the interrupt of the engine leaves no trace."""
    with started(str(EXECUTABLE), "127.0.0.1:1") as (pack, process):
        info = pack.info()
        process.send_signal(signal.SIGINT)
        ended = process.wait(timeout=20), *process.communicate()

    assert (info.name, info.version) == ("wechat-miniprogram", semantic(__version__))
    assert len(info.policies) == len(policy.RULES)
    assert ended == (0, "", "")


def test_an_interrupt_that_reaches_another_thread_ends_it():
    """The system chooses the thread, and only the main one runs Python's handlers."""
    program = (
        "import signal, sys, threading\n"
        "from pulumi_wechat_miniprogram import policy\n"
        "def interrupt_itself():\n"
        "    sys.stdin.readline()\n"
        "    signal.pthread_kill(threading.get_ident(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt_itself).start()\n"
        "policy.serve([policy.PROTECTED])\n"
    )
    command = [sys.executable, "-c", program]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.communicate("now\n", timeout=20)
        finally:
            process.kill()

    assert process.returncode == 0


def test_the_executable_tells_a_person_what_it_is_for():
    """Whoever types its name wants the command that uses it."""
    done = subprocess.run([str(EXECUTABLE)], capture_output=True, text=True, check=False, timeout=20)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"The Pulumi CLI starts this program: pulumi preview --policy-pack {EXECUTABLE}\n"


def test_the_directory_serves_the_same_pack():
    """A language host runs its program; the yaml names no version, so that the program's counts."""
    project = (DIRECTORY / "PulumiPolicy.yaml").read_text(encoding="utf-8").splitlines()

    with started(sys.executable, str(DIRECTORY / "__main__.py")) as (pack, _):
        info = pack.info()

    assert [line for line in project if not line.startswith("#")] == [
        "runtime: python",
        "description: Policies over the domains of WeChat Mini Programs",
    ]
    assert (info.name, len(info.policies)) == ("wechat-miniprogram", len(policy.RULES))


@pytest.mark.parametrize("rules", [[], [policy.PROTECTED, policy.PROTECTED]])
def test_a_pack_without_policies_or_with_one_twice_is_refused(rules):
    """The engine would say nothing, or twice the same."""
    with pytest.raises(
        ValueError,
        match=r"^a pack needs at least one policy, and each only once, not (none|protected, protected)$",
    ):
        serve(rules)


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("1.2.3", "1.2.3"),
        ("0.1.0.dev0", "0.1.0-dev0"),
        ("1.0.0rc1", "1.0.0-rc1"),
        ("1.0.0-beta.2", "1.0.0-beta.2"),
    ],
)
def test_a_version_is_shown_as_the_engine_takes_it(version, shown):
    """The engine stops at any other form."""
    assert semantic(version) == shown


@pytest.mark.parametrize("version", ["1.2", "one", "1.2.3+local"])
def test_a_version_that_the_engine_would_not_take_is_refused(version):
    """With an example."""
    with pytest.raises(
        ValueError, match=re.escape(f"{version!r} is not a valid version: expected one such as 1.2.3")
    ):
        semantic(version)
