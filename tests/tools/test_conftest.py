"""The rules of tests/conftest.py hold."""

from __future__ import annotations

import os
import socket

import pytest


def test_a_connection_off_loopback_is_refused_and_remembered(off_loopback):
    """Connecting to another machine raises, and would fail the test even if that were caught."""
    with socket.socket() as used, pytest.raises(RuntimeError) as refused:
        used.connect(("192.0.2.1", 80))

    assert str(refused.value) == "socket.connect off loopback: 192.0.2.1"
    assert off_loopback == ["socket.connect 192.0.2.1"]
    off_loopback.clear()


def test_a_name_lookup_is_refused_and_remembered(off_loopback):
    """Looking up a public name raises before a resolver is asked."""
    with pytest.raises(RuntimeError) as refused:
        socket.getaddrinfo("api.weixin.qq.com", 443)

    assert str(refused.value) == "socket.getaddrinfo off loopback: api.weixin.qq.com"
    assert off_loopback == ["socket.getaddrinfo api.weixin.qq.com"]
    off_loopback.clear()


def test_loopback_is_open():
    """A server of the test's own can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())

        assert client.getpeername() == server.getsockname()


def test_no_setting_of_the_shell_is_left():
    """Neither settings of ours nor of Pulumi nor proxies reach a test."""
    prefixes = ("wechat_", "pulumi_", "http_proxy", "https_proxy", "all_proxy", "no_proxy")

    assert [name for name in os.environ if name.lower().startswith(prefixes)] == []
