"""Hosts that serve the confirm file, or fail to, for the tests of the probe and of what uses it."""

from __future__ import annotations

import socket

import pytest

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
