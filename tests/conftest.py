"""Rules for every test: nothing from the caller's shell, no connection off loopback, no chance."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

OURS = re.compile(r"(WECHAT|PULUMI)_", re.IGNORECASE)
PROXIES = re.compile(r"(HTTP|HTTPS|ALL|NO)_PROXY$", re.IGNORECASE)

# A shell lets what it runs in the background ignore Ctrl-C, and so would everything that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("fast", settings.get_profile("repeatable"), max_examples=10)
settings.load_profile("repeatable")  # --hypothesis-profile=fast replaces it before any test is collected


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores, since the engine's tests wait a fifth of their time."""
    return (os.cpu_count() or 1) + 1


WITHOUT_COVERAGE = {"calibration", "corpus", "docs", "emulator", "property"}
"""Laws, transcripts and texts: unit tests execute every line of what they look at."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run without coverage what the gate does not need: it doubles the time of a test.

    The engine's files are the longest, and one of them that starts last keeps a single core busy.
    """
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in WITHOUT_COVERAGE:
            item.add_marker("no_cover")
    items.sort(key=lambda item: not item.path.is_relative_to(here / "engine"))


class OffLoopbackError(RuntimeError):
    """A test reached for the network."""


_attempts: list[str] = []


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _stay_on_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"}:
        used, address = arguments
        if not isinstance(used, socket.socket) or used.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        host = address[0] if isinstance(address, tuple) else address
    else:
        return
    if not _is_loopback(host):
        _attempts.append(f"{event} {host!s}")
        message = f"{event} off loopback: {host!s}"
        raise OffLoopbackError(message)


# An audit hook also sees what a library does, and a caught exception does not hide it: see below.
sys.addaudithook(_stay_on_loopback)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew; pytest reads options here, before it looks into tests/engine."""
    text = "write the golden files of tests/engine instead of comparing with them"
    parser.addoption("--write-golden", action="store_true", help=text)


@pytest.fixture(autouse=True)
def off_loopback() -> Iterator[list[str]]:
    """Fail a test that reached for the network, also where the code under test swallowed the error."""
    _attempts.clear()
    yield _attempts
    assert _attempts == []


@pytest.fixture(scope="session", autouse=True)
def callers_proxies() -> Iterator[dict[str, str]]:
    """Drop what a shell may carry into tests; the proxies are given back to those that run pip."""
    proxies = {name: value for name, value in os.environ.items() if PROXIES.match(name)}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if OURS.match(name) or PROXIES.match(name)]:
            patch.delenv(name)
        yield proxies
