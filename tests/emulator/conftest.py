"""The emulator reached in two ways, in process and over loopback HTTP, and a plain caller of its endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.emulator.sites import Authority
from wechat_miniprogram_emulator import Emulator, EmulatorControl, Store, create_app
from wechat_miniprogram_emulator.faults import ConnectionCut

PAGE = Path(__file__).resolve().parents[2] / "docs/guides/test-with-emulator.md"
SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"
APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
COMPONENT = "wxc0c0c0c0c0c0c0c0"

CHINA = timezone(timedelta(hours=8))
WAYS = ("in process", "over HTTP")
_NUMBERS = itertools.count(1)


class InProcess(httpx.BaseTransport):
    """Calls the application without a socket."""

    def __init__(self, app):
        """Use one event loop for all requests."""
        self.inner = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request):
        """Run one request to its end."""
        try:
            return self._loop.run_until_complete(self._send(request))
        except ConnectionCut as cut:
            raise httpx.RemoteProtocolError(str(cut), request=request) from cut

    def close(self):
        """Close the loop."""
        self._loop.close()

    async def _send(self, request):
        response = await self.inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


def examples(language):
    """The examples in one language on the emulator's page."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


class Caller:
    """Sends requests as a WeChat client does, to emulators that are reached in either way."""

    def __init__(self):
        """Know no emulator in process yet."""
        self.inside: dict[str | None, InProcess] = {}
        self._clients: dict[str | None, httpx.Client] = {None: httpx.Client(trust_env=False, timeout=10)}

    def request(self, method, url, **more):
        """The whole HTTP response."""
        host = urlsplit(url).hostname
        key = host if host in self.inside else None
        if key not in self._clients:
            self._clients[key] = httpx.Client(transport=self.inside[key], timeout=10)
        return self._clients[key].request(method, url, **more)

    def asynchronous(self, url):
        """A client for several concurrent requests."""
        transport = self.inside.get(urlsplit(url).hostname)
        inner = transport.inner if transport else None
        return httpx.AsyncClient(transport=inner, trust_env=False, timeout=10)

    def close(self):
        """Close every connection."""
        for client in self._clients.values():
            client.close()

    def raw(self, url, path=SET_PATH, content=b"{}", token=f"emulator-{APPID}", method="POST"):
        """The whole HTTP response of an endpoint; `token` None sends none."""
        params = {} if token is None else {"access_token": token}
        return self.request(method, url + path, params=params, content=content)

    def call(self, url, path, body, token=f"emulator-{APPID}"):
        """The JSON answer to a body."""
        return self.raw(url, path, json.dumps(body).encode(), token).json()

    def domains(self, url, action, *values, appid=APPID):
        """The JSON answer to one call on the domain list."""
        body = {"action": action, "webviewdomain": list(values)}
        return self.call(url, SET_PATH, body, f"emulator-{appid}")

    def effective(self, url, appid=APPID):
        """The JSON answer of the endpoint for what is in force."""
        return self.raw(url, EFFECTIVE_PATH, token=f"emulator-{appid}").json()

    def confirm_file(self, url, appid=APPID):
        """The JSON answer of the confirm file endpoint."""
        return self.raw(url, CONFIRM_FILE_PATH, token=f"emulator-{appid}").json()


@pytest.fixture(scope="session")
def wechat():
    """One caller for all tests of the emulator."""
    with contextlib.closing(Caller()) as caller:
        yield caller


@contextlib.contextmanager
def emulator(way, caller, data=None, **options):
    """Run an emulator that is reached in one way, and give its control."""
    if way == "over HTTP":
        with Emulator(data, **options) as server:
            yield server.control
        return
    host = f"in-process-{next(_NUMBERS)}.localhost"
    with contextlib.closing(Store(data)) as store:
        caller.inside[host] = InProcess(create_app(store, **options))
        with (
            contextlib.closing(caller.inside[host]) as transport,
            contextlib.closing(EmulatorControl(f"http://{host}", transport)) as control,
        ):
            yield control


@pytest.fixture(scope="session")
def both_ways(wechat):
    """One emulator in memory for each way."""
    with contextlib.ExitStack() as stack:
        yield {way: stack.enter_context(emulator(way, wechat)) for way in WAYS}


@pytest.fixture(params=WAYS)
def way(request):
    """In process, then over HTTP; a test may ask for one by `only`."""
    return request.param


@pytest.fixture
def wechat_emulator(way, both_ways):
    """Give the control of an emulator that is as new, at noon of a tenth in China.

    No minute, day or month ends during a test unless it moves the clock.
    """
    control = both_ways[way]
    control.reset()
    now = datetime.now(CHINA)
    tenth = (now.replace(day=28) + timedelta(days=4)).replace(day=10, hour=12, minute=0, second=1)
    control.advance((tenth - now).total_seconds())
    return control


@pytest.fixture
def start(way, wechat):
    """Start another emulator with options, and give its control."""
    with contextlib.ExitStack() as stack:
        yield lambda *data, **options: stack.enter_context(emulator(way, wechat, *data, **options))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Who certifies the hosts of the tests."""
    return Authority(tmp_path_factory.mktemp("authority") / "ca.pem")


def only(way):
    """Reach the emulator in one way: what is tested is the socket, or threads."""
    return pytest.mark.parametrize("way", [way], indirect=True)
