"""The emulator reached in two ways, in process and over loopback HTTP, and a plain caller of its endpoints."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from pulumi_wechat_miniprogram.emulator import EmulatorControl, Store, create_app
from pulumi_wechat_miniprogram.emulator.faults import ConnectionCut

SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"
APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
COMPONENT = "wxc0c0c0c0c0c0c0c0"

IN_PROCESS = "http://in-process"
WAYS = ("in process", "over HTTP")


class InProcess(httpx.BaseTransport):
    """Calls the application without a socket."""

    def __init__(self, app):
        """Use one event loop for all requests."""
        self._inner = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        self.loop = asyncio.new_event_loop()

    def handle_request(self, request):
        """Run one request to its end."""
        try:
            return self.loop.run_until_complete(self._send(request))
        except ConnectionCut as cut:
            raise httpx.RemoteProtocolError(str(cut), request=request) from cut

    def close(self):
        """Close the loop."""
        self.loop.close()

    async def _send(self, request):
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@pytest.fixture(scope="session")
def in_process():
    """The transport and the control of one emulator in memory."""
    store = Store()
    transport = InProcess(create_app(store))
    control = EmulatorControl(IN_PROCESS, transport)
    yield transport, control
    control.close()
    store.close()


@pytest.fixture(params=WAYS)
def wechat_emulator(request):
    """Give the control of an emulator that is as new, in each way; tests may ask for one by `only`."""
    if request.param == "in process":
        _, control = request.getfixturevalue("in_process")
    else:
        control = request.getfixturevalue("wechat_emulator_server").control
    control.reset()
    return control


def only(way):
    """Reach the emulator in one way: what is tested lies in the socket, or in threads."""
    return pytest.mark.parametrize("wechat_emulator", [way], indirect=True)


class Caller:
    """Sends requests as a WeChat client does."""

    def __init__(self, in_process, over_http):
        self._ways = {True: in_process, False: over_http}

    def request(self, method, url, **more):
        """The whole HTTP response."""
        return self._ways[url.startswith(IN_PROCESS)].request(method, url, **more)

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
def wechat(in_process):
    """One connection pool for all tests of the emulator."""
    transport, _ = in_process
    with (
        httpx.Client(transport=transport, timeout=10) as inside,
        httpx.Client(trust_env=False, timeout=10) as http,
    ):
        yield Caller(inside, http)
