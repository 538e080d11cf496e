"""Hosts that serve the confirm file, or fail to, and programs whose registrations are kept."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi.runtime import mocks
from pulumi.runtime import settings as registered

from pulumi_wechat_miniprogram.exports.kinds import SIBLINGS_KEY
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.probe import Prober
from tests.bench import Bench
from tests.https_hosts import FILE, GOOD, NAME, Authorities, Host


@pytest.fixture(scope="session")
def authorities():
    """The keys, made once."""
    return Authorities()


class Hosts:
    """Starts hosts and probes them under the names of the tests."""

    def __init__(self, authorities, ca_file):
        """Start none yet."""
        self.authorities = authorities
        self.ca_file = ca_file
        self.started: list[Host] = []
        authorities.root.cert_pem.write_to_path(ca_file)

    def start(self, answer=GOOD, kind="good", name=NAME):
        """Start a host with one kind of TLS side and one answer."""
        context = None if kind == "plain" else self.authorities.context(name, kind)
        self.started.append(Host(context, answer))
        return self.started[-1]

    def ask(self, *targets, **options):
        """Probe the targets, the first under `NAME`."""
        names = [NAME, *(f"h{n}.example.com" for n in range(1, len(targets)))]
        settings = Settings(ca_file=self.ca_file, probe_host_map=dict(zip(names, targets, strict=True)))
        return Prober(settings, **options).probe([f"https://{name}" for name in names], FILE)


@pytest.fixture
def hosts(authorities, tmp_path):
    """Hosts that are gone after the test."""
    hosts = Hosts(authorities, tmp_path / "ca.pem")
    yield hosts
    for host in hosts.started:
        host.close()


@pytest.fixture
def bench(wechat_emulator):
    """A bench over a new app."""
    bench = Bench(wechat_emulator)
    yield bench
    bench.client.close()


@pytest.fixture
def unused_target():
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


class Monitor(mocks.Mocks):
    """Keeps what each resource was registered with."""

    def __init__(self):
        """Keep nothing yet."""
        self.inputs: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, object] = {}
        self.types: dict[str, str] = {}

    def new_resource(self, args):
        """Take a registration."""
        self.notes[args.name] = args.inputs.get(SIBLINGS_KEY)
        self.inputs[args.name] = args.inputs
        self.types[args.name] = args.typ
        return args.name, args.inputs

    def call(self, args):
        """Answer no call."""
        raise NotImplementedError(args)


@pytest.fixture
def mocked():
    """Take registrations with mocks. The SDK looks for an event loop in each thread, and closes none."""
    loops = []

    def open_loop():
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    def mock():
        monitor = Monitor()
        mocks.set_mocks(monitor)
        return monitor

    registered.ROOT.set(None)
    with ThreadPoolExecutor(initializer=open_loop) as registrations:
        open_loop()
        loops[0].set_default_executor(registrations)
        yield mock
    registered.ROOT.set(None)
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()
